//! The ledger: every run that did something or failed, and no other.

use std::fs;

use super::small_desk;

#[test]
fn runs_that_did_something_or_failed_are_in_the_ledger_and_idle_ones_are_not() {
    let desk = small_desk();
    assert!(desk.gtmi(&["runs"]).stderr.contains("no run did anything yet"));
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let before = desk.outputs();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert!(desk.outputs() == before, "an idle run wrote something");
    // A folder where the reports are to go stands in the way.
    fs::remove_file(desk.path("out/reports/PER.xlsx")).unwrap();
    fs::create_dir(desk.path("out/reports/PER.xlsx")).unwrap();
    let failed = desk.gtmi(&["run"]);
    assert_eq!(failed.code, 70, "{}", failed.stderr);
    fs::remove_dir(desk.path("out/reports/PER.xlsx")).unwrap();
    assert_eq!(desk.gtmi(&["report"]).code, 0);

    let runs = desk.gtmi(&["runs", "--json"]);
    assert_eq!(runs.code, 0, "{}", runs.stderr);
    let rows = runs.json();
    let rows = rows.as_array().unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row["cause"].as_str(), row["outcome"].as_str())).collect();
    assert_eq!(
        told,
        [(Some("command"), Some("done")), (Some("command"), Some("failed")), (Some("stage"), Some("done"))]
    );
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("out/run.json")).unwrap()).unwrap();
    for key in ["inputs", "outputs", "stages", "config_sha256"] {
        assert_eq!(rows[0][key], record[key], "{key}");
    }
    assert_eq!(rows[0]["run"], record["id"]);
    assert_eq!(rows[0]["framework_sha256"], record["framework"]["sha256"]);
    assert_eq!(rows[1]["exit_code"], 70);
    assert!(rows[1]["error"].as_str().unwrap().contains("PER.xlsx"), "{}", rows[1]);
    // What the stages before the failure did, is told.
    assert_eq!(rows[1]["stages"].as_array().unwrap().len(), 3);
    assert_eq!(desk.gtmi(&["runs", "--last", "1", "--json"]).json().as_array().unwrap().len(), 1);
}

#[test]
fn figures_for_prometheus_are_written_after_every_run() {
    let desk = small_desk();
    let text = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{text}\n[metrics]\ntextfile = \"node/gtmi.prom\"\n"))
        .unwrap();
    let figures = || fs::read_to_string(desk.path("node/gtmi.prom")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let first = figures();
    for line in [
        "gtmi_last_run_exit_code{wave=\"2022\"} 0",
        "gtmi_submissions{wave=\"2022\",state=\"accepted\"} 2",
        "gtmi_stage_done{wave=\"2022\",stage=\"score\"} 2",
    ] {
        assert!(first.lines().any(|found| found == line), "{line}\n{first}");
    }
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert!(figures().contains("gtmi_stage_unchanged{wave=\"2022\",stage=\"score\"} 2"));

    // Also after one that did not come so far as to begin.
    let success = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("gtmi_last_success_timestamp_seconds"));
        line.unwrap().to_owned()
    };
    let good = figures();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::create_dir(desk.path("empty")).unwrap();
    let framework = config.lines().find(|line| line.contains("frameworks/gtmi-2022\"")).unwrap();
    fs::write(desk.path("pipeline.toml"), config.replace(framework, "path = \"empty\"")).unwrap();
    let code = desk.gtmi(&["run"]).code;
    assert!(code > 1, "{code}");
    assert!(
        figures().contains(&format!("gtmi_last_run_exit_code{{wave=\"2022\"}} {code}\n")),
        "{}",
        figures()
    );
    for wrong in
        [config.replace(framework, "path = \"away\""), config.replace("wave = 2022", "wave = 2022\nwawe = 1")]
    {
        fs::write(desk.path("node/gtmi.prom"), &good).unwrap();
        fs::write(desk.path("pipeline.toml"), wrong).unwrap();
        assert_eq!(desk.gtmi(&["run"]).code, 2);
        assert!(figures().contains("gtmi_last_run_exit_code{wave=\"2022\"} 2\n"), "{}", figures());
        assert_eq!(success(&figures()), success(&good));
    }
    fs::write(desk.path("pipeline.toml"), config).unwrap();
    fs::write(desk.path("node/gtmi.prom"), &good).unwrap();
    assert_eq!(desk.gtmi(&["run", "--dry-run", "--economy", "ZZZ"]).code, 2);
    assert!(figures() == good, "a dry run is no run");
    assert_eq!(desk.gtmi(&["run", "--economy", "ZZZ"]).code, 2);
    assert!(figures().contains("gtmi_last_run_exit_code{wave=\"2022\"} 2\n"), "{}", figures());
    fs::write(desk.path("out/gtmi.db"), vec![b'x'; 8192]).unwrap();
    let away = ("gtmi_unreachable_sources{wave=\"2022\"} 0", "gtmi_unreachable_sources{wave=\"2022\"} 3");
    fs::write(desk.path("node/gtmi.prom"), good.replace(away.0, away.1)).unwrap();
    let code = desk.gtmi(&["run"]).code;
    assert_eq!(code, 70);
    let damaged = figures();
    assert!(damaged.contains("gtmi_last_run_exit_code{wave=\"2022\"} 70\n"), "{damaged}");
    assert!(!damaged.contains("gtmi_submissions"), "{damaged}");
    assert!(
        damaged.contains("gtmi_unreachable_sources{wave=\"2022\"} 3\n"),
        "what was found last stands: {damaged}"
    );
    assert_eq!(success(&damaged), success(&good));
}

#[test]
fn a_line_of_the_log_names_the_run() {
    let desk = small_desk();
    let ran = desk.gtmi(&["run", "-vv", "--log-format", "json"]);
    assert_eq!(ran.code, 0);
    let attempt = desk.gtmi(&["runs", "--json"]).json()[0]["attempt"].clone();
    let lines: Vec<serde_json::Value> =
        ran.stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let scored: Vec<_> = lines.iter().filter(|line| line["message"] == "scored").collect();
    assert_eq!(scored.len(), 2);
    for line in scored {
        assert_eq!(line["span"]["id"], attempt, "{line}");
        assert!(line["submission"].is_i64(), "{line}");
    }
}
