//! Where published scores were taken from: a row for each wave of the table of published scores.

use std::collections::BTreeMap;
use std::path::Path;

use maturity::score::ImportSource;
use maturity::submission::{Collected, Wave};
use serde::Deserialize;

use crate::hash::sha256;
use crate::tables::{PublishedScores, TableError};
use crate::tables::{bytes, row_error, rows};

/// Where published scores were taken from.
#[derive(Debug, Clone, Default)]
pub struct ImportSources {
    /// A source for each wave, by wave.
    pub sources: Vec<ImportSource>,
    /// Who collected the answers of all economies of a wave, where that is known.
    pub collected: BTreeMap<Wave, Collected>,
    /// SHA-256 of the table.
    pub hash: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceRow {
    wave: u16,
    source: String,
    edition: String,
    licence: String,
    address: String,
    collected: String,
}

/// Reads the table of sources of published scores; each wave of `published` must have a row.
pub fn import_sources(path: &Path, published: &[PublishedScores]) -> Result<ImportSources, TableError> {
    let bytes = bytes(path)?;
    let mut all = ImportSources { hash: sha256(&bytes), ..ImportSources::default() };
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let mut reader = rows(&bytes);
    for (line, row) in (2..).zip(reader.deserialize()) {
        let row: SourceRow = row.map_err(|error| row_error(path, &error))?;
        let wrong = |what: String| TableError::Row { path: path.to_owned(), line, what };
        let wave = Wave(row.wave);
        if all.sources.iter().any(|known| known.wave == wave) {
            return Err(wrong(format!("the wave {wave} stands there twice (keep one row)")));
        }
        if row.source.is_empty() || row.licence.is_empty() {
            return Err(wrong(format!("the wave {wave} has no source or no licence (give both)")));
        }
        match Collected::parse(&row.collected) {
            Some(collected) => {
                all.collected.insert(wave, collected);
            }
            None if row.collected.is_empty() => {}
            None => {
                let what = format!(
                    "collected is \"{}\" (write survey or remote, or leave it empty if economies differ)",
                    row.collected
                );
                return Err(wrong(what));
            }
        }
        all.sources.push(ImportSource {
            wave,
            source: given(row.source),
            edition: given(row.edition),
            licence: given(row.licence),
            address: given(row.address),
        });
    }
    all.sources.sort_by_key(|source| source.wave);
    if let Some(lacking) =
        published.iter().find(|scores| all.sources.iter().all(|source| source.wave != scores.wave))
    {
        let what = format!("the wave {} of the published scores has no source (add a row)", lacking.wave);
        return Err(TableError::Row { path: path.to_owned(), line: 1, what });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use maturity::economy::EconomyCode;

    const HEADINGS: &str = "wave,source,edition,licence,address,collected\n";

    fn read(rows: &str) -> Result<ImportSources, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sources.csv");
        fs::write(&path, format!("{HEADINGS}{rows}")).unwrap();
        let published = [PublishedScores {
            wave: Wave(2020),
            economy: EconomyCode::new("KEN"),
            group: "B".to_owned(),
            scores: Vec::new(),
        }];
        import_sources(&path, &published).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_a_source_for_each_wave() {
        let all = read("2022,Bank,2,CC BY,,\n2020,Bank,1,CC BY,https://a.example,remote\n").unwrap();
        assert_eq!(all.sources.iter().map(|source| source.wave.0).collect::<Vec<_>>(), [2020, 2022]);
        assert_eq!(all.collected, BTreeMap::from([(Wave(2020), Collected::Remote)]));
        assert_eq!(all.sources[1].address, None, "an empty value is missing");
    }

    #[test]
    fn names_what_is_wrong_with_its_line() {
        for (rows, expected) in [
            ("2022,Bank,2,CC BY,,\n", ":1: the wave 2020 of the published scores has no source"),
            ("2020,Bank,1,CC BY,,\n2020,Bank,1,CC BY,,\n", ":3: the wave 2020 stands there twice"),
            ("2020,Bank,1,,,\n", ":2: the wave 2020 has no source or no licence"),
            ("2020,Bank,1,CC BY,,mixed\n", "collected is \"mixed\" (write survey or remote"),
        ] {
            let found = read(rows).unwrap_err();
            assert!(found.contains(expected), "{found}");
        }
    }
}
