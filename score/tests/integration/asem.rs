//! The ASEM index against COINr: 51 economies, 49 indicators, four levels, four variants, to 1e-9.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, FrameworkProblems, FrameworkSources};
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::withheld::Withheld;
use score::{Given, Population, score};

const SCALED: &str = "method = \"min-max\"\nto = [0.0, 100.0]";
const MEAN: &str = "arithmetic-mean";

/// The bundled framework with another normalisation and mean.
fn variant(normalization: &str, mean: &str) -> Result<Framework, FrameworkProblems> {
    let framework = include_str!("../../../frameworks/asem-2018/framework.toml");
    assert!(framework.contains(SCALED) && framework.contains(MEAN));
    Framework::load(&FrameworkSources {
        framework: framework.replace(SCALED, normalization).replace(MEAN, mean),
        indicators: include_str!("../../../frameworks/asem-2018/indicators.csv").to_owned(),
        survey: include_str!("../../../frameworks/asem-2018/survey.csv").to_owned(),
        choices: include_str!("../../../frameworks/asem-2018/choices.csv").to_owned(),
    })
}

/// A table with economies in the first column: numbers by economy and column.
fn table(text: &str) -> BTreeMap<EconomyCode, BTreeMap<Id, f64>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings: Vec<String> = reader.headers().into_iter().flatten().map(str::to_owned).collect();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| {
        let values = headings.iter().zip(&row).skip(1).map(|(heading, value)| {
            (
                Id::from(heading.as_str()),
                value.parse::<f64>().unwrap_or_else(|_| panic!("{heading}: {value}")),
            )
        });
        (EconomyCode::new(&row[0]), values.collect())
    })
    .collect()
}

type Answers = BTreeMap<EconomyCode, BTreeMap<Id, Answer>>;

fn answers() -> Answers {
    let values = table(include_str!("../../../examples/asem-2018/values.csv"));
    let of = |values: BTreeMap<Id, f64>| {
        values.into_iter().map(|(id, value)| (id, Answer::Number(value))).collect()
    };
    values.into_iter().map(|(economy, values)| (economy, of(values))).collect()
}

fn scored(framework: &Framework, answers: &Answers) -> BTreeMap<EconomyCode, EconomyScores> {
    let given: Vec<Given> = answers.iter().map(|(economy, answers)| Given { economy, answers }).collect();
    let population = Population::gather(framework, &given, &|_, _| None);
    let of = |economy, answers| score(framework, &population, economy, None, answers, &|_| None);
    answers.iter().map(|(economy, answers)| (economy.clone(), of(economy, answers))).collect()
}

/// All scores of an economy, at every level, by id.
fn by_id(scores: &EconomyScores) -> BTreeMap<&Id, Option<f64>> {
    let indicators = scores.indicators().map(|(_, indicator)| (&indicator.id, indicator.score));
    let subindexes = scores.subindexes.iter().map(|subindex| (&subindex.id, subindex.score));
    indicators.chain(subindexes).chain([(&scores.id, scores.score)]).collect()
}

fn compare(framework: &Framework, expected: &str, columns: usize) {
    let found = scored(framework, &answers());
    let expected = table(expected);
    assert_eq!((found.len(), expected.len()), (51, 51));
    for (economy, expected) in &expected {
        let found = by_id(&found[economy]);
        assert_eq!(expected.len(), columns);
        for (id, expected) in expected {
            let found = found[id].unwrap_or_else(|| panic!("{economy} {id} has no score"));
            assert!((found - expected).abs() <= 1e-9, "{economy} {id}: {found} is not {expected}");
        }
    }
}

#[test]
fn min_max_to_100_and_arithmetic_means_equal_coinr() {
    compare(&variant(SCALED, MEAN).unwrap(), include_str!("coinr-asem/agg_minmax_0_100__amean.csv"), 60);
}

#[test]
fn min_max_from_1_and_arithmetic_means_equal_coinr() {
    let framework = variant("method = \"min-max\"\nto = [1.0, 100.0]", MEAN).unwrap();
    compare(&framework, include_str!("coinr-asem/agg_minmax_1_100__amean.csv"), 60);
}

#[test]
fn min_max_from_1_and_geometric_means_equal_coinr() {
    let framework = variant("method = \"min-max\"\nto = [1.0, 100.0]", "geometric-mean").unwrap();
    compare(&framework, include_str!("coinr-asem/agg_minmax_1_100__gmean.csv"), 60);
}

#[test]
fn z_scores_and_arithmetic_means_equal_coinr() {
    let framework = variant("method = \"z-score\"", MEAN).unwrap();
    compare(&framework, include_str!("coinr-asem/agg_zscore_0_1__amean.csv"), 60);
}

#[test]
fn ranks_equal_coinr() {
    compare(&variant("method = \"rank\"", MEAN).unwrap(), include_str!("coinr-asem/norm_rank.csv"), 49);
}

#[test]
fn a_mean_that_cannot_be_had_is_refused_when_the_framework_is_loaded() {
    for (normalization, mean) in [
        (SCALED, "geometric-mean"),
        (SCALED, "harmonic-mean"),
        ("method = \"z-score\"", "geometric-mean"),
        ("method = \"borda\"", "harmonic-mean"),
        ("method = \"percent-rank\"", "geometric-mean"),
        ("method = \"distance-to-maximum\"", "geometric-mean"),
    ] {
        let problems = variant(normalization, mean).unwrap_err().to_string();
        let expected = format!("is a {mean}, but ");
        assert!(problems.contains(&expected) && problems.contains("0 or less"), "{problems}");
    }
    assert!(variant("method = \"rank\"", "geometric-mean").is_ok());
    assert!(variant("method = \"z-score\"\nmean = 100.0\nsd = 10.0", "harmonic-mean").is_ok());
}

#[test]
fn a_mean_that_turns_out_impossible_is_withheld_with_its_reason() {
    // With mean 1 and standard deviation 1, some z-scores are below 0: known only once there are data.
    let framework = variant("method = \"z-score\"\nmean = 1.0\nsd = 1.0", "geometric-mean").unwrap();
    let scores = scored(&framework, &answers());
    let reasons = scores.values().flat_map(|scores| &scores.subindexes).filter_map(|s| s.withheld.as_ref());
    assert!(reasons.clone().any(|reason| matches!(reason, Withheld::NotPositive { .. })));
    assert!(scores.values().all(|scores| scores.score.is_some() != scores.withheld.is_some()));
}

#[test]
fn a_missing_value_leaves_the_mean_or_withholds_it() {
    let mut answers = answers();
    let economy = EconomyCode::new("AUT");
    answers.get_mut(&economy).unwrap().remove(&Id::from("Embs"));
    let scaled = scored(&variant(SCALED, MEAN).unwrap(), &answers);
    let subindex = scaled[&economy].subindex("Political").unwrap();
    let present: Vec<f64> = subindex.indicators.iter().filter_map(|indicator| indicator.score).collect();
    assert_eq!(present.len(), 2);
    assert!((subindex.score.unwrap() - f64::midpoint(present[0], present[1])).abs() < 1e-12);
    assert_eq!((subindex.coverage.answered, subindex.coverage.asked), (2, 3));

    let strict = include_str!("../../../frameworks/asem-2018/framework.toml")
        .replace("missing_part = \"rescale\"", "min_coverage = 0.5");
    let strict = Framework::load(&FrameworkSources {
        framework: strict,
        indicators: include_str!("../../../frameworks/asem-2018/indicators.csv").to_owned(),
        survey: include_str!("../../../frameworks/asem-2018/survey.csv").to_owned(),
        choices: include_str!("../../../frameworks/asem-2018/choices.csv").to_owned(),
    })
    .unwrap();
    let strict = scored(&strict, &answers);
    let scores = &strict[&economy];
    assert_eq!(
        scores.subindex("Political").unwrap().withheld,
        Some(Withheld::Part { part: Id::from("Embs") })
    );
    assert_eq!(
        scores.subindex("Conn").unwrap().withheld,
        Some(Withheld::Part { part: Id::from("Political") })
    );
    assert_eq!(scores.withheld, Some(Withheld::Part { part: Id::from("Conn") }));
    assert!(scores.subindex("Sust").unwrap().score.is_some());
}

#[test]
fn the_order_of_economies_does_not_matter() {
    let framework = variant("method = \"z-score\"", MEAN).unwrap();
    let answers = answers();
    let gather = |given: &[Given]| Population::gather(&framework, given, &|_, _| None);
    let mut given: Vec<Given> = answers.iter().map(|(economy, answers)| Given { economy, answers }).collect();
    let forward = gather(&given);
    given.reverse();
    let backward = gather(&given);
    assert_eq!(forward, backward);
    assert_eq!(forward.stamp(&framework), backward.stamp(&framework));
}

#[test]
fn every_normalisation_and_mean_has_words_in_every_dialect() {
    use score::sql::{Dialect, Level, Tables, query};
    let from_one = "method = \"min-max\"\nto = [1.0, 100.0]";
    let ways = [
        "min-max\"\nto = [1.0, 100.0]",
        "z-score\"",
        "rank\"",
        "percent-rank\"",
        "borda\"",
        "distance-to-maximum\"",
    ];
    let plain = ways.iter().map(|way| variant(&format!("method = \"{way}"), MEAN).unwrap());
    // Only what is above 0 has a geometric or harmonic mean.
    let others = ["geometric-mean", "harmonic-mean"].iter().map(|mean| variant(from_one, mean).unwrap());
    let frameworks: Vec<Framework> = plain.chain(others).collect();
    for framework in &frameworks {
        for dialect in [Dialect::DuckDb, Dialect::Postgres, Dialect::Spark] {
            let said = query(framework, dialect, &Tables::named(), &[Level::Index, Level::Subindex]);
            assert!(said.is_ok_and(|query| query.contains("subindex")));
        }
    }
}

#[test]
fn what_the_query_cannot_say_is_refused_by_name() {
    use score::sql::{Dialect, Level, Tables, query};
    // No framework that passes the loader has two numbers in one indicator. One that was made otherwise must
    // not be given a query that computes something else.
    let mut framework = variant(SCALED, MEAN).unwrap();
    let first = framework.questions[0].indicator.clone();
    framework.questions[1].indicator = first;
    framework.find_places();
    let refused = query(&framework, Dialect::DuckDb, &Tables::named(), &[Level::Index]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "indicator LPI cannot be expressed in the query: several of its questions are numbers"
    );
}
