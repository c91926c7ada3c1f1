//! Which comparators a run has, and the set that is pinned.
//!
//! A set that is computed from the scores in force changes with every new submission, and everything that
//! shows it would have to be made again each time. A pinned set stays: that of a published wave follows from
//! the table of published scores alone, a frozen one is kept in the store until it is frozen again.

use std::collections::{BTreeMap, BTreeSet};

use maturity::comparator::{Comparator, ComparatorSet, Level, Origin, Panel};
use maturity::economy::{Economies, EconomyCode};
use maturity::framework::{Direction, Indicator, Range};
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::submission::Wave;

use crate::config::ComparatorChoice;
use crate::context::Context;
use crate::hash::{Fingerprint, sha256};
use crate::tables::{PublishedScores, TableError};

/// What the name of a pinned set of published scores begins with.
const PUBLISHED: &str = "published-";

/// Which set of comparators is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// None is pinned: it is computed from the scores in force.
    Live,
    /// The published scores of a wave.
    Published(Wave),
    /// The set that was frozen under a name.
    Frozen(String),
}

impl Pin {
    /// The pin that the configuration asks for; a published wave must be in the table.
    pub fn of(choice: &ComparatorChoice, published: &[PublishedScores]) -> Result<Self, TableError> {
        let Some(name) = &choice.pin else { return Ok(Self::Live) };
        let Some(wave) = name.strip_prefix(PUBLISHED) else { return Ok(Self::Frozen(name.clone())) };
        let known: BTreeSet<Wave> = published.iter().map(|scores| scores.wave).collect();
        let wave = wave.parse().ok().map(Wave).filter(|wave| known.contains(wave));
        wave.map(Self::Published).ok_or_else(|| {
            let known: Vec<String> = known.iter().map(|wave| format!("{PUBLISHED}{wave}")).collect();
            let what =
                format!("there is no set \"{name}\" (of published scores there is: {})", known.join(", "));
            TableError::Setting { place: "[comparators] pin".to_owned(), what }
        })
    }

    /// Whether a name may be given to a frozen set: those of published waves are taken.
    pub fn may_freeze(name: &str) -> bool {
        !name.is_empty() && !name.starts_with(PUBLISHED)
    }
}

/// The comparators of a run; chosen peers are checked against the table of economies.
pub fn comparators(choice: &ComparatorChoice, economies: &Economies) -> Result<Vec<Comparator>, TableError> {
    let mut peers: BTreeMap<String, BTreeSet<EconomyCode>> = BTreeMap::new();
    for (name, chosen) in &choice.peers {
        let wrong = |what: String| TableError::Setting { place: format!("[comparators] peers.{name}"), what };
        let mut codes = BTreeSet::new();
        for text in chosen {
            let (economy, _) = economies.find(text).map_err(|unknown| {
                let guess =
                    unknown.proposed().map(|code| format!(", did you mean {code}?")).unwrap_or_default();
                wrong(format!("\"{text}\" is not in the table of economies{guess}"))
            })?;
            codes.insert(economy.code.clone());
        }
        if codes.is_empty() {
            return Err(wrong("the set has no economies".to_owned()));
        }
        peers.insert(name.clone(), codes);
    }
    Ok(Comparator::all(economies, &peers))
}

/// The set that follows from the published scores of a wave alone, with other waves over the same economies.
pub fn published(context: &Context, wave: Wave) -> ComparatorSet {
    from_published(context, wave, |_| true)
}

/// The set of the published scores of a wave, from the panels of those waves that are `wanted`.
fn from_published(context: &Context, wave: Wave, wanted: impl Fn(Wave) -> bool) -> ComparatorSet {
    let pin = format!("{PUBLISHED}{wave}");
    compute(context, Some(&pin), wave, &published_panels(context, wanted))
}

/// The set of the scores in force, with the published scores of other waves; from their [`panels`]. It is frozen under
/// `pin`, or moves with the scores.
pub fn computed(context: &Context, pin: Option<&str>, panels: &[Panel]) -> ComparatorSet {
    compute(context, pin, context.framework.wave, panels)
}

/// The scores in force of this wave and the published ones of others. The former are added by `each`, economy by
/// economy: all of them with their answers need not be held.
pub fn panels<E>(
    context: &Context,
    each: impl FnOnce(&mut dyn FnMut(&EconomyScores)) -> Result<(), E>,
) -> Result<Vec<Panel>, E> {
    let wave = context.framework.wave;
    let mut panels = published_panels(context, |published| published != wave);
    let mut panel = Panel::new(wave, Origin::Computed).with_room(context.economies.len());
    each(&mut |scores| panel.add_scores(scores))?;
    panels.push(panel);
    Ok(panels)
}

fn compute(context: &Context, pin: Option<&str>, wave: Wave, panels: &[Panel]) -> ComparatorSet {
    let classified = context.economies.classified();
    ComparatorSet::compute(pin, classified, wave, context.comparators.clone(), panels)
}

/// The published scores of the waves that are `wanted` as panels, one a wave. An indicator that is a share of points has
/// all of them where it is 1; one that is a number, or on another scale, has no full level.
fn published_panels(context: &Context, wanted: impl Fn(Wave) -> bool) -> Vec<Panel> {
    let framework = &context.framework;
    let is_share = |indicator: &Indicator| {
        framework.has_points(&indicator.id)
            && indicator.direction == Direction::Higher
            && framework.indicator_range(indicator) == Range::SHARE
    };
    let shares: BTreeSet<&Id> =
        framework.indicators.iter().filter(|one| is_share(one)).map(|one| &one.id).collect();
    let mut panels: BTreeMap<Wave, Panel> = BTreeMap::new();
    let rows = context.published_scores.iter().chain(&context.published_indicators);
    for row in rows.filter(|row| wanted(row.wave)) {
        let panel = panels.entry(row.wave).or_insert_with(|| Panel::new(row.wave, Origin::Published));
        for (id, score) in &row.scores {
            let (level, full) = if *id == framework.composite.id {
                (Level::Index, None)
            } else if framework.subindex(id).is_none() && framework.indicator(id).is_some() {
                (Level::Indicator, shares.contains(id).then_some(*score >= 1.0))
            } else {
                (Level::Subindex, None)
            };
            panel.add(&row.economy, level, id, Some(*score), full);
        }
    }
    panels.into_values().collect()
}

/// The pinned set that the configuration asks for, if it asks for one: from the published scores, or through
/// `frozen` from where frozen sets are kept, by the wave that is worked on and the name. It says so if there is none.
pub fn pinned<E>(
    context: &Context,
    frozen: impl FnOnce(Wave, &str) -> Result<Option<ComparatorSet>, E>,
) -> Result<Option<ComparatorSet>, PinError<E>> {
    match &context.pin {
        Pin::Live => Ok(None),
        Pin::Published(wave) => Ok(Some(published(context, *wave))),
        Pin::Frozen(name) => {
            let set = frozen(context.framework.wave, name).map_err(PinError::Kept)?;
            set.map(Some).ok_or_else(|| PinError::Absent(name.clone()))
        }
    }
}

/// The set that reports show: the pinned one; where none is, that of the published scores of the wave, which stays
/// as well; else none. From published scores it has the distributions of its wave over all economies alone, since
/// reports show no others.
pub fn shown<E>(
    context: &Context,
    frozen: impl FnOnce(Wave, &str) -> Result<Option<ComparatorSet>, E>,
) -> Result<Option<ComparatorSet>, E> {
    let of_wave = |wave| from_published(context, wave, |published| published == wave);
    match &context.pin {
        Pin::Published(wave) => Ok(Some(of_wave(*wave))),
        Pin::Live => {
            let wave = context.framework.wave;
            let known = context.published_scores.iter().any(|scores| scores.wave == wave);
            Ok(known.then(|| of_wave(wave)))
        }
        Pin::Frozen(name) => {
            let set = frozen(context.framework.wave, name)?;
            if set.is_none() {
                // It is frozen from scores, so the first run is without it.
                tracing::warn!(
                    name,
                    "no comparators are frozen under this name; reports are made without comparators"
                );
            }
            Ok(set)
        }
    }
}

/// Names everything that the set that reports show follows from, where that is published scores alone: a set need not
/// be computed to know that it is the same. Absent for a frozen set, and where none is shown.
///
/// Of the economies, their classification and the framework, whoever keeps the name keeps their hashes, too.
pub fn basis(context: &Context) -> Option<String> {
    let wave = match &context.pin {
        Pin::Published(wave) => *wave,
        Pin::Live => context.framework.wave,
        Pin::Frozen(_) => return None,
    };
    if !context.published_scores.iter().any(|scores| scores.wave == wave) {
        return None;
    }
    let mut basis =
        Fingerprint::new().with(wave.to_string()).with(format!("{:?}", context.config.comparators));
    for row in context.published_scores.iter().chain(&context.published_indicators) {
        basis.add(row.economy.as_str());
        basis.add(row.wave.0.to_le_bytes());
        for (id, score) in &row.scores {
            basis.add(id.as_str());
            basis.add(score.to_bits().to_le_bytes());
        }
    }
    Some(basis.finish())
}

/// The pinned set cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PinError<E> {
    /// Nothing was frozen under the name.
    #[error(
        "no comparators are frozen under \"{0}\" ([comparators] pin; gtmi comparators pin {0} freezes those of now)"
    )]
    Absent(String),
    /// It cannot be read.
    #[error("failed to read what comparators are made of")]
    Kept(#[source] E),
}

/// A hash of everything that a set says: what shows it has to be made again when it changes.
pub fn fingerprint(set: &ComparatorSet) -> String {
    sha256(format!("{set:?}").as_bytes())
}

#[cfg(test)]
mod tests {
    use maturity::economy::Economy;

    use super::*;

    fn economies() -> Economies {
        let economy = |code: &str| Economy {
            code: EconomyCode::new(code),
            name: code.to_owned(),
            names: BTreeMap::new(),
            iso3: code.to_owned(),
            iso2: String::new(),
            other_codes: Vec::new(),
            other_names: Vec::new(),
            region: "N".to_owned(),
            income: "H".to_owned(),
        };
        Economies::new(vec![economy("KEN"), economy("UGA")]).0
    }

    fn choice(peers: &[&str], pin: Option<&str>) -> ComparatorChoice {
        let peers = peers.iter().map(|code| (*code).to_owned()).collect();
        ComparatorChoice { peers: BTreeMap::from([("east".to_owned(), peers)]), pin: pin.map(str::to_owned) }
    }

    #[test]
    fn peers_are_checked_against_the_table_of_economies() {
        let found = comparators(&choice(&["uga", "KEN"], None), &economies()).unwrap();
        assert_eq!(found.last().unwrap().economies.len(), 2);
        let error = comparators(&choice(&["KNE"], None), &economies()).unwrap_err().to_string();
        assert!(
            error.starts_with("[comparators] peers.east: \"KNE\" is not in the table of economies"),
            "{error}"
        );
        let error = comparators(&choice(&[], None), &economies()).unwrap_err().to_string();
        assert!(error.contains("the set has no economies"), "{error}");
    }

    #[test]
    fn a_pin_is_a_published_wave_or_a_name() {
        let scores = PublishedScores {
            wave: Wave(2022),
            economy: EconomyCode::new("KEN"),
            group: String::new(),
            scores: Vec::new(),
        };
        let pin = |name: Option<&str>| Pin::of(&choice(&["KEN"], name), std::slice::from_ref(&scores));
        assert_eq!(pin(None).unwrap(), Pin::Live);
        assert_eq!(pin(Some("published-2022")).unwrap(), Pin::Published(Wave(2022)));
        assert_eq!(pin(Some("may")).unwrap(), Pin::Frozen("may".to_owned()));
        let error = pin(Some("published-2021")).unwrap_err().to_string();
        assert!(error.contains("of published scores there is: published-2022"), "{error}");
        assert!(Pin::may_freeze("may") && !Pin::may_freeze("published-2030"));
    }
}
