//! Running stages and saying what they did.

use std::time::Instant;

use clap::ValueEnum;
use maturity::economy::EconomyCode;
use maturity::language::Language;
use maturity::previous::PreviousAnswers;
use pipeline::lock::Lock;
use pipeline::logging::TRACES;
use pipeline::stage::{Failure, Summary};
use pipeline::{Context, Exit, Stopped};
use store::Store;
use tempfile::TempDir;

use crate::bar::Bars;
use crate::received;
use crate::run;
use crate::run::attempt::{Attempt, Cause};
use crate::say::{Tone, Voice, on_one_line};
use crate::stop;

/// The stages in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Stage {
    #[default]
    Ingest,
    Validate,
    Score,
    Report,
}

impl Stage {
    pub(crate) const ALL: [Self; 4] = [Self::Ingest, Self::Validate, Self::Score, Self::Report];

    fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Validate => "validate",
            Self::Score => "score",
            Self::Report => "report",
        }
    }

    /// Runs the stage; gives what it did and how many seconds it took.
    pub(crate) fn run(
        self,
        context: &Context,
        store: &mut Store,
        bars: &Bars,
    ) -> Result<(Summary, f64), Failure> {
        let start = Instant::now();
        let _stage =
            tracing::trace_span!(target: TRACES, "stage", otel.name = self.as_str(), stage = self.as_str())
                .entered();
        let summary = match self {
            Self::Ingest => ingest::run(context, store, bars).map_err(failed)?,
            Self::Validate => validate::run(context, store, bars).map_err(failed)?,
            Self::Score => score::run(context, store, bars).map_err(failed)?,
            Self::Report => report::run(context, store, bars).map_err(failed)?,
        };
        Ok((summary, start.elapsed().as_secs_f64()))
    }
}

/// A stage that was asked to stop exits as its signal says; one that failed, has failed.
fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    let exit = stop::asked().filter(|_| error.to_string() == Stopped.to_string());
    Failure::new(exit.unwrap_or(Exit::Failed), error)
}

/// Opens the store of the run.
pub(crate) fn open(context: &Context) -> Result<Store, Failure> {
    Store::open(&context.config.store).map_err(Failure::stage)
}

/// The same under the lock of a run: where the run before was ended by force, the store is checked first.
pub(crate) fn open_locked(context: &Context, lock: &Lock) -> Result<Store, Failure> {
    let checked = open(context).and_then(|store| {
        if lock.was_left() {
            tracing::warn!("the run before this one was ended by force: the store is checked");
            store.check().map_err(Failure::stage)?;
        }
        Ok(store)
    });
    checked.inspect_err(|_| lock.leave())
}

/// The previous answers of economies: from the store if there is one, else from the table. Nothing is changed there: of a
/// store of an earlier version of this program a copy is read.
pub(crate) struct Previous<'a> {
    context: &'a Context,
    store: Option<Store>,
    /// Where the copy lies, as long as it is needed.
    _copy: Option<TempDir>,
}

impl<'a> Previous<'a> {
    pub(crate) fn of(context: &'a Context) -> Result<Self, Failure> {
        let path = &context.config.store;
        if !Store::is_older(path).map_err(Failure::stage)? {
            let store = Store::open_existing(path).map_err(Failure::stage)?;
            return Ok(Self { context, store, _copy: None });
        }
        let folder = tempfile::Builder::new().prefix("gtmi-copy-").tempdir().map_err(Failure::stage)?;
        let copy = folder.path().join("gtmi.db");
        Store::copy_database(path, &copy).map_err(Failure::stage)?;
        let store = Store::open_existing(&copy).map_err(Failure::stage)?;
        Ok(Self { context, store, _copy: Some(folder) })
    }

    /// Those of one economy.
    pub(crate) fn answers(&self, economy: &EconomyCode) -> Result<Option<PreviousAnswers>, Failure> {
        let tabled = &self.context.previous_answers;
        let Some(store) = &self.store else { return Ok(tabled.get(economy).cloned()) };
        let previous = store.previous(&self.context.framework, tabled);
        previous.and_then(|previous| previous.of(store, economy)).map_err(Failure::stage)
    }
}

/// Runs one stage by itself.
pub(crate) fn one(context: &Context, voice: Voice, stage: Stage) -> Result<Exit, Failure> {
    with(context, voice, stage, |store, bars| Ok(stage.run(context, store, bars)?.0))
}

/// Validates, and opens the web addresses in evidence.
pub(crate) fn validate_with_links(context: &Context, voice: Voice) -> Result<Exit, Failure> {
    with(context, voice, Stage::Validate, |store, bars| {
        validate::run_with_links(context, store, bars).map_err(failed)
    })
}

fn with(
    context: &Context,
    voice: Voice,
    stage: Stage,
    work: impl FnOnce(&mut Store, &Bars) -> Result<Summary, Failure>,
) -> Result<Exit, Failure> {
    let attempt = Attempt::start(Cause::Stage);
    let _span = tracing::error_span!("run", id = attempt.name).entered();
    stop::listen().map_err(Failure::stage)?;
    let mut lock = pipeline::stage::lock(context)?;
    let mut store = open_locked(context, &lock)?;
    attempt.begin(context, &mut store, &mut lock).inspect_err(|_| lock.leave())?;
    let mut summary = match work(&mut store, &Bars::new(voice.bars())) {
        Ok(summary) => summary,
        Err(failure) => {
            let failure = store::advised(failure, &context.config.store);
            run::note_failure(context, &mut store, &attempt, &[], &failure, &lock);
            return Err(failure);
        }
    };
    tell(voice, &summary);
    if matches!(stage, Stage::Ingest | Stage::Validate) {
        // Also what another stage refused or returned: it waits all the same.
        summary.attention |= attention(context, &store, voice)?;
    }
    let exit = if summary.attention { Exit::Attention } else { Exit::Done };
    if summary.done > 0 || !summary.written.is_empty() {
        let record = serde_json::json!({ "stages": [{ "stage": &summary, "seconds": attempt.seconds() }] });
        let mut entry = attempt.ended(context, exit);
        entry.record = Some(record.to_string());
        store.add_to_ledger(&entry).map_err(Failure::stage)?;
        context.known_files.save().map_err(Failure::stage)?;
    }
    voice.result(&summary)?;
    Ok(exit)
}

/// Says what a stage did, and what people should know beside.
pub(crate) fn tell(voice: Voice, summary: &Summary) {
    voice.line(&describe(summary));
    for note in &summary.notes {
        voice.line(&format!("          {}", voice.toned(Tone::Attention, note)));
    }
}

/// What a stage did, in one line for people.
fn describe(summary: &Summary) -> String {
    let count = |name: &str| summary.counts.get(name).copied().unwrap_or(0);
    let work = |one: &str, more: &str| {
        let units = |count| format!("{count} {}", if count == 1 { one } else { more });
        match (summary.done, summary.unchanged) {
            (0, unchanged) => format!("nothing new, {} unchanged", units(unchanged)),
            (done, 0) => units(done),
            (done, unchanged) => format!("{}, {unchanged} unchanged", units(done)),
        }
    };
    let text = match summary.stage.as_str() {
        "ingest" => {
            let told = ["decisions", "findings accepted", "decisions not taken"]
                .map(|name| (count(name), name))
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, name)| format!(", {name}: {count}"));
            let reviews: String = told.collect();
            let reviews =
                reviews.strip_prefix(", ").map_or_else(String::new, |told| format!("; reviews – {told}"));
            format!("{}; {} refused{reviews}", work("file", "files"), count("refused"))
        }
        "validate" => {
            let links = match summary.counts.get("links") {
                Some(links) => format!(
                    "; {links} links, {} opened now, {} not open to everyone",
                    count("links_opened"),
                    count("links_failing")
                ),
                None => String::new(),
            };
            format!(
                "{}; {} accepted, {} returned{links}",
                work("submission", "submissions"),
                count("accepted"),
                count("returned")
            )
        }
        "score" => {
            let text = work("economy", "economies");
            match count("imported") {
                0 => text,
                imported => format!("{text}; {imported} published scores imported"),
            }
        }
        _ => work("workbook", "workbooks"),
    };
    format!("{:<9} {text}", summary.stage)
}

/// Says which files and submissions wait for their senders, and why; gives whether there are any.
pub(crate) fn attention(context: &Context, store: &Store, voice: Voice) -> Result<bool, Failure> {
    /// Errors that are quoted for each submission; the rest is counted.
    const QUOTED: usize = 5;
    let language = Language::english();
    let refused = store.refused(context.framework.wave).map_err(Failure::stage)?;
    for file in &refused {
        voice.line(&format!("\n{} {}", voice.toned(Tone::Attention, "refused"), on_one_line(&file.name)));
        voice.line(&format!(
            "  {}: {}",
            file.refusal.problem.rule(),
            file.refusal.problem.sentence(&language)
        ));
    }
    let submissions = store.submission_states(context.framework.wave).map_err(Failure::stage)?;
    let waiting = validate::waiting(context, store, &submissions).map_err(Failure::stage)?;
    for id in waiting.iter().copied() {
        let Some(row) = store.submission(id).map_err(Failure::stage)? else { continue };
        let economy = row.economy.as_ref().and_then(|code| context.economies.get(code));
        let economy = economy.map_or_else(
            || "unknown economy".to_owned(),
            |economy| format!("{} {}", economy.code, economy.name),
        );
        voice.line(&format!(
            "\n{} {economy}, {}",
            voice.toned(Tone::Attention, "returned"),
            on_one_line(&row.name)
        ));
        let findings = store.findings(row.id).map_err(Failure::stage)?;
        let errors: Vec<_> = findings.iter().filter(|finding| finding.blocks()).collect();
        for finding in errors.iter().take(QUOTED) {
            let message = context.framework.told(finding, &language).message(&language);
            voice.line(&format!("  {}: {message}", finding.rule()));
        }
        if errors.len() > QUOTED {
            let hidden = errors.len() - QUOTED;
            let shows = received::check_command(context, &row);
            let shows = shows.map(|command| format!(": {command} shows all")).unwrap_or_default();
            voice.line(&format!("  … and {hidden} more{shows}"));
        }
    }
    Ok(!refused.is_empty() || !waiting.is_empty())
}
