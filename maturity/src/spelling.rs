//! Proposals for words that are not known: never applied, only shown.

/// The known word that is spelled most like `word`: at most two slips away, and not all of it.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_likely(word, known.into_iter().map(|candidate| (candidate, true)))
}

/// The same; of words that are spelled equally alike a likely one.
pub fn nearest_likely<'a>(word: &str, known: impl IntoIterator<Item = (&'a str, bool)>) -> Option<&'a str> {
    // A slip makes a word one letter longer or shorter at most. What a stranger wrote may be as long as a book.
    let length = word.chars().count();
    known
        .into_iter()
        .filter(|(candidate, _)| candidate.chars().count().abs_diff(length) <= 2)
        .map(|(candidate, likely)| (strsim::damerau_levenshtein(candidate, word), !likely, candidate))
        .filter(|(distance, ..)| *distance <= 2 && *distance < length.max(1))
        .min()
        .map(|(.., candidate)| candidate)
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
}
