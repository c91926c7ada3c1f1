//! The one palette of all reports.
//!
//! One hue in steps of lightness for what is ordered, so that it reads the same with any colour vision and
//! on a black-and-white printer; no colour carries a fact that does not also stand there in letters.

use rust_xlsxwriter::Color;

/// Titles and the darkest bars.
pub(crate) const INK: Color = Color::RGB(0x1B_36_5D);
/// Running text.
pub(crate) const TEXT: Color = Color::RGB(0x22_26_2B);
/// Notes, captions and absent values.
pub(crate) const MUTED: Color = Color::RGB(0x5F_6B_76);
/// Hairlines between rows, grid lines of charts.
pub(crate) const RULE: Color = Color::RGB(0xD5_DB_E1);
/// The background of table headings.
pub(crate) const HEADER: Color = Color::RGB(0xE6_EB_F1);
/// The background of rows that sum up others.
pub(crate) const TOTAL: Color = Color::RGB(0xF3_F6_F9);
/// The background of cells in which readers write.
pub(crate) const ENTRY: Color = Color::RGB(0xFF_F9_E3);
/// Bars of charts.
pub(crate) const BAR: Color = Color::RGB(0x3A_6E_A5);
/// Series beside each other, in steps of lightness: what the sheet is about first.
pub(crate) const SERIES: [Color; 4] =
    [INK, Color::RGB(0x5B_8F_C7), Color::RGB(0xA9_C4_E0), Color::RGB(0xE3_EA_F2)];
/// Data bars behind numbers; light enough to read dark text on it.
pub(crate) const DATA_BAR: Color = Color::RGB(0xA9_C4_E0);
/// The low and the high end of heat maps; dark text stays readable on both.
pub(crate) const HEAT: (Color, Color) = (Color::RGB(0xFA_FB_FC), Color::RGB(0x8F_B4_D9));

/// The steps of maturity groups, highest first: background and the text colour that reads on it.
const STEPS: [(Color, Color); 4] = [
    (Color::RGB(0x1F_4E_85), Color::White),
    (Color::RGB(0x4A_7D_B0), Color::White),
    (Color::RGB(0xB5_D0_EA), TEXT),
    (Color::RGB(0xE9_F0_F7), TEXT),
];

/// The background and text colour of the maturity group at `position` (0 is the highest) of `count`.
///
/// With more groups than steps neighbours share a step; their letters tell them apart.
pub(crate) fn group(position: usize, count: usize) -> (Color, Color) {
    let last = STEPS.len() - 1;
    let step = if count <= 1 { 0 } else { (position * last).div_ceil(count - 1).min(last) };
    STEPS[step]
}

/// The text colours of errors, warnings and notes, distinct for every colour vision.
pub(crate) const SEVERITIES: [Color; 3] = [Color::RGB(0xA6_3A_00), Color::RGB(0x8A_63_00), MUTED];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_run_from_the_darkest_to_the_lightest_step() {
        for count in 1..8 {
            assert_eq!(group(0, count), STEPS[0]);
            if count > 1 {
                assert_eq!(group(count - 1, count), STEPS[3]);
            }
        }
        assert_eq!((0..4).map(|at| group(at, 4)).collect::<Vec<_>>(), STEPS);
    }
}
