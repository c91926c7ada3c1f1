//! The hidden sheet of choices. Dropdowns refer to its ranges: a list inside a cell's validation is limited to
//! 255 characters and breaks at commas.

use std::collections::BTreeMap;

use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::language::Language;
use maturity::submission::{Collected, Confirmation};
use rust_xlsxwriter::{Workbook, XlsxError, utility};

use crate::layout::LISTS;
use crate::live::Mark;
use crate::palette::Palette;
use crate::put::{Sheet, Style};
use crate::words::say;

/// The name of the built-in list of who collected the answers. No `XLSForm` list can have it: it holds a blank.
pub(crate) const COLLECTED: &str = "answers collected";

/// The name of the built-in list of confirmations.
pub(crate) const CONFIRMATIONS: &str = "previous answer";

/// The name of the list of live marks, and of what they mean.
pub(crate) const MARKS: &str = "live marks";
pub(crate) const MEANINGS: &str = "live marks explained";
/// The name of the list of what to say where a constraint is broken: a formula cannot hold long texts.
const MESSAGES: &str = "what is expected";

/// The questions that have a constraint, in order.
fn constrained(framework: &Framework) -> impl Iterator<Item = &Question> {
    framework.asked_questions().filter(|question| question.constraint.is_some())
}

/// The key of a confirmation's label.
pub(crate) fn confirmation_key(confirmation: Confirmation) -> &'static str {
    match confirmation {
        Confirmation::Confirmed => "confirm-confirmed",
        Confirmation::Changed => "confirm-changed",
    }
}

/// The label of who collected the answers.
pub(crate) fn collected_label(collected: Collected, language: &Language) -> &'static str {
    let key = match collected {
        Collected::Survey => "collected-survey",
        Collected::Remote => "collected-remote",
    };
    say(key, language)
}

/// The dropdown lists by name, each with the labels in the order of the list.
#[derive(Debug)]
pub(crate) struct Lists<'a> {
    entries: BTreeMap<&'a str, Vec<&'a str>>,
    /// The name of the column that holds a list, e.g. `B`.
    columns: BTreeMap<&'a str, String>,
    /// The positions of the questions' constraint messages.
    messages: BTreeMap<&'a Id, usize>,
}

impl<'a> Lists<'a> {
    /// The lists that the dropdowns of the questionnaire need.
    pub(crate) fn of(framework: &'a Framework, language: &Language) -> Self {
        let mut lists = BTreeMap::new();
        for question in framework.asked_questions() {
            if let (Kind::SelectOne(name), Some(list)) = (&question.kind, framework.choices(question)) {
                let labels = || list.choices.iter().map(|choice| choice.label.get(language)).collect();
                lists.entry(name.as_str()).or_insert_with(labels);
            }
        }
        let labels = [Collected::Survey, Collected::Remote].map(|who| collected_label(who, language));
        lists.insert(COLLECTED, labels.to_vec());
        let symbols = Mark::ALL.map(Mark::symbol);
        lists.insert(MARKS, symbols.to_vec());
        lists.insert(MEANINGS, Mark::ALL.map(|mark| mark.words(language)).to_vec());
        let messages = constrained(framework).filter_map(|question| question.constraint.as_ref());
        lists.insert(MESSAGES, messages.map(|constraint| constraint.message.get(language)).collect());
        let labels = Confirmation::ALL.map(|confirmation| say(confirmation_key(confirmation), language));
        lists.insert(CONFIRMATIONS, labels.to_vec());
        let names = (0_u16..).zip(lists.keys());
        let columns =
            names.map(|(position, name)| (*name, utility::column_number_to_name(position))).collect();
        let messages = constrained(framework).enumerate();
        let messages = messages.map(|(position, question)| (&question.id, position)).collect();
        Self { entries: lists, columns, messages }
    }

    /// The range of the list of that name, as a formula writes it.
    pub(crate) fn reference(&self, name: &str) -> Option<String> {
        let (column, last) = (self.columns.get(name)?, self.entries.get(name)?.len() + 1);
        Some(format!("{LISTS}!${column}$2:${column}${last}"))
    }

    /// The cell of an entry of a list, counted from 0, as a formula writes it.
    pub(crate) fn cell(&self, name: &str, position: usize) -> Option<String> {
        self.entries.get(name)?.get(position)?;
        Some(format!("{LISTS}!${}${}", self.columns.get(name)?, position + 2))
    }

    /// The cell of a question's constraint message, as a formula writes it.
    pub(crate) fn message(&self, question: &Question) -> Option<String> {
        self.cell(MESSAGES, *self.messages.get(&question.id)?)
    }

    /// Writes the hidden sheet: a column a list, its name on top.
    pub(crate) fn write(&self, book: &mut Workbook) -> Result<(), XlsxError> {
        let (mut sheet, plain) = (Sheet::add(book, LISTS)?, Style::from(Palette::plain()));
        sheet.set_very_hidden(true);
        for (column, (name, labels)) in (0_u16..).zip(&self.entries) {
            sheet.text(0, column, name, &plain)?;
            for (row, label) in (1_u32..).zip(labels).filter(|(_, label)| !label.is_empty()) {
                sheet.text(row, column, label, &plain)?;
            }
        }
        sheet.protect();
        Ok(())
    }
}
