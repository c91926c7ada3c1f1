//! The same economy several times in one file: nobody can tell which of its answers count.

use std::collections::{BTreeMap, BTreeSet};

use maturity::economy::Economies;
use maturity::normalize::{matching_key, tidy};
use maturity::submission::{HeaderField, HeaderValue, Layout, Received, Wave};

/// Where the same economy stands, by those of the submissions of a file that it is named in, and their headers. What says
/// that it is of another wave goes back for that alone.
pub(crate) fn places<K: Copy + Ord>(
    headers: impl Iterator<Item = (K, Vec<HeaderValue>)>,
    economies: &Economies,
    wave: Wave,
) -> BTreeMap<K, String> {
    let mut named: BTreeMap<String, BTreeSet<(K, String)>> = BTreeMap::new();
    for (key, header) in headers {
        let said = header.iter().find(|value| value.field == HeaderField::Wave);
        if said.and_then(|said| Wave::said_by(&said.value)).is_some_and(|said| said != wave) {
            continue;
        }
        let economy = header.iter().find(|value| value.field == HeaderField::Economy);
        if let Some(economy) = economy.filter(|economy| !economy.value.is_blank()) {
            let text = tidy(&economy.value.display());
            // `KEN`, `KE` and `Kenya` are one economy; what nobody knows is the same if it is written alike.
            let name = economies.find(&text).map_or_else(
                |_| format!("? {}", matching_key(&text)),
                |(economy, _)| economy.code.to_string(),
            );
            named.entry(name).or_default().insert((key, economy.place.to_string()));
        }
    }
    let mut all = BTreeMap::new();
    for places in named.into_values().filter(|places| places.len() > 1) {
        let text: Vec<&str> = places.iter().map(|(_, place)| place.as_str()).collect();
        let text = text.join(", ");
        all.extend(places.iter().map(|(key, _)| (*key, text.clone())));
    }
    all
}

/// Whether an economy may stand in a file of such submissions several times: in an export of the online form the later
/// submission follows the earlier.
pub(crate) fn may_stand_again(mut layouts: impl Iterator<Item = Layout>) -> bool {
    layouts.all(|layout| layout == Layout::Form)
}

/// For each submission of one file, where the file holds the same economy again, if it does.
pub fn doubled(submissions: &[Received], economies: &Economies, wave: Wave) -> Vec<Option<String>> {
    let mut places = if may_stand_again(submissions.iter().map(|received| received.layout)) {
        BTreeMap::new()
    } else {
        places(submissions.iter().map(|received| received.header.clone()).enumerate(), economies, wave)
    };
    (0..submissions.len()).map(|position| places.remove(&position)).collect()
}

#[cfg(test)]
mod tests {
    use maturity::cell::{Address, CellValue, Place};
    use maturity::economy::{Economy, EconomyCode};

    use super::*;

    fn row(row: u32, economy: &str, wave: &str, layout: Layout) -> Received {
        let place = |column| Place::cell("Data", Address::new(row, column));
        let value = |field, text: &str, column| HeaderValue {
            field,
            value: CellValue::Text(text.to_owned()),
            place: place(column),
        };
        Received {
            layout,
            place: place(1),
            header: vec![value(HeaderField::Economy, economy, 1), value(HeaderField::Wave, wave, 0)],
            responses: Vec::new(),
            findings: Vec::new(),
            contests: Vec::new(),
        }
    }

    #[test]
    fn an_economy_stands_twice_however_it_is_written() {
        let kenya = Economy {
            code: EconomyCode::new("KEN"),
            name: "Kenya".to_owned(),
            names: std::collections::BTreeMap::new(),
            iso3: "KEN".to_owned(),
            iso2: "KE".to_owned(),
            other_codes: Vec::new(),
            other_names: Vec::new(),
            region: String::new(),
            income: String::new(),
        };
        let economies = Economies::new(vec![kenya]).0;
        let rows = |layout| {
            [
                ("KEN", "2022"),
                ("X", "2022"),
                ("kenya", "2022*"),
                ("KE", "2020"),
                ("x ", "2022"),
                ("Y", "2022"),
            ]
            .into_iter()
            .zip(1..)
            .map(|((economy, wave), at)| row(at, economy, wave, layout))
            .collect::<Vec<_>>()
        };
        let kenya = Some("Data!B2, Data!B4".to_owned());
        let unknown = Some("Data!B3, Data!B6".to_owned());
        assert_eq!(
            doubled(&rows(Layout::Dataset), &economies, Wave(2022)),
            [kenya.clone(), unknown.clone(), kenya, None, unknown, None]
        );
        assert!(doubled(&rows(Layout::Form), &economies, Wave(2022)).iter().all(Option::is_none));
    }
}
