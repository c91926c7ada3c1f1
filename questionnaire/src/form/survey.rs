//! The sheet `survey`: who answers, then a group for each subindex and, in it, one for each indicator.

use maturity::finding::Severity;
use maturity::form::{ECONOMIES, LANGUAGES, field_name, name, note_name};
use maturity::framework::{Constraint, Framework, Kind, Question};
use maturity::id::Id;
use maturity::logic::{Expression, Function, Operator};
use maturity::submission::{Field, HeaderField};

use super::table::{Languages, Row, Table};
use super::{FormRequest, question_label};
use crate::words::{say, tell};

/// One address: enough to find slips; the pipeline checks it again.
const EMAIL: &str = r"regex(., '^[^@\s]+@[^@\s]+\.[^@\s]+$')";

const COLUMNS: [(&str, bool); 11] = [
    ("type", false),
    ("name", false),
    ("label", true),
    ("hint", true),
    ("required", false),
    ("required_message", true),
    ("relevant", false),
    ("constraint", false),
    ("constraint_message", true),
    ("calculation", false),
    ("appearance", false),
];

/// The whole survey.
pub(super) fn survey(request: &FormRequest<'_>, languages: &Languages) -> Table {
    let mut survey = Survey { framework: request.framework, languages, rows: Vec::new() };
    survey.identity();
    survey.respondent();
    for subindex in &request.framework.subindexes {
        survey.subindex(&subindex.id);
    }
    Table::new(&COLUMNS, languages, survey.rows)
}

struct Survey<'a> {
    framework: &'a Framework,
    languages: &'a Languages,
    rows: Vec<Row>,
}

fn row(kind: &str, name: impl Into<String>) -> Row {
    Row::default().with("type", kind).with("name", name)
}

impl Survey<'_> {
    /// Which form this is: what the pipeline checks first when an export arrives.
    fn identity(&mut self) {
        let framework = self.framework;
        let wave = framework.wave.to_string();
        for (field, value) in [
            (HeaderField::Framework, framework.id.as_str()),
            (HeaderField::Wave, wave.as_str()),
            (HeaderField::Version, framework.version.as_str()),
            (HeaderField::InstrumentHash, framework.instrument_hash.as_str()),
        ] {
            let value = Expression::Text(value.to_owned()).to_string();
            self.rows.push(row("calculate", field.as_str()).with("calculation", value));
        }
    }

    /// Who answers.
    fn respondent(&mut self) {
        let languages = self.languages;
        let label = |row: Row, key: &str| row.texts("label", languages, |tag| say(key, tag).to_owned());
        let hint = |row: Row, key: &str| row.texts("hint", languages, |tag| say(key, tag).to_owned());
        let begin = row("begin_group", "respondent").with("appearance", "field-list");
        self.rows.push(label(begin, "form-begin"));
        let economy = row(&format!("select_one {ECONOMIES}"), HeaderField::Economy.as_str())
            .with("required", "yes")
            .with("appearance", "autocomplete")
            .texts("required_message", languages, |tag| say("form-required", tag).to_owned());
        self.rows.push(label(economy, "form-economy"));
        let language = row(&format!("select_one {LANGUAGES}"), HeaderField::Language.as_str());
        self.rows.push(label(language, "form-language"));
        let person = row("text", HeaderField::ContactName.as_str());
        self.rows.push(hint(label(person, "form-contact-name"), "privacy"));
        let office = row("text", HeaderField::ContactOffice.as_str());
        self.rows.push(label(office, "form-contact-office"));
        let email = row("text", HeaderField::ContactEmail.as_str()).with("constraint", EMAIL).texts(
            "constraint_message",
            languages,
            |tag| say("form-email-wrong", tag).to_owned(),
        );
        self.rows.push(label(email, "form-contact-email"));
        self.rows.push(row("end_group", ""));
    }

    fn subindex(&mut self, id: &Id) {
        let framework = self.framework;
        let Some(subindex) = framework.subindex(id) else { return };
        let mut sections = Vec::new();
        for indicator in framework.indicators_of(id) {
            let questions: Vec<&Question> =
                framework.asked_questions().filter(|question| question.indicator == indicator.id).collect();
            if !questions.is_empty() {
                sections.push((indicator, questions));
            }
        }
        if sections.is_empty() {
            return;
        }
        let languages = self.languages;
        let begin = row("begin_group", format!("part_{}", name(id)));
        self.rows.push(begin.texts("label", languages, |tag| subindex.title.get(tag).to_owned()));
        for (indicator, questions) in sections {
            let begin = row("begin_group", format!("section_{}", name(&indicator.id)))
                .with("appearance", "field-list")
                .texts("label", languages, |tag| format!("{}. {}", indicator.id, indicator.title.get(tag)));
            self.rows.push(begin);
            for question in &questions {
                self.question(question);
            }
            if let Some(first) = questions.first() {
                let about = [("id", indicator.id.as_str())];
                let comment =
                    row("text", field_name(&first.id, Field::Comment)).with("appearance", "multiline");
                self.rows.push(comment.texts("label", languages, |tag| tell("form-comment", tag, &about)));
            }
            self.rows.push(row("end_group", ""));
        }
        self.rows.push(row("end_group", ""));
    }

    fn question(&mut self, question: &Question) {
        let languages = self.languages;
        let kind = match &question.kind {
            Kind::SelectOne(list) => format!("select_one {list}"),
            Kind::SelectMultiple(list) => format!("select_multiple {list}"),
            Kind::Integer => "integer".to_owned(),
            Kind::Decimal => "decimal".to_owned(),
            Kind::Text | Kind::External(_) => "text".to_owned(),
        };
        let relevant = question.relevant.as_ref().map(written).unwrap_or_default();
        let mut main = row(&kind, name(&question.id))
            .texts("label", languages, |tag| question_label(question, tag))
            .texts("hint", languages, |tag| question.hint.get(tag).to_owned())
            .with("relevant", relevant.clone());
        // A framework that only warns of an empty answer does not lock the form either.
        if question.required && self.framework.missing.required == Severity::Error {
            main = main
                .with("required", "yes")
                .texts("required_message", languages, |tag| say("form-required", tag).to_owned());
        }
        let mut note = None;
        if let Some(constraint) = &question.constraint {
            if constraint.severity == Severity::Error || constraint.expression.references().is_empty() {
                main = main.with("constraint", written(&constraint.expression)).texts(
                    "constraint_message",
                    languages,
                    |tag| constraint.message.get(tag).to_owned(),
                );
            } else {
                note = Some(self.note(question, constraint));
            }
        }
        self.rows.push(main);
        self.rows.extend(note);
        self.rows.extend(self.evidence(question));
    }

    /// A note that appears while a rule is broken.
    fn note(&self, question: &Question, constraint: &Constraint) -> Row {
        let this = Expression::Reference(question.id.clone());
        let answered = Expression::Binary(
            Operator::NotEqual,
            Box::new(this.clone()),
            Box::new(Expression::Text(String::new())),
        );
        let broken =
            Expression::Call(Function::Not, vec![with_reference(&constraint.expression, &question.id)]);
        let mut shown = both(answered, broken);
        if let Some(relevant) = &question.relevant {
            shown = both(relevant.clone(), shown);
        }
        row("note", note_name(&question.id)).with("relevant", written(&shown)).texts(
            "label",
            self.languages,
            |tag| {
                let values = [("id", question.id.as_str()), ("message", constraint.message.get(tag))];
                tell("form-note", tag, &values)
            },
        )
    }

    /// The field for the evidence of a question that needs it and has no question for it.
    fn evidence(&self, question: &Question) -> Option<Row> {
        let framework = self.framework;
        if !framework.needs_evidence(question) {
            return None;
        }
        let elsewhere = framework.evidence_question(&question.id).is_some_and(Question::is_asked);
        if elsewhere || question.evidence_for.is_some() {
            return None;
        }
        let needs = framework.choices(question)?.choices.iter().filter(|choice| choice.level > 0.0);
        let taken = needs.map(|choice| {
            let answer = Expression::Reference(question.id.clone());
            Expression::Call(Function::Selected, vec![answer, Expression::Text(choice.code.clone())])
        });
        let claimed =
            taken.reduce(|one, other| Expression::Binary(Operator::Or, Box::new(one), Box::new(other)))?;
        let id = [("id", question.id.as_str())];
        Some(
            row("text", field_name(&question.id, Field::Evidence))
                .texts("label", self.languages, |tag| tell("form-evidence", tag, &id))
                .texts("hint", self.languages, |tag| say("input-evidence", tag).to_owned())
                .with("relevant", written(&claimed)),
        )
    }
}

fn both(one: Expression, other: Expression) -> Expression {
    Expression::Binary(Operator::And, Box::new(one), Box::new(other))
}

/// The expression with `.` written as a reference to the question.
fn with_reference(expression: &Expression, id: &Id) -> Expression {
    rewrite(expression, &|leaf| match leaf {
        Expression::This => Expression::Reference(id.clone()),
        other => other.clone(),
    })
}

/// The expression as the form writes it: questions by their names in the form, and patterns with both ends fixed,
/// since web forms look for a match anywhere in the text.
pub(super) fn written(expression: &Expression) -> String {
    rewrite(expression, &|leaf| match leaf {
        Expression::Reference(id) => Expression::Reference(Id::from(name(id))),
        Expression::Regex(text, pattern) => {
            let anchored = Expression::Text(pattern.anchored());
            Expression::Call(Function::Regex, vec![text.as_ref().clone(), anchored])
        }
        other => other.clone(),
    })
    .to_string()
}

/// The expression with every part replaced, the inner ones first.
fn rewrite(expression: &Expression, replace: &dyn Fn(&Expression) -> Expression) -> Expression {
    let inner = |expression: &Expression| rewrite(expression, replace);
    let rebuilt = match expression {
        Expression::Negate(of) => Expression::Negate(Box::new(inner(of))),
        Expression::Binary(operator, left, right) => {
            Expression::Binary(*operator, Box::new(inner(left)), Box::new(inner(right)))
        }
        Expression::Call(function, arguments) => {
            Expression::Call(*function, arguments.iter().map(inner).collect())
        }
        Expression::Regex(text, pattern) => Expression::Regex(Box::new(inner(text)), pattern.clone()),
        leaf => leaf.clone(),
    };
    replace(&rebuilt)
}
