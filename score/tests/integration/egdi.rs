//! The UN E-Government Development Index: the mean of three indices.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::framework::{Framework, FrameworkSources};
use maturity::withheld::Withheld;
use score::{Population, score};

fn framework() -> Framework {
    Framework::load(&FrameworkSources {
        framework: include_str!("../../../frameworks/un-egdi-2022/framework.toml").to_owned(),
        indicators: include_str!("../../../frameworks/un-egdi-2022/indicators.csv").to_owned(),
        survey: include_str!("../../../frameworks/un-egdi-2022/survey.csv").to_owned(),
        choices: include_str!("../../../frameworks/un-egdi-2022/choices.csv").to_owned(),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn is_the_mean_of_its_three_indices_or_withheld() {
    let framework = framework();
    let mut values: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(include_str!("../../../data/external-indices.csv").as_bytes());
    for row in reader.records().map(Result::unwrap) {
        values.entry(row[2].to_owned()).or_default().insert(row[0].to_owned(), row[3].parse().unwrap());
    }
    let (mut computed, mut withheld) = (0, 0);
    for (economy, values) in &values {
        let economy = EconomyCode::new(economy);
        let external = |index: &str| values.get(index).copied();
        let scores = score(&framework, &Population::default(), &economy, None, &BTreeMap::new(), &external);
        if let (Some(osi), Some(tii), Some(hci)) = (values.get("OSI"), values.get("TII"), values.get("HCI")) {
            let expected = (osi + tii + hci) / 3.0;
            assert!((scores.score.unwrap() - expected).abs() <= 1e-15, "{economy}");
            computed += 1;
        } else {
            assert_eq!(scores.score, None, "{economy}");
            assert!(matches!(scores.withheld, Some(Withheld::Part { .. })), "{:?}", scores.withheld);
            assert!(matches!(scores.subindexes[0].withheld, Some(Withheld::ExternalIndex { .. })));
            withheld += 1;
        }
    }
    // WBG has a GCI but no UN index; the other four without UN indices stand in no row at all.
    assert_eq!((computed, withheld), (193, 1));
}
