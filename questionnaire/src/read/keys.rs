//! A few known texts, found by their matching keys among all the cells of a file.

use std::collections::{HashMap, HashSet};

use maturity::normalize::{matching_key, matching_len, matching_start};

/// Values by the matching keys of their texts. Nearly every cell is none of them, and its first letter or its length says
/// so.
#[derive(Debug)]
pub(super) struct Keys<T> {
    by_key: HashMap<String, T>,
    /// Whether a key begins with an ASCII character.
    plain_starts: [bool; 128],
    other_starts: HashSet<char>,
    /// Whether a key has so many bytes.
    lengths: Vec<bool>,
}

impl<T> Keys<T> {
    /// The value of the text, whose case, accents and blanks do not count.
    pub(super) fn find(&self, text: &str) -> Option<&T> {
        if matching_start(text).is_some_and(|start| !self.begins(start)) {
            return None;
        }
        if matching_len(text).is_some_and(|length| self.lengths.get(length) != Some(&true)) {
            return None;
        }
        self.by_key.get(&matching_key(text))
    }

    /// The keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.by_key.keys().map(String::as_str)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether a key begins so.
    pub(super) fn begins(&self, start: char) -> bool {
        let plain = usize::try_from(u32::from(start)).ok().and_then(|start| self.plain_starts.get(start));
        plain.copied().unwrap_or_else(|| self.other_starts.contains(&start))
    }
}

impl<T> FromIterator<(String, T)> for Keys<T> {
    /// Of matching keys.
    fn from_iter<I: IntoIterator<Item = (String, T)>>(keys: I) -> Self {
        let by_key: HashMap<String, T> = keys.into_iter().collect();
        let starts = || by_key.keys().filter_map(|key| key.chars().next());
        let mut plain_starts = [false; 128];
        for start in starts() {
            if let Some(slot) =
                usize::try_from(u32::from(start)).ok().and_then(|start| plain_starts.get_mut(start))
            {
                *slot = true;
            }
        }
        let other_starts = starts().filter(|start| !start.is_ascii()).collect();
        let longest = by_key.keys().map(String::len).max().unwrap_or_default();
        let mut lengths = vec![false; longest + 1];
        for key in by_key.keys() {
            if let Some(slot) = lengths.get_mut(key.len()) {
                *slot = true;
            }
        }
        Self { by_key, plain_starts, other_starts, lengths }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_whatever_way_they_are_written() {
        let keys: Keys<u8> = ["id", "reponse", "\u{43e}\u{442}\u{432}\u{435}\u{442}", ""]
            .map(str::to_owned)
            .into_iter()
            .zip(1..)
            .collect();
        for (text, value) in [
            ("id", Some(1)),
            (" ID\u{a0}", Some(1)),
            ("\u{200b}Id", Some(1)),
            ("R\u{e9}ponse", Some(2)),
            ("\u{41e}\u{442}\u{432}\u{435}\u{442}", Some(3)),
            (" ", Some(4)),
            ("", Some(4)),
            ("idea", None),
            ("x", None),
            ("\u{25cb}", None),
            ("\u{301}", Some(4)),
        ] {
            assert_eq!(keys.find(text).copied(), value, "{text:?}");
        }
    }
}
