//! Links of an xls, as their records and formulas say.
//!
//! The form of a record is that of \[MS-XLS\] 2.4.140 (`HLink`), of the link itself that of \[MS-OSHARED\] 2.3.7.1
//! (`Hyperlink Object`). Nothing of it is an answer: what cannot be read there is left alone.

use maturity::cell::{Address, Region};

use crate::bytes::{array_at, u16_at, u32_at, usize_at};
use crate::grid::COLUMNS;

/// The kind of a record that holds a link.
pub(crate) const LINK: u16 = 0x01B8;

/// The moniker of a web address: {79EAC9E0-BAF9-11CE-8C82-00AA004BA90B}.
const ADDRESS: [u8; 16] =
    [0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B];

/// Behind which cells a link lies, and where it leads.
pub(crate) fn link(data: &[u8]) -> Option<(Region, String)> {
    let number = |at| u16_at(data, at).map(u32::from);
    let top_left = Address::new(number(0)?, number(4)?);
    let bottom_right = Address::new(number(2)?, number(6)?);
    // A region, the name of the kind of object, its version; then which of its parts there are.
    let flags = u32_at(data, 28)?;
    let has = |bit: u32| flags >> bit & 1 == 1;
    let mut rest = data.get(32..)?;
    // The text that is shown, and the frame of a page.
    for bit in [4, 7] {
        if has(bit) {
            counted(&mut rest)?;
        }
    }
    let mut target = if !has(0) {
        return None;
    } else if has(8) {
        counted(&mut rest)?
    } else {
        if array_at::<16>(rest, 0)? != ADDRESS {
            return None;
        }
        let length = usize_at(rest, 16)?;
        let bytes = rest.get(20..20_usize.checked_add(length)?)?;
        rest = rest.get(20 + length..)?;
        text(bytes)
    };
    if has(3)
        && let Some(place) = counted(&mut rest)
    {
        target = format!("{target}#{place}");
    }
    (bottom_right.column < COLUMNS).then_some((Region { top_left, bottom_right }, target))
}

/// The function HYPERLINK in the code of a formula.
const HYPERLINK: u16 = 359;

/// The address that a formula makes a link to, where its code says so itself: a text, at most one thing more that is shown, and
/// the function that makes a link of them (\[MS-XLS\] 2.5.198). What it would have to be computed from is not followed.
pub(crate) fn of_formula(code: &[u8]) -> Option<String> {
    let mut rest = code;
    // Blanks between the parts of the formula are part of the code.
    while let [0x19, 0x40, _, _, behind @ ..] = rest {
        rest = behind;
    }
    let (target, mut rest) = operand(rest).and_then(|(text, rest)| Some((text?, rest)))?;
    while let [0x19, 0x40, _, _, behind @ ..] = rest {
        rest = behind;
    }
    let rest = if rest.len() > CALL { operand(rest)?.1 } else { rest };
    let is_link = matches!(rest, [0x22 | 0x42 | 0x62, 1 | 2, ..]) && rest.len() == CALL;
    (is_link && u16_at(rest, 2) == Some(HYPERLINK)).then(|| target.trim().to_owned())
}

/// The bytes of a call of a function that takes a number of things.
const CALL: usize = 4;

/// What stands first in the code of a formula, where it is one thing: its text, if it is one, and what comes behind.
fn operand(code: &[u8]) -> Option<(Option<String>, &[u8])> {
    let length = match code.first()? {
        0x17 => {
            let (count, wide) = (usize::from(*code.get(1)?), code.get(2)? & 1 == 1);
            let bytes = code.get(3..3 + if wide { 2 * count } else { count })?;
            let text = if wide { text(bytes) } else { bytes.iter().copied().map(char::from).collect() };
            return Some((Some(text), code.get(3 + bytes.len()..)?));
        }
        // Nothing, a truth value, a whole number, a number.
        0x16 => 1,
        0x1D => 2,
        0x1E => 3,
        0x1F => 9,
        // A cell, of this sheet or another one.
        0x24 | 0x44 | 0x64 => 5,
        0x3A | 0x5A | 0x7A => 7,
        _ => return None,
    };
    Some((None, code.get(length..)?))
}

/// Takes a text off the front: the number of its characters, and these with one that ends it.
fn counted(rest: &mut &[u8]) -> Option<String> {
    let length = usize_at(rest, 0)?.checked_mul(2)?;
    let bytes = rest.get(4..length.checked_add(4)?)?;
    *rest = rest.get(4 + length..)?;
    Some(text(bytes))
}

/// A text in UTF-16, up to the character that ends it.
fn text(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| u16_at(pair, 0)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }

    /// The record of a link behind B3 with `flags` and the `rest` of the object.
    fn record(flags: u32, rest: &[u8]) -> Vec<u8> {
        let region = [2_u16, 2, 1, 1].into_iter().flat_map(u16::to_le_bytes);
        let head = region.chain([0; 16]).chain(2_u32.to_le_bytes()).chain(flags.to_le_bytes());
        head.chain(rest.iter().copied()).collect()
    }

    fn counted_text(text: &str) -> Vec<u8> {
        let length = u32::try_from(text.encode_utf16().count() + 1).unwrap();
        [length.to_le_bytes().as_slice(), &wide(text)].concat()
    }

    fn address(target: &str) -> Vec<u8> {
        let bytes = wide(target);
        [ADDRESS.as_slice(), &u32::try_from(bytes.len()).unwrap().to_le_bytes(), &bytes].concat()
    }

    #[test]
    fn an_address_in_the_code_of_a_formula_is_found() {
        const LINK: &[u8] = &[0x42, 2, 0x67, 1];
        let narrow = |text: &str| [&[0x17, u8::try_from(text.len()).unwrap(), 0], text.as_bytes()].concat();
        let law = narrow("https://law.example/1");
        let accented: Vec<u8> = [
            &[0x17, 5, 1],
            "http\u{e9}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice(),
        ]
        .concat();
        for (code, found) in [
            ([&law, narrow("Law").as_slice(), LINK].concat(), Some("https://law.example/1")),
            ([&law, [0x22, 1, 0x67, 1].as_slice()].concat(), Some("https://law.example/1")),
            // Something else is shown: a number, a cell of this sheet, one of another sheet.
            ([&law, [0x1E, 0xE0, 7].as_slice(), LINK].concat(), Some("https://law.example/1")),
            ([&law, [0x44, 0, 0, 1, 0xC0].as_slice(), LINK].concat(), Some("https://law.example/1")),
            ([&law, [0x5A, 0, 0, 0, 0, 1, 0xC0].as_slice(), LINK].concat(), Some("https://law.example/1")),
            ([accented.as_slice(), LINK].concat(), Some("http\u{e9}")),
            (
                [&[0x19, 0x40, 0, 1], law.as_slice(), &[0x19, 0x40, 0, 1], &narrow("Law"), LINK].concat(),
                Some("https://law.example/1"),
            ),
            // Computed: the first two texts are joined.
            ([&law, narrow("1").as_slice(), &[0x08], &narrow("Law"), LINK].concat(), None),
            ([&[0x24, 0, 0, 0, 0xC0], narrow("Law").as_slice(), LINK].concat(), None),
            // Another function, a text alone, nothing.
            ([&law, narrow("Law").as_slice(), &[0x42, 2, 0x68, 1]].concat(), None),
            (law.clone(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(of_formula(&code).as_deref(), found, "{code:?}");
            for end in 0..code.len() {
                assert_eq!(of_formula(&code[..end]), None, "{code:?} cut at {end}");
            }
        }
    }

    #[test]
    fn a_link_is_read_beside_its_text_and_its_place() {
        let data = record(
            0b1_1011,
            &[counted_text("The law"), address("https://a.example/é"), counted_text("art. 5")].concat(),
        );
        let (region, target) = link(&data).unwrap();
        assert_eq!((region.to_string().as_str(), target.as_str()), ("B3:B3", "https://a.example/é#art. 5"));
        for end in 0..data.len() {
            // Cut anywhere, it is no link or the same without its place.
            assert!(link(&data[..end]).is_none_or(|(_, target)| target == "https://a.example/é"), "{end}");
        }
        assert_eq!(link(&record(0b1000, &counted_text("Sheet2!A1"))), None, "a place in the workbook");
        assert_eq!(link(&record(1, &[7; 64])), None, "a file");
        let saved = record(0b1_0000_0001, &counted_text("http://b.example"));
        assert_eq!(link(&saved).unwrap().1, "http://b.example");
        assert_eq!(link(&record(1, &[ADDRESS.as_slice(), &[0xFF; 4]].concat())), None);
    }
}
