//! Styles of an ods: which of its sheets they hide, and which of its texts stand raised or lowered.

use std::borrow::Cow;
use std::collections::BTreeMap;

use maturity::finding::Refusal;

use super::prefixes;
use crate::Limits;
use crate::raised::{Sign, subscript, superscript};
use crate::refusal::{count, too_large};
use crate::xml::{Element, Piece, Xml};
use crate::zip_scan::Archive;

const STYLES: &str = "styles.xml";
/// Of so many styles that hang on each other the first says where a text stands; programs write two or three.
const MOST_PARENTS: usize = 16;

/// What the styles say that were read so far.
#[derive(Default)]
pub(super) struct Styles {
    /// Those of tables: whether each hides its sheet.
    hidden: BTreeMap<String, bool>,
    /// Those of texts.
    texts: BTreeMap<String, OfText>,
    /// The name of the style that is being read, and whether it is one of texts.
    current: Option<(String, bool)>,
}

/// The style of a text.
#[derive(Default)]
struct OfText {
    /// The style that counts where this one says nothing.
    parent: Option<String>,
    /// Where the text stands, if the style says so.
    position: Option<Position>,
}

/// Where a text stands.
#[derive(Clone, Copy)]
pub(super) enum Position {
    OnTheLine,
    /// Raised or lowered.
    Moved(Sign),
}

impl Styles {
    /// Those that people give by name, which stand in a part of their own.
    pub(super) fn named(archive: &Archive<'_>, limits: &Limits) -> Result<Self, Refusal> {
        let mut styles = Self::default();
        if !archive.has(STYLES) {
            return Ok(styles);
        }
        let part = archive.part(STYLES)?;
        prefixes::check(&part, STYLES, limits)?;
        let mut xml = Xml::new(&part, STYLES, limits.text_bytes)?;
        loop {
            match xml.next()? {
                // Of the heads and feet of pages, with names that the cells use for other styles.
                Piece::Start(start)
                    if matches!(start.name, "office:automatic-styles" | "office:master-styles") =>
                {
                    xml.skip(&start)?;
                }
                Piece::Start(start) => styles.note(&xml, &start, limits)?,
                Piece::Eof => return Ok(styles),
                _ => {}
            }
        }
    }

    /// Notes what an element says, if it is one of a style.
    pub(super) fn note<'x>(
        &mut self,
        xml: &Xml<'x>,
        start: &Element<'x>,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        match start.name {
            "style:style" => {
                let name = xml.attribute(start, "style:name")?.map(Cow::into_owned);
                let is_of_text = xml.attribute(start, "style:family")?.as_deref() == Some("text");
                if let Some(name) = name.clone().filter(|_| is_of_text) {
                    let parent = xml.attribute(start, "style:parent-style-name")?.map(Cow::into_owned);
                    self.texts.insert(name, OfText { parent, position: None });
                    if self.texts.len() > limits.formats {
                        return Err(too_large("too many cell formats", count(limits.formats)));
                    }
                }
                self.current = name.map(|name| (name, is_of_text));
            }
            "style:table-properties" => {
                let display = xml.attribute(start, "table:display")?;
                if let Some((name, _)) = self.current.take() {
                    self.hidden.insert(name, display.as_deref() == Some("false"));
                }
            }
            "style:text-properties" => {
                if let Some((name, true)) = &self.current
                    && let Some(position) = xml.attribute(start, "style:text-position")?
                    && let Some(style) = self.texts.get_mut(name)
                {
                    style.position = Some(sign(&position).map_or(Position::OnTheLine, Position::Moved));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the sheet of that style is hidden.
    pub(super) fn hides(&self, style: &str) -> bool {
        self.hidden.get(style).copied().unwrap_or(false)
    }

    /// Where a text of that style stands, if the style says so.
    pub(super) fn position(&self, style: &str) -> Option<Position> {
        let parent = |style: &&OfText| self.texts.get(style.parent.as_deref()?);
        std::iter::successors(self.texts.get(style), parent)
            .take(MOST_PARENTS)
            .find_map(|style| style.position)
    }
}

/// Where a text stands by a position such as `super 58%` or `-33% 58%`: the first word says how high above the line.
fn sign(position: &str) -> Option<Sign> {
    match position.split_whitespace().next()? {
        "super" => Some(superscript),
        "sub" => Some(subscript),
        height => {
            let height: f64 = height.strip_suffix('%')?.parse().ok()?;
            if height > 0.0 {
                Some(superscript)
            } else if height < 0.0 {
                Some(subscript)
            } else {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_says_whether_a_text_is_raised_or_lowered() {
        for (position, one) in [
            ("super 58%", '\u{b9}'),
            ("33% 58%", '\u{b9}'),
            ("sub", '\u{2081}'),
            ("-33% 58%", '\u{2081}'),
            ("0% 100%", '1'),
            ("", '1'),
            ("high", '1'),
        ] {
            assert_eq!(sign(position).map_or('1', |sign| sign('1')), one, "{position}");
        }
    }
}
