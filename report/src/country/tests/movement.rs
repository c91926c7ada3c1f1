//! Changes since an earlier wave whose answers the store holds.

use std::collections::BTreeSet;

use maturity::change::{Cause, Level, Parts, Unknown, shares};
use maturity::standing::{Moved, Movement};

use super::*;

/// A change of which the answers caused `answers` and another edition of an external index `edition`.
fn parts(answers: f64, edition: f64) -> Parts {
    let causes = BTreeSet::from([Cause::Answers, Cause::ExternalIndex]);
    let split = shares(&causes, |acted| {
        let of = |cause, part| if acted.contains(&cause) { part } else { 0.0 };
        vec![Some(of(Cause::Answers, answers) + of(Cause::ExternalIndex, edition))]
    });
    split[0].unwrap()
}

/// A case that had 0.125 in a wave of which nothing was published.
fn moved() -> Case {
    let mut case = gtmi();
    case.history.clear();
    let now = case.scores.score.unwrap();
    let moved = |id: &Id, level, from, parts: Option<Parts>| Moved {
        id: id.clone(),
        level,
        from: Some(from),
        unknown: parts.is_none().then_some(Unknown::Withheld),
        parts,
    };
    let first = &case.scores.subindexes[0];
    case.standing = Some(Standing {
        movement: Some(Movement {
            wave: Wave(2020),
            group: Some("D".to_owned()),
            moved: vec![
                moved(&case.scores.id, Level::Index, 0.125, Some(parts(now - 0.125 - 0.0625, 0.0625))),
                moved(&first.id, Level::Subindex, 0.5, None),
            ],
        }),
        ..standing(&case.framework)
    });
    case
}

#[test]
fn a_wave_that_was_computed_and_published_is_shown_as_computed() {
    let mut case = moved();
    case.history = gtmi().history;
    case.history[0].wave = Wave(2020);
    let book = testing::read(&case.write("en"));
    let wave = row_of(&book, "Progress", 0, "2020");
    assert_eq!(value(&book, "Progress", wave, 1), text("computed from the answers of that wave"));
    assert_eq!(value(&book, "Progress", wave, 3), exact(0.125));
    assert_ne!(value(&book, "Progress", wave + 1, 0), text("2020"), "once only");
}

#[test]
fn a_change_since_a_computed_wave_is_shown_with_its_causes() {
    let case = moved();
    let now = case.scores.score.unwrap();
    let book = testing::read(&case.write("en"));
    let sheet = book.sheet("Progress").unwrap();
    let wave = row_of(&book, "Progress", 0, "2020");
    assert_eq!(value(&book, "Progress", wave, 1), text("computed from the answers of that wave"));
    assert_eq!(value(&book, "Progress", wave, 2), text("D"));
    assert_eq!(value(&book, "Progress", wave, 3), exact(0.125));
    assert_eq!(value(&book, "Progress", wave, 4), exact(0.5), "the first subindex");

    let row = row_of(&book, "Progress", 0, "GTMI");
    assert_eq!(value(&book, "Progress", row, 3), exact(0.125));
    assert_eq!(value(&book, "Progress", row, 5), exact(now - 0.125));
    let headings: Vec<CellValue> = (6..11).map(|column| value(&book, "Progress", row - 1, column)).collect();
    let titles = Cause::ALL.map(|cause| text(cause.title(&Language::new("en"))));
    assert_eq!(headings, titles);
    let causes: Vec<f64> = (6..11)
        .map(|column| match value(&book, "Progress", row, column) {
            CellValue::Number(part) => part,
            other => panic!("column {column}: {other:?}"),
        })
        .collect();
    assert!((causes.iter().sum::<f64>() - (now - 0.125)).abs() < 1e-12, "{causes:?}");
    assert!((causes[3] - 0.0625).abs() < 1e-12, "{causes:?}");
    assert!([causes[1], causes[2], causes[4]].iter().all(|part| part.abs() < 1e-300), "{causes:?}");
    // What could not be split shows no cause, and no 0, and says why.
    let reason = Unknown::Withheld.sentence(&Language::new("en"));
    let first = case.scores.subindexes[0].id.as_str();
    assert!(sheet.cells.iter().any(|cell| cell.value.display() == format!("{first}: {reason}")));
    assert_eq!(value(&book, "Progress", row + 1, 6), text("n/a"));
    let told = sheet.cells.iter().any(|cell| cell.value.display().contains("not the answers behind them"));
    assert!(!told, "the causes are known, so nothing says that they are not");
    // The summary counts from the same wave.
    assert_eq!(value(&book, "Summary", 7, 7), text("Change since 2020"));
}

#[test]
fn every_wave_that_was_computed_is_in_the_history() {
    let mut case = moved();
    let computed = |wave, score| PublishedScore {
        wave: Wave(wave),
        score: Some(score),
        subindexes: BTreeMap::new(),
        group: Some("D".to_owned()),
    };
    case.computed = vec![computed(2016, 0.0625), computed(2018, 0.09375), computed(2020, 0.5)];
    case.history = vec![computed(2018, 0.75), computed(2014, 0.03125)];
    let book = testing::read(&case.write("en"));
    let first = row_of(&book, "Progress", 0, "2014");
    let column = |column| (0..5).map(|at| value(&book, "Progress", first + at, column)).collect::<Vec<_>>();
    assert_eq!(column(0), ["2014", "2016", "2018", "2020", "2022"].map(text));
    assert_eq!(column(3)[..4], [0.03125, 0.0625, 0.09375, 0.125].map(exact), "computed before published");
    assert_eq!(column(1)[..2], ["as published", "computed from the answers of that wave"].map(text));
}
