//! What would raise the group: the smallest sets of answers between a score and a threshold.
//!
//! The composite of a framework that is a weighted sum of points moves with each answer by a gain of its own:
//!
//! ```text
//! gain = factor of the subindex x (points after - points before) / maximum of the subindex
//! ```
//!
//! Without conditions between answers the fewest answers would simply be those with the highest gains. But a
//! question may only be answered where it applies, and some answers need others, so the fewest are searched
//! for: sets of one answer, then of two, and so on, each in the order of gains, leaving out every branch whose
//! best remaining gains do not suffice. The first size at which a set is found is the smallest there is; it is
//! proven unless the search was cut off, which is said. Every set found is scored again by the scoring itself.
//!
//! An index that is no such sum (a geometric mean, say) has no gains that add up. There the answer with the
//! highest gain is taken again and again, and answers that turn out to be needless are dropped: the set is
//! sound and has no needless answer, but it is not proven to be the smallest.
//!
//! Answers to questions with choices are looked at, not numbers. That no answers reach a threshold is only said
//! where all highest gains together fall short of it; else that none were found.

mod moves;
mod search;

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord};
use maturity::framework::{Framework, MaturityGroup};
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::standing::{Outlook, Step};

use crate::backing::has_evidence;
use moves::{Board, Node};
use search::{Found, smallest};

pub use moves::Conditions;

/// The most sets that are listed.
const SETS: usize = 5;
/// How many answers of the first set are left out in turn to look for another way. More cannot be shown, and each search takes
/// time with the square of the number of questions.
const MOST_LEFT_OUT: usize = 100;

/// One answer that would change.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The question.
    pub question: Id,
    /// What is answered now.
    pub from: Answer,
    /// What would have to be answered.
    pub to: Answer,
    /// How much the composite gains by it, where gains add up: alone, else after the changes before it.
    pub gain: f64,
    /// The question of the instrument that holds its evidence, if there is one; else its own evidence cell.
    pub evidence: Option<Id>,
    /// Whether there is such evidence already.
    pub evidence_given: bool,
    /// Required questions that would apply then and have no answer yet.
    pub opens: Vec<Id>,
}

/// A set of answers that reaches the threshold together, and does not without any one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerSet {
    /// The changes, in the order of the instrument.
    pub changes: Vec<Change>,
    /// The score after them.
    pub score: f64,
    /// The subindex that all of them are in, if only its questions were searched.
    pub within: Option<Id>,
}

/// What stands between a score and a maturity group.
#[derive(Debug, Clone, PartialEq)]
pub struct Raise {
    /// The score now.
    pub score: f64,
    /// The group now.
    pub group: Option<String>,
    /// The group to reach.
    pub target: String,
    /// Its threshold.
    pub threshold: f64,
    /// Whether the first set is proven to be one of the smallest.
    pub proven: bool,
    /// The sets, the smallest first; never empty.
    pub sets: Vec<AnswerSet>,
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoRaise {
    /// The composite has no score.
    #[error("there is no score to start from")]
    NoScore,
    /// The framework has no maturity groups.
    #[error("this index has no maturity groups, so there is none to reach")]
    NoGroups,
    /// The group is reached already.
    #[error("group {group} is reached already")]
    Reached {
        /// The group asked for, or the highest.
        group: String,
    },
    /// The framework has no such group.
    #[error("there is no maturity group \"{group}\" (there are: {known})")]
    Unknown {
        /// What was asked for.
        group: String,
        /// The groups that there are.
        known: String,
    },
    /// No answers were found that reach it, and it is not known that there are none.
    #[error("no answers were found that reach group {group} (threshold {threshold})")]
    NotFound {
        /// The group.
        group: String,
        /// Its threshold.
        threshold: f64,
    },
    /// No answers reach it.
    #[error("no answers reach group {group} (threshold {threshold}): {best} at most")]
    OutOfReach {
        /// The group.
        group: String,
        /// Its threshold.
        threshold: f64,
        /// A score that is not exceeded whatever is answered.
        best: f64,
    },
}

/// The scores that other answers would give.
pub type Rescore<'a> = &'a dyn Fn(&BTreeMap<Id, Answer>) -> EconomyScores;

/// Finds the smallest sets of answers with which an economy reaches `target`, or the next higher group.
/// `rescore` is the scoring of the economy.
pub fn raise(
    framework: &Framework,
    scores: &EconomyScores,
    records: &BTreeMap<Id, AnswerRecord>,
    target: Option<&str>,
    rescore: Rescore<'_>,
) -> Result<Raise, NoRaise> {
    let score = scores.score.ok_or(NoRaise::NoScore)?;
    let target = group(framework, score, target)?;
    let conditions = Conditions::of(framework);
    let board = Board::new((framework, &conditions), scores, records, rescore);
    let everywhere = |_: &Node| true;
    let Some(first) = smallest(&board, score, target.at_least, &everywhere, usize::MAX) else {
        let (group, threshold) = (target.id.clone(), target.at_least);
        return Err(match board.best_below(score, threshold) {
            Some(best) => NoRaise::OutOfReach { group, threshold, best },
            None => NoRaise::NotFound { group, threshold },
        });
    };
    // One answer is as few as there can be.
    let proven = first.proven || first.moves.len() == 1;
    let size = first.moves.len();
    let mut found: Vec<(Found, Option<Id>)> = vec![(first.clone(), None)];
    let mut add = |set: Found, within: Option<Id>| {
        if !found.iter().any(|(other, _)| other.moves == set.moves) {
            found.push((set, within));
        }
    };
    // What if one of them cannot be done?
    for (node, _) in first.moves.iter().take(MOST_LEFT_OUT) {
        let without = |other: &Node| other.question != board.nodes[*node].question;
        if let Some(set) = smallest(&board, score, target.at_least, &without, size + 1) {
            add(set, None);
        }
    }
    for subindex in &scores.subindexes {
        let inside = |node: &Node| node.subindex == subindex.id;
        if let Some(set) = smallest(&board, score, target.at_least, &inside, size * 2 + 2) {
            add(set, Some(subindex.id.clone()));
        }
    }
    let order = |(set, within): &(Found, Option<Id>)| (set.moves.len(), within.is_some());
    found[1..].sort_by(|a, b| order(a).cmp(&order(b)).then(b.0.score.total_cmp(&a.0.score)));
    found.truncate(SETS);
    let sets = found.into_iter().map(|(set, within)| answer_set(&board, score, &set, within)).collect();
    Ok(Raise {
        score,
        group: scores.group.clone(),
        target: target.id.clone(),
        threshold: target.at_least,
        proven,
        sets,
    })
}

/// The first of the sets that [`raise`] finds for the next group: the way there with the fewest answers.
pub fn outlook(
    (framework, conditions): (&Framework, &Conditions<'_>),
    scores: &EconomyScores,
    records: &BTreeMap<Id, AnswerRecord>,
    rescore: Rescore<'_>,
) -> Outlook {
    let Some(score) = scores.score else { return Outlook::NoScore };
    let Ok(target) = group(framework, score, None) else {
        let group = framework.groups.first().map(|group| group.id.clone()).unwrap_or_default();
        return Outlook::Highest { group };
    };
    let board = Board::new((framework, conditions), scores, records, rescore);
    let threshold = target.at_least;
    let Some(found) = smallest(&board, score, threshold, &|_| true, usize::MAX) else {
        let target = target.id.clone();
        return match board.best_below(score, threshold) {
            Some(best) => Outlook::OutOfReach { target, threshold, best },
            None => Outlook::NotFound { target, threshold },
        };
    };
    let set = answer_set(&board, score, &found, None);
    let step = |change: Change| Step {
        question: change.question,
        from: change.from,
        to: change.to,
        gain: change.gain,
    };
    Outlook::Within {
        target: target.id.clone(),
        threshold,
        score: set.score,
        proven: found.proven || found.moves.len() == 1,
        steps: set.changes.into_iter().map(step).collect(),
    }
}

/// The group to reach: the one asked for, else the next above the score.
fn group<'a>(
    framework: &'a Framework,
    score: f64,
    asked: Option<&str>,
) -> Result<&'a MaturityGroup, NoRaise> {
    if framework.groups.is_empty() {
        return Err(NoRaise::NoGroups);
    }
    let Some(asked) = asked else {
        let above = framework.groups.iter().filter(|group| group.at_least > score);
        let reached = || framework.groups.first().map(|group| group.id.clone()).unwrap_or_default();
        return above
            .min_by(|a, b| a.at_least.total_cmp(&b.at_least))
            .ok_or_else(|| NoRaise::Reached { group: reached() });
    };
    let found = framework.groups.iter().find(|group| group.id.eq_ignore_ascii_case(asked));
    let found = found.ok_or_else(|| {
        let known: Vec<&str> = framework.groups.iter().map(|group| group.id.as_str()).collect();
        NoRaise::Unknown { group: asked.to_owned(), known: known.join(", ") }
    })?;
    if found.at_least > score { Ok(found) } else { Err(NoRaise::Reached { group: found.id.clone() }) }
}

/// A set for people. Where gains do not add up, each is that after the changes before it, so that they lead from `score`
/// to the score of the set.
fn answer_set(board: &Board<'_>, score: f64, set: &Found, within: Option<Id>) -> AnswerSet {
    let framework = board.framework;
    let mut moves = set.moves.clone();
    moves.sort_by_key(|(node, _)| framework.position(&board.nodes[*node].question));
    let named = search::named(board, &moves);
    let mut before = score;
    let mut gains = Vec::with_capacity(moves.len());
    for (at, (_, one)) in named.iter().enumerate() {
        let after = if board.additive { None } else { board.rescored(&named[..=at]) };
        gains.push(after.map_or(one.gain, |after| after - before));
        before = after.unwrap_or(before);
    }
    let changes: Vec<Change> = moves
        .iter()
        .zip(gains)
        .map(|((node, taken), gain)| {
            let node = &board.nodes[*node];
            let taken = &node.moves[*taken];
            Change {
                from: board.answer(&node.question),
                to: taken.to.clone(),
                gain,
                evidence: framework.evidence_question(&node.question).map(|question| question.id.clone()),
                evidence_given: has_evidence(board.records, &node.question),
                opens: board.opens(&node.question, taken),
                question: node.question.clone(),
            }
        })
        .collect();
    AnswerSet { changes, score: set.score, within }
}

#[cfg(test)]
mod tests;
