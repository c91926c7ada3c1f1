//! Answers, states and places in the reader's words.

use std::borrow::Cow;

use maturity::answer::{Answer, Missing};
use maturity::backing::Backing;
use maturity::finding::{Finding, Severity};
use maturity::framework::{Direction, Framework, Indicator, Kind, MaturityGroup, Question, Verdict};
use maturity::language::Language;
use maturity::score::TermStatus;
use maturity::submission::{Collected, Layout, State};

use crate::keys::Key;
use crate::page::Page;
use crate::wording::Words;

/// An answer as a cell shows it.
#[derive(Debug, PartialEq)]
pub(crate) enum Shown<'a> {
    /// The label of a choice, several of them, or free text.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// Why there is no answer.
    None(Key),
}

/// The title of an indicator, which says so where less is better: its score then rises as its value falls.
pub(crate) fn indicator<'a>(words: Words, indicator: &'a Indicator) -> Cow<'a, str> {
    let title = indicator.title.get(words.language);
    match indicator.direction {
        Direction::Higher => Cow::Borrowed(title),
        Direction::Lower => Cow::Owned(words.fill(Key::IndicatorLower, &[("title", title)])),
    }
}

/// The answer to `question` in the reader's language. A code that the list of choices lacks stands for itself.
pub(crate) fn answer<'a>(
    framework: &'a Framework,
    language: &Language,
    question: Option<&Question>,
    answer: &'a Answer,
) -> Shown<'a> {
    let list = question.and_then(|question| framework.choices(question));
    let label = |code: &'a str| {
        list.and_then(|list| list.choice(code)).map_or(code, |choice| choice.label.get(language))
    };
    match answer {
        Answer::Choice(code) => Shown::Text(Cow::Borrowed(label(code))),
        Answer::Choices(codes) => {
            Shown::Text(Cow::Owned(codes.iter().map(|code| label(code)).collect::<Vec<_>>().join("; ")))
        }
        Answer::Number(number) => Shown::Number(*number),
        Answer::Text(text) => Shown::Text(Cow::Borrowed(text)),
        // Nobody was asked: the publisher has none for this economy.
        Answer::Missing(_) if question.is_some_and(|known| matches!(known.kind, Kind::External(_))) => {
            Shown::None(Key::MissingExternal)
        }
        Answer::Missing(Missing::Blank) => Shown::None(Key::MissingBlank),
        Answer::Missing(Missing::NotApplicable) => Shown::None(Key::MissingNotApplicable),
        Answer::Missing(Missing::Unreadable) => Shown::None(Key::MissingUnreadable),
    }
}

/// An answer in running text.
pub(crate) fn answer_text(page: &Page, question: Option<&Question>, given: &Answer) -> String {
    let words = page.words();
    match answer(page.framework(), page.language(), question, given) {
        Shown::Text(text) => text.into_owned(),
        Shown::Number(number) => words.number(number),
        Shown::None(key) => words.get(key).to_owned(),
    }
}

/// What stands behind the answer that earns points.
pub(crate) fn backing(words: Words, backing: &Backing) -> String {
    match backing {
        Backing::Own => words.get(Key::BackingOwn).to_owned(),
        Backing::Through(id) => words.fill(Key::BackingThrough, &[("id", id.as_str())]),
        Backing::Published => words.get(Key::BackingPublished).to_owned(),
        Backing::None => words.get(Key::BackingNone).to_owned(),
    }
}

/// How far two waves compare.
pub(crate) fn verdict(verdict: Verdict) -> Key {
    match verdict {
        Verdict::Yes => Key::ComparableYes,
        Verdict::Partly => Key::ComparablePartly,
        Verdict::No => Key::ComparableNo,
    }
}

/// The codes of an answer that was chosen from a list; empty for others.
pub(crate) fn codes(answer: &Answer) -> String {
    match answer {
        Answer::Choice(code) => code.clone(),
        Answer::Choices(codes) => codes.join(", "),
        _ => String::new(),
    }
}

/// What an answer does to the score.
pub(crate) fn status(status: TermStatus) -> Key {
    match status {
        TermStatus::Counted => Key::StatusCounted,
        TermStatus::NoAnswer => Key::StatusNoAnswer,
        TermStatus::DoesNotApply => Key::StatusDoesNotApply,
        TermStatus::LeftOut => Key::StatusLeftOut,
    }
}

/// Who collected the answers.
pub(crate) fn collected(collected: Option<Collected>) -> Key {
    match collected {
        Some(Collected::Survey) => Key::CollectedSurvey,
        Some(Collected::Remote) => Key::CollectedRemote,
        None => Key::CollectedUnknown,
    }
}

/// The arrangement of the file.
pub(crate) fn layout(layout: Layout) -> Key {
    match layout {
        Layout::Questionnaire => Key::LayoutQuestionnaire,
        Layout::Dataset => Key::LayoutDataset,
        Layout::Form => Key::LayoutForm,
    }
}

/// Where a submission stands; nothing may have come yet.
pub(crate) fn state(state: Option<State>) -> Key {
    match state {
        Some(State::Received) => Key::StateReceived,
        Some(State::Returned) => Key::StateReturned,
        Some(State::Accepted) => Key::StateAccepted,
        Some(State::Withdrawn) => Key::StateWithdrawn,
        None => Key::StateNone,
    }
}

/// How grave a finding is.
pub(crate) fn severity(severity: Severity) -> Key {
    match severity {
        Severity::Error => Key::SeverityError,
        Severity::Warning => Key::SeverityWarning,
        Severity::Info => Key::SeverityInfo,
    }
}

/// The severities, gravest first.
pub(crate) const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];

/// A maturity group with its name, e.g. `B – High`.
pub(crate) fn group(words: Words, group: &MaturityGroup) -> String {
    words.fill(Key::GroupName, &[("letter", &group.id), ("name", group.title.get(words.language))])
}

/// The message of a finding without its place and question, which have columns of their own.
pub(crate) fn message(framework: &Framework, language: &Language, finding: &Finding) -> String {
    framework.told(finding, language).problem.sentence(language)
}
