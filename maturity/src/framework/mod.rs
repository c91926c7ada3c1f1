//! The framework: what is asked, how answers become scores, and the names of everything. All of it is data
//! that is read from a folder; here it becomes one checked, immutable value.

mod advice;
mod check;
mod check_scoring;
mod earlier;
mod index;
mod instrument;
mod language_table;
mod load;
mod load_scoring;
mod next;
mod normalization;
mod places;
mod policy;
mod problem;
mod retold;
mod structure;
mod table;
mod uncertainty;
mod waves;

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::Answer;
use crate::finding::Severity;
use crate::id::Id;
use crate::language::{Language, Text};
use crate::submission::Wave;

pub use advice::{Advice, advice, against_earlier};
pub use earlier::{EarlierVersion, Target};
pub use index::{
    AnswerPolicy, Composite, CompositeMethod, EvidencePolicy, ExternalIndex, ExternalPolicy, Indicator,
    MaturityGroup, MissingPolicy, PartPolicy, Subindex, SubindexMethod,
};
pub use instrument::{Choice, ChoiceList, Constraint, Format, Kind, Question, Scoring, ScoringRule};
pub use load::FrameworkSources;
pub use next::{NextWaveError, next_wave};
pub use normalization::{Direction, Normalization, Range};
use places::Places;
pub use policy::{EvidenceNeed, EvidenceRules, RulePolicy};
pub use problem::{FrameworkProblem, FrameworkProblems};
pub use uncertainty::Uncertainty;
pub use waves::{
    Comparability, ComparabilityClass, InstrumentChange, OtherScale, Reason, Retired, Verdict, Waves,
};

/// A complete, checked framework.
#[derive(Debug, Clone)]
pub struct Framework {
    /// The id, e.g. `gtmi-2022`; also the name of its folder.
    pub id: String,
    /// The version of the instrument, e.g. `2022.1`.
    pub version: String,
    /// The wave that it is for.
    pub wave: Wave,
    /// The date that stands for the wave in files that must not change from run to run (`YYYY-MM-DD`).
    pub as_of: Date,
    /// The title to print.
    pub title: Text,
    /// The languages that every text exists in, the default language first, each with its own name.
    pub languages: Vec<(Language, String)>,
    /// The languages that are written from right to left.
    pub right_to_left: BTreeSet<Language>,
    /// The index as a whole.
    pub composite: Composite,
    /// Its subindexes, in printing order.
    pub subindexes: Vec<Subindex>,
    /// The indicators, in printing order.
    pub indicators: Vec<Indicator>,
    /// The maturity groups, highest threshold first.
    pub groups: Vec<MaturityGroup>,
    /// The indices taken from elsewhere.
    pub external_indices: Vec<ExternalIndex>,
    /// What a missing value does.
    pub missing: MissingPolicy,
    /// Which choices vary when the uncertainty of scores is computed; none, if absent.
    pub uncertainty: Option<Uncertainty>,
    /// Which answers need evidence.
    pub evidence: EvidenceRules,
    /// How grave rules are in this framework, by rule id; others have their usual severity.
    pub rules: BTreeMap<String, RulePolicy>,
    /// The place of the wave among others.
    pub waves: Waves,
    /// The questions, in the order in which they are asked.
    pub questions: Vec<Question>,
    /// The lists of choices by name.
    pub choice_lists: BTreeMap<String, ChoiceList>,
    /// The versions of the instrument whose questionnaires are still understood.
    pub earlier_versions: Vec<EarlierVersion>,
    /// SHA-256 of the whole framework: stamps everything that is computed with it.
    pub hash: String,
    /// SHA-256 of the questions and choices: stamps every questionnaire.
    pub instrument_hash: String,
    places: Places,
    lines: load::Lines,
}

/// A calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
}

impl Date {
    /// Reads `2022-11-30`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let year = parts.next()?.parse().ok()?;
        let month: u8 = parts.next()?.parse().ok()?;
        let day: u8 = parts.next()?.parse().ok()?;
        let longest = match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        ((1..=12).contains(&month) && (1..=longest).contains(&day)).then_some(Self { year, month, day })
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Framework {
    /// Reads and checks a framework; gives all problems at once.
    pub fn load(sources: &FrameworkSources) -> Result<Self, FrameworkProblems> {
        load::load(sources)
    }

    /// Finds out anew where questions and indicators stand: to be called after one of these lists was changed.
    pub fn find_places(&mut self) {
        self.places = Places::of(&self.questions, &self.indicators);
    }

    /// The question of that id.
    pub fn question(&self, id: &Id) -> Option<&Question> {
        self.places.questions.get(id).and_then(|position| self.questions.get(*position))
    }

    /// The position of a question in the order in which questions are asked.
    pub fn position(&self, id: &Id) -> Option<usize> {
        self.places.questions.get(id).copied()
    }

    /// The line of `survey.csv` that a question stands on.
    pub fn question_line(&self, id: &Id) -> Option<u64> {
        self.lines.questions.get(id).copied()
    }

    /// The line of `indicators.csv` that an indicator stands on.
    pub fn indicator_line(&self, id: &Id) -> Option<u64> {
        self.lines.indicators.get(id).copied()
    }

    /// The line of `choices.csv` that a list of choices begins on.
    pub fn list_line(&self, name: &str) -> Option<u64> {
        self.lines.lists.get(name).copied()
    }

    /// The questions that economies are asked, in order: neither switched off nor taken from elsewhere.
    pub fn asked_questions(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(|question| question.is_asked())
    }

    /// The scored questions of an indicator, in order.
    pub fn scored_questions<'a>(
        &'a self,
        indicator: &'a Id,
    ) -> impl Iterator<Item = (&'a Question, &'a Scoring)> {
        let positions = self.places.of_indicators.get(indicator).map(Vec::as_slice).unwrap_or_default();
        let questions = positions.iter().filter_map(|position| self.questions.get(*position));
        questions.filter_map(|question| question.scoring.as_ref().map(|scoring| (question, scoring)))
    }

    /// The choices of a question, if it has any.
    pub fn choices(&self, question: &Question) -> Option<&ChoiceList> {
        match &question.kind {
            Kind::SelectOne(list) | Kind::SelectMultiple(list) => self.choice_lists.get(list),
            _ => None,
        }
    }

    /// The subindex of that id.
    pub fn subindex(&self, id: &Id) -> Option<&Subindex> {
        self.subindexes.iter().find(|subindex| subindex.id == *id)
    }

    /// The indicator of that id.
    pub fn indicator(&self, id: &Id) -> Option<&Indicator> {
        self.places.indicators.get(id).and_then(|position| self.indicators.get(*position))
    }

    /// The indicators of a subindex, in printing order.
    pub fn indicators_of<'a>(&'a self, subindex: &'a Id) -> impl Iterator<Item = &'a Indicator> {
        self.indicators.iter().filter(move |indicator| indicator.subindex == *subindex)
    }

    /// The maturity group of an unrounded score: the highest whose threshold it reaches.
    pub fn group(&self, score: f64) -> Option<&MaturityGroup> {
        self.groups.iter().find(|group| score >= group.at_least)
    }

    /// How many decimals a score is shown with, `least` or more: as many as keep it from seeming to be in another maturity group.
    /// 0.2498 is not shown as 0.250 where a group begins at 0.25.
    pub fn decimals_shown(&self, score: f64, least: usize) -> usize {
        let group = |score| self.group(score).map(|group| &group.id);
        // Programs for spreadsheets round 0.4995 up, which in binary is a little less than that.
        let up = score + 1e-13;
        let is_true = |decimals: &usize| {
            let shown = [format!("{score:.decimals$}"), format!("{up:.decimals$}")];
            shown.iter().all(|shown| shown.parse().is_ok_and(|shown: f64| group(shown) == group(score)))
        };
        // All digits that a number has.
        let most = 17;
        if self.groups.is_empty() { least } else { (least..most).find(is_true).unwrap_or(most) }
    }

    /// The default language.
    pub fn language(&self) -> Language {
        self.languages.first().map_or_else(Language::english, |(language, _)| language.clone())
    }

    /// Whether the framework exists in this language.
    pub fn speaks(&self, language: &Language) -> bool {
        self.languages.iter().any(|(known, _)| known == language)
    }

    /// Whether a language is written from right to left, so that sheets begin at the right.
    pub fn is_right_to_left(&self, language: &Language) -> bool {
        self.right_to_left.contains(language)
    }

    /// The question that holds the evidence for `question`, if the instrument has one.
    pub fn evidence_question(&self, question: &Id) -> Option<&Question> {
        self.places.backing.get(question).and_then(|position| self.questions.get(*position))
    }

    /// Whether an answer to `question` that earns points needs a link or a document.
    pub fn needs_evidence(&self, question: &Question) -> bool {
        question.is_asked()
            && question.scoring.is_some()
            && match self.evidence.needed {
                EvidenceNeed::None => false,
                EvidenceNeed::Asked => self.evidence_question(&question.id).is_some_and(Question::is_asked),
                EvidenceNeed::Scored => true,
            }
    }

    /// Whether `answer` to `question` says more than "no": one of its choices has a level above 0.
    pub fn earns(&self, question: &Question, answer: &Answer) -> bool {
        let level = |code: &str| {
            self.choices(question).and_then(|list| list.choice(code)).is_some_and(|choice| choice.level > 0.0)
        };
        match answer {
            Answer::Choice(code) => level(code),
            Answer::Choices(codes) => codes.iter().any(|code| level(code)),
            Answer::Number(_) | Answer::Text(_) | Answer::Missing(_) => false,
        }
    }

    /// The severity that a finding of `rule` has in this framework, if it usually has the severity `usual`.
    pub fn severity(&self, rule: &str, usual: Severity) -> Severity {
        self.rules.get(rule).map_or(usual, |policy| policy.severity(self.wave, usual))
    }

    /// Whether a text is one of the marks for "no answer"; compared without regard to case.
    pub fn is_missing_mark(&self, text: &str) -> bool {
        // Every cell passes here, and most are in ASCII.
        let is_same = |mark: &str| {
            mark.eq_ignore_ascii_case(text)
                || (!text.is_ascii() && mark.to_lowercase() == text.to_lowercase())
        };
        self.missing.marks.iter().any(|mark| is_same(mark))
    }

    /// Whether a text in the place of evidence is none: a mark for "no answer", or a placeholder.
    pub fn is_no_evidence(&self, text: &str) -> bool {
        text == "-" || self.is_missing_mark(text) || self.evidence.is_known_placeholder(text)
    }
}

#[cfg(test)]
mod tests;
