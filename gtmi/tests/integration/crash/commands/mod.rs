//! The commands beside the run: each at a disk that is full or fails, and ended, at each call that changes the disk.
//! What is there is old or new, what was said to be done is done, and the command given again, then the next run, end
//! where an undisturbed command and a run do.

mod decisions;
mod network;
mod outputs;

use std::collections::{BTreeMap, BTreeSet};

use super::disk::{FAULTS, what_is_not_told};
use super::injector::{self, Fault};
use super::state::{self, Content};
use super::{copy, some_of};
use crate::desk::{Desk, collect};

/// A command at a desk where it can be given.
struct Trial {
    desk: Desk,
    arguments: Vec<String>,
    /// Folders beside that of the outputs that it writes to.
    writes: &'static [&'static str],
    /// Whether its rows come into the store all at once.
    at_once: bool,
    /// Tables that tell of attempts rather than of what came out of them.
    of_attempts: &'static [&'static str],
}

/// What is looked at after the command was given again.
type Look<'a> = &'a dyn Fn(&Desk, &str);

impl Trial {
    fn new(desk: Desk, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self { desk, arguments, writes: &[], at_once: true, of_attempts: &[] }
    }

    fn arguments(&self) -> Vec<&str> {
        self.arguments.iter().map(String::as_str).collect()
    }

    fn again(&self) -> Desk {
        let desk = Desk::empty().returning();
        copy(&self.desk.path(""), &desk.path(""));
        desk
    }

    /// Everything that is there, without times.
    fn content(&self, desk: &Desk) -> Content {
        let mut content = state::content(desk);
        content.retain(|path, _| !self.of_attempts.iter().any(|table| path == &format!("table {table}")));
        let others = |path: &String| {
            ["published-", "summary.", "gtmi.fetched/"].iter().any(|start| path.starts_with(start))
        };
        content.extend(desk.outputs().into_iter().filter(|(path, _)| others(path)));
        for folder in self.writes {
            collect(&desk.path(folder), &format!("{folder}/"), &mut content);
        }
        content.retain(|path, _| !state::is_partial(path));
        let texts = content.iter_mut().filter(|(path, _)| !crate::desk::is_workbook(path));
        for (_, bytes) in texts {
            *bytes = without_times(bytes);
        }
        content
    }

    /// Makes every fault at some calls, or all.
    fn survives(&self) {
        self.survives_and(&|_, _| {});
    }

    #[expect(clippy::print_stderr, reason = "the long form tells its figures")]
    fn survives_and(&self, look: Look<'_>) {
        let arguments = self.arguments();
        let before = self.content(&self.desk);
        let undisturbed = self.again();
        let calls = injector::calls(&undisturbed, &arguments);
        let once = self.content(&undisturbed);
        assert!(once != before, "{arguments:?} changes nothing");
        // Given twice, a command may be on record twice.
        assert!(undisturbed.gtmi(&arguments).code <= 1);
        let twice = self.content(&undisturbed);
        let ran_twice = self.after_run(&undisturbed);
        let ran_once = self.again();
        assert!(ran_once.gtmi(&arguments).code <= 1);
        let ran_once = self.after_run(&ran_once);
        look(&undisturbed, "undisturbed");

        let (mut figures, mut untold) = (BTreeMap::<String, u32>::new(), Vec::new());
        let faults: Vec<Fault> = FAULTS.into_iter().chain([Fault::Killed]).collect();
        let points = calls.len() * faults.len();
        for point in some_of(0..=u64::try_from(points - 1).unwrap(), 2) {
            let point = usize::try_from(point).unwrap();
            let (fault, call) = (faults[point % faults.len()], point / faults.len());
            let when = format!("{arguments:?}, {fault:?} at call {}", calls[call]);
            let desk = self.again();
            let ended = injector::run(&desk, &arguments, fault, u64::try_from(call + 1).unwrap());
            let places: Vec<&str> = self.writes.iter().copied().chain(["out"]).collect();
            if fault == Fault::Killed {
                assert_eq!(ended.signal, Some(9), "{when}: {ended:?}");
            } else {
                let lacks = what_is_not_told(&ended, &places);
                untold.extend(lacks.map(|lacks| format!("{when}: {lacks}: {}", ended.stderr)));
            }
            self.assert_old_or_new(&desk, &before, &once, &when);
            if ended.code.is_some_and(|code| code <= 1) {
                state::assert_same(&self.content(&desk), &once, &format!("{when}, said to be done"));
            }
            let again = desk.gtmi(&arguments);
            assert!(again.code <= 1, "{when}, then: {}", again.stderr);
            assert_one_of(&self.content(&desk), [&once, &twice], &when);
            assert_one_of(&self.after_run(&desk), [&ran_once, &ran_twice], &format!("{when}, then run"));
            state::assert_nothing_is_left(&desk, &when);
            self.assert_nothing_is_left(&desk, &when);
            look(&desk, &when);
            *figures.entry(end(&ended)).or_default() += 1;
        }
        eprintln!("{} with {} calls: {figures:?}", arguments.join(" "), calls.len());
        assert!(untold.is_empty(), "{} ends say too little:\n{}", untold.len(), untold.join("\n"));
    }

    /// What is there after the next run.
    fn after_run(&self, desk: &Desk) -> Content {
        let ran = desk.gtmi(&["run"]);
        assert!(ran.code <= 1, "{}", ran.stderr);
        self.content(desk)
    }

    fn assert_old_or_new(&self, desk: &Desk, old: &Content, new: &Content, when: &str) {
        let found = self.content(desk);
        let is_table = |path: &&String| path.starts_with("table ");
        for (path, bytes) in found.iter().filter(|(path, _)| !is_table(path)) {
            let same = [old, new].iter().any(|known| known.get(path) == Some(bytes));
            assert!(same, "{when}: {path} is neither the old one nor the new one");
        }
        let gone: Vec<_> =
            old.keys().filter(|path| new.contains_key(*path) && !found.contains_key(*path)).collect();
        assert!(gone.is_empty(), "{when}: {gone:?} have gone");
        let tables = |content: &Content| -> Content {
            let tables = content.iter().filter(|(path, _)| is_table(path));
            tables.map(|(path, rows)| (path.clone(), rows.clone())).collect()
        };
        if self.at_once {
            assert_one_of(&tables(&found), [&tables(old), &tables(new)], when);
        }
    }

    fn assert_nothing_is_left(&self, desk: &Desk, when: &str) {
        let mut all = BTreeMap::new();
        for folder in self.writes {
            collect(&desk.path(folder), &format!("{folder}/"), &mut all);
        }
        let left: BTreeSet<String> = all.into_keys().filter(|path| state::is_partial(path)).collect();
        assert!(left.is_empty(), "{when}: {left:?}");
    }
}

fn assert_one_of(found: &Content, [one, other]: [&Content; 2], when: &str) {
    if found != one {
        state::assert_same(found, other, when);
    }
}

fn end(ended: &injector::Ended) -> String {
    match (ended.code, ended.signal) {
        (Some(code), _) => format!("exit {code}"),
        (None, signal) => format!("signal {}", signal.unwrap_or_default()),
    }
}

/// The bytes with every time of RFC 3339 in UTC taken out.
fn without_times(bytes: &[u8]) -> Vec<u8> {
    // The length of `2022-11-30T12:00:00`, then a fraction and `Z`.
    const WHOLE: usize = 19;
    let is_time = |bytes: &[u8]| {
        bytes.len() > WHOLE
            && bytes[..WHOLE]
                .iter()
                .zip(b"0000-00-00T00:00:00")
                .all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form })
    };
    let (mut kept, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let Some((first, after)) = rest.split_first() {
        if is_time(rest) {
            let tail =
                rest[WHOLE..].iter().take_while(|byte| **byte == b'.' || byte.is_ascii_digit()).count();
            rest = &rest[WHOLE + tail..];
        } else {
            kept.push(*first);
            rest = after;
        }
    }
    kept
}
