//! Hand-computed splits, the properties of the rule, transitions, and wording in three languages.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::wording::placeholders;

fn set(causes: &[Cause]) -> BTreeSet<Cause> {
    causes.iter().copied().collect()
}

/// A game given by the value of each subset; bit 0 is the first cause.
fn game(causes: &[Cause], values: &[f64]) -> Parts {
    let position = |acted: &BTreeSet<Cause>| {
        causes
            .iter()
            .enumerate()
            .filter(|(_, cause)| acted.contains(cause))
            .map(|(at, _)| 1 << at)
            .sum::<usize>()
    };
    shares(&set(causes), |acted| vec![Some(values[position(acted)])])[0].unwrap()
}

#[test]
fn two_causes_share_what_they_do_together_in_halves() {
    // Worked by hand in the module's text.
    let parts = game(&[Cause::Answers, Cause::Instrument], &[0.50, 0.60, 0.52, 0.66]);
    assert!((parts.of(Cause::Answers) - 0.12).abs() < 1e-15);
    assert!((parts.of(Cause::Instrument) - 0.04).abs() < 1e-15);
    assert!((parts.sum() - 0.16).abs() < 1e-15);
    assert_eq!(parts.of(Cause::Source).to_bits(), 0.0_f64.to_bits());
}

#[test]
fn three_causes_give_the_mean_over_all_six_orders() {
    // v: nothing 0, a 1, b 2, ab 5, c 3, ac 6, bc 7, abc 12. By hand, what a adds over the six orders is
    // 1, 1, 3, 5, 3, 5: mean 3; b: 4, 6, 2, 2, 6, 4: mean 4; c: 7, 5, 7, 5, 3, 3: mean 5.
    let causes = [Cause::Answers, Cause::Instrument, Cause::ExternalIndex];
    let parts = game(&causes, &[0.0, 1.0, 2.0, 5.0, 3.0, 6.0, 7.0, 12.0]);
    for (cause, expected) in causes.into_iter().zip([3.0, 4.0, 5.0]) {
        assert!((parts.of(cause) - expected).abs() < 1e-12, "{}", cause.as_str());
    }
}

#[test]
fn a_missing_value_on_the_way_leaves_the_parts_unknown() {
    let causes = set(&[Cause::Answers, Cause::Instrument]);
    let parts = shares(&causes, |acted| vec![Some(0.5), (acted.len() != 1).then_some(0.5)]);
    assert!(parts[0].is_some() && parts[1].is_none());
    assert_eq!(shares(&set(&[]), |_| vec![Some(0.3), None]), [Some(Parts::default()), None]);
}

proptest! {
    #[test]
    fn parts_add_up_and_a_cause_without_effect_has_none(values in prop::collection::vec(0.0..1.0_f64, 16)) {
        let causes = [Cause::Answers, Cause::Instrument, Cause::Correction, Cause::Source];
        let parts = game(&causes, &values);
        prop_assert!((parts.sum() - (values[15] - values[0])).abs() <= 1e-12);
        // Doubling the game along a fifth cause that changes nothing leaves all parts as they are.
        let more = [Cause::Answers, Cause::Instrument, Cause::Correction, Cause::Source, Cause::ExternalIndex];
        let doubled = game(&more, &[&values[..], &values[..]].concat());
        prop_assert!(doubled.of(Cause::ExternalIndex).abs() <= 1e-12);
        for cause in causes {
            prop_assert!((doubled.of(cause) - parts.of(cause)).abs() <= 1e-12);
        }
    }

    #[test]
    fn the_order_of_the_causes_does_not_matter(values in prop::collection::vec(0.0..1.0_f64, 8)) {
        // The same game with its causes renamed in turn: the parts follow the names.
        let names = [Cause::Answers, Cause::Instrument, Cause::Source];
        let turned = [Cause::Instrument, Cause::Source, Cause::Answers];
        let (one, other) = (game(&names, &values), game(&turned, &values));
        for (name, renamed) in names.into_iter().zip(turned) {
            prop_assert!((one.of(name) - other.of(renamed)).abs() <= 1e-12);
        }
    }
}

#[test]
fn transitions_count_each_move_once() {
    let moves = [("B", "A"), ("A", "A"), ("A", "B"), ("B", "A")].map(|(from, to)| (Some(from), Some(to)));
    let one_sided = [(None, Some("A")), (None, None)];
    let found = Transitions::count(["A", "B"], moves.into_iter().chain(one_sided));
    assert_eq!(found.counts, [[1, 1], [2, 0]]);
    assert_eq!((found.up, found.same, found.down, found.one_sided), (2, 1, 1, 1));
    let unknown = Transitions::count(["A"], [(Some("A"), Some("Z"))]);
    assert_eq!(unknown.groups, ["A", "Z"], "a group that only one side knows comes last");
    let moves = [("Z", "A"), ("Z", "B"), ("A", "Z"), ("Z", "Z"), ("B", "A")];
    let other = Transitions::count(["A", "B"], moves.map(|(from, to)| (Some(from), Some(to))));
    assert_eq!(
        (other.up, other.same, other.down, other.unranked),
        (1, 1, 0, 3),
        "Z has no place among A and B"
    );
}

/// Values also do not compare where the framework does not say that they do.
#[test]
fn values_that_do_not_compare_are_not_said_to_measure_different_things() {
    for (language, expected) in [
        ("en", "The values do not compare, so no difference is taken."),
        ("fr", "Les valeurs ne sont pas comparables\u{a0}: aucune différence n'est calculée."),
        ("es", "Los valores no son comparables, por lo que no se calcula ninguna diferencia."),
    ] {
        assert_eq!(Unknown::NotComparable.sentence(&Language::new(language)), expected);
    }
}

#[test]
fn every_cause_and_reason_has_wording_in_three_languages() {
    let wording = Wording::parse(include_str!("../../wording/changes.csv")).unwrap();
    let unknown = [
        Unknown::NotComparable,
        Unknown::NoScore,
        Unknown::ScoresOnly,
        Unknown::Withheld,
        Unknown::Population,
        Unknown::NotReproduced,
    ];
    let mut used: Vec<&str> = Cause::ALL.into_iter().map(Cause::as_str).collect();
    used.extend(unknown.map(Unknown::as_str));
    used.extend(["source-changed", "instrument-changed", "survey", "remote", "not-stated"]);
    let known: Vec<&str> = wording.iter().map(|(key, _)| key).collect();
    for key in &used {
        assert!(known.contains(key), "{key} has no wording");
    }
    assert_eq!(known.len(), used.len());
    for (key, text) in wording.iter() {
        let all: Vec<&str> = text.all().collect();
        assert_eq!(all.len(), 3, "{key}");
        for sentence in &all {
            assert_eq!(placeholders(sentence).len(), placeholders(all[0]).len(), "{key}");
        }
    }
}
