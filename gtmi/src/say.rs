//! What the command says: text for people on stderr, one JSON document for machines on stdout.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use pipeline::logging::{LogFormat, SAID};
use pipeline::stage::{CommonArgs, Failure};
use pipeline::terminal::{REPLACEMENT, steers};
use serde::Serialize;

/// How to speak.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "switches that do not depend on each other")]
pub(crate) struct Voice {
    json: bool,
    /// Whether each document is one line, since there may be several.
    lines: bool,
    quiet: bool,
    color: bool,
    bars: bool,
    /// Whether what is said are log lines in JSON, as everything else on stderr is.
    logs: bool,
}

/// Whether a document was printed: a failure after it is not printed as another one.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Whether a document was printed on stdout.
pub(crate) fn is_told() -> bool {
    TOLD.load(Ordering::Relaxed)
}

/// Where a tone begins and ends in a line: characters of no script, which become what steers the terminal only when the
/// line is said. So nothing that others wrote can steer it.
const TONES: [(char, &str); 4] = [
    ('\u{10fff0}', "\u{1b}[1m"),
    ('\u{10fff1}', "\u{1b}[32m"),
    ('\u{10fff2}', "\u{1b}[1;33m"),
    (PLAIN, "\u{1b}[0m"),
];
/// Where a tone ends.
const PLAIN: char = '\u{10fff3}';

/// How a text is set off.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tone {
    Heading,
    Good,
    Attention,
}

impl Voice {
    /// The voice that the options ask for.
    pub(crate) fn of(common: &CommonArgs) -> Self {
        let terminal = io::stderr().is_terminal();
        let logs = common.log_format == LogFormat::Json;
        Self {
            json: common.json,
            lines: false,
            quiet: common.quiet,
            color: common.colors() && !logs,
            bars: terminal && !common.quiet && common.verbose == 0 && !logs,
            logs,
        }
    }

    /// The same voice for a command that prints a document again and again: each is one line.
    pub(crate) fn line_by_line(self) -> Self {
        Self { lines: true, ..self }
    }

    /// Whether progress bars may be shown.
    pub(crate) fn bars(self) -> bool {
        self.bars
    }

    /// Says a line, or some, unless asked to be quiet. What would steer a terminal, such as a name of a file that clears
    /// the screen, is shown as `�`.
    pub(crate) fn line(self, text: &str) {
        if self.logs {
            let text = text.trim_matches('\n');
            if !text.is_empty() {
                tracing::info!(target: SAID, "{}", self.harmless(text));
            }
        } else if !self.quiet {
            // Nothing can be done about a closed stderr.
            let _ = writeln!(io::stderr(), "{}", self.harmless(text));
        }
    }

    fn harmless(self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for c in text.chars() {
            match TONES.iter().find(|(mark, _)| *mark == c) {
                Some((_, code)) if self.color => shown.push_str(code),
                None if c == '\n' || !steers(c) => shown.push(c),
                _ => shown.push(REPLACEMENT),
            }
        }
        shown
    }

    /// The text, set off if colours are on.
    pub(crate) fn toned(self, tone: Tone, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let [(heading, _), (good, _), (attention, _), _] = TONES;
        let mark = match tone {
            Tone::Heading => heading,
            Tone::Good => good,
            Tone::Attention => attention,
        };
        format!("{mark}{text}{PLAIN}")
    }

    /// Prints a result that is text, e.g. a program to feed to another one; as JSON if asked for.
    pub(crate) fn text(self, text: &str, json: &impl Serialize) -> Result<(), Failure> {
        if self.json {
            return self.result(json);
        }
        printed(io::stdout().lock().write_all(text.as_bytes()))
    }

    /// Prints a page that was asked for and goes to no file, as JSON if asked for.
    pub(crate) fn page(self, page: &str) -> Result<(), Failure> {
        if self.json {
            return self.result(&serde_json::json!({ "page": page }));
        }
        printed(io::stdout().lock().write_all(page.as_bytes()))
    }

    /// Whether a result is printed: one that is costly to have need not be had otherwise.
    pub(crate) fn tells_machines(self) -> bool {
        self.json
    }

    /// Prints a result that is JSON already, if asked for.
    pub(crate) fn written(self, result: &str) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        if self.lines {
            let document: serde_json::Value = serde_json::from_str(result).map_err(Failure::stage)?;
            return self.result(&document);
        }
        TOLD.store(true, Ordering::Relaxed);
        printed(io::stdout().lock().write_all(result.as_bytes()))
    }

    /// Prints the result as JSON if asked for.
    pub(crate) fn result(self, result: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        TOLD.store(true, Ordering::Relaxed);
        let mut out = io::stdout().lock();
        let written = if self.lines {
            serde_json::to_writer(&mut out, result)
        } else {
            serde_json::to_writer_pretty(&mut out, result)
        };
        printed(written.map_err(io::Error::from).and_then(|()| writeln!(out)))
    }
}

/// What was asked for is done, and cannot be told.
#[derive(Debug, thiserror::Error)]
#[error("failed to write the result to stdout; what was asked for is done")]
struct PrintError(#[source] io::Error);

/// Whoever closed the pipe wants to hear no more, and what was done is done.
fn printed(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::stage(PrintError(error))),
        _ => Ok(()),
    }
}

/// A number of things: `1 file`, `2 files`.
pub(crate) fn counted(number: impl Into<Count>, one: &str, more: &str) -> String {
    let Count(number) = number.into();
    format!("{number} {}", if number == 1 { one } else { more })
}

/// How many things there are.
pub(crate) struct Count(u64);

impl From<usize> for Count {
    fn from(number: usize) -> Self {
        Self(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<u32> for Count {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl From<u64> for Count {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

/// A text of others, such as the name of a file, as it can stand in a line: it begins no line of its own.
pub(crate) fn on_one_line(text: &str) -> String {
    let shown = |c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if steers(c) || TONES.iter().any(|(mark, _)| *mark == c) => REPLACEMENT,
        c => c,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(color: bool) -> Voice {
        Voice { json: false, lines: false, quiet: false, color, bars: false, logs: false }
    }

    #[test]
    fn nothing_that_others_wrote_steers_the_terminal() {
        let hostile = "a\u{1b}[2Jb\u{7}c\u{9b}31md\u{202e}e\rf";
        for voice in [voice(true), voice(false)] {
            assert_eq!(voice.harmless(hostile), "a�[2Jb�c�31md�e�f");
            assert_eq!(voice.harmless("two\nlines, é, 漢字, العربية"), "two\nlines, é, 漢字, العربية");
        }
        assert_eq!(voice(false).harmless("\u{10fff0}a"), "�a");
        assert_eq!(on_one_line("one\nline\u{1b}[0m\u{10fff0}.xlsx"), "one line�[0m�.xlsx");
    }

    #[test]
    fn what_is_set_off_is_so_on_a_terminal_alone() {
        let said = |voice: Voice, tone| voice.harmless(&format!("{} b", voice.toned(tone, "a")));
        assert_eq!(said(voice(true), Tone::Heading), "\u{1b}[1ma\u{1b}[0m b");
        assert_eq!(said(voice(true), Tone::Attention), "\u{1b}[1;33ma\u{1b}[0m b");
        assert_eq!(said(voice(true), Tone::Good), "\u{1b}[32ma\u{1b}[0m b");
        assert_eq!(said(voice(false), Tone::Good), "a b");
    }
}
