//! Scores that others published, taken over as they stand and marked as imported.

use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::score::{ImportSource, ImportedScores};
use maturity::submission::{Collected, Wave};

use crate::database::{Doing, Store, StoreError};

/// The work under which a finished import is recorded.
const STAGE: &str = "import";
const UNIT: &str = "published scores";

impl Store {
    /// Replaces all imported scores by these, made under `key`; does nothing if they were imported under it.
    /// Gives whether something was written.
    pub fn import_scores(
        &mut self,
        scores: &[ImportedScores],
        sources: &[ImportSource],
        key: &str,
    ) -> Result<bool, StoreError> {
        let doing = "import published scores";
        if self.work_keys(STAGE)?.get(UNIT).is_some_and(|known| known == key) {
            return Ok(false);
        }
        let transaction = self.connection.savepoint().doing(doing)?;
        for table in ["imported_scores", "imported", "import_sources"] {
            transaction.execute(&format!("DELETE FROM {table}"), []).doing(doing)?;
        }
        for source in sources {
            transaction
                .execute(
                    "INSERT INTO import_sources (wave, source, edition, licence, address)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    (source.wave.0, &source.source, &source.edition, &source.licence, &source.address),
                )
                .doing(doing)?;
        }
        {
            let mut economy = transaction
                .prepare("INSERT INTO imported (wave, economy, grp, collected) VALUES (?1, ?2, ?3, ?4)")
                .doing(doing)?;
            let mut score = transaction
                .prepare(
                    "INSERT INTO imported_scores (wave, economy, seq, id, score) VALUES (?1, ?2, ?3, ?4, ?5)",
                )
                .doing(doing)?;
            for row in scores {
                let code = row.economy.as_str();
                let collected = row.collected.map(Collected::as_str);
                economy.execute((row.wave.0, code, &row.group, collected)).doing(doing)?;
                for (seq, (id, value)) in (0_i64..).zip(&row.scores) {
                    score.execute((row.wave.0, code, seq, id.as_str(), value)).doing(doing)?;
                }
            }
        }
        transaction
            .execute("INSERT OR REPLACE INTO work (stage, unit, key) VALUES (?1, ?2, ?3)", (STAGE, UNIT, key))
            .doing(doing)?;
        transaction.commit().doing(doing)?;
        Ok(true)
    }

    /// All imported scores, by wave and economy.
    pub fn imported_scores(&self) -> Result<Vec<ImportedScores>, StoreError> {
        let doing = "read imported scores";
        let mut statement = self
            .connection
            .prepare(
                "SELECT e.wave, e.economy, e.grp, e.collected, s.id, s.score
                 FROM imported e LEFT JOIN imported_scores s ON s.wave = e.wave AND s.economy = e.economy
                 ORDER BY e.wave, e.economy, s.seq",
            )
            .doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        let mut all: Vec<ImportedScores> = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let wave = Wave(row.get(0).doing(doing)?);
            let economy = EconomyCode::new(&row.get::<_, String>(1).doing(doing)?);
            if all.last().is_none_or(|last| last.wave != wave || last.economy != economy) {
                let collected: Option<String> = row.get(3).doing(doing)?;
                all.push(ImportedScores {
                    wave,
                    economy,
                    group: row.get(2).doing(doing)?,
                    collected: collected.as_deref().and_then(Collected::parse),
                    scores: Vec::new(),
                });
            }
            let id: Option<String> = row.get(4).doing(doing)?;
            let score: Option<f64> = row.get(5).doing(doing)?;
            if let (Some(last), Some(id), Some(score)) = (all.last_mut(), id, score) {
                last.scores.push((Id::from(id), score));
            }
        }
        Ok(all)
    }

    /// Where imported scores were taken from, by wave.
    pub fn import_sources(&self) -> Result<Vec<ImportSource>, StoreError> {
        let doing = "read the sources of imported scores";
        let mut statement = self
            .connection
            .prepare("SELECT wave, source, edition, licence, address FROM import_sources ORDER BY wave")
            .doing(doing)?;
        let rows = statement
            .query_map([], |row| {
                Ok(ImportSource {
                    wave: Wave(row.get(0)?),
                    source: row.get(1)?,
                    edition: row.get(2)?,
                    licence: row.get(3)?,
                    address: row.get(4)?,
                })
            })
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(wave: u16, code: &str, scores: &[(&str, f64)]) -> ImportedScores {
        ImportedScores {
            wave: Wave(wave),
            economy: EconomyCode::new(code),
            group: (wave != 2020).then(|| "A".to_owned()),
            collected: (wave == 2020).then_some(Collected::Remote),
            scores: scores.iter().map(|(id, score)| (Id::from(*id), *score)).collect(),
        }
    }

    fn source(wave: u16) -> ImportSource {
        ImportSource {
            wave: Wave(wave),
            source: Some("a publisher".to_owned()),
            edition: None,
            licence: Some("CC BY 4.0".to_owned()),
            address: None,
        }
    }

    #[test]
    fn imported_scores_come_back_bit_for_bit_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("gtmi.db")).unwrap();
        let all = [
            scores(2020, "KEN", &[("GTMI", 0.1 + 0.2), ("CGSI", 0.0)]),
            scores(2020, "PER", &[]),
            scores(2025, "KEN", &[("GTMI", 0.7)]),
        ];
        assert!(store.import_scores(&all, &[source(2020), source(2025)], "k1").unwrap());
        assert_eq!(store.imported_scores().unwrap(), all);
        assert_eq!(store.import_sources().unwrap(), [source(2020), source(2025)]);
        assert!(!store.import_scores(&all, &[], "k1").unwrap(), "the same table is not imported again");
        // Another table replaces all of it: a corrected publication leaves nothing of the old one.
        assert!(store.import_scores(&all[2..], &[source(2025)], "k2").unwrap());
        assert_eq!(store.imported_scores().unwrap(), all[2..]);
        assert_eq!(store.import_sources().unwrap(), [source(2025)]);
    }
}
