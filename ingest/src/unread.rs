//! What of folders cannot be read: whoever looks after them has to know, and what lies there was not taken out.

use std::collections::BTreeMap;

use pipeline::Summary;

/// What of folders could not be read, by source.
#[derive(Default)]
pub(crate) struct Unread<'a>(BTreeMap<&'a str, Vec<String>>);

impl<'a> Unread<'a> {
    /// The most that is told of a source.
    const MOST: usize = 5;

    /// Notes that something of a source cannot be read, and why.
    pub(crate) fn add(&mut self, source: &'a str, problem: String) {
        self.0.entry(source).or_default().push(problem);
    }

    /// The sources of which something cannot be read.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &'a str> {
        self.0.keys().copied()
    }

    /// Tells of each source what could not be read.
    pub(crate) fn tell(&self, summary: &mut Summary) {
        for (source, problems) in &self.0 {
            let more = problems.len().saturating_sub(Self::MOST);
            let mut told: Vec<String> = problems.iter().take(Self::MOST).cloned().collect();
            if more > 0 {
                told.push(format!("and {more} more"));
            }
            summary.notes.extend(told.iter().map(|problem| format!("{source}: {problem}")));
            summary.unreachable.insert((*source).to_owned(), format!("{source}: {}", told.join("; ")));
            let unread = u64::try_from(problems.len()).unwrap_or(u64::MAX);
            *summary.counts.entry("unreadable".to_owned()).or_default() += unread;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_are_told_and_all_are_counted() {
        let mut unread = Unread::default();
        for number in 0..8 {
            unread.add("inbox", format!("\"{number}.xlsx\" cannot be read"));
        }
        unread.add("mail", "the folder cannot be read".to_owned());
        let mut summary = Summary::of("ingest");
        unread.tell(&mut summary);
        assert_eq!(summary.notes.len(), 7, "{:?}", summary.notes);
        assert_eq!(summary.notes[5], "inbox: and 3 more");
        assert_eq!(summary.notes[6], "mail: the folder cannot be read");
        assert_eq!(summary.counts["unreadable"], 9);
        assert_eq!(summary.unreachable.len(), 2);
    }
}
