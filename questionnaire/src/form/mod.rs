//! The instrument as an `XLSForm`, for `KoboToolbox`, ODK Central and every program that reads one.
//!
//! The form asks what the questionnaire asks, in all languages of the framework, with the same conditions. No
//! points, levels or weights are in it: pyxform would copy unknown columns of `choices` into the form.
//!
//! - Names are those of [`maturity::form`]; the subindexes are groups, the indicators groups inside them.
//! - A rule about the answer itself, or one whose severity is `error`, is the `constraint`: the form does not take
//!   the answer. A softer rule that involves other answers is a note that appears while the rule is broken: forms
//!   know no warnings, and a framework that only warns must not lock answers out.
//! - A scored question without a question for its evidence gets a field `ID_evidence`, shown as soon as the answer
//!   is one that needs evidence; each indicator ends with a field for remarks, `ID_comment` of its first question.
//! - Hidden fields say which framework, version and instrument the form was made from.

mod choices;
mod settings;
mod survey;
mod table;

use maturity::economy::Economy;
use maturity::framework::Framework;
use maturity::language::Language;
use rust_xlsxwriter::Workbook;

use crate::put;
use crate::write::WriteError;
use table::Languages;

/// What a form is made from.
#[derive(Debug, Clone)]
pub struct FormRequest<'a> {
    /// What is asked.
    pub framework: &'a Framework,
    /// The economies to choose from, in the order of the list.
    pub economies: &'a [&'a Economy],
    /// The language in which the form opens; the others can be chosen in it.
    pub language: Language,
}

/// Writes the form as a workbook with the sheets `survey`, `choices` and `settings`; the same request always gives
/// the same bytes.
pub fn write_form(request: &FormRequest<'_>) -> Result<Vec<u8>, WriteError> {
    let framework = request.framework;
    let languages = Languages::of(framework);
    let mut book = Workbook::new();
    book.set_properties(&put::properties(framework.title.get(&request.language), framework.as_of)?);
    survey::survey(request, &languages).write(&mut book, "survey")?;
    choices::choices(request, &languages).write(&mut book, "choices")?;
    settings::settings(request, &languages).write(&mut book, "settings")?;
    Ok(put::save(&mut book)?)
}

/// The label of a question in the form, as exports repeat it: its id, so that hints can speak of it, and its wording.
pub(crate) fn question_label(question: &maturity::framework::Question, language: &Language) -> String {
    format!("{} {}", question.id, question.label.get(language))
}
