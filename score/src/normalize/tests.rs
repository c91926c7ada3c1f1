//! Each normalisation by hand.

use maturity::framework::Direction;
use maturity::language::Text;

use super::*;

fn indicator(direction: Direction) -> Indicator {
    Indicator {
        id: Id::from("X"),
        title: Text::new("x"),
        subindex: Id::from("S"),
        tier: None,
        comparability: None,
        weight: 1.0,
        direction,
        normalization: Normalization::None,
    }
}

/// The normalised `values`, compared with each other.
fn all(values: &[f64], normalization: Normalization, direction: Direction) -> Vec<Result<f64, Withheld>> {
    let indicator = indicator(direction);
    let directed: Vec<f64> = values.iter().map(|value| value * direction.factor()).collect();
    let statistics = Statistics::of(&directed).unwrap();
    let population = Population { statistics: BTreeMap::from([(indicator.id.clone(), statistics)]) };
    values.iter().map(|value| normalize(*value, normalization, &indicator, &population)).collect()
}

fn ok(values: &[f64], normalization: Normalization, direction: Direction) -> Vec<f64> {
    all(values, normalization, direction).into_iter().map(Result::unwrap).collect()
}

const VALUES: [f64; 5] = [2.0, 10.0, 4.0, 4.0, 6.0];

#[test]
fn higher_is_better() {
    let of = |normalization| ok(&VALUES, normalization, Direction::Higher);
    assert_eq!(of(Normalization::None), VALUES);
    assert_eq!(of(Normalization::MinMax { to: (1.0, 9.0), from: None }), [1.0, 9.0, 3.0, 3.0, 5.0]);
    assert_eq!(of(Normalization::Rank), [1.0, 5.0, 2.0, 2.0, 4.0], "equal values share the lowest rank");
    assert_eq!(of(Normalization::Borda), [0.0, 4.0, 1.0, 1.0, 3.0]);
    assert_eq!(of(Normalization::PercentRank), [0.0, 1.0, 0.25, 0.25, 0.75]);
    assert_eq!(of(Normalization::DistanceToMaximum), [0.0, 1.0, 0.25, 0.25, 0.5]);
    assert_eq!(of(Normalization::ShareOfMaximum), [0.2, 1.0, 0.4, 0.4, 0.6]);
}

#[test]
fn lower_is_better() {
    let of = |normalization| ok(&VALUES, normalization, Direction::Lower);
    assert_eq!(of(Normalization::None), [-2.0, -10.0, -4.0, -4.0, -6.0]);
    assert_eq!(of(Normalization::MinMax { to: (0.0, 8.0), from: None }), [8.0, 0.0, 6.0, 6.0, 4.0]);
    assert_eq!(of(Normalization::Rank), [5.0, 1.0, 3.0, 3.0, 2.0]);
    assert_eq!(of(Normalization::DistanceToMaximum), [1.0, 0.0, 0.75, 0.75, 0.5]);
}

#[test]
fn goalposts_do_not_depend_on_others_and_cut_off() {
    let goalposts = Normalization::MinMax { to: (0.0, 100.0), from: Some((4.0, 8.0)) };
    assert_eq!(ok(&VALUES, goalposts, Direction::Higher), [0.0, 100.0, 0.0, 0.0, 50.0]);
    assert_eq!(ok(&VALUES, goalposts, Direction::Lower), [100.0, 0.0, 100.0, 100.0, 50.0]);
    let alone = normalize(5.0, goalposts, &indicator(Direction::Higher), &Population::default());
    assert_eq!(alone, Ok(25.0));
}

#[test]
fn z_scores_divide_by_n_minus_1() {
    // Mean 5, squares 9 + 1 + 1 + 9 = 20 over 3.
    let values = [2.0, 4.0, 6.0, 8.0];
    let z = ok(&values, Normalization::ZScore { mean: 0.0, sd: 1.0 }, Direction::Higher);
    assert!((z[0] + 3.0 / (20.0_f64 / 3.0).sqrt()).abs() < 1e-15);
    let scaled = ok(&values, Normalization::ZScore { mean: 100.0, sd: 10.0 }, Direction::Higher);
    assert!((scaled[3] - (100.0 + 10.0 * z[3])).abs() < 1e-12);
}

#[test]
fn values_that_do_not_differ_have_no_scale_but_a_rank() {
    for normalization in [
        Normalization::MinMax { to: (0.0, 1.0), from: None },
        Normalization::ZScore { mean: 0.0, sd: 1.0 },
        Normalization::DistanceToMaximum,
    ] {
        for values in [&[3.0, 3.0][..], &[3.0]] {
            let found = all(values, normalization, Direction::Higher);
            assert!(found.iter().all(|one| *one == Err(Withheld::NoSpread)), "{normalization:?}");
        }
    }
    assert_eq!(ok(&[3.0, 3.0], Normalization::Rank, Direction::Higher), [1.0, 1.0]);
    assert_eq!(all(&[3.0], Normalization::PercentRank, Direction::Higher), [Err(Withheld::NoSpread)]);
    let negative = all(&[-3.0, -1.0], Normalization::ShareOfMaximum, Direction::Higher);
    assert_eq!(negative[0], Err(Withheld::NoPositiveMaximum));
}
