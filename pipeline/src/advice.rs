//! What a person can do about a disk that refuses.

use std::error::Error;
use std::io::{self, ErrorKind};

/// The number of "input/output error" on every Unix; it has no kind of its own.
const EIO: i32 = 5;

/// What to do about the first refusal of the disk among an error and its causes, as a fragment; absent where there is
/// none, or nothing certain to be said.
pub fn on_disk(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(advice) = error.downcast_ref::<io::Error>().and_then(of_kind) {
            return Some(advice);
        }
        next = error.source();
    }
    None
}

fn of_kind(error: &io::Error) -> Option<&'static str> {
    let advice = match error.kind() {
        ErrorKind::StorageFull => "the disk is full: make room, then try again",
        ErrorKind::QuotaExceeded => "the quota of this user is used up: make room, then try again",
        ErrorKind::FileTooLarge => "files may not become so large here: lift the limit, then try again",
        ErrorKind::ReadOnlyFilesystem => "the disk can only be read: mount it for writing, then try again",
        ErrorKind::PermissionDenied => "is it open in another program, or the folder read-only?",
        _ if error.raw_os_error() == Some(EIO) => {
            "the disk fails: look at the system's log, and try again when it is sound"
        }
        _ => return None,
    };
    Some(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("failed to write")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_full_or_failing_disk_is_told_what_to_do_about_also_as_a_cause() {
        for (number, expected) in
            [(28, "make room"), (5, "system's log"), (30, "mount it"), (27, "lift the limit")]
        {
            let error = io::Error::from_raw_os_error(number);
            assert!(on_disk(&error).is_some_and(|advice| advice.contains(expected)), "{error}");
            assert!(on_disk(&Outer(error)).is_some());
        }
        assert_eq!(on_disk(&io::Error::from(ErrorKind::NotFound)), None);
    }
}
