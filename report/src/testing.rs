//! What the tests of both workbooks share: frameworks, scores made by hand, and reading back.

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::cell::{Address, Book, CellValue, Place};
use maturity::economy::{Economy, EconomyCode};
use maturity::framework::{Framework, FrameworkSources, Kind, Question, Scoring, ScoringRule};
use maturity::id::Id;
use maturity::score::{Coverage, EconomyScores, IndicatorScore, SubindexScore, Term, TermStatus};
use maturity::submission::Collected;
use maturity::withheld::Withheld;

/// Two subindexes; the second rests on an external index alone, so it can be without a score.
pub(crate) fn small() -> Framework {
    load(&sources())
}

/// The same with tiers, whose second subindex is the mean of a number from 0 to 1: it has no points.
pub(crate) fn with_number() -> Framework {
    let mut sources = sources();
    let number = "weight = 3.0\nmethod = \"arithmetic-mean\"";
    sources.framework = sources.framework.replace("weight = 3.0\nmethod = \"share-of-points\"", number);
    sources.survey = sources.survey.replace("value,12", "number,");
    sources.indicators = sources
        .indicators
        .replace("label::Français (fr)\n", "label::Français (fr),tier\n")
        .replace("Nuage\n", "Nuage,T1\n")
        .replace("Réseaux\n", "Réseaux,T1\n");
    load(&sources)
}

/// The same with an indicator whose only question is not scored.
pub(crate) fn with_unscored() -> Framework {
    let mut sources = sources();
    sources.indicators.push_str("Q-3,Skills,Compétences\n");
    sources.survey.push_str("text,Q-3,Which skills?,Quelles compétences ?,Q-3,S1,,,,,,,,\n");
    load(&sources)
}

/// The same with a question whose id is not that of its indicator.
pub(crate) fn with_other_ids() -> Framework {
    let mut sources = sources();
    sources.survey = sources
        .survey
        .replace("yes_no,Q-1,", "yes_no,A-1,")
        .replace("${Q-1}", "${A-1}")
        .replace("Q-1,,\n", "A-1,,\n");
    load(&sources)
}

/// The same with ids that look like numbers.
pub(crate) fn with_numbers_as_ids() -> Framework {
    let mut sources = sources();
    for table in [&mut sources.survey, &mut sources.indicators] {
        *table = table.replace("Q-1", "1.1").replace("Q-2", "1.10");
    }
    load(&sources)
}

/// The same with texts and ids that would mark something up in Markdown and HTML, or mean something to a shell.
pub(crate) fn with_marks() -> Framework {
    let mut sources = sources();
    for (plain, marked) in [
        ("\"Demo index\"", r#""R&D <b>\"demo\"</b> | *x*""#),
        ("\"Systems\"", "\"Sys|tems <i>\""),
        ("\"S1\"", "\"S;1\""),
    ] {
        sources.framework = sources.framework.replace(plain, marked);
    }
    sources.survey = sources.survey.replace(",S1,", ",S;1,");
    sources.choices = sources.choices.replace("2,Yes,", "2,Yes | <u>,");
    load(&sources)
}

fn sources() -> FrameworkSources {
    FrameworkSources {
        framework: r#"
id = "demo-2030"
version = "1"
wave = 2030
as_of = "2030-06-30"
title = { en = "Demo index", fr = "Indice d'essai" }
language = "en"
[languages]
en = "English"
fr = "Français"
[composite]
id = "ALL"
title = { en = "All", fr = "Tout" }
method = "arithmetic-mean"
[[subindex]]
id = "S1"
title = { en = "Systems", fr = "Systèmes" }
weight = 1.0
method = "share-of-points"
[[subindex]]
id = "S2"
title = { en = "Networks", fr = "Réseaux" }
weight = 3.0
method = "share-of-points"
[[maturity_group]]
id = "B"
title = { en = "Low", fr = "Faible" }
at_least = 0.0
[[maturity_group]]
id = "A"
title = { en = "High", fr = "Élevé" }
at_least = 0.5
[missing]
answer = "no-points"
external_index = "leave-out"
marks = ["-"]
required = "error"
not_relevant = "warning"
[[external_index]]
id = "TII"
title = { en = "Infrastructure", fr = "Infrastructure" }
range = [0.0, 1.0]
"#
        .to_owned(),
        indicators: "id,label,label::Français (fr)\nQ-1,Cloud,Nuage\nQ-2,Networks,Réseaux\n".to_owned(),
        survey: "type,name,label,label::Français (fr),indicator,subindex,required,relevant,constraint,\
                 constraint_message,constraint_message::Français (fr),evidence_for,scoring,points\n\
                 select_one yes_no,Q-1,Is there a cloud?,Y a-t-il un nuage ?,Q-1,S1,yes,,,,,,level,6.1\n\
                 integer,Q-1.1,Since when?,Depuis quand ?,Q-1,S1,,${Q-1} > 0,. > 1900,Enter a year.,Une année.,,,\n\
                 text,Q-1.2,Where?,Où ?,Q-1,S1,,,,,,Q-1,,\n\
                 external TII,Q-2,Infrastructure,Infrastructure,Q-2,S2,,,,,,,value,12\n"
            .to_owned(),
        choices: "list_name,name,label,label::Français (fr),level\n\
                  yes_no,0,No,Non,0\nyes_no,1,Draft,Projet,1\nyes_no,2,Yes,Oui,2\n"
            .to_owned(),
    }
}

/// The bundled framework.
pub(crate) fn gtmi() -> Framework {
    load(&FrameworkSources {
        framework: include_str!("../../frameworks/gtmi-2022/framework.toml").to_owned(),
        indicators: include_str!("../../frameworks/gtmi-2022/indicators.csv").to_owned(),
        survey: include_str!("../../frameworks/gtmi-2022/survey.csv").to_owned(),
        choices: include_str!("../../frameworks/gtmi-2022/choices.csv").to_owned(),
    })
}

fn load(sources: &FrameworkSources) -> Framework {
    Framework::load(sources).unwrap_or_else(|problems| panic!("{problems}"))
}

pub(crate) fn economy(code: &str, name: &str, region: &str, income: &str) -> Economy {
    Economy {
        code: EconomyCode::new(code),
        name: name.to_owned(),
        names: BTreeMap::new(),
        iso3: code.to_owned(),
        iso2: String::new(),
        other_codes: Vec::new(),
        other_names: Vec::new(),
        region: region.to_owned(),
        income: income.to_owned(),
    }
}

pub(crate) fn record(question: &str, answer: Answer, cell: &str) -> (Id, AnswerRecord) {
    let question = Id::from(question);
    let place = Some(Place::cell("Data", cell.parse().unwrap()));
    (question.clone(), AnswerRecord { question, answer, evidence: None, place })
}

/// An answer to each question of the framework, at will different for each `seed`.
pub(crate) fn answers(framework: &Framework, seed: usize) -> BTreeMap<Id, AnswerRecord> {
    let asked = framework.questions.iter().enumerate();
    asked
        .filter(|(at, question)| question.is_asked() && !(at + seed).is_multiple_of(7))
        .map(|(at, question)| {
            let answer = match (&question.kind, framework.choices(question)) {
                (Kind::SelectMultiple(_), Some(list)) => Answer::Choices(
                    list.choices.iter().skip(1).take(2).map(|choice| choice.code.clone()).collect(),
                ),
                (_, Some(list)) => {
                    Answer::Choice(list.choices[(at * 31 + seed) % list.choices.len()].code.clone())
                }
                (Kind::Text, None) => Answer::Text(format!("https://example.org/{seed}/{at}")),
                _ => Answer::Number(2001.0),
            };
            record(question.id.as_str(), answer, &Address::new(u32::try_from(at).unwrap(), 4).to_string())
        })
        .collect()
}

/// Scores in the plainest way: enough to have numbers that belong together.
pub(crate) fn scores(
    framework: &Framework,
    economy: &Economy,
    answers: &BTreeMap<Id, AnswerRecord>,
    external: impl Fn(&str) -> Option<f64>,
) -> EconomyScores {
    let subindexes: Vec<SubindexScore> = framework
        .subindexes
        .iter()
        .map(|subindex| {
            let indicators: Vec<IndicatorScore> = framework
                .indicators_of(&subindex.id)
                .map(|indicator| {
                    let questions = framework.scored_questions(&indicator.id);
                    let terms: Vec<Term> = questions
                        .map(|(q, scoring)| term(framework, q, scoring, answers, &external))
                        .collect();
                    let points = terms.iter().fold(0.0, |sum, term| sum + term.points);
                    let max_points = terms.iter().fold(0.0, |sum, term| sum + term.max_points);
                    let answered = terms.iter().filter(|term| term.answer.is_given()).count();
                    let coverage = Coverage {
                        answered: u32::try_from(answered).unwrap(),
                        asked: u32::try_from(terms.len()).unwrap(),
                    };
                    let number = terms.iter().find_map(|term| match term.answer {
                        Answer::Number(number) if framework.is_number(&indicator.id) => Some(number),
                        _ => None,
                    });
                    let score = number.or_else(|| (max_points > 0.0).then(|| points / max_points));
                    let withheld = score.is_none().then_some(Withheld::NoValue);
                    IndicatorScore {
                        id: indicator.id.clone(),
                        terms,
                        points,
                        max_points,
                        value: score,
                        score,
                        withheld,
                        coverage,
                    }
                })
                .collect();
            let points = indicators.iter().map(|indicator| indicator.points).sum();
            let max_points: f64 = indicators.iter().map(|indicator| indicator.max_points).sum();
            let only = indicators.first().and_then(|indicator| indicator.score);
            let score = if subindex.method.mean().is_some() {
                only
            } else {
                (max_points > 0.0).then(|| points / max_points)
            };
            SubindexScore {
                id: subindex.id.clone(),
                points,
                max_points,
                score,
                withheld: score.is_none().then_some(Withheld::NoValue),
                group: score.and_then(|score| framework.group(score)).map(|group| group.id.clone()),
                coverage: indicators.iter().fold(Coverage::default(), |sum, i| sum.plus(i.coverage)),
                indicators,
            }
        })
        .collect();
    let weights: f64 = framework.subindexes.iter().map(|subindex| subindex.weight).sum();
    let sum: Option<f64> =
        framework.subindexes.iter().zip(&subindexes).map(|(s, v)| Some(s.weight * v.score?)).sum();
    let score = sum.map(|sum| sum / weights);
    EconomyScores {
        economy: economy.code.clone(),
        wave: framework.wave,
        collected: Some(Collected::Survey),
        id: framework.composite.id.clone(),
        score,
        withheld: score.is_none().then_some(Withheld::NoValue),
        group: score.and_then(|score| framework.group(score)).map(|group| group.id.clone()),
        coverage: subindexes.iter().fold(Coverage::default(), |sum, s| sum.plus(s.coverage)),
        subindexes,
    }
}

fn term(
    framework: &Framework,
    question: &Question,
    scoring: &Scoring,
    answers: &BTreeMap<Id, AnswerRecord>,
    external: impl Fn(&str) -> Option<f64>,
) -> Term {
    let answer = match &question.kind {
        Kind::External(index) => external(index).map_or(Answer::Missing(Missing::Blank), Answer::Number),
        _ => {
            answers.get(&question.id).map_or(Answer::Missing(Missing::Blank), |record| record.answer.clone())
        }
    };
    let level = |code: &String| {
        framework.choices(question).and_then(|list| list.choice(code)).map_or(0.0, |choice| choice.level)
    };
    let highest = match &answer {
        Answer::Choice(code) => level(code),
        Answer::Choices(codes) => codes.iter().map(level).fold(0.0, f64::max),
        Answer::Number(number) => *number,
        _ => 0.0,
    };
    let points = match scoring.rule {
        ScoringRule::Level | ScoringRule::Value => scoring.points * highest,
        ScoringRule::Any => scoring.points * f64::from(highest > 0.0),
        ScoringRule::Number => 0.0,
    };
    let left_out = matches!(question.kind, Kind::External(_)) && !answer.is_given();
    let status = match (answer.is_given(), left_out) {
        (true, _) => TermStatus::Counted,
        (false, true) => TermStatus::LeftOut,
        (false, false) => TermStatus::NoAnswer,
    };
    let max_points = if left_out { 0.0 } else { scoring.max_points };
    Term { question: question.id.clone(), answer, points, max_points, status }
}

/// The XML of a part of a workbook.
pub(crate) fn part(workbook: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}

/// Reads a workbook as the pipeline reads those of others.
pub(crate) fn read(bytes: &[u8]) -> Book {
    reader::read(bytes, &reader::Limits::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// The row of `sheet` whose cell in `column` holds `text`.
pub(crate) fn row_of(book: &Book, sheet: &str, column: u32, text: &str) -> u32 {
    let sheet = book.sheet(sheet).unwrap_or_else(|| panic!("no sheet {sheet}"));
    let found = sheet
        .cells
        .iter()
        .find(|c| c.address.column == column && c.value == CellValue::Text(text.to_owned()));
    found.unwrap_or_else(|| panic!("{text:?} is not in column {column} of {}", sheet.name)).address.row
}

/// The value of a cell.
pub(crate) fn value(book: &Book, sheet: &str, row: u32, column: u32) -> CellValue {
    let cell = book.sheet(sheet).and_then(|sheet| sheet.get(Address::new(row, column)));
    match cell.map(|cell| &cell.value) {
        // However it is shown.
        Some(CellValue::Percent(number)) => CellValue::Number(*number),
        Some(value) => value.clone(),
        None => CellValue::Blank,
    }
}

/// A cell with exactly this number.
pub(crate) fn exact(number: f64) -> CellValue {
    CellValue::Number(number)
}
