//! Fragments of sentences that the reader composes in English, such as "the part xl/workbook.xml is missing", in
//! the languages of the respondents: the table `wording/fragments.csv` has each with numbered gaps for what
//! differs from file to file. What stands in a gap (names, numbers, a library's own words) stays as it is.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::language::{Language, Text};
use crate::wording::{Wording, fill};

static FRAGMENTS: LazyLock<Vec<Fragment>> = LazyLock::new(|| {
    // The table is compiled in and parsed by the tests.
    let wording = Wording::parse(include_str!("../wording/fragments.csv")).unwrap_or_default();
    let mut fragments: Vec<Fragment> = wording.iter().map(|(_, text)| Fragment::of(text)).collect();
    // The one with the most words of its own is meant: "… ({1})" would take in much else.
    fragments.sort_by_key(|fragment| std::cmp::Reverse(fragment.literal));
    fragments
});

/// One fragment in all languages.
#[derive(Debug)]
struct Fragment {
    /// The English text between the gaps.
    pieces: Vec<String>,
    /// Bytes of English text outside of gaps.
    literal: usize,
    text: Text,
}

impl Fragment {
    fn of(text: &Text) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text.default_text();
        while let Some((before, after)) = rest.split_once('{') {
            pieces.push(before.to_owned());
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        pieces.push(rest.to_owned());
        Self { literal: pieces.iter().map(String::len).sum(), pieces, text: text.clone() }
    }

    /// What stands in the gaps, if the text is this fragment.
    fn gaps<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, others) = self.pieces.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let mut gaps = Vec::new();
        let Some((last, middle)) = others.split_last() else { return rest.is_empty().then_some(gaps) };
        for piece in middle {
            let (gap, after) = rest.split_once(piece.as_str())?;
            gaps.push(gap);
            rest = after;
        }
        let gap = rest.strip_suffix(last.as_str())?;
        (!gap.is_empty()).then(|| {
            gaps.push(gap);
            gaps
        })
    }
}

/// The fragment in `language`; as it is where the table lacks it.
pub(crate) fn translate<'t>(text: &'t str, language: &Language) -> Cow<'t, str> {
    let found = FRAGMENTS.iter().find_map(|fragment| Some((fragment, fragment.gaps(text)?)));
    match found {
        Some((fragment, gaps)) if fragment.text.has(language) => {
            let gap =
                |name: &str| name.parse::<usize>().ok().and_then(|number| gaps.get(number.checked_sub(1)?));
            Cow::Owned(fill(fragment.text.get(language), |name| gap(name).map(|text| (*text).to_owned())))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Whether the table has a fragment; each gap of `text` may hold anything.
pub fn is_known(text: &str) -> bool {
    FRAGMENTS.iter().any(|fragment| fragment.gaps(text).is_some())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::wording::placeholders;

    use super::*;

    #[test]
    fn a_fragment_keeps_what_stands_in_its_gaps() {
        let french = Language::new("fr");
        for (english, expected) in [
            ("the zip archive ends early", "l'archive zip se termine trop tôt"),
            ("the part xl/a.xml is missing", "la partie xl/a.xml manque"),
            (
                "the part b is packed by method 99, which spreadsheet programs do not use",
                "la partie b est compressée par la méthode 99, que les tableurs n'emploient pas",
            ),
            ("a picture (PNG)", "une image (PNG)"),
            ("31 MiB", "31 MiB"),
            ("something new", "something new"),
        ] {
            assert_eq!(translate(english, &french), expected);
            assert_eq!(translate(english, &Language::english()), english);
        }
    }

    #[test]
    fn every_fragment_is_itself_and_complete_in_all_languages() {
        for fragment in FRAGMENTS.iter() {
            let english = fragment.text.default_text();
            assert!(fragment.gaps(english).is_some(), "{english}");
            for tag in ["fr", "es"] {
                let language = Language::new(tag);
                assert!(fragment.text.has(&language), "{english} is missing in {tag}");
                let names = |text| placeholders(text).into_iter().collect::<BTreeSet<_>>();
                assert_eq!(names(english), names(fragment.text.get(&language)), "{english}, {tag}");
                assert_ne!(english, fragment.text.get(&language), "{english}, {tag}");
            }
        }
    }
}
