//! `gtmi schedule` in the foreground, and the units for others.

use std::fs::{self, File};
use std::process::Command;

use serde_json::Value;

use super::{signal, small_desk, start, wait_for};
use crate::desk::Desk;
use crate::tools::{is_there, said};

fn desk_with_schedule(schedule: &str) -> Desk {
    let desk = small_desk();
    let text = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{text}\n[schedule]\n{schedule}\n")).unwrap();
    desk
}

fn health(desk: &Desk) -> Option<Value> {
    serde_json::from_slice(&fs::read(desk.path("out/gtmi.health.json")).ok()?).ok()
}

#[test]
fn a_schedule_runs_at_its_times_lives_with_a_held_lock_and_ends_when_told() {
    let desk = desk_with_schedule("cron = \"* * * * * *\"\ntime_zone = \"Africa/Nairobi\"");
    // Somebody else is at work: the run is turned away, the schedule goes on.
    fs::create_dir_all(desk.path("out")).unwrap();
    let lock = File::create(desk.path("out/gtmi.lock")).unwrap();
    lock.lock().unwrap();
    let mut child = start(&desk, &["schedule"]);
    let last = |wanted: i64| {
        wait_for(&format!("a run that exits with {wanted}"), || {
            let health = health(&desk)?;
            (health["last"]["exit_code"].as_i64()? == wanted).then_some(health)
        })
    };
    let locked = last(75);
    assert_eq!(locked["last"]["outcome"], "locked");
    assert!(locked["last"]["error"].as_str().unwrap().contains("another run holds the lock"));
    assert!(locked["last_success_at"].is_null());
    drop(lock);
    let done = last(0);
    assert_eq!(done["last"]["cause"], "schedule");
    assert_eq!(done["time_zone"], "Africa/Nairobi");
    assert!(done["last_success_at"].is_string());
    assert!(desk.path("out/global.xlsx").exists());
    // While the health file cannot be written, runs go on.
    let told = desk.path("out/gtmi.health.json");
    fs::remove_file(&told).unwrap();
    fs::create_dir(&told).unwrap();
    fs::remove_file(desk.path("out/global.xlsx")).unwrap();
    wait_for("a run that nothing is told of", || desk.path("out/global.xlsx").exists().then_some(()));
    wait_for("the place of the health file", || fs::remove_dir(&told).ok());
    last(0);
    signal(&child, "TERM");
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{status}");
    let stopped = health(&desk).unwrap();
    assert_eq!(stopped["state"], "stopped");
    let ledger = desk.gtmi(&["runs", "--json"]).json();
    assert_eq!(ledger[0]["cause"], "schedule");
    // The record is complete wherever the signal fell.
    assert_eq!(desk.gtmi(&["run"]).code, 0);
}

#[test]
fn a_time_that_was_missed_is_caught_up_on_once() {
    let desk = desk_with_schedule("cron = \"0 5 1 1 *\"");
    fs::create_dir_all(desk.path("out")).unwrap();
    let earlier = r#"{"state": "stopped", "process": 1, "cron": "0 5 1 1 *", "time_zone": "UTC",
        "next_at": "2022-01-01T05:00:00Z", "updated_at": null, "last": null, "last_success_at": null}"#;
    fs::write(desk.path("out/gtmi.health.json"), earlier).unwrap();
    // The disk with the questionnaires is away: that is told, and is no error of the run.
    fs::rename(desk.path("inbox"), desk.path("elsewhere")).unwrap();
    let mut child = start(&desk, &["schedule"]);
    let health = wait_for("the run", || health(&desk).filter(|health| !health["last"].is_null()));
    assert_eq!(health["last"]["cause"], "catch-up");
    assert_eq!((&health["last"]["error"], &health["last"]["exit_code"]), (&Value::Null, &1.into()));
    let unreachable = health["last"]["unreachable"].as_object().unwrap();
    assert_eq!(unreachable.len(), 1);
    assert!(unreachable.values().all(|why| why.as_str().unwrap().contains("does not exist")), "{health}");
    let waiting =
        wait_for("the next time", || self::health(&desk).filter(|health| health["state"] == "waiting"));
    assert!(waiting["next_at"].as_str().unwrap().ends_with("-01-01T05:00:00Z"), "{waiting}");
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn without_a_schedule_there_is_nothing_to_wait_for() {
    let desk = Desk::empty();
    let ran = desk.gtmi(&["schedule"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("the configuration has no [schedule]"), "{}", ran.stderr);
}

#[test]
fn systemd_accepts_its_units_and_reads_the_same_times() {
    if !is_there("systemd-analyze", &["--version"], "systemd-analyze") {
        return;
    }
    for (cron, next, after) in [
        // On the first of the month or on a Monday, as cron means it: 2022-11-28 is a Monday.
        ("*/15 6-7 1 * MON", "2022-11-28 06:00:00", "2022-11-25 12:00:00"),
        ("30 5 * * 1-5", "2022-11-28 05:30:00", "2022-11-25 12:00:00"),
        ("0 0 29 2 *", "2024-02-29 00:00:00", "2022-11-25 12:00:00"),
    ] {
        let desk = desk_with_schedule(&format!(
            "cron = \"{cron}\"\ntime_zone = \"Africa/Nairobi\"\njitter_seconds = 300"
        ));
        let ran = desk.gtmi(&["schedule", "--print", "systemd", "--out", "units"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let verified = Command::new("systemd-analyze")
            .args(["verify", "--man=no", "./gtmi.service", "./gtmi.timer"])
            .current_dir(desk.path("units"))
            .output()
            .unwrap();
        assert!(verified.status.success(), "{}", said(&verified));
        assert!(!said(&verified).contains("gtmi"), "{}", said(&verified));
        let timer = fs::read_to_string(desk.path("units/gtmi.timer")).unwrap();
        let calendars: Vec<&str> =
            timer.lines().filter_map(|line| line.strip_prefix("OnCalendar=")).collect();
        let mut moments: Vec<String> = calendars
            .iter()
            .map(|calendar| {
                let read = Command::new("systemd-analyze")
                    .args(["calendar", &format!("--base-time={after}"), calendar])
                    .env("TZ", "Africa/Nairobi")
                    .env("LC_ALL", "C")
                    .output()
                    .unwrap();
                assert!(read.status.success(), "{}", said(&read));
                let text = said(&read);
                let line = text.lines().find(|line| line.contains("Next elapse:")).unwrap();
                line.split_whitespace().skip(3).take(2).collect::<Vec<_>>().join(" ")
            })
            .collect();
        moments.sort();
        assert_eq!(moments[0], next, "{cron}: {calendars:?}");
    }
}

#[test]
fn other_schedulers_get_the_same_times_or_a_reason_why_not() {
    let desk = desk_with_schedule("cron = \"30 5 * * 1-5\"\ntime_zone = \"Africa/Nairobi\"");
    let cron = desk.gtmi(&["schedule", "--print", "cron"]);
    assert_eq!(cron.code, 0, "{}", cron.stderr);
    assert!(cron.stdout.contains("CRON_TZ=Africa/Nairobi\n30 5 * * 1-5 cd "), "{}", cron.stdout);
    let kubernetes = desk.gtmi(&["schedule", "--print", "kubernetes"]);
    for line in
        ["  schedule: \"30 5 * * 1-5\"", "  timeZone: \"Africa/Nairobi\"", "  concurrencyPolicy: Forbid"]
    {
        assert!(kubernetes.stdout.lines().any(|found| found == line), "{line}\n{}", kubernetes.stdout);
    }
    let desk = desk_with_schedule("cron = \"*/10 * * * * *\"");
    let refused = desk.gtmi(&["schedule", "--print", "cron"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("has seconds"), "{}", refused.stderr);
    let desk = desk_with_schedule("cron = \"0 5 L * *\"");
    let refused = desk.gtmi(&["schedule", "--print", "systemd"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("cannot be said as a timer of systemd"), "{}", refused.stderr);
    for cron in ["0 0 L * *", "0 5 15W * *", "0 5 * * MON#1"] {
        let desk = desk_with_schedule(&format!("cron = \"{cron}\""));
        for (system, name) in [("cron", "cron"), ("kubernetes", "Kubernetes")] {
            let refused = desk.gtmi(&["schedule", "--print", system]);
            assert_eq!(refused.code, 2, "{cron}: {}", refused.stdout);
            assert!(refused.stderr.contains(&format!("cannot be said for {name}")), "{}", refused.stderr);
        }
    }
    let both = desk_with_schedule("cron = \"0 5 1-7 * +MON\"\ntime_zone = \"UTC\"");
    assert_eq!(both.gtmi(&["schedule", "--print", "cron"]).code, 2);
    let timer = both.gtmi(&["schedule", "--print", "systemd"]).stdout;
    let calendars: Vec<&str> = timer.lines().filter(|line| line.starts_with("OnCalendar=")).collect();
    assert_eq!(calendars, ["OnCalendar=Mon *-*-01,02,03,04,05,06,07 05:00:00 UTC"]);
    for (cron, expected) in [
        ("0 5 * * 7", "0 5 * * 0"),
        ("0 5 * * 5-7", "0 5 * * 0,5,6"),
        ("0 5 * * FRI-SUN", "0 5 * * 0,5,6"),
        ("0 5 ? * 1", "0 5 * * 1"),
        ("0 5 */10 * 1", "0 5 1,11,21,31 * 1"),
    ] {
        let desk = desk_with_schedule(&format!("cron = \"{cron}\""));
        let printed = desk.gtmi(&["schedule", "--print", "kubernetes"]);
        assert!(printed.stdout.contains(&format!("  schedule: \"{expected}\"\n")), "{}", printed.stdout);
    }
}

#[test]
fn parsers_of_others_read_the_crontab_and_the_cronjob_as_they_are_meant() {
    if !is_there("python3", &["-c", "import cronsim, yaml"], "cronsim and PyYAML") {
        return;
    }
    // The next times from a Friday noon, by the reader of the crontab line and of the manifest.
    let program = "import datetime, json, sys, yaml, zoneinfo, cronsim
def times(expression, zone):
    start = datetime.datetime(2022, 11, 25, 12, tzinfo=zoneinfo.ZoneInfo(zone))
    coming = cronsim.CronSim(expression, start)
    return [next(coming).isoformat() for _ in range(4)]
table = [line for line in open(sys.argv[1]).read().splitlines() if line and not line.startswith('#')]
name, zone = table[0].split('=')
assert name == 'CRON_TZ' and len(table) == 2, table
job = yaml.safe_load(open(sys.argv[2]))
spec = job['spec']
pod = spec['jobTemplate']['spec']['template']['spec']
container = pod['containers'][0]
print(json.dumps({'crontab': times(' '.join(table[1].split()[:5]), zone), 'command': table[1].split(None, 5)[5],
  'cronjob': times(spec['schedule'], spec['timeZone']), 'kind': [job['apiVersion'], job['kind']],
  'concurrency': spec['concurrencyPolicy'], 'restart': pod['restartPolicy'], 'script': container['command'][2],
  'mounts': [mount['name'] for mount in container['volumeMounts']],
  'volumes': [volume['name'] for volume in pod['volumes']]}))";
    for (cron, expected) in [
        ("30 5 * * 1-5", ["2022-11-28T05:30:00+03:00", "2022-11-29T05:30:00+03:00"]),
        ("*/15 6-7 1 * MON", ["2022-11-28T06:00:00+03:00", "2022-11-28T06:15:00+03:00"]),
        ("0 0 29 2 *", ["2024-02-29T00:00:00+03:00", "2028-02-29T00:00:00+03:00"]),
    ] {
        let desk = desk_with_schedule(&format!(
            "cron = \"{cron}\"\ntime_zone = \"Africa/Nairobi\"\njitter_seconds = 300"
        ));
        for system in ["cron", "kubernetes"] {
            assert_eq!(desk.gtmi(&["schedule", "--print", system, "--out", "units"]).code, 0);
        }
        let read = Command::new("python3")
            .args(["-c", program, "units/gtmi.crontab", "units/gtmi-cronjob.yaml"])
            .current_dir(desk.path(""))
            .output()
            .unwrap();
        assert!(read.status.success(), "{}", said(&read));
        let read: Value = serde_json::from_slice(&read.stdout).unwrap();
        assert_eq!(read["crontab"], read["cronjob"]);
        for (index, time) in expected.iter().enumerate() {
            assert_eq!(read["crontab"][index], *time, "{cron}");
        }
        assert_eq!(read["kind"], serde_json::json!(["batch/v1", "CronJob"]));
        assert_eq!((&read["concurrency"], &read["restart"]), (&"Forbid".into(), &"Never".into()));
        assert_eq!(read["mounts"], read["volumes"]);
        // Both commands are what a shell understands.
        for script in [&read["command"], &read["script"]] {
            let checked = Command::new("sh").args(["-n", "-c", script.as_str().unwrap()]).output().unwrap();
            assert!(checked.status.success(), "{script}: {}", said(&checked));
        }
    }
}
