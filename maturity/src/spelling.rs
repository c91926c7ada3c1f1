//! Proposals for words that are not known: never applied, only shown.

/// The known word that is spelled most like `word`: at most two slips away, and not all of it.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_likely(word, known.into_iter().map(|candidate| (candidate, true)))
}

/// The same; of words that are spelled equally alike a likely one.
pub fn nearest_likely<'a>(word: &str, known: impl IntoIterator<Item = (&'a str, bool)>) -> Option<&'a str> {
    known
        .into_iter()
        .filter_map(|(candidate, likely)| Some((slips(word, candidate)?, !likely, candidate)))
        .min()
        .map(|(.., candidate)| candidate)
}

/// How many slips are between a word and a known one; absent where they are more than two, or as many as it has letters.
pub fn slips(word: &str, known: &str) -> Option<usize> {
    // A slip makes a word one letter longer or shorter at most. What a stranger wrote may be as long as a book.
    let length = word.chars().count();
    if known.chars().count().abs_diff(length) > 2 {
        return None;
    }
    let slips = strsim::damerau_levenshtein(known, word);
    (slips <= 2 && slips < length.max(1)).then_some(slips)
}

/// The known word that `word`, which is none of them, was certainly meant to be: the same in other case or with other
/// marks between its letters, or, of four letters and more, one slip away. Of shorter words another may be as near, and
/// another number is another id.
pub fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let key = plain(word);
    let length = word.chars().count();
    let slipped = |candidate: &&str| {
        digits(candidate) == digits(word)
            && length.min(candidate.chars().count()) >= 4
            && candidate.chars().count().abs_diff(length) <= 1
            && strsim::damerau_levenshtein(candidate, word) == 1
    };
    let same = known.clone().into_iter().find(|candidate| !key.is_empty() && plain(candidate) == key);
    same.or_else(|| known.into_iter().find(slipped))
}

/// The proposal as a fragment to append: `, did you mean "x"?`, or nothing.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |candidate| format!(", did you mean \"{candidate}\"?"))
}

/// The proposal for serde's message "unknown field `x`, expected one of `a`, `b`", or nothing.
pub fn did_you_mean_field(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match quoted.next() {
        Some(found) if message.contains("unknown") => did_you_mean(found, quoted),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proposes_the_nearest_word_only_if_it_is_near() {
        assert_eq!(did_you_mean("wawe", ["wave", "waves"]), ", did you mean \"wave\"?");
        assert_eq!(did_you_mean("colour", ["wave", "path"]), "");
        assert_eq!(did_you_mean("ab", ["xy"]), "", "two slips in two letters is no likeness");
        assert_eq!(did_you_mean(&"wave".repeat(1_000_000), std::iter::repeat_n("wave", 10_000)), "");
        let questions = [("I-17", false), ("I-7", true), ("I-777", false)];
        assert_eq!(nearest_likely("I-77", questions), Some("I-7"));
        assert_eq!(
            nearest_likely("I-177", [("I-17", false), ("I-2", true)]),
            Some("I-17"),
            "nearer is nearer"
        );
        let message = "unknown field `pth`, expected one of `path`, `kind`";
        assert_eq!(did_you_mean_field(message), ", did you mean \"path\"?");
        assert_eq!(did_you_mean_field("invalid type"), "");
    }

    #[test]
    fn a_word_is_taken_for_another_only_if_it_is_certainly_meant() {
        let of = |word| meant(word, ["PM25", "TECH", "TII", "Silver"]);
        for (word, expected) in [
            ("pm25", "PM25"),
            ("PM 2.5", "PM25"),
            ("TEHC", "TECH"),
            ("silver", "Silver"),
            ("Silvr", "Silver"),
        ] {
            assert_eq!(of(word), Some(expected), "{word}");
        }
        for word in ["TIX", "HCI", "TEHCN", "Gold", "PM26", ""] {
            assert_eq!(of(word), None, "{word}");
        }
    }
}
