//! A text of few forms, written once: as Markdown, as HTML, and as plain text.
//!
//! Names of files and economies come from strangers: each form keeps them from being anything but text.

use std::fmt::Write;

use maturity::language::Language;

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading above what follows.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// Rows under headings.
    Table {
        /// The headings.
        headings: Vec<String>,
        /// The rows, each as long as the headings.
        rows: Vec<Vec<String>>,
    },
}

/// A text with a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The language that it is in.
    pub language: Language,
    /// Its title.
    pub title: String,
    /// Its pieces in order.
    pub blocks: Vec<Block>,
}

/// The look of the HTML form; within the page, since mail programs load nothing.
const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;color:#1a1a1a;max-width:46em;margin:1.5em auto;\
padding:0 1em}h1{font-size:1.4em}h2{font-size:1.1em;margin-top:1.6em}table{border-collapse:collapse}\
th,td{text-align:left;vertical-align:top;padding:.25em .9em .25em 0;border-bottom:1px solid #ddd}\
th{font-weight:600}";

impl Page {
    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n", escaped(&self.title));
        for block in &self.blocks {
            // Writing to a String cannot fail.
            let _ = match block {
                Block::Heading(heading) => writeln!(text, "\n## {}", escaped(heading)),
                Block::Paragraph(paragraph) => writeln!(text, "\n{}", escaped(paragraph)),
                Block::Table { headings, rows } => {
                    let line = |cells: &[String]| {
                        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
                        format!("| {} |\n", cells.join(" | "))
                    };
                    let rule = format!("|{}\n", " --- |".repeat(headings.len()));
                    let rows: String = rows.iter().map(|row| line(row)).collect();
                    write!(text, "\n{}{rule}{rows}", line(headings))
                }
            };
        }
        text
    }

    /// As a page of HTML that stands by itself.
    pub fn html(&self) -> String {
        let mut text = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n",
            safe(self.language.tag()),
            title = safe(&self.title),
        );
        for block in &self.blocks {
            let _ = match block {
                Block::Heading(heading) => writeln!(text, "<h2>{}</h2>", safe(heading)),
                Block::Paragraph(paragraph) => writeln!(text, "<p>{}</p>", safe(paragraph)),
                Block::Table { headings, rows } => {
                    let line = |cells: &[String], tag: &str| {
                        let cells: Vec<String> =
                            cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", safe(cell))).collect();
                        format!("<tr>{}</tr>\n", cells.concat())
                    };
                    let rows: String = rows.iter().map(|row| line(row, "td")).collect();
                    writeln!(text, "<table>\n{}{rows}</table>", line(headings, "th"))
                }
            };
        }
        text.push_str("</body>\n</html>\n");
        text
    }

    /// As plain text for mail: paragraphs, and a line for each row of a table.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            if !text.is_empty() {
                text.push('\n');
            }
            let _ = match block {
                Block::Heading(heading) => writeln!(text, "{}", one_line(heading).to_uppercase()),
                Block::Paragraph(paragraph) => writeln!(text, "{}", one_line(paragraph)),
                Block::Table { headings, rows } => {
                    let line = |cells: &[String]| {
                        cells.iter().map(|cell| one_line(cell)).collect::<Vec<_>>().join(" · ")
                    };
                    let rows: String = rows.iter().map(|row| ["- ", &line(row), "\n"].concat()).collect();
                    write!(text, "({})\n{rows}", line(headings))
                }
            };
        }
        text
    }
}

/// The text without line ends and other control characters.
pub(crate) fn one_line(text: &str) -> String {
    // The marks that turn the direction of writing could make a name read as another one.
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if is_odd(c) { ' ' } else { c }).collect()
}

/// The text with every character that Markdown or the HTML in it would understand.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// The text with every character that HTML would understand.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hostile() -> Page {
        let name = "x](http://evil.example)<script>alert('1')</script>|\r\nBcc: all@example.org\u{202e}";
        Page {
            language: Language::english(),
            title: name.to_owned(),
            blocks: vec![
                Block::Heading(name.to_owned()),
                Block::Table { headings: vec!["file".to_owned()], rows: vec![vec![name.to_owned()]] },
            ],
        }
    }

    #[test]
    fn a_name_from_a_stranger_is_text_in_every_form() {
        let page = hostile();
        assert!(!page.html().contains("<script>"), "{}", page.html());
        let markdown = page.markdown();
        assert!(!markdown.contains("<script>"), "{markdown}");
        assert!(!markdown.replace("\\]", "").contains(']'), "no bracket ends a link: {markdown}");
        for form in [page.html(), page.markdown(), page.text()] {
            assert!(!form.lines().any(|line| line.starts_with("Bcc")), "{form}");
            assert!(!form.contains('\r') && !form.contains('\u{202e}'), "{form}");
        }
        let row = page.markdown();
        let row = row.lines().last().unwrap().replace("\\|", "");
        assert_eq!(row.matches('|').count(), 2, "a name adds no column: {row}");
    }
}
