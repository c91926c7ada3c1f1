//! What the sheets of a workbook share, and the form of each.

use maturity::framework::Framework;
use maturity::language::Language;

use crate::keys::Key;
use crate::style::Styles;
use crate::wording::Words;

/// The formats of workbooks.
#[derive(Debug)]
pub(crate) struct Looks {
    /// Those of tables.
    pub(crate) table: Styles,
    /// Those of tables whose rows hold paragraphs.
    pub(crate) long: Styles,
}

impl Looks {
    /// The formats for readers of a language.
    pub(crate) fn new(framework: &Framework, language: &Language) -> Self {
        let right_to_left = framework.is_right_to_left(language);
        let styles = |long| Styles::new(framework, long, right_to_left);
        Self { table: styles(false), long: styles(true) }
    }
}

/// What all sheets of a workbook share.
pub(crate) struct Context<'a> {
    pub(crate) framework: &'a Framework,
    pub(crate) words: Words<'a>,
    pub(crate) looks: &'a Looks,
    /// Stands at the left of every footer, e.g. the economy's name.
    pub(crate) footer: String,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        framework: &'a Framework,
        language: &'a Language,
        looks: &'a Looks,
        footer: String,
    ) -> Self {
        Self { framework, words: Words { language }, looks, footer }
    }

    /// The reader's language.
    pub(crate) fn language(&self) -> &'a Language {
        self.words.language
    }
}

/// How a sheet is printed on A4; as wide as the page, but for one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paper {
    /// Upright, as many pages as it takes.
    Portrait,
    /// Across, as many pages as it takes.
    Landscape,
    /// Across, two pages wide, with the first columns on both.
    TwoWide,
    /// Upright, all on one page.
    OnePage,
    /// Across, all on one page.
    OneLandscape,
}

/// The form of a sheet.
pub(crate) struct Form<'f> {
    pub(crate) name: Key,
    pub(crate) paper: Paper,
    /// The widths of the columns in characters.
    pub(crate) widths: &'f [f64],
    /// The row and the column before which everything stays in view; the rows above it are repeated on
    /// every printed page, from `titles` on.
    pub(crate) frozen: Option<(u32, u16)>,
    /// The first of the rows to repeat.
    pub(crate) titles: u32,
    /// Whether its rows hold paragraphs.
    pub(crate) long: bool,
    /// Whether its table has filter buttons.
    pub(crate) filtered: bool,
    /// Whether programs read it rather than people: its rows are as high as the workbook has them.
    pub(crate) for_programs: bool,
}
