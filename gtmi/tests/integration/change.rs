//! Change between runs and waves: attributed, adding up, honest about what is not known.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, root};

/// Replaces `from` in a file; it must be there.
fn replace(desk: &Desk, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(desk.path(file)).unwrap();
    assert!(text.contains(from), "{from:?} is not in {file}");
    fs::write(desk.path(file), text.replace(from, to)).unwrap();
}

/// A desk with the twelve questionnaires of the examples and its own tables of external indices and answers.
fn with_own_tables() -> Desk {
    let desk = Desk::with_examples();
    fs::remove_file(desk.path("inbox/answers-wide.xlsx")).unwrap();
    let data = root().canonicalize().unwrap().join("data");
    for table in ["external-indices.csv", "external-editions.csv", "answers-2022.csv"] {
        fs::copy(data.join(table), desk.path(table)).unwrap();
        replace(&desk, "pipeline.toml", &format!("\"{}/{table}\"", data.display()), &format!("\"{table}\""));
    }
    desk
}

/// Puts another answer of an economy into its row of coded answers.
fn answer(desk: &Desk, economy: &str, question: &str, code: &str) {
    let mut reader = csv::Reader::from_path(desk.path("answers-2022.csv")).unwrap();
    let headings = reader.headers().unwrap().clone();
    let column = headings.iter().position(|heading| heading == question).unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).unwrap();
    for record in reader.records().map(Result::unwrap) {
        let changed = |(at, value)| if at == column && &record[0] == economy { code } else { value };
        writer.write_record(record.iter().enumerate().map(changed)).unwrap();
    }
    fs::write(desk.path("answers-2022.csv"), writer.into_inner().unwrap()).unwrap();
}

fn done(desk: &Desk, arguments: &[&str]) -> String {
    let ran = desk.gtmi(arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
    ran.stderr
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The change of an id in an economy's entry.
fn change<'a>(economy: &'a Value, id: &str) -> &'a Value {
    economy["changes"].as_array().unwrap().iter().find(|change| change["id"] == id).unwrap()
}

fn assert_near(found: &Value, expected: f64) {
    assert!((number(found) - expected).abs() <= 1e-12, "{found}, not {expected}");
}

/// Every change that is split adds up.
fn assert_adds_up(document: &Value) {
    for economy in document["changed"].as_array().unwrap() {
        for change in economy["changes"].as_array().unwrap() {
            let Some(causes) = change["causes"].as_object() else { continue };
            let sum: f64 = causes.values().map(number).sum();
            assert!((sum - number(&change["change"])).abs() <= 1e-12, "{} {change}", economy["economy"]);
        }
    }
}

#[test]
fn files_that_are_judged_otherwise_by_another_framework_are_told_apart_from_files_that_changed() {
    let desk = Desk::with(&["KEN", "PER"]);
    let bundled = root().canonicalize().unwrap().join("frameworks/gtmi-2022");
    fs::create_dir(desk.path("framework")).unwrap();
    for entry in fs::read_dir(&bundled).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), desk.path("framework").join(entry.file_name())).unwrap();
    }
    replace(&desk, "pipeline.toml", &format!("\"{}\"", bundled.display()), "\"framework\"");
    done(&desk, &["run"]);

    // What Kenya chose from a list is called otherwise from now on.
    let label = ["\"Yes, a platform is in use\"", "\"Yes, it works\""];
    replace(&desk, "framework/choices.csv", label[0], label[1]);
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let told = "\"KEN.xlsx\" was accepted before and is returned now, although it is the same";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert!(!desk.gtmi(&["run"]).stderr.contains("although"), "it is told once");

    // Also where all are looked at once more after their links were opened.
    replace(&desk, "framework/choices.csv", label[1], label[0]);
    done(&desk, &["run"]);
    replace(&desk, "framework/choices.csv", label[0], label[1]);
    let validated = desk.gtmi(&["validate", "--check-links"]);
    assert!(validated.code == 1 && validated.stderr.contains(told), "{}", validated.stderr);

    // What a reviewer returns is told as that.
    replace(&desk, "framework/choices.csv", label[1], label[0]);
    done(&desk, &["run"]);
    let author = ["--by", "A. Reviewer", "--reason", "please attach the decree"];
    done(&desk, &[&["review", "return", "KEN"], &author[..]].concat());
    let run = desk.gtmi(&["run"]);
    assert!(run.code == 1 && !run.stderr.contains("although"), "{}", run.stderr);

    // Whose file goes back has no score in the wave, although one was published for it.
    let diff = desk.gtmi(&["diff", "--waves", "2020", "2022", "--json"]).json();
    assert_eq!((&diff["from"]["economies"], &diff["to"]["economies"]), (&198.into(), &1.into()));
    // As another wave than the one that is run it has them: that is said, lest unequal ones are compared unseen.
    assert_eq!((&diff["from"]["left_out"], &diff["to"]["left_out"]), (&0.into(), &197.into()));
    let said = desk.gtmi(&["diff", "--waves", "2020", "2022"]).stderr;
    let sides = [
        "from wave 2020 (198 economies, published scores, imported)",
        "to   wave 2022 (1 economy, computed; 197 with published scores alone are left out, as this wave is computed)",
    ];
    assert!(sides.iter().all(|side| said.contains(side)), "{said}");
    let changed = diff["changed"].as_array().unwrap();
    assert!(changed.len() == 1 && changed[0]["economy"] == "PER", "{diff}");
    assert!(diff["gone"].as_array().unwrap().contains(&"KEN".into()), "{}", diff["gone"]);
    done(&desk, &["export", "--out", "export", "--format", "csv"]);
    let compared = desk.table("comparison").into_iter().filter(|row| row["economy"] == "KEN");
    let to: Vec<String> = compared.map(|row| row["to_wave"].clone()).collect();
    assert!(!to.contains(&"2022".to_owned()), "{to:?}");

    // Between waves that do not compare no difference is taken.
    let waves = "between = [2022, 2025]";
    replace(&desk, "framework/framework.toml", waves, &format!("{waves}\nverdict = \"no\""));
    let beside = desk.gtmi(&["compare", "PER", "--with", "world", "--json"]);
    assert_eq!(beside.code, 0, "{}", beside.stderr);
    let told = "CGSI     2022 to 2025 as published: these do not compare, so no difference is taken";
    assert!(beside.stderr.contains(told), "{}", beside.stderr);
    let all = beside.json()["comparators"][0]["changes"].clone();
    let of = |change: &&Value| change["id"] == "CGSI" && change["to_wave"] == 2025;
    let change = all.as_array().unwrap().iter().find(of).unwrap();
    assert_eq!((&change["by"], &change["mean"]), (&Value::Null, &Value::Null));
}

#[test]
fn an_earlier_version_that_is_put_back_is_in_force_again() {
    let desk = with_own_tables();
    let (inbox, first) = (desk.path("inbox/KEN.xlsx"), fs::read(desk.path("inbox/KEN.xlsx")).unwrap());
    // What is told of Kenya: its report and its marked return.
    let told =
        || ["out/reports/KEN.xlsx", "out/feedback/KEN.xlsx"].map(|path| fs::read(desk.path(path)).unwrap());
    done(&desk, &["run"]);
    let at_first = told();
    answer(&desk, "KEN", "I-4", "2");
    done(&desk, &["demo", "--out", "inbox", "--economy", "KEN", "--force"]);
    done(&desk, &["run"]);
    assert!(told().iter().zip(&at_first).all(|(now, before)| now != before));

    fs::write(&inbox, first).unwrap();
    let back = desk.gtmi(&["run"]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    let note = "\"KEN.xlsx\" holds what was received before; it counts as the latest";
    assert!(back.stdout.contains(note) || back.stderr.contains(note), "{}{}", back.stdout, back.stderr);
    assert!(told() == at_first, "the report and the marked return are those of the first version");
    let trail = desk.gtmi(&["review", "trail", "KEN"]).stderr;
    let step = trail.lines().last().unwrap();
    assert!(step.contains("received-again") && step.ends_with("ingest: KEN.xlsx"), "{trail}");
    let again = desk.gtmi(&["run"]);
    assert!(
        again.stdout.contains("nothing changed") || again.stderr.contains("nothing changed"),
        "{}",
        again.stdout
    );
}

#[test]
fn a_changed_workbook_and_a_new_edition_are_told_apart_between_runs() {
    let desk = with_own_tables();
    // First with an earlier edition of an index, in which Kenya had another value.
    let editions = fs::read_to_string(desk.path("external-editions.csv")).unwrap();
    fs::write(desk.path("external-editions.csv"), format!("{editions}TII,2020,0,1,UN 2020,CC BY 4.0\n"))
        .unwrap();
    let indices = fs::read_to_string(desk.path("external-indices.csv")).unwrap();
    let kenya = "TII,2022,KEN,0.4305\n";
    assert!(indices.contains(kenya));
    let earlier = indices.replace(kenya, "TII,2022,KEN,0.3305\n").replace("TII,2022,", "TII,2020,");
    fs::write(desk.path("external-indices.csv"), earlier).unwrap();
    done(&desk, &["run"]);
    assert_eq!(desk.gtmi(&["diff"]).code, 2, "there is one run only");

    // Kenya sends its questionnaire again with a service bus in use, and the new edition comes out.
    answer(&desk, "KEN", "I-4", "2");
    done(&desk, &["demo", "--out", "inbox", "--economy", "KEN", "--force"]);
    fs::write(desk.path("external-indices.csv"), indices).unwrap();
    done(&desk, &["run"]);
    let before = desk.outputs();

    let diff = desk.gtmi(&["diff", "--json"]);
    assert_eq!(diff.code, 0, "{}", diff.stderr);
    let document = diff.json();
    assert_adds_up(&document);
    assert_eq!(
        (document["changed"].as_array().unwrap().len(), &document["unchanged"]),
        (1, &Value::from(11))
    );
    let economy = &document["changed"][0];
    assert_eq!(economy["economy"], "KEN");
    // 6 of 12 points more for I-4; 0.1 more of the index, which gives 12 points; 243 in all, one of four.
    let subindex = change(economy, "CGSI");
    assert_near(&subindex["causes"]["correction"], 6.0 / 243.0);
    assert_near(&subindex["causes"]["external-index"], 1.2 / 243.0);
    assert_near(&subindex["change"], 7.2 / 243.0);
    let composite = change(economy, "GTMI");
    assert_near(&composite["causes"]["correction"], 6.0 / 243.0 / 4.0);
    assert_near(&composite["causes"]["external-index"], 1.2 / 243.0 / 4.0);
    for cause in ["answers", "instrument", "source"] {
        assert_eq!(composite["causes"][cause], 0.0, "{cause} did not act: 0 is known");
    }
    assert_eq!(composite["comparable"], "yes");
    let questions: Vec<_> = economy["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["question"].as_str().unwrap())
        .collect();
    assert_eq!(questions, ["I-4", "I-16"]);
    assert_near(&document["sums"]["GTMI"]["change"], 7.2 / 243.0 / 4.0);
    assert_eq!((&document["groups"]["same"], &document["groups"]["up"]), (&Value::from(11), &Value::from(1)));

    let text = diff.stderr;
    for expected in [
        "1 economy changed, 11 unchanged",
        "KEN Kenya, group B → A",
        "CGSI     0.755",
        "+0.029630      +0.024691      +0.004938  yes",
        "correction (KEN.xlsx was sent again)",
        "I-4       1 → 2, points 6 of 12 → 12 of 12",
        "I-16      0.3305 → 0.4305, points 3.966 of 12 → 5.166 of 12 (TII, edition 2020 → 2022)",
        "1 up, 11 same, 0 down",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in\n{text}");
    }

    // Runs are named by their ids; looking changes nothing; a run without news records nothing.
    let (from, to) = (document["from"]["run"].as_str().unwrap(), document["to"]["run"].as_str().unwrap());
    assert_ne!(from, to);
    assert_eq!(desk.gtmi(&["diff", &from[..6], to, "--json"]).json(), document);
    let back = desk.gtmi(&["diff", to, from, "--json"]).json();
    assert_near(&change(&back["changed"][0], "CGSI")["causes"]["correction"], -6.0 / 243.0);
    assert!(done(&desk, &["run"]).contains("nothing changed since the last run"));
    assert!(desk.outputs() == before, "a file changed");
    assert_eq!(desk.gtmi(&["diff", "--json"]).json(), document);
    let other = desk.gtmi(&["diff", "--economy", "PER", "--json"]).json();
    assert_eq!((other["changed"].as_array().unwrap().len(), &other["unchanged"]), (0, &Value::from(1)));
}

#[test]
fn what_a_reviewer_overrode_is_told_apart_from_what_was_sent_again() {
    let desk = with_own_tables();
    done(&desk, &["run"]);
    let author = |reason| ["--by", "A. Reviewer", "--reason", reason];
    let given = done(
        &desk,
        &[&["review", "override", "KEN", "I-1", "--answer", "1"], &author("not in use")[..]].concat(),
    );
    let id = given.split_whitespace().nth(1).unwrap();
    done(&desk, &["run"]);
    let diff = desk.gtmi(&["diff", "--json"]);
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let told = lines(&diff.stderr);
    assert!(told.contains(&"correction".to_owned()), "{told:#?}");
    let question = told.iter().find(|line| line.starts_with("I-1 ")).unwrap_or_else(|| panic!("{told:#?}"));
    assert!(question.ends_with("(overridden by A. Reviewer: not in use)"), "{question}");
    let question = &diff.json()["changed"][0]["questions"][0];
    assert_eq!((&question["question"], &question["decided"]["how"]), (&"I-1".into(), &"overridden".into()));

    // The override is undone, and another answer comes in a new file.
    let undo = ["review", "undo", id, "--by", "B. Other", "--reason", "it is in use"];
    done(&desk, &undo);
    done(&desk, &["run"]);
    let text = desk.gtmi(&["diff"]).stderr;
    let expected = "(B. Other undid the override by A. Reviewer: it is in use)";
    assert!(text.contains(expected) && !text.contains("sent again"), "{text}");
    done(&desk, &[&["review", "override", "KEN", "I-1", "--answer", "0"], &author("off")[..]].concat());
    answer(&desk, "KEN", "I-4", "2");
    done(&desk, &["demo", "--out", "inbox", "--economy", "KEN", "--force"]);
    done(&desk, &["run"]);
    let diff = desk.gtmi(&["diff"]);
    let told = lines(&diff.stderr);
    assert!(told.contains(&"correction (KEN.xlsx was sent again)".to_owned()), "{told:#?}");
    let of = |id: &str| told.iter().find(|line| line.starts_with(id)).unwrap().clone();
    assert!(of("I-1 ").ends_with("(overridden by A. Reviewer: off)"), "{told:#?}");
    assert!(of("I-4 ").ends_with("12 of 12"), "{told:#?}");
}

#[test]
fn for_published_waves_only_the_total_and_the_comparability_are_known() {
    let desk = Desk::after_run();
    let document = desk.gtmi(&["diff", "--waves", "2022", "2025", "--economy", "KEN", "--json"]).json();
    assert_eq!(
        (&document["from"]["imported"], &document["to"]["imported"]),
        (&Value::from(0), &Value::from(197))
    );
    let economy = &document["changed"][0];
    let composite = change(economy, "GTMI");
    assert_eq!(composite["comparable"], "partly");
    assert!(composite["causes"].is_null(), "not known is not 0");
    assert_eq!(composite["not_split"], "scores-only");
    assert_near(&composite["change"], number(&composite["to"]) - number(&composite["from"]));
    assert!(
        composite["reason"].as_str().unwrap().contains("I-40, I-41: The construct was replaced after 2022")
    );
    // Everybody was collected remotely in 2020: the change of source is known, its size is not.
    let document = desk.gtmi(&["diff", "--waves", "2020", "2022", "--economy", "KEN", "--json"]).json();
    assert_eq!(document["changed"][0]["source_changed"], true);
    let reason = change(&document["changed"][0], "GTMI")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("from public sources in 2020, by survey in 2022"), "{reason}");
}

#[test]
fn transitions_between_groups_agree_with_the_published_counts() {
    let desk = Desk::after_run();
    // Published: A/B/C/D 43/59/63/33 in 2020, 69/46/53/30 in 2022, 80/42/47/28 in 2025.
    for (from, to, rows, columns) in [
        ("2020", "2022", [43, 59, 63, 33], [69, 46, 53, 30]),
        ("2022", "2025", [69, 46, 53, 30], [80, 42, 47, 28]),
    ] {
        let diff = desk.gtmi(&["diff", "--waves", from, to, "--json"]);
        let groups = &diff.json()["groups"];
        let counts: Vec<Vec<u64>> = serde_json::from_value(groups["counts"].clone()).unwrap();
        let sum = |at: usize, by_row: bool| -> u64 {
            (0..4).map(|other| if by_row { counts[at][other] } else { counts[other][at] }).sum()
        };
        for at in 0..4 {
            assert_eq!(sum(at, false), columns[at], "{to}");
            // One economy has no scores in 2025 and stands in no cell.
            let lost = u64::from(to == "2025" && sum(at, true) + 1 == rows[at]);
            assert_eq!(sum(at, true) + lost, rows[at], "{from}");
        }
        let moved = ["up", "same", "down", "one_sided"].map(|key| groups[key].as_u64().unwrap());
        assert_eq!(moved.iter().sum::<u64>(), 198);
        assert!(diff.stderr.contains("group      → A   → B   → C   → D"), "{}", diff.stderr);
    }
}

#[test]
fn the_exported_comparison_states_verdict_reason_and_origin() {
    let desk = Desk::after_run();
    done(&desk, &["export", "--out", "export"]);
    let rows = desk.table("comparison");
    // Composite and four subindexes of 198 economies from 2020 to 2022 and of 197 from 2022 to 2025.
    assert_eq!(rows.len(), 5 * (198 + 197));
    for row in &rows {
        let score = |name: &str| row[name].parse::<f64>().unwrap();
        assert!((score("to_score") - score("from_score") - score("change")).abs() <= 1e-15);
        assert!(["yes", "no", "partly"].contains(&row["comparable"].as_str()) && !row["reason"].is_empty());
        assert_eq!(row["due_to_answers"], "", "not known, not 0");
        let origins = (row["from_origin"].as_str(), row["to_origin"].as_str());
        let expected =
            if row["to_wave"] == "2022" { ("imported", "computed") } else { ("computed", "imported") };
        assert_eq!(origins, expected);
    }
    let imported = desk.table("imported_scores");
    assert_eq!(imported.len(), 5 * 593);
    assert!(imported.iter().all(|row| row["licence"] == "CC BY 4.0" && !row["source"].is_empty()));
}

#[test]
fn the_next_wave_is_started_run_and_compared_with_this_one() {
    let desk = with_own_tables();
    let bundled = root().canonicalize().unwrap().join("frameworks/gtmi-2022");
    done(&desk, &["run"]);
    let start =
        ["framework", "new", "--from", "gtmi-2022", "--wave", "2028", "--out", "frameworks/gtmi-2028"];
    let started = done(&desk, &start);
    assert!(started.contains("started gtmi-2028 for wave 2028"), "{started}");
    assert_eq!(desk.gtmi(&start).code, 2, "a framework is never overwritten");
    let check = desk.gtmi(&["framework", "check", "frameworks/gtmi-2028", "--json"]);
    assert_eq!(check.code, 0, "{}", check.stderr);
    assert_eq!(check.json()["problems"], Value::Array(vec![]));

    // In 2028, Kenya has a service bus in use, and I-2 counts twice as much.
    let survey = fs::read_to_string(desk.path("frameworks/gtmi-2028/survey.csv")).unwrap();
    let doubled: Vec<String> = survey
        .lines()
        .map(|line| match line.strip_suffix("level,6,") {
            Some(rest) if line.starts_with("select_one framework_status,I-2,") => format!("{rest}level,12,"),
            _ => line.to_owned(),
        })
        .collect();
    assert!(survey.trim_end() != doubled.join("\n"), "the row of I-2 was not found");
    fs::write(desk.path("frameworks/gtmi-2028/survey.csv"), doubled.join("\n") + "\n").unwrap();
    // The answers to try with hold no evidence.
    replace(&desk, "frameworks/gtmi-2028/framework.toml", "blocking_from = 2028", "blocking_from = 2031");
    replace(&desk, "pipeline.toml", &format!("\"{}\"", bundled.display()), "\"frameworks/gtmi-2028\"");
    replace(&desk, "pipeline.toml", "wave = 2022", "wave = 2028");
    replace(&desk, "pipeline.toml", "\"inbox\"", "\"inbox-2028\"");
    answer(&desk, "KEN", "I-4", "2");
    fs::create_dir(desk.path("inbox-2028")).unwrap();
    done(&desk, &["demo", "--out", "inbox-2028", "--economy", "KEN,PER"]);
    done(&desk, &["run"]);

    let diff = desk.gtmi(&["diff", "--waves", "2022", "2028", "--json"]);
    assert_eq!(diff.code, 0, "{}", diff.stderr);
    let document = diff.json();
    assert_adds_up(&document);
    let economies = document["changed"].as_array().unwrap();
    assert_eq!(economies.len(), 2);
    assert_eq!(document["gone"].as_array().unwrap().len(), 10 + 186, "economies of 2022 without answers yet");
    let kenya = economies.iter().find(|economy| economy["economy"] == "KEN").unwrap();
    let subindex = change(kenya, "CGSI");
    assert!(number(&subindex["causes"]["answers"]) > 0.0);
    assert!(number(&subindex["causes"]["instrument"]).abs() > 1e-6);
    for cause in ["correction", "external-index", "source"] {
        assert_eq!(subindex["causes"][cause], 0.0, "{cause}");
    }
    // Nothing but the points of I-2 moved Peru.
    let peru = economies.iter().find(|economy| economy["economy"] == "PER").unwrap();
    let subindex = change(peru, "CGSI");
    assert_near(&subindex["causes"]["instrument"], number(&subindex["change"]));
    done(&desk, &["export", "--out", "export"]);
    let rows = desk.table("comparison");
    let indicator = rows
        .iter()
        .find(|row| row["economy"] == "KEN" && row["id"] == "I-4" && row["from_wave"] == "2022")
        .unwrap();
    assert_eq!((indicator["comparable"].as_str(), indicator["from_origin"].as_str()), ("yes", "computed"));
    assert!(indicator["due_to_answers"].parse::<f64>().unwrap() > 0.0);
    // Beside it stands the change since the published wave between, of which only the total is known.
    let published = |row: &&std::collections::BTreeMap<String, String>| {
        row["economy"] == "KEN" && row["id"] == "GTMI" && row["from_wave"] == "2025"
    };
    let published = rows.iter().find(published).unwrap();
    assert_eq!((published["to_wave"].as_str(), published["due_to_answers"].as_str()), ("2028", ""));
}
