//! How much one file may make of little: each row of a table has a place for the answer to each question, filled or not.

use maturity::finding::{Problem, Refusal};

/// Places for answers that a file may have. A table with nothing but answers has as many as it has cells, of which the
/// reader takes five million; only one whose rows are nearly empty has more than twice as many.
const MOST: usize = 10_000_000;

/// What is left of it.
#[derive(Debug)]
pub(super) struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(MOST)
    }
}

impl Room {
    /// Takes so many places, or refuses the file.
    pub(super) fn take(&mut self, places: usize) -> Result<(), Refusal> {
        self.0 = self.0.checked_sub(places).ok_or_else(|| {
            Refusal::of_file(Problem::FileTooLarge {
                found: "too many places for answers".to_owned(),
                limit: MOST.to_string(),
            })
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_room_for_so_much_and_no_more() {
        let mut room = Room::default();
        assert_eq!(room.take(MOST - 1), Ok(()));
        assert_eq!(room.take(1), Ok(()));
        let refusal = room.take(1).unwrap_err();
        assert_eq!(refusal.problem.rule(), "FILE-005");
        let Problem::FileTooLarge { found, .. } = refusal.problem else { unreachable!() };
        assert!(maturity::fragment::is_known(&found));
    }
}
