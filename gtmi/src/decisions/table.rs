//! A table of decisions, as spreadsheet programs write it in any country.

use maturity::cell::Place;
use maturity::decision::{DecisionRow, RowProblem};
use maturity::language::Language;
use maturity::normalize::matching_key;
use pipeline::guard::unguarded;
use questionnaire::ReviewColumn;

/// What separates cells; a comma, where the headings do not tell.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// A row with its line.
type Row = (DecisionRow, Option<Place>);

/// The rows of a table, or what is wrong with it as a whole. The separator is the one that cuts the first line into the most
/// headings, and the encoding is told as for files of senders.
pub(super) fn rows(bytes: &[u8], language: &Language) -> Result<Vec<Row>, String> {
    let text = reader::text(bytes).map_err(|refusal| refusal.problem.sentence(language))?;
    // With one kind of line end, lines are counted as people count them.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    of_text(&text).map_err(|problem| problem.message(language))
}

fn of_text(text: &str) -> Result<Vec<Row>, RowProblem> {
    let accepted = DecisionRow::HEADINGS.join(", ");
    let other = |found: &str| RowProblem::new("headings-other", &[("found", found), ("accepted", &accepted)]);
    // Excel may note the separator in a line of its own.
    let noted = text.split_once('\n').filter(|(line, _)| line.trim().trim_matches('"').starts_with("sep="));
    let (table, before) = noted.map_or((text, 0), |(_, table)| (table, 1));
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).delimiter(separator(table)).from_reader(table.as_bytes());
    let headings = reader.headers().map_err(|error| other(&error.to_string()))?.clone();
    let columns: Vec<Option<Heading>> = headings.iter().map(heading).collect();
    let unknown: Vec<&str> = headings
        .iter()
        .zip(&columns)
        .filter(|(_, known)| known.is_none())
        .map(|(name, _)| name.trim())
        .collect();
    if !unknown.is_empty() {
        return Err(other(&unknown.join(", ")));
    }
    // A table without it decides nothing, as an empty one does.
    if !columns.contains(&Some(Heading::Field("decision"))) {
        let found: Vec<&str> = headings.iter().map(str::trim).filter(|name| !name.is_empty()).collect();
        let found = if found.is_empty() { "–".to_owned() } else { found.join(", ") };
        return Err(other(&found));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| other(&error.to_string()))?;
        let field = |name: &'static str| {
            let at = columns.iter().position(|column| *column == Some(Heading::Field(name)));
            // An exported table may come back: its guard against formulas is no part of the text.
            unguarded(at.and_then(|at| record.get(at)).unwrap_or_default()).to_owned()
        };
        let line = record.position().map_or(0, csv::Position::line) + before;
        rows.push((
            DecisionRow::from_fields(DecisionRow::HEADINGS.map(field)),
            Some(Place { sheet: format!("line {line}"), cell: None }),
        ));
    }
    Ok(rows)
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heading {
    /// A field of a decision, by its name in the table.
    Field(&'static str),
    /// Something that the sheet of decisions shows beside them; or nothing, as behind the last separator of a line.
    Beside,
}

/// What a heading means: the name of a field, in any case, or the heading of the sheet of decisions in any language.
fn heading(text: &str) -> Option<Heading> {
    let key = matching_key(text);
    if key.is_empty() {
        return Some(Heading::Beside);
    }
    let named =
        |name: &str| DecisionRow::HEADINGS.into_iter().find(|known| *known == name).map(Heading::Field);
    named(&key).or_else(|| match ReviewColumn::find(text)? {
        ReviewColumn::Economy => named("economy"),
        ReviewColumn::Wave => named("wave"),
        ReviewColumn::Question => named("question"),
        ReviewColumn::Replaces => named("replaces"),
        ReviewColumn::Decision => named("decision"),
        ReviewColumn::Answer => named("answer"),
        ReviewColumn::Evidence => named("evidence"),
        ReviewColumn::Reason => named("reason"),
        ReviewColumn::Reviewer => named("reviewer"),
        ReviewColumn::New | ReviewColumn::Label | ReviewColumn::Asked => Some(Heading::Beside),
    })
}

fn separator(table: &str) -> u8 {
    let headings = |separator: u8| {
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).delimiter(separator).from_reader(table.as_bytes());
        let known = |name: &&str| matches!(heading(name), Some(Heading::Field(_)));
        reader.headers().map_or(0, |headings| headings.iter().filter(known).count())
    };
    // Of equally many the first, so that a table without a known heading is told of as one with commas.
    SEPARATORS.into_iter().rev().max_by_key(|separator| headings(*separator)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Vec<String> {
        let rows = rows(bytes, &Language::english()).unwrap();
        let told = |(row, place): Row| {
            let texts = [&row.economy, &row.question, &row.decision, &row.answer, &row.reason, &row.reviewer];
            format!("{}: {}", place.unwrap(), texts.map(String::as_str).join("|"))
        };
        rows.into_iter().map(told).collect()
    }

    #[test]
    fn tables_are_read_as_spreadsheet_programs_of_all_countries_write_them() {
        let expected = ["line 2: KEN|I-1|override|1|vérifié, deux fois|A. Élan"];
        let utf8 = "economy,question,decision,answer,reason,reviewer\n\
                    KEN,I-1,override,1,\"vérifié, deux fois\",A. Élan\n";
        assert_eq!(told(utf8.as_bytes()), expected);
        let excel = "Economy;Question;DECISION;Answer;Reason;Reviewer;\r\n\
                     KEN;I-1;override;1;vérifié, deux fois;A. Élan;\r\n";
        assert_eq!(told(excel.as_bytes()), expected);
        let western: Vec<u8> = excel.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        assert_eq!(told(&western), expected, "in Windows-1252");
        assert_eq!(told(&[b"\xef\xbb\xbf", excel.as_bytes()].concat()), expected);
        assert_eq!(
            told(format!("sep=;\r\n{excel}").as_bytes()),
            ["line 3: KEN|I-1|override|1|vérifié, deux fois|A. Élan"]
        );
    }

    #[test]
    fn headings_may_be_those_of_the_sheet_in_any_language_and_others_are_named() {
        for tag in ["en", "fr", "es"] {
            let headings =
                ReviewColumn::ALL.map(|column| column.heading(&Language::new(tag)).to_owned()).join(";");
            let row = "KEN;2022;I-1;;label;asked;2;Override;1;;seen;A. R.";
            assert_eq!(
                told(format!("{headings}\n{row}\n").as_bytes()),
                ["line 2: KEN|I-1|Override|1|seen|A. R."],
                "{tag}"
            );
        }
        for nothing in ["", "\n", "sep=;\n", "economy;question\nKEN;I-1\n"] {
            let problem = rows(nothing.as_bytes(), &Language::english()).unwrap_err();
            assert!(problem.contains("decision, replaces"), "{problem}");
        }
        let problem = rows(b"country;answer\nKEN;1\n", &Language::english()).unwrap_err();
        assert!(problem.contains("country") && !problem.contains("country;answer"), "{problem}");
    }
}
