//! Whether a run is due: what came in or was decided since the last one, and what that one made under another framework or
//! other tables. A publication is refused then; who only looks is told, and shown what there is.

use ingest::{Reading, UnreadReviews};
use maturity::submission::State;
use pipeline::Context;
use pipeline::stage::Failure;
use store::Store;

use crate::arguments::Command;
use crate::say::{Tone, Voice, on_one_line};
use crate::template;
use crate::waiting::waiting;

/// Says once that a run is due, where a command is about to show scores that one would change.
pub(crate) fn tell(context: &Context, voice: Voice, command: &Command) {
    let economy = match command {
        Command::Explain { economy, .. } | Command::Raise { economy, .. } => Some(economy.as_str()),
        Command::Export(_) | Command::Compare(_) => None,
        _ => return,
    };
    // What cannot be looked at is the matter of the command, which knows more of what it wanted.
    if let Ok(Some(told)) = told(context, economy) {
        voice.line(&voice.toned(Tone::Attention, &told));
    }
}

/// Why the scores may not be the latest, and what to do. `economy` is the one whose scores are shown, if not all are; what is
/// decided about others is not told then.
fn told(context: &Context, economy: Option<&str>) -> Result<Option<String>, Failure> {
    let wave = context.framework.wave;
    let Some(store) = Store::open_existing(&context.config.store).map_err(Failure::stage)? else {
        return Ok(None);
    };
    let only = economy.map(|economy| template::economy(context, economy)).transpose()?;
    let only = only.map(|economy| &economy.code);
    let all = store.look(|store| {
        let mut all = Vec::new();
        all.extend(files_wait(&ingest::waiting_files(context, store)?));
        let states = store.submission_states(wave)?;
        let received =
            states.iter().filter(|known| known.economy.is_some() && known.state == State::Received);
        match received.count() {
            0 => {}
            1 => all.push("1 submission waits for a run".to_owned()),
            count => all.push(format!("{count} submissions wait for a run")),
        }
        let decisions = waiting(context, store, only)?;
        if !decisions.is_empty() {
            all.push(they_wait(&decisions));
        }
        let reviews = reviews_words(&ingest::unread_reviews(context, store, Reading::Little)?);
        let advice = match &reviews {
            Some(ReviewsWait::Problems(_)) => "make it readable, then gtmi run",
            _ => "gtmi run",
        };
        all.extend(reviews.map(|reviews| reviews.words().to_owned()));
        // What waits has its effect on scores: that needs no second word.
        if !all.is_empty() {
            return Ok((all, advice));
        }
        let outdated = score::outdated(context, store, only)?;
        let names: Vec<String> = outdated.iter().map(ToString::to_string).collect();
        let whose = match names.len() {
            0 => return Ok((all, advice)),
            1 => "the score of 1 economy is".to_owned(),
            count => format!("the scores of {count} economies are"),
        };
        all.push(format!("{whose} {OF_OTHERS}: {}", some_of(&names)));
        Ok::<_, store::StoreError>((all, advice))
    });
    let (all, advice) = all.map_err(Failure::stage)?;
    let joined = all.join("; ");
    Ok((!all.is_empty()).then(|| format!("these scores may not be the latest: {joined} ({advice})")))
}

/// What is said of scores and reports that a run would make anew.
const OF_OTHERS: &str = "not of the answers, the framework and the tables as they are now";

/// Says whose scores or reports are not what a run would make now, if there are any: they would go out under a framework or
/// tables that they were not made with.
pub(crate) fn outdated(context: &Context, store: &Store) -> Result<Option<String>, Failure> {
    let mut all = store.look(|store| score::outdated(context, store, None)).map_err(Failure::stage)?;
    all.extend(store.look(|store| report::outdated(context, store)).map_err(Failure::stage)?);
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        let is_outdated =
            store.look(|store| report::is_global_outdated(context, store)).map_err(Failure::stage)?;
        let said = "global.xlsx does not show the scores as they are now";
        return Ok(is_outdated.then(|| said.to_owned()));
    }
    let whose = match all.len() {
        1 => "the score or report of 1 economy is".to_owned(),
        count => format!("scores or reports of {count} economies are"),
    };
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    Ok(Some(format!("{whose} {OF_OTHERS}: {}", some_of(&names))))
}

/// Says that decisions wait for a run, and which.
pub(crate) fn they_wait(waiting: &[String]) -> String {
    let count = match waiting.len() {
        1 => "1 decision waits".to_owned(),
        count => format!("{count} decisions wait"),
    };
    format!("{count} for a run: {}", some_of(waiting))
}

/// Why reports that came back with decisions were not read yet.
pub(crate) enum ReviewsWait {
    /// No run has looked at these files.
    Files(String),
    /// A run could not look at them either.
    Problems(String),
}

impl ReviewsWait {
    pub(crate) fn words(&self) -> &str {
        match self {
            Self::Files(words) | Self::Problems(words) => words,
        }
    }
}

/// Says that reports which came back with decisions were not read yet, and which.
pub(crate) fn reviews_wait(context: &Context, store: &Store) -> Result<Option<ReviewsWait>, Failure> {
    Ok(reviews_words(&ingest::unread_reviews(context, store, Reading::All).map_err(Failure::stage)?))
}

fn reviews_words(unread: &UnreadReviews) -> Option<ReviewsWait> {
    if !unread.problems.is_empty() {
        let problems = some_of(&unread.problems);
        return Some(ReviewsWait::Problems(format!("the folder of reviews: {problems}")));
    }
    files_wait(&unread.files).map(ReviewsWait::Files)
}

/// Says that files wait for a run, and which, if there are any.
fn files_wait(files: &[String]) -> Option<String> {
    match files {
        [] => None,
        [_] => Some(format!("{} waits for a run", some_of(files))),
        _ => Some(format!("{} wait for a run", some_of(files))),
    }
}

/// The first of some things; the rest is counted.
pub(crate) fn some_of(things: &[String]) -> String {
    const NAMED: usize = 5;
    let named = things.iter().take(NAMED).map(|thing| on_one_line(thing)).collect::<Vec<_>>().join(", ");
    match things.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
