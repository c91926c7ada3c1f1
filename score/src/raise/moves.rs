//! The answers that could change, what each would gain, and which of them may stand together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::framework::{Framework, Question, Scoring};
use maturity::id::{Id, IdMap};
use maturity::logic::Answers;
use maturity::score::{EconomyScores, SubindexScore, Term};

use super::Rescore;
use crate::compute::earned;
use crate::weights::factors;

/// One answer to one question that earns more than the present one, or that others need; by itself it may then lose.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Move {
    pub(super) to: Answer,
    pub(super) value: String,
    /// How much the composite gains by it alone; 0 or less for an answer that only others need.
    pub(super) gain: f64,
}

/// One question with its moves, the highest gain first.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) question: Id,
    pub(super) subindex: Id,
    pub(super) moves: Vec<Move>,
}

impl Node {
    /// The most that the question can gain.
    pub(super) fn best(&self) -> f64 {
        self.moves.iter().map(|one| one.gain).fold(0.0, f64::max)
    }
}

/// Everything that could change for one economy.
pub(super) struct Board<'a> {
    pub(super) framework: &'a Framework,
    pub(super) records: &'a BTreeMap<Id, AnswerRecord>,
    /// The questions, each after those that its conditions refer to, else the highest gain first.
    pub(super) nodes: Vec<Node>,
    /// Whether gains add up.
    pub(super) additive: bool,
    /// Whether no part is without a score: one that gets a score would change what the others weigh.
    is_complete: bool,
    rescore: Rescore<'a>,
    values: IdMap<&'a Id, Cow<'a, str>>,
    conditions: &'a Conditions<'a>,
}

/// Which questions the conditions of others refer to: the same for all economies of a framework.
pub struct Conditions<'a> {
    /// The questions that the conditions of a question refer to.
    needed: IdMap<&'a Id, Vec<&'a Id>>,
    /// The questions whose conditions refer to a question.
    watchers: IdMap<&'a Id, Vec<&'a Question>>,
}

impl<'a> Conditions<'a> {
    /// Those of a framework.
    pub fn of(framework: &'a Framework) -> Self {
        let mut watchers: IdMap<&Id, Vec<&Question>> = IdMap::default();
        let mut needed: IdMap<&Id, Vec<&Id>> = IdMap::default();
        for question in framework.asked_questions() {
            for id in conditions(question) {
                watchers.entry(id).or_default().push(question);
                needed.entry(&question.id).or_default().push(id);
            }
        }
        Self { needed, watchers }
    }

    fn watching(&self, question: &Id) -> &[&'a Question] {
        self.watchers.get(question).map(Vec::as_slice).unwrap_or_default()
    }

    fn needed(&self, question: &Id) -> &[&'a Id] {
        self.needed.get(question).map(Vec::as_slice).unwrap_or_default()
    }
}

impl<'a> Board<'a> {
    pub(super) fn new(
        (framework, conditions): (&'a Framework, &'a Conditions<'a>),
        scores: &EconomyScores,
        records: &'a BTreeMap<Id, AnswerRecord>,
        rescore: Rescore<'a>,
    ) -> Self {
        let values = records.iter().map(|(id, record)| (id, record.answer.expression_value())).collect();
        let factors = factors(framework, scores);
        let mut board = Self {
            framework,
            records,
            nodes: Vec::new(),
            additive: factors.is_some() && crate::weights::answers_keep_maximum(framework),
            is_complete: scores.subindexes.iter().all(|subindex| subindex.score.is_some()),
            rescore,
            values,
            conditions,
        };
        let before = scores.score.unwrap_or_default();
        let factors = factors.unwrap_or_default();
        let mut nodes: Vec<Node> =
            framework.asked_questions().filter_map(|question| board.node(question)).collect();
        let places = places(scores);
        for node in &mut nodes {
            let place = places.get(&node.question).copied();
            for one in &mut node.moves {
                one.gain = if board.additive {
                    board.gain(place, &factors, &node.question, &one.to)
                } else {
                    board.rescored(&[(&node.question, one)]).unwrap_or(before) - before
                };
            }
            let needed = !conditions.watching(&node.question).is_empty();
            node.moves.retain(|one| one.gain > 0.0 || needed);
            node.moves.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        }
        nodes.retain(|node| !node.moves.is_empty());
        board.nodes = ordered(conditions, nodes);
        board
    }

    /// The answers to a question that are more mature than the present one, one for each level; also those of the
    /// same or a lower level with which further questions apply. Where gains do not add up, a lower level may be
    /// the better one, and there is one for each level.
    fn node(&self, question: &'a Question) -> Option<Node> {
        let list = self.framework.choices(question)?;
        let level = |code: &str| list.choice(code).map_or(0.0, |choice| choice.level);
        let multiple = matches!(question.kind, maturity::framework::Kind::SelectMultiple(_));
        let present = match self.records.get(&question.id).map(|record| &record.answer) {
            Some(Answer::Choice(code)) => level(code),
            Some(Answer::Choices(codes)) => codes.iter().map(|code| level(code)).fold(0.0, f64::max),
            _ => 0.0,
        };
        let mut moves: Vec<Move> = Vec::new();
        let is_answered = self.answer(&question.id).is_given();
        let mut levels: Vec<f64> = if is_answered && !self.additive { vec![present] } else { Vec::new() };
        let mut opened: BTreeSet<&Id> = BTreeSet::new();
        for choice in &list.choices {
            let known = levels.iter().any(|other| other.total_cmp(&choice.level).is_eq());
            let code = choice.code.clone();
            let to = if multiple { Answer::Choices(vec![code]) } else { Answer::Choice(code) };
            let one = Move { value: to.expression_value().into_owned(), to, gain: 0.0 };
            let counts = !known && (choice.level > present || !self.additive);
            let opens = self.opening(&question.id, &one, &self.values());
            if counts || !opens.is_subset(&opened) {
                levels.push(choice.level);
                opened.extend(opens);
                moves.push(one);
            }
        }
        let (question, subindex) = (question.id.clone(), question.subindex.clone());
        (!moves.is_empty()).then_some(Node { question, subindex, moves })
    }

    fn gain(&self, place: Option<Place<'_>>, factors: &[f64], question: &Id, to: &Answer) -> f64 {
        let asked = self.framework.question(question);
        let Some((asked, scoring)) = asked.and_then(|q| q.scoring.as_ref().map(|s: &Scoring| (q, s))) else {
            return 0.0;
        };
        let Some((at, subindex, term)) = place else { return 0.0 };
        let Some(factor) = factors.get(at) else { return 0.0 };
        let after = earned(self.framework, asked, scoring, to).unwrap_or(term.points);
        factor * (after - term.points) / subindex.max_points
    }

    /// The present answer to a question.
    pub(super) fn answer(&self, question: &Id) -> Answer {
        self.records.get(question).map_or(Answer::Missing(Missing::Blank), |record| record.answer.clone())
    }

    /// The composite after some moves.
    pub(super) fn rescored(&self, moves: &[(&Id, &Move)]) -> Option<f64> {
        let mut answers: BTreeMap<Id, Answer> =
            self.records.iter().map(|(id, record)| (id.clone(), record.answer.clone())).collect();
        for (question, one) in moves {
            answers.insert((*question).clone(), one.to.clone());
        }
        (self.rescore)(&answers).score
    }

    /// A score that no answers exceed, if that is below the threshold: all highest gains, whether or not they can
    /// stand together. Where gains do not add up, none is known.
    pub(super) fn best_below(&self, score: f64, threshold: f64) -> Option<f64> {
        let best = score + self.nodes.iter().map(Node::best).sum::<f64>();
        (self.additive && self.is_complete && best < threshold).then_some(best)
    }

    /// The questions that do not apply given some values, and do after one more move.
    pub(super) fn opening<'b>(
        &'b self,
        question: &'b Id,
        one: &'b Move,
        values: &Values<'b>,
    ) -> BTreeSet<&'a Id> {
        let watching = self.conditions.watching(question).iter();
        let mut after = Values { present: values.present, changed: values.changed.clone() };
        after.change(question, one);
        watching
            .filter(|other| !applies(other, values) && applies(other, &after))
            .map(|other| &other.id)
            .collect()
    }

    /// The present values as expressions see them, to be changed while a set is tried.
    pub(super) fn values(&self) -> Values<'_> {
        Values { present: &self.values, changed: Vec::new() }
    }

    /// Whether a question applies and its constraint holds, given some values.
    pub(super) fn may_stand(&self, question: &Id, values: &Values<'_>) -> bool {
        self.framework.question(question).is_some_and(|q| applies(q, values) && is_consistent(q, values))
    }

    /// Whether changed questions leave all others as consistent and as relevant as they were.
    pub(super) fn is_sound<'b>(&'b self, changed: impl Iterator<Item = &'b Id>, values: &Values<'_>) -> bool {
        let present = self.values();
        let changed: BTreeSet<&Id> = changed.collect();
        let watching = changed.iter().flat_map(|id| self.conditions.watching(id));
        let given = |question: &Question| {
            self.values.get(&question.id).is_some_and(|value| !value.is_empty())
                && !changed.contains(&question.id)
        };
        watching.filter(|question| given(question)).all(|question| {
            (is_consistent(question, values) || !is_consistent(question, &present))
                && (applies(question, values) || !applies(question, &present))
        }) && changed.iter().all(|id| self.may_stand(id, values))
    }

    /// The required questions that a move makes relevant and that have no answer.
    pub(super) fn opens(&self, question: &Id, one: &Move) -> Vec<Id> {
        let (present, mut values) = (self.values(), self.values());
        values.change(question, one);
        let open = |other: &&&Question| {
            other.required
                && !self.answer(&other.id).is_given()
                && !applies(other, &present)
                && applies(other, &values)
        };
        self.conditions.watching(question).iter().filter(open).map(|other| other.id.clone()).collect()
    }
}

/// The values of questions as expressions see them while a set of moves is tried: the present ones, and a few others.
pub(super) struct Values<'b> {
    present: &'b IdMap<&'b Id, Cow<'b, str>>,
    /// The latest change of a question counts.
    changed: Vec<(&'b Id, &'b str)>,
}

impl<'b> Values<'b> {
    /// Gives a question the value of a move.
    pub(super) fn change(&mut self, question: &'b Id, one: &'b Move) {
        self.changed.push((question, &one.value));
    }

    /// Takes the latest change back.
    pub(super) fn take_back(&mut self) {
        self.changed.pop();
    }
}

impl Answers for Values<'_> {
    fn value(&self, question: &Id) -> &str {
        match self.changed.iter().rev().find(|(changed, _)| *changed == question) {
            Some((_, value)) => value,
            None => self.present.value(question),
        }
    }
}

/// Where a question counts: the position of its subindex, that subindex, and its term.
type Place<'s> = (usize, &'s SubindexScore, &'s Term);

/// Where each question counts; the first place, should there be several.
fn places(scores: &EconomyScores) -> IdMap<&Id, Place<'_>> {
    let mut places = IdMap::default();
    for (at, subindex) in scores.subindexes.iter().enumerate() {
        for term in subindex.indicators.iter().flat_map(|indicator| &indicator.terms) {
            places.entry(&term.question).or_insert((at, subindex, term));
        }
    }
    places
}

fn applies(question: &Question, values: &Values<'_>) -> bool {
    question.relevant.as_ref().is_none_or(|relevant| relevant.holds("", values))
}

fn is_consistent(question: &Question, values: &Values<'_>) -> bool {
    let value = values.value(&question.id);
    value.is_empty()
        || question.constraint.as_ref().is_none_or(|constraint| constraint.expression.holds(value, values))
}

/// The questions that the conditions of a question refer to.
fn conditions(question: &Question) -> BTreeSet<&Id> {
    let relevant = question.relevant.iter();
    let constraint = question.constraint.iter().map(|constraint| &constraint.expression);
    relevant.chain(constraint).flat_map(maturity::logic::Expression::references).collect()
}

/// Brings each question behind those that its conditions refer to, else the highest gain first; questions
/// that refer to each other in a circle come last.
fn ordered(conditions: &Conditions<'_>, mut nodes: Vec<Node>) -> Vec<Node> {
    nodes.sort_by(|a, b| b.best().total_cmp(&a.best()));
    let mut waiting: HashSet<Id> = nodes.iter().map(|node| node.question.clone()).collect();
    let mut done = Vec::with_capacity(nodes.len());
    // Nearly always the first is free.
    let mut nodes = VecDeque::from(nodes);
    loop {
        let free = |node: &Node| {
            let mut needed = conditions.needed(&node.question).iter();
            needed.all(|id| **id == node.question || !waiting.contains(*id))
        };
        let next = nodes.iter().position(free).unwrap_or(0);
        let Some(node) = nodes.remove(next) else { return done };
        waiting.remove(&node.question);
        done.push(node);
    }
}
