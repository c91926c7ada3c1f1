//! One set of answers from those of several respondents.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::applies::certainly_not;
use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use pipeline::config::RespondentRule;

use super::Voice;

/// Whose answers are in force.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// The respondent, by position, whose answer to a question is in force.
    pub origins: BTreeMap<Id, usize>,
    /// Questions without a majority.
    pub ties: Vec<Tie>,
}

/// A question to which several answers have equally many votes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tie {
    /// The question.
    pub question: Id,
    /// Every answer with its votes, the most first.
    pub answers: Vec<(Answer, usize)>,
    /// The answer in force.
    pub used: Answer,
}

/// Decides for every asked question whose answer is in force. `voices` are in the order of offices; of an
/// answer that nobody gives, the first respondent's blank is in force.
///
/// Answers of several respondents may contradict each other: where a question certainly does not apply under
/// those in force, the blank of the first respondent who left it is in force, since otherwise an answer would count
/// that belongs to a situation that was outvoted. What everybody answers all the same stays, as it does with one
/// respondent.
pub fn merge(framework: &Framework, rule: RespondentRule, voices: &[Voice]) -> Merged {
    let mut merged = Merged::default();
    // Texts belong to other answers, so these are decided first.
    let (texts, others): (Vec<&Question>, Vec<&Question>) =
        framework.asked_questions().partition(|question| question.kind == Kind::Text);
    for question in others {
        let id = &question.id;
        let origin = match rule {
            RespondentRule::Majority => majority(id, voices, &mut merged.ties),
            RespondentRule::Latest | RespondentRule::NamedOfficeFirst => first_given(id, voices),
        };
        merged.origins.insert(id.clone(), origin);
    }
    for question in texts {
        let id = &question.id;
        let owner = owner(question).and_then(|owner| merged.origins.get(owner)).copied();
        let gives = |voice: &usize| voices.get(*voice).is_some_and(|voice| is_given(voice, id));
        let origin = owner.filter(gives).unwrap_or_else(|| first_given(id, voices));
        merged.origins.insert(id.clone(), origin);
    }
    skip(framework, voices, &mut merged);
    merged
}

/// Puts blanks in force where questions do not apply, until that makes no further question inapplicable.
fn skip(framework: &Framework, voices: &[Voice], merged: &mut Merged) {
    let in_force = |(id, at): (&Id, &usize)| Some((id.clone(), voices.get(*at)?.answer(id)?.clone()));
    let mut answers: BTreeMap<Id, Answer> = merged.origins.iter().filter_map(in_force).collect();
    loop {
        let skipped: Vec<(&Id, usize)> = framework
            .asked_questions()
            .filter(|question| answers.get(&question.id).is_some_and(Answer::is_given))
            .filter(|question| certainly_not(framework, &answers, question))
            .filter_map(|question| {
                let blank = voices.iter().position(|voice| !is_given(voice, &question.id))?;
                Some((&question.id, blank))
            })
            .collect();
        if skipped.is_empty() {
            return;
        }
        for (id, blank) in skipped {
            answers.remove(id);
            merged.origins.insert(id.clone(), blank);
            merged.ties.retain(|tie| tie.question != *id);
        }
    }
}

fn is_given(voice: &Voice, question: &Id) -> bool {
    voice.answer(question).is_some_and(Answer::is_given)
}

/// The first respondent that gives an answer, else the first of all.
fn first_given(question: &Id, voices: &[Voice]) -> usize {
    voices.iter().position(|voice| is_given(voice, question)).unwrap_or(0)
}

/// The question that a text belongs to: the one that it backs, else the one that it applies after.
fn owner(question: &Question) -> Option<&Id> {
    question
        .evidence_for
        .as_ref()
        .or_else(|| question.relevant.as_ref().and_then(|relevant| relevant.references().into_iter().next()))
}

/// The first respondent that gives the answer with the most votes; several such answers are noted as a tie.
fn majority(question: &Id, voices: &[Voice], ties: &mut Vec<Tie>) -> usize {
    // Each answer with its votes and the first respondent that gives it.
    let mut votes: Vec<(&Answer, usize, usize)> = Vec::new();
    for (at, voice) in voices.iter().enumerate() {
        let Some(answer) = voice.answer(question).filter(|answer| answer.is_given()) else { continue };
        match votes.iter_mut().find(|(other, ..)| *other == answer) {
            Some((_, count, _)) => *count += 1,
            None => votes.push((answer, 1, at)),
        }
    }
    // Stable: of equally many votes, the answer of the respondent that comes first stays first.
    votes.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    let Some((used, most, origin)) = votes.first().copied() else { return 0 };
    if votes.get(1).is_some_and(|(_, count, _)| *count == most) {
        ties.push(Tie {
            question: question.clone(),
            answers: votes.iter().map(|(answer, count, _)| ((*answer).clone(), *count)).collect(),
            used: used.clone(),
        });
    }
    origin
}
