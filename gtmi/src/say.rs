//! What the command says: text for people on stderr, one JSON document for machines on stdout.

use std::io::{self, IsTerminal, Write};

use pipeline::stage::{CommonArgs, Failure};
use serde::Serialize;

/// How to speak.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "four switches that do not depend on each other")]
pub(crate) struct Voice {
    json: bool,
    quiet: bool,
    color: bool,
    bars: bool,
}

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
        Self {
            json: common.json,
            quiet: common.quiet,
            color: common.colors(),
            bars: terminal && !common.quiet && common.verbose == 0,
        }
    }

    /// Whether progress bars may be shown.
    pub(crate) fn bars(self) -> bool {
        self.bars
    }

    /// Says a line, unless asked to be quiet.
    pub(crate) fn line(self, text: &str) {
        if !self.quiet {
            // Nothing can be done about a closed stderr.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// The text, set off if colours are on.
    pub(crate) fn toned(self, tone: Tone, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Heading => "1",
            Tone::Good => "32",
            Tone::Attention => "1;33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Prints a result that is text, e.g. a program to feed to another one; as JSON if asked for.
    pub(crate) fn text(self, text: &str, json: &impl Serialize) -> Result<(), Failure> {
        if self.json {
            return self.result(json);
        }
        io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::stage)
    }

    /// Prints a page that was asked for and goes to no file, as JSON if asked for.
    pub(crate) fn page(self, page: &str) -> Result<(), Failure> {
        if self.json {
            return self.result(&serde_json::json!({ "page": page }));
        }
        io::stdout().lock().write_all(page.as_bytes()).map_err(Failure::stage)
    }

    /// Prints the result as JSON if asked for.
    pub(crate) fn result(self, result: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        serde_json::to_writer_pretty(&mut out, result).map_err(Failure::stage)?;
        writeln!(out).map_err(Failure::stage)
    }
}
