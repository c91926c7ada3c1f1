//! Country reports that came back with decisions in them.
//!
//! A row is taken once: what a reviewer took back later does not return because the file still lies there. Where a
//! reviewer writes into a row again what was there before something else, it is decided once more. Rows with
//! problems are told at every run until they are corrected. Waves may share the folder: each takes its own rows.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use maturity::cell::Place;
use maturity::decision::{Choice, DecisionRow, RowProblem};
use maturity::language::Language;
use maturity::submission::Wave;
use pipeline::hash::{Fingerprint, sha256};
use pipeline::logging::NOTED;
use pipeline::{Context, Summary};
use questionnaire::{ReviewSheet, reviewed};
use reader::Limits;
use reader::worker::Pool;
use store::{Store, StoreError, SubmissionRow};

use crate::decisions::{self, Given, Taken};
use crate::directory::{self, FoundFile};
use crate::stage::{IngestError, count, now};
use crate::waiting::Reading;

/// The name under which decisions that were taken are recorded.
const STAGE: &str = "review";

/// The workbooks that are looked at.
const INCLUDE: [&str; 4] = ["**/*.xlsx", "**/*.xlsm", "**/*.xls", "**/*.ods"];

/// What tables of decisions end in.
const TABLES: [&str; 3] = ["csv", "tsv", "txt"];

/// What Windows keeps in folders of its own accord.
const OF_SYSTEM: [&str; 2] = ["thumbs.db", "desktop.ini"];

/// A row with the place of its decision.
type Row = (DecisionRow, Option<Place>);

/// Takes the decisions from every workbook below `folder`.
pub(crate) fn run(
    context: &Context,
    store: &mut Store,
    (pool, most): (&Pool, u64),
    folder: &Path,
    summary: &mut Summary,
) -> Result<(), IngestError> {
    let known = store.work_keys(STAGE)?;
    let wave = context.framework.wave;
    let listing = directory::list(folder, &everything(), &[]);
    let read = include();
    summary.notes.extend(listing.note_of_links("the folder of reviews"));
    for problem in listing.problems {
        tracing::warn!(target: NOTED, problem, "part of the folder of reviews cannot be looked at");
        summary.notes.push(format!("the folder of reviews: {problem}"));
        count(summary, "unreadable");
    }
    let language = &context.config.language;
    for file in listing.files {
        let told = |problem: &RowProblem| format!("{}: {}", file.name, problem.message(language));
        if is_of_system(&file) {
            continue;
        }
        let is_read = read.is_match(&file.name);
        if !is_read {
            tell(summary, vec![problem_of_kind(&file, language)]);
        } else if file.size > most {
            tell(summary, vec![problem_of_file(&file, language)]);
        }
        if file.size > most {
            continue;
        }
        let bytes = match bytes_of(&file, most) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                tell(summary, vec![problem_of_file(&file, language)]);
                continue;
            }
            Err(problem) => {
                tracing::warn!(target: NOTED, file = file.name, %problem, "a review cannot be opened and is left for the next run");
                let told = directory::unreadable(&format!("{:?}", file.name), problem);
                summary.notes.push(format!("the folder of reviews: {told}"));
                count(summary, "unreadable");
                continue;
            }
        };
        let (whole, place) = (sha256(&bytes), place_of(wave, &file));
        let unit = content_of(wave, &whole);
        if is_read && known.contains_key(&unit) && known.get(&place).is_none_or(|latest| *latest == whole) {
            continue;
        }
        // What holds no decisions was looked at all the same: nobody waits for another look.
        let look_at = |store: &mut Store| match known.get(&place) {
            Some(latest) if *latest == whole => Ok(()),
            _ => store.record_work(STAGE, &[(place.clone(), whole.clone())]),
        };
        if !is_read {
            look_at(store)?;
            continue;
        }
        let sheet = match pool.read(&bytes)? {
            Ok(book) => reviewed(&book),
            Err(refusal) => {
                tell(summary, vec![format!("{}: {}", file.name, refusal.problem.sentence(language))]);
                look_at(store)?;
                continue;
            }
        };
        let Some(mut sheet) = sheet else {
            tell(summary, vec![problem_of_file(&file, language)]);
            look_at(store)?;
            continue;
        };
        let mut waiting = leave_to_others(store, &mut sheet, wave)?;
        waiting.retain(|other| !is_looked_at(*other, &file, &whole, &known));
        let taken = store.together("record decisions", |store| {
            let (taken, mut units) = take(context, store, &file.apart(), sheet, &known)?;
            units.push((place, whole.clone()));
            // One with problems, or with decisions that wait for another wave, is looked at again at the next run.
            if taken.problems.is_empty() && waiting.is_empty() {
                units.push((unit, now()));
            }
            store.record_work(STAGE, &units)?;
            Ok::<_, IngestError>(taken)
        })?;
        tracing::info!(file = file.name, new = taken.new.len(), accepted = taken.accepted, "decisions taken");
        for (name, number) in [("decisions", taken.new.len()), ("findings accepted", taken.accepted)] {
            if number > 0 {
                let number = u64::try_from(number).unwrap_or(u64::MAX);
                *summary.counts.entry(name.to_owned()).or_default() += number;
            }
        }
        tell(summary, taken.problems.iter().map(told).collect());
        for other in waiting {
            let problem = RowProblem::new("wave-waits", &[("found", &other.to_string())]);
            summary.notes.push(told(&problem));
        }
    }
    Ok(())
}

/// The bytes of a file; none where it has more than `most` by now.
fn bytes_of(file: &FoundFile, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let read = file.open()?.take(most + 1).read_to_end(&mut bytes)?;
    Ok(u64::try_from(read).is_ok_and(|read| read <= most).then_some(bytes))
}

/// Takes the rows of other waves of the store out of a sheet: the runs of these take them. Gives the waves.
fn leave_to_others(store: &Store, sheet: &mut ReviewSheet, wave: Wave) -> Result<BTreeSet<Wave>, StoreError> {
    let other = |row: &DecisionRow| row.wave.trim().parse().ok().map(Wave).filter(|found| *found != wave);
    let named: BTreeSet<Wave> = sheet.rows.iter().filter_map(|(row, _)| other(row)).collect();
    let mut others = BTreeSet::new();
    for found in named {
        // Nobody runs a wave of which the store knows nothing: its number may be a slip.
        if !store.latest_submissions(found)?.is_empty() {
            others.insert(found);
        }
    }
    sheet.rows.retain(|(row, _)| other(row).is_none_or(|found| !others.contains(&found)));
    Ok(others)
}

/// Whether a run of a wave has looked at a file.
fn is_looked_at(wave: Wave, file: &FoundFile, whole: &str, known: &BTreeMap<String, String>) -> bool {
    match known.get(&place_of(wave, file)) {
        Some(latest) => latest == whole,
        None => known.contains_key(&content_of(wave, whole)),
    }
}

/// Names the place of a file in the store's record of what was read for a wave: waves may share a folder of reviews, and
/// each looks for decisions of its own.
fn place_of(wave: Wave, file: &FoundFile) -> String {
    format!("seen for {wave}: {}", file.apart())
}

/// Names the content of a file in the same record, by its hash.
fn content_of(wave: Wave, whole: &str) -> String {
    format!("read for {wave}: {whole}")
}

/// Says that a file holds no decisions; the sentence names it.
fn problem_of_file(file: &FoundFile, language: &Language) -> String {
    RowProblem::new("sheet-missing", &[("found", &file.name)]).message(language)
}

/// Says that a file is of a kind in which no decisions are read, and where those of a table are.
fn problem_of_kind(file: &FoundFile, language: &Language) -> String {
    let ending = Path::new(&file.name).extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let is_table = ending.is_some_and(|ending| TABLES.contains(&&*ending));
    RowProblem::new(if is_table { "kind-table" } else { "kind-other" }, &[("found", &file.name)])
        .message(language)
}

/// Whether Windows put a file there, for pictures and colours of the folder: nobody decided anything in it.
fn is_of_system(file: &FoundFile) -> bool {
    let name = file.name.rsplit('/').next().unwrap_or_default().to_lowercase();
    OF_SYSTEM.contains(&&*name)
}

/// What in the folder of reviews no run of the wave has looked at yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// The files whose content is new, by their paths from the project's folder.
    pub files: Vec<String>,
    /// What cannot be looked at, and why: nobody knows what was decided there.
    pub problems: Vec<String>,
}

/// Looks what in the folder of reviews no run of the wave has looked at yet, as far as `reading` shows it.
pub fn unread(context: &Context, store: &Store, reading: Reading) -> Result<Unread, StoreError> {
    let Some(folder) = &context.config.reviews else { return Ok(Unread::default()) };
    let project = context.config.path.parent().unwrap_or(Path::new(""));
    let shown = folder.strip_prefix(project).unwrap_or(folder);
    Ok(unread_of(folder, shown, context.framework.wave, (&store.work_keys(STAGE)?, reading)))
}

fn unread_of(
    folder: &Path,
    shown: &Path,
    wave: Wave,
    (known, reading): (&BTreeMap<String, String>, Reading),
) -> Unread {
    let most = Limits::default().file_bytes;
    let mut allowance = reading.allowance();
    let mut is_unread = |file: &&FoundFile| {
        if is_of_system(file) || !allowance.takes(file.size) {
            return false;
        }
        match bytes_of(file, most) {
            Ok(Some(bytes)) => !is_looked_at(wave, file, &sha256(&bytes), known),
            // What is too large is never read; what cannot be read is as good as unread.
            Ok(None) => false,
            Err(_) => true,
        }
    };
    let listing = directory::list(folder, &everything(), &[]);
    // What was changed last is new, if anything is.
    let unread = listing.files.iter().rev().filter(&mut is_unread);
    let mut files: Vec<String> = unread.map(|file| shown.join(&file.name).display().to_string()).collect();
    files.sort();
    Unread { files, problems: listing.problems }
}

/// Tells what cannot be taken.
fn tell(summary: &mut Summary, problems: Vec<String>) {
    for problem in problems {
        tracing::warn!(target: NOTED, "a decision is not taken: {problem}");
        summary.notes.push(problem);
        summary.attention = true;
        count(summary, "decisions not taken");
    }
}

/// Takes the rows of a sheet that were not taken before. Gives what became of them, and the units of work that are
/// done by it.
fn take(
    context: &Context,
    store: &mut Store,
    file: &str,
    sheet: ReviewSheet,
    known: &BTreeMap<String, String>,
) -> Result<(Taken, Vec<(String, String)>), IngestError> {
    let submission = sheet.submission;
    let current = decisions::submissions(context, store)?;
    // Rows that are new, and those that hold again what was decided before something else.
    let (mut rows, mut back): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
    let mut units = Vec::new();
    let mut refused = Vec::new();
    let mut matters: BTreeMap<String, usize> = BTreeMap::new();
    for (row, _) in &sheet.rows {
        *matters.entry(matter(file, row)).or_default() += 1;
    }
    for (row, place) in sheet.rows {
        let (unit, matter) = (unit(submission.as_deref(), &row), matter(file, &row));
        let is_known = known.contains_key(&unit);
        // Where a reviewer has two rows about one matter, neither took the place of the other.
        let is_alone = matters.get(&matter) == Some(&1);
        let is_back = is_known && is_alone && known.get(&matter).is_some_and(|latest| *latest != unit);
        if is_known && !is_back {
            continue;
        }
        let economy = context.economies.find(&row.economy).ok().map(|(economy, _)| &economy.code);
        let latest = economy.and_then(|code| current.get(code));
        // An override names the answer that it replaces; other decisions hold for what the reviewer saw as a whole.
        let by_value = Choice::parse(&row.decision) == Some(Choice::Override);
        let is_other = match (latest, &submission) {
            (Some(latest), Some(seen)) => !is_same(store, latest, seen)?,
            _ => false,
        };
        if !by_value && is_other {
            let problem = RowProblem::new("submission-other", &[("found", &row.decision)]);
            refused.push(problem.at(Some(place)));
            continue;
        }
        if by_value && row.replaces.is_empty() {
            let problem = RowProblem::new("replaces-missing", &[("found", &row.question)]);
            refused.push(problem.at(Some(place)));
            continue;
        }
        units.push((place.clone(), unit.clone(), now()));
        units.push((place.clone(), matter, unit));
        if is_back { &mut back } else { &mut rows }.push((row, Some(place)));
    }
    let mut taken = decisions::take(context, store, &rows, Given::InFile, &now())?;
    taken.add(decisions::take(context, store, &back, Given::Now, &now())?);
    let not_taken =
        |place: &Place| taken.problems.iter().any(|problem| problem.place.as_ref() == Some(place));
    units.retain(|(place, ..)| !not_taken(place));
    taken.problems.extend(refused);
    taken.problems.sort_by(|one, other| one.place.cmp(&other.place));
    Ok((taken, units.into_iter().map(|(_, unit, key)| (unit, key)).collect()))
}

/// Whether a submission says the same as that of its economy in another file: a table changes with the row of any economy.
fn is_same(store: &Store, row: &SubmissionRow, sha256: &str) -> Result<bool, StoreError> {
    if row.sha256 == sha256 {
        return Ok(true);
    }
    let Some(economy) = &row.economy else { return Ok(false) };
    store.has_said(economy, sha256, &row.content)
}

/// Takes the decisions of a table. A row that accepted something before does not do so again: it may have been taken back.
pub fn take_table(
    context: &Context,
    store: &mut Store,
    rows: &[Row],
    now: &str,
) -> Result<Taken, StoreError> {
    let known = store.work_keys(STAGE)?;
    let wave = context.framework.wave;
    let accepts = |row: &DecisionRow| Choice::parse(&row.decision) == Some(Choice::Accept);
    let name = |row: &DecisionRow| format!("of a table for {wave}: {}", unit(None, row));
    let (before, new): (Vec<Row>, Vec<Row>) =
        rows.iter().cloned().partition(|(row, _)| accepts(row) && known.contains_key(&name(row)));
    store.together("record decisions", |store| {
        let mut taken = decisions::take(context, store, &new, Given::InTable, now)?;
        let is_taken = |place: &Option<Place>| !taken.problems.iter().any(|problem| problem.place == *place);
        let done = new.iter().filter(|(row, place)| accepts(row) && is_taken(place));
        let units: Vec<(String, String)> = done.map(|(row, _)| (name(row), now.to_owned())).collect();
        store.record_work(STAGE, &units)?;
        taken.known += before.len();
        Ok(taken)
    })
}

/// Names what a row is about, and whose it is.
fn matter(file: &str, row: &DecisionRow) -> String {
    let fields = [file, &row.wave, &row.economy, &row.question, &row.reviewer];
    format!("matter {}", fields.into_iter().fold(Fingerprint::new(), Fingerprint::with).finish())
}

/// Names a row by everything that stands in it.
fn unit(submission: Option<&str>, row: &DecisionRow) -> String {
    let fields = [
        &row.wave,
        &row.economy,
        &row.question,
        &row.decision,
        &row.replaces,
        &row.answer,
        &row.evidence,
        &row.reason,
        &row.reviewer,
    ];
    let start = Fingerprint::new().with(submission.unwrap_or_default());
    format!("row {}", fields.into_iter().fold(start, Fingerprint::with).finish())
}

fn include() -> GlobSet {
    globs(&INCLUDE)
}

/// Also what no decisions are read from, so that people hear of it.
fn everything() -> GlobSet {
    globs(&["**"])
}

fn globs(patterns: &[&str]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for glob in patterns.iter().filter_map(|text| GlobBuilder::new(text).case_insensitive(true).build().ok())
    {
        builder.add(glob);
    }
    builder.build().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_one_wave_looked_at_another_has_not() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("KEN.xlsx"), "a").unwrap();
        let (all, shown) = (folder.path(), Path::new("reviews"));
        let file = directory::list(all, &everything(), &[]).files.remove(0);
        let unread =
            |wave, known: &BTreeMap<_, _>| unread_of(all, shown, Wave(wave), (known, Reading::All)).files;
        let by_place = [(place_of(Wave(2022), &file), sha256(b"a"))].into();
        let by_content = [(content_of(Wave(2022), &sha256(b"a")), now())].into();
        for known in [by_place, by_content] {
            assert_eq!(unread(2022, &known), [""; 0]);
            assert_eq!(unread(2028, &known), ["reviews/KEN.xlsx"]);
        }
    }

    #[test]
    fn a_review_is_read_up_to_a_bound_and_from_no_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("KEN.xlsx");
        fs::write(&path, "four").unwrap();
        let file = directory::list(folder.path(), &everything(), &[]).files.remove(0);
        assert_eq!(bytes_of(&file, 4).unwrap().unwrap(), b"four");
        assert_eq!(bytes_of(&file, 3).unwrap(), None);
        fs::remove_file(&path).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
        assert!(bytes_of(&file, 4).is_err());
    }

    #[test]
    fn a_folder_of_reviews_that_cannot_be_read_is_unread() {
        let folder = tempfile::tempdir().unwrap();
        let away = folder.path().join("reviews");
        let unread = unread_of(&away, Path::new("reviews"), Wave(2022), (&BTreeMap::new(), Reading::All));
        assert!(unread.files.is_empty());
        let [problem] = unread.problems.as_slice() else { panic!("{unread:?}") };
        assert!(problem.ends_with("does not exist"), "{problem}");
    }
}
