//! The scores in force: one tree an economy, stored as rows in the order of reading.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::score::{Coverage, EconomyScores, IndicatorScore, SubindexScore, Term, TermStatus};
use maturity::submission::{Collected, Wave};
use maturity::withheld::Withheld;
use rusqlite::Connection;

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;
use crate::submissions::SubmissionId;

/// The stage under which finished scorings are recorded.
const STAGE: &str = "score";

/// One row of the table of scores.
#[derive(Default)]
struct ScoreRow {
    level: String,
    id: String,
    points: Option<f64>,
    max_points: Option<f64>,
    score: Option<f64>,
    group: Option<String>,
    coverage: Coverage,
    status: Option<TermStatus>,
    answer: Option<String>,
    value: Option<f64>,
    withheld: Option<Withheld>,
}

impl Store {
    /// Replaces the scores of an economy by new ones, computed from `submission` under `key`.
    pub fn record_scores(
        &mut self,
        scores: &EconomyScores,
        submission: SubmissionId,
        key: &str,
    ) -> Result<(), StoreError> {
        let doing = "record scores";
        let transaction = self.connection.savepoint().doing(doing)?;
        let (wave, economy) = (scores.wave.0, scores.economy.as_str());
        transaction
            .execute("DELETE FROM scores WHERE wave = ?1 AND economy = ?2", (wave, economy))
            .doing(doing)?;
        transaction
            .execute(
                "INSERT OR REPLACE INTO scored (wave, economy, submission, collected) VALUES (?1, ?2, ?3, ?4)",
                (wave, economy, submission.0, scores.collected.map(Collected::as_str)),
            )
            .doing(doing)?;
        for (seq, row) in (0_i64..).zip(rows_of(scores)?) {
            insert(&transaction, scores, seq, &row)?;
        }
        transaction
            .execute(
                "INSERT OR REPLACE INTO work (stage, unit, key) VALUES (?1, ?2, ?3)",
                (STAGE, economy, key),
            )
            .doing(doing)?;
        transaction.commit().doing(doing)
    }

    /// The economies of a wave that have scores.
    pub fn scored_economies(&self, wave: Wave) -> Result<Vec<EconomyCode>, StoreError> {
        let doing = "list the scored economies";
        let mut statement = self
            .connection
            .prepare("SELECT economy FROM scored WHERE wave = ?1 ORDER BY economy")
            .doing(doing)?;
        let rows = statement.query_map([wave.0], |row| row.get::<_, String>(0)).doing(doing)?;
        rows.map(|row| row.map(|code| EconomyCode::new(&code))).collect::<Result<_, _>>().doing(doing)
    }

    /// The maturity group of each economy of a wave that is scored; none where its score gives none.
    pub fn groups(&self, wave: Wave) -> Result<BTreeMap<EconomyCode, Option<String>>, StoreError> {
        let doing = "list the maturity groups";
        let mut statement = self
            .connection
            .prepare("SELECT economy, grp FROM scores WHERE wave = ?1 AND level = 'index' ORDER BY economy")
            .doing(doing)?;
        let rows = statement
            .query_map([wave.0], |row| Ok((EconomyCode::new(&row.get::<_, String>(0)?), row.get(1)?)))
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Removes the scores of an economy that has no submission in force any more.
    pub fn remove_scores(&mut self, wave: Wave, economy: &EconomyCode) -> Result<(), StoreError> {
        let doing = "remove scores";
        let transaction = self.connection.savepoint().doing(doing)?;
        for table in ["scores", "scored", "uncertainty", "standing"] {
            transaction
                .execute(
                    &format!("DELETE FROM {table} WHERE wave = ?1 AND economy = ?2"),
                    (wave.0, economy.as_str()),
                )
                .doing(doing)?;
        }
        transaction
            .execute("DELETE FROM work WHERE stage = ?1 AND unit = ?2", (STAGE, economy.as_str()))
            .doing(doing)?;
        transaction.commit().doing(doing)
    }

    /// The scores of all economies of a wave, by economy, each with the submission they come from.
    pub fn scores(&self, wave: Wave) -> Result<Vec<(EconomyScores, SubmissionId)>, StoreError> {
        let doing = "read scores";
        let mut statement = self
            .connection
            .prepare("SELECT economy, submission, collected FROM scored WHERE wave = ?1 ORDER BY economy")
            .doing(doing)?;
        let economies = statement
            .query_map([wave.0], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<String>>(2)?))
            })
            .doing(doing)?
            .collect::<Result<Vec<_>, _>>()
            .doing(doing)?;
        let mut all = Vec::new();
        for (economy, submission, collected) in economies {
            let economy = EconomyCode::new(&economy);
            let rows = self.score_rows(wave, &economy)?;
            let collected = collected.as_deref().and_then(Collected::parse);
            all.push((tree_of(wave, &economy, collected, rows)?, SubmissionId(submission)));
        }
        Ok(all)
    }

    fn score_rows(&self, wave: Wave, economy: &EconomyCode) -> Result<Vec<ScoreRow>, StoreError> {
        let doing = "read scores";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT level, id, points, max_points, score, grp, answered, asked, status, answer,
                        value, withheld
                 FROM scores WHERE wave = ?1 AND economy = ?2 ORDER BY seq",
            )
            .doing(doing)?;
        let mut rows = statement.query((wave.0, economy.as_str())).doing(doing)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let status: Option<String> = row.get(8).doing(doing)?;
            let status = match status.as_deref() {
                None => None,
                Some("counted") => Some(TermStatus::Counted),
                Some("no-answer") => Some(TermStatus::NoAnswer),
                Some("left-out") => Some(TermStatus::LeftOut),
                Some(_) => return Err(corrupt("a score's status")),
            };
            all.push(ScoreRow {
                level: row.get(0).doing(doing)?,
                id: row.get(1).doing(doing)?,
                points: row.get(2).doing(doing)?,
                max_points: row.get(3).doing(doing)?,
                score: row.get(4).doing(doing)?,
                group: row.get(5).doing(doing)?,
                coverage: Coverage { answered: row.get(6).doing(doing)?, asked: row.get(7).doing(doing)? },
                status,
                answer: row.get(9).doing(doing)?,
                value: row.get(10).doing(doing)?,
                withheld: withheld(row.get(11).doing(doing)?)?,
            });
        }
        Ok(all)
    }
}

fn withheld(stored: Option<String>) -> Result<Option<Withheld>, StoreError> {
    let read =
        |text: String| serde_json::from_str(&text).map_err(|_| corrupt("the reason of a missing score"));
    stored.map(read).transpose()
}

fn insert(
    transaction: &Connection,
    scores: &EconomyScores,
    seq: i64,
    row: &ScoreRow,
) -> Result<(), StoreError> {
    let status = row.status.map(|status| match status {
        TermStatus::Counted => "counted",
        TermStatus::NoAnswer => "no-answer",
        TermStatus::LeftOut => "left-out",
    });
    let withheld = row.withheld.as_ref().map(serde_json::to_string).transpose();
    let withheld = withheld.map_err(|_| corrupt("the reason of a missing score"))?;
    transaction
        .prepare_cached(
            "INSERT INTO scores
                 (wave, economy, seq, level, id, points, max_points, score, grp, answered, asked, status, answer,
                  value, withheld)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )
        .and_then(|mut statement| {
            statement.execute((
                scores.wave.0,
                scores.economy.as_str(),
                seq,
                &row.level,
                &row.id,
                row.points,
                row.max_points,
                row.score,
                &row.group,
                row.coverage.answered,
                row.coverage.asked,
                status,
                &row.answer,
                row.value,
                &withheld,
            ))
        })
        .doing("record scores")?;
    Ok(())
}

fn rows_of(scores: &EconomyScores) -> Result<Vec<ScoreRow>, StoreError> {
    let mut rows = vec![ScoreRow {
        level: "index".to_owned(),
        id: scores.id.to_string(),
        score: scores.score,
        withheld: scores.withheld.clone(),
        group: scores.group.clone(),
        coverage: scores.coverage,
        ..ScoreRow::default()
    }];
    for subindex in &scores.subindexes {
        rows.push(ScoreRow {
            level: "subindex".to_owned(),
            id: subindex.id.to_string(),
            points: Some(subindex.points),
            max_points: Some(subindex.max_points),
            score: subindex.score,
            withheld: subindex.withheld.clone(),
            group: subindex.group.clone(),
            coverage: subindex.coverage,
            ..ScoreRow::default()
        });
        for indicator in &subindex.indicators {
            rows.push(ScoreRow {
                level: "indicator".to_owned(),
                id: indicator.id.to_string(),
                points: Some(indicator.points),
                max_points: Some(indicator.max_points),
                value: indicator.value,
                score: indicator.score,
                withheld: indicator.withheld.clone(),
                coverage: indicator.coverage,
                ..ScoreRow::default()
            });
            for term in &indicator.terms {
                let answer = serde_json::to_string(&term.answer).map_err(|_| corrupt("a term's answer"))?;
                rows.push(ScoreRow {
                    level: "question".to_owned(),
                    id: term.question.to_string(),
                    points: Some(term.points),
                    max_points: Some(term.max_points),
                    coverage: Coverage { answered: u32::from(term.answer.is_given()), asked: 1 },
                    status: Some(term.status),
                    answer: Some(answer),
                    ..ScoreRow::default()
                });
            }
        }
    }
    Ok(rows)
}

fn tree_of(
    wave: Wave,
    economy: &EconomyCode,
    collected: Option<Collected>,
    rows: Vec<ScoreRow>,
) -> Result<EconomyScores, StoreError> {
    let misplaced = || corrupt(format!("the order of the scores of {economy}"));
    let mut rows = rows.into_iter();
    let first = rows.next().filter(|row| row.level == "index").ok_or_else(misplaced)?;
    let mut scores = EconomyScores {
        economy: economy.clone(),
        wave,
        collected,
        subindexes: Vec::new(),
        id: Id::from(first.id),
        score: first.score,
        withheld: first.withheld,
        group: first.group,
        coverage: first.coverage,
    };
    for row in rows {
        let (points, max_points) = (row.points.ok_or_else(misplaced)?, row.max_points.ok_or_else(misplaced)?);
        let id = Id::from(row.id);
        match row.level.as_str() {
            "subindex" => scores.subindexes.push(SubindexScore {
                id,
                indicators: Vec::new(),
                points,
                max_points,
                score: row.score,
                withheld: row.withheld,
                group: row.group,
                coverage: row.coverage,
            }),
            "indicator" => {
                let subindex = scores.subindexes.last_mut().ok_or_else(misplaced)?;
                subindex.indicators.push(IndicatorScore {
                    id,
                    terms: Vec::new(),
                    points,
                    max_points,
                    value: row.value,
                    score: row.score,
                    withheld: row.withheld,
                    coverage: row.coverage,
                });
            }
            "question" => {
                let subindex = scores.subindexes.last_mut().ok_or_else(misplaced)?;
                let indicator = subindex.indicators.last_mut().ok_or_else(misplaced)?;
                let answer = row.answer.and_then(|answer| serde_json::from_str(&answer).ok());
                indicator.terms.push(Term {
                    question: id,
                    answer: answer.ok_or_else(misplaced)?,
                    points,
                    max_points,
                    status: row.status.ok_or_else(misplaced)?,
                });
            }
            _ => return Err(misplaced()),
        }
    }
    Ok(scores)
}
