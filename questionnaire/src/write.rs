//! The questionnaire that an economy receives: cover, a sheet for each subindex, the hidden lists.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::economy::Economy;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::language::Language;
use maturity::previous::PreviousAnswers;
use maturity::submission::{Collected, Field};
use rust_xlsxwriter::{Workbook, XlsxError};

use crate::blank::{Blank, Writer};
use crate::feedback::Return;
use crate::layout::Plan;
use crate::lists::Lists;
use crate::live::Live;
use crate::marks::Marks;
use crate::palette::Palette;
use crate::progress::Progress;
use crate::words::tell;
use crate::{cover, progress, put, receipt, sheets};

/// What the questionnaire is made from.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// What is asked.
    pub framework: &'a Framework,
    /// Who is asked.
    pub economy: &'a Economy,
    /// The language; texts that lack it appear in their default language.
    pub language: Language,
    /// The answers to fill in; may be empty. Answers to questions that are not asked are left out. A text in
    /// place of a choice or a number is shown as it stands.
    pub answers: &'a BTreeMap<Id, Answer>,
    /// What else to fill in; may be empty.
    pub entered: &'a Entered,
    /// Who collected the answers, if known.
    pub collected: Option<Collected>,
    /// The deadline as it should read, if there is one.
    pub deadline: Option<String>,
    /// The previous wave's answers, to be shown beside the questions and each to be confirmed or changed. What
    /// stands in the answer cells is `answers` alone: pass the previous answers there too to fill them in.
    pub previous: Option<&'a PreviousAnswers>,
}

/// What stands in the cells beside the answers: evidence, comments, confirmations and reasons, by question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entered(BTreeMap<Id, BTreeMap<Field, String>>);

impl Entered {
    /// Fills in a cell. A [`Confirmation`](maturity::submission::Confirmation) goes by its name; it is shown in
    /// the words of the dropdown.
    pub fn insert(&mut self, question: Id, field: Field, text: String) {
        self.0.entry(question).or_default().insert(field, text);
    }

    /// What stands in a cell; empty if nothing does.
    pub fn get(&self, question: &Id, field: Field) -> &str {
        self.0.get(question).and_then(|cells| cells.get(&field)).map_or("", String::as_str)
    }
}

/// A workbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The content does not fit into a workbook, for example a subindex id that cannot name a sheet.
    #[error("failed to build the workbook")]
    Workbook(#[from] XlsxError),
}

/// Writes the questionnaire; the same request always gives the same bytes. Who writes many of them does better with
/// a [`Writer`].
pub fn write(request: &Request) -> Result<Vec<u8>, WriteError> {
    Writer::new(request.framework).write(request)
}

/// Writes a questionnaire, or the return of one with its marks.
pub(crate) fn build(
    request: &Request<'_>,
    blank: &Blank<'_>,
    returned: Option<(&Return<'_>, &Marks<'_>)>,
) -> Result<Vec<u8>, WriteError> {
    let (plan, lists) = (&blank.plan, &blank.lists);
    let right_to_left = request.framework.is_right_to_left(&request.language);
    let live = Live::of(request, plan, lists, &blank.rules);
    let progress = Progress::of(plan, &live);
    let palette = Palette::new(right_to_left);
    let form = Form {
        request,
        plan,
        lists,
        live: &live,
        progress: &progress,
        palette: &palette,
        marks: returned.map(|(_, marks)| marks),
    };
    let mut book = Workbook::new();
    // Pixels: the height of a row and the width of a column in which nothing is set.
    book.set_default_format(&Palette::plain(), 17, 64)?;
    let title = form.title();
    book.set_properties(&put::properties(&title, request.framework.as_of)?);
    if let Some((returned, _)) = returned {
        receipt::write(&mut book, &form, returned)?;
    }
    cover::write(&mut book, &form)?;
    for sheet in &plan.sheets {
        sheets::write(&mut book, &form, sheet)?;
    }
    progress::write(&mut book, &form)?;
    lists.write(&mut book)?;
    Ok(put::save(&mut book)?)
}

/// Everything that the writers of the single sheets need.
#[derive(Debug)]
pub(crate) struct Form<'a> {
    /// What was asked for.
    pub(crate) request: &'a Request<'a>,
    /// Where everything goes.
    pub(crate) plan: &'a Plan<'a>,
    /// The dropdown lists.
    pub(crate) lists: &'a Lists<'a>,
    /// The live marks.
    pub(crate) live: &'a Live<'a>,
    /// How much is answered.
    pub(crate) progress: &'a Progress<'a>,
    /// The formats.
    pub(crate) palette: &'a Palette,
    /// The marks of a return.
    pub(crate) marks: Option<&'a Marks<'a>>,
}

impl Form<'_> {
    /// The language of the questionnaire.
    pub(crate) fn language(&self) -> &Language {
        &self.request.language
    }

    /// The title of the document, also printed in the footer of each page.
    pub(crate) fn title(&self) -> String {
        let title = self.request.framework.title.get(self.language());
        let economy = self.request.economy.name_in(self.language());
        tell("document-title", self.language(), &[("title", title), ("economy", economy)])
    }

    /// The answer to fill in for a question.
    pub(crate) fn answer(&self, question: &Id) -> Option<&Answer> {
        self.request.answers.get(question)
    }

    /// Whether the number that stands in the answer's cell is a date, which cannot be used as it is.
    pub(crate) fn is_date(&self, question: &Id) -> bool {
        self.marks.is_some_and(|marks| marks.is_date(question))
    }

    /// What stands in a cell beside the answer.
    pub(crate) fn entered(&self, question: &Id, field: Field) -> &str {
        self.request.entered.get(question, field)
    }

    /// The previous wave's answer to a question.
    pub(crate) fn previous(&self, question: &Id) -> Option<&Answer> {
        self.request.previous.and_then(|previous| previous.answers.get(question))
    }

    /// Whether the language is written from right to left.
    pub(crate) fn right_to_left(&self) -> bool {
        self.request.framework.is_right_to_left(self.language())
    }
}
