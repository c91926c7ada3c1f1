//! Findings in the words of the framework, in the reader's language.
//!
//! A finding is kept as it was found: the answers that it quotes bear the labels that the sender read. Whoever reads
//! it later may read another language than the sender, so what is the framework's own is looked up again.

use std::collections::HashMap;

use super::{ChoiceList, Framework, Kind, Question};
use crate::finding::{Finding, Problem, WORDING};
use crate::language::Language;
use crate::logic::{Expression, Operator};

/// What may stand between two answers.
const BETWEEN: [&str; 2] = ["; ", ", "];

impl Framework {
    /// A finding with the labels, conditions and messages of the framework in `language`, to be said in it. What
    /// somebody wrote stays as it is, and so does what the framework does not know.
    #[must_use]
    pub fn told(&self, finding: &Finding, language: &Language) -> Finding {
        let mut told = finding.clone();
        let Some(question) = finding.question.as_ref().and_then(|id| self.question(id)) else { return told };
        match &mut told.problem {
            Problem::ConstraintBroken { message, .. } => {
                if let Some(constraint) = &question.constraint {
                    constraint.message.get(language).clone_into(message);
                }
            }
            Problem::NotRelevant { condition, .. } => {
                let words = question.relevant.as_ref().and_then(|relevant| self.in_words(relevant, language));
                if let Some(words) = words {
                    *condition = words;
                }
            }
            _ => {}
        }
        if let Some(list) = self.choices(question) {
            relabel(&mut told.problem, list, language);
        }
        told
    }

    /// The question whose answer decides by a condition such as `${I-6} > 0`, and the labels of the choices that rule
    /// out what depends on it. Other conditions have no such plain words.
    pub fn ruled_out_by<'a>(
        &'a self,
        condition: &Expression,
        language: &Language,
    ) -> Option<(&'a Question, Vec<&'a str>)> {
        let Expression::Binary(Operator::Greater, left, right) = condition else { return None };
        let (Expression::Reference(id), Expression::Number(_)) = (left.as_ref(), right.as_ref()) else {
            return None;
        };
        // Several choices that are taken are no number: no such condition ever holds then.
        let question = self.question(id).filter(|question| matches!(question.kind, Kind::SelectOne(_)))?;
        let choices = &self.choices(question)?.choices;
        // A choice whose code is no number is above nothing, and rules it out, too.
        let labels: Vec<&str> = choices
            .iter()
            .filter(|choice| !condition.holds("", &HashMap::from([(id.clone(), choice.code.as_str())])))
            .map(|choice| choice.label.get(language))
            .collect();
        (!labels.is_empty()).then_some((question, labels))
    }

    fn in_words(&self, condition: &Expression, language: &Language) -> Option<String> {
        let (question, labels) = self.ruled_out_by(condition, language)?;
        let labels = labels.join(WORDING.get("or", language));
        Some(WORDING.fill("condition", language, &[("id", question.id.as_str()), ("label", &labels)]))
    }
}

impl ChoiceList {
    /// A choice as findings show it: `2 = Yes, in use`.
    pub fn shown(&self, code: &str, language: &Language) -> Option<String> {
        self.choice(code).map(|choice| format!("{code} = {}", choice.label.get(language)))
    }

    /// All choices beside each other, as many whole ones as a sentence has room for.
    pub fn listed(&self, language: &Language) -> String {
        // A sentence cuts quoted values at 300 characters, wherever that is.
        const MOST: usize = 290;
        let mut all = String::new();
        for choice in &self.choices {
            let option = format!("{} = {}", choice.code, choice.label.get(language));
            if !all.is_empty() {
                if all.chars().count() + option.chars().count() > MOST {
                    return all + ", …";
                }
                all += ", ";
            }
            all += &option;
        }
        all
    }

    /// The code of the choice that a text begins with, as findings show it in any language, and what follows.
    fn begins<'t>(&self, text: &'t str) -> Option<(&str, &'t str)> {
        let labels =
            self.choices.iter().flat_map(|choice| choice.label.all().map(move |label| (choice, label)));
        let found = labels.filter_map(|(choice, label)| {
            let rest = text.strip_prefix(choice.code.as_str())?.strip_prefix(" = ")?.strip_prefix(label)?;
            Some((choice.code.as_str(), rest))
        });
        // One label may begin like another: the longest is meant.
        found.min_by_key(|(_, rest)| rest.len())
    }

    /// A quoted answer, several, or one with a remark in brackets, in `language`; none if it is anything else.
    fn relabelled(&self, text: &str, language: &Language) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        loop {
            let (code, after) = self.begins(rest)?;
            out += &self.shown(code, language)?;
            if after.is_empty() || after.starts_with(" (") {
                return Some(out + after);
            }
            let separator = BETWEEN.into_iter().find(|separator| after.starts_with(separator))?;
            out += separator;
            rest = after.strip_prefix(separator)?;
        }
    }
}

/// Puts the labels of `language` into the fields of a problem that quote answers.
fn relabel(problem: &mut Problem, list: &ChoiceList, language: &Language) {
    let again = |text: &str| list.relabelled(text, language);
    let owned = |text: &mut String| {
        if let Some(told) = again(text) {
            *text = told;
        }
    };
    let boxed = |text: &mut Box<str>| {
        if let Some(told) = again(text) {
            *text = told.into();
        }
    };
    match problem {
        Problem::ChoiceUnknown { accepted, .. } => *accepted = list.listed(language),
        Problem::ConstraintBroken { found, .. }
        | Problem::NotRelevant { found, .. }
        | Problem::AnswerUnconfirmed { found, .. }
        | Problem::EvidenceMissing { found, .. } => owned(found),
        Problem::ConfirmationContradicted { found, previous, .. }
        | Problem::FallUnexplained { found, previous, .. } => {
            owned(found);
            owned(previous);
        }
        Problem::Overridden { found, to, .. } => {
            boxed(found);
            boxed(to);
        }
        Problem::OverrideStale { found, was, to, .. } => {
            boxed(found);
            boxed(was);
            boxed(to);
        }
        Problem::OverrideConflict { found, one, other } => {
            boxed(found);
            boxed(one);
            boxed(other);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::framework::Choice;
    use crate::id::Id;
    use crate::language::Text;

    fn list() -> ChoiceList {
        let choice = |code: &str, english: &str, french: &str| {
            let mut label = Text::new(english);
            label.insert(Language::new("fr"), french);
            Choice { code: code.to_owned(), label, level: 0.0 }
        };
        ChoiceList {
            choices: vec![
                choice("0", "No", "Non"),
                choice("1", "No, but planned", "Non, mais prévu"),
                choice("2", "Yes; in use", "Oui ; utilisé"),
            ],
        }
    }

    #[test]
    fn quoted_answers_are_told_in_the_language_of_the_reader() {
        let (list, french) = (list(), Language::new("fr"));
        for (text, expected) in [
            ("0 = No", Some("0 = Non")),
            ("0 = Non", Some("0 = Non")),
            ("1 = No, but planned", Some("1 = Non, mais prévu")),
            ("0 = No; 2 = Yes; in use", Some("0 = Non; 2 = Oui ; utilisé")),
            ("2 = Yes; in use (A. Person)", Some("2 = Oui ; utilisé (A. Person)")),
            ("0 = Nothing like it", None),
            ("Yes", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(list.relabelled(text, &french).as_deref(), expected, "{text}");
        }
        assert_eq!(
            list.relabelled("2 = Oui ; utilisé", &Language::new("xx")).as_deref(),
            Some("2 = Yes; in use")
        );
    }

    #[test]
    fn all_choices_that_rule_a_question_out_are_named_and_several_choices_have_no_words() {
        let mut framework = Framework::load(&super::super::tests::small()).unwrap();
        let mut choices = list();
        choices.choices.push(Choice { code: "x".to_owned(), label: Text::new("Not known"), level: 0.0 });
        framework.choice_lists.insert("yes_no".to_owned(), choices);
        let condition = Expression::parse("${Q-1} > 0").unwrap();
        let labels = |framework: &Framework| {
            let found = framework.ruled_out_by(&condition, &Language::english());
            found.map(|(_, labels)| labels.join(", "))
        };
        assert_eq!(labels(&framework).as_deref(), Some("No, Not known"));
        framework.questions[0].kind = Kind::SelectMultiple("yes_no".to_owned());
        assert_eq!(labels(&framework), None);
    }

    #[test]
    fn options_are_listed_whole() {
        let options = |count: usize| {
            let label = Text::new(&"é".repeat(90));
            let choices =
                (0..count).map(|code| Choice { code: code.to_string(), label: label.clone(), level: 0.0 });
            ChoiceList { choices: choices.collect() }.listed(&Language::english())
        };
        assert_eq!(options(4), options(3) + ", …");
        assert_eq!(options(2).matches(" = ").count(), 2);
    }

    #[test]
    fn findings_are_told_in_one_language_whatever_language_they_were_found_in() {
        let mut framework = Framework::load(&super::super::tests::small()).unwrap();
        framework.choice_lists.insert("yes_no".to_owned(), list());
        let (english, french) = (Language::english(), Language::new("fr"));
        let told = |question: &str, problem: Problem, language: &Language| {
            let finding = Finding::new(Severity::Warning, problem).about(&Id::from(question));
            framework.told(&finding, language).problem.sentence(language)
        };
        for found in ["0 = No", "0 = Non"] {
            let problem = Problem::EvidenceMissing { found: found.to_owned(), target: "Q-1".to_owned() };
            assert!(told("Q-1", problem.clone(), &french).starts_with("La réponse «\u{a0}0 = Non\u{a0}»"));
            assert!(told("Q-1", problem, &english).starts_with("The answer \"0 = No\""));
        }
        let unknown = Problem::ChoiceUnknown { found: "No?".to_owned(), accepted: "0 = No, …".to_owned() };
        let sentence = told("Q-1", unknown, &french);
        assert!(
            sentence.contains("«\u{a0}No?\u{a0}»") && sentence.contains("1 = Non, mais prévu, 2 = Oui"),
            "{sentence}"
        );
        let idle = Problem::NotRelevant { found: "1999".to_owned(), condition: "Q-1 > 0".to_owned() };
        assert!(told("Q-1.1", idle.clone(), &english).contains("applies only if Q-1 is not “No”. Clear"));
        assert!(told("Q-1.1", idle, &french).contains("si Q-1 n'est pas «\u{a0}Non\u{a0}». Effacez"));
        let broken = Problem::ConstraintBroken { found: "1800".to_owned(), message: "Antes".to_owned() };
        assert_eq!(told("Q-1.1", broken, &english), "The answer is \"1800\". Enter a year.");
    }
}
