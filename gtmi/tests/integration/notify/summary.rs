//! The summary of a run, and what would be sent.

use std::fs;

use super::{configure, desk, focal_points, plain_mail};
use crate::desk::Desk;

fn summary(desk: &Desk) -> serde_json::Value {
    serde_json::from_slice(&fs::read(desk.path("out/summary.json")).unwrap()).unwrap()
}

#[test]
fn a_run_leaves_a_summary_of_what_is_new_and_the_same_run_the_same_bytes() {
    let first = desk();
    assert_eq!(first.gtmi(&["run"]).code, 1);
    let told = summary(&first);
    assert_eq!(told["counts"]["accepted"], 1);
    assert_eq!(told["counts"]["returned"], 1);
    assert_eq!(told["new"].as_array().unwrap().len(), 2);
    assert_eq!(told["waiting"][0]["economy"], "PER");
    assert_eq!(told["waiting"][0]["errors"], 1);
    assert_eq!(told["refused"][0]["rule"], "FILE-002");
    let page = fs::read_to_string(first.path("out/summary.md")).unwrap();
    assert!(page.starts_with("# GovTech Maturity Index, wave 2022: what is new\n"), "{page}");
    assert!(fs::read_to_string(first.path("out/summary.html")).unwrap().contains("<td>Peru (PER)</td>"));

    // The same inbox at another time.
    let second = Desk::empty().returning();
    for name in ["KEN.xlsx", "PER.xlsx", "notes.xlsx"] {
        fs::copy(first.path("inbox").join(name), second.path("inbox").join(name)).unwrap();
    }
    assert_eq!(second.gtmi(&["run"]).code, 1);
    for name in ["summary.md", "summary.html"] {
        let read = |desk: &Desk| fs::read_to_string(desk.path("out").join(name)).unwrap();
        let without_run =
            |text: String| text.lines().filter(|line| !line.contains("Run ")).collect::<String>();
        assert_eq!(without_run(read(&first)), without_run(read(&second)), "{name}");
    }

    // A summary that is lost or altered is made again, by a run that has nothing else to do.
    let before = first.outputs();
    fs::remove_file(first.path("out/summary.md")).unwrap();
    fs::write(first.path("out/summary.html"), "altered").unwrap();
    assert_eq!(first.gtmi(&["run"]).code, 1);
    assert!(before == first.outputs());

    // A decision of a reviewer is news, and an economy's new group.
    let decided = ["review", "return", "KEN", "--by", "A. Reviewer", "--reason", "the law is older"];
    assert_eq!(first.gtmi(&decided).code, 0);
    assert_eq!(first.gtmi(&["run"]).code, 1);
    let told = summary(&first);
    assert_eq!(told["decisions"][0]["verdict"], "return");
    assert_eq!((&told["new"][0]["economy"], &told["new"][0]["state"]), (&"KEN".into(), &"returned".into()));
    assert_eq!(
        (&told["groups"][0]["economy"], &told["groups"][0]["after"]),
        (&"KEN".into(), &serde_json::Value::Null)
    );
    let page = fs::read_to_string(first.path("out/summary.md")).unwrap();
    assert!(!page.contains("A. Reviewer"), "who decided is no news: {page}");
}

#[test]
fn what_would_be_sent_is_shown_to_the_byte_and_nothing_is_sent_or_written() {
    let desk = desk();
    focal_points(&desk, "PER,enlace@pcm.example,es\n");
    // Nobody listens there, and nobody is asked.
    configure(&desk, &plain_mail(9, "addresses = \"focal-points.csv\"\nreviewers = [\"r@x.example\"]"));
    configure(
        &desk,
        "[notify.webhook]\nurl = \"https://hooks.example/in\"\nsecret_env = \"GTMI_TEST_NO_SUCH_SECRET\"",
    );
    assert_eq!(desk.gtmi(&["ingest"]).code, 1);
    for stage in ["validate", "score", "report"] {
        desk.gtmi(&[stage]);
    }
    let before = desk.outputs();
    let dry = desk.gtmi(&["notify", "--dry-run", "--out", "shown", "--json"]);
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    assert!(before == desk.outputs());
    let messages = dry.json()["messages"].clone();
    let to: Vec<&str> =
        messages.as_array().unwrap().iter().map(|message| message["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["enlace@pcm.example", "r@x.example", "https://hooks.example"]);
    let letter = &messages[0];
    assert!(letter["headers"].as_str().unwrap().contains("To: enlace@pcm.example\n"), "{letter}");
    assert_eq!(letter["language"], "es");
    assert_eq!(letter["attachment"]["sha256"], super::sha256_of(&desk.path("out/feedback/PER.xlsx")));
    let written = fs::read(desk.path("shown/00001.eml")).unwrap();
    assert_eq!(letter["bytes"], written.len());
    assert!(dry.stderr.contains("a dry run: nothing was sent"), "{}", dry.stderr);
    assert!(!desk.path("out/summary.md").exists());
    // A large workbook does not go along, and the letter does not say that it does.
    let shown = Desk::copy_with(&desk, "", |desk| {
        let text = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
        fs::write(
            desk.path("pipeline.toml"),
            text.replace("[notify.webhook]\nurl", "most_attached_kib = 1\n[notify.webhook]\nurl"),
        )
        .unwrap();
        desk.gtmi(&["notify", "--dry-run", "--json"])
    });
    let letter = shown.json()["messages"][0].clone();
    assert!(
        letter["attachment"].is_null() && letter["text"].as_str().unwrap().contains("no va adjunto"),
        "{letter}"
    );
}

#[test]
fn a_source_that_is_away_is_told_once_and_takes_nothing_with_it() {
    let desk = desk();
    desk.gtmi(&["run"]);
    let before = summary(&desk);
    fs::rename(desk.path("inbox"), desk.path("elsewhere")).unwrap();
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("inbox\" does not exist"), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 refused") && ran.stderr.contains("1 returned"), "{}", ran.stderr);
    let told = summary(&desk);
    assert_eq!(told["unreachable"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told["counts"], before["counts"]);
    let page = fs::read_to_string(desk.path("out/summary.md")).unwrap();
    assert!(page.contains("## Sources that could not be read to their end"), "{page}");
    assert_eq!(desk.gtmi(&["status"]).code, 0);
    // The same again is nothing new.
    let outputs = desk.outputs();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert!(outputs == desk.outputs());
    // It is back, goes away once more, and that is new.
    fs::rename(desk.path("elsewhere"), desk.path("inbox")).unwrap();
    desk.gtmi(&["run"]);
    fs::write(desk.path("inbox/more.xlsx"), "no workbook either").unwrap();
    desk.gtmi(&["run"]);
    assert!(summary(&desk)["unreachable"].is_null());
    fs::rename(desk.path("inbox"), desk.path("elsewhere")).unwrap();
    desk.gtmi(&["run"]);
    assert_eq!(summary(&desk)["unreachable"].as_array().unwrap().len(), 1);
}

#[test]
fn a_source_that_is_away_a_second_time_is_told_a_second_time() {
    let desk = desk();
    // Nobody listens there.
    configure(&desk, &plain_mail(1, "reviewers = [\"r@x.example\"]"));
    desk.gtmi(&["run"]);
    for told in [2, 3, 4] {
        fs::rename(desk.path("inbox"), desk.path("elsewhere")).unwrap();
        desk.gtmi(&["run"]);
        desk.gtmi(&["run"]);
        assert_eq!(super::listed(&desk).len(), told);
        fs::rename(desk.path("elsewhere"), desk.path("inbox")).unwrap();
        desk.gtmi(&["run"]);
        assert_eq!(super::listed(&desk).len(), told);
    }
}

#[test]
fn a_refused_file_that_is_sent_again_is_told_again() {
    let desk = desk();
    configure(&desk, &plain_mail(1, "attempts = 1\nreviewers = [\"r@x.example\"]"));
    let broken = fs::read(desk.path("inbox/notes.xlsx")).unwrap();
    fs::remove_file(desk.path("inbox/notes.xlsx")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    let mut messages = Vec::new();
    for _ in 0..3 {
        fs::write(desk.path("inbox/notes.xlsx"), &broken).unwrap();
        assert_eq!(desk.gtmi(&["run"]).code, 1);
        let told = summary(&desk);
        assert_eq!(told["refused"].as_array().unwrap().len(), 1);
        messages.push(super::listed(&desk).len());
        assert_eq!(desk.gtmi(&["run"]).code, 1);
        fs::remove_file(desk.path("inbox/notes.xlsx")).unwrap();
        assert_eq!(desk.gtmi(&["run"]).code, 1);
    }
    assert_eq!(messages, [2, 3, 4]);
}
