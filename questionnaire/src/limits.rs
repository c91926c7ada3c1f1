//! What a framework asks of a workbook that Excel cannot give: names and texts that are too long or not
//! allowed, lists that are too long for a dropdown.

use std::collections::BTreeSet;

use maturity::framework::{Advice, Framework, FrameworkProblem, Kind, Question};
use maturity::language::Text;

use crate::layout::LISTS;
use crate::put::{CELL, MESSAGE, TITLE, sheet_name};
use crate::words;

/// The most entries of a dropdown list, and the most that people find their answer in.
const DROPDOWN: usize = 32_767;
const READABLE: usize = 50;

/// Looks for what would not fit into the questionnaire: what Excel refuses is a problem, what is cut or hard
/// to use is advice.
pub fn limits(framework: &Framework) -> Advice {
    let mut found = Advice::default();
    let finding =
        |file, line, what, advice: &str| FrameworkProblem { file, line, what, advice: advice.to_owned() };
    // The sheets of our own, in every language.
    let own = ["sheet-cover", "sheet-progress", "sheet-receipt"].into_iter().flat_map(words::all);
    let mut taken: BTreeSet<String> = own.chain([LISTS]).map(str::to_lowercase).collect();
    for subindex in &framework.subindexes {
        let name = subindex.id.as_str();
        if sheet_name(name) != name || !taken.insert(name.to_lowercase()) {
            let what = format!("\"{name}\" cannot be the name of a sheet");
            let advice = "give the subindex an id of its own of at most 31 characters without [ ] : * ? / \\";
            found.problems.push(finding("framework.toml", None, what, advice));
        }
    }
    for question in framework.asked_questions() {
        let line = framework.question_line(&question.id);
        let id = &question.id;
        if length(id.as_str()) > TITLE {
            let what = format!("the id \"{id}\" is cut to {TITLE} characters in the message beside its cell");
            found.advice.push(finding("survey.csv", line, what, "give a shorter id"));
        }
        let message = question.constraint.as_ref().map(|constraint| &constraint.message);
        let beside = Some(&question.hint).filter(|_| !matches!(question.kind, Kind::SelectMultiple(_)));
        for (text, column) in
            [(beside, "hint"), (message.filter(|_| is_number(question)), "constraint_message")]
        {
            let longest = text.map_or(0, longest);
            if longest > MESSAGE {
                let what = format!(
                    "the {column} of \"{id}\" has {longest} characters; Excel's message is cut after {MESSAGE}"
                );
                found.advice.push(finding("survey.csv", line, what, "shorten it"));
            }
        }
        if longest(&question.label) > CELL {
            let what = format!("the label of \"{id}\" is longer than a cell");
            found.problems.push(finding("survey.csv", line, what, "shorten it to at most 32,767 characters"));
        }
    }
    for (name, list) in &framework.choice_lists {
        let line = framework.list_line(name);
        let count = list.choices.len();
        if count > DROPDOWN {
            let what = format!("the list \"{name}\" has {count} choices, a dropdown takes {DROPDOWN}");
            found.problems.push(finding("choices.csv", line, what, "split the question"));
        } else if count > READABLE {
            let what = format!("the list \"{name}\" has {count} choices: hard to find one in a dropdown");
            found.advice.push(finding("choices.csv", line, what, "split the question, or group the choices"));
        }
        let longest = list.choices.iter().map(|choice| longest(&choice.label)).max().unwrap_or(0);
        if longest > MESSAGE {
            let what = format!("a choice of the list \"{name}\" has {longest} characters, more than 255");
            let advice = "shorten it: filters and formulas in Excel take texts of at most 255 characters";
            found.advice.push(finding("choices.csv", line, what, advice));
        }
    }
    found
}

fn is_number(question: &Question) -> bool {
    matches!(question.kind, Kind::Integer | Kind::Decimal)
}

/// Characters as Excel counts them: UTF-16 units.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn longest(text: &Text) -> usize {
    text.all().map(length).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use maturity::framework::FrameworkSources;

    use super::*;

    fn look(change: impl FnOnce(&mut FrameworkSources)) -> (String, String) {
        let mut sources = FrameworkSources {
            framework: include_str!("../../frameworks/gtmi-2022/framework.toml").to_owned(),
            indicators: include_str!("../../frameworks/gtmi-2022/indicators.csv").to_owned(),
            survey: include_str!("../../frameworks/gtmi-2022/survey.csv").to_owned(),
            choices: include_str!("../../frameworks/gtmi-2022/choices.csv").to_owned(),
        };
        change(&mut sources);
        let found = limits(&Framework::load(&sources).unwrap_or_else(|problems| panic!("{problems}")));
        let lines =
            |found: &[FrameworkProblem]| found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        (lines(&found.problems), lines(&found.advice))
    }

    #[test]
    fn the_bundled_framework_fits() {
        assert_eq!(look(|_| {}).0, "");
    }

    #[test]
    fn what_does_not_fit_is_told_with_the_limit() {
        let (problems, _) = look(|sources| {
            sources.framework = sources.framework.replace("\"PSDI\"", "\"P/SDI\"");
            sources.survey = sources.survey.replace(",PSDI,", ",P/SDI,");
        });
        assert!(
            problems.contains("\"P/SDI\" cannot be the name of a sheet (give the subindex"),
            "{problems}"
        );
        let (_, advice) = look(|sources| {
            let year = "Enter a year with four digits between 1600 and 2030.";
            sources.survey = sources.survey.replacen(year, &"long ".repeat(60), 1);
        });
        assert!(advice.contains("characters; Excel's message is cut after 255 (shorten it)"), "{advice}");
        let (_, advice) = look(|sources| {
            for code in 100..160 {
                // Writing to a String cannot fail.
                let _ = writeln!(sources.choices, "cloud_type,{code},Kind {code},Type {code},Tipo {code},1");
            }
        });
        assert!(advice.contains("the list \"cloud_type\" has 64 choices: hard to find one"), "{advice}");
    }
}
