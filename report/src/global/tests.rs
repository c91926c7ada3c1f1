//! The global workbook, read back as the pipeline reads the workbooks of others.

use std::io::Read as _;

use maturity::cell::{Book, CellValue};
use maturity::change::{Cause, Level, Unknown, shares};
use maturity::score::{Coverage, EconomyScores};
use maturity::standing::Moved;

use super::*;
use crate::testing::{self, exact, row_of, value};

mod streamed;

#[test]
fn an_index_without_groups_has_no_columns_for_them() {
    let mut framework = testing::small();
    framework.groups.clear();
    let book = testing::read(&wave(framework).write("en"));
    let row = row_of(&book, "Economies", 0, "Id");
    let headings: Vec<CellValue> = (4..8).map(|column| value(&book, "Economies", row, column)).collect();
    let text = |text: &str| CellValue::Text(text.to_owned());
    assert_eq!(headings[..3], ["ALL", "S1", "S2"].map(text));
    let brazil = row_of(&book, "Economies", 1, "Brazil");
    let shown = (4..7).map(|column| value(&book, "Economies", brazil, column));
    assert!(shown.into_iter().all(|value| matches!(value, CellValue::Number(_))));
}

#[test]
fn columns_of_codes_are_as_wide_as_the_longest_of_them() {
    let economies = ["CIV", "SEINE-SAINT-DENIS"].map(|code| testing::economy(code, "", "", ""));
    let entry = |economy| Entry { economy, scores: None, state: None, findings: FindingCounts::default() };
    let entries: Vec<Entry> = economies.iter().map(entry).collect();
    assert!((code_width(&entries[..1]) - 5.9).abs() < 1e-9);
    assert!((code_width(&entries) - 24.1).abs() < 1e-9);
    let endless = testing::economy(&"x".repeat(400), "", "", "");
    assert!((code_width(&[entry(&endless)]) - 41.0).abs() < 1e-9, "no column fills the window");

    let widths = |code: &str| -> Vec<f64> {
        let mut wave = wave(testing::small());
        wave.economies[3].0.code = EconomyCode::new(code);
        let bytes = wave.write("en");
        ["Economies", "Heat map"].map(|sheet| first_width(&bytes, sheet)).to_vec()
    };
    let (short, long) = (widths("NIC"), widths("SEINE-SAINT-DENIS"));
    assert!(short.iter().all(|width| (6.0..8.0).contains(width)), "{short:?}");
    assert!(long.iter().all(|width| *width > 24.0), "{long:?}");
}

/// How wide the first column of a sheet is.
fn first_width(workbook: &[u8], sheet: &str) -> f64 {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let book = testing::read(workbook);
    let number = book.sheets.iter().position(|known| known.name == sheet).unwrap() + 1;
    let mut xml = String::new();
    archive.by_name(&format!("xl/worksheets/sheet{number}.xml")).unwrap().read_to_string(&mut xml).unwrap();
    let column = xml.split("<col min=\"1\"").nth(1).unwrap();
    column.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

struct Wave {
    framework: Framework,
    economies: Vec<(Economy, Option<EconomyScores>)>,
    published: BTreeMap<EconomyCode, Vec<PublishedScore>>,
    earlier: BTreeMap<maturity::submission::Wave, BTreeMap<EconomyCode, Option<String>>>,
    movements: BTreeMap<EconomyCode, Movement>,
    most_tidy_rows: usize,
    long: bool,
}

/// Three economies with scores, one of them without its external indices, and one that sent nothing.
fn wave(framework: Framework) -> Wave {
    let economies = [
        ("CIV", "Côte d'Ivoire", "AFR", "LM", Some(0.25)),
        ("BRA", "Brazil", "LCR", "UM", Some(0.75)),
        ("HKG", "Hong Kong SAR, China", "EAP", "H", None),
    ];
    let mut all: Vec<(Economy, Option<EconomyScores>)> = (0..)
        .zip(economies)
        .map(|(seed, (code, name, region, income, external))| {
            let economy = testing::economy(code, name, region, income);
            let answers = testing::answers(&framework, seed);
            let scores = testing::scores(&framework, &economy, &answers, |_| external);
            (economy, Some(scores))
        })
        .collect();
    all.push((testing::economy("NIC", "=Nicaragua", "XXX", ""), None));
    let published = |score, group: &str| PublishedScore {
        wave: maturity::submission::Wave(2020),
        score: Some(score),
        subindexes: BTreeMap::new(),
        group: Some(group.to_owned()),
    };
    let published = BTreeMap::from([
        (EconomyCode::new("BRA"), vec![published(0.125, "D")]),
        (EconomyCode::new("CIV"), vec![published(1.0, "A")]),
    ]);
    Wave {
        framework,
        economies: all,
        published,
        earlier: BTreeMap::new(),
        movements: BTreeMap::new(),
        most_tidy_rows: usize::MAX,
        long: false,
    }
}

impl Wave {
    fn write(&self, tag: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let mut gathering = Gathering::of(&self.framework);
        self.scores().for_each(|scores| gathering.add(scores));
        let gathered = gathering.finish();
        let entries: Vec<Entry> = self
            .economies
            .iter()
            .map(|(economy, scores)| Entry {
                economy,
                scores: scores.as_ref().and_then(|scores| gathered.of(&scores.economy)),
                state: scores.as_ref().map(|_| State::Accepted),
                findings: FindingCounts { errors: 1, warnings: 2, infos: 3 },
            })
            .collect();
        let report = GlobalReport {
            framework: &self.framework,
            economies: &entries,
            published: &self.published,
            earlier: &self.earlier,
            movements: &self.movements,
            most_tidy_rows: self.most_tidy_rows,
            rows_in: folder.path(),
            long: self.long,
            sources: &[Source { what: "TII".to_owned(), edition: "2022".to_owned(), ..Source::default() }],
            tool_version: "0.1.0",
            fingerprint: &"cd".repeat(32),
        };
        let mut bytes = Vec::new();
        write(&report, &Language::new(tag), &mut bytes).unwrap();
        bytes
    }

    fn book(&self) -> Book {
        testing::read(&self.write("en"))
    }

    fn scores(&self) -> impl Iterator<Item = &EconomyScores> {
        self.economies.iter().filter_map(|(_, scores)| scores.as_ref())
    }
}

fn text(text: &str) -> CellValue {
    CellValue::Text(text.to_owned())
}

#[test]
fn economies_stand_in_the_order_of_names_with_their_scores_in_full() {
    let wave = wave(testing::gtmi());
    let book = wave.book();
    let codes: Vec<_> = (4..8).map(|row| value(&book, "Economies", row, 0)).collect();
    assert_eq!(codes, ["NIC", "BRA", "CIV", "HKG"].map(text));
    for scores in wave.scores() {
        let row = row_of(&book, "Economies", 0, scores.economy.as_str());
        assert_eq!(value(&book, "Economies", row, 4), exact(scores.score.unwrap()));
        assert_eq!(value(&book, "Economies", row, 5), text(scores.group.as_ref().unwrap()));
        for (column, subindex) in (6..).step_by(2).zip(&scores.subindexes) {
            assert_eq!(value(&book, "Economies", row, column), exact(subindex.score.unwrap()));
        }
        let Coverage { answered, asked } = scores.coverage;
        assert_eq!(value(&book, "Economies", row, 14), exact(f64::from(answered) / f64::from(asked)));
    }
    assert_eq!(value(&book, "Economies", 4, 1), text("=Nicaragua"));
    assert_eq!(value(&book, "Economies", 4, 4), text("n/a"));
    assert_eq!(value(&book, "Economies", 5, 2), text("Latin America and the Caribbean"));
}

#[test]
fn means_and_groups_leave_out_who_has_no_score() {
    let wave = wave(testing::gtmi());
    let book = wave.book();
    let mut scores: Vec<f64> = ["BRA", "CIV", "HKG"]
        .iter()
        .map(|code| wave.scores().find(|s| s.economy.as_str() == *code).unwrap().score.unwrap())
        .collect();
    let row = row_of(&book, "Overview", 0, "GovTech Maturity Index (GTMI)");
    assert_eq!(value(&book, "Overview", row, 1), exact((scores[0] + scores[1] + scores[2]) / 3.0));
    scores.sort_by(f64::total_cmp);
    assert_eq!(value(&book, "Overview", row, 2), exact(scores[1]));
    assert_eq!(value(&book, "Overview", row, 3), exact(3.0));
    assert_eq!(value(&book, "Overview", row_of(&book, "Overview", 0, "Without a score"), 1), exact(1.0));
    let row = row_of(&book, "Overview", 0, "XXX");
    assert_eq!(
        (value(&book, "Overview", row, 1), value(&book, "Overview", row, 2)),
        (exact(0.0), text("n/a")),
        "those that the mean is of"
    );
    row_of(&book, "Overview", 0, "Not known");
}

#[test]
fn indicators_and_tidy_rows_equal_the_scores() {
    let wave = wave(testing::gtmi());
    let book = wave.book();
    let tidy = book.sheet("Tidy data").unwrap();
    assert_eq!(tidy.rows().count(), 1 + 3 * (1 + 4 + 48));
    let mut row = 1;
    for code in ["BRA", "CIV", "HKG"] {
        let scores = wave.scores().find(|scores| scores.economy.as_str() == code).unwrap();
        assert_eq!(value(&book, "Tidy data", row, 1), text(code));
        assert_eq!(value(&book, "Tidy data", row, 4), CellValue::Blank);
        assert_eq!(value(&book, "Tidy data", row, 6), exact(scores.score.unwrap()));
        row += 1 + 4;
        for (_, indicator) in scores.indicators() {
            assert_eq!(value(&book, "Tidy data", row, 3), text(indicator.id.as_str()));
            // What earns no points has none.
            let has_points = wave.framework.has_points(&indicator.id);
            let expected = |points| if has_points { exact(points) } else { CellValue::Blank };
            assert_eq!(value(&book, "Tidy data", row, 4), expected(indicator.points));
            assert_eq!(value(&book, "Tidy data", row, 5), expected(indicator.max_points));
            let shown = value(&book, "Tidy data", row, 6);
            assert_eq!(shown, indicator.score.map_or(CellValue::Blank, CellValue::Number));
            row += 1;
        }
    }
    for (at, indicator) in wave.framework.indicators.iter().enumerate() {
        let row = row_of(&book, "Indicators", 0, indicator.id.as_str());
        let known: Vec<f64> = ["BRA", "CIV", "HKG"]
            .iter()
            .filter_map(|code| {
                let scores = wave.scores().find(|s| s.economy.as_str() == *code).unwrap();
                scores.indicators().nth(at).unwrap().1.score
            })
            .collect();
        assert_eq!(value(&book, "Indicators", row, 3), exact(crate::page::count(known.len())));
        if known.is_empty() {
            assert_eq!(value(&book, "Indicators", row, 5), text("n/a"));
        } else {
            let mean = known.iter().sum::<f64>() / crate::page::count(known.len());
            assert_eq!(value(&book, "Indicators", row, 5), exact(mean), "{}", indicator.id);
        }
    }
}

#[test]
fn a_tidy_table_that_is_too_long_says_where_it_is_to_be_had() {
    let mut wave = wave(testing::small());
    let rows = wave.book().sheet("Tidy data").unwrap().rows().count() - 1;
    wave.most_tidy_rows = rows;
    assert_eq!(wave.book().sheet("Tidy data").unwrap().rows().count(), 1 + rows);
    wave.most_tidy_rows = rows - 1;
    let book = wave.book();
    assert_eq!(book.sheet("Tidy data").unwrap().rows().count(), 2);
    let told = format!("This table would have {rows} rows: gtmi export writes it as scores.csv.");
    assert_eq!(value(&book, "Tidy data", 1, 0), text(&told));
}

#[test]
fn data_quality_counts_findings() {
    let wave = wave(testing::small());
    let book = wave.book();
    let total = row_of(&book, "Data quality", 1, "All economies");
    let sums: Vec<_> = (7..10).map(|column| value(&book, "Data quality", total, column)).collect();
    assert_eq!(sums, [4.0, 8.0, 12.0].map(exact));
    let row = row_of(&book, "Data quality", 0, "NIC");
    assert_eq!(value(&book, "Data quality", row, 2), text("nothing received"));
    assert_eq!(value(&book, "Data quality", row, 6), text("n/a"));
}

#[test]
fn the_order_of_the_economies_does_not_matter_and_bytes_repeat() {
    let mut wave = wave(testing::gtmi());
    let first: Vec<_> = ["en", "fr", "es"].map(|tag| wave.write(tag)).to_vec();
    wave.economies.reverse();
    for (tag, bytes) in ["en", "fr", "es"].iter().zip(first) {
        assert_eq!(wave.write(tag), bytes, "{tag}");
        assert_eq!(testing::read(&bytes).sheets.len(), 11);
    }
}

#[test]
fn a_wave_without_economies_has_a_workbook() {
    let empty = Wave {
        framework: testing::small(),
        economies: Vec::new(),
        published: BTreeMap::new(),
        earlier: BTreeMap::new(),
        movements: BTreeMap::new(),
        most_tidy_rows: usize::MAX,
        long: false,
    };
    let book = empty.book();
    assert_eq!(book.sheets.len(), 10, "without tiers there is no sheet of tiers");
    assert_eq!(value(&book, "Overview", 5, 1), text("n/a"));
}

#[test]
fn distributions_movement_tiers_and_sources_count_every_economy() {
    let wave = wave(testing::gtmi());
    let book = wave.book();
    let number = |sheet: &str, row, column| match value(&book, sheet, row, column) {
        CellValue::Number(number) => number,
        other => panic!("{sheet} {row} {column}: {other:?}"),
    };
    let counted: f64 = (5..15).map(|row| number("Distributions", row, 2)).sum();
    assert_eq!(exact(counted), exact(3.0));
    let scores: Vec<f64> = wave.scores().map(|scores| scores.score.unwrap()).collect();
    let row = row_of(&book, "Distributions", 0, "GTMI");
    assert_eq!(value(&book, "Distributions", row, 8), exact(scores.iter().copied().fold(0.0, f64::max)));

    let moves = row_of(&book, "Movement", 0, "2020 in rows, 2022 in columns");
    let all: f64 = (1..5)
        .flat_map(|row| (2..6).map(move |column| (row, column)))
        .map(|(row, column)| number("Movement", moves + row, column))
        .sum();
    assert_eq!(exact(all), exact(2.0), "two economies have a group in both waves");
    row_of(
        &book,
        "Movement",
        0,
        "Higher group: 1. Same group: 0. Lower group: 1. In a group in one of the two waves only: 1.",
    );
    let brazil = row_of(&book, "Movement", 0, "Brazil");
    let now = wave.scores().find(|scores| scores.economy.as_str() == "BRA").unwrap().score.unwrap();
    assert_eq!((number("Movement", brazil, 2), number("Movement", brazil, 4)), (0.125, now - 0.125));

    let tiers: f64 = (4..9)
        .filter_map(|row| match value(&book, "Complexity tiers", row, 1) {
            CellValue::Number(number) => Some(number),
            _ => None,
        })
        .sum();
    let with_tier = wave
        .framework
        .indicators
        .iter()
        .filter(|indicator| indicator.tier.is_some() && wave.framework.is_scored(&indicator.id));
    assert_eq!(exact(tiers), exact(crate::page::count(with_tier.count())));
    let row = row_of(&book, "Heat map", 0, "CIV");
    let ivory = wave.scores().find(|scores| scores.economy.as_str() == "CIV").unwrap();
    for (column, (_, indicator)) in (3..).zip(ivory.indicators()) {
        let expected = indicator.score.map_or(text("n/a"), CellValue::Number);
        assert_eq!(value(&book, "Heat map", row, column), expected, "{}", indicator.id);
    }
    assert_eq!(value(&book, "Sources", 4, 1), text("2022"));
}

/// Numbers from 0 to 1 are no shares of points, and no adoption.
#[test]
fn numbers_are_told_as_what_they_are() {
    let book = wave(testing::with_number()).book();
    let row = row_of(&book, "Indicators", 0, "Id");
    assert_eq!(value(&book, "Indicators", row, 5), text("Mean"));
    assert_eq!(value(&book, "Indicators", row + 2, 5), exact(0.5), "of 0.25 and 0.75");
    let row = row_of(&book, "Complexity tiers", 0, "T1");
    assert_eq!(value(&book, "Complexity tiers", row, 1), exact(1.0), "the indicator with points alone");
    assert_eq!(value(&book, "Complexity tiers", row - 1, 2), text("Mean share of points"));
    let row = row_of(&book, "Method", 1, "Networks");
    let shown: Vec<CellValue> = (2..6).map(|column| value(&book, "Method", row, column)).collect();
    assert_eq!(shown[..3], [3.0, 1.0, 1.0].map(exact));
    assert_ne!(shown[3], exact(0.0), "none can be earned");
}

#[test]
fn an_indicator_says_where_less_is_better() {
    let mut framework = testing::with_number();
    framework.indicators[1].direction = maturity::framework::Direction::Lower;
    let (id, title) =
        (framework.indicators[1].id.clone(), framework.indicators[1].title.default_text().to_owned());
    let book = wave(framework).book();
    let row = row_of(&book, "Indicators", 0, id.as_str());
    assert_eq!(value(&book, "Indicators", row, 1), text(&format!("{title} (less is better)")));
    let of_others = book
        .sheet("Indicators")
        .unwrap()
        .cells
        .iter()
        .filter(|cell| cell.address.row != row && cell.value.display().contains("less is better"));
    assert_eq!(of_others.count(), 0);
}

#[test]
fn what_has_no_region_is_under_no_column_of_regions() {
    let mut wave = wave(testing::gtmi());
    let count = |book: &maturity::cell::Book, sheet: &str| {
        let of_head = |cell: &&maturity::cell::Cell| cell.address.row == 3;
        book.sheet(sheet).unwrap().cells.iter().filter(of_head).count()
    };
    let before = wave.book();
    wave.economies[3].0.region.clear();
    let after = wave.book();
    for sheet in ["Indicators", "Complexity tiers"] {
        assert_eq!(count(&after, sheet), count(&before, sheet) - 1, "{sheet}");
    }
}

#[test]
fn causes_stand_beside_the_largest_changes_where_they_are_known() {
    let mut wave = wave(testing::gtmi());
    let code = EconomyCode::new("BRA");
    let now = wave.scores().find(|scores| scores.economy == code).unwrap().score.unwrap();
    let answers = std::collections::BTreeSet::from([Cause::Answers]);
    let parts = shares(&answers, |acted| vec![Some(if acted.is_empty() { 0.25 } else { now })])[0];
    let moved = Moved {
        id: wave.framework.composite.id.clone(),
        level: Level::Index,
        from: Some(0.25),
        parts,
        unknown: None,
    };
    let movement = Movement { wave: maturity::submission::Wave(2020), group: None, moved: vec![moved] };
    wave.movements.insert(code, movement);
    let book = wave.book();
    let brazil = row_of(&book, "Movement", 0, "Brazil");
    // What the store computed goes before what was published.
    assert_eq!(value(&book, "Movement", brazil, 2), exact(0.25));
    assert_eq!(value(&book, "Movement", brazil, 6), exact(now - 0.25), "answers");
    assert_eq!(value(&book, "Movement", brazil, 7), exact(0.0), "instrument");
    let ivory = row_of(&book, "Movement", 0, "Côte d'Ivoire");
    assert_eq!(
        value(&book, "Movement", ivory, 6),
        text("n/a"),
        "its causes are not known, so they are not 0"
    );
    let reason = Unknown::ScoresOnly.sentence(&Language::new("en"));
    let told = format!("Côte d'Ivoire: {reason}");
    assert!(book.sheet("Movement").unwrap().cells.iter().any(|cell| cell.value.display() == told));
}

/// Of a wave that the store computed and nobody published; the group then is that of another threshold.
#[test]
fn a_wave_that_was_computed_is_an_earlier_wave_too() {
    let mut wave = wave(testing::gtmi());
    wave.published.clear();
    let moved = |from| {
        let id = wave.framework.composite.id.clone();
        vec![Moved {
            id,
            level: Level::Index,
            from: Some(from),
            parts: None,
            unknown: Some(Unknown::Population),
        }]
    };
    let movement = |group: &str, from| Movement {
        wave: maturity::submission::Wave(2020),
        group: Some(group.to_owned()),
        moved: moved(from),
    };
    let same = movement("C", 0.3);
    let other = movement("C", 0.2);
    wave.movements.insert(EconomyCode::new("BRA"), same);
    // ALB has no scores in this wave, and HKG had none then.
    let groups = [("BRA", Some("C")), ("CIV", Some("A")), ("ALB", Some("D")), ("HKG", None)];
    let groups = groups.map(|(code, group)| (EconomyCode::new(code), group.map(str::to_owned)));
    wave.earlier.insert(maturity::submission::Wave(2020), BTreeMap::from(groups));
    let told = "The thresholds of the groups are not those of 2020";
    let tells = |book: &maturity::cell::Book| {
        let mut cells = book.sheet("Movement").unwrap().cells.iter();
        cells.any(|cell| cell.value.display().starts_with(told))
    };
    let book = wave.book();
    row_of(&book, "Movement", 0, "2020 in rows, 2022 in columns");
    let counted: Vec<_> = (5..9).map(|row| value(&book, "Movement", row, 2)).collect();
    assert_eq!(counted, [1.0, 0.0, 1.0, 1.0].map(exact), "all economies of that wave");
    let mut texts = book.sheet("Movement").unwrap().cells.iter().map(|cell| cell.value.display());
    let line = texts.find(|text| text.starts_with("Higher group")).unwrap();
    assert!(line.ends_with("In a group in one of the two waves only: 2."), "{line}");
    let brazil = row_of(&book, "Movement", 0, "Brazil");
    assert_eq!(value(&book, "Movement", brazil, 2), exact(0.3));
    assert!(!tells(&book));
    let reason = Unknown::Population.sentence(&Language::new("en"));
    let told_why = format!("Brazil: {reason}");
    assert!(book.sheet("Movement").unwrap().cells.iter().any(|cell| cell.value.display() == told_why));
    wave.movements.insert(EconomyCode::new("BRA"), other);
    assert!(tells(&wave.book()));
}

#[test]
fn groups_of_an_earlier_framework_are_counted_and_have_no_order() {
    let mut wave = wave(testing::gtmi());
    let of_brazil = wave.published.get_mut(&EconomyCode::new("BRA")).unwrap();
    of_brazil[0].group = Some("Advanced".to_owned());
    let book = wave.book();
    let rows: Vec<_> =
        (5..10).map(|row| (value(&book, "Movement", row, 0), value(&book, "Movement", row, 2))).collect();
    assert_eq!(rows[0].1, exact(1.0), "CIV was in A");
    assert_eq!(rows[4], (text("Advanced"), exact(1.0)));
    let lines: Vec<String> =
        book.sheet("Movement").unwrap().cells.iter().map(|cell| cell.value.display()).collect();
    let line = lines.iter().find(|line| line.starts_with("Higher group")).unwrap();
    assert!(line.starts_with("Higher group: 0. "), "{line}");
    assert!(
        lines.contains(&"Between groups of which neither is the higher one: 1.".to_owned()),
        "{lines:#?}"
    );
}

/// 0.2498 beside group D does not read 0.250, where C begins.
#[test]
fn a_score_just_below_a_group_has_the_decimals_that_show_it() {
    let mut wave = wave(testing::gtmi());
    let formats = |wave: &Wave| {
        let workbook = wave.write("en");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
        let mut styles = String::new();
        std::io::Read::read_to_string(&mut archive.by_name("xl/styles.xml").unwrap(), &mut styles).unwrap();
        ["0.0000", "0.00000"].map(|pattern| styles.contains(&format!("formatCode=\"{pattern}\"")))
    };
    let mut with = |score: f64| {
        let scores = wave.economies[0].1.as_mut().unwrap();
        scores.subindexes[0].score = Some(score);
        scores.subindexes[0].group = wave.framework.group(score).map(|group| group.id.clone());
        formats(&wave)
    };
    assert_eq!(with(0.249_4), [false, false]);
    assert_eq!(with(0.249_794), [true, false]);
    assert_eq!(with(0.249_97), [false, true]);
    assert_eq!(with(0.25), [false, false]);
}
