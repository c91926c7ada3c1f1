//! The wish to end: SIGINT (the key on the terminal) and SIGTERM (the system) are noted here, and whoever works looks
//! between two units. What was finished is kept; a unit that is not finished leaves nothing.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use pipeline::Exit;
use signal_hook::consts::{SIGINT, SIGTERM};
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
    Ok(())
}

/// How to exit, if a signal asked to.
pub(crate) fn asked() -> Option<Exit> {
    let came = CAME.get()?.load(Ordering::SeqCst);
    [Exit::Interrupted, Exit::Terminated].into_iter().find(|exit| usize::from(exit.code()) == came)
}
