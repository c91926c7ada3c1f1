//! `[respondents]`: what is in force where several offices of one economy answer.

use serde::Deserialize;

/// The rule that says which of several respondents' answers are in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RespondentRule {
    /// The latest accepted submission, whoever sent it.
    #[default]
    Latest,
    /// The answer of the office that is named first; where it gives none, that of the next.
    NamedOfficeFirst,
    /// The answer that most respondents give; a tie goes to the office that is named first.
    Majority,
}

impl RespondentRule {
    /// Whether the answers of several respondents are put together: then each of them is heard, and told, by itself.
    pub fn merges(self) -> bool {
        self != Self::Latest
    }

    /// The name used in the configuration and in tables, e.g. `named-office-first`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::NamedOfficeFirst => "named-office-first",
            Self::Majority => "majority",
        }
    }
}

/// The section `[respondents]`; all of it may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RespondentChoice {
    /// The rule.
    #[serde(default)]
    pub rule: RespondentRule,
    /// The offices in their order, as respondents write them on the cover; compared without regard to case,
    /// accents and blanks. Offices that are not named come after, the latest first.
    #[serde(default)]
    pub offices: Vec<String>,
}
