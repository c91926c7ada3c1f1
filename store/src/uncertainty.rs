//! How certain the scores in force are: one list an economy, the composite first.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::submission::Wave;
use maturity::uncertainty::ScoreUncertainty;

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;

impl Store {
    /// Replaces what is known about the certainty of an economy's scores. Recorded before the scores
    /// themselves, whose record says that the work is done.
    pub fn record_uncertainty(
        &mut self,
        wave: Wave,
        economy: &EconomyCode,
        all: &[ScoreUncertainty],
    ) -> Result<(), StoreError> {
        let doing = "record the uncertainty of scores";
        let transaction = self.connection.savepoint().doing(doing)?;
        transaction
            .prepare_cached("DELETE FROM uncertainty WHERE wave = ?1 AND economy = ?2")
            .and_then(|mut statement| statement.execute((wave.0, economy.as_str())))
            .doing(doing)?;
        for (seq, one) in (0_i64..).zip(all) {
            let content = serde_json::to_string(one).map_err(|_| corrupt("the uncertainty of a score"))?;
            transaction
                .prepare_cached(
                    "INSERT INTO uncertainty (wave, economy, seq, id, content) VALUES (?1, ?2, ?3, ?4, ?5)",
                )
                .and_then(|mut statement| {
                    statement.execute((wave.0, economy.as_str(), seq, one.id.as_str(), content))
                })
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
    }

    /// How certain the scores of all economies of a wave are, by economy, in the order of recording.
    pub fn uncertainty(
        &self,
        wave: Wave,
    ) -> Result<BTreeMap<EconomyCode, Vec<ScoreUncertainty>>, StoreError> {
        let doing = "read the uncertainty of scores";
        let mut statement = self
            .connection
            .prepare("SELECT economy, content FROM uncertainty WHERE wave = ?1 ORDER BY economy, seq")
            .doing(doing)?;
        let rows = statement
            .query_map([wave.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .doing(doing)?;
        let mut all: BTreeMap<EconomyCode, Vec<ScoreUncertainty>> = BTreeMap::new();
        for row in rows {
            let (economy, content) = row.doing(doing)?;
            let one = serde_json::from_str(&content).map_err(|_| corrupt("the uncertainty of a score"))?;
            all.entry(EconomyCode::new(&economy)).or_default().push(one);
        }
        Ok(all)
    }

    /// How certain the scores of one economy are, in the order of recording.
    pub fn uncertainty_of(
        &self,
        wave: Wave,
        economy: &EconomyCode,
    ) -> Result<Vec<ScoreUncertainty>, StoreError> {
        let doing = "read the uncertainty of scores";
        let mut statement = self
            .connection
            .prepare_cached("SELECT content FROM uncertainty WHERE wave = ?1 AND economy = ?2 ORDER BY seq")
            .doing(doing)?;
        let rows =
            statement.query_map((wave.0, economy.as_str()), |row| row.get::<_, String>(0)).doing(doing)?;
        let mut all = Vec::new();
        for row in rows {
            let one = serde_json::from_str(&row.doing(doing)?);
            all.push(one.map_err(|_| corrupt("the uncertainty of a score"))?);
        }
        Ok(all)
    }
}
