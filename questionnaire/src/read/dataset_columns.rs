//! The columns of the publisher's wide table, found by their headings.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use maturity::cell::{Cell, CellValue};
use maturity::framework::Framework;
use maturity::normalize::{matching_key, tidy};
use maturity::submission::Wave;

use super::keys::Keys;
use super::question_ids::QuestionIds;
use super::unread::Headings;
use crate::dataset::headings;

/// How many known ids make a row of headings a wide table.
const ENOUGH: usize = 20;
/// Bytes of the longest text that may be a fixed heading, stray blanks included.
const LONGEST_HEADING: usize = 32;

/// What a fixed heading stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fixed {
    Code,
    Name,
    Year,
    Source,
}

/// What senders call the columns that the publisher calls Code, Economy and Year, as matching keys. The publisher's own
/// heading counts before all others, and of these the first.
const CODES: [&str; 19] = [
    "economy code",
    "country code",
    "iso3",
    "iso 3",
    "iso code",
    "iso3 code",
    "iso",
    "code pays",
    "code du pays",
    "code economie",
    "code de l'economie",
    "code iso",
    "code iso3",
    "codigo",
    "codigo pais",
    "codigo del pais",
    "codigo de pais",
    "codigo de la economia",
    "codigo iso",
];
const NAMES: [&str; 13] = [
    "economy name",
    "country",
    "country name",
    "economie",
    "nom de l'economie",
    "pays",
    "nom du pays",
    "economia",
    "nombre de la economia",
    "pais",
    "nombre del pais",
    "nombre de pais",
    "economies",
];
const YEARS: [&str; 8] = ["years", "wave", "annee", "annees", "ano", "anos", "vague", "ronda"];

/// The fixed headings by their matching keys, with how far each stands behind the first of its kind.
static FIXED: LazyLock<Keys<(Fixed, usize)>> = LazyLock::new(|| {
    let of = |fixed: Fixed, own: &'static str, others: &'static [&'static str]| {
        let all = std::iter::once(own).chain(others.iter().copied()).enumerate();
        all.map(move |(rank, heading)| (matching_key(heading), (fixed, rank)))
    };
    of(Fixed::Code, headings::CODE, &CODES)
        .chain(of(Fixed::Name, headings::ECONOMY, &NAMES))
        .chain(of(Fixed::Year, headings::YEAR, &YEARS))
        .chain(of(Fixed::Source, headings::SOURCE, &[]))
        .collect()
});

/// Where the fixed columns stand, as far as their headings are there.
#[derive(Debug, Default)]
struct FixedColumns([Option<(usize, u32)>; 4]);

impl FixedColumns {
    fn of(row: &[Cell]) -> Self {
        let mut columns = Self::default();
        for cell in row {
            // None of them is a number, a date or a truth value.
            let CellValue::Text(text) = &cell.value else { continue };
            if text.len() > LONGEST_HEADING {
                continue;
            }
            if let Some((fixed, rank)) = FIXED.find(text)
                && let Some(found) = columns.0.get_mut(*fixed as usize)
                && found.is_none_or(|(known, _)| *rank < known)
            {
                *found = Some((*rank, cell.address.column));
            }
        }
        columns
    }

    fn get(&self, fixed: Fixed) -> Option<u32> {
        self.0.get(fixed as usize).copied().flatten().map(|(_, column)| column)
    }
}

/// The columns of the questions.
#[derive(Debug, Default)]
struct Questions {
    ids: Vec<String>,
    by_column: HashMap<u32, usize>,
    known: Vec<(usize, u32)>,
}

impl Questions {
    fn of(row: &[Cell], ids: &QuestionIds) -> Self {
        let mut questions = Self::default();
        let mut positions: HashMap<String, usize> = HashMap::new();
        for cell in row {
            // Programs make a number of `1.1`.
            let (id, is_known) = match (ids.find_value(&cell.value), &cell.value) {
                (Some(id), _) => (id.to_string(), true),
                (None, CellValue::Text(text)) if ids.looks_like_one(text) => (tidy(text), false),
                (None, _) => continue,
            };
            let position = *positions.entry(matching_key(&id)).or_insert(questions.ids.len());
            let column = cell.address.column;
            questions.by_column.insert(column, position);
            if position == questions.ids.len() {
                if is_known {
                    questions.known.push((position, column));
                }
                questions.ids.push(id);
            }
        }
        questions
    }
}

/// What a row of headings below others says.
#[derive(Debug)]
pub(super) enum Again {
    /// The same questions in the same columns.
    Same,
    /// Others, without all headings that say whose the answers are; these are taken to stand where they stood above.
    Other(Columns),
}

/// The columns of a table.
#[derive(Debug)]
pub(super) struct Columns {
    /// The economy's code.
    pub(super) code: u32,
    /// The economy's name.
    pub(super) name: u32,
    /// The year, if there is a column of years.
    pub(super) year: Option<u32>,
    /// Survey or remote.
    pub(super) source: Option<u32>,
    /// The last column that has a heading.
    pub(super) last: u32,
    /// The ids of the questions in the order of their first columns; of an unknown question the id as it stands there.
    pub(super) questions: Vec<String>,
    /// The position of the question that a column is of: several, where a second block repeats it.
    by_column: HashMap<u32, usize>,
    /// The known questions: their positions and their first columns.
    pub(super) known: Vec<(usize, u32)>,
}

/// The matching keys of what the publisher's table says about economies and their scores: it is known, and it is no answer.
pub(super) fn not_asked(framework: &Framework) -> HashSet<String> {
    let about = headings::ABOUT.into_iter().map(str::to_owned);
    let scores = framework.subindexes.iter().map(|subindex| subindex.id.to_string());
    let groups = (1..=framework.subindexes.len()).map(headings::group_of);
    let all = about.chain(scores).chain(groups).chain([framework.composite.id.to_string()]);
    all.map(|heading| matching_key(&heading)).collect()
}

impl Columns {
    /// The columns, if a row holds the headings of a wide table.
    pub(super) fn of(row: &[Cell], ids: &QuestionIds) -> Option<Self> {
        let fixed = FixedColumns::of(row);
        // Nearly every row of a large sheet ends here.
        let (code, name) = (fixed.get(Fixed::Code)?, fixed.get(Fixed::Name)?);
        let (year, source) = (fixed.get(Fixed::Year), fixed.get(Fixed::Source));
        let Questions { ids: questions, by_column, known } = Questions::of(row, ids);
        let last = last_of(row)?;
        (known.len() >= ids.at_most(ENOUGH)).then_some(Self {
            code,
            name,
            year,
            source,
            last,
            questions,
            by_column,
            known,
        })
    }

    /// What a row below these headings says if it holds as many questions as headings do, and not all fixed headings.
    pub(super) fn again(&self, row: &[Cell], ids: &QuestionIds) -> Option<Again> {
        let is_dated = || {
            let year = row.iter().find(|cell| Some(cell.address.column) == self.year);
            year.is_some_and(|cell| Wave::said_by(&cell.value).is_some())
        };
        if known_in(row, ids) < ids.at_most(ENOUGH) || is_dated() {
            return None;
        }
        let Questions { ids: questions, by_column, known } = Questions::of(row, ids);
        let is_same = known.iter().all(|(position, column)| {
            self.question_at(*column).and_then(|at| self.questions.get(at)) == questions.get(*position)
        });
        if is_same {
            return Some(Again::Same);
        }
        let fixed = FixedColumns::of(row);
        let place = |own: Option<u32>, above: Option<u32>| {
            own.or(above.filter(|column| !by_column.contains_key(column)))
        };
        let other = Self {
            code: place(fixed.get(Fixed::Code), Some(self.code)).unwrap_or(self.code),
            name: place(fixed.get(Fixed::Name), Some(self.name)).unwrap_or(self.name),
            year: place(fixed.get(Fixed::Year), self.year),
            source: place(fixed.get(Fixed::Source), self.source),
            last: last_of(row)?,
            questions,
            by_column,
            known,
        };
        Some(Again::Other(other))
    }

    /// The headings that a row with as many questions as headings hold lacks to be one, and how many questions it has.
    pub(super) fn missing(row: &[Cell], ids: &QuestionIds) -> Option<(usize, String)> {
        let count = known_in(row, ids);
        let fixed = FixedColumns::of(row);
        let missing = [(Fixed::Code, headings::CODE), (Fixed::Name, headings::ECONOMY)];
        let missing: Vec<&str> = missing
            .into_iter()
            .filter(|(kind, _)| fixed.get(*kind).is_none())
            .map(|(_, name)| name)
            .collect();
        (count >= ids.at_most(ENOUGH) && !missing.is_empty()).then(|| (count, missing.join(", ")))
    }

    /// The headings of the row that are neither those of questions nor of anything else that is known.
    pub(super) fn unread(&self, row: &[Cell], not_asked: &HashSet<String>) -> Headings {
        let fixed = [Some(self.code), Some(self.name), self.year, self.source];
        let mut unread = Headings::of(row);
        for cell in row.iter().filter(|cell| !cell.value.is_blank()) {
            let (column, text) = (cell.address.column, cell.value.display());
            let is_read = fixed.contains(&Some(column)) || self.by_column.contains_key(&column);
            if !is_read && !not_asked.contains(&matching_key(&text)) {
                unread.add(column, &tidy(&text));
            }
        }
        unread
    }

    /// The ids of the known questions.
    pub(super) fn known_ids(&self) -> impl Iterator<Item = &str> {
        self.known.iter().filter_map(|(position, _)| self.questions.get(*position)).map(String::as_str)
    }

    /// The position of the question that a column is of.
    pub(super) fn question_at(&self, column: u32) -> Option<usize> {
        self.by_column.get(&column).copied()
    }
}

/// How many questions the cells of a row name: none if whole numbers name one twice. Where ids are such numbers, answers
/// look like headings, but repeat themselves.
fn known_in(row: &[Cell], ids: &QuestionIds) -> usize {
    let mut known = HashSet::new();
    for id in row.iter().filter_map(|cell| ids.find_value(&cell.value)) {
        if !known.insert(id) && id.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
            return 0;
        }
    }
    known.len()
}

/// The last column in which a row of headings says something.
fn last_of(row: &[Cell]) -> Option<u32> {
    row.iter().rfind(|cell| !cell.value.is_blank()).map(|cell| cell.address.column)
}
