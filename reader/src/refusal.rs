//! Short ways to say why a file is not taken in, so that every check reads as one line.

use maturity::cell::{Address, Place};
use maturity::finding::{Problem, Refusal};

/// The file's parts do not fit together.
pub(crate) fn damaged(reason: impl Into<String>) -> Refusal {
    Refusal::of_file(Problem::FileDamaged { reason: reason.into() })
}

/// The file may be sound, but it cannot be read with certainty.
pub(crate) fn unreadable(reason: impl Into<String>) -> Refusal {
    Refusal::of_file(Problem::FileUnreadable { reason: reason.into() })
}

/// The file asks for more than a questionnaire can honestly need.
pub(crate) fn too_large(found: impl Into<String>, limit: impl Into<String>) -> Refusal {
    Refusal::of_file(Problem::FileTooLarge { found: found.into(), limit: limit.into() })
}

/// The content is something else than a workbook.
pub(crate) fn not_workbook(looks_like: impl Into<String>) -> Refusal {
    Refusal::of_file(Problem::FileNotWorkbook { looks_like: looks_like.into() })
}

/// A workbook, but of a kind that is not read.
pub(crate) fn other_kind(kind: impl Into<String>) -> Refusal {
    Refusal::of_file(Problem::FileKind { kind: kind.into() })
}

/// Only a password would open it.
pub(crate) fn encrypted() -> Refusal {
    Refusal::of_file(Problem::FileEncrypted)
}

/// The same refusal, pointing at a sheet or one of its cells.
pub(crate) fn at(mut refusal: Refusal, sheet: &str, cell: Option<Address>) -> Refusal {
    if refusal.place.is_none() {
        refusal.place = Some(Place { sheet: sheet.to_owned(), cell });
    }
    refusal
}

/// A size as a person reads it.
pub(crate) fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB {
        format!("{} MiB", bytes.div_ceil(MIB))
    } else {
        format!("{} KiB", bytes.div_ceil(1024))
    }
}
