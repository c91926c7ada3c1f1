//! Which values compare: each class between each pair of waves, sums of them, changes, blocked constructs.

use super::*;
use crate::framework::FrameworkSources;

/// The bundled framework.
fn bundled() -> Framework {
    let [framework, indicators, survey, choices] = [
        include_str!("../../../../frameworks/gtmi-2022/framework.toml"),
        include_str!("../../../../frameworks/gtmi-2022/indicators.csv"),
        include_str!("../../../../frameworks/gtmi-2022/survey.csv"),
        include_str!("../../../../frameworks/gtmi-2022/choices.csv"),
    ]
    .map(str::to_owned);
    Framework::load(&FrameworkSources { framework, indicators, survey, choices }).unwrap()
}

fn verdict(framework: &Framework, id: &str, from: u16, to: u16) -> &'static str {
    framework.comparability(&Id::from(id), Wave(from), Wave(to)).verdict.as_str()
}

#[test]
fn each_class_compares_exactly_the_waves_that_it_names() {
    let framework = bundled();
    // The index team's classes: 3-year, 2-year, one first scored in 2025, external, replaced after 2022.
    for (id, expected) in [
        ("I-1", ["yes", "yes", "yes"]),
        ("I-19", ["no", "yes", "no"]),
        ("I-26", ["no", "no", "no"]),
        ("I-16", ["partly", "partly", "partly"]),
        ("I-40", ["yes", "no", "no"]),
        ("I-41", ["yes", "no", "no"]),
        ("I-3", ["partly", "yes", "partly"]),
    ] {
        let pairs = [(2020, 2022), (2022, 2025), (2020, 2025)];
        assert_eq!(pairs.map(|(from, to)| verdict(&framework, id, from, to)), expected, "{id}");
    }
}

#[test]
fn an_id_is_one_construct_in_the_waves_that_its_class_names_and_in_those_that_none_does() {
    let framework = bundled();
    let same = |id: &str, from, to| framework.is_same_construct(&Id::from(id), Wave(from), Wave(to));
    for (id, from, to, expected) in [
        ("I-1", 2022, 2025, true),
        ("I-40", 2020, 2022, true),
        ("I-40", 2022, 2025, false),
        ("I-40", 2025, 2025, true),
        ("I-40", 2022, 2028, true),
        ("I-4", 2020, 2022, false),
        ("I-99", 2020, 2022, true),
    ] {
        assert_eq!(same(id, from, to), expected, "{id} {from} {to}");
    }
}

#[test]
fn a_score_compares_as_far_as_its_indicators_do() {
    let framework = bundled();
    for id in ["GTMI", "CGSI", "PSDI", "DCEI", "GTEI"] {
        assert_eq!(verdict(&framework, id, 2022, 2025), "partly", "{id}");
        assert_eq!(verdict(&framework, id, 2022, 2022), "yes", "{id}: a wave compares with itself");
        assert_eq!(verdict(&framework, id, 2025, 2022), verdict(&framework, id, 2022, 2025));
    }
    // All questions of this subindex are new in 2022; only the index of the UN existed before.
    assert_eq!(verdict(&framework, "DCEI", 2020, 2022), "partly");
    assert_eq!(verdict(&framework, "nothing of that name", 2020, 2022), "no");
}

#[test]
fn a_subindex_made_of_subindexes_compares_as_what_is_below_them_does() {
    let mut framework = bundled();
    let mut above = framework.subindexes[0].clone();
    above.id = Id::from("UP");
    let mut top = above.clone();
    top.id = Id::from("TOP");
    above.parent = Some(top.id.clone());
    for below in ["CGSI", "GTEI"] {
        let found = framework.subindexes.iter_mut().find(|subindex| subindex.id.as_str() == below);
        found.unwrap().parent = Some(above.id.clone());
    }
    framework.subindexes.extend([above, top]);
    for id in ["UP", "TOP"] {
        assert_eq!(verdict(&framework, id, 2022, 2025), "partly", "{id}");
        let found = framework.comparability(&Id::from(id), Wave(2022), Wave(2025));
        let reasons = found.sentence(&Language::english());
        assert!(reasons.contains("I-40, I-41: The construct was replaced"), "{reasons}");
        assert!(reasons.contains("CGSI, GTEI: Questions were added"), "{reasons}");
    }
}

#[test]
fn a_comparison_says_why_in_the_reader_s_language() {
    let framework = bundled();
    let found = framework.comparability(&Id::from("GTEI"), Wave(2022), Wave(2025));
    let english = found.sentence(&Language::english());
    assert!(english.starts_with("I-40, I-41: The construct was replaced after 2022;"), "{english}");
    assert!(
        english.ends_with("GTEI: Questions were added or removed and points changed between 2022 and 2025.")
    );
    let french = found.sentence(&Language::new("fr"));
    assert!(french.starts_with("I-40, I-41\u{a0}: Le construit a été remplacé après 2022"), "{french}");
    let bare = |text: &str| Reason { ids: vec![Id::from("I-3")], text: Text::new(text) };
    assert_eq!(bare("It moved").sentence(&Language::english()), "I-3: It moved.");
    let silent = bare("").sentence(&Language::new("fr"));
    assert_eq!(
        silent,
        "I-3\u{a0}: Le référentiel ne dit pas dans quelle mesure les valeurs sont comparables."
    );
    assert_eq!(Comparability::full().sentence(&Language::english()), "");
}

#[test]
fn an_indicator_without_a_class_compares_with_no_other_wave_and_says_so() {
    let mut framework = bundled();
    framework.indicators[0].comparability = None;
    let found = framework.comparability(&Id::from("I-1"), Wave(2022), Wave(2025));
    assert_eq!(found.verdict, Verdict::No);
    assert!(found.sentence(&Language::new("es")).starts_with("I-1: El marco no indica"));
}

#[test]
fn the_scale_of_another_wave_is_data() {
    let framework = bundled();
    assert_eq!(framework.waves.scale("GCI", Wave(2020)), Some((0.0, 100.0)));
    assert_eq!(framework.waves.scale("GCI", Wave(2025)), None);
    let reason = |from, to| {
        framework.comparability(&Id::from("I-43"), Wave(from), Wave(to)).sentence(&Language::english())
    };
    let scale = "The values of 2020 are stored on the scale 0 to 100.";
    assert!(reason(2020, 2022).ends_with(scale) && !reason(2022, 2025).contains(scale));
}
