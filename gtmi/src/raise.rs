//! `gtmi raise`: the smallest sets of answers that stand between a score and the next maturity group.

use maturity::answer::Answer;
use maturity::framework::{Framework, Question};
use maturity::id::Id;
use maturity::language::Language;
use maturity::shown::{self, percent};
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use score::WaveScoring;
use score::backing::evidence_shares;
use score::raise::{AnswerSet, NoRaise, Raise};
use serde::Serialize;

use crate::say::{Tone, Voice};
use crate::standing::Standing;

#[derive(Serialize)]
struct Result {
    economy: String,
    wave: u16,
    id: String,
    score: Option<f64>,
    group: Option<String>,
    target: Option<String>,
    threshold: Option<f64>,
    /// Whether no smaller set than the first exists.
    proven: Option<bool>,
    /// Why there are no sets.
    reason: Option<String>,
    sets: Vec<Set>,
    evidence: Vec<Backed>,
}

#[derive(Serialize)]
struct Set {
    score: f64,
    within: Option<String>,
    changes: Vec<Change>,
}

#[derive(Serialize)]
struct Change {
    question: String,
    label: String,
    from: String,
    to: String,
    gain: f64,
    evidence: String,
    evidence_given: bool,
    opens: Vec<String>,
}

/// The share of a score that something stands behind.
#[derive(Serialize)]
struct Backed {
    id: String,
    share: Option<f64>,
    points: f64,
    evidence: f64,
    published: f64,
    unbacked: f64,
}

/// Tells what would raise an economy to `to`, or to the next group.
pub(crate) fn raise(
    context: &Context,
    voice: Voice,
    economy: &str,
    to: Option<&str>,
) -> std::result::Result<Exit, Failure> {
    let standing = Standing::of(context, economy)?;
    let scores = &standing.scores;
    let scoring = WaveScoring::of(context, &standing.store).map_err(Failure::stage)?;
    let rescore = |answers: &_| scoring.score(&scores.economy, scores.collected, answers);
    let found = score::raise::raise(&context.framework, scores, &standing.records, to, &rescore);
    if let Err(error) = &found
        && (matches!(error, NoRaise::Unknown { .. }) || (to.is_some() && *error == NoRaise::NoGroups))
    {
        return Err(Failure::new(Exit::Usage, error.clone()));
    }
    let shown = Shown { framework: &context.framework, language: &context.config.language };
    let evidence = evidence_shares(&context.framework, scores, &standing.records);
    let raise = found.as_ref().ok();
    let result = Result {
        economy: scores.economy.to_string(),
        wave: scores.wave.0,
        id: scores.id.to_string(),
        score: scores.score,
        group: scores.group.clone(),
        target: raise.map(|raise| raise.target.clone()),
        threshold: raise.map(|raise| raise.threshold),
        proven: raise.map(|raise| raise.proven),
        reason: found.as_ref().err().map(ToString::to_string),
        sets: raise.iter().flat_map(|raise| &raise.sets).map(|set| shown.set(set)).collect(),
        evidence: evidence
            .iter()
            .map(|share| Backed {
                id: share.id.to_string(),
                share: share.share(),
                points: share.points,
                evidence: share.evidence,
                published: share.published,
                unbacked: share.unbacked,
            })
            .collect(),
    };
    say(voice, &result, &standing.economy.name, raise);
    voice.result(&result)?;
    Ok(Exit::Done)
}

/// Questions and answers as people read them.
struct Shown<'a> {
    framework: &'a Framework,
    language: &'a Language,
}

impl Shown<'_> {
    fn set(&self, set: &AnswerSet) -> Set {
        let change = |change: &score::raise::Change| {
            let question = self.framework.question(&change.question);
            Change {
                question: change.question.to_string(),
                label: question
                    .map(|question| question.label.get(self.language).to_owned())
                    .unwrap_or_default(),
                from: self.answer(question, &change.from),
                to: self.answer(question, &change.to),
                gain: change.gain,
                evidence: self.evidence(change.evidence.as_ref()),
                evidence_given: change.evidence_given,
                opens: change.opens.iter().map(ToString::to_string).collect(),
            }
        };
        Set {
            score: set.score,
            within: set.within.as_ref().map(ToString::to_string),
            changes: set.changes.iter().map(change).collect(),
        }
    }

    fn evidence(&self, holder: Option<&Id>) -> String {
        let question = holder.and_then(|id| self.framework.question(id));
        question.map_or_else(
            || "a link or document in its evidence cell".to_owned(),
            |question| format!("{} {}", question.id, question.label.get(self.language)),
        )
    }

    fn answer(&self, question: Option<&Question>, answer: &Answer) -> String {
        let list = question.and_then(|question| self.framework.choices(question));
        let label = |code: &String| {
            let choice = list.and_then(|list| list.choice(code));
            choice.map_or_else(|| code.clone(), |choice| choice.label.get(self.language).to_owned())
        };
        match answer {
            Answer::Choice(code) => label(code),
            Answer::Choices(codes) => codes.iter().map(label).collect::<Vec<_>>().join("; "),
            Answer::Missing(_) => "(no answer)".to_owned(),
            Answer::Number(given) => shown::number(*given),
            Answer::Text(text) => text.clone(),
        }
    }
}

fn say(voice: Voice, result: &Result, name: &str, raise: Option<&Raise>) {
    let score = result.score.map_or_else(|| "n/a".to_owned(), |score| format!("{score:.6}"));
    let group = result.group.as_ref().map(|group| format!(", group {group}")).unwrap_or_default();
    let heading = format!("{} {name}, wave {}, {}: {score}{group}", result.economy, result.wave, result.id);
    voice.line(&voice.toned(Tone::Heading, &heading));
    // An index that is no sum has none.
    let of_score = result.evidence.iter().find(|backed| backed.id == result.id);
    if let Some(share) = of_score.and_then(|backed| backed.share) {
        voice.line(&format!("{}% of the score is backed by evidence or a publication", percent(share, 0)));
    }
    let Some(raise) = raise else {
        voice.line(result.reason.as_deref().unwrap_or_default());
        return;
    };
    let fewest = raise.sets.first().map_or(0, |set| set.changes.len());
    let claim = if raise.proven { "no fewer do" } else { "fewer may do, which is not known" };
    voice.line(&format!(
        "group {} begins at {}: {:.6} to go; {fewest} answer{} would do, {claim}",
        raise.target,
        shown::number(raise.threshold),
        raise.threshold - raise.score,
        if fewest == 1 { "" } else { "s" },
    ));
    for (at, set) in result.sets.iter().enumerate() {
        let within = set.within.as_ref().map(|id| format!(", all in {id}")).unwrap_or_default();
        let answers = set.changes.len();
        let s = if answers == 1 { "" } else { "s" };
        let title = format!("\nset {}: {answers} answer{s} to {:.6}{within}", at + 1, set.score);
        voice.line(&voice.toned(Tone::Heading, &title));
        // A set in full once; of the others what is not in it.
        let first = result.sets.first().filter(|_| at > 0 && set.within.is_none());
        let in_first = |change: &&Change| {
            first.is_some_and(|first| {
                first
                    .changes
                    .iter()
                    .any(|other| (&other.question, &other.to) == (&change.question, &change.to))
            })
        };
        if let Some(first) = first {
            let here = |change: &&Change| !set.changes.iter().any(|other| other.question == change.question);
            let left: Vec<&str> =
                first.changes.iter().filter(here).map(|change| change.question.as_str()).collect();
            voice.line(&format!("set 1 without {}, but with", left.join(", ")));
        }
        for change in set.changes.iter().filter(|change| !in_first(change)) {
            voice.line(&format!(
                "{:<8} {}  {}",
                change.question,
                shown::signed(change.gain, 6),
                change.label
            ));
            voice.line(&format!("{:19}from \"{}\" to \"{}\"", "", change.from, change.to));
            let given = if change.evidence_given { " (given)" } else { "" };
            voice.line(&format!("{:19}evidence: {}{given}", "", change.evidence));
            if !change.opens.is_empty() {
                voice.line(&format!("{:19}then also asked: {}", "", change.opens.join(", ")));
            }
        }
    }
}
