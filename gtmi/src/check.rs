//! `gtmi check FILE`: all checks on one workbook, nothing stored.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use maturity::finding::{Finding, Severity};
use maturity::language::Language;
use maturity::previous::PreviousAnswers;
use maturity::receipt::Receipt;
use maturity::submission::{Received, State};
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use questionnaire::{Recogniser, Return};
use reader::worker::Pool;
use serde_json::{Value, json};
use store::Validation;
use validate::{Instruments, Lookup};

use crate::arguments::CheckOptions;
use crate::places;
use crate::say::{Tone, Voice, counted, on_one_line};
use crate::stages;

/// Findings of one rule on one sheet that are shown; the rest is counted.
const SHOWN: usize = 5;

/// Checks a workbook with the rules of the pipeline; exit 1 if it would be refused or returned. `all` shows every
/// finding.
pub(crate) fn check(
    context: &Context,
    voice: Voice,
    options: &CheckOptions,
    all: bool,
) -> Result<Exit, Failure> {
    let file = &options.file;
    if let Some(out) = &options.out {
        places::file(out)?;
        if places::is_same_file(file, out) {
            let message = format!(
                "the marked return would be written over {} itself (name another file with --out)",
                file.display()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
    }
    let (read, sha256) = ingest::read_file(file)
        .map_err(|error| Failure::new(Exit::Usage, format!("failed to read {}: {error}", file.display())))?;
    let earlier = options.against.as_deref().map(earlier).transpose()?;
    let pool = Pool::new(1).map_err(Failure::stage)?;
    let recogniser = Recogniser::of(&context.framework);
    let read = match read {
        Ok(bytes) => ingest::read_submissions(&bytes, &recogniser, &pool).map_err(Failure::stage)?,
        Err(refusal) => Err(refusal),
    };
    let submissions = match read {
        Ok(submissions) => submissions,
        Err(refusal) => {
            voice.line(&format!(
                "{} {}",
                voice.toned(Tone::Attention, "refused"),
                on_one_line(&file.display().to_string())
            ));
            let (rule, language) = (refusal.problem.rule(), &context.config.language);
            voice.line(&format!("  {rule}: {}", refusal.problem.sentence(language)));
            let (reason, what_to_do) = refusal.problem.reason_and_advice(language);
            voice.result(&[json!({
                "state": "refused",
                "sha256": sha256,
                "rule": rule,
                "reason": reason,
                "place": refusal.place.as_ref().map(ToString::to_string),
                "what_to_do": what_to_do,
            })])?;
            return Ok(Exit::Attention);
        }
    };
    let known = stages::Previous::of(context)?;
    let mut previous = BTreeMap::new();
    for economy in submissions
        .iter()
        .filter_map(|received| validate::economy_of(received, &context.framework, &context.economies))
    {
        if let Some(answers) = known.answers(&economy)? {
            previous.insert(economy, answers);
        }
    }
    let instruments = Instruments {
        lookup: &Lookup::of(&context.framework),
        economies: &context.economies,
        external_indices: &context.external_indices,
        previous: &previous,
        links: &BTreeMap::new(),
    };
    let doubled = validate::doubled(&submissions, &context.economies, context.framework.wave);
    let checked: Vec<(&Received, Validation)> = submissions
        .iter()
        .zip(&doubled)
        .map(|(received, doubled)| {
            let mut validation = validate::validate(&instruments, received, doubled.as_deref());
            validate::judge(&mut validation, &received.contests, &[]);
            (received, validation)
        })
        .collect();
    if let Some(out) = &options.out {
        let [(received, validation)] = checked.as_slice() else {
            let message = format!(
                "{} holds {} submissions; a marked return can be written for one (gtmi run writes all)",
                on_one_line(&file.display().to_string()),
                checked.len()
            );
            return Err(Failure::new(Exit::Usage, message));
        };
        let previous = validation
            .economy
            .as_ref()
            .and_then(|economy| previous.get(economy))
            .filter(|_| questionnaire::is_prefilled(&received.responses));
        let returned = Sent { file, sha256: &sha256, received, previous };
        let marked = marked_return(context, &returned, validation)?;
        if !options.force && places::holds_other(out, &marked) {
            places::kept(&[out])?;
        }
        durable::write(out, &marked).map_err(Failure::stage)?;
        voice.line(&format!("wrote the marked return to {}", out.display()));
    }
    let results: Vec<Value> = checked
        .iter()
        .map(|(_, validation)| tell(context, voice, validation, &sha256, earlier.as_ref(), all))
        .collect();
    voice.result(&results)?;
    let returned = checked.iter().any(|(_, validation)| validation.state == State::Returned);
    Ok(if returned { Exit::Attention } else { Exit::Done })
}

/// Says what was found in one submission; gives the same as JSON.
fn tell(
    context: &Context,
    voice: Voice,
    validation: &Validation,
    sha256: &str,
    earlier: Option<&BTreeMap<String, usize>>,
    all: bool,
) -> Value {
    let language = language(context, validation);
    head(context, voice, validation, sha256, &language);
    let told: Vec<Finding> =
        validation.findings.iter().map(|finding| context.framework.told(finding, &language)).collect();
    let findings: Vec<Value> = validation
        .findings
        .iter()
        .zip(&told)
        .map(|(finding, told)| describe(finding, &told.problem.sentence(&language)))
        .collect();
    let (new, gone) = compare(&findings, earlier);
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let marked = told.iter().zip(new.iter().copied());
        let chosen: Vec<(&Finding, bool)> =
            marked.filter(|(finding, _)| finding.severity == severity).collect();
        print(voice, &chosen, severity, &language, all);
    }
    let receipt = Receipt::of(&validation.answers);
    let mut result = json!({
        "economy": validation.economy,
        "state": validation.state.as_str(),
        "sha256": sha256,
        "framework": context.framework.id,
        "version": context.framework.version,
        "answered": receipt.read,
        "given": receipt.given,
        "not_understood": receipt.not_understood(),
        "questions": receipt.asked,
        "findings": findings,
    });
    if earlier.is_some() {
        let positions: Vec<usize> = (0..).zip(&new).filter(|(_, new)| **new).map(|(at, _)| at).collect();
        voice.line(&format!("\nsince the earlier check: {} new (marked +), {gone} gone", positions.len()));
        if let Some(result) = result.as_object_mut() {
            result.insert("new".to_owned(), json!(positions));
            result.insert("gone".to_owned(), json!(gone));
        }
    }
    result
}

/// Which findings are new since an earlier check, and how many of the earlier ones are gone.
fn compare(findings: &[Value], earlier: Option<&BTreeMap<String, usize>>) -> (Vec<bool>, usize) {
    let Some(earlier) = earlier else { return (vec![false; findings.len()], 0) };
    let mut left = earlier.clone();
    let new = findings
        .iter()
        .map(|finding| match left.get_mut(&key(finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .collect();
    (new, left.values().sum())
}

fn language(context: &Context, validation: &Validation) -> Language {
    let spoken = validation.language.as_deref().map(Language::new);
    spoken
        .filter(|language| context.framework.speaks(language))
        .unwrap_or_else(|| context.config.language.clone())
}

/// Verdict and receipt.
fn head(context: &Context, voice: Voice, validation: &Validation, sha256: &str, language: &Language) {
    let economy = validation.economy.as_ref().map_or("unknown economy", |code| code.as_str());
    let is_returned = validation.state == State::Returned;
    let (tone, verdict) =
        if is_returned { (Tone::Attention, "would be returned") } else { (Tone::Good, "would be accepted") };
    voice.line(&format!("{economy}: {}", voice.toned(tone, verdict)));
    let receipt = Receipt::of(&validation.answers);
    let framework = &context.framework;
    // The sender's sentence and the operator's facts are in two languages: each has its line.
    voice.line(&questionnaire::receipt_line(receipt, language));
    voice.line(&format!(
        "{}; file sha256 {}, template {} {}",
        counted(receipt.asked, "question", "questions"),
        sha256.get(..12).unwrap_or(sha256),
        framework.id,
        framework.version,
    ));
}

fn describe(finding: &Finding, message: &str) -> Value {
    json!({
        "rule": finding.rule(),
        "severity": finding.severity.as_str(),
        "question": finding.question,
        "place": finding.place.as_ref().map(ToString::to_string),
        "found": finding.found(),
        "message": message,
        "contest": finding.standing.contest,
    })
}

/// What makes a finding the same in two checks: not its place, since rows may have moved.
fn key(finding: &Value) -> String {
    let text = |name: &str| finding.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    format!("{} {} {}", text("rule"), text("question"), text("found"))
}

/// How often each finding stands in the JSON of an earlier check.
fn earlier(path: &Path) -> Result<BTreeMap<String, usize>, Failure> {
    let wrong = |what: String| Failure::new(Exit::Usage, format!("{}: {what}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(format!("failed to read: {error}")))?;
    let document: Value =
        serde_json::from_str(&text).map_err(|error| wrong(format!("not the JSON of a check: {error}")))?;
    let submissions =
        document.as_array().ok_or_else(|| wrong("not the JSON of a check (gtmi check --json)".to_owned()))?;
    let mut counts = BTreeMap::new();
    let findings = submissions.iter().filter_map(|result| result.get("findings")?.as_array());
    for finding in findings.flatten() {
        *counts.entry(key(finding)).or_default() += 1;
    }
    Ok(counts)
}

/// The findings of one severity by sheet; of a rule with many on one sheet the first, unless all are wanted.
fn print(voice: Voice, findings: &[(&Finding, bool)], severity: Severity, language: &Language, all: bool) {
    if findings.is_empty() {
        return;
    }
    let plural = if findings.len() == 1 || severity == Severity::Info { "" } else { "s" };
    voice.line(&voice.toned(Tone::Heading, &format!("\n{} {}{plural}", findings.len(), severity.as_str())));
    let sheet_of =
        |finding: &Finding| finding.place.as_ref().map_or("", |place| place.sheet.as_str()).to_owned();
    // In the order in which the sheets come up.
    let mut sheets: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    for (finding, _) in findings {
        let sheet = sheet_of(finding);
        if known.insert(sheet.clone()) {
            sheets.push(sheet);
        }
    }
    for sheet in sheets {
        if !sheet.is_empty() {
            voice.line(&format!("  {sheet}"));
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (finding, is_new) in findings.iter().filter(|(finding, _)| sheet_of(finding) == sheet) {
            let count = counts.entry(finding.rule()).or_default();
            *count += 1;
            if all || *count <= SHOWN {
                let mark = if *is_new { "+" } else { " " };
                voice.line(&format!("  {mark} {}: {}", finding.rule(), finding.message(language)));
            }
        }
        for (rule, count) in counts {
            if !all && count > SHOWN {
                voice.line(&format!("    … and {} more of {rule} (-v shows all)", count - SHOWN));
            }
        }
    }
}

/// What was sent.
struct Sent<'a> {
    file: &'a Path,
    sha256: &'a str,
    received: &'a Received,
    /// The previous answers, where the questionnaire was filled in with them.
    previous: Option<&'a PreviousAnswers>,
}

fn marked_return(context: &Context, sent: &Sent<'_>, validation: &Validation) -> Result<Vec<u8>, Failure> {
    let economy =
        validation.economy.as_ref().and_then(|code| context.economies.get(code)).ok_or_else(|| {
            Failure::new(
                Exit::Usage,
                "no marked return can be written, because the file does not say whose answers it holds (without --out, \
                 what was found is shown)",
            )
        })?;
    // The return is a questionnaire of the present version.
    let earlier = context.framework.earlier_version(&sent.received.header);
    let carried = earlier.map(|earlier| earlier.presently(&sent.received.responses));
    let returned = Return {
        framework: &context.framework,
        economy,
        language: language(context, validation),
        collected: validation.collected,
        state: validation.state,
        answers: &validation.answers,
        responses: carried.as_deref().unwrap_or(&sent.received.responses),
        findings: &validation.findings,
        previous: sent.previous,
        file: sent.file.file_name().and_then(|name| name.to_str()).unwrap_or_default(),
        sha256: sent.sha256,
    };
    questionnaire::write_return(&returned).map_err(Failure::stage)
}
