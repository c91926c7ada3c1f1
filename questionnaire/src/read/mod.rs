//! Finding answers in a workbook that came back: which layout it is, and the cell of each response.

mod answered;
mod behind;
mod beyond;
mod contests;
mod dataset;
mod dataset_columns;
mod dataset_wave;
mod endings;
mod form;
mod form_columns;
mod form_names;
mod form_order;
mod identity;
mod keys;
mod moments;
mod nothing;
mod options;
mod pointers;
mod question_ids;
mod room;
mod said;
mod stray;
mod summary;
mod table_columns;
mod tables;
mod unread;
mod unseen;

use std::cell::LazyCell;
use std::collections::HashSet;

use maturity::cell::{Book, CellValue, Place, Sheet};
use maturity::finding::{Finding, Problem, Refusal, Severity};
use maturity::framework::{Framework, Question};
use maturity::normalize::{matching_key, tidy};
use maturity::submission::{HeaderField, HeaderValue, Layout, Received, Response};

use identity::Identity;
use pointers::Pointers;
use question_ids::QuestionIds;
use said::Said;
use tables::Tables;

/// Recognises the workbooks of one framework. What is looked for is the same in all of them, and is worked out once.
#[derive(Debug)]
pub struct Recogniser<'a> {
    framework: &'a Framework,
    ids: QuestionIds<'a>,
    pointers: Pointers<'a>,
}

impl<'a> Recogniser<'a> {
    /// For the questionnaires of a framework.
    pub fn of(framework: &'a Framework) -> Self {
        Self { framework, ids: QuestionIds::of(framework), pointers: Pointers::of(framework) }
    }

    /// Decides by content alone which layout a workbook has and finds its responses: one submission in a
    /// questionnaire, one for each economy in the publisher's wide table, one for each row of an export of the online
    /// form.
    ///
    /// Answers on hidden sheets are left alone: nobody sees what they send there.
    pub fn recognise(&self, book: &Book) -> Result<Vec<Received>, Refusal> {
        self.recognise_from(book, false)
    }

    /// The same for what the platform of a form holds: a submission is one however little of it was answered.
    pub fn recognise_form(&self, book: &Book) -> Result<Vec<Received>, Refusal> {
        self.recognise_from(book, true)
    }

    fn recognise_from(&self, book: &Book, is_form: bool) -> Result<Vec<Received>, Refusal> {
        let mut found = self.layouts(book, is_form)?;
        if let Some(encoding) = &book.assumed_encoding {
            for received in &mut found {
                let place = Some(Place::sheet(&received.place.sheet));
                let problem = Problem::EncodingAssumed { encoding: encoding.clone() };
                received.findings.push(Finding::new(Severity::Info, problem).at(place));
            }
        }
        Ok(found)
    }

    fn layouts(&self, book: &Book, is_form: bool) -> Result<Vec<Received>, Refusal> {
        let Self { framework, ids, pointers } = self;
        let identity = identity::find(book);
        if let Some(identity) = &identity {
            same_framework(identity, framework)?;
        }
        let tables = tables::read(book, framework, ids, pointers);
        // Where nothing is asked, as in an index of external indices, the cover is all.
        let is_whole = !tables.responses.is_empty() || !framework.questions.iter().any(Question::is_asked);
        if identity.as_ref().is_some_and(|identity| identity.marked) && is_whole {
            return Ok(vec![self.questionnaire(book, identity, tables)?]);
        }
        let sheets: Vec<&Sheet> = book.sheets.iter().filter(|sheet| sheet.visible).collect();
        let mut forms = form::submissions(&sheets, framework, ids, is_form)?;
        if !forms.is_empty() {
            for header in forms.iter().flat_map(|received| &received.header) {
                framework_named(header, framework)?;
            }
            let (read, others) = apart(book, &forms);
            let mut beside = self.beside(&others, &forms)?;
            beside.extend(form::continued(&read, &others, framework, ids, is_form));
            forms.first_mut().into_iter().for_each(|first| first.findings.extend(beside.iter().cloned()));
            return Ok(forms);
        }
        let mut economies = dataset::submissions(&sheets, framework, ids)?;
        if !economies.is_empty() {
            let (read, mut others) = apart(book, &economies);
            let mut beside = dataset::continued(&read, &others, framework, ids);
            // Of those that are seen and were not read it is told already.
            others.retain(|sheet| !sheet.visible);
            dataset::keep_alike(&mut others, &read, ids);
            beside.extend(self.beside(&others, &economies)?);
            economies.first_mut().into_iter().for_each(|first| first.findings.extend(beside.iter().cloned()));
            return Ok(economies);
        }
        if known(&tables.responses, ids) >= ids.several() {
            return Ok(vec![self.questionnaire(book, identity, tables)?]);
        }
        Err(self.unknown(book, &sheets))
    }

    /// What is to be said of tables of submissions in sheets beside those that were read. A hidden sheet that says nothing
    /// else is a copy.
    fn beside(&self, sheets: &[&Sheet], read: &[Received]) -> Result<Vec<Finding>, Refusal> {
        let mut findings = Vec::new();
        let said: LazyCell<HashSet<_>, _> = LazyCell::new(|| said_by(read).collect());
        for sheet in sheets {
            let mut found = form::submissions(&[sheet], self.framework, &self.ids, false)?;
            if found.is_empty() {
                found = dataset::submissions(&[sheet], self.framework, &self.ids)?;
            }
            let is_copy = !sheet.visible && said_by(&found).all(|answer| said.contains(&answer));
            let count = found.len();
            if count > 0 && !is_copy {
                let place = Some(Place::sheet(&sheet.name));
                findings.push(Finding::new(Severity::Error, Problem::TableBeside { count }).at(place));
            }
        }
        Ok(findings)
    }

    /// Why nothing was recognised: headings of a table may be there all but some.
    fn unknown(&self, book: &Book, sheets: &[&Sheet]) -> Refusal {
        let missing = |sheet: &&Sheet| {
            let of_form = form::missing(sheet, self.framework, &self.ids);
            let (place, count, missing) = of_form.or_else(|| dataset::missing(sheet, &self.ids))?;
            let place = Some(Place::cell(&sheet.name, place));
            Some(Refusal { problem: Problem::HeadingsMissing { count, missing }, place })
        };
        sheets.iter().find_map(missing).unwrap_or_else(|| {
            // Where none can be seen, those are named that are hidden.
            let seen = |sheet: &&Sheet| sheets.is_empty() || sheet.visible;
            let sheets: Vec<&str> =
                book.sheets.iter().filter(seen).map(|sheet| sheet.name.as_str()).collect();
            Refusal::of_file(Problem::LayoutUnknown { sheets: sheets.join(", ") })
        })
    }

    fn questionnaire(
        &self,
        book: &Book,
        identity: Option<Identity>,
        tables: Tables<'_>,
    ) -> Result<Received, Refusal> {
        let Tables { responses, mut findings, without } = tables;
        findings.extend(self.beside(&without, &[])?);
        let first = responses.first().map_or("", |response| response.place.sheet.as_str());
        let (sheet, header) = match identity {
            Some(identity) => {
                findings.extend(identity.findings);
                (identity.sheet, identity.header)
            }
            None => (first.to_owned(), Vec::new()),
        };
        Ok(Received {
            layout: Layout::Questionnaire,
            place: Place::sheet(&sheet),
            header,
            responses,
            findings,
            contests: contests::contests(book),
        })
    }
}

/// The sheets of a workbook that submissions were read from, and the others.
fn apart<'b>(book: &'b Book, received: &[Received]) -> (Vec<&'b Sheet>, Vec<&'b Sheet>) {
    let read: HashSet<&str> = received.iter().map(|received| received.place.sheet.as_str()).collect();
    book.sheets.iter().partition(|sheet| sheet.visible && read.contains(sheet.name.as_str()))
}

/// Whose answers submissions hold, and what they say to which question.
fn said_by(received: &[Received]) -> impl Iterator<Item = (String, &str, Said)> {
    received.iter().flat_map(|received| {
        let economy = received.header(HeaderField::Economy).map(|value| matching_key(&value.value.display()));
        let given = received.responses.iter().filter(|response| !response.value.is_blank());
        let said = |response: &Response| Said::of(&response.value);
        given.map(move |response| {
            (economy.clone().unwrap_or_default(), response.question.as_str(), said(response))
        })
    })
}

fn known(responses: &[Response], ids: &QuestionIds) -> usize {
    responses.iter().filter(|response| ids.find(&response.question).is_some()).count()
}

/// Refuses the questionnaire of another framework: its questions may have the same numbers and other meanings.
fn same_framework(identity: &Identity, framework: &Framework) -> Result<(), Refusal> {
    identity.header.iter().try_for_each(|header| framework_named(header, framework))
}

fn framework_named(header: &HeaderValue, framework: &Framework) -> Result<(), Refusal> {
    if header.field != HeaderField::Framework || header.value.is_blank() {
        return Ok(());
    }
    let found = text(&header.value);
    if matching_key(&found) == matching_key(&framework.id) {
        return Ok(());
    }
    let problem = Problem::FrameworkOther { found, expected: framework.id.clone() };
    Err(Refusal { problem, place: Some(header.place.clone()) })
}

/// The content of a cell as a tidy text; empty if blank.
fn text(value: &CellValue) -> String {
    tidy(&value.display())
}
