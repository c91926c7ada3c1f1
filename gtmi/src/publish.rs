//! `gtmi publish` and `gtmi forget`: what a wave was when it went out, and who is no longer named.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use maturity::decision::Decision;
use maturity::economy::EconomyCode;
use maturity::submission::Wave;
use pipeline::hash::{of_file, sha256};
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Forgotten, Step, Store, StoreError};

use crate::arguments::{ForgetOptions, PublishOptions};
use crate::due::{ReviewsWait, outdated, reviews_wait, some_of, they_wait};
use crate::outputs;
use crate::say::{Tone, Voice, counted};
use crate::template;
use crate::waiting::waiting;

/// A wave as it was published. Names nobody but who published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Publication {
    wave: u16,
    by: String,
    at: String,
    tool: String,
    framework: String,
    /// The submission, the score and the overrides of each economy.
    economies: BTreeMap<String, Published>,
    /// SHA-256 of every published file, by its path in the folder of outputs.
    outputs: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Published {
    /// SHA-256 of the file that the answers came in.
    file: String,
    score: Option<f64>,
    group: Option<String>,
    /// Ids of the overrides that count.
    overrides: Vec<String>,
}

/// The wave as it stands now.
fn now(context: &Context, store: &Store, by: &str, at: &str) -> Result<Publication, Failure> {
    let wave = context.framework.wave;
    let mut economies = BTreeMap::new();
    for scored in store.scored(wave).map_err(Failure::stage)? {
        let scores = store.scores_without_terms_of(wave, &scored).map_err(Failure::stage)?;
        let overrides = store.overrides(wave, &scored.economy).map_err(Failure::stage)?;
        let submission = store.submission(scored.submission).map_err(Failure::stage)?;
        economies.insert(
            scored.economy.to_string(),
            Published {
                file: submission.map(|row| row.sha256).unwrap_or_default(),
                score: scores.score,
                group: scores.group,
                overrides: overrides.values().map(Decision::id).collect(),
            },
        );
    }
    Ok(Publication {
        wave: wave.0,
        by: by.to_owned(),
        at: at.to_owned(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        framework: context.framework.hash.clone(),
        economies,
        outputs: BTreeMap::new(),
    })
}

/// The workbooks for the public: the global one and the reports of the economies that have scores. What goes back to senders
/// is not published, nor is what others put beside them.
fn workbooks(context: &Context, publication: &Publication) -> Vec<String> {
    let has_report = |code: &&String| context.economies.get(&EconomyCode::new(code)).is_some();
    let reports = publication.economies.keys().filter(has_report).map(|code| format!("reports/{code}.xlsx"));
    std::iter::once("global.xlsx".to_owned()).chain(reports).collect()
}

/// The hashes of those that are there.
fn hashes(
    folder: &Path,
    names: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut all = BTreeMap::new();
    for name in names {
        let path = folder.join(&name);
        match of_file(&path) {
            Ok(hash) => {
                all.insert(name, hash.to_string());
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(Failure::stage(ReadError { path, source })),
        }
    }
    Ok(all)
}

/// A workbook cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read {path:?}")]
struct ReadError {
    path: PathBuf,
    source: std::io::Error,
}

/// Says which workbook is not there as the last run wrote it, if there is any.
fn unlike_written(
    context: &Context,
    store: &Store,
    names: &[String],
    found: &BTreeMap<String, String>,
) -> Result<Option<String>, StoreError> {
    let (mut missing, mut altered) = (Vec::new(), Vec::new());
    for name in names {
        match found.get(name) {
            None => missing.push(name.clone()),
            Some(hash) => {
                let written = report::recorded_hash(context, store, name)?;
                if written.is_none_or(|written| written.to_string() != *hash) {
                    altered.push(name.clone());
                }
            }
        }
    }
    let is = |names: &[String], one: &str, more: &str| match names {
        [] => None,
        [_] => Some(format!("{} {one}", some_of(names))),
        _ => Some(format!("{} {more}", some_of(names))),
    };
    let missing = is(&missing, "is missing", "are missing");
    let altered = is(&altered, "is not what the last run wrote", "are not what the last run wrote");
    Ok(missing.into_iter().chain(altered).reduce(|one, other| format!("{one}; {other}")))
}

/// Freezes the wave, or says what differs from the latest publication.
pub(crate) fn publish(context: &Context, voice: Voice, options: &PublishOptions) -> Result<Exit, Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, message);
    let wave = context.framework.wave;
    if options.check {
        return compare(context, voice);
    }
    let by = options.by.as_deref().unwrap_or_default().trim();
    if by.is_empty() {
        return Err(usage("a publication needs a name (--by)".to_owned()));
    }
    let _lock = pipeline::stage::lock(context)?;
    let mut store = Store::open(&context.config.store).map_err(Failure::stage)?;
    let at = jiff::Timestamp::now().round(jiff::Unit::Second).map_err(Failure::stage)?.to_string();
    let waiting = waiting(context, &store, None).map_err(Failure::stage)?;
    if !waiting.is_empty() {
        return Err(usage(format!("{} (gtmi run first, then gtmi publish)", they_wait(&waiting))));
    }
    if let Some(reviews) = reviews_wait(context, &store)? {
        let advice = match reviews {
            ReviewsWait::Files(_) => "gtmi run first, then gtmi publish",
            ReviewsWait::Problems(_) => "make it readable, then gtmi run, then gtmi publish",
        };
        return Err(usage(format!("{} ({advice})", reviews.words())));
    }
    let mut publication = now(context, &store, by, &at)?;
    let workbooks = workbooks(context, &publication);
    publication.outputs = hashes(&context.config.output, workbooks.iter().cloned())?;
    if !publication.economies.is_empty()
        && let Some(outdated) = outdated(context, &store)?
    {
        return Err(usage(format!("{outdated} (gtmi run first, then gtmi publish)")));
    }
    let earlier = store.publication(wave).map_err(Failure::stage)?;
    let earlier: Option<Publication> =
        earlier.map(|document| serde_json::from_str(&document)).transpose().map_err(Failure::stage)?;
    if publication.economies.is_empty() || publication.outputs.is_empty() {
        return Err(usage("there is nothing to publish yet (gtmi run makes scores and reports)".to_owned()));
    }
    let unlike = unlike_written(context, &store, &workbooks, &publication.outputs).map_err(Failure::stage)?;
    if let Some(unlike) = unlike {
        return Err(usage(format!("{unlike} (gtmi run first, then gtmi publish)")));
    }
    let document = serde_json::to_string_pretty(&publication).map_err(Failure::stage)?;
    let path = context.config.output.join(file_name(wave));
    durable::write(&path, document.as_bytes()).map_err(Failure::stage)?;
    let mut steps = Vec::new();
    for scored in store.scored(wave).map_err(Failure::stage)? {
        let Some(row) = store.submission(scored.submission).map_err(Failure::stage)? else { continue };
        steps.push(Step {
            wave: Some(wave),
            economy: Some(scored.economy),
            content: row.content,
            state: "published".to_owned(),
            by: by.to_owned(),
            reason: file_name(wave),
            at: at.clone(),
        });
    }
    let recorded = store.together("record a publication", |store| {
        store.publish(wave, &document)?;
        for step in steps {
            store.add_step(&step)?;
        }
        Ok::<_, StoreError>(())
    });
    recorded.map_err(Failure::stage)?;
    voice.line(&format!(
        "{} wave {wave}: {}, {}; {}",
        voice.toned(Tone::Good, "published"),
        counted(publication.economies.len(), "economy", "economies"),
        counted(publication.outputs.len(), "workbook", "workbooks"),
        path.display()
    ));
    if let Some(earlier) = &earlier {
        voice.line(&format!(
            "it takes the place of the publication of {} by {}; gtmi publish --check compares with the new one",
            earlier.at, earlier.by
        ));
    }
    voice.result(&json!({
        "wave": wave.0,
        "file": path.display().to_string(),
        "sha256": sha256(document.as_bytes()),
        "replaces": earlier.map(|earlier| json!({ "by": earlier.by, "at": earlier.at })),
    }))?;
    Ok(Exit::Done)
}

/// Says what differs from the latest publication.
fn compare(context: &Context, voice: Voice) -> Result<Exit, Failure> {
    let wave = context.framework.wave;
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let known = store.as_ref().map(|store| store.publication(wave)).transpose().map_err(Failure::stage)?;
    let (Some(store), Some(Some(document))) = (&store, known) else {
        let message = format!("wave {wave} was not published yet (gtmi publish --by NAME)");
        return Err(Failure::new(Exit::Usage, message));
    };
    let published: Publication = serde_json::from_str(&document).map_err(Failure::stage)?;
    let waiting = waiting(context, store, None).map_err(Failure::stage)?;
    let mut lines = Vec::new();
    if !waiting.is_empty() {
        lines.push(they_wait(&waiting));
    }
    lines.extend(reviews_wait(context, store)?.map(|reviews| reviews.words().to_owned()));
    let path = context.config.output.join(file_name(wave));
    match fs::read(&path) {
        Ok(bytes) if bytes == document.as_bytes() => {}
        Ok(_) => lines.push(format!("{}: other content", file_name(wave))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            lines.push(format!("{}: gone", file_name(wave)));
        }
        Err(error) => return Err(Failure::stage(error)),
    }
    lines.extend(outdated(context, store)?.map(|outdated| format!("{outdated} (gtmi run)")));
    let mut now = now(context, store, &published.by, &published.at)?;
    let names = workbooks(context, &now).into_iter().chain(published.outputs.keys().cloned());
    now.outputs = hashes(&context.config.output, names)?;
    check(context, voice, (&published, &now), lines)
}

/// The name of the file that tells what was published.
fn file_name(wave: Wave) -> String {
    format!("published-{wave}.json")
}

/// Says what differs between a publication and now; `lines` already tell what is known to.
fn check(
    context: &Context,
    voice: Voice,
    (then, now): (&Publication, &Publication),
    mut lines: Vec<String>,
) -> Result<Exit, Failure> {
    if then.framework != now.framework {
        lines.push("the framework is another one".to_owned());
    }
    let score =
        |score: Option<f64>| score.map_or_else(|| "no score".to_owned(), |score| format!("{score:.6}"));
    for economy in keys(&then.economies, &now.economies) {
        match (then.economies.get(economy), now.economies.get(economy)) {
            (Some(then), Some(now)) if then != now => {
                let mut causes = Vec::new();
                if then.file != now.file {
                    causes.push("another submission");
                }
                if then.overrides != now.overrides {
                    causes.push("other overrides");
                }
                if causes.is_empty() {
                    causes.push("the same submission");
                }
                lines.push(format!(
                    "{economy}: {} then, {} now ({})",
                    score(then.score),
                    score(now.score),
                    causes.join(", ")
                ));
            }
            (Some(_), None) => lines.push(format!("{economy}: published, without a score now")),
            (None, Some(now)) => lines.push(format!("{economy}: not published, {} now", score(now.score))),
            _ => {}
        }
    }
    for path in keys(&then.outputs, &now.outputs) {
        match (then.outputs.get(path), now.outputs.get(path)) {
            (Some(then), Some(now)) if then == now => {}
            (Some(_), Some(_)) => lines.push(format!("{path}: other content")),
            (Some(_), None) => lines.push(format!("{path}: gone")),
            (None, _) => lines.push(format!("{path}: new")),
        }
    }
    for line in &lines {
        voice.line(line);
    }
    if lines.is_empty() {
        voice.line(&format!("wave {} is as it was published at {} by {}", then.wave, then.at, then.by));
    } else {
        let differences = if lines.len() == 1 { "difference" } else { "differences" };
        voice.line(&format!("{} {differences} from the publication of {}", lines.len(), then.at));
    }
    voice.result(
        &json!({ "wave": context.framework.wave.0, "published_at": then.at, "differences": lines }),
    )?;
    Ok(if lines.is_empty() { Exit::Done } else { Exit::Attention })
}

fn keys<'a, T>(
    one: &'a BTreeMap<String, T>,
    other: &'a BTreeMap<String, T>,
) -> std::collections::BTreeSet<&'a String> {
    one.keys().chain(other.keys()).collect()
}

/// The marked returns to the respondents of an economy.
fn returns_of(folder: &Path, economy: &EconomyCode) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| {
        entry.file_name().to_str().is_some_and(|name| outputs::is_return_of(economy, name))
            && entry.file_type().is_ok_and(|kind| !kind.is_dir())
    });
    ours.map(|entry| entry.path()).collect()
}

/// Removes the names and addresses of respondents.
pub(crate) fn forget(context: &Context, voice: Voice, options: &ForgetOptions) -> Result<Exit, Failure> {
    let economy = template::economy(context, &options.economy)?;
    if options.like.as_ref().is_some_and(|like| like.trim().is_empty()) {
        let message = "--like is empty, which is in every name (give a part of a name or address, or leave --like out to forget \
                       all respondents of the economy)";
        return Err(Failure::new(Exit::Usage, message));
    }
    let _lock = pipeline::stage::lock(context)?;
    let mut store = Store::open(&context.config.store).map_err(Failure::stage)?;
    let at = jiff::Timestamp::now().round(jiff::Unit::Second).map_err(Failure::stage)?.to_string();
    let forgotten = store.forget(&economy.code, options.like.as_deref(), &at).map_err(Failure::stage)?;
    let Forgotten { files, letters } = forgotten;
    let fetched = store.forget_fetched(&context.config.store).map_err(Failure::stage)?;
    // The marked return shows the cover as it was sent; the next run makes it without names.
    let returns = returns_of(&context.config.output.join("feedback"), &economy.code);
    let earlier = store.has_forgotten(&economy.code).map_err(Failure::stage)?;
    // Also where an earlier attempt ended before it came to this.
    for path in returns.into_iter().filter(|_| earlier || !files.is_empty()) {
        durable::remove(&path).map_err(Failure::stage)?;
    }
    for sha256 in &files {
        voice
            .line(&format!("removed from the store: the contacts in the file {sha256}, and the file itself"));
    }
    if files.is_empty() {
        voice.line(&format!("the store holds no such contacts of {}", economy.code));
    } else {
        voice.line("the files may still lie in their sources and in backups: delete them there too");
    }
    if fetched > 0 {
        voice.line(&format!("removed from the fetched files: {fetched}"));
    }
    if letters > 0 {
        voice.line(&format!(
            "removed from the outbox: the content and address of {}",
            counted(letters, "letter", "letters")
        ));
    }
    let like = options.like.as_deref().unwrap_or_default().to_lowercase();
    let listed = context.focal_points.get(&economy.code).into_iter().flatten();
    if listed.filter(|point| point.address.to_lowercase().contains(&like)).count() > 0 {
        voice.line(
            "the table of focal points still names them: remove the rows there, or they are written to again",
        );
    }
    voice.result(&json!({ "economy": economy.code, "files": files, "letters": letters }))?;
    Ok(Exit::Done)
}
