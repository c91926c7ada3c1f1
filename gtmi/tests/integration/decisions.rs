//! What reviewers decide: overrides, returns, approvals, publication, and names that are removed.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use maturity::language::Language;
use questionnaire::ReviewColumn;
use rust_xlsxwriter::Workbook;

use crate::desk::{Desk, root};
use crate::dirty::altered;

/// A desk at which Kenya's questionnaire was run.
fn kenya() -> Desk {
    let desk = Desk::with(&["KEN"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    desk
}

/// The same, with a folder of reports that come back.
fn with_reviews() -> Desk {
    let desk = kenya();
    fs::create_dir(desk.path("reviews")).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{config}\n[review]\ndir = \"reviews\"\n")).unwrap();
    desk
}

fn score(desk: &Desk) -> f64 {
    desk.gtmi(&["explain", "KEN", "--json"]).json()["score"].as_f64().unwrap()
}

/// Runs and gives the findings about a question, `rule message`.
fn run(desk: &Desk, question: &str) -> Vec<String> {
    let ran = desk.gtmi(&["run"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    assert_eq!(desk.gtmi(&["export", "--out", "export", "--format", "csv"]).code, 0);
    let rows = desk.table("findings");
    let about = rows.iter().filter(|row| row["question"] == question);
    about.map(|row| format!("{} {}", row["rule"], row["message"])).collect()
}

/// An override of I-1, where Kenya answered 2; gives its id.
pub(crate) fn decide(desk: &Desk, answer: &str, by: &str) -> String {
    let reason = "the platform is announced, not open";
    let ran = desk.gtmi(&[
        "review", "override", "KEN", "I-1", "--answer", answer, "--by", by, "--reason", reason, "--json",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stderr.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn an_override_counts_with_author_and_reason_until_the_answer_changes() {
    let desk = kenya();
    let before = score(&desk);
    let id = decide(&desk, "1", "A. Reviewer");
    let found = run(&desk, "I-1");
    let told: Vec<&String> = found.iter().filter(|line| line.starts_with("OVERRIDE-")).collect();
    assert!(told.len() == 1 && told[0].starts_with("OVERRIDE-001 "), "{found:?}");
    assert!(told[0].contains("A. Reviewer") && told[0].contains("announced, not open"), "{found:?}");
    let lower = score(&desk);
    assert!(lower < before, "{lower} {before}");
    let answers = desk.table("answers");
    let row = answers.iter().find(|row| row["question"] == "I-1").unwrap();
    assert_eq!((row["code"].as_str(), row["changed_by"].as_str()), ("1", id.as_str()));
    let explained = desk.gtmi(&["explain", "KEN", "I-1"]);
    assert!(explained.stderr.contains("A. Reviewer"), "{}", explained.stderr);
    let report =
        reader::read(&fs::read(desk.path("out/reports/KEN.xlsx")).unwrap(), &reader::Limits::default());
    let report = report.unwrap();
    let texts = report.sheets.iter().flat_map(|sheet| &sheet.cells).map(|cell| cell.value.display());
    assert!(texts.into_iter().any(|text| text.contains("A. Reviewer")), "the report names author and reason");
    assert!(desk.gtmi(&["run"]).stderr.contains("nothing changed"));
    // The same decision again is the same decision.
    let again = desk.gtmi(&[
        "review",
        "override",
        "KEN",
        "I-1",
        "--answer",
        "1",
        "--by",
        "A. Reviewer",
        "--reason",
        "the platform is announced, not open",
    ]);
    assert!(again.code == 0 && again.stderr.contains("on record already"), "{}", again.stderr);

    // Another reviewer wants another answer: none counts until one gives way.
    let other = decide(&desk, "0", "B. Reviewer");
    let found = run(&desk, "I-1");
    assert!(
        found.iter().any(|line| line.starts_with("OVERRIDE-003 ") && line.contains("B. Reviewer")),
        "{found:?}"
    );
    assert_eq!(score(&desk).to_bits(), before.to_bits());
    let undo = |id: &str| {
        desk.gtmi(&["review", "undo", id, "--by", "B. Reviewer", "--reason", "convinced", "--json"])
    };
    let undone = undo(&other);
    assert_eq!(undone.code, 0, "{}", undone.stderr);
    let taken_back = undo(undone.json()["id"].as_str().unwrap());
    assert_eq!(taken_back.code, 2);
    assert!(taken_back.stderr.contains("is an undo, and nothing takes it back"), "{}", taken_back.stderr);
    run(&desk, "I-1");
    assert_eq!(score(&desk).to_bits(), lower.to_bits());

    // What was undone can be decided again in the same words, and counts again.
    let again = decide(&desk, "0", "B. Reviewer");
    assert_ne!(again, other);
    assert!(run(&desk, "I-1").iter().any(|line| line.starts_with("OVERRIDE-003 ")));
    assert_eq!(
        desk.gtmi(&["review", "undo", &again, "--by", "B. Reviewer", "--reason", "convinced"]).code,
        0
    );
    run(&desk, "I-1");
    assert_eq!(score(&desk).to_bits(), lower.to_bits());

    // The economy sends another answer: the decision was about the earlier one.
    fs::write(desk.path("inbox/KEN.xlsx"), altered(&desk, "KEN", &[("CGSI", "D6", "0")])).unwrap();
    let found = run(&desk, "I-1");
    assert!(found.iter().any(|line| line.starts_with("OVERRIDE-002 ")), "{found:?}");
    let listed = desk.gtmi(&["review", "decisions", "KEN"]);
    assert!(listed.stderr.contains("stale: \"0\" is submitted now"), "{}", listed.stderr);
    assert!(listed.stderr.contains("undone"), "{}", listed.stderr);
    assert_eq!(desk.table("answers").iter().find(|row| row["question"] == "I-1").unwrap()["code"], "0");
}

#[test]
fn a_table_of_decisions_is_taken_row_by_row() {
    let desk = kenya();
    fs::write(
        desk.path("overrides.csv"),
        "wave,economy,question,decision,replaces,answer,evidence,reason,reviewer\n\
         2022,KEN,I-1,override,2,1,https://example.org/cloud,announced only,A. Reviewer\n\
         2022,KEN,I-2,,,,,,\n\
         2022,Kenya,I-3,remplacer,,7,,seen,A. Reviewer\n\
         2020,KEN,I-4,override,,0,,seen,A. Reviewer\n\
         2022,KEN,I-4,override,,0,,,A. Reviewer\n\
         2022,KEN,I-4,override,,0,,seen,\n\
         2022,KEN,I-4,delete,,0,,seen,A. Reviewer\n\
         2022,PER,I-4,override,,0,,seen,A. Reviewer\n\
         2022,KEN,I-99,override,,0,,seen,A. Reviewer\n",
    )
    .unwrap();
    let ran = desk.gtmi(&["review", "--from", "overrides.csv"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for expected in [
        "1 new, 0 known, 0 findings accepted, 7 not taken",
        "line 4: The answer \"7\" is not accepted here: 0 = ",
        "line 5: The decision is for wave 2020, but wave 2022 is being run.",
        "line 6: The decision \"override\" gives no reason.",
        "line 7: The decision \"override\" does not say who decided.",
        "line 8: \"delete\" is no decision. Choose Accept, Override or Return.",
        "line 9: Nothing was received from PER",
        "line 10: \"I-99\" is no question that is asked.",
    ] {
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    let again = desk.gtmi(&["review", "--from", "overrides.csv"]);
    assert!(again.stderr.contains("0 new, 1 known"), "{}", again.stderr);
    run(&desk, "I-1");
    let answers = desk.table("answers");
    let row = answers.iter().find(|row| row["question"] == "I-1").unwrap();
    assert_eq!((row["code"].as_str(), row["evidence"].as_str()), ("1", "https://example.org/cloud"));

    fs::write(desk.path("other.csv"), "country,answer\nKEN,1\n").unwrap();
    let ran = desk.gtmi(&["review", "--from", "other.csv"]);
    assert!(ran.code == 2 && ran.stderr.contains("country"), "{}", ran.stderr);
}

#[test]
fn a_submission_goes_its_way_from_received_to_published_and_later_changes_are_told() {
    let desk = kenya();
    let author = ["--by", "A. Reviewer", "--reason", "please attach the decree"];
    let ran = desk.gtmi(&[&["review", "return", "KEN"], &author[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let id = ran.stderr.split_whitespace().nth(1).unwrap().to_owned();
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("please attach the decree"), "{}", ran.stderr);
    assert_eq!(desk.gtmi(&[&["review", "undo", &id], &author[..]].concat()).code, 0);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(desk.gtmi(&["review", "approve", "KEN", "--by", "C. Head", "--reason", "complete"]).code, 0);

    assert_eq!(desk.gtmi(&["publish", "--check"]).code, 2, "nothing was published yet");
    let ran = desk.gtmi(&["publish", "--by", "C. Head"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(desk.path("out/published-2022.json").is_file());
    let check = desk.gtmi(&["publish", "--check"]);
    assert!(check.code == 0 && check.stderr.contains("as it was published"), "{}", check.stderr);
    let trail = desk.gtmi(&["review", "trail", "KEN", "--json"]).json();
    let states: Vec<&str> =
        trail.as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect();
    assert_eq!(
        states,
        ["received", "accepted", "in-review", "returned", "accepted", "approved", "published"]
    );

    decide(&desk, "1", "A. Reviewer");
    run(&desk, "I-1");
    let check = desk.gtmi(&["publish", "--check"]);
    assert_eq!(check.code, 1, "{}", check.stderr);
    for expected in
        ["KEN: 0.", "(other overrides)", "reports/KEN.xlsx: other content", "global.xlsx: other content"]
    {
        assert!(check.stderr.contains(expected), "{expected}: {}", check.stderr);
    }
}

#[test]
fn what_is_published_names_no_respondent_and_one_who_asks_is_forgotten() {
    let desk = Desk::empty();
    let name = "Wanjiku Respondent";
    fs::copy(root().join("examples/wave-2022/KEN.xlsx"), desk.path("inbox/KEN.xlsx")).unwrap();
    let cell = cover_cell(&desk, "contact-name");
    let named = altered(&desk, "KEN", &[(&cell.0, &cell.1, name)]);
    fs::write(desk.path("inbox/KEN.xlsx"), named).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    assert_eq!(desk.gtmi(&["publish", "--by", "C. Head"]).code, 0);
    assert!(holds(&fs::read(desk.path("out/gtmi.db")).unwrap(), name) || wal_holds(&desk, name));
    for (path, bytes) in desk.outputs() {
        let published =
            path == "global.xlsx" || path.starts_with("reports/") || path.starts_with("published");
        assert!(!published || !text_of(&path, &bytes).contains(name), "{path} names the respondent");
    }
    for entry in fs::read_dir(desk.path("export")).unwrap().flatten() {
        assert!(!holds(&fs::read(entry.path()).unwrap(), name), "{:?}", entry.path());
    }

    let before = score(&desk);
    let none = desk.gtmi(&["forget", "KEN", "--like", "someone else"]);
    assert!(none.stderr.contains("no such contacts"), "{}", none.stderr);
    let ran = desk.gtmi(&["forget", "KEN", "--like", "wanjiku"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(score(&desk).to_bits(), before.to_bits());
    for (path, bytes) in desk.outputs() {
        assert!(
            !holds(&bytes, name) && !text_of(&path, &bytes).contains(name),
            "{path} still names the respondent"
        );
    }
    assert_eq!(desk.gtmi(&["publish", "--check"]).code, 0, "what was published holds");
}

fn wal_holds(desk: &Desk, text: &str) -> bool {
    fs::read(desk.path("out/gtmi.db-wal")).is_ok_and(|bytes| holds(&bytes, text))
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// All text in a workbook; nothing for other files.
fn text_of(path: &str, bytes: &[u8]) -> String {
    if !crate::desk::is_workbook(path) {
        return String::new();
    }
    let book = reader::read(bytes, &reader::Limits::default()).unwrap();
    let cells = book.sheets.iter().flat_map(|sheet| &sheet.cells);
    cells.map(|cell| cell.value.display()).collect::<Vec<_>>().join("\n")
}

/// The cell of the cover of Kenya's questionnaire for the answer to a field, e.g. `contact-name`.
pub(crate) fn cover_cell(desk: &Desk, field: &str) -> (String, String) {
    let bytes = fs::read(desk.path("inbox/KEN.xlsx")).unwrap();
    let book = reader::read(&bytes, &reader::Limits::default()).unwrap();
    // Label, key and answer stand side by side.
    let found = book.sheets.iter().find_map(|sheet| {
        let cell = sheet.cells.iter().find(|cell| cell.value.display() == field)?;
        Some((sheet.name.clone(), cell.address))
    });
    let (sheet, mut address) = found.expect("the cover asks for a contact");
    address.column += 1;
    (sheet, address.to_string())
}

/// A report that came back with one override of I-1 in its sheet of decisions.
fn reviewed(desk: &Desk, answer: &str, reason: &str) -> Vec<u8> {
    let bytes = reviewed_of("2022", answer, reason);
    fs::write(desk.path("reviews/KEN.xlsx"), &bytes).unwrap();
    bytes
}

/// The same of a wave.
#[expect(clippy::disallowed_methods, reason = "a reviewer writes the workbook")]
fn reviewed_of(wave: &str, answer: &str, reason: &str) -> Vec<u8> {
    let english = Language::new("en");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (at, column) in (0_u16..).zip(ReviewColumn::ALL) {
        sheet.write_string(0, at, column.heading(&english)).unwrap();
        let text = match column {
            ReviewColumn::Wave => wave,
            ReviewColumn::Economy => "KEN",
            ReviewColumn::Question => "I-1",
            ReviewColumn::Decision => "Override",
            ReviewColumn::Replaces => "2",
            ReviewColumn::Answer => answer,
            ReviewColumn::Reason => reason,
            ReviewColumn::Reviewer => "A. Reviewer",
            _ => "",
        };
        sheet.write_string(1, at, text).unwrap();
    }
    // With the answer 0 comes a row that cannot be taken.
    let decision = ReviewColumn::ALL.iter().position(|column| *column == ReviewColumn::Decision).unwrap();
    if answer == "0" {
        sheet.write_string(2, u16::try_from(decision).unwrap(), "Perhaps").unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn waves_that_share_a_folder_of_reviews_take_each_their_own_decisions() {
    let desk = with_reviews();
    let config = desk.configuration_of_wave("2028").replace("dir = \"out\"", "dir = \"out-2028\"");
    fs::write(desk.path("2028.toml"), config).unwrap();
    let framework = desk.path("frameworks/gtmi-2028/framework.toml");
    let text = fs::read_to_string(&framework).unwrap();
    fs::write(&framework, text.replace("needed = \"scored\"", "needed = \"none\"")).unwrap();
    let of_2028 = |arguments: &[&str]| desk.gtmi(&[&["--config", "2028.toml"], arguments].concat());
    let returned = |wave: &str, reason: &str| {
        fs::write(desk.path(&format!("reviews/{wave}.xlsx")), reviewed_of(wave, "1", reason))
    };

    // A wave of which the store knows nothing may be a slip of a reviewer.
    returned("2028", "announced, not open").unwrap();
    let slip = desk.gtmi(&["run"]);
    assert_eq!(slip.code, 1, "{}", slip.stderr);
    assert!(
        slip.stderr.contains("The decision is for wave 2028, but wave 2022 is being run."),
        "{}",
        slip.stderr
    );
    fs::remove_file(desk.path("reviews/2028.xlsx")).unwrap();
    assert_eq!(of_2028(&["demo", "--out", "inbox-2028", "--economy", "KEN"]).code, 0);
    assert_eq!(of_2028(&["run"]).code, 0);

    // Until the other wave has run, it is said for whom the decisions wait; that is no failure.
    returned("2022", "announced, not open").unwrap();
    returned("2028", "announced, not open").unwrap();
    let waits = "It holds decisions for wave ";
    let first = desk.gtmi(&["run"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains("reviews – decisions: 1\n"), "{}", first.stderr);
    assert!(first.stderr.contains(&format!("2028.xlsx: {waits}2028,")), "{}", first.stderr);
    let other = of_2028(&["run"]);
    assert_eq!(other.code, 0, "{}", other.stderr);
    assert!(other.stderr.contains("reviews – decisions: 1\n"), "{}", other.stderr);
    assert!(!other.stderr.contains(waits), "{}", other.stderr);
    for again in [desk.gtmi(&["run"]), of_2028(&["run"]), desk.gtmi(&["run"])] {
        assert_eq!(again.code, 0, "{}", again.stderr);
        assert!(!again.stderr.contains("reviews") && !again.stderr.contains(waits), "{}", again.stderr);
    }
    for listed in [desk.gtmi(&["review", "decisions"]), of_2028(&["review", "decisions"])] {
        assert_eq!(listed.stderr.matches(" override ").count(), 1, "{}", listed.stderr);
    }
}

#[test]
fn a_reviewer_who_comes_back_to_an_earlier_decision_is_heard() {
    let desk = with_reviews();
    let submitted = score(&desk);
    let scored = |answer: &str| {
        reviewed(&desk, answer, "the platform is announced");
        run(&desk, "I-1");
        score(&desk).to_bits()
    };
    let first = reviewed(&desk, "1", "the platform is announced");
    run(&desk, "I-1");
    let (one, none) = (score(&desk).to_bits(), scored("0"));
    assert!(one != none && one != submitted.to_bits());
    // The very file of before, although the one in between had a row that could not be taken.
    fs::write(desk.path("reviews/KEN.xlsx"), first).unwrap();
    run(&desk, "I-1");
    assert_eq!(score(&desk).to_bits(), one, "in the workbook");
    assert_eq!(scored("0"), none, "and there again");
    assert_eq!(scored("0"), none, "which is said once");
    let counts = |listed: &str| listed.lines().filter(|line| line.ends_with("counts")).count();
    let listed = desk.gtmi(&["review", "decisions", "KEN"]).stderr;
    assert_eq!(
        (listed.lines().filter(|line| line.contains(" override ")).count(), counts(&listed)),
        (4, 1),
        "{listed}"
    );

    // What is undone stays undone while the row stands, also where the file changes beside it.
    let last = listed.lines().find(|line| line.ends_with("counts")).unwrap();
    let id = last.split_whitespace().next().unwrap();
    let undone = desk.gtmi(&["review", "undo", id, "--by", "A. Reviewer", "--reason", "a mistake"]);
    assert_eq!(undone.code, 0, "{}", undone.stderr);
    run(&desk, "I-1");
    let without = score(&desk).to_bits();
    assert_eq!(scored("0"), without);

    // On the command line, too.
    let by_hand = |answer: &str| {
        decide(&desk, answer, "B. Reviewer");
        desk.gtmi(&["review", "decisions", "KEN"]).stderr
    };
    for (answer, all) in [("1", 1), ("0", 2), ("1", 3), ("1", 3)] {
        let listed = by_hand(answer);
        assert_eq!(listed.lines().filter(|line| line.contains("(B. Reviewer")).count(), all, "{listed}");
    }
}

#[test]
fn reports_whose_names_look_alike_are_heard_once() {
    let desk = with_reviews();
    // Names that are no text: what cannot be read is shown by the same mark in both.
    for (byte, reason) in [(0xfe, "the platform is announced"), (0xff, "nothing is in use")] {
        let name = [b"KEN".as_slice(), &[byte], b".xlsx"].concat();
        let bytes = reviewed(&desk, "1", reason);
        fs::write(desk.path("reviews").join(OsStr::from_bytes(&name)), bytes).unwrap();
    }
    fs::remove_file(desk.path("reviews/KEN.xlsx")).unwrap();
    for _ in 0..3 {
        run(&desk, "I-1");
        let listed = desk.gtmi(&["review", "decisions", "KEN"]).stderr;
        assert_eq!(listed.lines().filter(|line| line.contains(" override ")).count(), 2, "{listed}");
    }
}

#[test]
fn what_a_decision_does_not_do_is_told_at_once() {
    let desk = kenya();
    let with = ["--by", "A. Reviewer", "--reason", "announced, not open"];
    let replace = |from: &str| {
        let words = ["review", "override", "KEN", "I-1", "--answer", "1", "--replaces", from];
        let ran = desk.gtmi(&[&words[..], &with].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stderr
    };
    let stale = replace("0");
    assert!(stale.contains("warning OVERRIDE-002: ") && stale.contains("The answer is now \"2\""), "{stale}");
    assert!(!replace("2").contains("OVERRIDE-002"));

    // A check of the file cannot know why a reviewer sent it back.
    assert_eq!(desk.gtmi(&[&["review", "return", "KEN"], &with[..]].concat()).code, 0);
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    for command in [&["explain", "KEN"][..], &["raise", "KEN"], &["compare", "KEN"]] {
        let ran = desk.gtmi(command);
        assert_eq!(ran.code, 2);
        let why =
            "KEN.xlsx was returned by A. Reviewer: announced, not open (gtmi review decisions KEN shows";
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
}
