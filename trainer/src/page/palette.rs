//! The colours of figures: told apart by people who see colours differently, after Okabe and Ito
//! ("Color Universal Design", 2008).
//!
//! A drawing carries these values; `style.css` gives each another one on a dark page and on paper, by its
//! hexadecimal name, so that each must be there.

use plotters::style::RGBColor;

/// Text, the truth, whatever must be seen first.
pub(super) const INK: RGBColor = RGBColor(0x1A, 0x1C, 0x20);
/// Names and numbers of axes.
pub(super) const MUTED: RGBColor = RGBColor(0x5C, 0x63, 0x70);
/// The lines of axes, and bars that say how far an interval goes.
pub(super) const AXIS: RGBColor = RGBColor(0x9A, 0xA1, 0xAB);
/// Lines behind everything.
pub(super) const GRID: RGBColor = RGBColor(0xE6, 0xE9, 0xED);
/// Lines to compare with; `style.css` dashes them.
pub(super) const REFERENCE: RGBColor = RGBColor(0x6B, 0x72, 0x80);
/// What the model says.
pub(super) const MODEL: RGBColor = RGBColor(0x00, 0x72, 0xB2);
/// What is on the dangerous side: late, or below the level.
pub(super) const LATE: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
/// What is written on a filled shape.
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_has_a_dark_one_in_the_style_sheet() {
        let style = include_str!("style.css");
        for RGBColor(red, green, blue) in [INK, MUTED, AXIS, GRID, REFERENCE, MODEL, LATE, PAPER] {
            let name = format!("=\"#{red:02X}{green:02X}{blue:02X}\"]");
            assert!(style.contains(&name), "{name}");
        }
    }
}
