//! What economies answered before: the submissions in force of earlier waves, read for one economy at a time.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::framework::{Date, Framework};
use maturity::previous::PreviousAnswers;
use maturity::submission::Wave;
use pipeline::hash::Fingerprint;
use rusqlite::OptionalExtension;

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;
use crate::submissions::SubmissionId;

/// Where the previous answers of economies come from: the store, and a table for what it does not hold.
#[derive(Debug, Clone, Copy)]
pub struct Previous<'a> {
    framework: &'a Framework,
    tabled: &'a BTreeMap<EconomyCode, PreviousAnswers>,
    /// Whether the store holds an accepted submission of an earlier wave.
    stored: bool,
}

/// The submission in force of an economy in the latest of its earlier waves.
struct InForceBefore {
    id: SubmissionId,
    wave: Wave,
    content: String,
    received_at: String,
}

impl Previous<'_> {
    /// The answers of an economy: those of the submission in force in its latest earlier wave, else those of the table
    /// if they are of a later wave than any that is stored.
    pub fn of(&self, store: &Store, economy: &EconomyCode) -> Result<Option<PreviousAnswers>, StoreError> {
        let Some(before) = self.stored_of(store, economy)? else {
            return Ok(self.tabled.get(economy).cloned());
        };
        let day = before.received_at.get(..10).and_then(Date::parse);
        let day = day.ok_or_else(|| corrupt("the time of receipt of a submission"))?;
        let answers = store.answers(before.id)?.into_iter().map(|record| (record.question, record.answer));
        Ok(Some(PreviousAnswers::new(before.wave, day, answers, self.framework)))
    }

    /// Names the answers of an economy without a look at them where the store holds them; absent where there are none.
    pub fn name(&self, store: &Store, economy: &EconomyCode) -> Result<Option<String>, StoreError> {
        let mut fingerprint = Fingerprint::new();
        if let Some(before) = self.stored_of(store, economy)? {
            fingerprint.add(before.wave.to_string());
            fingerprint.add(before.content);
            // Names everything that its answers were understood by.
            fingerprint.add(store.work_key("validate", &before.id.to_string())?.unwrap_or_default());
        } else if let Some(previous) = self.tabled.get(economy) {
            fingerprint.add(previous.wave.to_string());
            for (question, answer) in &previous.answers {
                fingerprint.add(question.as_str());
                fingerprint.add(answer.expression_value().as_ref());
            }
        } else {
            return Ok(None);
        }
        Ok(Some(fingerprint.finish()))
    }

    fn stored_of(&self, store: &Store, economy: &EconomyCode) -> Result<Option<InForceBefore>, StoreError> {
        if !self.stored {
            return Ok(None);
        }
        let before = store.in_force_before(self.framework.wave, economy)?;
        let tabled = self.tabled.get(economy);
        Ok(before.filter(|before| tabled.is_none_or(|tabled| tabled.wave <= before.wave)))
    }
}

impl Store {
    /// Where the previous answers of economies come from, beside those that are `tabled`.
    pub fn previous<'a>(
        &self,
        framework: &'a Framework,
        tabled: &'a BTreeMap<EconomyCode, PreviousAnswers>,
    ) -> Result<Previous<'a>, StoreError> {
        let stored = self
            .connection
            .prepare_cached("SELECT 1 FROM submissions WHERE state = 'accepted' AND wave < ?1 LIMIT 1")
            .and_then(|mut statement| statement.exists([framework.wave.0]))
            .doing("look for earlier waves")?;
        Ok(Previous { framework, tabled, stored })
    }

    fn in_force_before(
        &self,
        wave: Wave,
        economy: &EconomyCode,
    ) -> Result<Option<InForceBefore>, StoreError> {
        self.connection
            .prepare_cached(
                "SELECT id, wave, content, s.received_at FROM submissions s JOIN files f USING (sha256)
                 WHERE economy = ?1 AND state = 'accepted' AND wave < ?2 AND NOT withdrawn
                 ORDER BY wave DESC, arrival DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                let read = |row: &rusqlite::Row<'_>| {
                    Ok(InForceBefore {
                        id: SubmissionId(row.get(0)?),
                        wave: Wave(row.get(1)?),
                        content: row.get(2)?,
                        received_at: row.get(3)?,
                    })
                };
                statement.query_row((economy.as_str(), wave.0), read).optional()
            })
            .doing("look up what was answered before")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use maturity::answer::Answer;
    use maturity::id::Id;
    use maturity::submission::State;

    use super::*;
    use crate::tests::{open, record, validation};

    const DAY: Date = Date { year: 2019, month: 12, day: 31 };

    #[test]
    fn the_latest_earlier_wave_counts_and_a_later_table_before_it() {
        let framework = pipeline::context::framework(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../frameworks/gtmi-2022"),
        )
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let kenya = EconomyCode::new("KEN");
        let tabled = |wave| {
            let answers = [(Id::from("I-1"), Answer::Choice("0".to_owned()))];
            let answers = PreviousAnswers::new(Wave(wave), DAY, answers, &framework);
            BTreeMap::from([(kenya.clone(), answers)])
        };
        let (none, older, newer) = (BTreeMap::new(), tabled(2018), tabled(2021));
        let found = |store: &Store, tabled| {
            let previous = store.previous(&framework, tabled).unwrap();
            let answers = previous.of(store, &kenya).unwrap();
            let name = previous.name(store, &kenya).unwrap();
            assert_eq!(answers.is_some(), name.is_some());
            (answers.map(|answers| (answers.wave.0, answers.answers.len())), name)
        };
        assert_eq!(found(&store, &none), (None, None));
        let (answers, name_of_table) = found(&store, &older);
        assert_eq!(answers, Some((2018, 1)));

        let mut names = vec![name_of_table];
        for (sha256, wave, state) in [
            ("aa11", 2018, State::Accepted),
            ("bb22", 2020, State::Accepted),
            ("cc33", 2020, State::Returned),
            ("dd44", 2022, State::Accepted),
        ] {
            let id = record(&mut store, sha256, "KEN");
            let validation = crate::Validation { wave: Some(Wave(wave)), ..validation("KEN", state) };
            store.record_validation(id, &format!("key of {sha256}"), &validation).unwrap();
            let (answers, name) = found(&store, &older);
            assert_eq!(answers.map(|(wave, _)| wave), Some(wave.min(2020)), "{sha256}");
            names.push(name);
        }
        // What was returned, and this wave's own, change nothing.
        assert_eq!(names[2], names[3]);
        assert_eq!(names[2], names[4]);
        assert!(names[0] != names[1] && names[1] != names[2], "{names:?}");
        assert_eq!(found(&store, &newer).0, Some((2021, 1)));
        assert_eq!(found(&store, &none).1, names[2]);

        let again = store.submissions().unwrap()[1].id;
        let same = crate::Validation { wave: Some(Wave(2020)), ..validation("KEN", State::Accepted) };
        store.record_validation(again, "another key", &same).unwrap();
        assert_ne!(found(&store, &none).1, names[2], "it may have been understood in another way");
    }
}
