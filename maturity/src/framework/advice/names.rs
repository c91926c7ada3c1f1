//! Names that are not what they seem: characters that nobody sees, what a spreadsheet made of a code, nothing at all.

use std::collections::BTreeMap;

use crate::framework::Framework;
use crate::framework::load::{CHOICES, INDICATORS, SURVEY, TOML, line_at};
use crate::id::Id;
use crate::normalize::tidy;

use super::{Advice, finding};

/// Looks at every id, and for questions that hold the evidence of the same one.
pub(super) fn look(framework: &Framework, toml: &str, found: &mut Advice) {
    for (file, line, name) in names(framework, toml) {
        if tidy(name) != name {
            let what = format!("the name \"{}\" holds characters that nobody sees", shown(name));
            found.problems.push(finding(file, line, what, "type it anew"));
        } else if is_mangled(name) {
            let what = format!("the name \"{name}\" looks like what a spreadsheet makes of another one");
            let advice = "if it was 1-1 or the like, write that, with its column formatted as text";
            found.advice.push(finding(file, line, what, advice));
        }
    }
    if framework.groups.iter().any(|group| group.id.trim().is_empty()) {
        let line = toml.find("[[maturity_group]]").map(|at| line_at(toml, at));
        let what = "a maturity group has an empty id".to_owned();
        found.problems.push(finding(TOML, line, what, "name it"));
    }
    let mut backed: BTreeMap<&Id, &Id> = BTreeMap::new();
    for question in &framework.questions {
        let Some(other) = &question.evidence_for else { continue };
        if let Some(first) = backed.insert(other, &question.id) {
            let what = format!("\"{first}\" and \"{}\" are both evidence for \"{other}\"", question.id);
            let line = framework.question_line(&question.id);
            found.problems.push(finding(SURVEY, line, what, "name it in evidence_for of one question"));
        }
    }
}

type Named<'a> = (&'static str, Option<u64>, &'a str);

fn names<'a>(framework: &'a Framework, toml: &str) -> Vec<Named<'a>> {
    let in_toml = |name: &'a str| -> Named<'a> {
        (TOML, toml.find(&format!("\"{name}\"")).map(|at| line_at(toml, at)), name)
    };
    let mut all = vec![in_toml(&framework.id), in_toml(framework.composite.id.as_str())];
    all.extend(framework.subindexes.iter().map(|subindex| in_toml(subindex.id.as_str())));
    all.extend(framework.groups.iter().map(|group| in_toml(&group.id)));
    all.extend(framework.external_indices.iter().map(|index| in_toml(&index.id)));
    for indicator in &framework.indicators {
        all.push((INDICATORS, framework.indicator_line(&indicator.id), indicator.id.as_str()));
    }
    for question in &framework.questions {
        all.push((SURVEY, framework.question_line(&question.id), question.id.as_str()));
    }
    for (name, list) in &framework.choice_lists {
        let line = framework.list_line(name);
        all.push((CHOICES, line, name));
        all.extend(list.choices.iter().map(|choice| (CHOICES, line, choice.code.as_str())));
    }
    all
}

/// The name with what nobody sees written out.
fn shown(name: &str) -> String {
    let visible = tidy(name);
    let hidden = |c: char| c != ' ' && !visible.contains(c);
    name.chars().map(|c| if hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

/// A date such as `01-Jan` and `Jan-01`, or a number such as `1.2E+10`.
fn is_mangled(name: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let is_day = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_month = |part: &str| MONTHS.contains(&part.to_ascii_lowercase().as_str());
    let is_date = name
        .split_once('-')
        .is_some_and(|(one, other)| (is_day(one) && is_month(other)) || (is_month(one) && is_day(other)));
    is_date || (name.contains("E+") && name.parse::<f64>().is_ok())
}
