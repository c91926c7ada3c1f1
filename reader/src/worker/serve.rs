//! The worker's side: read a file, answer, read the next one.

use std::ffi::OsStr;
use std::io;
use std::process::ExitCode;

use maturity::finding::{Problem, Refusal};

use super::{Costs, confine, protocol};
use crate::Limits;

/// The one argument that turns a program into a worker.
pub const ARGUMENT: &str = "read-for-parent";

/// Bytes that the allocator keeps from one file to the next: what it gave back to the system, it would have to ask for
/// again page by page.
const KEPT: usize = 16 << 20;

/// Whether this process was started as a worker. To be asked before anything else is done.
pub fn is_asked_for() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    arguments.next().as_deref() == Some(OsStr::new(ARGUMENT)) && arguments.next().is_none()
}

/// Serves the parent until it closes the pipe. Refuses to work where it cannot be confined.
pub fn serve() -> ExitCode {
    // A panic costs one file and is told as its refusal; the message would only end up in somebody's log.
    std::panic::set_hook(Box::new(|_| {}));
    match answer_all(&Costs::default(), &Limits::default()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer_all(costs: &Costs, limits: &Limits) -> io::Result<()> {
    confine::confine(costs)?;
    keep_memory();
    let (mut stdin, mut stdout) = (io::stdin().lock(), io::stdout().lock());
    while let Some(bytes) = protocol::receive_request(&mut stdin, limits.file_bytes)? {
        confine::allow_time(costs)?;
        let answer = crate::read(&bytes, limits);
        let mut packed = protocol::packed(answer)?;
        if u32::try_from(packed.len()).map_or(true, |length| length > costs.answer) {
            let refusal = Refusal::of_file(Problem::FileTooLarge {
                found: crate::refusal::size(u64::try_from(packed.len()).unwrap_or(u64::MAX)),
                limit: crate::refusal::size(costs.answer.into()),
            });
            packed = protocol::packed(Err(refusal))?;
        }
        protocol::send_answer(&mut stdout, &packed)?;
    }
    Ok(())
}

/// Has the allocator keep memory that is freed: the one of the C library takes a large block that comes back as a sign
/// that more such blocks will be asked for.
fn keep_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(KEPT)));
}
