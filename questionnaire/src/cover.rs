//! The cover: who is asked, who answers, how to fill the questionnaire in, what happens next.
//!
//! Beside each value stands its key, in a hidden column: the reader takes the value to the right of the key, so
//! nothing else may stand to the right of a value.

use maturity::cell::Address;
use maturity::submission::{Collected, HeaderField};
use rust_xlsxwriter::{DataValidation, Workbook, XlsxError};

use crate::layout::{MARKER, SheetPlan};
use crate::lists::{COLLECTED, collected_label};
use crate::measure::{self, Type};
use crate::palette::{SMALL, TEXT};
use crate::put::{self, Given, Sheet, Style};
use crate::words::{say, tell};
use crate::write::Form;
use crate::{page, progress};

const MARGIN: u16 = 0;
const LABEL: u16 = 1;
const KEY: u16 = 2;
const VALUE: u16 = 3;
/// Beside the values stand the counts of progress; paragraphs run across both.
const COUNTS: u16 = 4;
const LAST: u16 = COUNTS + 3;
const EDGE: u16 = LAST + 1;

const LABEL_WIDTH: f64 = 27.0;
const VALUE_WIDTH: f64 = 44.0;
const COUNT_WIDTH: f64 = 10.5;
const PARAGRAPH_WIDTH: f64 = VALUE_WIDTH + 4.0 * COUNT_WIDTH;

/// Writes the cover sheet.
pub(crate) fn write(book: &mut Workbook, form: &Form) -> Result<(), XlsxError> {
    let sheet = &mut Sheet::add(book, say("sheet-cover", form.language()))?;
    for (column, width) in
        [(MARGIN, 2.5), (LABEL, LABEL_WIDTH), (KEY, 14.0), (VALUE, VALUE_WIDTH), (EDGE, 2.5)]
    {
        sheet.set_column_width(column, width)?;
    }
    for column in COUNTS..=LAST {
        sheet.set_column_width(column, COUNT_WIDTH)?;
    }
    sheet.set_column_hidden(KEY)?;
    let mut cover = Cover { sheet, form, row: 0, first_input: None };
    cover.title()?;
    cover.submission()?;
    cover.contact()?;
    cover.sheets()?;
    cover.guidance()?;
    cover.next_steps()?;
    cover.identity()?;
    let (last_row, first_input) = (cover.row, cover.first_input);
    page::print(sheet, &form.title(), last_row, EDGE)?;
    // The cover is one page: a title page that runs over would look like a mistake.
    sheet.set_portrait().set_print_fit_to_pages(1, 1);
    if let Some(row) = first_input {
        sheet.set_selection(row, VALUE, row, VALUE)?;
    }
    page::protect(sheet);
    page::direct(sheet, form);
    Ok(())
}

struct Cover<'a, 'b> {
    sheet: &'a mut Sheet<'b>,
    form: &'a Form<'a>,
    row: u32,
    first_input: Option<u32>,
}

impl<'a> Cover<'a, '_> {
    fn say(&self, key: &'a str) -> &'a str {
        say(key, self.form.language())
    }

    fn text(&mut self, column: u16, text: &str, style: &Style) -> Result<(), XlsxError> {
        self.sheet.text(self.row, column, text, style)
    }

    /// Goes to the next row; the present one gets this height in points.
    fn end_row(&mut self, height: f64) -> Result<(), XlsxError> {
        self.sheet.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }

    fn title(&mut self) -> Result<(), XlsxError> {
        let (request, palette) = (self.form.request, self.form.palette);
        let language = self.form.language();
        let wave = request.framework.wave.to_string();
        let subtitle = tell("subtitle", language, &[("wave", &wave)]);
        let lines = [
            ("", &palette.band, 10.0),
            (subtitle.as_str(), &palette.subtitle, 18.0),
            (request.framework.title.get(language), &palette.title, 34.0),
            (request.economy.name_in(language), &palette.name, 26.0),
            ("", &palette.band, 10.0),
        ];
        for (at, (text, format, height)) in lines.into_iter().enumerate() {
            self.sheet.fill(self.row, MARGIN, EDGE, &palette.band)?;
            if at == 0 {
                // The marker's row holds no other text: a title would be cut at it, hidden as it is.
                self.text(KEY, MARKER, &palette.band)?;
            } else {
                self.text(LABEL, text, format)?;
            }
            self.end_row(height)?;
        }
        Ok(())
    }

    fn part(&mut self, key: &'a str) -> Result<(), XlsxError> {
        self.end_row(9.0)?;
        self.sheet.fill(self.row, LABEL, LAST, &self.form.palette.part)?;
        self.text(LABEL, self.say(key), &self.form.palette.part)?;
        self.end_row(20.0)
    }

    /// A text that runs across the values and the counts.
    fn across(&mut self, text: &str, style: &Style) -> Result<(), XlsxError> {
        self.sheet.join(self.row, (VALUE, LAST), style)?;
        self.text(VALUE, text, style)
    }

    /// A value that is given, with its key.
    fn field(&mut self, field: HeaderField, value: &str, style: &Style) -> Result<(), XlsxError> {
        self.keyed(field)?;
        self.across(value, style)?;
        self.end_row(17.0)
    }

    fn keyed(&mut self, field: HeaderField) -> Result<(), XlsxError> {
        self.text(LABEL, self.say(label_key(field)), &self.form.palette.label)?;
        self.text(KEY, field.as_str(), &self.form.palette.key)
    }

    /// A value that is asked for, with its key; `longest` is the longest text that is expected there.
    fn input(
        &mut self,
        field: HeaderField,
        value: &str,
        longest: &str,
        validation: DataValidation,
    ) -> Result<(), XlsxError> {
        self.keyed(field)?;
        self.text(VALUE, value, &self.form.palette.input_text)?;
        let beside = Given { title: self.say(label_key(field)), text: self.say(input_key(field)) };
        let validation = beside.beside(validation)?;
        self.sheet.add_data_validation(self.row, VALUE, self.row, VALUE, &validation)?;
        self.first_input.get_or_insert(self.row);
        self.end_row(beside_counts(longest))
    }

    fn submission(&mut self) -> Result<(), XlsxError> {
        let (request, palette) = (self.form.request, self.form.palette);
        self.part("heading-submission")?;
        self.field(HeaderField::Economy, request.economy.code.as_str(), &palette.value)?;
        self.keyed(HeaderField::Wave)?;
        self.sheet.number(self.row, VALUE, f64::from(request.framework.wave.0), &palette.value)?;
        self.end_row(17.0)?;
        if let Some(deadline) = &request.deadline {
            self.text(LABEL, self.say("field-deadline"), &palette.label)?;
            self.across(deadline, &palette.value)?;
            // A time zone or a second calendar may make it long.
            self.end_row(measure::row(measure::height(deadline, Type::bold(TEXT), PARAGRAPH_WIDTH - 2.0)))?;
        }
        Ok(())
    }

    fn contact(&mut self) -> Result<(), XlsxError> {
        self.part("heading-contact")?;
        let language = self.form.language();
        let collected = self.form.request.collected.map_or("", |who| collected_label(who, language));
        let dropdown = match self.form.lists.reference(COLLECTED) {
            Some(range) => put::choice(DataValidation::new(), &range),
            None => DataValidation::new().allow_any_value(),
        };
        let labels = [Collected::Survey, Collected::Remote].map(|who| collected_label(who, language));
        let longest = labels.into_iter().max_by_key(|label| label.chars().count()).unwrap_or_default();
        self.input(HeaderField::Collected, collected, longest, dropdown)?;
        for field in [HeaderField::ContactName, HeaderField::ContactOffice, HeaderField::ContactEmail] {
            self.input(field, "", "", DataValidation::new().allow_any_value())?;
        }
        let privacy = self.say("privacy");
        self.across(privacy, &self.form.palette.fine)?;
        self.end_row(measure::row(measure::height(privacy, Type::regular(SMALL), PARAGRAPH_WIDTH - 2.0)))
    }

    fn guidance(&mut self) -> Result<(), XlsxError> {
        self.part("heading-how")?;
        for (label, text) in [
            ("how-1-label", "how-1"),
            ("how-2-label", "how-2"),
            ("how-3-label", "how-3"),
            ("how-4-label", "how-4"),
            ("how-6-label", "how-6"),
            ("how-5-label", "how-5"),
        ] {
            self.paragraph(self.say(label), self.say(text))?;
        }
        let language = self.form.language();
        if let Some(previous) = self.form.request.previous {
            let wave = previous.wave.to_string();
            let told = |key| tell(key, language, &[("wave", &wave)]);
            self.paragraph(&told("how-previous-label"), &told("how-previous"))?;
        }
        let titles =
            self.form.request.framework.external_indices.iter().map(|index| index.title.get(language));
        let indices = titles.collect::<Vec<_>>().join(", ");
        if indices.is_empty() {
            return Ok(());
        }
        self.paragraph(
            self.say("how-external-label"),
            &tell("how-external", language, &[("indices", &indices)]),
        )
    }

    fn next_steps(&mut self) -> Result<(), XlsxError> {
        self.part("heading-next")?;
        for (label, text) in [
            ("next-1-label", "next-1"),
            ("next-2-label", "next-2"),
            ("next-3-label", "next-3"),
            ("next-4-label", "next-4"),
        ] {
            self.paragraph(self.say(label), self.say(text))?;
        }
        Ok(())
    }

    fn paragraph(&mut self, label: &str, text: &str) -> Result<(), XlsxError> {
        self.text(LABEL, label, &self.form.palette.label)?;
        self.across(text, &self.form.palette.guidance)?;
        self.end_row(measure::row(measure::height(text, Type::regular(TEXT), PARAGRAPH_WIDTH - 2.0)))
    }

    /// The sheets with their progress.
    fn sheets(&mut self) -> Result<(), XlsxError> {
        self.end_row(9.0)?;
        let (form, palette) = (self.form, self.form.palette);
        self.sheet.fill(self.row, LABEL, LAST, &palette.part)?;
        self.text(LABEL, self.say("heading-sheets"), &palette.part)?;
        for (column, key) in
            (COUNTS..).zip(["progress-asked", "progress-answered", "progress-missing", "progress-share"])
        {
            self.text(column, self.say(key), &palette.part_count)?;
        }
        self.end_row(30.0)?;
        let first = self.row;
        for plan in &form.plan.sheets {
            let name = plan.subindex.id.as_str();
            self.row_of_counts(name, name, plan.subindex.title.get(form.language()), Some(plan))?;
        }
        let progress = self.say("sheet-progress");
        self.row_of_counts(progress, progress, self.say("progress-total"), None)?;
        progress::bars(self.sheet, first, self.row.saturating_sub(1), LAST)
    }

    fn row_of_counts(
        &mut self,
        sheet: &str,
        label: &str,
        title: &str,
        counted: Option<&SheetPlan>,
    ) -> Result<(), XlsxError> {
        let palette = self.form.palette;
        self.sheet.link(self.row, LABEL, (sheet, Address::new(0, 0)), label, &palette.link)?;
        self.text(VALUE, title, if counted.is_some() { &palette.guidance } else { &palette.value })?;
        progress::repeat(self.sheet, self.form, counted, self.row, COUNTS)?;
        self.end_row(beside_counts(title))
    }

    fn identity(&mut self) -> Result<(), XlsxError> {
        let (framework, palette) = (self.form.request.framework, self.form.palette);
        self.part("heading-identity")?;
        self.field(HeaderField::Framework, &framework.id, &palette.fine)?;
        self.field(HeaderField::Version, &framework.version, &palette.fine)?;
        self.field(HeaderField::InstrumentHash, &framework.instrument_hash, &palette.fine)?;
        self.field(HeaderField::Language, self.form.language().tag(), &palette.fine)
    }
}

/// The height in points of a row with a text in the column of values.
fn beside_counts(text: &str) -> f64 {
    measure::row(measure::height(text, Type::regular(TEXT), VALUE_WIDTH - 2.0)).max(18.0)
}

fn label_key(field: HeaderField) -> &'static str {
    match field {
        // Only what stands on a cover is labelled.
        HeaderField::Economy | HeaderField::OtherEconomy | HeaderField::Instance => "field-economy",
        HeaderField::Wave => "field-wave",
        HeaderField::Framework => "field-framework",
        HeaderField::Version => "field-version",
        HeaderField::InstrumentHash => "field-instrument-hash",
        HeaderField::Language => "field-language",
        HeaderField::Collected => "field-collected",
        HeaderField::ContactName => "field-contact-name",
        HeaderField::ContactOffice => "field-contact-office",
        HeaderField::ContactEmail => "field-contact-email",
    }
}

/// The key of the input message; fields that are given have none.
fn input_key(field: HeaderField) -> &'static str {
    match field {
        HeaderField::ContactName => "input-contact-name",
        HeaderField::ContactOffice => "input-contact-office",
        HeaderField::ContactEmail => "input-contact-email",
        _ => "input-collected",
    }
}
