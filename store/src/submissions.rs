//! Submissions: one economy's answers in one file, with their header and raw responses.

use std::collections::BTreeMap;

use maturity::cell::{CellValue, Place};
use maturity::economy::EconomyCode;
use maturity::finding::Finding;
use maturity::shown::decoded;
use maturity::submission::{Collected, HeaderField, HeaderValue, Layout, Received, Response, State, Wave};
use rusqlite::{Params, Row};

use crate::database::{Doing, Store, StoreError};
use crate::fetched::CORRECTED;
use crate::lists::responses_of;
use crate::rows::corrupt;

/// The number of a submission in the store, in the order in which they first came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubmissionId(pub(crate) i64);

impl SubmissionId {
    /// The number, for logs.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for SubmissionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A submission without its responses.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmissionRow {
    /// Its number.
    pub id: SubmissionId,
    /// SHA-256 of the file it is in.
    pub sha256: String,
    /// The name that the file was last seen under, as people read it; the first of several.
    pub name: String,
    /// The source of that name.
    pub source: String,
    /// The part of the file it is.
    pub place: Place,
    /// How the answers are arranged.
    pub layout: Layout,
    /// SHA-256 of header and responses.
    pub content: String,
    /// When the file was received, UTC in RFC 3339.
    pub received_at: String,
    /// The economy, once it is known.
    pub economy: Option<EconomyCode>,
    /// The wave, once it is known.
    pub wave: Option<Wave>,
    /// Who collected the answers, where it is told.
    pub collected: Option<Collected>,
    /// The language of the questionnaire, where it is told.
    pub language: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Whether every source of its file has withdrawn it; then it counts no more.
    pub withdrawn: bool,
}

/// Where a submission stands, and nothing else: what a look over all of them has to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionState {
    /// Its number.
    pub id: SubmissionId,
    /// The economy, once it is known.
    pub economy: Option<EconomyCode>,
    /// Where it stands.
    pub state: State,
    /// Whether its file was in a source at the latest look for the wave.
    pub present: bool,
    /// Whether it is the one of its economy that is told of: the latest. One that was corrected to be of another economy
    /// never is. One that its source withdrew, and a returned one
    /// whose file was taken out, are that only where there is no other, as their senders do without them. An accepted one
    /// whose file was taken out may be: it stays in force.
    pub latest: bool,
}

// Of several names that a file was last seen under, all that is told of it names the same one.
const COLUMNS: &str = "SELECT s.id, s.sha256, s.place, s.layout, s.content, s.received_at, s.economy, s.wave,
        s.collected, s.language, s.state,
        (SELECT n.name FROM file_names n WHERE n.sha256 = s.sha256 ORDER BY n.latest DESC, n.source, n.name LIMIT 1),
        (SELECT n.source FROM file_names n WHERE n.sha256 = s.sha256 ORDER BY n.latest DESC, n.source, n.name LIMIT 1),
        f.withdrawn,
        (SELECT EXISTS (SELECT 1 FROM fetched x WHERE x.source = n.source AND x.remote = n.name)
             FROM file_names n WHERE n.sha256 = s.sha256 ORDER BY n.latest DESC, n.source, n.name LIMIT 1)
     FROM submissions s JOIN files f ON f.sha256 = s.sha256";

/// The values of a row before they are understood.
struct Raw {
    id: i64,
    texts: [Option<String>; 11],
    wave: Option<i64>,
    withdrawn: bool,
    /// Whether the file was fetched from a server, which gave it its name.
    fetched: bool,
}

fn raw(row: &Row<'_>) -> Result<Raw, rusqlite::Error> {
    let mut texts: [Option<String>; 11] = Default::default();
    for (slot, column) in texts.iter_mut().zip([1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]) {
        *slot = row.get(column)?;
    }
    Ok(Raw {
        id: row.get(0)?,
        texts,
        wave: row.get(7)?,
        withdrawn: row.get(13)?,
        fetched: row.get::<_, Option<bool>>(14)?.unwrap_or(false),
    })
}

fn understood(raw: Raw) -> Result<SubmissionRow, StoreError> {
    let [sha256, place, layout, content, received_at, economy, collected, language, state, name, source] =
        raw.texts;
    let broken = |column: &str| corrupt(format!("the column {column} of submission {}", raw.id));
    let layout = match layout.as_deref() {
        Some("questionnaire") => Layout::Questionnaire,
        Some("dataset") => Layout::Dataset,
        Some("form") => Layout::Form,
        _ => return Err(broken("layout")),
    };
    Ok(SubmissionRow {
        id: SubmissionId(raw.id),
        sha256: sha256.ok_or_else(|| broken("sha256"))?,
        name: name.map(|name| if raw.fetched { decoded(&name) } else { name }).unwrap_or_default(),
        source: source.unwrap_or_default(),
        place: serde_json::from_str(&place.unwrap_or_default()).map_err(|_| broken("place"))?,
        layout,
        content: content.ok_or_else(|| broken("content"))?,
        received_at: received_at.ok_or_else(|| broken("received_at"))?,
        economy: economy.as_deref().map(EconomyCode::new),
        wave: raw.wave.and_then(|wave| u16::try_from(wave).ok()).map(Wave),
        collected: collected.as_deref().and_then(Collected::parse),
        language,
        state: standing(&state.unwrap_or_default(), raw.withdrawn).ok_or_else(|| broken("state"))?,
        withdrawn: raw.withdrawn,
    })
}

/// Where a submission stands that was validated so, and was withdrawn or not.
fn standing(validated: &str, withdrawn: bool) -> Option<State> {
    let validated = State::parse(validated)?;
    Some(if withdrawn { State::Withdrawn } else { validated })
}

impl Store {
    /// All submissions in the order in which they came.
    pub fn submissions(&self) -> Result<Vec<SubmissionRow>, StoreError> {
        let sql = format!("{COLUMNS} ORDER BY s.arrival");
        let mut statement = self.connection.prepare(&sql).doing("list the submissions")?;
        let rows = statement.query_map([], raw).doing("list the submissions")?;
        let mut all = Vec::new();
        for row in rows {
            all.push(understood(row.doing("list the submissions")?)?);
        }
        Ok(all)
    }

    /// The next `most` submissions behind `after`, in the order in which they first came; with a wave, only those of it and
    /// those of which the wave is not known yet.
    pub fn submissions_after(
        &self,
        after: Option<SubmissionId>,
        wave: Option<Wave>,
        most: usize,
    ) -> Result<Vec<SubmissionRow>, StoreError> {
        let after = after.map_or(i64::MIN, |id| id.0);
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let wanted = "s.id > ?1 AND (?2 IS NULL OR s.wave IS NULL OR s.wave = ?2) ORDER BY s.id LIMIT ?3";
        self.submissions_where(wanted, (after, wave.map(|wave| wave.0), most))
    }

    /// How many submissions are of a wave, or of none that is known yet.
    pub fn submission_count(&self, wave: Wave) -> Result<usize, StoreError> {
        let sql = "SELECT count(*) FROM submissions WHERE wave IS NULL OR wave = ?1";
        let count: i64 =
            self.connection.query_row(sql, [wave.0], |row| row.get(0)).doing("count the submissions")?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// One submission.
    pub fn submission(&self, id: SubmissionId) -> Result<Option<SubmissionRow>, StoreError> {
        Ok(self.submissions_where("s.id = ?1", [id.0])?.pop())
    }

    /// The latest submission of an economy with this content.
    pub fn submission_of(
        &self,
        economy: &EconomyCode,
        content: &str,
    ) -> Result<Option<SubmissionRow>, StoreError> {
        let wanted = "s.economy = ?1 AND s.content = ?2 ORDER BY s.arrival DESC LIMIT 1";
        Ok(self.submissions_where(wanted, (economy.as_str(), content))?.pop())
    }

    /// Of the submissions that several exports of a form hold with the same content, the first, by each of the others.
    pub fn exported_before(&self) -> Result<BTreeMap<SubmissionId, SubmissionId>, StoreError> {
        let doing = "look up which submissions were exported before";
        let sql = "SELECT id, first FROM (
                 SELECT s.id, min(s.id) OVER (PARTITION BY h.value, s.content) AS first
                 FROM headers h JOIN submissions s ON s.id = h.submission WHERE h.field = 'instance'
             ) WHERE first < id";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement
            .query_map([], |row| Ok((SubmissionId(row.get(0)?), SubmissionId(row.get(1)?))))
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Whether a file holds a submission of an economy with this content.
    pub fn has_said(&self, economy: &EconomyCode, sha256: &str, content: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM submissions WHERE economy = ?1 AND sha256 = ?2 AND content = ?3";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.exists((economy.as_str(), sha256, content)))
            .doing("compare submissions")
    }

    /// The submissions of this wave, or of none that is known, that share their file with others.
    pub fn submissions_of_shared_files(&self, wave: Wave) -> Result<Vec<SubmissionRow>, StoreError> {
        let wanted = "(s.wave IS NULL OR s.wave = ?1) AND s.sha256 IN
                 (SELECT sha256 FROM submissions WHERE wave IS NULL OR wave = ?1
                  GROUP BY sha256 HAVING count(*) > 1) ORDER BY s.id";
        self.submissions_where(wanted, [wave.0])
    }

    pub(crate) fn submissions_where(
        &self,
        wanted: &str,
        values: impl Params,
    ) -> Result<Vec<SubmissionRow>, StoreError> {
        let doing = "read submissions";
        let mut statement =
            self.connection.prepare_cached(&format!("{COLUMNS} WHERE {wanted}")).doing(doing)?;
        let rows = statement.query_map(values, raw).doing(doing)?;
        rows.map(|row| understood(row.doing(doing)?)).collect()
    }

    /// Where every submission of a wave stands, or of none that is known yet, in the order in which they came.
    pub fn submission_states(&self, wave: Wave) -> Result<Vec<SubmissionState>, StoreError> {
        let doing = "look where submissions stand";
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "SELECT s.id, s.economy, s.state, f.withdrawn, p.sha256 IS NOT NULL,
                     s.economy IS NOT NULL AND f.withdrawn <> {CORRECTED} AND 1 = row_number() OVER (
                         PARTITION BY s.economy
                         ORDER BY f.withdrawn, s.state = 'returned' AND p.sha256 IS NULL, s.arrival DESC
                     )
                 FROM submissions s JOIN files f ON f.sha256 = s.sha256
                 LEFT JOIN present p ON p.wave = ?1 AND p.sha256 = s.sha256
                 WHERE s.wave IS NULL OR s.wave = ?1 ORDER BY s.arrival"
            ))
            .doing(doing)?;
        let mut rows = statement.query([wave.0]).doing(doing)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
            let withdrawn = row.get(3).doing(doing)?;
            let state = text(2).doing(doing)?.and_then(|state| standing(state, withdrawn));
            all.push(SubmissionState {
                id: SubmissionId(row.get(0).doing(doing)?),
                economy: text(1).doing(doing)?.map(EconomyCode::new),
                state: state.ok_or_else(|| corrupt("the state of a submission"))?,
                present: row.get(4).doing(doing)?,
                latest: row.get(5).doing(doing)?,
            });
        }
        Ok(all)
    }

    /// The latest submission of each economy in a wave, with its state.
    pub fn latest_submissions(
        &self,
        wave: Wave,
    ) -> Result<BTreeMap<EconomyCode, (SubmissionId, State)>, StoreError> {
        let latest = self.submission_states(wave)?.into_iter().filter(|row| row.latest);
        Ok(latest.filter_map(|row| Some((row.economy?, (row.id, row.state)))).collect())
    }

    /// The header of a submission, personal data included.
    pub fn header(&self, id: SubmissionId) -> Result<Vec<HeaderValue>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT field, value, place FROM headers WHERE submission = ?1
                 UNION ALL SELECT field, value, place FROM contacts WHERE submission = ?1 ORDER BY field",
            )
            .doing("read a header")?;
        let rows = statement
            .query_map([id.0], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })
            .doing("read a header")?;
        let mut header = Vec::new();
        for row in rows {
            let (field, value, place) = row.doing("read a header")?;
            header.push(HeaderValue {
                field: HeaderField::parse(&field).ok_or_else(|| corrupt("a header's field"))?,
                value: serde_json::from_str::<CellValue>(&value).map_err(|_| corrupt("a header's value"))?,
                place: serde_json::from_str(&place).map_err(|_| corrupt("a header's place"))?,
            });
        }
        Ok(header)
    }

    /// A submission as it was read.
    pub fn received(&self, row: &SubmissionRow) -> Result<Received, StoreError> {
        Ok(Received {
            layout: row.layout,
            place: row.place.clone(),
            header: self.header(row.id)?,
            responses: self.responses(row.id)?,
            findings: self.reading_findings(row.id)?,
            contests: self.contests(row.id)?,
        })
    }

    fn reading_findings(&self, id: SubmissionId) -> Result<Vec<Finding>, StoreError> {
        let doing = "read what was noticed while reading";
        let mut statement = self
            .connection
            .prepare_cached("SELECT finding FROM reading_findings WHERE submission = ?1 ORDER BY seq")
            .doing(doing)?;
        let rows = statement.query_map([id.0], |row| row.get::<_, String>(0)).doing(doing)?;
        let mut findings = Vec::new();
        for row in rows {
            let finding = serde_json::from_str(&row.doing(doing)?);
            findings.push(finding.map_err(|_| corrupt("what was noticed while reading"))?);
        }
        Ok(findings)
    }

    /// The responses of a submission, in the order of the file.
    pub fn responses(&self, id: SubmissionId) -> Result<Vec<Response>, StoreError> {
        let sql = "SELECT list FROM response_lists WHERE submission = ?1";
        self.list(sql, id, "read responses", responses_of)
    }

    /// What a list of a submission holds; nothing where there is none.
    pub(crate) fn list<T>(
        &self,
        sql: &str,
        id: SubmissionId,
        doing: &'static str,
        understood: impl FnOnce(&str) -> Result<Vec<T>, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([id.0]).doing(doing)?;
        let Some(row) = rows.next().doing(doing)? else { return Ok(Vec::new()) };
        understood(row.get_ref(0).doing(doing)?.as_str().map_err(rusqlite::Error::from).doing(doing)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Validation;
    use crate::tests::{open, record, validation};

    #[test]
    fn submissions_are_read_page_by_page() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        for (sha256, wave) in [("aa11", 2020), ("bb22", 2022), ("cc33", 2022), ("dd44", 2022)] {
            let id = record(&mut store, sha256, "KEN");
            let validation = Validation { wave: Some(Wave(wave)), ..validation("KEN", State::Accepted) };
            store.record_validation(id, "key", &validation).unwrap();
        }
        record(&mut store, "ee55", "KEN");
        let page = |wave, after: usize, most| -> Vec<String> {
            let after = after.checked_sub(1).map(|at| store.submissions().unwrap()[at].id);
            let rows = store.submissions_after(after, wave, most).unwrap();
            rows.into_iter().map(|row| row.sha256).collect()
        };
        assert_eq!(page(None, 0, 2), ["aa11", "bb22"]);
        assert_eq!(page(None, 2, 9), ["cc33", "dd44", "ee55"]);
        // That of another wave is left out, one of which nothing is known yet is not.
        assert_eq!(page(Some(Wave(2022)), 0, 2), ["bb22", "cc33"]);
        assert_eq!(page(Some(Wave(2022)), 3, 2), ["dd44", "ee55"]);
        assert!(page(Some(Wave(2022)), 5, 2).is_empty());
        assert_eq!(store.submission_count(Wave(2022)).unwrap(), 4);
        let states: Vec<_> =
            store.submission_states(Wave(2022)).unwrap().into_iter().map(|row| row.state).collect();
        assert_eq!(states[2..], [State::Accepted, State::Received]);
        let kenya = EconomyCode::new("KEN");

        assert_eq!(store.submission_of(&kenya, "content of bb22").unwrap().unwrap().sha256, "bb22");
        assert!(store.submission_of(&kenya, "content of ee55").unwrap().is_none(), "not known to be its own");
        // What a reviewer saw in a file is known by what it said, and of whom.
        let said = |sha256, content| store.has_said(&kenya, sha256, content).unwrap();
        assert!(said("bb22", "content of bb22") && !said("bb22", "content of aa11"));
        assert!(!said("ee55", "content of ee55"), "not known to be its own");
        assert!(!store.has_said(&EconomyCode::new("FRA"), "bb22", "content of bb22").unwrap());
        assert_eq!(store.work_key("validate", "1").unwrap().as_deref(), Some("key"));
        assert_eq!(store.work_units("validate", |unit| unit != "2").unwrap(), ["1", "3", "4"]);
    }

    #[test]
    fn the_latest_of_an_economy_is_of_its_wave_and_not_what_its_sender_took_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let mut come = |sha256: &str, code: &str, wave: u16, state: State| {
            let id = record(&mut store, sha256, code);
            let validation = Validation { wave: Some(Wave(wave)), ..validation(code, state) };
            store.record_validation(id, "key", &validation).unwrap();
        };
        come("aa11", "KEN", 2022, State::Accepted);
        come("bb22", "KEN", 2022, State::Returned);
        come("cc33", "KEN", 2028, State::Returned);
        come("dd44", "AGO", 2028, State::Accepted);
        come("ee55", "PER", 2022, State::Returned);
        come("ff66", "FRA", 2022, State::Accepted);
        come("1177", "FRA", 2022, State::Accepted);
        let latest = |store: &Store, wave: u16| -> Vec<String> {
            let told = |(economy, (id, state)): (EconomyCode, (SubmissionId, State))| {
                let row = store.submission(id).unwrap().unwrap();
                assert_eq!(row.state, state);
                format!("{economy} {}", row.sha256)
            };
            store.latest_submissions(Wave(wave)).unwrap().into_iter().map(told).collect()
        };
        assert_eq!(latest(&store, 2022), ["FRA 1177", "KEN bb22", "PER ee55"]);
        assert_eq!(latest(&store, 2028), ["AGO dd44", "KEN cc33"]);
        assert_eq!(store.submission_states(Wave(2028)).unwrap().len(), 2);
        // All files are taken out: a returned one is told of where there is no other, an accepted one as before.
        store.mark_present(Wave(2028), |_| false).unwrap();
        assert_eq!(latest(&store, 2022), ["FRA 1177", "KEN bb22", "PER ee55"]);
        store.mark_present(Wave(2022), |_| false).unwrap();
        assert_eq!(latest(&store, 2022), ["FRA 1177", "KEN aa11", "PER ee55"]);
        // What a source withdrew is told of where there is no other.
        let withdraw = "UPDATE files SET withdrawn = 1 WHERE sha256 IN ('1177', 'ee55')";
        store.connection.execute(withdraw, []).unwrap();
        assert_eq!(latest(&store, 2022), ["FRA ff66", "KEN aa11", "PER ee55"]);
        let (peru, state) = store.latest_submissions(Wave(2022)).unwrap()[&EconomyCode::new("PER")];
        assert_eq!(state, State::Withdrawn);
        assert_eq!(store.submission(peru).unwrap().unwrap().state, State::Withdrawn);
        // It may come back, as what it was.
        store.connection.execute("UPDATE files SET withdrawn = 0", []).unwrap();
        assert_eq!(store.submission(peru).unwrap().unwrap().state, State::Returned);
    }
}
