//! Of which submissions people are told, where several respondents of one economy answer.

use std::collections::{BTreeMap, BTreeSet};

use maturity::economy::EconomyCode;
use maturity::respondent::{Respondent, Sender, identify};
use maturity::submission::{State, Wave};

use crate::database::{Doing, Store, StoreError};
use crate::submissions::{SubmissionId, SubmissionRow};

/// A submission with its respondent.
#[derive(Debug, Clone, PartialEq)]
pub struct Identified {
    /// The submission.
    pub row: SubmissionRow,
    /// Who it was recognised to be from before.
    pub recorded: Option<Respondent>,
    /// Who it is from.
    pub respondent: Respondent,
}

impl Store {
    /// The submission by which each economy is told of, with its state: the latest; where answers of several respondents
    /// are `merged` and nothing that was returned came after, the one that stands for all.
    pub fn told_submissions(
        &self,
        wave: Wave,
        merged: bool,
    ) -> Result<BTreeMap<EconomyCode, (SubmissionId, State)>, StoreError> {
        let mut all = self.latest_submissions(wave)?;
        if merged {
            for (economy, row) in self.standing_for_all(wave)? {
                if let Some((id, State::Accepted)) = all.get_mut(&economy) {
                    *id = row.id;
                }
            }
        }
        Ok(all)
    }

    /// The submission that the scores of each economy of a wave come from, as far as it is accepted still.
    pub fn standing_for_all(&self, wave: Wave) -> Result<BTreeMap<EconomyCode, SubmissionRow>, StoreError> {
        let mut all = BTreeMap::new();
        for scored in self.scored(wave)? {
            let row = self.submission(scored.submission)?;
            if let Some(row) = row.filter(|row| row.state == State::Accepted && !row.withdrawn) {
                all.insert(scored.economy, row);
            }
        }
        Ok(all)
    }

    /// What tells the senders of some submissions apart, in the order of these.
    pub fn senders(&self, rows: &[SubmissionRow]) -> Result<Vec<Sender>, StoreError> {
        let doing = "look up the names of a file";
        let of = |row: &SubmissionRow| {
            // All of them: the one that it is told by changes, and who sent it does not.
            let files: BTreeSet<(String, String)> = self
                .connection
                .prepare_cached("SELECT source, name FROM file_names WHERE sha256 = ?1")
                .and_then(|mut statement| {
                    statement.query_map([&row.sha256], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
                })
                .doing(doing)?;
            Ok(Sender::of(files, &self.header(row.id)?, self.respondent(row.id)?))
        };
        rows.iter().map(of).collect()
    }

    /// All submissions of an economy in the order in which they came, each with its respondent, and what tells the senders
    /// apart; `offices` are those of the configuration. Also what was returned or withdrawn tells who is who: it may come
    /// back, and its sender's number belongs to nobody else.
    pub fn identified(
        &self,
        wave: Wave,
        economy: &EconomyCode,
        offices: &[String],
    ) -> Result<Vec<Identified>, StoreError> {
        let wanted = "s.economy = ?1 AND s.wave = ?2 ORDER BY s.arrival";
        let rows = self.submissions_where(wanted, (economy.as_str(), wave.0))?;
        let senders = self.senders(&rows)?;
        let respondents = identify(&senders, offices);
        let all = rows.into_iter().zip(senders).zip(respondents);
        Ok(all
            .map(|((row, sender), respondent)| Identified { row, recorded: sender.recorded, respondent })
            .collect())
    }

    /// The submission of each respondent of an economy that it is told of, by its number: the latest, but a returned one
    /// that was taken out of its source only where there is no other.
    pub fn told_respondents(
        &self,
        wave: Wave,
        economy: &EconomyCode,
        offices: &[String],
    ) -> Result<BTreeMap<u32, SubmissionRow>, StoreError> {
        let mut all: BTreeMap<u32, (SubmissionRow, bool)> = BTreeMap::new();
        for Identified { row, respondent: Respondent { number, .. }, .. } in
            self.identified(wave, economy, offices)?
        {
            // What was withdrawn is in no other state.
            if !matches!(row.state, State::Accepted | State::Returned) {
                continue;
            }
            let is_gone = row.state == State::Returned && !self.is_present(wave, &row.sha256)?;
            if !is_gone || all.get(&number).is_none_or(|(_, is_gone)| *is_gone) {
                all.insert(number, (row, is_gone));
            }
        }
        Ok(all.into_iter().map(|(number, (row, _))| (number, row)).collect())
    }
}
