//! One cell of an xlsx: what its element says, checked and understood in one go.
//!
//! Programs read some ways of writing a value differently: twice, in pieces, with comments between them. What no
//! program writes and two could read differently is refused instead of guessed.

use std::borrow::Cow;

use maturity::cell::{Address, Cell, CellValue, Region};
use maturity::finding::Refusal;

use super::sheet::Reading;
use super::text;
use crate::aside;
use crate::budget::Budget;
use crate::refusal::{damaged, unreadable};
use crate::shown::Shown;
use crate::value;
use crate::xml::{Element, Piece, local_name, with_line_feeds};

/// How the value of a cell is written: its attribute `t` (ECMA-376 part 1, 18.18.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number; text where it does not read as one.
    Unsaid,
    /// A number and nothing else.
    Number,
    /// The position of a text in the shared table.
    Shared,
    /// A truth value.
    Boolean,
    /// An error value.
    Error,
    /// The text that a formula gave.
    Computed,
    /// A date in ISO 8601.
    Date,
    /// A text in the cell itself.
    Inline,
    /// Something that no program writes.
    Unknown,
}

impl Kind {
    pub(super) fn named(name: Option<&str>) -> Self {
        match name {
            None => Self::Unsaid,
            Some("n") => Self::Number,
            Some("s") => Self::Shared,
            Some("b") => Self::Boolean,
            Some("e") => Self::Error,
            Some("str") => Self::Computed,
            Some("d") => Self::Date,
            Some("inlineStr" | "is") => Self::Inline,
            Some(_) => Self::Unknown,
        }
    }

    /// Whether only letters and digits stand in the value, in one piece: nothing that would have to be replaced.
    fn is_plain(self) -> bool {
        matches!(self, Self::Unsaid | Self::Number | Self::Shared | Self::Boolean | Self::Error)
    }
}

/// What the element of a cell says about it.
pub(super) struct Head {
    pub(super) address: Address,
    pub(super) kind: Kind,
    /// The position of its style.
    pub(super) style: usize,
}

impl<'x> Reading<'x> {
    /// Reads on to the end of the cell. Nothing if it is empty.
    pub(super) fn content(&mut self, head: &Head, budget: &mut Budget<'_>) -> Result<Option<Cell>, Refusal> {
        let address = head.address;
        let mut formula = false;
        let (mut written, mut inline) = (None, None);
        loop {
            match self.xml.next()? {
                Piece::Start(start) => match start.local_name() {
                    // LibreOffice writes the plain values as calls of the functions of these names.
                    "f" if head.kind == Kind::Boolean => {
                        formula = !matches!(self.formula(&start)?.as_str(), "TRUE()" | "FALSE()");
                    }
                    // The text that a link shows may hide an address, which may be evidence.
                    "f" if head.kind == Kind::Computed => {
                        formula = true;
                        if let Some(target) = aside::of_formula(&self.formula(&start)?) {
                            let cell = Region { top_left: address, bottom_right: address };
                            aside::link(&mut self.view, cell, &target, budget)?;
                        }
                    }
                    "f" => {
                        formula = true;
                        self.xml.skip(&start)?;
                    }
                    "v" if written.is_none() && inline.is_none() => {
                        written = Some(self.written(&start, head)?);
                    }
                    "is" if written.is_none() && inline.is_none() => {
                        let mut text = String::new();
                        text::read(&mut self.xml, &start, &mut text)?;
                        inline = Some(text);
                    }
                    "v" | "is" => return Err(damaged(format!("the cell {address} holds two values"))),
                    // The format has room for what programs add of their own; no value stands there.
                    "extLst" => self.xml.skip(&start)?,
                    other => {
                        return Err(unreadable(format!(
                            "the cell {address} holds the unknown element {other:?}"
                        )));
                    }
                },
                Piece::End(name) if local_name(name) == "c" => break,
                Piece::Eof => return Err(self.xml.broken_off()),
                _ => {}
            }
        }
        let value = match (inline, written) {
            (Some(text), _) => text_value(text.into(), budget)?,
            (None, Some(text)) => self.understood(head, text, budget)?,
            (None, None) => CellValue::Blank,
        };
        if value == CellValue::Blank {
            if !formula {
                return Ok(None);
            }
            budget.charge(0)?;
        }
        // The empty text is the result of a formula, or nothing.
        if !formula && value == CellValue::Text(String::new()) {
            return Ok(None);
        }
        Ok(Some(Cell { address, value, formula }))
    }

    /// The text of a formula; what is not plain text in it is replaced.
    fn formula(&mut self, start: &Element<'x>) -> Result<String, Refusal> {
        let mut text = String::new();
        loop {
            match self.xml.next()? {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Reference(name) => {
                    self.xml.resolve(name, &mut text).unwrap_or_else(|_| text.push('?'));
                }
                Piece::Start(child) => self.xml.skip(&child)?,
                Piece::End(name) if name == start.name => return Ok(text),
                Piece::Eof => return Err(self.xml.broken_off()),
                _ => text.push('?'),
            }
        }
    }

    /// The text of a value element.
    fn written(&mut self, start: &Element<'x>, head: &Head) -> Result<Cow<'x, str>, Refusal> {
        let unusual = || {
            unreadable(format!(
                "the value of the cell {} is written in a way that programs read differently",
                head.address
            ))
        };
        let plain = head.kind.is_plain();
        let mut text: Option<Cow<'x, str>> = None;
        loop {
            match self.xml.next()? {
                Piece::End(name) if name == start.name => break,
                Piece::Eof => return Err(self.xml.broken_off()),
                Piece::Text(piece) => match &mut text {
                    None if plain => text = Some(piece.into()),
                    None => text = Some(with_line_feeds(piece)),
                    Some(_) if plain => return Err(unusual()),
                    Some(text) => text.to_mut().push_str(&with_line_feeds(piece)),
                },
                Piece::Reference(name) if !plain => {
                    self.xml.resolve(name, text.get_or_insert_default().to_mut())?;
                }
                Piece::Aside if !plain => {}
                _ => return Err(unusual()),
            }
        }
        let text = text.unwrap_or_default();
        if head.kind == Kind::Inline && !text.is_empty() {
            return Err(unusual());
        }
        Ok(text)
    }

    /// What the text of a value element means.
    fn understood(
        &self,
        head: &Head,
        text: Cow<'_, str>,
        budget: &mut Budget<'_>,
    ) -> Result<CellValue, Refusal> {
        let address = head.address;
        if head.kind == Kind::Unknown {
            return Err(unreadable(format!("the cell {address} is of a kind that programs do not know")));
        }
        if text.is_empty() {
            let computed = head.kind == Kind::Computed;
            return Ok(if computed { CellValue::Text(String::new()) } else { CellValue::Blank });
        }
        match head.kind {
            Kind::Shared => {
                if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(damaged(format!("the cell {address} does not say which text it holds")));
                }
                let shared = text.parse().ok().and_then(|index| self.tables.texts.get(index));
                let shared = shared.ok_or_else(|| {
                    damaged(format!("the cell {address} holds a text that is missing in the file"))
                })?;
                text_value(shared.into(), budget)
            }
            Kind::Unsaid | Kind::Number => match text.parse() {
                Ok(number) => {
                    budget.charge(0)?;
                    Ok(self.number(number, head.style))
                }
                Err(_) if head.kind == Kind::Unsaid => text_value(text, budget),
                Err(_) => Err(damaged(format!("the value of the cell {address} is no number"))),
            },
            Kind::Boolean => {
                let word = text.trim();
                let is = |number, name| word == number || word.eq_ignore_ascii_case(name);
                if !word.is_empty() && !is("0", "false") && !is("1", "true") {
                    return Err(damaged(format!("the value of the cell {address} is no truth value")));
                }
                if word.is_empty() {
                    return Ok(CellValue::Blank);
                }
                budget.charge(0)?;
                Ok(CellValue::Boolean(is("1", "true")))
            }
            Kind::Computed => text_value(text::unescape(&text), budget),
            Kind::Error => {
                budget.charge(text.len())?;
                Ok(CellValue::Error(text.into_owned()))
            }
            Kind::Date => {
                budget.charge(text.len())?;
                Ok(CellValue::Date(text.into_owned()))
            }
            Kind::Inline | Kind::Unknown => Ok(CellValue::Blank),
        }
    }

    fn number(&self, number: f64, style: usize) -> CellValue {
        match self.tables.styles.get(style).map_or(Shown::Number, |format| format.shown(number)) {
            Shown::Number => value::number(number),
            Shown::Percent => value::percent(number),
            Shown::Date => value::date(number, self.tables.from_1904),
            Shown::Duration => value::day_number(number),
            Shown::Masked => value::masked(number),
        }
    }
}

/// A text, charged before it is copied.
fn text_value(text: Cow<'_, str>, budget: &mut Budget<'_>) -> Result<CellValue, Refusal> {
    if text.is_empty() {
        return Ok(CellValue::Blank);
    }
    budget.charge(text.len())?;
    Ok(CellValue::Text(text.into_owned()))
}
