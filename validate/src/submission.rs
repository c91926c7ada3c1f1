//! One submission as received to one validated submission: pure, the same for the pipeline and for a check by hand.

use std::collections::{BTreeMap, BTreeSet};

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::cell::CellValue;
use maturity::economy::{Economies, EconomyCode};
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::language::Language;
use maturity::link::LinkState;
use maturity::normalize::tidy;
use maturity::previous::PreviousAnswers;
use maturity::spelling::nearest_likely;
use maturity::submission::{Field, Received, Response};
use maturity::together;
use pipeline::tables::ExternalIndices;
use store::Validation;

use crate::decode::{self, Decoder};
use crate::earlier;
use crate::evidence::{self, EvidenceCells};
use crate::header;
use crate::judge;
use crate::links;
use crate::lookup::Lookup;
use crate::number::{self, Reading};
use crate::previous::{self, PreviousCells};

/// What a validation needs beside the submission.
#[derive(Debug, Clone, Copy)]
pub struct Instruments<'a> {
    /// The framework with its questions and choices by their texts.
    pub lookup: &'a Lookup<'a>,
    /// The economies.
    pub economies: &'a Economies,
    /// The external indices.
    pub external_indices: &'a ExternalIndices,
    /// The previous answers of the economies whose submissions are validated, as far as they are known.
    pub previous: &'a BTreeMap<EconomyCode, PreviousAnswers>,
    /// What became of web addresses when they were last opened; empty if nobody asked for that.
    pub links: &'a BTreeMap<String, LinkState>,
}

/// The economy whose previous answers the validation of a submission needs, if its header names a known one.
pub fn economy_of(received: &Received, framework: &Framework, economies: &Economies) -> Option<EconomyCode> {
    header::economy(&received.header, framework, economies)
}

/// Validates a submission. `doubled` names the places in which the same file holds the same economy again.
pub fn validate(instruments: &Instruments<'_>, received: &Received, doubled: Option<&str>) -> Validation {
    let framework = instruments.lookup.framework();
    let header = header::read(received, doubled, framework, instruments.economies);
    let language = header
        .language
        .as_deref()
        .map(Language::new)
        .filter(|language| framework.speaks(language))
        .unwrap_or_else(|| framework.language());

    let mut findings = header.findings;
    findings.extend(received.findings.iter().cloned());
    let (responses, version) = earlier::carry_over(framework, received);
    findings.extend(version);
    let by_question = assign(instruments.lookup, &responses, &mut findings);
    let mut decoder = Decoder { lookup: instruments.lookup, language: &language, findings: Vec::new() };
    let mut answers = Vec::with_capacity(framework.questions.len());
    for (question, cells) in framework.questions.iter().zip(&by_question) {
        if let Kind::External(index) = &question.kind {
            if let Some(economy) = &header.economy {
                decoder.findings.extend(external(instruments, question, index, economy, cells));
            }
            continue;
        }
        if question.disabled {
            if let Some(response) = cells.answer
                && decoder.answer(question, response).is_given()
            {
                decoder.findings.push(unknown_question(framework, response, Some(&BTreeSet::new())));
            }
            continue;
        }
        answers.push(record(&mut decoder, question, cells));
        if answers.last().is_some_and(|record| record.answer == Answer::Missing(Missing::Blank)) {
            decoder.findings.extend(misplaced(instruments.lookup, question, cells));
        }
    }
    // Nobody needs an answer there, so one that cannot be used sends nothing back.
    let idle = together::idle(framework, &answers);
    for finding in decoder.findings.iter_mut().filter(|finding| finding.severity == Severity::Error) {
        if finding.question.as_ref().is_some_and(|question| idle.contains(question)) {
            finding.severity = Severity::Warning;
        }
    }
    findings.append(&mut decoder.findings);
    let cells = |id: &Id| {
        let cells = framework.position(id).and_then(|position| by_question.get(position));
        cells.copied().unwrap_or_default()
    };
    for record in &mut answers {
        let Some(question) = framework.question(&record.question) else { continue };
        let evidence = EvidenceCells {
            own: cells(&question.id).evidence,
            other: evidence::asked_in(framework, question).and_then(|other| cells(other).answer),
        };
        findings.extend(evidence::settle(framework, question, record, evidence, &language));
        // Evidence that another question holds is looked at there.
        for response in [cells(&question.id).answer, evidence.own].into_iter().flatten() {
            findings.extend(links::opened(instruments.links, question, response));
        }
    }
    let together = together::check(framework, &answers, &language);
    // What does not apply is to be cleared, and needs no evidence.
    let idle: BTreeSet<Id> = together
        .iter()
        .filter(|finding| matches!(finding.problem, Problem::NotRelevant { .. }))
        .filter_map(|finding| finding.question.clone())
        .collect();
    findings.retain(|finding| {
        let is_of_evidence = matches!(
            finding.problem,
            Problem::EvidenceMissing { .. }
                | Problem::EvidencePlaceholder { .. }
                | Problem::EvidenceError { .. }
        );
        !is_of_evidence || finding.question.as_ref().is_none_or(|question| !idle.contains(question))
    });
    findings.extend(together);
    if let Some(known) = header.economy.as_ref().and_then(|economy| instruments.previous.get(economy)) {
        let cells = |id: &Id| {
            let cells = cells(id);
            PreviousCells { confirm: cells.confirm, reason: cells.reason }
        };
        findings.extend(previous::check(framework, known, &answers, &cells, &language));
    }
    let position = |finding: &Finding| finding.question.as_ref().and_then(|id| framework.position(id));
    // Stable: findings about one question keep their order; those about none come first.
    findings.sort_by_cached_key(position);
    for finding in &mut findings {
        finding.severity = framework.severity(finding.rule(), finding.severity);
    }
    Validation {
        economy: header.economy,
        wave: header.wave,
        collected: header.collected,
        language: header.language,
        state: judge::state(&findings),
        answers,
        findings,
    }
}

/// The cells that belong to one question.
#[derive(Debug, Default, Clone, Copy)]
struct Cells<'a> {
    answer: Option<&'a Response>,
    evidence: Option<&'a Response>,
    comment: Option<&'a Response>,
    confirm: Option<&'a Response>,
    reason: Option<&'a Response>,
}

/// Sorts responses by question, in the order of the framework; reports ids that are unknown and answers that are given
/// twice.
fn assign<'a>(lookup: &Lookup<'_>, responses: &'a [Response], findings: &mut Vec<Finding>) -> Vec<Cells<'a>> {
    let framework = lookup.framework();
    let mut by_question = vec![Cells::default(); framework.questions.len()];
    let mut proposals = MOST_PROPOSALS;
    let mut present = None;
    for response in responses {
        let position = lookup.question(&response.question);
        let known = position
            .and_then(|position| by_question.get_mut(position))
            .zip(position.and_then(|position| framework.questions.get(position)));
        let Some((cells, question)) = known else {
            if !response.value.is_blank() && response.field == Field::Answer {
                let present = present.get_or_insert_with(|| {
                    let known = responses.iter().filter_map(|response| lookup.question(&response.question));
                    known.collect::<BTreeSet<usize>>()
                });
                findings.push(unknown_question(framework, response, (proposals > 0).then_some(present)));
                proposals = proposals.saturating_sub(1);
            }
            continue;
        };
        match response.field {
            Field::Answer => match cells.answer {
                Some(first) if !first.value.is_blank() => {
                    findings.extend(doubled_in(question, first, response));
                }
                _ => cells.answer = Some(response),
            },
            Field::Evidence => {
                findings.extend(cells.evidence.and_then(|first| doubled_in(question, first, response)));
                take(&mut cells.evidence, response);
            }
            Field::Confirm => take(&mut cells.confirm, response),
            Field::Reason => take(&mut cells.reason, response),
            Field::Comment => {
                findings.extend(cells.comment.and_then(|first| doubled_in(question, first, response)));
                take(&mut cells.comment, response);
            }
        }
    }
    by_question
}

/// What is to be said of a cell where another one, which counts, has other content.
fn doubled_in(question: &Question, first: &Response, response: &Response) -> Option<Finding> {
    let differs = !first.value.is_blank() && !response.value.is_blank() && response.value != first.value;
    let problem = Problem::QuestionDoubled { used: first.place.to_string() };
    differs.then(|| {
        Finding::new(Severity::Warning, problem).about(&question.id).at(Some(response.place.clone()))
    })
}

/// Takes the first cell in which something stands: of a sheet that was copied and filled in, the copy comes second.
fn take<'a>(cell: &mut Option<&'a Response>, response: &'a Response) {
    if cell.is_none_or(|first| first.value.is_blank() && !response.value.is_blank()) {
        *cell = Some(response);
    }
}

/// To how many unknown questions the most similar ones are proposed: a sender may have thousands of their own.
const MOST_PROPOSALS: usize = 400;

/// The finding about a question that is not known. The most similar question is proposed unless `present` is none; of
/// several rather one that the file lacks than one of those that it has, which are given by their positions.
fn unknown_question(
    framework: &Framework,
    response: &Response,
    present: Option<&BTreeSet<usize>>,
) -> Finding {
    let found = tidy(&response.question);
    let near = present.and_then(|present| {
        let asked = framework.questions.iter().enumerate().filter(|(_, question)| question.is_asked());
        nearest_likely(&found, asked.map(|(at, question)| (question.id.as_str(), !present.contains(&at))))
    });
    let proposal = near.filter(|near| *near != found).map(|near| format!(" ({near}?)")).unwrap_or_default();
    Finding::new(Severity::Warning, Problem::QuestionUnknown { found, proposal })
        .at(Some(response.place.clone()))
}

fn record(decoder: &mut Decoder<'_>, question: &Question, cells: &Cells<'_>) -> AnswerRecord {
    let response = cells.answer;
    let answer =
        response.map_or(Answer::Missing(Missing::Blank), |response| decoder.answer(question, response));
    AnswerRecord {
        question: question.id.clone(),
        answer,
        // Settled once all answers are known: another question may hold it.
        evidence: None,
        place: response.map(|response| response.place.clone()),
    }
}

/// What is to be said where a question has no answer, and a cell beside the one for it has one.
fn misplaced(lookup: &Lookup<'_>, question: &Question, cells: &Cells<'_>) -> Option<Finding> {
    let beside = [cells.evidence, cells.comment].into_iter().flatten();
    let response = beside.into_iter().find(|response| decode::reads_as_answer(lookup, question, response))?;
    let cell = response.place.cell.map(|cell| cell.to_string()).unwrap_or_default();
    let problem = Problem::StrayContent { found: tidy(&response.value.display()), count: 1, cells: cell };
    Some(Finding::new(Severity::Warning, problem).about(&question.id).at(Some(response.place.clone())))
}

/// Compares a file's value of an external index with the table that is used.
fn external(
    instruments: &Instruments<'_>,
    question: &Question,
    index: &str,
    economy: &EconomyCode,
    cells: &Cells<'_>,
) -> Option<Finding> {
    let response = cells.answer?;
    let text = tidy(&response.value.display());
    let given = match (&response.value, number::read(&text)) {
        (CellValue::Number(number) | CellValue::Percent(number) | CellValue::Masked(number), _) => {
            Some(*number)
        }
        (_, Reading::Exact(number) | Reading::Lenient(number)) => Some(number),
        _ => None,
    };
    let known = instruments.external_indices.value(index, economy);
    let agree = match (given, known) {
        // The same figure, as far as tables print figures.
        (Some(given), Some(known)) => (given - known).abs() <= 1e-9,
        (None, None) => text.is_empty() || instruments.lookup.framework().is_missing_mark(&text),
        _ => false,
    };
    if agree || (given.is_none() && text.is_empty()) {
        return None;
    }
    let expected = known.map(|known| known.to_string()).unwrap_or_default();
    let problem = Problem::ExternalDiffers { found: text, expected };
    Some(Finding::new(Severity::Warning, problem).about(&question.id).at(Some(response.place.clone())))
}

#[cfg(test)]
pub(crate) mod tests;
