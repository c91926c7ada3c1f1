//! What follows from decisions: findings about the answers that count, publications that hold, tables of any country.

use std::fs;

use crate::desk::{Desk, Ran, root};
use crate::dirty::altered;

const AUTHOR: [&str; 4] = ["--by", "A. Reviewer", "--reason", "seen on the web"];

/// A desk at which Kenya's questionnaire was run.
fn kenya() -> Desk {
    let desk = Desk::with(&["KEN"]);
    ran(&desk, &["run"]);
    desk
}

fn ran(desk: &Desk, arguments: &[&str]) -> Ran {
    let ran = desk.gtmi(arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
    ran
}

fn decided(desk: &Desk, arguments: &[&str]) -> Ran {
    desk.gtmi(&[&["review"], arguments, &AUTHOR[..]].concat())
}

/// Runs, and gives the rules of the open findings about a question.
fn found(desk: &Desk, question: &str) -> Vec<String> {
    ran(desk, &["run"]);
    ran(desk, &["export", "--out", "export", "--format", "csv"]);
    let about = desk.table("findings").into_iter();
    let about = about.filter(|row| row["question"] == question && row["status"] == "open");
    about.map(|row| row["rule"].clone()).collect()
}

fn answer(desk: &Desk, question: &str, column: &str) -> String {
    let rows = desk.table("answers");
    rows.iter().find(|row| row["question"] == question).unwrap()[column].clone()
}

#[test]
fn the_answers_that_count_are_judged_and_a_publication_survives_what_changes_nothing() {
    let desk = kenya();
    let is_broken = || found(&desk, "I-5.13").contains(&"CONSTRAINT-001".to_owned());
    assert!(is_broken());
    ran(&desk, &["publish", "--by", "C. Head"]);
    let check = || desk.gtmi(&["publish", "--check"]);

    let bus = decided(&desk, &["override", "KEN", "I-4", "--answer", "2"]);
    assert_eq!(bus.code, 0, "{}", bus.stderr);
    assert!(!is_broken(), "the bus is in use");
    assert_eq!(check().code, 1);
    // What is found when the file is validated again does not come back.
    let accepted = decided(&desk, &["accept", "KEN", "EVIDENCE-001", "I-6"]);
    assert_eq!(accepted.code, 0, "{}", accepted.stderr);
    assert!(!is_broken());
    assert_eq!(found(&desk, "I-4").iter().filter(|rule| *rule == "OVERRIDE-001").count(), 1);
    ran(&desk, &["review", "withdraw", "KEN", "EVIDENCE-001", "I-6"]);
    let id = bus.stderr.split_whitespace().nth(1).unwrap();
    assert_eq!(decided(&desk, &["undo", id]).code, 0);
    assert!(is_broken());
    let same = check();
    assert_eq!(same.code, 0, "after an override and its undo: {}", same.stderr);
    assert_eq!(decided(&desk, &["approve", "KEN"]).code, 0);
    ran(&desk, &["run"]);
    let same = check();
    assert_eq!(same.code, 0, "after an approval: {}", same.stderr);

    // Answers to questions that do not apply any more are told of before and after.
    let none = decided(&desk, &["override", "KEN", "I-1", "--answer", "0"]);
    let told = none.stderr.lines().find(|line| line.starts_with("warning RELEVANT-001: ")).unwrap();
    let condition = "the question applies only if I-1 is not \u{201c}No, or not known\u{201d}";
    assert!(told.contains(condition), "as the questionnaire says it: {told}");
    assert!(found(&desk, "I-1.4").contains(&"RELEVANT-001".to_owned()));
    // The sender, who has nothing to mend there, is not told.
    let open = desk.table("findings").into_iter().filter(|row| row["status"] == "open");
    let warnings = open.filter(|row| row["severity"] == "warning" && row["rule"] != "RELEVANT-001").count();
    let status = ran(&desk, &["status", "--json"]).json();
    let line = status.as_array().unwrap().iter().find(|line| line["economy"] == "KEN").unwrap();
    assert_eq!(line["warnings"], warnings);
    let desk = desk.returning();
    ran(&desk, &["run"]);
    let marked = fs::read(desk.path("out/feedback/KEN.xlsx")).unwrap();
    let marked = reader::read(&marked, &reader::Limits::default()).unwrap();
    let marks = |rule: &str| {
        let cells = marked.sheets.iter().flat_map(|sheet| &sheet.cells);
        cells.filter(|cell| cell.value.display().contains(rule)).count()
    };
    assert!(marks("EVIDENCE-001") > 0 && marks("RELEVANT-001") == 0, "{}", marks("RELEVANT-001"));
}

#[test]
fn evidence_that_a_reviewer_finds_counts_and_answers_that_are_none_are_not_taken() {
    let desk = kenya();
    let lacks = |question: &str| found(&desk, question).contains(&"EVIDENCE-001".to_owned());
    assert!(lacks("I-2") && lacks("I-3"));
    let link = "https://www.example.org/gea";
    let linked = decided(&desk, &["override", "KEN", "I-2.2", "--answer", link]);
    assert_eq!(linked.code, 0, "{}", linked.stderr);
    let same = decided(&desk, &["override", "KEN", "I-3", "--answer", "2"]);
    assert!(same.code == 2 && same.stderr.contains("is the one that was submitted"), "{}", same.stderr);
    let named = decided(&desk, &["override", "KEN", "I-3", "--answer", "2", "--evidence", "Act 12"]);
    assert_eq!(named.code, 0, "{}", named.stderr);
    assert!(!lacks("I-2") && !lacks("I-3"));
    assert_eq!(
        (answer(&desk, "I-2", "evidence").as_str(), answer(&desk, "I-3", "evidence").as_str()),
        (link, "Act 12")
    );
    assert!(found(&desk, "I-3").contains(&"OVERRIDE-004".to_owned()));

    for (question, answer, expected) in
        [("I-1.3", "20190", "is not a year"), ("I-1.2", "1 2", "is not a web address")]
    {
        let refused = decided(&desk, &["override", "KEN", question, "--answer", answer]);
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    }
}

#[test]
fn the_last_row_of_a_table_counts_and_decisions_about_earlier_submissions_say_so() {
    let desk = kenya();
    assert_eq!(decided(&desk, &["approve", "KEN"]).code, 0);
    let row = |answer: &str| format!("KEN;I-1;override;{answer};annoncée, pas ouverte;A. Élan\r\n");
    let text =
        format!("Economy;Question;Decision;Answer;Reason;Reviewer\r\n{}{}{}", row("1"), row("0"), row("1"));
    let western: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    fs::write(desk.path("decisions.csv"), western).unwrap();
    let taken = ran(&desk, &["review", "--from", "decisions.csv"]);
    assert!(taken.stderr.contains("3 new, 0 known"), "{}", taken.stderr);
    found(&desk, "I-1");
    assert_eq!(answer(&desk, "I-1", "code"), "1");
    let again = ran(&desk, &["review", "--from", "decisions.csv"]);
    assert!(again.stderr.contains("0 new, 3 known"), "{}", again.stderr);

    fs::write(desk.path("inbox/KEN.xlsx"), altered(&desk, "KEN", &[("CGSI", "D6", "0")])).unwrap();
    ran(&desk, &["run"]);
    let listed = ran(&desk, &["review", "decisions", "KEN"]).stderr;
    let approval = listed.lines().find(|line| line.contains(" approve ")).unwrap();
    assert!(approval.ends_with("about an earlier submission"), "{approval}");
}

#[test]
fn nothing_is_published_under_a_framework_or_table_that_it_was_not_made_with() {
    let desk = kenya();
    let folder = desk.path("framework");
    fs::create_dir(&folder).unwrap();
    for file in ["framework.toml", "indicators.csv", "survey.csv", "choices.csv"] {
        fs::copy(root().join("frameworks/gtmi-2022").join(file), folder.join(file)).unwrap();
    }
    fs::copy(root().join("data/external-indices.csv"), desk.path("external.csv")).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let lines = config.lines().map(|line| match line {
        line if line.contains("frameworks/gtmi-2022\"") => "path = \"framework\"",
        line if line.starts_with("external_indices") => "external_indices = \"external.csv\"",
        line => line,
    });
    fs::write(desk.path("pipeline.toml"), lines.collect::<Vec<_>>().join("\n")).unwrap();
    let replace = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(desk.path(file)).unwrap();
        assert!(text.contains(from), "{from:?} in {file}");
        fs::write(desk.path(file), text.replacen(from, to, 1)).unwrap();
    };
    let publish = || desk.gtmi(&["publish", "--by", "C. Head"]);
    ran(&desk, &["run"]);
    replace("framework/framework.toml", "at_least = 0.75", "at_least = 0.70");
    let early = publish();
    assert_eq!(early.code, 2, "{}", early.stderr);
    assert!(early.stderr.contains("as they are now: KEN (gtmi run first"), "{}", early.stderr);
    ran(&desk, &["run"]);
    assert_eq!(publish().code, 0);
    ran(&desk, &["publish", "--check"]);

    let path = desk.path("out/published-2022.json");
    let document = fs::read(&path).unwrap();
    let told = |expected: &str| {
        let check = desk.gtmi(&["publish", "--check"]);
        assert!(check.code == 1 && check.stderr.contains(expected), "{expected}: {}", check.stderr);
    };
    fs::write(&path, [document.as_slice(), b" "].concat()).unwrap();
    told("published-2022.json: other content");
    fs::remove_file(&path).unwrap();
    told("published-2022.json: gone");
    fs::write(&path, document).unwrap();

    // A table that changes is told of, and what is exported is of one moment until it is run.
    let values = || -> Vec<String> {
        ran(&desk, &["export", "--out", "export", "--format", "csv"]);
        let of_kenya = desk.table("external").into_iter().filter(|row| row["economy"] == "KEN");
        of_kenya.map(|row| format!("{} {} {}", row["index"], row["edition"], row["value"])).collect()
    };
    let before = values();
    let line = fs::read_to_string(desk.path("external.csv")).unwrap();
    let line = line.lines().find(|line| line.starts_with("TII,2022,KEN,")).unwrap().to_owned();
    replace("external.csv", &line, "TII,2022,KEN,0.9999");
    told("as they are now: KEN (gtmi run)");
    assert_eq!(values(), before);
    assert_eq!(
        due(&ran(&desk, &["explain", "KEN"])),
        [
            "these scores may not be the latest: the score of 1 economy is not of the answers, the framework and the tables as they \
          are now: KEN (gtmi run)"
        ]
    );
    ran(&desk, &["run"]);
    assert!(values().contains(&"TII 2022 0.9999".to_owned()));
}

/// What a command said of a run that is due.
fn due(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter(|line| line.contains("gtmi run")).collect()
}

#[test]
fn who_looks_at_scores_is_told_once_that_a_run_is_due_and_shown_what_there_is() {
    const LOOKS: [&[&str]; 4] = [
        &["explain", "KEN", "--json"],
        &["raise", "KEN", "--json"],
        &["compare", "KEN", "--json"],
        &["export", "--out", "export", "--json"],
    ];
    let desk = Desk::with(&["KEN"]);
    fs::create_dir(desk.path("reviews")).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{config}\n[review]\ndir = \"reviews\"\n")).unwrap();
    ran(&desk, &["run"]);
    let before = LOOKS.map(|arguments| ran(&desk, arguments).stdout);
    // What is told, by each of them, in one line; what is shown stays.
    let told = |cause: Option<&str>| {
        for (arguments, shown) in LOOKS.iter().zip(&before) {
            let looked = ran(&desk, arguments);
            let line = cause.map(|cause| format!("these scores may not be the latest: {cause} (gtmi run)"));
            assert_eq!(due(&looked), line.as_slice(), "{arguments:?}");
            assert_eq!(looked.stdout, *shown, "{arguments:?}");
        }
    };
    told(None);

    let file = desk.path("inbox/KEN.xlsx");
    let sent = fs::read(&file).unwrap();
    fs::write(&file, altered(&desk, "KEN", &[("CGSI", "D6", "0")])).unwrap();
    told(Some("inbox/KEN.xlsx waits for a run"));
    fs::write(&file, &sent).unwrap();
    told(None);
    // Where nothing is known of files but their content.
    fs::remove_file(desk.path("out/gtmi.known")).unwrap();
    told(None);
    fs::write(desk.path("inbox/PER.csv"), "new").unwrap();
    told(Some("inbox/PER.csv waits for a run"));
    fs::remove_file(desk.path("inbox/PER.csv")).unwrap();

    fs::copy(desk.path("out/reports/KEN.xlsx"), desk.path("reviews/KEN.xlsx")).unwrap();
    let id = decided(&desk, &["override", "KEN", "I-1", "--answer", "1"]);
    let id = id.stderr.split_whitespace().nth(1).unwrap();
    told(Some(
        "1 decision waits for a run: override KEN I-1 by A. Reviewer; reviews/KEN.xlsx waits for a run",
    ));
    assert_eq!(decided(&desk, &["undo", id]).code, 0);
    told(Some("reviews/KEN.xlsx waits for a run"));
    ran(&desk, &["run"]);
    told(None);
}

#[test]
fn comparisons_say_over_how_many_economies_and_findings_are_in_the_language_of_the_output() {
    let desk = Desk::with(&["KEN"]);
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), config.replace("language = \"en\"", "language = \"fr\"")).unwrap();
    ran(&desk, &["run"]);
    let beside = ran(&desk, &["compare", "KEN"]);
    assert!(beside.stderr.contains("world: 1 of 198 economies"), "{}", beside.stderr);
    ran(&desk, &["export", "--out", "export", "--format", "csv"]);
    let findings = desk.table("findings");
    let broken = findings.iter().find(|row| row["rule"] == "CONSTRAINT-001").unwrap();
    let message = &broken["message"];
    assert!(message.contains("Vous avez choisi") && !message.contains("You chose"), "{message}");
}

#[test]
fn a_table_that_is_read_again_decides_nothing_about_what_was_sent_since() {
    let desk = kenya();
    fs::write(
        desk.path("decisions.csv"),
        "economy,question,decision,answer,reason,reviewer\n\
         KEN,I-6,accept,,fine,A. Reviewer\n\
         KEN,I-1,override,1,announced only,A. Reviewer\n\
         KEN,,return,,two pages are missing,A. Reviewer\n",
    )
    .unwrap();
    let taken = ran(&desk, &["review", "--from", "decisions.csv"]);
    assert!(taken.stderr.contains("2 new, 0 known, 1 finding accepted"), "{}", taken.stderr);
    assert_eq!(desk.gtmi(&["run"]).code, 1, "it was returned");
    ran(&desk, &["review", "withdraw", "KEN", "EVIDENCE-001", "I-6"]);

    fs::write(desk.path("inbox/KEN.xlsx"), altered(&desk, "KEN", &[("CGSI", "D6", "0")])).unwrap();
    ran(&desk, &["run"]);
    let again = ran(&desk, &["review", "--from", "decisions.csv"]);
    assert!(again.stderr.contains("0 new, 3 known, 0 findings accepted"), "{}", again.stderr);
    ran(&desk, &["run"]);
    assert_eq!(found(&desk, "I-6"), ["EVIDENCE-001"]);
    assert!(!desk.table("answers").iter().any(|row| !row["changed_by"].is_empty()));
}

/// The economy gets another code in the table of economies: what reviewers decided about it still counts.
#[test]
fn what_was_decided_follows_an_economy_that_gets_another_code() {
    let desk = kenya();
    let decision = ["override", "KEN", "I-1", "--answer", "1"];
    let bus = decided(&desk, &decision);
    let id = bus.stderr.split_whitespace().nth(1).unwrap().to_owned();
    assert_eq!(decided(&desk, &["accept", "KEN", "EVIDENCE-001", "I-6"]).code, 0);
    assert_eq!(found(&desk, "I-6"), Vec::<String>::new());
    let table = fs::read_to_string(root().join("data/economies.csv")).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let line = config.lines().find(|line| line.starts_with("economies = ")).unwrap();
    fs::write(desk.path("pipeline.toml"), config.replace(line, "economies = \"economies.csv\"")).unwrap();
    let renamed = table.replace("\nKEN,KEN,", "\nKYA,KEN,");
    assert_ne!(table, renamed);
    fs::write(desk.path("economies.csv"), renamed).unwrap();

    let findings = found(&desk, "I-6");
    assert_eq!(findings, Vec::<String>::new(), "accepted under the code of before");
    assert_eq!(answer(&desk, "I-1", "economy"), "KYA");
    assert_eq!(
        (answer(&desk, "I-1", "code"), answer(&desk, "I-1", "changed_by")),
        ("1".to_owned(), id.clone())
    );
    let listed = ran(&desk, &["review", "decisions", "KYA"]);
    assert!(listed.stderr.contains(&id) && listed.stderr.contains("counts"), "{}", listed.stderr);
    let again = decided(&desk, &["override", "KYA", "I-1", "--answer", "1"]);
    assert!(again.code == 0 && again.stderr.contains("on record already"), "{}", again.stderr);
    ran(&desk, &["review", "withdraw", "KYA", "EVIDENCE-001", "I-6"]);
    assert_eq!(decided(&desk, &["undo", &id]).code, 0);
    assert_eq!(found(&desk, "I-6"), ["EVIDENCE-001"]);
    assert_eq!(answer(&desk, "I-1", "code"), "2");

    // A code that nobody has any more: that is said, where decisions are left.
    assert_eq!(decided(&desk, &["override", "KYA", "I-1", "--answer", "0"]).code, 0);
    fs::write(desk.path("economies.csv"), table).unwrap();
    let nobody = desk.gtmi(&["run"]);
    let note = "1 decision of reviewers counts for nobody: no economy has the code KYA any more";
    assert!(nobody.stderr.contains(note), "{}", nobody.stderr);
}

#[test]
fn nothing_is_published_while_an_acceptance_waits_that_changes_what_counts() {
    let desk = kenya();
    fs::write(desk.path("inbox/KEN.xlsx"), altered(&desk, "KEN", &[("CGSI", "D6", "Maybe")])).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(decided(&desk, &["accept", "KEN", "CHOICE-001", "I-1"]).code, 0);
    let early = desk.gtmi(&["publish", "--by", "C. Head"]);
    assert_eq!(early.code, 2, "{}", early.stderr);
    let waits = "1 decision waits for a run: acceptance KEN CHOICE-001 I-1 by A. Reviewer";
    assert!(early.stderr.contains(waits), "{}", early.stderr);
    ran(&desk, &["run"]);
    ran(&desk, &["publish", "--by", "C. Head"]);
}

#[test]
fn an_override_is_told_as_one_also_where_a_table_holds_rows_of_two_waves() {
    let desk = Desk::empty();
    let config = desk.configuration_of_wave("2028").replace("dir = \"out\"", "dir = \"out-2028\"");
    fs::write(desk.path("2028.toml"), config).unwrap();
    let bytes = fs::read(root().join("examples/wave-2022/answers-wide.xlsx")).unwrap();
    let book = reader::read(&bytes, &reader::Limits::default()).unwrap();
    let rows: Vec<_> = book.sheets[0].rows().map(|(_, cells)| cells).collect();
    let columns: Vec<u32> = rows[0].iter().map(|cell| cell.address.column).collect();
    let fields = |at: usize| -> Vec<String> {
        let of = |column: &u32| rows[at].iter().find(|cell| cell.address.column == *column);
        columns.iter().map(|column| of(column).map(|cell| cell.value.display()).unwrap_or_default()).collect()
    };
    // The first economy answers "no" in 2022 and something else in 2028.
    let (headings, first) = (fields(0), fields(1));
    let at = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let (year, key, code) = (at("Year"), at("I-1"), first[at("Code")].clone());
    assert_eq!(first[key], "0");
    let mut later = first.clone();
    (later[year], later[key]) = ("2028".to_owned(), "1".to_owned());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in [&headings, &first, &later] {
        writer.write_record(row).unwrap();
    }
    let table = writer.into_inner().unwrap();
    fs::write(desk.path("inbox/wide.csv"), &table).unwrap();
    fs::write(desk.path("inbox-2028/wide.csv"), &table).unwrap();
    let run = |config: &str| {
        let ran = desk.gtmi(&["run", "--config", config]);
        assert!(ran.code < 2, "{}", ran.stderr);
    };
    run("pipeline.toml");
    run("2028.toml");
    assert_eq!(decided(&desk, &["override", &code, "I-1", "--answer", "2"]).code, 0);
    run("pipeline.toml");
    let runs = ran(&desk, &["runs", "--json"]).json();
    let runs: Vec<&str> = runs.as_array().unwrap().iter().map(|run| run["run"].as_str().unwrap()).collect();
    let told = ran(&desk, &["diff", runs[0], runs[runs.len() - 1]]);
    assert!(told.stderr.contains("(overridden by A. Reviewer: seen on the web)"), "{}", told.stderr);
}
