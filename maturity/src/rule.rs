//! The rules that findings come from, as a catalogue: how grave each one is and whether a framework may change that.

use crate::finding::{Problem, Severity};

/// How grave a rule is, and who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// The file is refused as a whole; nothing can soften it.
    Refusal,
    /// The submission goes back; nothing can soften it, because nobody could tell whose answers these are.
    Blocking,
    /// This severity, unless the framework gives the rule another.
    Usually(Severity),
    /// An error where the question is required or scored, else a warning, unless the framework gives the rule
    /// another severity.
    ByQuestion,
    /// The severity that stands in this place of the framework.
    ByFramework(&'static str),
}

impl Gravity {
    /// Whether a `[[rule]]` of the framework may change the severity; the reason if not.
    pub fn adjustable(self) -> Result<(), String> {
        match self {
            Self::Usually(_) | Self::ByQuestion => Ok(()),
            Self::Refusal => Err("a file that cannot be read is always refused".to_owned()),
            Self::Blocking => Err("it always sends the submission back".to_owned()),
            Self::ByFramework(place) => Err(format!("its severity stands in {place}")),
        }
    }

    /// Whether a reviewer may accept a finding of the rule.
    pub fn acceptable(self) -> bool {
        !matches!(self, Self::Refusal | Self::Blocking)
    }
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The stable id, e.g. `CHOICE-001`.
    pub id: &'static str,
    /// How grave it is.
    pub gravity: Gravity,
    /// The version of this program that had it first.
    pub since: &'static str,
    /// An example of what it sees.
    pub example: Problem,
}

/// Every rule, in the order in which files are read.
pub fn all() -> Vec<Rule> {
    let rule = |example: Problem| Rule {
        id: example.rule(),
        gravity: gravity(&example),
        since: since(&example),
        example,
    };
    Problem::examples().into_iter().map(rule).collect()
}

/// The rule of that id.
pub fn find(id: &str) -> Option<Rule> {
    all().into_iter().find(|rule| rule.id == id)
}

fn gravity(problem: &Problem) -> Gravity {
    match problem {
        Problem::FileEmpty
        | Problem::FileNotWorkbook { .. }
        | Problem::FileEncrypted
        | Problem::FileDamaged { .. }
        | Problem::FileTooLarge { .. }
        | Problem::FileKind { .. }
        | Problem::FileUnreadable { .. }
        | Problem::FileTakesLong { .. }
        | Problem::FileBreaksReader { .. }
        | Problem::LayoutUnknown { .. }
        | Problem::HeadingsMissing { .. }
        | Problem::FrameworkOther { .. } => Gravity::Refusal,
        Problem::WaveOther { .. }
        | Problem::WaveUnclear { .. }
        | Problem::EconomyMissing
        | Problem::EconomyUnknown { .. }
        | Problem::EconomyDoubled { .. }
        | Problem::EconomyContradicted { .. }
        | Problem::ReviewRejected { .. }
        | Problem::ReviewerReturned { .. } => Gravity::Blocking,
        Problem::InstrumentOther { .. }
        | Problem::InstrumentEarlier { .. }
        | Problem::InstrumentDiffers { .. }
        | Problem::RowsHidden { .. }
        | Problem::RowsFiltered { .. }
        | Problem::ColumnHidden { .. }
        | Problem::CellMerged { .. }
        | Problem::StrayContent { .. }
        | Problem::SubmissionsUnordered { .. }
        | Problem::YearsUnread { .. }
        | Problem::EmailInvalid
        | Problem::CollectedUnclear { .. }
        | Problem::HeaderLong { .. }
        | Problem::QuestionUnknown { .. }
        | Problem::QuestionDoubled { .. }
        | Problem::LinkInvalid { .. }
        | Problem::LinkGone { .. }
        | Problem::LinkMoved { .. }
        | Problem::LinkClosed { .. }
        | Problem::LinkCertificate { .. }
        | Problem::LinkSilent { .. }
        | Problem::LinkNotPublic { .. }
        | Problem::TextLong { .. }
        | Problem::CellFormula { .. }
        | Problem::EvidenceMissing { .. }
        | Problem::EvidencePlaceholder { .. }
        | Problem::EvidenceError { .. }
        | Problem::AnswerUnconfirmed { .. }
        | Problem::ConfirmationContradicted { .. }
        | Problem::FallUnexplained { .. }
        | Problem::ExternalDiffers { .. }
        | Problem::RespondentsTied { .. }
        | Problem::OverrideStale { .. }
        | Problem::OverrideConflict { .. }
        | Problem::ReviewOpen { .. } => Gravity::Usually(Severity::Warning),
        Problem::SheetHidden { .. }
        | Problem::SheetNotRead { .. }
        | Problem::TableUnread { .. }
        | Problem::TableBeside { .. }
        | Problem::HeadingsDiffer { .. }
        | Problem::AnswersAbove { .. }
        | Problem::RowTooLong { .. } => Gravity::Usually(Severity::Error),
        Problem::EconomyAlias { .. }
        | Problem::ReadAs { .. }
        | Problem::EncodingAssumed { .. }
        | Problem::RowsPassedOver { .. }
        | Problem::Overridden { .. }
        | Problem::EvidenceFound { .. }
        | Problem::ColumnAdded { .. }
        | Problem::ColumnUnread { .. }
        | Problem::LinkBehind { .. }
        | Problem::NotesUnread { .. } => Gravity::Usually(Severity::Info),
        Problem::ChoiceUnknown { .. }
        | Problem::NumberInvalid { .. }
        | Problem::NumberAmbiguous { .. }
        | Problem::NumberNotWhole { .. }
        | Problem::YearInvalid { .. }
        | Problem::YearAmbiguous { .. }
        | Problem::CellError { .. }
        | Problem::DateUnexpected { .. }
        | Problem::CellMasked { .. }
        | Problem::FormulaWithoutResult => Gravity::ByQuestion,
        Problem::AnswerMissing => Gravity::ByFramework("[missing] required"),
        Problem::NotRelevant { .. } => Gravity::ByFramework("[missing] not_relevant"),
        Problem::ConstraintBroken { .. } => {
            Gravity::ByFramework("the column constraint_severity of survey.csv")
        }
    }
}

/// The version that had a rule first. A rule that is new in a version is named here with it.
fn since(_: &Problem) -> &'static str {
    "0.1.0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_by_id_and_only_adjustable_ones_may_be_changed() {
        assert_eq!(find("EVIDENCE-001").unwrap().gravity, Gravity::Usually(Severity::Warning));
        assert!(find("EVIDENCE-999").is_none());
        for (id, adjustable, acceptable) in [
            ("FILE-004", false, false),
            ("ECONOMY-002", false, false),
            ("ANSWER-001", false, true),
            ("CHOICE-001", true, true),
            ("READ-001", true, true),
        ] {
            let gravity = find(id).unwrap().gravity;
            assert_eq!(
                (gravity.adjustable().is_ok(), gravity.acceptable()),
                (adjustable, acceptable),
                "{id}"
            );
        }
    }
}
