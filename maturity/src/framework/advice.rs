//! Style and reach of a framework that loads: what is wrong although every file can be read, and what could
//! be better. Limits of workbooks are the matter of the crate that writes them.

mod conditions;
mod names;
mod scales;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::finding::WORDING;
use crate::id::Id;
use crate::language::Language;
use crate::logic::Expression;

use super::load::{INDICATORS, SURVEY, TOML, line_at};
use super::{Framework, FrameworkProblem, FrameworkSources, Kind, Question};

/// Combinations of answers that are tried to find out whether a question can be reached.
const TRIED: usize = 20_000;

/// What a closer look found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Advice {
    /// What must be corrected.
    pub problems: Vec<FrameworkProblem>,
    /// What could be better.
    pub advice: Vec<FrameworkProblem>,
}

impl Advice {
    /// Adds what another look found; everything stays in the order of files and lines.
    pub fn add(&mut self, other: Self) {
        self.problems.extend(other.problems);
        self.advice.extend(other.advice);
        self.problems.sort();
        self.advice.sort();
    }
}

fn finding(file: &'static str, line: Option<u64>, what: String, advice: &str) -> FrameworkProblem {
    FrameworkProblem { file, line, what, advice: advice.to_owned() }
}

/// Looks closely at a framework that was loaded from `sources`.
pub fn advice(framework: &Framework, sources: &FrameworkSources) -> Advice {
    let mut found = Advice::default();
    languages(framework, &sources.framework, &mut found.advice);
    hints(framework, &mut found.advice);
    weights(framework, &sources.framework, &mut found.advice);
    thresholds(&sources.framework, &mut found.advice);
    classes(framework, &sources.framework, &mut found.advice);
    moving_years(framework, &sources.framework, &mut found.advice);
    unreachable(framework, &mut found);
    conditions::look(framework, &mut found);
    names::look(framework, &sources.framework, &mut found);
    scales::look(framework, &sources.framework, &mut found);
    found.add(Advice::default());
    found
}

/// Languages of the instrument in which the program itself says nothing.
fn languages(framework: &Framework, toml: &str, advice: &mut Vec<FrameworkProblem>) {
    let english = Language::english();
    let is_spoken = |language: &Language| WORDING.text("question").is_some_and(|text| text.has(language));
    for (language, _) in &framework.languages {
        if *language == english || is_spoken(language) {
            continue;
        }
        let what = format!(
            "the program's own sentences (findings, headings, guidance) do not exist in \"{language}\" and stand there in \
             English"
        );
        let line = toml.find("[languages]").map(|at| line_at(toml, at));
        let how = "add the language to the tables of wording, as CONTRIBUTING.md says, or leave it so";
        advice.push(finding(TOML, line, what, how));
    }
}

fn hints(framework: &Framework, advice: &mut Vec<FrameworkProblem>) {
    for question in framework.asked_questions().filter(|question| question.hint.is_empty()) {
        let what = format!("the question \"{}\" has no hint", question.id);
        advice.push(finding(
            SURVEY,
            framework.question_line(&question.id),
            what,
            "say in hint what counts and what does not",
        ));
    }
}

/// Weights of the parts of one whole should read as shares, or all be equal.
fn weights(framework: &Framework, toml: &str, advice: &mut Vec<FrameworkProblem>) {
    let wholes = framework.subindexes.iter().map(|subindex| Some(&subindex.id));
    for whole in std::iter::once(None).chain(wholes) {
        let weights: Vec<f64> = framework.parts_of(whole).map(|subindex| subindex.weight).collect();
        let sum: f64 = weights.iter().sum();
        let equal = weights.windows(2).all(|pair| matches!(pair, [a, b] if (a - b).abs() <= 1e-9));
        if !equal && (sum - 1.0).abs() > 1e-9 {
            let line = toml.find("[[subindex]]").map(|at| line_at(toml, at));
            let whole = whole.unwrap_or(&framework.composite.id);
            let what =
                format!("the weights of the subindexes of \"{whole}\" sum to {sum}, and they are not equal");
            advice.push(finding(
                TOML,
                line,
                what,
                "give shares that sum to 1, so that readers see them as such",
            ));
        }
    }
}

/// Groups are sorted when they are loaded; a file that lists them out of order misleads its readers.
fn thresholds(toml: &str, advice: &mut Vec<FrameworkProblem>) {
    let mut above: Option<f64> = None;
    let mut start = 0;
    let mut in_group = false;
    for line in toml.split_inclusive('\n') {
        let text = line.trim();
        if text.starts_with('[') {
            in_group = text == "[[maturity_group]]";
        }
        let threshold = text.strip_prefix("at_least").filter(|_| in_group);
        let threshold = threshold.and_then(|rest| rest.trim_start().strip_prefix('='));
        let threshold = threshold.and_then(|value| value.split('#').next()?.trim().parse::<f64>().ok());
        if let Some(threshold) = threshold {
            if above.is_some_and(|above| threshold >= above) {
                let what = format!("the threshold {threshold} does not descend from the group before");
                let line = Some(line_at(toml, start));
                advice.push(finding(TOML, line, what, "list the highest maturity group first"));
            }
            above = Some(threshold);
        }
        start += line.len();
    }
}

fn classes(framework: &Framework, toml: &str, advice: &mut Vec<FrameworkProblem>) {
    if framework.waves.classes.is_empty() {
        if let Some(earlier) = &framework.waves.earlier {
            let line = toml.find("[waves]").map(|at| line_at(toml, at));
            let what = format!(
                "the framework follows \"{earlier}\" and has no class of comparability, so no score compares with one of another \
                 wave"
            );
            let how = "add [[waves.class]] with the waves that compare, and name one for each indicator in indicators.csv";
            advice.push(finding(TOML, line, what, how));
        }
        return;
    }
    for indicator in framework.indicators.iter().filter(|indicator| indicator.comparability.is_none()) {
        let what = format!("the indicator \"{}\" has no class of comparability", indicator.id);
        let line = framework.indicator_line(&indicator.id);
        advice.push(finding(INDICATORS, line, what, "name one, or it compares with no other wave"));
    }
    for class in &framework.waves.classes {
        if !framework.indicators.iter().any(|one| one.comparability.as_deref() == Some(&class.id)) {
            let what = format!("no indicator is of the class of comparability \"{}\"", class.id);
            advice.push(finding(TOML, None, what, "remove it, or name it in indicators.csv"));
        }
    }
}

fn moving_years(framework: &Framework, toml: &str, advice: &mut Vec<FrameworkProblem>) {
    for year in &framework.waves.moving_years {
        let number = f64::from(*year);
        let used = |question: &Question| {
            question
                .constraint
                .as_ref()
                .is_some_and(|constraint| holds_number(&constraint.expression, number))
        };
        if !framework.questions.iter().any(used) {
            let line = toml.find("moving_years").map(|at| line_at(toml, at));
            let what = format!("the moving year {year} stands in no constraint");
            advice.push(finding(TOML, line, what, "remove it, or correct it"));
        }
    }
}

#[expect(clippy::float_cmp, reason = "years are whole numbers")]
fn holds_number(expression: &Expression, number: f64) -> bool {
    match expression {
        Expression::Number(found) => *found == number,
        Expression::Negate(inner) | Expression::Regex(inner, _) => holds_number(inner, number),
        Expression::Binary(_, left, right) => holds_number(left, number) || holds_number(right, number),
        Expression::Call(_, arguments) => arguments.iter().any(|argument| holds_number(argument, number)),
        Expression::Text(_) | Expression::This | Expression::Reference(_) => false,
    }
}

/// Questions that no answers lead to. Where the condition depends on choices only, all of them are tried, and
/// the question is certainly out of reach; where it depends on numbers or texts, those near the condition's own
/// constants are.
fn unreachable(framework: &Framework, found: &mut Advice) {
    let mut never: BTreeSet<&Id> = BTreeSet::new();
    // A question behind one that is out of reach may be out of reach too: repeat until nothing is added.
    loop {
        let before = never.len();
        for question in framework.asked_questions() {
            let Some(relevant) = question.relevant.as_ref().filter(|_| !never.contains(&question.id)) else {
                continue;
            };
            let Some(certain) = certainly_false(framework, relevant, &never) else { continue };
            never.insert(&question.id);
            let line = framework.question_line(&question.id);
            let condition = relevant.to_string();
            if certain {
                let what = format!("nobody can reach \"{}\": {condition} is never true", question.id);
                found.problems.push(finding(SURVEY, line, what, "correct relevant, or the choices it names"));
            } else {
                let what = format!(
                    "probably nobody can reach \"{}\": {condition} is true for no answer that was tried",
                    question.id
                );
                found.advice.push(finding(SURVEY, line, what, "check relevant"));
            }
        }
        if never.len() == before {
            return;
        }
    }
}

/// Whether a condition holds for no answers; if so, whether that is certain. `None` if some answers fulfil it,
/// or if there are too many to try.
fn certainly_false(framework: &Framework, relevant: &Expression, never: &BTreeSet<&Id>) -> Option<bool> {
    let mut certain = true;
    let mut domains: Vec<(&Id, Vec<String>)> = Vec::new();
    for id in relevant.references() {
        let question = framework.question(id)?;
        let mut values = vec![String::new()];
        if !never.contains(id) {
            let codes = framework.choices(question).map(|list| &list.choices);
            let codes = codes.into_iter().flatten().map(|choice| choice.code.clone());
            match question.kind {
                Kind::SelectOne(_) => values.extend(codes),
                Kind::SelectMultiple(_) => {
                    let codes: Vec<String> = codes.collect();
                    values.push(codes.join(" "));
                    values.extend(codes);
                    certain = false;
                }
                _ => {
                    values.push("text".to_owned());
                    constants(relevant, &mut values);
                    certain = false;
                }
            }
        }
        domains.push((id, values));
    }
    let combinations = domains.iter().try_fold(1_usize, |all, (_, values)| all.checked_mul(values.len()));
    if combinations.is_none_or(|all| all > TRIED) {
        return None;
    }
    let mut answers: HashMap<Id, String> = HashMap::new();
    let holds = (0..combinations?).any(|mut number| {
        for (id, values) in &domains {
            let value = values.get(number % values.len()).cloned().unwrap_or_default();
            answers.insert((*id).clone(), value);
            number /= values.len();
        }
        relevant.holds("", &answers)
    });
    (!holds).then_some(certain)
}

/// The constants of an expression and, for numbers, their neighbours.
fn constants(expression: &Expression, values: &mut Vec<String>) {
    match expression {
        Expression::Number(number) => {
            values.extend([number - 1.0, *number, number + 1.0].map(|number| number.to_string()));
        }
        Expression::Text(text) => values.push(text.clone()),
        Expression::Negate(inner) | Expression::Regex(inner, _) => constants(inner, values),
        Expression::Binary(_, left, right) => {
            constants(left, values);
            constants(right, values);
        }
        Expression::Call(_, arguments) => arguments.iter().for_each(|argument| constants(argument, values)),
        Expression::This | Expression::Reference(_) => {}
    }
}

/// Compares a framework with the one of the wave before: an id never stands for another construct.
pub fn against_earlier(framework: &Framework, earlier: &Framework) -> Advice {
    let mut found = Advice::default();
    let retired: BTreeMap<&Id, _> =
        framework.waves.retired.iter().map(|retired| (&retired.id, retired)).collect();
    let was = &earlier.id;
    if earlier.wave >= framework.wave {
        let what =
            format!("the earlier framework \"{was}\" is for wave {}, not an earlier one", earlier.wave);
        found.problems.push(finding(TOML, None, what, "correct earlier under [waves]"));
    }
    for gone in earlier.waves.retired.iter().filter(|gone| !retired.contains_key(&gone.id)) {
        let what = format!("the id \"{}\" is retired in \"{was}\", but not here", gone.id);
        found.problems.push(finding(TOML, None, what, "carry it over to retired under [waves]"));
    }
    let add = "add it to retired under [waves], so that it is never given to another construct";
    for question in &earlier.questions {
        let id = &question.id;
        let Some(now) = framework.question(id) else {
            if !retired.contains_key(id) {
                let what = format!("\"{id}\" was asked in \"{was}\" and is gone");
                found.problems.push(finding(TOML, None, what, add));
            }
            continue;
        };
        let line = framework.question_line(id);
        let same_kind = match (&question.kind, &now.kind) {
            (Kind::External(one), Kind::External(other)) => one == other,
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        };
        if !same_kind {
            let what = format!("\"{id}\" takes another kind of answer than in \"{was}\"");
            let advice = "give the new construct an id that was never used, and retire this one";
            found.problems.push(finding(SURVEY, line, what, advice));
            continue;
        }
        if now.label.default_text() != question.label.default_text() {
            let what = format!("\"{id}\" is worded otherwise than in \"{was}\"");
            let advice = "if it still asks for the same construct, leave it; else give it a new id";
            found.advice.push(finding(SURVEY, line, what, advice));
        }
        let codes = |framework: &Framework, question: &Question| -> Vec<(String, u64)> {
            let lists = framework.choices(question).into_iter();
            lists
                .flat_map(|list| &list.choices)
                .map(|choice| (choice.code.clone(), choice.level.to_bits()))
                .collect()
        };
        if codes(framework, now) != codes(earlier, question) {
            let what = format!("the choices or levels of \"{id}\" are not those of \"{was}\"");
            let advice = "name the change as [[waves.change]], so that comparisons say it";
            found.advice.push(finding(SURVEY, line, what, advice));
        }
    }
    let is_gone = |id: &Id| framework.indicator(id).is_none() && !retired.contains_key(id);
    for indicator in earlier.indicators.iter().filter(|indicator| is_gone(&indicator.id)) {
        if earlier.question(&indicator.id).is_none() {
            let what = format!("the indicator \"{}\" of \"{was}\" is gone", indicator.id);
            found.problems.push(finding(TOML, None, what, add));
        }
    }
    found.add(Advice::default());
    found
}

#[cfg(test)]
mod tests;
