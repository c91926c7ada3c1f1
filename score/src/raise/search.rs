//! The search for the fewest moves.

use std::cell::Cell;

use maturity::id::Id;

use super::moves::{Board, Move, Node, Values};

/// How many sets are looked at before the search gives up: for a size, or where gains do not add up, at all.
const EFFORT: u32 = 40_000;

/// How many are looked at for each further size after that.
const LITTLE_EFFORT: u32 = 4_000;

/// Gains are summed in another order than the scoring sums points; a set this close to the threshold is
/// scored again before it is believed.
const TOLERANCE: f64 = 1e-9;

/// A set of moves, each as position of its node and of the move in it, in the order of the nodes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) moves: Vec<(usize, usize)>,
    /// The score after them, by the scoring itself.
    pub(super) score: f64,
    /// Whether no smaller set exists.
    pub(super) proven: bool,
}

/// The smallest set of moves of the nodes that `allowed` picks, of at most `limit` moves, with which the
/// score reaches `threshold`.
pub(super) fn smallest(
    board: &Board<'_>,
    score: f64,
    threshold: f64,
    allowed: &dyn Fn(&Node) -> bool,
    limit: usize,
) -> Option<Found> {
    let nodes: Vec<usize> =
        board.nodes.iter().enumerate().filter(|(_, node)| allowed(node)).map(|(at, _)| at).collect();
    if !board.additive {
        return greedy(board, score, threshold, &nodes, EFFORT).filter(|found| found.moves.len() <= limit);
    }
    let mut search = Search::new(board, nodes, threshold);
    let need = threshold - score;
    let first = (1..=search.nodes.len()).find(|size| search.bound(0, *size) >= need - TOLERANCE)?;
    let mut proven = true;
    for size in first..=search.nodes.len().min(limit) {
        search.effort = if proven { EFFORT } else { LITTLE_EFFORT };
        if let Some(score) = search.descend(0, size, need) {
            return Some(Found { moves: search.taken, score, proven });
        }
        search.taken.clear();
        proven = proven && search.effort > 0;
    }
    None
}

struct Search<'a> {
    board: &'a Board<'a>,
    nodes: Vec<usize>,
    threshold: f64,
    /// For each position the sums of the best gains of the nodes from there on: of none, one, two, …
    bounds: Vec<Vec<f64>>,
    values: Values<'a>,
    taken: Vec<(usize, usize)>,
    effort: u32,
}

impl<'a> Search<'a> {
    fn new(board: &'a Board<'a>, nodes: Vec<usize>, threshold: f64) -> Self {
        // From the last position to the first: each adds one gain to those that are in order already.
        let mut gains: Vec<f64> = Vec::with_capacity(nodes.len());
        let mut bounds = Vec::with_capacity(nodes.len() + 1);
        bounds.push(vec![0.0]);
        for at in nodes.iter().rev() {
            let gain = board.nodes[*at].best();
            let place = gains.partition_point(|other| other.total_cmp(&gain).is_gt());
            gains.insert(place, gain);
            let mut sum = 0.0;
            let sums = gains.iter().map(|gain| {
                sum += gain;
                sum
            });
            bounds.push(std::iter::once(0.0).chain(sums).collect());
        }
        bounds.reverse();
        Self { board, nodes, threshold, bounds, values: board.values(), taken: Vec::new(), effort: 0 }
    }

    /// The most that `count` of the nodes from a position on can gain together.
    fn bound(&self, from: usize, count: usize) -> f64 {
        let sums = self.bounds.get(from).map(Vec::as_slice).unwrap_or_default();
        sums.get(count).or(sums.last()).copied().unwrap_or_default()
    }

    /// Takes `left` more moves from a position on so that they gain `need`; gives the score after all moves
    /// taken, and leaves them in `taken`.
    fn descend(&mut self, from: usize, left: usize, need: f64) -> Option<f64> {
        if left == 0 {
            return if need <= TOLERANCE { self.scored() } else { None };
        }
        let board = self.board;
        for position in from..self.nodes.len() {
            if self.nodes.len() - position < left || self.bound(position, left) < need - TOLERANCE {
                return None;
            }
            let at = *self.nodes.get(position)?;
            let node = &board.nodes[at];
            for (which, one) in node.moves.iter().enumerate() {
                if self.effort == 0 {
                    return None;
                }
                self.effort -= 1;
                self.values.change(&node.question, one);
                self.taken.push((at, which));
                // Everything that its conditions refer to was decided before it.
                if board.may_stand(&node.question, &self.values)
                    && let Some(score) = self.descend(position + 1, left - 1, need - one.gain)
                {
                    return Some(score);
                }
                self.taken.pop();
                self.values.take_back();
            }
        }
        None
    }

    /// The score after the moves taken, if they are sound and reach the threshold.
    fn scored(&self) -> Option<f64> {
        let moves = named(self.board, &self.taken);
        if !self.board.is_sound(moves.iter().map(|(id, _)| *id), &self.values) {
            return None;
        }
        self.board.rescored(&moves).filter(|score| *score >= self.threshold)
    }
}

pub(super) fn named<'a>(board: &'a Board<'_>, taken: &[(usize, usize)]) -> Vec<(&'a Id, &'a Move)> {
    taken
        .iter()
        .map(|(node, which)| {
            let node = &board.nodes[*node];
            (&node.question, &node.moves[*which])
        })
        .collect()
}

/// Takes the best next move again and again, then drops what is needless. Where no move gains anything, one that
/// makes further questions apply is taken with the best of these. At most `effort` sets are scored on the way.
fn greedy(board: &Board<'_>, score: f64, threshold: f64, nodes: &[usize], effort: u32) -> Option<Found> {
    let left = Cell::new(effort);
    let outcome = |taken: &[Taken]| {
        left.set(left.get().checked_sub(1)?);
        let moves = named(board, taken);
        let sound = board.is_sound(moves.iter().map(|(id, _)| *id), &values_of(board, taken));
        if sound { board.rescored(&moves) } else { None }
    };
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut reached = score;
    while reached < threshold {
        let free = nodes.iter().filter(|at| !taken.iter().any(|(other, _)| other == *at));
        let options = free.flat_map(|at| (0..board.nodes[*at].moves.len()).map(move |which| (*at, which)));
        let tried = options.filter_map(|option| {
            let with: Vec<(usize, usize)> = taken.iter().copied().chain([option]).collect();
            outcome(&with).map(|score| (score, with))
        });
        let best = tried.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score > reached);
        (reached, taken) = best.or_else(|| beyond(board, nodes, &taken, reached, &outcome))?;
    }
    // As many sets as there are moves, whatever the search has cost.
    left.set(EFFORT);
    let mut at = 0;
    while at < taken.len() {
        let mut without = taken.clone();
        without.remove(at);
        match outcome(&without) {
            Some(score) if score >= threshold => (reached, taken) = (score, without),
            _ => at += 1,
        }
    }
    taken.sort_unstable();
    Some(Found { moves: taken, score: reached, proven: false })
}

/// A move that was taken: the positions of its node and of the move in it.
type Taken = (usize, usize);

/// How many moves in a row may gain nothing but that further questions apply.
const DEEPEST: usize = 4;

/// How many such beginnings are followed at a time.
const BEGINNINGS: usize = 100;

fn values_of<'a>(board: &'a Board<'_>, taken: &[Taken]) -> Values<'a> {
    let mut values = board.values();
    for (id, one) in named(board, taken) {
        values.change(id, one);
    }
    values
}

/// The best score above `reached` that some moves lead to of which each but the last makes the next one apply, with
/// all moves taken.
fn beyond(
    board: &Board<'_>,
    nodes: &[usize],
    taken: &[Taken],
    reached: f64,
    outcome: &dyn Fn(&[Taken]) -> Option<f64>,
) -> Option<(f64, Vec<Taken>)> {
    let moves_of = |at: usize| (0..board.nodes[at].moves.len()).map(move |which| (at, which));
    let mut beginnings = vec![taken.to_vec()];
    for _ in 0..DEEPEST {
        let mut further = Vec::new();
        let mut best: Option<(f64, Vec<Taken>)> = None;
        for beginning in &beginnings {
            let values = values_of(board, beginning);
            let free = |at: &&usize| !beginning.iter().any(|(other, _)| other == *at);
            for option in nodes.iter().filter(free).flat_map(|at| moves_of(*at)) {
                let node = &board.nodes[option.0];
                let opened = board.opening(&node.question, &node.moves[option.1], &values);
                let with: Vec<Taken> = beginning.iter().copied().chain([option]).collect();
                if opened.is_empty() || outcome(&with).is_none() {
                    continue;
                }
                let next = nodes.iter().filter(|at| opened.contains(&board.nodes[**at].question));
                for option in next.flat_map(|at| moves_of(*at)) {
                    let all: Vec<Taken> = with.iter().copied().chain([option]).collect();
                    let score = outcome(&all).filter(|score| *score > reached);
                    if let Some(score) =
                        score.filter(|score| best.as_ref().is_none_or(|(best, _)| score > best))
                    {
                        best = Some((score, all));
                    }
                }
                further.push(with);
            }
        }
        if best.is_some() {
            return best;
        }
        further.truncate(BEGINNINGS);
        beginnings = further;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use maturity::answer::Answer;
    use maturity::economy::EconomyCode;
    use maturity::logic::Answers;

    use super::*;
    use crate::Population;
    use crate::raise::Conditions;
    use crate::testing::gtmi;

    /// The search for the next size begins where this one began.
    #[test]
    fn a_search_that_is_cut_off_leaves_no_value_changed() {
        let framework = gtmi();
        let rescore = |answers: &BTreeMap<Id, Answer>| {
            crate::score(framework, &Population::default(), &EconomyCode::new("KEN"), None, answers, &|_| {
                Some(0.4)
            })
        };
        let (records, conditions) = (BTreeMap::new(), Conditions::of(framework));
        let scores = rescore(&BTreeMap::new());
        let board = Board::new((framework, &conditions), &scores, &records, &rescore);
        let out_of_reach = 2.0;
        let mut search = Search::new(&board, (0..board.nodes.len()).collect(), out_of_reach);
        for effort in [1, 2, 3, 50, 500] {
            search.effort = effort;
            assert_eq!(search.descend(0, 3, 0.02), None);
            assert_eq!(search.effort, 0, "it was cut off");
            let changed = board.nodes.iter().find(|node| !search.values.value(&node.question).is_empty());
            assert_eq!(changed.map(|node| &node.question), None);
            search.taken.clear();
        }
    }

    /// Where gains do not add up every set is scored: what cannot be reached must not be looked for at any length.
    #[test]
    fn a_search_where_gains_do_not_add_up_scores_so_many_sets_and_no_more() {
        let framework = gtmi();
        let sets = Cell::new(0);
        let rescore = |answers: &BTreeMap<Id, Answer>| {
            sets.set(sets.get() + 1);
            crate::score(framework, &Population::default(), &EconomyCode::new("KEN"), None, answers, &|_| {
                Some(0.4)
            })
        };
        let (records, conditions) = (BTreeMap::new(), Conditions::of(framework));
        let scores = rescore(&BTreeMap::new());
        let board = Board::new((framework, &conditions), &scores, &records, &rescore);
        let nodes: Vec<usize> = (0..board.nodes.len()).collect();
        sets.set(0);
        assert_eq!(greedy(&board, scores.score.unwrap(), 2.0, &nodes, 500), None);
        assert!((1..=500).contains(&sets.get()), "{}", sets.get());
    }
}
