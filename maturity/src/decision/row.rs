//! Decisions as reviewers write them: a row of a sheet, of a table, or of the command line.

use crate::shown::colon;
use std::sync::LazyLock;

use crate::answer::{Answer, Missing};
use crate::cell::Place;
use crate::economy::{Economies, EconomyCode};
use crate::framework::{ChoiceList, Framework, Kind, Question};
use crate::id::Id;
use crate::language::Language;
use crate::normalize::{matching_key, tidy};
use crate::wording::Wording;

/// What decisions are called in each language, and what is wrong with rows.
static WORDING: LazyLock<Wording> =
    LazyLock::new(|| Wording::parse(include_str!("../../wording/decisions.csv")).unwrap_or_default());

/// What a reviewer can choose in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The findings about the question are all right as they are.
    Accept,
    /// Another answer counts.
    Override,
    /// The submission goes back to its sender.
    Return,
}

impl Choice {
    /// All of them, in the order of the drop-down.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Override, Self::Return];

    /// The name used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Override => "override",
            Self::Return => "return",
        }
    }

    /// What it is called in a language.
    pub fn label(self, language: &Language) -> &'static str {
        WORDING.get(self.as_str(), language)
    }

    /// The choice that a text means, in any language.
    pub fn parse(text: &str) -> Option<Self> {
        let key = matching_key(text);
        Self::ALL.into_iter().find(|choice| {
            let labels = WORDING.iter().find(|(name, _)| *name == choice.as_str());
            key == choice.as_str()
                || labels.is_some_and(|(_, text)| text.all().any(|label| matching_key(label) == key))
        })
    }
}

/// A row as it stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionRow {
    /// The wave; that of the run if empty.
    pub wave: String,
    /// The economy, by code or name.
    pub economy: String,
    /// The question; may be empty for a return.
    pub question: String,
    /// What is decided; a row without it means nothing.
    pub decision: String,
    /// The submitted answer that the reviewer saw; what is submitted now, if empty.
    pub replaces: String,
    /// The new answer: a code, a label, or both.
    pub answer: String,
    /// The link or document that the reviewer found.
    pub evidence: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub reviewer: String,
}

impl DecisionRow {
    /// The headings of the table, in the order of the fields.
    pub const HEADINGS: [&'static str; 9] =
        ["wave", "economy", "question", "decision", "replaces", "answer", "evidence", "reason", "reviewer"];

    /// The fields, in the order of [`DecisionRow::HEADINGS`].
    pub fn from_fields(fields: [String; 9]) -> Self {
        let [wave, economy, question, decision, replaces, answer, evidence, reason, reviewer] = fields;
        Self { wave, economy, question, decision, replaces, answer, evidence, reason, reviewer }
    }
}

/// A row that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant {
    /// The economy.
    pub economy: EconomyCode,
    /// What is decided.
    pub choice: Choice,
    /// The question, if one is named.
    pub question: Option<Id>,
    /// The submitted answer that the reviewer saw, if the row says so.
    pub replaces: Option<Answer>,
    /// The new answer of an override.
    pub answer: Option<Answer>,
    /// The reviewer's evidence.
    pub evidence: Option<String>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// What is wrong with a row; nothing of it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    key: &'static str,
    values: Vec<(&'static str, String)>,
    /// Where it stands, if it stands in a sheet.
    pub place: Option<Place>,
}

impl RowProblem {
    /// A problem by its key in the wording.
    pub fn new(key: &'static str, values: &[(&'static str, &str)]) -> Self {
        let values = values.iter().map(|(name, value)| (*name, shorten(value))).collect();
        Self { key, values, place: None }
    }

    /// The same, with a value that is a sentence and stays whole.
    #[must_use]
    pub fn saying(mut self, name: &'static str, sentence: String) -> Self {
        self.values.push((name, sentence));
        self
    }

    /// The same, with its place.
    #[must_use]
    pub fn at(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// The sentences in a language, with the place before them.
    pub fn message(&self, language: &Language) -> String {
        let values: Vec<(&str, &str)> =
            self.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let text = WORDING.fill(self.key, language, &values);
        self.place.as_ref().map_or_else(|| text.clone(), |place| format!("{place}{}{text}", colon(language)))
    }
}

fn shorten(text: &str) -> String {
    tidy(text).chars().take(120).collect()
}

/// Understands a row; nothing where it decides nothing.
pub fn understand(
    row: &DecisionRow,
    framework: &Framework,
    economies: &Economies,
) -> Result<Option<Meant>, RowProblem> {
    let text = |text: &str| tidy(text);
    let decision = text(&row.decision);
    if decision.is_empty() {
        return Ok(None);
    }
    let problem = |key, found: &str| Err(RowProblem::new(key, &[("found", found)]));
    let Some(choice) = Choice::parse(&decision) else { return problem("decision-unknown", &decision) };
    let wave = text(&row.wave);
    if !wave.is_empty() && wave != framework.wave.to_string() {
        return Err(RowProblem::new(
            "wave-other",
            &[("found", &wave), ("wave", &framework.wave.to_string())],
        ));
    }
    let Ok((economy, _)) = economies.find(&text(&row.economy)) else {
        return problem("economy-unknown", &row.economy);
    };
    let (by, reason) = (text(&row.reviewer), text(&row.reason));
    if by.is_empty() {
        return problem("reviewer-missing", &decision);
    }
    if reason.is_empty() {
        return problem("reason-missing", &decision);
    }
    let id = text(&row.question);
    let question = framework
        .questions
        .iter()
        .find(|question| question.is_asked() && matching_key(question.id.as_str()) == matching_key(&id));
    if question.is_none() && (!id.is_empty() || choice != Choice::Return) {
        return problem("question-unknown", &id);
    }
    let mut meant = Meant {
        economy: economy.code.clone(),
        choice,
        question: question.map(|question| question.id.clone()),
        replaces: None,
        answer: None,
        evidence: Some(text(&row.evidence)).filter(|evidence| !evidence.is_empty()),
        reason,
        by,
    };
    if let (Choice::Accept, Some(question)) = (choice, question) {
        meant.replaces = Some(text(&row.replaces))
            .filter(|seen| !seen.is_empty())
            .and_then(|seen| answer(framework, question, &seen));
    }
    if let (Choice::Override, Some(question)) = (choice, question) {
        if let Some(evidence) = meant.evidence.as_deref().filter(|text| framework.is_no_evidence(text)) {
            return problem("evidence-placeholder", evidence);
        }
        let (replaces, new) = (text(&row.replaces), text(&row.answer));
        if new.is_empty() {
            return problem("answer-missing", question.id.as_str());
        }
        let answer = |given: &str| {
            answer(framework, question, given).ok_or_else(|| {
                RowProblem::new(
                    "answer-unknown",
                    &[("found", given), ("accepted", &accepted(framework, question))],
                )
            })
        };
        if !replaces.is_empty() {
            meant.replaces = Some(answer(&replaces)?);
        }
        meant.answer = Some(answer(&new)?);
    }
    Ok(Some(meant))
}

/// The answer that a text means; `-` is none.
fn answer(framework: &Framework, question: &Question, text: &str) -> Option<Answer> {
    if text == "-" || framework.is_missing_mark(text) {
        return Some(Answer::Missing(Missing::Blank));
    }
    match (&question.kind, framework.choices(question)) {
        (Kind::SelectMultiple(_), Some(list)) => {
            let parts = text.split([';', '|']).flat_map(|part| match code(list, part.trim()) {
                Some(code) => vec![Some(code)],
                None => part
                    .split([',', ' '])
                    .filter(|part| !part.is_empty())
                    .map(|part| code(list, part))
                    .collect(),
            });
            let codes: Option<Vec<String>> = parts.collect();
            // In the order of the list, each once, as submitted answers are: one is compared with the other.
            let in_order = |codes: Vec<String>| {
                list.choices
                    .iter()
                    .map(|choice| &choice.code)
                    .filter(|code| codes.contains(code))
                    .cloned()
                    .collect()
            };
            codes.filter(|codes| !codes.is_empty()).map(in_order).map(Answer::Choices)
        }
        (_, Some(list)) => code(list, text).map(Answer::Choice),
        (Kind::Integer | Kind::Decimal, None) => {
            let number = number(text)?;
            (question.kind == Kind::Decimal || number.fract() == 0.0).then_some(Answer::Number(number))
        }
        (Kind::Text, None) => Some(Answer::Text(text.to_owned())),
        _ => None,
    }
}

/// The number that a text is, with a decimal comma or point. "1,234" is a thousand to some and little more than one to others:
/// it is none.
fn number(text: &str) -> Option<f64> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = text.trim_start_matches('-').split_once(',').is_some_and(|(whole, rest)| {
        digits(whole) && digits(rest) && whole.len() <= 3 && rest.len() == 3 && !whole.starts_with('0')
    });
    let number = text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
    number.filter(|_| !is_grouped)
}

/// The code that a text means: the code, the label in any language, or `code = label`.
fn code(list: &ChoiceList, text: &str) -> Option<String> {
    let before = text.split_once(" = ").map_or(text, |(code, _)| code).trim();
    let key = matching_key(text);
    let found = list.choice(before).or_else(|| {
        list.choices.iter().find(|choice| choice.label.all().any(|label| matching_key(label) == key))
    });
    found.map(|choice| choice.code.clone())
}

/// What a question accepts, for a message.
fn accepted(framework: &Framework, question: &Question) -> String {
    match framework.choices(question) {
        Some(list) => {
            let one = |choice: &crate::framework::Choice| {
                format!("{} = {}", choice.code, choice.label.get(&Language::english()))
            };
            list.choices.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        None if question.kind == Kind::Integer => "0, 1, 2 …".to_owned(),
        None => "0.5, 1, 12.25 …".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::decision::tests::gtmi;
    use crate::economy::Economy;
    use crate::wording::placeholders;

    #[test]
    fn every_sentence_is_worded_in_three_languages_with_the_same_placeholders() {
        let wording = Wording::parse(include_str!("../../wording/decisions.csv")).unwrap();
        for (key, text) in wording.iter() {
            let sorted = |text: &str| {
                let mut names: Vec<String> = placeholders(text).into_iter().map(str::to_owned).collect();
                names.sort_unstable();
                names
            };
            for tag in ["fr", "es"] {
                let language = Language::new(tag);
                assert!(text.has(&language), "{key} in {tag}");
                assert_eq!(sorted(text.get(&language)), sorted(text.default_text()), "{key} in {tag}");
            }
        }
    }

    #[test]
    fn what_only_fills_a_cell_is_no_evidence_of_a_reviewer() {
        let framework = gtmi();
        let kenya = Economy {
            code: EconomyCode::new("KEN"),
            name: "Kenya".to_owned(),
            names: BTreeMap::new(),
            iso3: "KEN".to_owned(),
            iso2: String::new(),
            other_codes: Vec::new(),
            other_names: Vec::new(),
            region: String::new(),
            income: String::new(),
        };
        let (economies, _) = Economies::new(vec![kenya]);
        let row = |evidence: &str| DecisionRow {
            economy: "KEN".to_owned(),
            question: "I-1".to_owned(),
            decision: "override".to_owned(),
            answer: "1".to_owned(),
            evidence: evidence.to_owned(),
            reason: "seen".to_owned(),
            reviewer: "A".to_owned(),
            ..DecisionRow::default()
        };
        for evidence in ["none", "N/A", "-", "TBD", "n.a."] {
            let problem = understand(&row(evidence), &framework, &economies).unwrap_err();
            assert_eq!(problem.key, "evidence-placeholder", "{evidence}");
        }
        let taken = |evidence| understand(&row(evidence), &framework, &economies).unwrap().unwrap().evidence;
        assert_eq!(taken("Act 12 of 2019").as_deref(), Some("Act 12 of 2019"));
        assert_eq!(taken(" "), None);
    }

    #[test]
    fn a_number_that_can_be_read_in_two_ways_is_none() {
        for (text, expected) in [
            ("1,234", None),
            ("-12,500", None),
            ("0,125", Some(0.125)),
            ("1,23", Some(1.23)),
            ("1234,567", Some(1234.567)),
            ("1.234", Some(1.234)),
            ("12", Some(12.0)),
            ("inf", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn several_choices_are_those_of_their_list_in_its_order() {
        let framework = gtmi();
        let question = framework.question(&Id::from("I-17.4")).unwrap();
        let codes =
            |codes: &[&str]| Some(Answer::Choices(codes.iter().map(|code| (*code).to_owned()).collect()));
        for text in ["3, 1", "1 3 1", "Internet of things; 1"] {
            assert_eq!(answer(&framework, question, text), codes(&["1", "3"]), "{text}");
        }
        assert_eq!(answer(&framework, question, "3, 9"), None);
    }

    #[test]
    fn choices_are_known_by_their_names_in_every_language() {
        for (text, choice) in
            [("accept", Choice::Accept), ("REMPLACER", Choice::Override), ("Devolver", Choice::Return)]
        {
            assert_eq!(Choice::parse(text), Some(choice), "{text}");
        }
        assert_eq!(Choice::parse("delete"), None);
    }
}
