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

/// One of its sheets is a program of Excel 4, which still runs when the file is opened there.
pub(crate) fn macro_sheet() -> Refusal {
    unreadable("it holds a macro sheet, which can run programs")
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

/// A count as a person reads it: with a no-break space before each three digits, which every language understands.
pub(crate) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3 * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 4 {
            shown.push('\u{a0}');
        }
        shown.push(digit);
    }
    shown
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_sizes_have_a_unit() {
        assert_eq!(
            [7, 4096, 65_530, 5_000_000].map(count),
            ["7", "4096", "65\u{a0}530", "5\u{a0}000\u{a0}000"]
        );
        assert_eq!([1, 1024 * 1024, 25 * 1024 * 1024 + 1].map(size), ["1 KiB", "1 MiB", "26 MiB"]);
    }
}
