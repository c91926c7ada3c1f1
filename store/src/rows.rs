//! Values of the vocabulary as columns, and back.

use std::borrow::Cow;

use maturity::answer::{Answer, Missing};
use maturity::cell::{Address, CellValue, Place};

use crate::database::StoreError;

/// An unreadable value in a column.
pub(crate) fn corrupt(place: impl Into<String>) -> StoreError {
    StoreError::Corrupt { place: place.into() }
}

/// A cell's content in three columns: kind, text, number.
pub(crate) type CellColumns<'v> = (Cow<'v, str>, Option<Cow<'v, str>>, Option<f64>);

pub(crate) fn cell_columns(value: &CellValue) -> CellColumns<'_> {
    let (kind, text, number) = match value {
        CellValue::Blank => ("blank", None, None),
        CellValue::Text(text) => ("text", Some(text), None),
        CellValue::Number(number) => ("number", None, Some(*number)),
        CellValue::Percent(number) => ("percent", None, Some(*number)),
        CellValue::Masked(number) => ("masked", None, Some(*number)),
        CellValue::Boolean(boolean) => ("boolean", None, Some(f64::from(u8::from(*boolean)))),
        CellValue::Date(text) => ("date", Some(text), None),
        CellValue::Error(text) => ("error", Some(text), None),
    };
    (kind.into(), text.map(Cow::from), number)
}

pub(crate) fn cell_value((kind, text, number): CellColumns<'_>) -> Result<CellValue, StoreError> {
    let value = match (kind.as_ref(), text, number) {
        ("blank", _, _) => CellValue::Blank,
        ("text", Some(text), _) => CellValue::Text(text.into_owned()),
        ("number", _, Some(number)) => CellValue::Number(number),
        ("percent", _, Some(number)) => CellValue::Percent(number),
        ("masked", _, Some(number)) => CellValue::Masked(number),
        ("boolean", _, Some(number)) => CellValue::Boolean(number > 0.5),
        ("date", Some(text), _) => CellValue::Date(text.into_owned()),
        ("error", Some(text), _) => CellValue::Error(text.into_owned()),
        _ => return Err(corrupt(format!("a cell of kind {kind}"))),
    };
    Ok(value)
}

/// The columns of an answer: kind, code, number, text, missing.
pub(crate) type AnswerColumns<'v> =
    (Cow<'v, str>, Option<Cow<'v, str>>, Option<f64>, Option<Cow<'v, str>>, Option<Cow<'v, str>>);

pub(crate) fn answer_columns(answer: &Answer) -> AnswerColumns<'_> {
    match answer {
        Answer::Choice(code) => ("choice".into(), Some(code.into()), None, None, None),
        Answer::Choices(codes) => ("choices".into(), Some(codes.join(" ").into()), None, None, None),
        Answer::Number(number) => ("number".into(), None, Some(*number), None, None),
        Answer::Text(text) => ("text".into(), None, None, Some(text.into()), None),
        Answer::Missing(missing) => ("missing".into(), None, None, None, Some(missing.as_str().into())),
    }
}

pub(crate) fn answer((kind, code, number, text, missing): AnswerColumns<'_>) -> Result<Answer, StoreError> {
    let answer = match (kind.as_ref(), code, number, text) {
        ("choice", Some(code), _, _) => Answer::Choice(code.into_owned()),
        ("choices", Some(codes), _, _) => Answer::Choices(codes.split(' ').map(str::to_owned).collect()),
        ("number", _, Some(number), _) => Answer::Number(number),
        ("text", _, _, Some(text)) => Answer::Text(text.into_owned()),
        ("missing", ..) => {
            let known = [Missing::Blank, Missing::NotApplicable, Missing::Unreadable];
            let missing = missing.unwrap_or_default();
            let found = known.into_iter().find(|reason| reason.as_str() == missing);
            Answer::Missing(found.ok_or_else(|| corrupt(format!("a missing answer of kind {missing}")))?)
        }
        _ => return Err(corrupt(format!("an answer of kind {kind}"))),
    };
    Ok(answer)
}

/// A place in two columns.
pub(crate) fn place_columns(place: Option<&Place>) -> (Option<&str>, Option<String>) {
    let cell = place.and_then(|place| place.cell).map(|cell| cell.to_string());
    (place.map(|place| place.sheet.as_str()), cell)
}

pub(crate) fn place(sheet: Option<String>, cell: Option<String>) -> Result<Option<Place>, StoreError> {
    let Some(sheet) = sheet else { return Ok(None) };
    let cell: Option<Address> =
        cell.map(|cell| cell.parse().map_err(|_| corrupt(format!("the cell address {cell}")))).transpose()?;
    Ok(Some(Place { sheet, cell }))
}
