//! SIGKILL at a chosen call of each stage, in the middle of what it writes.

use super::disk::assert_goes_on;
use super::injector::{self, Fault};
use super::state;
use super::{Scene, some_of};

#[expect(clippy::print_stderr, reason = "the long form tells its figures")]
fn assert_restarts(scene: &Scene) {
    let before = state::content(&scene.desk);
    let undisturbed = scene.again();
    let calls = injector::calls(&undisturbed, scene.arguments);
    let code = undisturbed.gtmi(&["run"]).code;
    let expected = state::content(&undisturbed);
    let points = some_of(1..=u64::try_from(calls.len()).unwrap(), 4);
    for number in &points {
        let when = format!("killed at call {}", calls[usize::try_from(*number).unwrap() - 1]);
        let desk = scene.again();
        let ended = injector::run(&desk, scene.arguments, Fault::Killed, *number);
        assert_eq!(ended.signal, Some(9), "{when}: {ended:?}");
        state::assert_old_or_new(&desk, &before, &expected, &when);
        assert_goes_on(&desk, code, &expected, &when);
    }
    eprintln!("{} killed at {} of {} calls", scene.arguments.join(" "), points.len(), calls.len());
}

#[test]
fn a_first_run_that_is_killed_at_any_call_is_made_good_by_the_next() {
    assert_restarts(&Scene::first());
}

#[test]
fn ingest_that_is_killed_at_any_call_is_made_good_by_the_next_run() {
    assert_restarts(&Scene::stage("ingest"));
}

#[test]
fn validate_that_is_killed_at_any_call_is_made_good_by_the_next_run() {
    assert_restarts(&Scene::stage("validate"));
}

#[test]
fn score_that_is_killed_at_any_call_is_made_good_by_the_next_run() {
    assert_restarts(&Scene::stage("score"));
}

#[test]
fn report_that_is_killed_at_any_call_is_made_good_by_the_next_run() {
    assert_restarts(&Scene::stage("report"));
}

#[test]
fn rows_that_wait_on_the_disk_leave_nothing_when_the_program_is_killed() {
    assert_restarts(&Scene::of_many());
}
