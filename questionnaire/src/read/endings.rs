//! Known texts at the ends of longer ones: a heading may be a path of groups with the name of a field at its end.

/// Values by texts, found where a text ends with one of them.
#[derive(Debug)]
pub(super) struct Endings<T> {
    /// The bytes of each text from its end, in order.
    backwards: Vec<(Vec<u8>, T)>,
}

impl<T> Endings<T> {
    /// The value of the longest known text that `text` ends with and that begins in a place where one may begin, and how
    /// many bytes long it is.
    ///
    /// The text is walked through once, from its end, and no further than the longest known text is long: a stranger
    /// decides how long headings are and how many places they could be cut at.
    pub(super) fn longest(&self, text: &str, begins: impl Fn(usize) -> bool) -> Option<(usize, &T)> {
        let mut candidates = self.backwards.as_slice();
        let mut longest = None;
        for (depth, (at, byte)) in text.bytes().enumerate().rev().enumerate() {
            // What has no byte there is less than what has one.
            let from = candidates.partition_point(|(known, _)| known.get(depth) < Some(&byte));
            let to = candidates.partition_point(|(known, _)| known.get(depth) <= Some(&byte));
            candidates = candidates.get(from..to).unwrap_or_default();
            let Some((known, value)) = candidates.first() else { break };
            if known.len() == depth + 1 && begins(at) {
                longest = Some((known.len(), value));
            }
        }
        longest
    }
}

impl<T> FromIterator<(String, T)> for Endings<T> {
    /// Of texts that are each there once.
    fn from_iter<I: IntoIterator<Item = (String, T)>>(texts: I) -> Self {
        let backwards = |(text, value): (String, T)| (text.into_bytes().into_iter().rev().collect(), value);
        let mut backwards: Vec<(Vec<u8>, T)> = texts.into_iter().map(backwards).collect();
        backwards.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self { backwards }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_end_that_begins_where_it_may_is_found() {
        let known: Endings<u8> =
            ["a", "a_b", "b", "x_a_b", "é"].map(str::to_owned).into_iter().zip(1..).collect();
        let found = |text: &str, begins: &[usize]| {
            known.longest(text, |at| begins.contains(&at)).map(|(length, value)| (length, *value))
        };
        assert_eq!(found("a_b", &[0, 2]), Some((3, 2)));
        assert_eq!(found("a_b", &[2]), Some((1, 3)));
        assert_eq!(found("a_b", &[]), None);
        assert_eq!(found("y_a_b", &[0, 2, 4]), Some((3, 2)));
        assert_eq!(found("x_a_b", &[0, 2, 4]), Some((5, 4)));
        assert_eq!(found("x/é", &[2]), Some((2, 5)));
        assert_eq!(found("", &[0]), None);
        assert_eq!(found("c", &[0]), None);
    }
}
