//! The publisher's wide table, with all that stands around the economies.

use std::fmt::Write;

use maturity::cell::{Address, CellValue, Sheet, Span};
use maturity::finding::Finding;
use maturity::framework::{Framework, FrameworkSources, Kind};
use maturity::submission::{Field, HeaderField, Layout, Received};

use crate::support::{book, framework, noticed, of, recognise, sheet, sheet_at};

/// The first 24 ids as headings.
fn ids(framework: &Framework) -> String {
    framework.questions.iter().take(24).fold(String::new(), |mut line, question| {
        let _ = write!(line, "{}|", question.id);
        line
    })
}

/// Values for the ids: the first as given, the others 1.
fn values(first: &str) -> String {
    format!("{first}|{}", "1|".repeat(23))
}

fn codes(received: &[Received]) -> Vec<String> {
    let economy = |one: &Received| one.header(HeaderField::Economy).map(|value| value.value.display());
    received.iter().map(|one| economy(one).unwrap_or_default()).collect()
}

fn table(framework: &Framework) -> Sheet {
    let (ids, kenya, fiji) = (ids(framework), values("2"), values("-"));
    let text = format!(
        "GovTech data, downloaded for a test
        |Src|Year|{ids}Code|Economy|Grp
        |S|2022|{kenya}KEN|Kenya|A
        |R|2020|{kenya}ken|Kenya|B

        |Src|Year|{ids}Code|Economy|Grp
        |-|2022|{fiji}FJI|Fiji|C
        ||0.75|80|0.406|{}A||
        ||Sum|{}||
        ||2022|{kenya}||
        ||Mean|{kenya}Mean||
        |Note: values of 2022||||",
        "|".repeat(22),
        values("3"),
    );
    sheet_at("Any name", Address::new(2, 1), &text)
}

#[test]
fn codes_may_hold_digits_and_hyphens() {
    let framework = framework();
    let (ids, values) = (ids(&framework), values("2"));
    let text = format!(
        "Year|{ids}Code|Economy
        2022|{values}BR-SP|Sao Paulo
        2022|{values}X1|First
        2022|{values}CCC|Third"
    );
    let received = recognise(&book(vec![sheet("Data", &text)]), &framework).unwrap();
    assert_eq!(codes(&received), ["BR-SP", "X1", "CCC"]);
    assert!(received.iter().all(|one| one.findings.is_empty()), "{received:?}");
}

#[test]
fn finds_economies_and_skips_everything_else() {
    let framework = framework();
    let received = recognise(&book(vec![sheet("Notes", "|Hello|"), table(&framework)]), &framework).unwrap();
    assert_eq!(
        codes(&received),
        ["KEN", "FJI", ""],
        "2020 is another wave; of one row nobody knows whose it is"
    );
    assert_eq!(received[0].layout, Layout::Dataset);
    assert_eq!(received[0].place.to_string(), "Any name!AB5");
    assert_eq!(received[0].header(HeaderField::Wave).unwrap().place.to_string(), "Any name!C5");
    assert_eq!(received[1].header(HeaderField::Collected).unwrap().value.display(), "-");
    assert_eq!(received[0].responses.len(), 24);
    let first = of(&received[0], framework.questions[0].id.as_str(), Field::Answer);
    assert_eq!(
        (first[0].value.display(), first[0].place.to_string()),
        ("2".to_owned(), "Any name!D5".to_owned())
    );
}

#[test]
fn another_year_alone_is_kept_for_the_validator() {
    let framework = framework();
    let line = |year: &str| format!("|{year}|KEN|Kenya|{}", values("2"));
    let heading = format!("|Year|Code|Economy|{}", ids(&framework));
    for (lines, kept) in [(vec!["2020"], 1), (vec!["2020", "2022", "2022.0"], 2), (vec!["2020", "2025"], 2)] {
        let rows: Vec<_> = lines.into_iter().map(line).collect();
        let text = format!("{heading}\n{}", rows.join("\n"));
        assert_eq!(recognise(&book(vec![sheet("D", &text)]), &framework).unwrap().len(), kept);
    }
}

#[test]
fn without_years_a_row_is_an_economy_by_its_code() {
    let framework = framework();
    let (ids, row, means) = (ids(&framework), values("2"), "0.41|".repeat(24));
    let text = format!(
        "|Code|Economy|{ids}\n|KEN|Kenya|{row}\n|Sum||{row}\n|A|80|1\n|0.75|A|2\n|AFR|Africa|{means}\n||Fiji|{row}"
    );
    // A code without a column of years is an economy; the validator does not know one called AFR.
    assert_eq!(
        codes(&recognise(&book(vec![sheet("D", &text)]), &framework).unwrap()),
        ["KEN", "AFR", "Fiji"]
    );
}

#[test]
fn a_second_block_counts_where_it_says_something_else() {
    let framework = framework();
    let ids = ids(&framework);
    let [a, b, c, d] = [0, 1, 2, 3].map(|at: usize| framework.questions[at].id.as_str());
    let text =
        format!("|Code|Economy|{ids}Grp|{a}|{b}|{c}|{d}\n|KEN|Kenya|1|2||x|{}A|1.0|3|4|X |", "|".repeat(20));
    let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
    let found =
        |id| of(&received[0], id, Field::Answer).iter().map(|r| r.value.display()).collect::<Vec<_>>();
    assert_eq!(found(a), ["1"], "the same again");
    assert_eq!(found(b), ["2", "3"], "both, for the validator to report");
    assert_eq!(found(c), ["4"], "the first is blank");
    assert_eq!(found(d), ["x"]);
}

#[test]
fn blank_cells_and_unknown_ids_are_reported_with_their_places() {
    let framework = framework();
    let ids = ids(&framework);
    let text =
        format!("|Code|Economy|{ids}I-99|I-1.33|GT1|I-1x|i-98\n|KEN|Kenya|{}2||3|4|5\n", "|".repeat(24));
    let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
    let first = of(&received[0], framework.questions[0].id.as_str(), Field::Answer);
    assert_eq!((first[0].value.is_blank(), first[0].place.to_string()), (true, "D!C2".to_owned()));
    assert_eq!(of(&received[0], "I-99", Field::Answer).len(), 1);
    assert_eq!(of(&received[0], "i-98", Field::Answer).len(), 1);
    assert_eq!(received[0].responses.len(), 26, "an unknown id without a value says nothing");
}

#[test]
fn the_sheet_of_points_is_no_table_of_answers() {
    let framework = framework();
    let all = framework.questions.iter().map(|question| question.id.as_str()).collect::<Vec<_>>().join("|");
    let text = format!("|Code|Economy|{all}\n|KEN|Kenya|{}", "1|".repeat(351));
    let points = format!("|Code|Economy|{}\n|KEN|Kenya|{}", ids(&framework), values("6"));
    let sheets = vec![sheet("CG_GTMI_Groups", &points), sheet("Data", &text)];
    let received = recognise(&book(sheets), &framework).unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].place.sheet, "Data");
}

/// A table of economies whose rows begin with a year, a code and a name.
fn by_year(framework: &Framework, rows: &[(&str, &str, &str)]) -> Sheet {
    let line = |(year, code, name): &(&str, &str, &str)| format!("|{year}|{code}|{name}|{}", values("2"));
    let rows: Vec<_> = rows.iter().map(line).collect();
    sheet("D", &format!("|Year|Code|Economy|{}\n{}", ids(framework), rows.join("\n")))
}

/// `economy year` of each submission.
fn whose(received: &[Received]) -> Vec<String> {
    let value = |one: &Received, field| {
        let found = one.header.iter().find(|value| value.field == field).unwrap();
        format!("{} {}", found.place.cell.unwrap(), found.value.display())
    };
    let both = |one| format!("{}, {}", value(one, HeaderField::Economy), value(one, HeaderField::Wave));
    received.iter().map(both).collect()
}

#[test]
fn rows_that_do_not_say_well_whose_and_of_when_they_are_are_submissions_too() {
    let framework = framework();
    let rows = [
        ("2022", "KEN", "Kenya"),
        ("", "FJI", "Fiji"),
        ("2022*", "BRA", "Brazil"),
        ("2022,0", "PER*", "Peru"),
        ("٢٠٢٢", "", "Namibia"),
        ("2022", "Kenya (KEN)", ""),
        ("", "", ""),
    ];
    let received = recognise(&book(vec![by_year(&framework, &rows)]), &framework).unwrap();
    assert_eq!(
        whose(&received),
        [
            "B2 KEN, A2 2022",
            "B3 FJI, A3 ",
            "B4 BRA, A4 2022*",
            "B5 PER*, A5 2022,0",
            "C6 Namibia, A6 ٢٠٢٢",
            "B7 Kenya (KEN), A7 2022",
            "B8 , A8 ",
        ]
    );
}

#[test]
fn a_year_that_is_merged_is_that_of_all_its_rows() {
    let framework = framework();
    let mut table =
        by_year(&framework, &[("2022", "KEN", "Kenya"), ("", "FJI", "Fiji"), ("", "BRA", "Brazil")]);
    table.view.merged = vec!["A2:A3".parse().unwrap()];
    let received = recognise(&book(vec![table]), &framework).unwrap();
    assert_eq!(whose(&received), ["B2 KEN, A2 2022", "B3 FJI, A2 2022", "B4 BRA, A4 "]);
}

#[test]
fn a_row_of_another_year_is_passed_over_where_that_is_a_wave() {
    let framework = framework();
    let codes: Vec<String> = (0..10).map(|at| format!("C{}", char::from(b'A' + at))).collect();
    let year = |year: &'static str, range: std::ops::Range<usize>| {
        codes[range].iter().map(move |code| (year, code.as_str(), "x")).collect::<Vec<_>>()
    };
    let read = |rows: Vec<(&str, &str, &str)>| {
        let received = recognise(&book(vec![by_year(&framework, &rows)]), &framework).unwrap();
        let of_year = |year: &str| {
            received
                .iter()
                .filter(|one| one.header(HeaderField::Wave).unwrap().value.display() == year)
                .count()
        };
        (of_year("2022"), of_year("2021"), of_year("2020"))
    };
    // A slip, and an economy that has both.
    assert_eq!(read([year("2022", 0..8), year("2021", 9..10), year("2020", 1..2)].concat()), (8, 1, 0));
    assert_eq!(read([year("2022", 0..9), year("2020", 1..10)].concat()), (9, 0, 0));
}

#[test]
fn answers_that_the_sender_of_a_table_does_not_see_are_reported() {
    let framework = framework();
    let mut table =
        by_year(&framework, &[("2022", "KEN", "Kenya"), ("2022", "FJI", "Fiji"), ("2022", "BRA", "Brazil")]);
    table.view.merged = vec!["E2:E3".parse().unwrap(), "F4:G4".parse().unwrap()];
    table.view.hidden_columns = vec![Span { first: 3, last: 3 }];
    let received = recognise(&book(vec![table]), &framework).unwrap();
    let told: Vec<Vec<String>> = received
        .iter()
        .map(|one| {
            let line = |f: &Finding| format!("{} {}", f.rule(), f.place.as_ref().unwrap());
            one.findings.iter().map(line).collect()
        })
        .collect();
    assert_eq!(
        told,
        [
            vec!["HIDDEN-003 D!D2"],
            vec!["HIDDEN-003 D!D3", "MERGE-001 D!E3"],
            vec!["HIDDEN-003 D!D4", "MERGE-001 D!G4"]
        ]
    );
    let second = framework.questions[1].id.as_str();
    assert!(of(&received[1], second, Field::Answer)[0].value.is_blank(), "it is not seen");
    assert!(!of(&received[0], second, Field::Answer)[0].value.is_blank());
}

#[test]
fn columns_of_a_table_that_nothing_is_read_from_are_told_once() {
    let framework = framework();
    let ids = ids(&framework);
    let line = |code: &str, note: &str| format!("|{code}|x|{}{note}||AFR|0.5|A", values("2"));
    let text = format!(
        "|Code|Economy|{ids}Digital ID law|Empty|Reg|CGSI|GT1\n{}\n{}\n{}",
        line("KEN", ""),
        line("FJI", "yes"),
        line("BRA", "no")
    );
    let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
    let told: Vec<usize> = received.iter().map(|one| one.findings.len()).collect();
    assert_eq!(told, [0, 1, 0]);
    assert!(noticed(&received[1])[0].starts_with(
        "info D!AA1: The column \"Digital ID law\" of the table is not known, so what it holds is not read."
    ));
}

#[test]
fn a_table_that_is_split_over_two_sheets_is_told() {
    let framework = framework();
    let all: Vec<&str> = framework.questions.iter().map(|question| question.id.as_str()).collect();
    let table =
        |ids: &[&str]| format!("|Code|Economy|{}\n|KEN|Kenya|{}", ids.join("|"), "1|".repeat(ids.len()));
    let sheets = vec![sheet("One", &table(&all[..200])), sheet("Two", &table(&all[198..230]))];
    let received = recognise(&book(sheets), &framework).unwrap();
    assert_eq!(received.len(), 1);
    let told = noticed(&received[0]);
    let expected = format!(
        "error Two: This sheet holds a table of its own with questions that the table in another sheet does not have, and only that one was read. It concerns {}, ",
        all[200]
    );
    assert!(told[0].starts_with(&expected), "{told:?}");
}

#[test]
fn a_formula_without_a_result_is_kept_as_one() {
    let framework = framework();
    let mut table = by_year(&framework, &[("2022", "KEN", "Kenya")]);
    let cell = table.cells.iter_mut().find(|cell| cell.address == Address::new(1, 4)).unwrap();
    (cell.value, cell.formula) = (CellValue::Blank, true);
    let received = recognise(&book(vec![table]), &framework).unwrap();
    let found = of(&received[0], framework.questions[1].id.as_str(), Field::Answer)[0];
    assert!(found.value.is_blank() && found.formula, "{found:?}");
}

/// `place rule` of what was noticed while reading.
fn rules(one: &Received) -> Vec<String> {
    let line = |finding: &Finding| format!("{} {}", finding.place.as_ref().unwrap(), finding.rule());
    one.findings.iter().map(line).collect()
}

#[test]
fn the_name_beside_a_code_is_kept_so_that_they_can_be_compared() {
    let framework = framework();
    let received = recognise(
        &book(vec![by_year(&framework, &[("2022", "KEN", "Uganda"), ("2022", "", "Fiji")])]),
        &framework,
    )
    .unwrap();
    let other = received[0].header(HeaderField::OtherEconomy).unwrap();
    assert_eq!((other.value.display(), other.place.to_string()), ("Uganda".to_owned(), "D!C2".to_owned()));
    assert!(received[1].header(HeaderField::OtherEconomy).is_none());
}

#[test]
fn content_beyond_the_last_heading_sends_its_row_back() {
    let framework = framework();
    let ids = ids(&framework);
    let row = |code: &str, beyond: &str| format!("|{code}|x|{}{beyond}", values("2"));
    let text = format!(
        "|Code|Economy|{ids}\n{}\n{}\n{}\n{}",
        row("KEN", "2"),
        row("FJI", "|checked by A"),
        row("BRA", "|7"),
        row("PER", "x|y|z")
    );
    let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
    let told: Vec<_> = received.iter().flat_map(rules).collect();
    assert_eq!(told, ["D!AA2 STRAY-004", "D!AB3 STRAY-001", "D!AB4 STRAY-004", "D!AA5 STRAY-004"]);
    assert!(received[3].findings[0].blocks() && !received[1].findings[0].blocks());
}

#[test]
fn a_column_without_a_heading_is_told_once() {
    let framework = framework();
    let row = |at: &str, code: &str| format!("{at}|{code}|x|{}", values("2"));
    let text = format!(".|Code|Economy|{}\n{}\n{}", ids(&framework), row("1", "KEN"), row("2", "FJI"));
    let mut table = sheet("D", &text);
    table.cells.remove(0);
    let received = recognise(&book(vec![table]), &framework).unwrap();
    assert_eq!(rules(&received[0]), ["D!A1 STRAY-003"]);
    assert_eq!(received[0].findings[0].found(), "A");
    assert!(received[1].findings.is_empty());
}

#[test]
fn headings_that_do_not_say_whose_the_answers_are_send_their_rows_back() {
    let framework = framework();
    let mut turned: Vec<&str> =
        framework.questions[..24].iter().map(|question| question.id.as_str()).collect();
    turned.reverse();
    let row = |code: &str| format!("|{code}|x|{}", values("2"));
    let text = format!(
        "|Code|Economy|{0}\n{1}\n|code of it|name of it|{0}\n{2}\n|code of it|name of it|{3}\n{4}",
        ids(&framework),
        row("KEN"),
        row("FJI"),
        turned.join("|"),
        row("BRA")
    );
    let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
    assert_eq!(codes(&received), ["KEN", "FJI", "BRA"], "headings again are no economy");
    let told: Vec<_> = received.iter().flat_map(rules).collect();
    assert_eq!(told, ["D!A6 LAYOUT-011"]);
    assert!(noticed(&received[2])[0].contains("in D!A5 has numbers of questions"), "{received:?}");
    let first = of(&received[2], turned[23], Field::Answer)[0];
    assert_eq!(first.place.to_string(), "D!Z6");
}

#[test]
fn the_headings_of_economies_and_years_have_other_names_too() {
    let framework = framework();
    for heading in [
        "Wave|Country Code|Country",
        "Ann\u{e9}e|code pays|Pays",
        "A\u{f1}o|C\u{f3}digo|Pa\u{ed}s",
        "years|ISO3|Country name",
    ] {
        let text = format!("|{heading}|{}\n|2020|KEN|Kenya|{}", ids(&framework), values("2"));
        let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
        assert_eq!(whose(&received), ["B2 KEN, A2 2020"], "{heading}");
    }
    // The publisher's own headings count before all others.
    let text = format!("|Country|Code|ISO3|Economy|{}\n|x|KEN|y|Kenya|{}", ids(&framework), values("2"));
    assert_eq!(codes(&recognise(&book(vec![sheet("D", &text)]), &framework).unwrap()), ["KEN"]);
}

#[test]
fn headings_that_are_missing_are_named() {
    let framework = framework();
    let text = format!("|Nation|Code|{}\n|Kenya|KEN|{}", ids(&framework), values("2"));
    let refusal = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap_err();
    assert_eq!(refusal.place.as_ref().unwrap().to_string(), "D!A1");
    assert!(
        refusal
            .to_string()
            .ends_with("missing: Economy. Write these headings above their columns and send the file again."),
        "{refusal}"
    );
}

#[test]
fn a_column_of_years_that_is_not_read_is_told() {
    let framework = framework();
    let row = |code: &str, edition: &str, law: &str| format!("|{edition}|{law}|{code}|x|{}", values("2"));
    let text = format!(
        "|Edition|Law of|Code|Economy|{}\n{}\n{}",
        ids(&framework),
        row("KEN", "2020", "2019"),
        row("FJI", "2020", "none")
    );
    let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
    assert_eq!(rules(&received[0]), ["D!A1 LAYOUT-013", "D!B1 STRAY-003"]);
    let of_wave = text.replace("2020", "2022");
    let received = recognise(&book(vec![sheet("D", &of_wave)]), &framework).unwrap();
    assert_eq!(rules(&received[0]), ["D!A1 STRAY-003", "D!B1 STRAY-003"]);
}

#[test]
fn rows_of_answers_above_the_headings_are_sent_back() {
    let framework = framework();
    let row = |code: &str| format!("|2022|{code}|x|{}", values("2"));
    let labels = "Label of a question|".repeat(24);
    let text = format!(
        "GovTech data 2022|x\n{}\n|Year|Code|Economy|{labels}\n|Year|Code|Economy|{}\n{}",
        row("FJI"),
        ids(&framework),
        row("KEN")
    );
    let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
    assert_eq!(codes(&received), ["FJI", "KEN"]);
    assert_eq!(rules(&received[0]), ["D!B2 LAYOUT-012"]);
    assert!(received[1].findings.is_empty());
}

#[test]
fn rows_that_are_passed_over_are_told() {
    let framework = framework();
    let rows = [
        ("2020", "KEN", "Kenya"),
        ("2020", "FJI", "Fiji"),
        ("2022", "BRA", "Brazil"),
        ("2020/21", "BRA", "Brazil"),
        ("2022 (revised)", "PER", "Peru"),
        ("2022", "PER", "Peru"),
        ("2021 (est.)", "NAM", "Namibia"),
    ];
    let received = recognise(&book(vec![by_year(&framework, &rows)]), &framework).unwrap();
    assert_eq!(
        whose(&received),
        ["B4 BRA, A4 2022", "B6 PER, A6 2022 (revised)", "B7 PER, A7 2022", "B8 NAM, A8 2021 (est.)"]
    );
    assert_eq!(
        noticed(&received[0]),
        [
            "info D!B2: Rows of another year (2020, 2020/21) were passed over: 3 (B2:B3, B5). Nothing to do if they are of another wave; else correct their year."
        ]
    );
}

#[test]
fn a_code_may_begin_like_a_summary() {
    let framework = framework();
    let (ids, row, means) = (ids(&framework), values("2"), "0.41|".repeat(24));
    let text =
        format!("|Code|Economy|{ids}\n|MIN-FIN|x|{row}\n|Total|x|{row}\n|MEAN.|x|{row}\n|MAX-ALL|x|{means}");
    assert_eq!(codes(&recognise(&book(vec![sheet("D", &text)]), &framework).unwrap()), ["MIN-FIN"]);
}

#[test]
fn a_code_that_is_merged_is_that_of_all_its_rows() {
    let framework = framework();
    let mut table = by_year(&framework, &[("2022", "KEN", "Kenya"), ("2020", "", "")]);
    table.view.merged = vec!["B2:B3".parse().unwrap(), "C2:C3".parse().unwrap()];
    let received = recognise(&book(vec![table]), &framework).unwrap();
    assert_eq!(whose(&received), ["B2 KEN, A2 2022"], "the row of 2020 is Kenya's, too");
    assert_eq!(rules(&received[0]), ["D!B3 LAYOUT-014"]);
}

#[test]
fn rows_on_hidden_sheets_and_on_sheets_without_headings_are_told() {
    let framework = framework();
    let line = |code: &str, first: &str| format!("|2022|{code}|Name|{}", values(first));
    let table = |rows: &[String]| format!("|Year|Code|Economy|{}\n{}", ids(&framework), rows.join("\n"));
    let told = |further: Sheet| {
        let first = sheet("D", &table(&[line("KEN", "2"), line("FJI", "1")]));
        let received = recognise(&book(vec![first, further]), &framework).unwrap();
        assert_eq!(codes(&received), ["KEN", "FJI"]);
        assert!(received[1].findings.is_empty());
        rules(&received[0])
    };
    let hidden = |mut sheet: Sheet| {
        sheet.visible = false;
        sheet
    };
    assert_eq!(told(hidden(sheet("H", &table(&[line("PER", "2")])))), ["H LAYOUT-015"]);
    assert_eq!(told(hidden(sheet("H", &table(&[line("KEN", "1")])))), ["H LAYOUT-015"]);
    assert_eq!(told(hidden(sheet("H", &table(&[line("KEN", "2")])))), Vec::<String>::new(), "a copy");
    assert_eq!(told(sheet("N", &line("PER", "2"))), ["N LAYOUT-015"]);
    assert_eq!(told(hidden(sheet("N", &line("PER", "2")))), ["N LAYOUT-015"]);
    assert_eq!(told(sheet("N", "Notes|about|the|table\n|2022|PER|Peru|3")), Vec::<String>::new());
}

#[test]
fn a_code_of_digits_with_a_name_beside_it_is_that_of_an_economy() {
    let framework = framework();
    let text = format!(
        "|Code|Economy|{}\n|11|Rond\u{f4}nia|{1}\n|07|Acre|{1}\n|42||{1}\n|3|Data as of 2022\n|80|Total|{2}",
        ids(&framework),
        values("2"),
        "340|".repeat(24)
    );
    let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
    assert_eq!(codes(&received), ["11", "7", "42"]);
    assert_eq!(
        rules(&received[0]),
        ["D!A6 STRAY-001"],
        "a row that has a name is not passed over in silence"
    );
    // A table of years alone.
    let years: Vec<&str> = framework
        .questions
        .iter()
        .filter(|question| question.kind == Kind::Integer)
        .map(|question| question.id.as_str())
        .collect();
    let row = |code: &str, name: &str, year: &str| {
        format!("|2022|{code}|{name}|{}", format!("{year}|").repeat(years.len()))
    };
    let text = format!(
        "|Year|Code|Economy|{}\n{}\n{}\n{}\n{}",
        years.join("|"),
        row("1", "Ain", "2016"),
        row("80", "Somme", "2017"),
        row("", "Moyenne", "2016.5"),
        row("", "", "8069").replace("2022", "")
    );
    let received = recognise(&book(vec![sheet("D", &text)]), &framework).unwrap();
    assert_eq!(codes(&received), ["1", "80"]);
}

#[test]
fn headings_that_became_numbers_are_read_or_told() {
    let framework = numbered(0);
    let text = "|Code|Economy|1.1|1.2|1.3|2019|TRUE\n|KEN|Kenya|1|0|1|5|6";
    let received = recognise(&book(vec![sheet("D", text)]), &framework).unwrap();
    assert_eq!(received[0].responses.len(), 3);
    assert_eq!(rules(&received[0]), ["D!F1 STRAY-003", "D!G1 STRAY-003"]);
}

#[test]
fn external_indices_are_no_questions_that_a_table_must_have() {
    let framework = numbered(9);
    let text = "|Code|Economy|1.1|1.2|1.3|1.4\n|KEN|Kenya|1|0|1|1";
    assert_eq!(codes(&recognise(&book(vec![sheet("D", text)]), &framework).unwrap()), ["KEN"]);
}

#[test]
fn of_ids_that_a_number_does_not_tell_apart_neither_is_read() {
    let framework = of_ids(&["1.1", "1.2", "1.3", "1.10"], 0);
    let text = "|Code|Economy|1.1|1.2|1.1|1.3\n|KEN|Kenya||0|1|1";
    let received = recognise(&book(vec![sheet("D", text)]), &framework).unwrap();
    let answered = |one: &Received| -> Vec<String> {
        one.responses.iter().map(|response| response.question.clone()).collect()
    };
    assert_eq!(answered(&received[0]), ["1.2", "1.3"]);
    assert_eq!(rules(&received[0]), ["D!E1 STRAY-003"], "the other column is empty");
}

#[test]
fn answers_are_no_headings_where_ids_are_whole_numbers() {
    let framework = of_ids(&["1", "2", "3", "4", "5", "6"], 0);
    let text = "|Code|Economy|Year|1|2|3|4|5|6\n|AAA|Alpha|2030|1|1|0|0|1|0\n|BBB|Beta|2030|5|4|3|2|1|1
        |CCC|Gamma|2030|3|2|1|4|5|6\n|Code|Economy|Year|1|2|3|4|5|6\n|DDD|Delta|2030|1|1|1|1|1|1";
    let received = recognise(&book(vec![sheet("D", text)]), &framework).unwrap();
    assert_eq!(codes(&received), ["AAA", "BBB", "CCC", "DDD"]);
    assert!(received.iter().all(|one| rules(one).is_empty()));
}

#[test]
fn the_mean_of_many_in_a_row_without_a_code_is_told_and_not_asked_about() {
    let framework = numbered(0);
    let text = "|Code|Economy|Year|1.1|1.2|1.3|1.4\n|1|Kenya|2030|1|0|1|1\n||World|2030|1|1|1|1
        ||Group average|2030|1|0|0|1\n|2|Total|2030|1|0|1|1\n||Peru|2030|1|0|1|1";
    let received = recognise(&book(vec![sheet("D", text)]), &framework).unwrap();
    assert_eq!(codes(&received), ["1", "Peru"]);
    assert_eq!(rules(&received[0]), ["D!B3 STRAY-001"]);
}

/// An instrument of four questions whose ids are numbers, and so many external indices.
fn numbered(external: usize) -> Framework {
    of_ids(&["1.1", "1.2", "1.3", "1.4"], external)
}

/// An instrument of questions with these ids, and of so many external indices.
fn of_ids(ids: &[&str], external: usize) -> Framework {
    let mut framework = "id = \"demo-2030\"\nversion = \"2030.2\"\nwave = 2030\nas_of = \"2030-06-30\"\n\
        title = { en = \"Demo\" }\nlanguage = \"en\"\n[languages]\nen = \"English\"\n\
        [composite]\nid = \"ALL\"\ntitle = { en = \"All\" }\nmethod = \"arithmetic-mean\"\n\
        [[subindex]]\nid = \"S1\"\ntitle = { en = \"Systems\" }\nweight = 1.0\nmethod = \"share-of-points\"\n\
        [[maturity_group]]\nid = \"A\"\ntitle = { en = \"All\" }\nat_least = 0.0\n\
        [missing]\nanswer = \"no-points\"\nexternal_index = \"leave-out\"\nmarks = [\"-\"]\n\
        required = \"error\"\nnot_relevant = \"warning\"\n"
        .to_owned();
    let mut survey = "type,name,label,indicator,subindex,scoring,points\n".to_owned();
    for id in ids {
        let _ = writeln!(survey, "select_one status,{id},Question {id}?,Q-1,S1,level,1");
    }
    for at in 1..=external {
        let _ = writeln!(survey, "external E{at},X-{at},Index {at},Q-1,S1,value,1");
        let _ = writeln!(
            framework,
            "[[external_index]]\nid = \"E{at}\"\ntitle = {{ en = \"E{at}\" }}\nrange = [0.0, 1.0]"
        );
    }
    Framework::load(&FrameworkSources {
        framework,
        indicators: "id,label\nQ-1,Cloud\n".to_owned(),
        survey,
        choices: "list_name,name,label,level\nstatus,0,No,0\nstatus,1,Yes,1\n".to_owned(),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}
