//! Questionnaires of another version of the instrument: their answers are carried over where it is known how, else
//! it is said what differs.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use maturity::cell::CellValue;
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::{Choice, EarlierVersion, Framework, Kind, Question, Target};
use maturity::normalize::{matching_key, tidy};
use maturity::review::Standing;
use maturity::submission::{Field, HeaderField, Received, Response};

use crate::choice;

/// What stands for an empty list in a sentence of any language.
const NONE: &str = "—";
/// How many questions a sentence names before it stops.
const MOST: usize = 20;

/// The responses in terms of the present instrument, and what is to be said about the version.
pub(crate) fn carry_over<'a>(
    framework: &Framework,
    received: &'a Received,
) -> (Cow<'a, [Response]>, Option<Finding>) {
    let unchanged = Cow::Borrowed(received.responses.as_slice());
    let text = |field| received.header(field).map(|value| tidy(&value.value.display()));
    let Some(hash) = text(HeaderField::InstrumentHash).filter(|hash| *hash != framework.instrument_hash)
    else {
        return (unchanged, None);
    };
    let (mut found, mut expected) =
        (text(HeaderField::Version).unwrap_or_else(|| hash.clone()), framework.version.clone());
    // A word was mended and the version stayed: only the fingerprints tell the two apart.
    if found == expected {
        let [was, is] = [&hash, &framework.instrument_hash].map(|hash| hash.get(..8).unwrap_or(hash));
        found = format!("{found} ({was})");
        expected = format!("{expected} ({is})");
    }
    let known = framework.earlier_version(&received.header);
    let finding = |severity, problem| {
        let place = received.header(HeaderField::InstrumentHash).map(|value| value.place.clone());
        Some(Finding { severity, question: None, place, problem, standing: Standing::default() })
    };
    if let Some(earlier) = known {
        let Presently { responses, carried, dropped } = carried(framework, earlier, &received.responses);
        let added = absent(framework, &responses);
        let (dropped, added) = (listed(&dropped).into(), listed(&added).into());
        let (found, expected) = (found.into(), expected.into());
        let problem = Problem::InstrumentEarlier { found, expected, carried, dropped, added };
        return (Cow::Owned(responses), finding(Severity::Warning, problem));
    }
    let ids: BTreeSet<String> =
        framework.questions.iter().map(|question| matching_key(question.id.as_str())).collect();
    let (mut unknown, mut seen): (Vec<String>, HashSet<&str>) = (Vec::new(), HashSet::new());
    for response in received.responses.iter().filter(|response| response.field == Field::Answer) {
        // A sender may have thousands of rows of their own.
        if seen.insert(&response.question) && !ids.contains(&matching_key(&response.question)) {
            unknown.push(response.question.clone());
        }
    }
    let absent = absent(framework, &received.responses);
    let problem = if unknown.is_empty() && absent.is_empty() {
        Problem::InstrumentOther { found, expected }
    } else {
        Problem::InstrumentDiffers {
            found: found.into(),
            expected: expected.into(),
            unknown: listed(&unknown).into(),
            absent: listed(&absent).into(),
        }
    };
    (unchanged, finding(Severity::Warning, problem))
}

struct Presently {
    responses: Vec<Response>,
    /// Answers whose question or choice has another name now.
    carried: usize,
    dropped: Vec<String>,
}

fn carried(framework: &Framework, earlier: &EarlierVersion, responses: &[Response]) -> Presently {
    let mut result =
        Presently { responses: Vec::with_capacity(responses.len()), carried: 0, dropped: Vec::new() };
    let questions: HashMap<String, &Question> =
        framework.questions.iter().map(|asked| (matching_key(asked.id.as_str()), asked)).collect();
    for response in responses {
        let mut response = response.clone();
        let mut changed = false;
        match earlier.target(&response.question) {
            Some(Target::Dropped) => {
                if response.field == Field::Answer && !response.value.is_blank() {
                    result.dropped.push(response.question);
                }
                continue;
            }
            Some(Target::Question(now)) => {
                changed = true;
                response.question = now.to_string();
            }
            None => {}
        }
        if response.field == Field::Answer {
            let question = questions.get(&matching_key(&response.question));
            let text = tidy(&response.value.display());
            let code = match question.map(|asked| &asked.kind) {
                Some(Kind::SelectOne(list)) => code(framework, earlier, list, &text).map(str::to_owned),
                Some(Kind::SelectMultiple(list)) => codes(framework, earlier, list, &text),
                _ => None,
            };
            if let Some(code) = code {
                changed = true;
                response.value = CellValue::Text(code);
            }
            result.carried += usize::from(changed && !response.value.is_blank());
        }
        result.responses.push(response);
    }
    result
}

/// The present code of an answer that changed. A code of then may be written in more ways than one (`2.0`, `2)`), and would
/// be read as the code of now; what is a choice of now as it stands is none of these.
fn code<'a>(framework: &Framework, earlier: &'a EarlierVersion, list: &str, text: &str) -> Option<&'a str> {
    earlier.code(list, text).or_else(|| {
        let is_other = present(framework, list, text).is_none();
        is_other.then(|| choice::bare(text).into_iter().find_map(|code| earlier.code(list, &code)))?
    })
}

/// The code of the choice that a text is as it stands.
fn present<'f>(framework: &'f Framework, list: &str, text: &str) -> Option<&'f str> {
    let key = matching_key(text);
    let is_it = |choice: &&Choice| {
        matching_key(&choice.code) == key || choice.label.all().any(|label| matching_key(label) == key)
    };
    let mut choices = framework.choice_lists.get(list)?.choices.iter();
    choices.find(is_it).map(|choice| choice.code.as_str())
}

/// The present codes of an answer of several choices of which at least one changed. It is taken apart only where every
/// part is a choice: a label may hold commas, blanks and what is a code by itself.
fn codes(framework: &Framework, earlier: &EarlierVersion, list: &str, text: &str) -> Option<String> {
    if let Some(code) = earlier.code(list, text) {
        return Some(code.to_owned());
    }
    let separators: [&[char]; 3] = [&[';'], &[';', ','], &[';', ',', ' ']];
    if !text.contains([';', ',', ' ']) {
        return code(framework, earlier, list, text).map(str::to_owned);
    }
    let now = |part: &str| code(framework, earlier, list, part).map(str::to_owned);
    let then = |part: &str| {
        let bare = || choice::bare(part).into_iter().find_map(|code| present(framework, list, &code));
        present(framework, list, part).or_else(bare).map(str::to_owned)
    };
    separators.into_iter().find_map(|separators| {
        let parts: Vec<&str> =
            text.split(separators).map(str::trim).filter(|part| !part.is_empty()).collect();
        let changed = parts.iter().any(|part| now(part).is_some());
        let codes: Option<Vec<String>> = parts.iter().map(|part| now(part).or_else(|| then(part))).collect();
        codes.filter(|codes| changed && codes.len() > 1).map(|codes| codes.join(", "))
    })
}

/// The questions of the present instrument that have no row in the file.
fn absent(framework: &Framework, responses: &[Response]) -> Vec<String> {
    let there: BTreeSet<String> = responses.iter().map(|response| matching_key(&response.question)).collect();
    let absent =
        framework.asked_questions().filter(|question| !there.contains(&matching_key(question.id.as_str())));
    absent.map(|question| question.id.to_string()).collect()
}

fn listed(questions: &[String]) -> String {
    match questions {
        [] => NONE.to_owned(),
        all if all.len() <= MOST => all.join(", "),
        all => format!("{}, …", all.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ")),
    }
}
