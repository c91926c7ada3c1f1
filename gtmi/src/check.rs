//! `gtmi check FILE`: all checks on one workbook, nothing stored.

use std::fs;
use std::path::Path;

use maturity::finding::{Finding, Severity};
use maturity::language::Language;
use maturity::submission::State;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use reader::worker::Pool;
use serde_json::json;
use validate::Instruments;

use crate::say::{Tone, Voice};
use crate::stages;

/// Checks a workbook with the rules of the pipeline; exit 1 if it would be refused or returned.
pub(crate) fn check(context: &Context, voice: Voice, file: &Path) -> Result<Exit, Failure> {
    let bytes = fs::read(file)
        .map_err(|error| Failure::new(Exit::Usage, format!("failed to read {}: {error}", file.display())))?;
    let pool = Pool::new(1).map_err(Failure::stage)?;
    let submissions =
        match ingest::read_submissions(&bytes, &context.framework, &pool).map_err(Failure::stage)? {
            Ok(submissions) => submissions,
            Err(refusal) => {
                voice.line(&format!("{} {}", voice.toned(Tone::Attention, "refused"), file.display()));
                let rule = refusal.problem.rule();
                voice.line(&format!("  {rule}: {}", refusal.problem.sentence(&context.config.language)));
                voice.result(&json!({ "state": "refused", "rule": rule, "place": refusal.place }))?;
                return Ok(Exit::Attention);
            }
        };
    let previous = stages::previous_answers(context)?;
    let instruments = Instruments {
        framework: &context.framework,
        economies: &context.economies,
        external_indices: &context.external_indices,
        previous: &previous,
    };
    let mut results = Vec::new();
    let mut returned = false;
    for received in &submissions {
        let validation = validate::validate(&instruments, received, None);
        let language = validation.language.as_deref().map_or_else(Language::english, Language::new);
        let economy = validation.economy.as_ref().map_or("unknown economy", |code| code.as_str());
        let given = validation.answers.iter().filter(|record| record.answer.is_given()).count();
        let tone = if validation.state == State::Returned { Tone::Attention } else { Tone::Good };
        returned |= validation.state == State::Returned;
        let verdict =
            if validation.state == State::Returned { "would be returned" } else { "would be accepted" };
        voice.line(&format!(
            "{economy}: {given} of {} questions answered; {}",
            validation.answers.len(),
            voice.toned(tone, verdict)
        ));
        for severity in [Severity::Error, Severity::Warning, Severity::Info] {
            print(voice, &validation.findings, severity, &language);
        }
        let findings: Vec<_> = validation
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "rule": finding.rule(),
                    "severity": finding.severity.as_str(),
                    "question": finding.question,
                    "place": finding.place.as_ref().map(ToString::to_string),
                    "found": finding.found(),
                    "message": finding.problem.sentence(&language),
                })
            })
            .collect();
        results.push(json!({
            "economy": validation.economy,
            "state": validation.state.as_str(),
            "answered": given,
            "questions": validation.answers.len(),
            "findings": findings,
        }));
    }
    voice.result(&results)?;
    Ok(if returned { Exit::Attention } else { Exit::Done })
}

fn print(voice: Voice, findings: &[Finding], severity: Severity, language: &Language) {
    let findings: Vec<_> = findings.iter().filter(|finding| finding.severity == severity).collect();
    if findings.is_empty() {
        return;
    }
    let plural = if findings.len() == 1 || severity == Severity::Info { "" } else { "s" };
    voice.line(&voice.toned(Tone::Heading, &format!("\n{} {}{plural}", findings.len(), severity.as_str())));
    for finding in findings {
        voice.line(&format!("  {}: {}", finding.rule(), finding.message(language)));
    }
}
