//! `gtmi demo`: workbooks filled in with the bundled real answers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use maturity::answer::Answer;
use maturity::economy::{Economy, EconomyCode};
use maturity::framework::{Framework, Kind};
use maturity::id::Id;
use maturity::submission::Collected;
use pipeline::stage::Failure;
use pipeline::tables::{CodedAnswers, CodedTable, TableError};
use pipeline::{Context, Exit, Progress, durable};
use questionnaire::{DatasetRequest, DatasetRow, Entered, PublishedScores, Request, Writer};
use rayon::prelude::*;
use serde_json::json;

use crate::arguments::DemoOptions;
use crate::bar::Bars;
use crate::places;
use crate::say::Voice;
use crate::template;

/// Questionnaires are written in batches of this size, so that memory does not grow with their number.
const BATCH: usize = 64;

/// An economy with the answers to put into its workbook.
struct Filled<'a> {
    economy: &'a Economy,
    collected: Option<Collected>,
    answers: BTreeMap<Id, Answer>,
}

/// Writes questionnaires, or one table in the publisher's layout.
pub(crate) fn demo(context: &Context, voice: Voice, options: &DemoOptions) -> Result<Exit, Failure> {
    let path = context.config.coded_answers.as_ref().ok_or_else(|| {
        Failure::new(Exit::Usage, "there are no coded answers to fill in (set coded_answers in [data])")
    })?;
    let unusable = |error: TableError| Failure::new(Exit::Usage, error);
    let table = CodedTable::read(path, &context.framework, &context.economies).map_err(unusable)?;
    let only = template::economies(context, &options.economy)?;
    let except = template::economies(context, &options.except)?;
    let wanted = |coded: &Result<CodedAnswers, TableError>| {
        let economy = coded.as_ref().map(|coded| &coded.economy);
        economy.map_or(true, |code| (only.is_empty() || only.contains(code)) && !except.contains(code))
    };
    let count = options.count.unwrap_or(usize::MAX);
    // All of the table is looked at before anything is written.
    let found =
        table.rows().map_err(unusable)?.filter(wanted).try_fold(0, |number, coded| coded.map(|_| number + 1));
    let number: usize = found.map_err(unusable)?.min(count);
    let filled = |coded: &CodedAnswers| {
        let economy = context.economies.get(&coded.economy)?;
        let answers = first(&context.framework, coded, options.answers);
        Some(Filled { economy, collected: coded.collected, answers })
    };
    let mut rows = table.rows().map_err(unusable)?.filter(wanted).take(number).flatten();

    places::folder(&options.out)?;
    durable::sweep_leftovers(&options.out).map_err(Failure::stage)?;
    let written = if options.dataset {
        let path = options.out.join("answers-wide.xlsx");
        let filled: Vec<Filled<'_>> = rows.filter_map(|coded| filled(&coded)).collect();
        let bytes = dataset(context, &filled)?;
        if !options.force && places::holds_other(&path, &bytes) {
            places::kept(&[&path])?;
        }
        durable::write(&path, &bytes).map_err(Failure::stage)?;
        let economies = if filled.len() == 1 { "economy" } else { "economies" };
        voice.line(&format!("wrote {} {economies} to {}", filled.len(), path.display()));
        vec![path]
    } else {
        let language = template::language(context, options.language.as_deref())?;
        let bars = Bars::new(voice.bars());
        bars.start("demo", number);
        let writer = Writer::new(&context.framework);
        let path_of = |coded: &CodedAnswers| options.out.join(format!("{}.xlsx", coded.economy));
        let made = |coded: &CodedAnswers| -> Result<Option<Vec<u8>>, Failure> {
            let Some(filled) = filled(coded) else { return Ok(None) };
            let request = Request {
                framework: &context.framework,
                economy: filled.economy,
                language: language.clone(),
                answers: &filled.answers,
                entered: &Entered::default(),
                collected: filled.collected,
                deadline: None,
                previous: None,
            };
            writer.write(&request).map(Some).map_err(Failure::stage)
        };
        // What is there already is looked at before anything is written.
        if !options.force {
            let there = table.rows().map_err(unusable)?.filter(wanted).take(number).flatten();
            let mut kept = Vec::new();
            for coded in there.filter(|coded| path_of(coded).exists()) {
                let path = path_of(&coded);
                if made(&coded)?.is_some_and(|bytes| places::holds_other(&path, &bytes)) {
                    kept.push(path);
                }
            }
            places::kept(&kept.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
        }
        let one = |coded: &CodedAnswers| -> Result<Option<PathBuf>, Failure> {
            let Some(bytes) = made(coded)? else { return Ok(None) };
            let path = path_of(coded);
            durable::write(&path, &bytes).map_err(Failure::stage)?;
            bars.advance();
            Ok(Some(path))
        };
        let mut paths = Vec::new();
        loop {
            let batch: Vec<CodedAnswers> = rows.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let written: Result<Vec<_>, Failure> = batch.par_iter().map(one).collect();
            paths.extend(written?.into_iter().flatten());
        }
        bars.finish();
        let s = if paths.len() == 1 { "" } else { "s" };
        voice.line(&format!("wrote {} questionnaire{s} to {}", paths.len(), options.out.display()));
        paths
    };
    voice.result(&json!({ "written": places::shown(&written) }))?;
    Ok(Exit::Done)
}

/// The answers of an economy, or only the first `most` in the order of the instrument.
fn first(framework: &Framework, coded: &CodedAnswers, most: Option<usize>) -> BTreeMap<Id, Answer> {
    let mut all = coded.decoded(framework);
    let asked = framework.asked_questions().filter_map(|question| all.remove_entry(&question.id));
    asked.take(most.unwrap_or(usize::MAX)).collect()
}

/// The publisher's wide table of these economies, with published scores and values of external indices.
fn dataset(context: &Context, filled: &[Filled<'_>]) -> Result<Vec<u8>, Failure> {
    let framework = &context.framework;
    let external: Vec<BTreeMap<Id, f64>> = filled
        .iter()
        .map(|filled| {
            let value = |index: &str| context.external_indices.value(index, &filled.economy.code);
            framework
                .questions
                .iter()
                .filter_map(|question| match &question.kind {
                    Kind::External(index) => value(index).map(|value| (question.id.clone(), value)),
                    _ => None,
                })
                .collect()
        })
        .collect();
    let scores: Vec<Option<PublishedScores>> =
        filled.iter().map(|filled| published(context, &filled.economy.code)).collect();
    let rows: Vec<DatasetRow<'_>> = filled
        .iter()
        .zip(&external)
        .zip(&scores)
        .map(|((filled, external), scores)| DatasetRow {
            economy: filled.economy,
            collected: filled.collected,
            answers: &filled.answers,
            external,
            population: None,
            scores: scores.as_ref(),
        })
        .collect();
    questionnaire::write_dataset(&DatasetRequest { framework, rows: &rows }).map_err(Failure::stage)
}

fn published(context: &Context, economy: &EconomyCode) -> Option<PublishedScores> {
    let framework = &context.framework;
    let found = context
        .published_scores
        .iter()
        .find(|scores| scores.wave == framework.wave && scores.economy == *economy)?;
    let composite =
        found.scores.iter().find(|(id, _)| *id == framework.composite.id).map(|(_, score)| *score);
    let subindexes =
        found.scores.iter().filter(|(id, _)| framework.subindex(id).is_some()).cloned().collect();
    Some(PublishedScores { group: Some(found.group.clone()), composite, subindexes })
}
