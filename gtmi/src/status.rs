//! `gtmi status`: every economy of the wave, what came from it and where it stands.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::finding::Severity;
use maturity::framework::Framework;
use maturity::submission::State;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde::Serialize;
use store::{Store, SubmissionRow};

use crate::say::{Tone, Voice, counted, on_one_line};

#[derive(Serialize)]
struct Line {
    economy: String,
    name: String,
    state: String,
    received_at: Option<String>,
    file: Option<String>,
    submissions: usize,
    errors: usize,
    warnings: usize,
    accepted: usize,
    contested: usize,
    score: Option<f64>,
    group: Option<String>,
}

/// Prints a line for each economy.
pub(crate) fn status(context: &Context, voice: Voice) -> Result<Exit, Failure> {
    let wave = context.framework.wave;
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let mut submissions: BTreeMap<EconomyCode, (usize, Option<SubmissionRow>)> = BTreeMap::new();
    if let Some(store) = &store {
        store.check().map_err(Failure::stage)?;
        for state in store.submission_states(wave).map_err(Failure::stage)? {
            let Some(economy) = state.economy else { continue };
            submissions.entry(economy).or_default().0 += 1;
        }
        let merged = context.config.respondents.rule.merges();
        for (economy, (id, _)) in store.told_submissions(wave, merged).map_err(Failure::stage)? {
            submissions.entry(economy).or_default().1 = store.submission(id).map_err(Failure::stage)?;
        }
    }
    let mut lines = Vec::new();
    for economy in context.economies.iter() {
        let of_economy = submissions.get(&economy.code);
        let latest = of_economy.and_then(|(_, row)| row.as_ref());
        let (mut findings, mut result) = (Vec::new(), None);
        if let Some(store) = &store {
            if let Some(row) = latest {
                findings = store.findings(row.id).map_err(Failure::stage)?;
            }
            let found = store.scored_one(wave, &economy.code).map_err(Failure::stage)?;
            let scores = found.map(|found| store.scores_without_terms_of(wave, &found)).transpose();
            result = scores.map_err(Failure::stage)?;
        }
        let count = |severity| {
            // What is only found because of a reviewer's answer, the sender cannot mend.
            let open =
                findings.iter().filter(|finding| !finding.standing.accepted && !finding.standing.of_reviewer);
            open.filter(|finding| finding.severity == severity).count()
        };
        lines.push(Line {
            economy: economy.code.to_string(),
            name: economy.name.clone(),
            state: latest.map_or("nothing received", |row| row.state.as_str()).to_owned(),
            received_at: latest.map(|row| row.received_at.clone()),
            file: latest.map(|row| row.name.clone()),
            submissions: of_economy.map_or(0, |(count, _)| *count),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            accepted: findings.iter().filter(|finding| finding.standing.accepted).count(),
            contested: findings.iter().filter(|finding| finding.standing.contest.is_some()).count(),
            score: result.as_ref().and_then(|result| result.score),
            group: result.and_then(|result| result.group),
        });
    }

    let heading = format!(
        "{:<5} {:<28} {:<17} {:<16} {:>6} {:>8} {:>9}  {:>5} {:<5} {}",
        "code",
        "economy",
        "state",
        "received (UTC)",
        "errors",
        "warnings",
        "contested",
        "score",
        "group",
        "file"
    );
    voice.line(&voice.toned(Tone::Heading, &heading));
    for line in &lines {
        voice.line(&text(&context.framework, line));
    }
    let count = |state: State| lines.iter().filter(|line| line.state == state.as_str()).count();
    let withdrawn = match count(State::Withdrawn) {
        0 => String::new(),
        some => format!(", {some} withdrawn"),
    };
    voice.line(&format!(
        "\nwave {wave}: {}, {} accepted, {} returned{withdrawn}, {} without a submission",
        counted(lines.len(), "economy", "economies"),
        count(State::Accepted),
        count(State::Returned),
        lines.iter().filter(|line| line.submissions == 0).count(),
    ));
    voice.result(&lines)?;
    Ok(Exit::Done)
}

fn text(framework: &Framework, line: &Line) -> String {
    let name: String = line.name.chars().take(28).collect();
    let score = line.score.map_or_else(
        || "n/a".to_owned(),
        |score| {
            let decimals = framework.decimals_shown(score, 3);
            format!("{score:.decimals$}")
        },
    );
    // To the minute, and without the sign between date and time.
    let received: String = line.received_at.as_deref().unwrap_or("").chars().take(16).collect();
    let text = format!(
        "{:<5} {name:<28} {:<17} {:<16} {:>6} {:>8} {:>9}  {score:>5} {:<5} {}",
        line.economy,
        line.state,
        received.replace('T', " "),
        line.errors,
        line.warnings,
        line.contested,
        line.group.as_deref().unwrap_or(""),
        on_one_line(line.file.as_deref().unwrap_or("")),
    );
    text.trim_end().to_owned()
}
