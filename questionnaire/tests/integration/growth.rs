//! What strangers decide the size of: headings, columns, rows, sheets, merged regions. Reading takes time for each of
//! them once, never for each of them with each other.

use std::fmt::Write;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use maturity::cell::{Address, Book, Cell, CellValue, Region, Sheet};
use maturity::finding::Refusal;
use maturity::submission::{Field, Received};

use crate::support::{book, framework, of, recognise, sheet};

/// Far longer than any of these takes on a slow machine, far shorter than what grows with the square.
const LONGEST: Duration = Duration::from_secs(20);

/// What a workbook holds, if that is found out in time.
fn in_time(book: Book) -> Result<Vec<Received>, Refusal> {
    let (told, said) = mpsc::channel();
    thread::spawn(move || told.send(recognise(&book, &framework())));
    said.recv_timeout(LONGEST).expect("reading takes too long")
}

fn cell(row: u32, column: u32, text: &str) -> Cell {
    Cell { address: Address::new(row, column), value: CellValue::Text(text.to_owned()), formula: false }
}

/// The headings of a wide table: the code, the name, the first 24 questions.
fn wide() -> Vec<Cell> {
    let framework = framework();
    let ids = framework.questions.iter().take(24).map(|question| question.id.as_str());
    (0..)
        .zip(["Code", "Economy"].into_iter().chain(ids))
        .map(|(column, text)| cell(0, column, text))
        .collect()
}

#[test]
fn headings_of_any_length_and_with_any_number_of_parts() {
    let parts = |part: &str, count: usize| part.repeat(count);
    for strange in [
        parts("/a", 40),
        parts("/a", 400_000),
        parts("-", 800_000),
        parts("/I-17.4", 100_000),
        parts("I-17.4/1/", 100_000),
        parts("é/–", 200_000),
        parts("x", 900_000),
    ] {
        let table = format!("KEY|SubmissionDate|economy|I-1|I-2|I-3|{strange}\nu1|2022-11-25|KEN|1|1|1|v");
        let read = in_time(book(vec![sheet("data", &table)])).unwrap();
        assert_eq!(of(&read[0], "I-1", Field::Answer)[0].value.display(), "1");
    }
}

#[test]
fn a_heading_that_stands_there_thousands_of_times() {
    let mut headings = wide();
    headings.extend((26..16_000).map(|column| cell(0, column, "I-1.1")));
    let mut cells = headings;
    for row in 1..30 {
        cells.push(cell(row, 0, "KEN"));
        cells.extend((26..16_000).map(|column| cell(row, column, &format!("{row} {column}"))));
    }
    let read = in_time(book(vec![Sheet::new("D", cells)])).unwrap();
    assert_eq!(of(&read[0], "I-1.1", Field::Answer).len(), 16_000 - 26);
}

#[test]
fn thousands_of_unknown_questions_over_rows_that_are_nearly_empty() {
    let (unknown, rows) = (16_000, 50_000);
    let mut cells = wide();
    cells.extend((26..unknown).map(|column| cell(0, column, &format!("I-{}", 9000 + column))));
    cells.extend((1..=rows).map(|row| cell(row, 0, "KEN")));
    assert_eq!(in_time(book(vec![Sheet::new("D", cells)])).unwrap().len(), 50_000);

    let mut cells: Vec<Cell> = (0..)
        .zip(["KEY", "SubmissionDate", "I-1", "I-2", "I-3"])
        .map(|(at, text)| cell(0, at, text))
        .collect();
    cells.extend((5..unknown).map(|column| cell(0, column, &format!("I-{}", 9000 + column))));
    cells.extend((1..=rows).flat_map(|row| [cell(row, 0, &row.to_string()), cell(row, 1, "2022-11-25")]));
    assert_eq!(in_time(book(vec![Sheet::new("data", cells)])).unwrap().len(), 50_000);
}

#[test]
fn more_places_for_answers_than_cells_are_refused() {
    let mut cells = wide();
    cells.extend((1..=450_000).map(|row| cell(row, 0, "KEN")));
    let refusal = in_time(book(vec![Sheet::new("D", cells)])).unwrap_err();
    assert_eq!(refusal.problem.rule(), "FILE-005");
}

#[test]
fn merged_regions_by_the_hundred_thousand() {
    let mut cells = wide();
    cells.extend((26..8_000).map(|column| cell(0, column, &format!("I-{}", 9000 + column))));
    for row in 1..100 {
        cells.push(cell(row, 0, "KEN"));
        cells.extend((26..8_000).map(|column| cell(row, column, "v")));
    }
    let mut sheet = Sheet::new("D", cells);
    let region = |row| Region { top_left: Address::new(row, 1), bottom_right: Address::new(row, 15_000) };
    sheet.view.merged = (200..100_000).map(region).collect();
    assert_eq!(in_time(book(vec![sheet])).unwrap().len(), 99);
}

#[test]
fn thousands_of_sheets_beside_thousands_of_rows() {
    let mut rows = "Question|Answer\n".to_owned();
    for number in 0..100_000 {
        let _ = writeln!(rows, "I-{number}|1");
    }
    let mut sheets = vec![sheet("Answers", &rows)];
    for number in 0..2_000 {
        let mut hidden = sheet(&format!("H{number}"), "I-1\nI-2\nI-3\nI-4");
        hidden.visible = false;
        sheets.push(hidden);
    }
    assert_eq!(in_time(book(sheets)).unwrap().len(), 1);
}
