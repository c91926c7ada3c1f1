//! The pattern of `regex(text, pattern)`: compiled when the framework is loaded, matched against whole texts.

use std::fmt;

use regex::Regex;

/// Bytes that a compiled pattern may take: a pattern of a questionnaire needs a few thousand.
const LARGEST: usize = 1 << 20;

/// A compiled pattern.
///
/// ODK matches the **whole** text, as Java's `Pattern.matches` does, and `\d`, `\w`, `\s`, `\b` mean ASCII
/// characters only. So it is here; look-around and back references do not exist and are refused.
#[derive(Clone)]
pub struct Pattern {
    source: String,
    compiled: Regex,
}

/// A pattern that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PatternError {
    /// Characters of the pattern before the fault.
    pub(super) offset: usize,
    /// What is wrong.
    pub(super) problem: String,
}

impl Pattern {
    /// Compiles a pattern.
    pub(super) fn new(source: &str) -> Result<Self, PatternError> {
        // The pattern as written comes first, so that the position of a fault is one in it.
        build(source).map_err(|error| fault(&error))?;
        let compiled = build(&format!("^(?:{})$", ascii_classes(source))).map_err(|error| fault(&error))?;
        Ok(Self { source: source.to_owned(), compiled })
    }

    /// The pattern as it is written in the framework.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the pattern matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    /// The pattern with its ends fixed, for programs that look for a match anywhere in the text.
    pub fn anchored(&self) -> String {
        if self.source.starts_with('^') && self.source.ends_with('$') && !self.source.contains('|') {
            self.source.clone()
        } else {
            format!("^(?:{})$", self.source)
        }
    }
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(pattern).size_limit(LARGEST).build()
}

/// How far an error indents the pattern that it draws.
const INDENT: usize = 4;

/// The place and the reason out of an error that draws a caret below the pattern.
fn fault(error: &regex::Error) -> PatternError {
    if let regex::Error::CompiledTooBig(_) = error {
        return PatternError { offset: 0, problem: "the pattern is too large".to_owned() };
    }
    let text = error.to_string();
    let caret = text.lines().find_map(|line| {
        let only_carets = line.trim_start().chars().all(|c| c == '^') && line.contains('^');
        only_carets.then(|| line.chars().take_while(|c| *c == ' ').count())
    });
    let reason =
        text.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or("it cannot be compiled");
    PatternError {
        offset: caret.unwrap_or(INDENT).saturating_sub(INDENT),
        problem: format!("the pattern cannot be used: {reason}"),
    }
}

/// Replaces the classes that are ASCII in ODK and Unicode in Rust.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut inside = 0_usize;
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            match c {
                '[' => inside += 1,
                ']' => inside = inside.saturating_sub(1),
                _ => {}
            }
            out.push(c);
            continue;
        }
        match characters.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some('s') => out.push_str(r"[ \t\n\x0B\f\r]"),
            Some('S') => out.push_str(r"[^ \t\n\x0B\f\r]"),
            Some('b') if inside == 0 => out.push_str(r"(?-u:\b)"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_must_match() {
        for (pattern, text, expected) in [
            ("[0-9]{4}", "2016", true),
            ("[0-9]{4}", "20160", false),
            ("[0-9]{4}", "in 2016", false),
            ("a|ab", "ab", true),
            ("^a$|^b$", "b", true),
            (r"\d+", "٣", false),
            (r"[\d.]+", "1.5", true),
            (r"\w+", "été", false),
            (r"\p{L}+", "été", true),
            (r"(?i)oui", "OUI", true),
            (r"[^\s]+", "a b", false),
            (r"\S+\b.", "ab!", true),
            ("", "", true),
            (".*", "", true),
        ] {
            let compiled = Pattern::new(pattern).unwrap();
            assert_eq!(compiled.matches(text), expected, "{pattern} {text}");
            let anywhere = Pattern::new(&format!(".*(?:{}).*", compiled.anchored())).unwrap();
            assert_eq!(anywhere.matches(text), expected, "anchored {pattern} {text}");
        }
    }

    #[test]
    fn faults_are_placed_in_the_pattern_as_written() {
        for (pattern, offset, problem) in [
            (r"\d+(a", 3, "unclosed group"),
            ("[a", 0, "unclosed character class"),
            ("a(?=b)", 1, "look-around"),
            (r"(a)\1", 3, "backreferences are not supported"),
            ("a{5,2}", 1, "invalid repetition count range"),
            ("(a{1000}){1000}", 0, "too large"),
        ] {
            let error = Pattern::new(pattern).unwrap_err();
            assert_eq!(error.offset, offset, "{pattern}: {error:?}");
            assert!(error.problem.contains(problem), "{pattern}: {error:?}");
        }
    }
}
