//! Distributions by hand, like-for-like sets, ties.

use super::*;
use crate::economy::Economy;

fn economies(table: &[(&str, &str, &str)]) -> Economies {
    let economy = |(code, region, income): &(&str, &str, &str)| Economy {
        code: EconomyCode::new(code),
        name: (*code).to_owned(),
        names: BTreeMap::new(),
        iso3: (*code).to_owned(),
        iso2: String::new(),
        other_codes: Vec::new(),
        other_names: Vec::new(),
        region: (*region).to_owned(),
        income: (*income).to_owned(),
    };
    Economies::new(table.iter().map(economy).collect()).0
}

fn three() -> Economies {
    economies(&[("AAA", "N", "H"), ("BBB", "N", "L"), ("CCC", "S", "")])
}

fn panel(wave: u16, scores: &[(&str, f64)]) -> Panel {
    let mut panel = Panel::new(Wave(wave), Origin::Published);
    for (code, score) in scores {
        panel.add(&EconomyCode::new(code), Level::Index, &Id::from("ALL"), Some(*score), Some(*score >= 1.0));
    }
    panel
}

fn all(scores: &[f64]) -> Option<Distribution> {
    Distribution::of(&scores.iter().map(|score| (*score, Some(*score >= 1.0))).collect::<Vec<_>>())
}

#[test]
fn quartiles_are_those_of_type_7() {
    // By hand and as R's quantile(x) gives them: 0.2, 0.4, 0.6, 1.0 at positions 0.75, 1.5, 2.25.
    let four = all(&[1.0, 0.2, 0.6, 0.4]).unwrap();
    let close = |found: f64, expected: f64| (found - expected).abs() < 1e-15;
    assert!(close(four.lower_quartile, 0.35) && close(four.median, 0.5) && close(four.upper_quartile, 0.7));
    assert!(close(four.mean, 0.55));
    assert_eq!((four.economies, four.full_share), (4, Some(0.25)));
    let five = all(&[0.5, 0.25, 1.0, 0.0, 0.75]).unwrap();
    assert_eq!((five.lower_quartile, five.median, five.upper_quartile), (0.25, 0.5, 0.75));
    let one = all(&[0.3]).unwrap();
    assert_eq!((one.lower_quartile, one.median, one.upper_quartile, one.mean), (0.3, 0.3, 0.3, 0.3));
    assert_eq!(all(&[]), None, "no economy, no mean; not 0");
}

#[test]
fn an_unknown_full_level_leaves_the_share_unknown() {
    let distribution = Distribution::of(&[(0.5, Some(false)), (1.0, None)]).unwrap();
    assert_eq!(distribution.full_share, None);
}

#[test]
fn every_group_is_a_comparator_and_an_economy_without_one_is_in_none() {
    let peers =
        BTreeMap::from([("friends".to_owned(), [EconomyCode::new("AAA"), EconomyCode::new("CCC")].into())]);
    let found: Vec<(Kind, String, usize)> = Comparator::all(&three(), &peers)
        .into_iter()
        .map(|comparator| (comparator.kind, comparator.name, comparator.economies.len()))
        .collect();
    let expected = [
        (Kind::World, "world", 3),
        (Kind::Region, "N", 2),
        (Kind::Region, "S", 1),
        (Kind::Income, "H", 1),
        (Kind::Income, "L", 1),
        (Kind::Peers, "friends", 2),
    ];
    assert_eq!(found, expected.map(|(kind, name, count)| (kind, name.to_owned(), count)));
}

#[test]
fn between_waves_only_economies_with_a_score_in_both_are_compared() {
    let early = panel(2020, &[("AAA", 0.5), ("BBB", 0.25)]);
    let late = panel(2022, &[("AAA", 0.75), ("CCC", 0.0)]);
    let comparators = Comparator::all(&three(), &BTreeMap::new());
    let world = comparators[0].clone();
    let set = ComparatorSet::compute(None, Some("2022"), Wave(2022), comparators, &[early, late]);
    let mean = |wave, matched: Option<u16>| {
        let id = Id::from("ALL");
        let found = set.row(&world, Wave(wave), matched.map(Wave), &id, Level::Index).unwrap();
        (found.distribution.mean, found.distribution.economies)
    };
    assert_eq!(mean(2022, None), (0.375, 2));
    assert_eq!(mean(2020, None), (0.375, 2), "over different economies, nothing seems to have changed");
    assert_eq!(mean(2020, Some(2022)), (0.5, 1));
    assert_eq!(mean(2022, Some(2020)), (0.75, 1), "over the same economy, a lot has");
}

#[test]
fn a_score_that_no_other_economy_has_is_its_own() {
    let early = panel(2020, &[("AAA", 0.5), ("BBB", 0.25)]);
    let late = panel(2022, &[("AAA", 0.75), ("CCC", 0.0)]);
    let comparators = Comparator::all(&three(), &BTreeMap::new());
    let set = ComparatorSet::compute(None, Some("2022"), Wave(2022), comparators, &[early, late]);
    for row in &set.rows {
        assert_eq!(row.only.is_some(), row.distribution.economies == 1, "{row:?}");
    }
    let world = &set.comparators[0];
    let row = |matched| set.row(world, Wave(2022), matched, &Id::from("ALL"), Level::Index).unwrap();
    let (all, both) = (row(None), row(Some(Wave(2020))));
    let own = |row: &Row| ["AAA", "CCC"].map(|code| row.is_own(&EconomyCode::new(code)));
    assert_eq!((own(all), own(both)), ([false; 2], [true, false]));

    // Sets that were frozen before do not say it.
    let mut before = serde_json::to_value(both).unwrap();
    assert_eq!(before.as_object_mut().unwrap().remove("only"), Some("AAA".into()));
    assert_eq!(serde_json::from_value::<Row>(before).unwrap().only, None);
}

#[test]
fn over_all_economies_of_a_wave_other_waves_say_nothing() {
    let (early, late) =
        (panel(2020, &[("AAA", 0.1)]), panel(2022, &[("AAA", 0.4), ("BBB", 0.7), ("CCC", 0.1)]));
    let set = |panels: &[Panel]| {
        let comparators = Comparator::all(&three(), &BTreeMap::new());
        ComparatorSet::compute(None, None, Wave(2022), comparators, panels)
    };
    let mut all = set(&[early, late.clone()]);
    assert!(all.rows.iter().any(|row| row.wave == Wave(2020)));
    all.rows.retain(|row| row.wave == Wave(2022) && row.matched.is_none());
    assert_eq!(all, set(&[late]));
}

#[test]
fn the_order_of_economies_and_panels_does_not_matter() {
    let comparators = || Comparator::all(&three(), &BTreeMap::new());
    let (early, late) = (panel(2020, &[("AAA", 0.1), ("BBB", 0.2)]), panel(2022, &[("BBB", 0.7)]));
    let swapped = panel(2020, &[("BBB", 0.2), ("AAA", 0.1)]);
    let one = ComparatorSet::compute(None, None, Wave(2022), comparators(), &[early, late.clone()]);
    let other = ComparatorSet::compute(None, None, Wave(2022), comparators(), &[late, swapped]);
    assert_eq!(one, other);
}

#[test]
fn equal_scores_share_the_best_place() {
    let all = [0.9, 0.5, 0.5, 0.1];
    assert_eq!(rank(0.9, all), Rank { place: 1, of: 4, tied: 0 });
    assert_eq!(rank(0.5, all), Rank { place: 2, of: 4, tied: 1 });
    assert_eq!(rank(0.1, all), Rank { place: 4, of: 4, tied: 0 });
}

#[test]
fn a_set_survives_being_stored() {
    let set = ComparatorSet::compute(
        Some("frozen"),
        Some("2022"),
        Wave(2022),
        Comparator::all(&three(), &BTreeMap::new()),
        &[panel(2022, &[("AAA", 0.1 + 0.2)])],
    );
    let text = serde_json::to_string(&set).unwrap();
    assert_eq!(serde_json::from_str::<ComparatorSet>(&text).unwrap(), set);
}
