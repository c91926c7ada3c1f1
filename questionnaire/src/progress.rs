//! The sheet of progress: what applies, what is answered and what is missing, section by section. Formulas count
//! the live marks; the same counts stand there as values.

use maturity::cell::Address;
use maturity::framework::Indicator;
use rust_xlsxwriter::{ConditionalFormatDataBar, ConditionalFormatDataBarDirection, ConditionalFormatType};
use rust_xlsxwriter::{Workbook, XlsxError};

use crate::layout::{Column, Plan, SectionPlan, SheetPlan};
use crate::live::{Live, Mark, quoted};
use crate::page;
use crate::palette::INK_BAR;
use crate::put::{Computed, Sheet};
use crate::words::say;
use crate::write::Form;

/// The row of the title, of the explanation and of the headings; what is counted follows.
const HEADING_ROW: u32 = 2;
const FIRST_ROW: u32 = 3;

/// The columns: what is counted, then the counts.
const TITLE: u16 = 0;
const ASKED: u16 = 1;
const ANSWERED: u16 = 2;
const MISSING: u16 = 3;
const TO_CHECK: u16 = 4;
const SHARE: u16 = 5;

/// What stands for the share of nothing.
const NO_SHARE: &str = "–";

/// How far a section, a sheet or the whole questionnaire is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Questions that apply.
    asked: u32,
    /// Of these, how many are answered.
    answered: u32,
    /// Required ones without an answer.
    missing: u32,
    /// Answers that need attention.
    to_check: u32,
}

impl Counts {
    fn of(marks: impl Iterator<Item = Mark>) -> Self {
        let mut counts = Self::default();
        for mark in marks {
            let applies = !matches!(mark, Mark::NotRelevant | Mark::Clear);
            let open = matches!(mark, Mark::Missing | Mark::Open);
            counts.asked += u32::from(applies);
            counts.answered += u32::from(applies && !open);
            counts.missing += u32::from(mark == Mark::Missing);
            counts.to_check += u32::from(Mark::TO_CHECK.contains(&mark));
        }
        counts
    }

    fn and(self, other: Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            answered: self.answered + other.answered,
            missing: self.missing + other.missing,
            to_check: self.to_check + other.to_check,
        }
    }

    /// Answered of asked; absent where nothing is asked.
    fn share(self) -> Option<f64> {
        (self.asked > 0).then(|| f64::from(self.answered) / f64::from(self.asked))
    }
}

/// What a row counts.
#[derive(Debug)]
enum Row<'a> {
    Sheet(&'a SheetPlan<'a>, Counts),
    Section(&'a SheetPlan<'a>, SectionPlan<'a>, Counts),
}

/// The progress of a questionnaire: a row a sheet, followed by one for each of its sections.
#[derive(Debug)]
pub(crate) struct Progress<'a> {
    rows: Vec<Row<'a>>,
    total: Counts,
}

impl<'a> Progress<'a> {
    /// Counts the marks.
    pub(crate) fn of(plan: &'a Plan<'a>, live: &Live<'_>) -> Self {
        let mut rows = Vec::new();
        let mut total = Counts::default();
        for sheet in &plan.sheets {
            let mut sum = Counts::default();
            let mut sections = Vec::new();
            for section in sheet.sections() {
                let asked = sheet.questions().filter(|(row, _)| section.holds(*row));
                let counts = Counts::of(
                    asked.filter_map(|(_, asked)| live.status(&asked.id)).map(|status| status.mark),
                );
                sum = sum.and(counts);
                sections.push(Row::Section(sheet, section, counts));
            }
            total = total.and(sum);
            rows.push(Row::Sheet(sheet, sum));
            rows.append(&mut sections);
        }
        Self { rows, total }
    }

    /// The rows with their zero-based numbers in the sheet.
    fn rows(&self) -> impl Iterator<Item = (u32, &Row<'a>)> {
        (FIRST_ROW..).zip(&self.rows)
    }

    /// The row below all others, which sums up.
    fn total_row(&self) -> u32 {
        self.rows().last().map_or(FIRST_ROW, |(row, _)| row + 1)
    }

    fn find(&self, wanted: impl Fn(&Row<'a>) -> bool) -> Option<(u32, Counts)> {
        let (row, found) = self.rows().find(|(_, row)| wanted(row))?;
        let (Row::Sheet(_, counts) | Row::Section(_, _, counts)) = found;
        Some((row, *counts))
    }
}

/// Writes a row of counts that stands elsewhere and follows the sheet of progress: asked, answered, missing, share
/// from `column` on. `sheet` names the sheet that is counted; none for all.
pub(crate) fn repeat(
    into: &mut Sheet<'_>,
    form: &Form,
    sheet: Option<&SheetPlan>,
    row: u32,
    column: u16,
) -> Result<(), XlsxError> {
    let progress = form.progress;
    let found = match sheet {
        Some(sheet) => {
            let is_it = |row: &Row<'_>| matches!(row, Row::Sheet(counted, _) if counted.subindex.id == sheet.subindex.id);
            progress.find(is_it)
        }
        None => Some((progress.total_row(), progress.total)),
    };
    let Some((from, counts)) = found else { return Ok(()) };
    let name = quoted(say("sheet-progress", form.language()));
    let bold = sheet.is_none();
    let palette = form.palette;
    let number = if bold { &palette.count_total } else { &palette.count };
    for (at, (source, value)) in
        (column..).zip([(ASKED, counts.asked), (ANSWERED, counts.answered), (MISSING, counts.missing)])
    {
        let formula = Computed::new(&format!("{name}!{}", Address::new(from, source.into())));
        into.computed(row, at, &formula, &value.to_string(), number)?;
    }
    let formula = Computed::new(&format!("{name}!{}", Address::new(from, SHARE.into())));
    let format = if bold { &palette.share_total } else { &palette.share };
    into.computed(row, column + 3, &formula, &shown(counts), format)
}

/// Shows shares in a column of cells as bars.
pub(crate) fn bars(sheet: &mut Sheet<'_>, first: u32, last: u32, column: u16) -> Result<(), XlsxError> {
    let bar = ConditionalFormatDataBar::new()
        .set_fill_color(INK_BAR)
        .set_solid_fill(true)
        .set_direction(ConditionalFormatDataBarDirection::Context)
        .set_minimum(ConditionalFormatType::Number, 0)
        .set_maximum(ConditionalFormatType::Number, 1);
    sheet.add_conditional_format(first, column, last, column, &bar)?;
    Ok(())
}

/// The short progress in a section's title: answered of asked.
pub(crate) fn in_section(
    into: &mut Sheet<'_>,
    form: &Form,
    indicator: &Indicator,
    row: u32,
    column: u16,
) -> Result<(), XlsxError> {
    let is_it =
        |row: &Row<'_>| matches!(row, Row::Section(_, section, _) if section.indicator.id == indicator.id);
    let Some((from, counts)) = form.progress.find(is_it) else { return Ok(()) };
    let name = quoted(say("sheet-progress", form.language()));
    let cell = |column: u16| format!("{name}!{}", Address::new(from, column.into()));
    let formula = Computed::new(&format!("{}&\" / \"&{}", cell(ANSWERED), cell(ASKED)));
    let result = format!("{} / {}", counts.answered, counts.asked);
    into.computed(row, column, &formula, &result, &form.palette.section_count)
}

fn shown(counts: Counts) -> String {
    counts.share().map_or_else(|| NO_SHARE.to_owned(), |share| share.to_string())
}

/// Writes the sheet.
pub(crate) fn write(book: &mut Workbook, form: &Form) -> Result<(), XlsxError> {
    let language = form.language();
    let sheet = &mut Sheet::add(book, say("sheet-progress", language))?;
    let palette = form.palette;
    for (column, width) in [(TITLE, 66.0), (ASKED, 11.0), (ANSWERED, 11.0), (MISSING, 11.0), (TO_CHECK, 11.0)]
    {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_column_width(SHARE, 22)?;
    sheet.fill(0, TITLE, SHARE, &palette.band)?;
    sheet.text(0, TITLE, say("progress-title", language), &palette.sheet_title)?;
    sheet.set_row_height(0, 28)?;
    sheet.text(1, TITLE, say("progress-legend", language), &palette.legend)?;
    let cover = (say("sheet-cover", language), Address::new(0, 0));
    sheet.link(1, SHARE, cover, say("to-cover", language), &palette.back)?;
    for (column, key) in [
        (TITLE, "progress-section"),
        (ASKED, "progress-asked"),
        (ANSWERED, "progress-answered"),
        (MISSING, "progress-missing"),
        (TO_CHECK, "progress-check"),
        (SHARE, "progress-share"),
    ] {
        let format = if column == TITLE { &palette.input_heading } else { &palette.count_heading };
        sheet.text(HEADING_ROW, column, say(key, language), format)?;
    }
    sheet.set_row_height(HEADING_ROW, 30)?;
    for (row, content) in form.progress.rows() {
        match content {
            Row::Sheet(counted, counts) => sheet_row(sheet, form, counted, *counts, row)?,
            Row::Section(counted, section, counts) => {
                section_row(sheet, form, counted, section, *counts, row)?;
            }
        }
    }
    let last = form.progress.total_row();
    total(sheet, form, last)?;
    bars(sheet, FIRST_ROW, last, SHARE)?;
    page::print(sheet, &form.title(), last, SHARE)?;
    sheet.set_portrait().set_print_fit_to_pages(1, 1).set_freeze_panes(FIRST_ROW, 0)?;
    page::protect(sheet);
    page::direct(sheet, form);
    Ok(())
}

/// The counts of a row: the formulas of asked, answered, missing and to check.
fn counts(
    sheet: &mut Sheet<'_>,
    form: &Form,
    row: u32,
    counts: Counts,
    formulas: [String; 4],
    bold: bool,
) -> Result<(), XlsxError> {
    let palette = form.palette;
    let values = [counts.asked, counts.answered, counts.missing, counts.to_check];
    let number = if bold { &palette.count_total } else { &palette.count };
    for ((column, formula), value) in (ASKED..).zip(formulas).zip(values) {
        sheet.computed(row, column, &Computed::new(&formula), &value.to_string(), number)?;
    }
    let at = |column: u16| Address::new(row, column.into());
    let share = format!("IF({0}=0,\"{NO_SHARE}\",{1}/{0})", at(ASKED), at(ANSWERED));
    let format = if bold { &palette.share_total } else { &palette.share };
    sheet.computed(row, SHARE, &Computed::new(&share), &shown(counts), format)
}

fn section_row(
    sheet: &mut Sheet<'_>,
    form: &Form,
    counted: &SheetPlan,
    section: &SectionPlan,
    values: Counts,
    row: u32,
) -> Result<(), XlsxError> {
    let name = counted.subindex.id.as_str();
    let title = format!("{}   {}", section.indicator.id, section.indicator.title.get(form.language()));
    let place = (name, Address::new(section.first.saturating_sub(1), 0));
    sheet.link(row, TITLE, place, &title, &form.palette.section_link)?;
    let Some(column) = form.plan.columns.position(Column::Status) else { return Ok(()) };
    let cell = |row: u32| {
        let letter = rust_xlsxwriter::utility::column_number_to_name(column);
        format!("${letter}${}", row + 1)
    };
    let range = format!("{}!{}:{}", quoted(name), cell(section.first), cell(section.last));
    let count = |mark: Mark| format!("COUNTIF({range},\"{}\")", mark.symbol());
    let sum = |marks: &[Mark]| marks.iter().copied().map(count).collect::<Vec<_>>().join("+");
    let at = |column: u16| Address::new(row, column.into());
    let formulas = [
        format!("ROWS({range})-{}-{}", count(Mark::NotRelevant), count(Mark::Clear)),
        format!("{}-{}-{}", at(ASKED), at(MISSING), count(Mark::Open)),
        count(Mark::Missing),
        sum(&Mark::TO_CHECK),
    ];
    counts(sheet, form, row, values, formulas, false)
}

fn sheet_row(
    sheet: &mut Sheet<'_>,
    form: &Form,
    counted: &SheetPlan,
    values: Counts,
    row: u32,
) -> Result<(), XlsxError> {
    let id = counted.subindex.id.as_str();
    let title = format!("{id}  ·  {}", counted.subindex.title.get(form.language()));
    sheet.link(row, TITLE, (id, Address::new(0, 0)), &title, &form.palette.subindex_link)?;
    sheet.set_row_height(row, 20)?;
    let sections = u32::try_from(counted.sections().count()).unwrap_or(0);
    let sum = |column: u16| {
        let at = |row: u32| Address::new(row, column.into());
        format!("SUM({}:{})", at(row + 1), at(row + sections))
    };
    counts(sheet, form, row, values, [sum(ASKED), sum(ANSWERED), sum(MISSING), sum(TO_CHECK)], true)
}

fn total(sheet: &mut Sheet<'_>, form: &Form, row: u32) -> Result<(), XlsxError> {
    sheet.text(row, TITLE, say("progress-total", form.language()), &form.palette.total)?;
    sheet.set_row_height(row, 22)?;
    let sheets: Vec<u32> = form
        .progress
        .rows()
        .filter(|(_, content)| matches!(content, Row::Sheet(..)))
        .map(|(row, _)| row)
        .collect();
    let sum = |column: u16| {
        let cells: Vec<String> =
            sheets.iter().map(|row| Address::new(*row, column.into()).to_string()).collect();
        if cells.is_empty() { "0".to_owned() } else { cells.join("+") }
    };
    let formulas = [sum(ASKED), sum(ANSWERED), sum(MISSING), sum(TO_CHECK)];
    counts(sheet, form, row, form.progress.total, formulas, true)
}
