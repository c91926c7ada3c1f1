//! Submissions: one economy's answers in one file, with their header and raw responses.

use maturity::cell::{CellValue, Place};
use maturity::economy::EconomyCode;
use maturity::finding::Finding;
use maturity::submission::{
    Collected, Field, HeaderField, HeaderValue, Layout, Received, Response, State, Wave,
};
use rusqlite::Row;

use crate::database::{Doing, Store, StoreError};
use crate::rows::{cell_value, corrupt, place};

/// The number of a submission in the store; later submissions have higher numbers.
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
    /// The first name the file came under.
    pub name: String,
    /// The source the file came from.
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
    /// Whether its file was in its source at the latest ingest.
    pub present: bool,
    /// Whether every source of its file has withdrawn it; then it counts no more.
    pub withdrawn: bool,
}

const COLUMNS: &str = "SELECT s.id, s.sha256, s.place, s.layout, s.content, s.received_at, s.economy, s.wave,
        s.collected, s.language, s.state,
        (SELECT n.name FROM file_names n WHERE n.sha256 = s.sha256 ORDER BY n.source, n.name LIMIT 1),
        (SELECT n.source FROM file_names n WHERE n.sha256 = s.sha256 ORDER BY n.source, n.name LIMIT 1),
        f.present, f.withdrawn
     FROM submissions s JOIN files f ON f.sha256 = s.sha256";

/// The values of a row before they are understood.
struct Raw {
    id: i64,
    texts: [Option<String>; 11],
    wave: Option<i64>,
    present: bool,
    withdrawn: bool,
}

fn raw(row: &Row<'_>) -> Result<Raw, rusqlite::Error> {
    let mut texts: [Option<String>; 11] = Default::default();
    for (slot, column) in texts.iter_mut().zip([1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]) {
        *slot = row.get(column)?;
    }
    Ok(Raw { id: row.get(0)?, texts, wave: row.get(7)?, present: row.get(13)?, withdrawn: row.get(14)? })
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
        name: name.unwrap_or_default(),
        source: source.unwrap_or_default(),
        place: serde_json::from_str(&place.unwrap_or_default()).map_err(|_| broken("place"))?,
        layout,
        content: content.ok_or_else(|| broken("content"))?,
        received_at: received_at.ok_or_else(|| broken("received_at"))?,
        economy: economy.as_deref().map(EconomyCode::new),
        wave: raw.wave.and_then(|wave| u16::try_from(wave).ok()).map(Wave),
        collected: collected.as_deref().and_then(Collected::parse),
        language,
        state: State::parse(&state.unwrap_or_default()).ok_or_else(|| broken("state"))?,
        present: raw.present,
        withdrawn: raw.withdrawn,
    })
}

impl Store {
    /// All submissions in the order in which they came.
    pub fn submissions(&self) -> Result<Vec<SubmissionRow>, StoreError> {
        let sql = format!("{COLUMNS} ORDER BY s.id");
        let mut statement = self.connection.prepare(&sql).doing("list the submissions")?;
        let rows = statement.query_map([], raw).doing("list the submissions")?;
        let mut all = Vec::new();
        for row in rows {
            all.push(understood(row.doing("list the submissions")?)?);
        }
        Ok(all)
    }

    /// The submission in force of each economy: the latest accepted one of the wave, by economy.
    pub fn in_force(&self, wave: Wave) -> Result<Vec<SubmissionRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE s.id IN (SELECT max(id) FROM submissions
                 WHERE state = 'accepted' AND wave = ?1
                 AND sha256 NOT IN (SELECT sha256 FROM files WHERE withdrawn) GROUP BY economy)
             ORDER BY s.economy"
        );
        let mut statement = self.connection.prepare(&sql).doing("list the submissions in force")?;
        let rows = statement.query_map([wave.0], raw).doing("list the submissions in force")?;
        let mut all = Vec::new();
        for row in rows {
            all.push(understood(row.doing("list the submissions in force")?)?);
        }
        Ok(all)
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
        let doing = "read responses";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT question, field, kind, text, number, formula, sheet, cell
                 FROM responses WHERE submission = ?1 ORDER BY seq",
            )
            .doing(doing)?;
        let mut rows = statement.query([id.0]).doing(doing)?;
        let mut responses = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let field: String = row.get(1).doing(doing)?;
            let field = Field::parse(&field).ok_or_else(|| corrupt("a response's field"))?;
            let kind: String = row.get(2).doing(doing)?;
            let place = place(row.get(6).doing(doing)?, row.get(7).doing(doing)?)?;
            responses.push(Response {
                question: row.get(0).doing(doing)?,
                field,
                value: cell_value(&kind, row.get(3).doing(doing)?, row.get(4).doing(doing)?)?,
                formula: row.get(5).doing(doing)?,
                place: place.ok_or_else(|| corrupt("a response's place"))?,
            });
        }
        Ok(responses)
    }
}
