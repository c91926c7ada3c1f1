//! The publisher's wide table, with all that stands around the economies.

use std::fmt::Write;

use maturity::cell::{Address, Sheet};
use maturity::framework::Framework;
use maturity::submission::{Field, HeaderField, Layout, Received};

use crate::support::{book, framework, of, recognise, sheet, sheet_at};

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
    received.iter().map(|one| one.header(HeaderField::Economy).unwrap().value.display()).collect()
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
fn finds_economies_and_skips_everything_else() {
    let framework = framework();
    let received = recognise(&book(vec![sheet("Notes", "|Hello|"), table(&framework)]), &framework).unwrap();
    assert_eq!(codes(&received), ["KEN", "FJI"], "2020 is another wave");
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
    let (ids, row) = (ids(&framework), values("2"));
    let text =
        format!("|Code|Economy|{ids}\n|KEN|Kenya|{row}\n|Sum||{row}\n|A|80|{row}\n|0.75|A|{row}\n||x|{row}");
    assert_eq!(codes(&recognise(&book(vec![sheet("D", &text)]), &framework).unwrap()), ["KEN"]);
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
