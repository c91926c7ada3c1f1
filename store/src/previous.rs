//! What economies answered before: the submissions in force of earlier waves.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::framework::{Date, Framework};
use maturity::previous::PreviousAnswers;
use maturity::submission::Wave;

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;

impl Store {
    /// The previous answers of each economy: those of the submission in force in its latest earlier wave, else
    /// those of `tabled` if they are of a later wave than any that is stored.
    pub fn previous_answers(
        &self,
        framework: &Framework,
        tabled: &BTreeMap<EconomyCode, PreviousAnswers>,
    ) -> Result<BTreeMap<EconomyCode, PreviousAnswers>, StoreError> {
        let mut all = tabled.clone();
        for wave in self.waves_before(framework.wave)? {
            for row in self.in_force(wave)? {
                let Some(economy) = row.economy else { continue };
                if all.get(&economy).is_some_and(|known| known.wave > wave) {
                    continue;
                }
                let day = row.received_at.get(..10).and_then(Date::parse);
                let day = day.ok_or_else(|| corrupt("the time of receipt of a submission"))?;
                let answers =
                    self.answers(row.id)?.into_iter().map(|record| (record.question, record.answer));
                all.insert(economy, PreviousAnswers::new(wave, day, answers, framework));
            }
        }
        Ok(all)
    }

    /// The earlier waves with an accepted submission, the earliest first.
    fn waves_before(&self, wave: Wave) -> Result<Vec<Wave>, StoreError> {
        let doing = "list earlier waves";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT wave FROM submissions WHERE state = 'accepted' AND wave < ?1 ORDER BY wave",
            )
            .doing(doing)?;
        let rows = statement.query_map([wave.0], |row| row.get::<_, u16>(0)).doing(doing)?;
        let mut waves = Vec::new();
        for row in rows {
            waves.push(Wave(row.doing(doing)?));
        }
        Ok(waves)
    }
}
