//! The hidden sheet of choices. Dropdowns refer to its ranges: a list inside a cell's validation is limited to
//! 255 characters and breaks at commas.

use std::collections::BTreeMap;

use maturity::framework::{Framework, Kind};
use maturity::language::Language;
use maturity::submission::{Collected, Confirmation};
use rust_xlsxwriter::{Formula, Workbook, XlsxError, utility};

use crate::layout::LISTS;
use crate::words::say;

/// The name of the built-in list of who collected the answers. No `XLSForm` list can have it: it holds a blank.
pub(crate) const COLLECTED: &str = "answers collected";

/// The name of the built-in list of confirmations.
pub(crate) const CONFIRMATIONS: &str = "previous answer";

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
    lists: BTreeMap<&'a str, Vec<&'a str>>,
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
        let labels = Confirmation::ALL.map(|confirmation| say(confirmation_key(confirmation), language));
        lists.insert(CONFIRMATIONS, labels.to_vec());
        Self { lists }
    }

    /// The range of the list of that name, for a dropdown.
    pub(crate) fn range(&self, name: &str) -> Option<Formula> {
        let column = self.lists.keys().position(|known| *known == name)?;
        let last = u32::try_from(self.lists.get(name)?.len()).ok()?;
        let column = utility::column_number_to_name(u16::try_from(column).ok()?);
        Some(Formula::new(format!("={LISTS}!${column}$2:${column}${}", last + 1)))
    }

    /// Writes the hidden sheet: a column a list, its name on top.
    pub(crate) fn write(&self, book: &mut Workbook) -> Result<(), XlsxError> {
        let sheet = book.add_worksheet();
        sheet.set_name(LISTS)?.set_very_hidden(true);
        for (column, (name, labels)) in (0_u16..).zip(&self.lists) {
            sheet.write_string(0, column, *name)?;
            for (row, label) in (1_u32..).zip(labels) {
                sheet.write_string(row, column, *label)?;
            }
        }
        sheet.protect();
        Ok(())
    }
}
