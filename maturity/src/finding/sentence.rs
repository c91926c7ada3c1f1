//! The sentences of the rules, in the reader's language.

use std::sync::LazyLock;

use super::Problem;
use crate::fragment;
use crate::language::Language;
use crate::shown::separated;
use crate::wording::{Wording, fill};

impl Problem {
    /// The sentences in `language`: what was found, what is expected and what to do.
    pub fn sentence(&self, language: &Language) -> String {
        self.fill(WORDING.get(self.rule(), language), language)
    }

    /// The same in two parts: what is wrong (the first sentence), and what to do.
    pub fn reason_and_advice(&self, language: &Language) -> (String, String) {
        let template = WORDING.get(self.rule(), language);
        // Split before the values are filled in: they may hold full stops of their own.
        let (reason, advice) = template.split_once(". ").unwrap_or((template, ""));
        (self.fill(&format!("{}.", reason.trim_end_matches('.')), language), self.fill(advice, language))
    }

    /// Whether the sentences name cells of the file other than the place of the finding.
    pub fn names_cells(&self) -> bool {
        matches!(
            self,
            Self::QuestionDoubled { .. }
                | Self::RowsHidden { .. }
                | Self::RowsFiltered { .. }
                | Self::ColumnHidden { .. }
                | Self::CellMerged { .. }
                | Self::StrayContent { .. }
                | Self::AnswersAbove { .. }
                | Self::RowsPassedOver { .. }
                | Self::RowTooLong { .. }
                | Self::NotesUnread { .. }
        )
    }

    fn fill(&self, template: &str, language: &Language) -> String {
        let values = serde_json::to_value(self).unwrap_or_default();
        // What the reader says of a file is its own words; everything else is the respondent's.
        let own_words = self.rule().starts_with("FILE-");
        fill(template, |name| match values.get(name)? {
            serde_json::Value::String(text) if own_words => {
                Some(shorten(&fragment::translate(text, language)))
            }
            serde_json::Value::String(text)
                if matches!(self, Self::NumberAmbiguous { .. }) && matches!(name, "one" | "other") =>
            {
                Some(separated(text, language))
            }
            serde_json::Value::String(text) => Some(shorten(text)),
            other => Some(other.to_string()),
        })
    }
}

/// Quoted values in a sentence are cut so that one bad cell cannot flood a report.
fn shorten(text: &str) -> String {
    const MOST: usize = 300;
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST + 1).collect();
    match clean.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
        None => clean,
    }
}

/// The built-in wording of all findings.
pub static WORDING: LazyLock<Wording> = LazyLock::new(|| {
    // The table is compiled in and parsed by the tests; an empty table would show rule ids only.
    Wording::parse(include_str!("../../wording/findings.csv")).unwrap_or_default()
});
