//! The wish to end: SIGINT (the key on the terminal), SIGTERM (the system) and SIGHUP (the terminal is gone) are noted here, and
//! whoever works looks between two units. What was finished is kept; a unit that is not finished leaves nothing.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use pipeline::Exit;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// The signal that came, 0 for none. Signals reach a whole process, so there is one for all.
static CAME: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// Notes signals from now on instead of dying of them; a second one ends the process at once.
pub(crate) fn listen() -> io::Result<()> {
    if CAME.get().is_some() {
        return Ok(());
    }
    let came = Arc::clone(CAME.get_or_init(Arc::default));
    let again = Arc::new(AtomicBool::new(false));
    for (signal, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
        // The order counts: the first signal finds the flag down and raises it.
        flag::register_conditional_shutdown(signal, exit.code().into(), Arc::clone(&again))?;
        flag::register(signal, Arc::clone(&again))?;
        flag::register_usize(signal, Arc::clone(&came), usize::from(exit.code()))?;
    }
    // The shell and the system both say that a terminal is gone: a second time is no haste. Whoever is to go on without one
    // (nohup) goes on.
    if !fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status)) {
        flag::register_usize(SIGHUP, came, Exit::Terminated.code().into())?;
    }
    Ok(())
}

/// Whether the system's account of this process says that it was started without an ear for SIGHUP.
fn ignores_hangup(status: &str) -> bool {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let signals = ignored.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
    signals.is_some_and(|signals| signals & (1 << (SIGHUP - 1)) != 0)
}

/// How to exit, if a signal asked to.
pub(crate) fn asked() -> Option<Exit> {
    let came = CAME.get()?.load(Ordering::SeqCst);
    [Exit::Interrupted, Exit::Terminated].into_iter().find(|exit| usize::from(exit.code()) == came)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_started_to_go_on_without_a_terminal_is_known() {
        let status =
            |mask: &str| format!("SigBlk:\t0000000000000001\nSigIgn:\t{mask}\nSigCgt:\t0000000000000001\n");
        let masks = ["0000000000000001", "0000000000001001", "0000000000001000", "-"];
        assert_eq!(masks.map(|mask| ignores_hangup(&status(mask))), [true, true, false, false]);
        assert!(!ignores_hangup(""));
    }
}
