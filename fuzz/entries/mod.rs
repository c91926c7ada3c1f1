//! What each target does with bytes. The fuzzer calls these functions, and so does an ordinary test with seeds and
//! mutants of them, so that a machine without a fuzzer checks the same properties.
//!
//! Whatever the bytes are: no panic of our own code, no abort, no hang, and what is read holds what is promised.

pub(crate) mod containers;
pub(crate) mod frameworks;
pub(crate) mod mutants;
pub(crate) mod office_file;
mod texts;

pub(crate) use frameworks::framework;
use office_file::office_file;
pub(crate) use texts::texts;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use maturity::cell::{Address, Book, CellValue};
use maturity::logic::Expression;
use pipeline::config::Config;
use questionnaire::formula::{AnswerCell, Cells, Holds, compile};
use reader::Limits;

/// Budgets small enough that what asks for much costs little.
pub(crate) fn limits() -> Limits {
    Limits { cells: 100_000, dense_cells: 100_000, inflated_bytes: 4_000_000, ..Limits::default() }
}

/// Any file, as it comes: the scan of containers.
pub(crate) fn scan(bytes: &[u8]) {
    read(bytes);
}

/// The parts of an xlsx that hold cells, in sound packing, so that no check sum keeps the fuzzer out: sheet, texts,
/// styles, workbook, divided by zero bytes. Parts that are missing are those of a small honest file.
pub(crate) fn xlsx(bytes: &[u8]) {
    read(&containers::xlsx(bytes));
}

/// The content of an ods in sound packing.
pub(crate) fn ods(bytes: &[u8]) {
    read(&containers::ods(bytes));
}

/// The workbook stream of an xls in a sound container.
pub(crate) fn xls(bytes: &[u8]) {
    read(&office_file(&[("Workbook", bytes)], false));
}

/// A text table.
pub(crate) fn csv(bytes: &[u8]) {
    if !bytes.starts_with(b"PK") && !bytes.starts_with(b"\xD0\xCF") {
        read(bytes);
    }
}

/// An expression: it prints as what means the same, and it can be evaluated and compiled.
pub(crate) fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(expression) = Expression::parse(text) else { return };
    let printed = expression.to_string();
    let again = Expression::parse(&printed);
    assert_eq!(again.as_ref(), Ok(&expression), "{text:?} prints as {printed:?}");
    let answers: HashMap<maturity::id::Id, String> = HashMap::new();
    let first = expression.holds("1", &answers);
    assert_eq!(first, expression.holds("1", &answers));
    let cell = |_: &maturity::id::Id| Some(AnswerCell { at: "A1".to_owned(), holds: Holds::Number });
    let this = AnswerCell { at: "B1".to_owned(), holds: Holds::Text };
    let marks = ["-".to_owned()];
    let cells = Cells { question: &cell, this: Some(&this), marks: &marks };
    if let Ok(formula) = compile(&expression, &cells) {
        assert!(formula.encode_utf16().count() < 8_192, "{} units", formula.len());
    }
}

/// A configuration.
pub(crate) fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Config::parse(Path::new("pipeline.toml"), text, &BTreeMap::new()) {
        Ok(_) => {}
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Honest inputs to begin with, by target.
pub(crate) fn seeds(target: &str) -> Vec<Vec<u8>> {
    const BOOKS: [&[u8]; 3] = [
        include_bytes!("../../reader/tests/data/book.xlsx"),
        include_bytes!("../../reader/tests/data/book.xls"),
        include_bytes!("../../reader/tests/data/book.ods"),
    ];
    match target {
        "scan" => BOOKS.map(<[u8]>::to_vec).to_vec(),
        "xlsx" => vec![containers::cell_parts(BOOKS[0])],
        "ods" => vec![containers::content(BOOKS[2])],
        "xls" => vec![containers::stream(BOOKS[1])],
        "csv" => [
            &b"id,answer\nA,\"1, or 2\"\nB,x;y\n"[..],
            b"sep=;\nid;a\nA;1,5\n",
            b"\xEF\xBB\xBFid\tname\nA\t\xC3\xA9\n",
        ]
        .map(<[u8]>::to_vec)
        .to_vec(),
        "expression" => [
            "${I-1} > 0 and (${I-2} = 1 or not(${I-3} != 'a'))",
            "selected(${a}, 'b') or count-selected(${a}) >= 2",
            ". >= 1600 and . <= 2030",
            "regex(., '^[a-z]{2,4}$') and string-length(.) < 9",
            "if(${a} = 1, coalesce(${b}, '-'), -1.5e3 * 2 + 4 div 3 mod 2)",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec(),
        "config" => vec![include_bytes!("../../pipeline.toml").to_vec()],
        "framework" => frameworks::small(),
        "texts" => texts::honest(),
        _ => Vec::new(),
    }
}

/// The target of that name.
pub(crate) fn target(name: &str) -> fn(&[u8]) {
    match name {
        "xlsx" => xlsx,
        "ods" => ods,
        "xls" => xls,
        "csv" => csv,
        "expression" => expression,
        "config" => config,
        "framework" => framework,
        "texts" => texts,
        _ => scan,
    }
}

/// The names of all targets.
pub(crate) const TARGETS: [&str; 9] =
    ["scan", "xlsx", "ods", "xls", "csv", "expression", "config", "framework", "texts"];

fn read(bytes: &[u8]) {
    if let Ok(book) = reader::read(bytes, &limits()) {
        assert_sound(&book);
    }
}

/// What every book that was read holds: cells in reading order, each once, in the grid, numbers finite.
pub(crate) fn assert_sound(book: &Book) {
    for sheet in &book.sheets {
        let mut last: Option<Address> = None;
        for cell in &sheet.cells {
            assert!(last.is_none_or(|last| last < cell.address), "{} {}", sheet.name, cell.address);
            assert!(cell.address.row < 1_048_576 && cell.address.column < 16_384, "{}", cell.address);
            if let CellValue::Number(number) | CellValue::Percent(number) | CellValue::Masked(number) =
                cell.value
            {
                assert!(number.is_finite(), "{} {}", sheet.name, cell.address);
            }
            last = Some(cell.address);
        }
    }
}

/// What a fuzzer does first: writes the honest inputs of a target into a folder, where one is named, and lets the
/// library's panics pass.
pub(crate) fn begin(target: &str, folder: Option<OsString>) {
    if let Some(folder) = folder {
        for (number, seed) in seeds(target).iter().enumerate() {
            let path = Path::new(&folder).join(format!("seed-{number}"));
            fs::write(&path, seed).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
    spare_the_library();
}

/// Lets the panics of the spreadsheet library pass: the reader makes a refusal of them, in a process of its own. Any
/// other panic stays what it is.
fn spare_the_library() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let file = panic.location().map_or("", |location| location.file());
        if !file.contains("calamine-") {
            usual(panic);
        }
    }));
}
