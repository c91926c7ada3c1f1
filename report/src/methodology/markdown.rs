//! Text of others in Markdown: ids, titles and answers may hold whatever marks something up there, or in HTML.

/// A text as it is read, whatever it holds.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '<' => out += "&lt;",
            // Beside a space it begins no name of a character.
            '&' if rest.peek().is_some_and(|next| next.is_alphanumeric() || *next == '#') => out += "&amp;",
            // Within a word it marks nothing up, and ids have it there.
            '_' if is_letter(before) && is_letter(rest.peek().copied()) => out.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
        before = Some(c);
    }
    out
}

/// A text as code within a line.
pub(super) fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or_default() + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A text as a shell takes it for one word and nothing else: commands are pasted.
pub(super) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_others_marks_anything_up() {
        for (text, expected) in [
            ("R&D & <b>bold</b>", "R&amp;D & &lt;b>bold&lt;/b>"),
            ("\"quoted\", it's", "\"quoted\", it's"),
            ("I-1_a *b* _c_ [d](e) `f` \\", r"I-1_a \*b\* \_c\_ \[d\](e) \`f\` \\"),
            ("two\nlines", "two lines"),
        ] {
            assert_eq!(escaped(text), expected);
        }
        for (text, expected) in [("id", "`id`"), ("a`b", "``a`b``"), ("``", "``` `` ```")] {
            assert_eq!(code(text), expected);
        }
        for (text, expected) in
            [("I-1.2_a", "I-1.2_a"), ("a b", "'a b'"), ("$(x)'y", r"'$(x)'\''y'"), ("", "''")]
        {
            assert_eq!(word(text), expected);
        }
    }
}
