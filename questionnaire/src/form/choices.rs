//! The sheet `choices`: names and labels, and nothing else.

use maturity::form::{ECONOMIES, LANGUAGES};
use maturity::framework::Kind;

use super::FormRequest;
use super::table::{Languages, Row, Table};

/// The lists of all questions that are asked, the languages and the economies.
pub(super) fn choices(request: &FormRequest<'_>, languages: &Languages) -> Table {
    let framework = request.framework;
    let mut rows = Vec::new();
    let row = |list: &str, name: &str| Row::default().with("list_name", list).with("name", name);
    for economy in request.economies {
        let label = |language: &_| economy.name_in(language).to_owned();
        rows.push(row(ECONOMIES, economy.code.as_str()).texts("label", languages, label));
    }
    for (language, name) in &framework.languages {
        rows.push(row(LANGUAGES, language.tag()).texts("label", languages, |_| name.clone()));
    }
    for (name, list) in &framework.choice_lists {
        let is_asked = framework.asked_questions().any(|question| match &question.kind {
            Kind::SelectOne(used) | Kind::SelectMultiple(used) => used == name,
            _ => false,
        });
        if !is_asked {
            continue;
        }
        for choice in &list.choices {
            let label = |language: &_| choice.label.get(language).to_owned();
            rows.push(row(name, &choice.code).texts("label", languages, label));
        }
    }
    Table::new(&[("list_name", false), ("name", false), ("label", true)], languages, rows)
}
