//! `gtmi compare`: an economy beside the world, its region, its income group and chosen peers.

use maturity::comparator::{
    Comparator, ComparatorSet, Distribution, Item, Kind, Level, Origin, Panel, Rank, Row, rank,
};
use maturity::economy::EconomyCode;
use maturity::framework::Verdict;
use maturity::id::Id;
use maturity::shown::{percent, signed};
use maturity::submission::Wave;
use pipeline::comparators::{self, PinError};
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde::Serialize;
use store::{Store, StoreError};

use crate::arguments::CompareOptions;
use crate::say::{Tone, Voice, counted};
use crate::standing::Standing;

/// The rule for equal scores, as it is printed with every rank.
const TIE_RULE: &str = "equal unrounded scores share the best place, and the places after them are left out";

#[derive(Serialize)]
struct Comparison {
    economy: String,
    /// The wave of the comparators.
    wave: u16,
    /// The wave of the scores.
    scores_wave: u16,
    classified: Option<String>,
    pin: Option<String>,
    comparators: Vec<Beside>,
    tie_rule: Option<&'static str>,
}

/// An economy beside one comparator.
#[derive(Serialize)]
struct Beside {
    kind: Kind,
    name: String,
    economies: usize,
    /// How many of them have a composite: those that the means are over.
    scored: u32,
    scores: Vec<Line>,
    /// The scores that no other economy has: beside its own there is nothing to compare with.
    own: Vec<String>,
    changes: Vec<Change>,
}

#[derive(Serialize)]
struct Line {
    level: Level,
    id: String,
    score: Option<f64>,
    /// None is taken where the waves of the scores and of the comparators do not compare.
    difference_to_mean: Option<f64>,
    comparable: Verdict,
    #[serde(flatten)]
    distribution: Distribution,
    rank: Option<Rank>,
}

/// The change between two waves, over the economies that have a score in both; none is taken where they do not compare, and
/// there is no mean where the economy alone has both.
#[derive(Serialize)]
struct Change {
    id: String,
    from_wave: u16,
    to_wave: u16,
    comparable: Verdict,
    /// The waves whose scores are the publisher's; the others were computed.
    published: Vec<u16>,
    by: Option<f64>,
    mean: Option<f64>,
    economies: u32,
}

/// The set that is asked for, and the scores of all waves.
pub(crate) fn set(
    context: &Context,
    store: &Store,
) -> Result<(ComparatorSet, Vec<Panel>), PinError<StoreError>> {
    let panels = panels(context, store).map_err(PinError::Kept)?;
    let pinned = comparators::pinned(context, |wave, name| store.pinned_comparators(wave, name))?;
    let set = pinned.unwrap_or_else(|| comparators::computed(context, None, &panels));
    Ok((set, panels))
}

/// The scores in force of this wave and the published ones of others.
pub(crate) fn panels(context: &Context, store: &Store) -> Result<Vec<Panel>, StoreError> {
    comparators::panels(context, |add| {
        store.each_scores(context.framework.wave, |scores, _| {
            add(&scores);
            Ok(())
        })
    })
}

/// A set that is not there is a wrong configuration; one that cannot be read is a failure.
pub(crate) fn failure(error: PinError<StoreError>) -> Failure {
    match error {
        PinError::Absent(_) => Failure::new(Exit::Usage, error),
        PinError::Kept(_) => Failure::stage(error),
    }
}

/// Compares an economy.
pub(crate) fn compare(context: &Context, voice: Voice, options: &CompareOptions) -> Result<Exit, Failure> {
    let standing = Standing::of(context, &options.economy)?;
    let (set, panels) = set(context, &standing.store).map_err(failure)?;
    let economy = &standing.economy.code;
    let asked = |comparator: &&Comparator| {
        options.with.is_empty() || options.with.iter().any(|kind| Kind::from(*kind) == comparator.kind)
    };
    let beside: Vec<Beside> = set
        .of(economy)
        .filter(asked)
        .map(|comparator| Look { context, set: &set, panels: &panels, economy, comparator }.beside(options))
        .collect();
    if beside.is_empty() {
        let message =
            format!("{economy} is in none of these comparators ([comparators] peers names sets of peers)");
        return Err(Failure::new(Exit::Usage, message));
    }
    let comparison = Comparison {
        economy: economy.to_string(),
        wave: set.wave.0,
        scores_wave: context.framework.wave.0,
        classified: set.classified.clone(),
        pin: set.pin.clone(),
        comparators: beside,
        tie_rule: options.ranks.then_some(TIE_RULE),
    };
    say(voice, &comparison, &standing.economy.name);
    voice.result(&comparison)?;
    Ok(Exit::Done)
}

/// One economy looked at beside one comparator.
struct Look<'a> {
    context: &'a Context,
    set: &'a ComparatorSet,
    panels: &'a [Panel],
    economy: &'a EconomyCode,
    comparator: &'a Comparator,
}

impl Look<'_> {
    fn beside(&self, options: &CompareOptions) -> Beside {
        let framework = &self.context.framework;
        let index = (Level::Index, &framework.composite.id);
        let subindexes = framework.subindexes.iter().map(|subindex| (Level::Subindex, &subindex.id));
        let indicators = framework.indicators.iter().filter(|_| options.indicators);
        let indicators = indicators.map(|indicator| (Level::Indicator, &indicator.id));
        let scores = std::iter::once(index).chain(subindexes.clone()).chain(indicators);
        let (mut lines, mut own) = (Vec::new(), Vec::new());
        for (level, id) in scores {
            let Some(row) = self.set.row(self.comparator, self.set.wave, None, id, level) else { continue };
            if row.is_own(self.economy) {
                own.push(id.to_string());
            } else {
                lines.extend(self.line(row, options.ranks));
            }
        }
        let (level, id) = index;
        let index_row = self.set.row(self.comparator, self.set.wave, None, id, level);
        let changes = std::iter::once(index).chain(subindexes);
        Beside {
            kind: self.comparator.kind,
            name: self.comparator.name.clone(),
            economies: self.comparator.economies.len(),
            scored: index_row.map_or(0, |row| row.distribution.economies),
            scores: lines,
            own,
            changes: changes.flat_map(|(level, id)| self.changes(level, id)).collect(),
        }
    }

    fn panel(&self, wave: Wave) -> Option<&Panel> {
        self.panels.iter().find(|panel| panel.wave == wave)
    }

    fn line(&self, row: &Row, ranks: bool) -> Option<Line> {
        let (item, distribution) = (&row.item, row.distribution);
        let framework = &self.context.framework;
        let panel = self.panel(framework.wave)?;
        let score = panel.score(self.economy, item);
        let comparable = framework.comparability(&item.id, self.set.wave, framework.wave).verdict;
        Some(Line {
            level: item.level,
            id: item.id.to_string(),
            score,
            difference_to_mean: score
                .filter(|_| comparable != Verdict::No)
                .map(|score| score - distribution.mean),
            comparable,
            distribution,
            rank: score.filter(|_| ranks).map(|score| rank(score, panel.scores(self.comparator, item))),
        })
    }

    /// The changes from and to the wave, each over the economies with a score in both.
    fn changes(&self, level: Level, id: &Id) -> Vec<Change> {
        let mut waves: Vec<Wave> = self.panels.iter().map(|panel| panel.wave).collect();
        waves.sort_unstable();
        let item = Item { level, id: id.clone() };
        let between = |from: Wave, to: Wave| {
            let of = |wave, other| self.set.row(self.comparator, wave, Some(other), id, level);
            let (before, after) = (of(from, to)?, of(to, from)?);
            let score = |wave| self.panel(wave)?.score(self.economy, &item);
            let comparable = self.context.framework.comparability(id, from, to).verdict;
            let taken = comparable != Verdict::No;
            let is_published =
                |wave: &Wave| self.panel(*wave).is_some_and(|panel| panel.origin == Origin::Published);
            Some(Change {
                id: id.to_string(),
                from_wave: from.0,
                to_wave: to.0,
                comparable,
                published: [from, to].into_iter().filter(is_published).map(|wave| wave.0).collect(),
                by: score(to).zip(score(from)).map(|(to, from)| to - from).filter(|_| taken),
                mean: (taken && !after.is_own(self.economy))
                    .then_some(after.distribution.mean - before.distribution.mean),
                economies: after.distribution.economies,
            })
        };
        waves.iter().zip(waves.iter().skip(1)).filter_map(|(from, to)| between(*from, *to)).collect()
    }
}

/// Which scores do not compare with the comparators, whose wave is another one.
fn apart(scores: &[Line]) -> Option<String> {
    let ids: Vec<&str> =
        scores.iter().filter(|line| line.comparable == Verdict::No).map(|line| &*line.id).collect();
    let do_not = if ids.len() == 1 { "does not" } else { "do not" };
    (!ids.is_empty())
        .then(|| format!("{} {do_not} compare with that wave, so no difference is taken", ids.join(", ")))
}

/// Which scores no other economy of a comparator has.
fn own(ids: &[String]) -> Option<String> {
    (!ids.is_empty()).then(|| format!("no other economy has a score: {}", ids.join(", ")))
}

/// A change in a line: which of its waves are as published, and how far the two compare.
fn moved(change: &Change) -> String {
    let published = |wave: u16| if change.published.contains(&wave) { " as published" } else { "" };
    let waves = format!(
        "{:<8} {}{} to {}{}",
        change.id,
        change.from_wave,
        published(change.from_wave),
        change.to_wave,
        published(change.to_wave)
    );
    if change.comparable == Verdict::No {
        return format!("{waves}: these do not compare, so no difference is taken");
    }
    let own = change.by.map_or_else(|| "n/a".to_owned(), |by| signed(by, 4));
    let partly = if change.comparable == Verdict::Partly { " (comparable in part)" } else { "" };
    let Some(mean) = change.mean else {
        return format!("{waves}: {own}, and no other economy has a score in both{partly}");
    };
    let mean = signed(mean, 4);
    let same = counted(change.economies, "economy", "economies");
    format!("{waves}: {own}, mean {mean} over the same {same}{partly}")
}

fn table(voice: Voice, lines: &[Line], ranks: bool) {
    if lines.is_empty() {
        return;
    }
    let rank = if ranks { "      rank" } else { "" };
    voice.line(&format!(
        "{:<8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}{rank}",
        "id", "score", "mean", "to mean", "lower", "median", "upper", "full"
    ));
    for line in lines {
        let of = &line.distribution;
        let shown =
            |value: Option<f64>| value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.4}"));
        let signed = line.difference_to_mean.map_or_else(|| "n/a".to_owned(), |by| signed(by, 4));
        let full = of.full_share.map_or_else(|| "n/a".to_owned(), |share| format!("{}%", percent(share, 0)));
        let rank = line.rank.map_or_else(String::new, |rank| {
            let tied = if rank.tied > 0 { "=" } else { "" };
            format!(" {:>9}", format!("{}{tied} of {}", rank.place, rank.of))
        });
        voice.line(&format!(
            "{:<8} {:>8} {:>8.4} {signed:>8} {:>8.4} {:>8.4} {:>8.4} {full:>6}{rank}",
            line.id,
            shown(line.score),
            of.mean,
            of.lower_quartile,
            of.median,
            of.upper_quartile,
        ));
    }
}

fn say(voice: Voice, comparison: &Comparison, name: &str) {
    let classified = comparison.classified.as_ref().map_or_else(
        || "regions and income groups of unknown date".to_owned(),
        |date| format!("regions and income groups as classified {date}"),
    );
    let pin = comparison.pin.as_ref().map_or_else(
        || "comparators computed from the scores in force".to_owned(),
        |pin| format!("comparators pinned as \"{pin}\""),
    );
    let is_of_other = comparison.wave != comparison.scores_wave;
    let pin = if is_of_other { format!("{pin}, of wave {}", comparison.wave) } else { pin };
    let heading = format!("{} {name}, wave {}", comparison.economy, comparison.scores_wave);
    voice.line(&voice.toned(Tone::Heading, &heading));
    voice.line(&format!("{pin}; {classified}"));
    for beside in &comparison.comparators {
        let name = if beside.kind == Kind::World { String::new() } else { format!(" {}", beside.name) };
        let all = beside.economies;
        let told = if usize::try_from(beside.scored) == Ok(all) {
            counted(all, "economy", "economies")
        } else {
            format!("{} of {}", beside.scored, counted(all, "economy", "economies"))
        };
        let title = format!("\n{}{name}: {told}", beside.kind.as_str());
        voice.line(&voice.toned(Tone::Heading, &title));
        table(voice, &beside.scores, comparison.tie_rule.is_some());
        for sentence in own(&beside.own).into_iter().chain(apart(&beside.scores)) {
            voice.line(&sentence);
        }
        for change in &beside.changes {
            voice.line(&moved(change));
        }
    }
    if let Some(rule) = comparison.tie_rule {
        voice.line(&format!("\nranks are among the scores in force; {rule}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_compare_with_the_comparators_is_named() {
        let distribution = Distribution::of(&[(0.5, None)]).unwrap();
        let line = |id: &str, comparable| Line {
            level: Level::Indicator,
            id: id.to_owned(),
            score: Some(0.75),
            difference_to_mean: None,
            comparable,
            distribution,
            rank: None,
        };
        assert_eq!(apart(&[line("I-1", Verdict::Yes), line("I-2", Verdict::Partly)]), None);
        let lines = [line("I-1", Verdict::Yes), line("I-40", Verdict::No), line("I-41", Verdict::No)];
        assert_eq!(
            apart(&lines).unwrap(),
            "I-40, I-41 do not compare with that wave, so no difference is taken"
        );
    }

    #[test]
    fn a_change_says_which_waves_are_published_and_how_far_they_compare() {
        let mut change = Change {
            id: "ALL".to_owned(),
            from_wave: 2020,
            to_wave: 2022,
            comparable: Verdict::Yes,
            published: vec![2020],
            by: Some(0.125),
            mean: Some(-0.5),
            economies: 2,
        };
        assert_eq!(
            moved(&change),
            "ALL      2020 as published to 2022: +0.1250, mean -0.5000 over the same 2 economies"
        );
        change =
            Change { comparable: Verdict::Partly, published: vec![2022], by: None, economies: 1, ..change };
        assert_eq!(
            moved(&change),
            "ALL      2020 to 2022 as published: n/a, mean -0.5000 over the same 1 economy (comparable in part)"
        );
        change = Change { by: Some(0.125), mean: None, ..change };
        assert_eq!(
            moved(&change),
            "ALL      2020 to 2022 as published: +0.1250, and no other economy has a score in both (comparable in part)"
        );
        change = Change { comparable: Verdict::No, published: vec![2020, 2022], mean: None, ..change };
        assert_eq!(
            moved(&change),
            "ALL      2020 as published to 2022 as published: these do not compare, so no difference is taken"
        );
    }
}
