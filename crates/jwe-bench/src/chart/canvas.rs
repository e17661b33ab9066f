//! Lines, boxes and texts, in pixels.

use plotters::coord::Shift;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::prelude::{Color, DrawingArea, IntoDrawingArea, IntoFont, RGBColor, SVGBackend};
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::error::BenchError;

/// Text, axes and error bars.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
/// Text that is less important.
pub(super) const PALE_INK: RGBColor = RGBColor(85, 85, 85);
/// Lines behind the bars.
pub(super) const GRID: RGBColor = RGBColor(221, 221, 221);

/// What is drawn on.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// How a text stands to its place.
#[derive(Clone, Copy)]
pub(super) struct Lettering {
    /// The height of the letters in pixels.
    pub(super) size: f64,
    pub(super) color: RGBColor,
    pub(super) bold: bool,
    /// Whether it runs upwards.
    pub(super) upwards: bool,
    /// Where its place is along the text.
    pub(super) along: HPos,
}

impl Lettering {
    /// Begins at its place, on its middle line.
    pub(super) fn new(size: f64) -> Self {
        Self { size, color: INK, bold: false, upwards: false, along: HPos::Left }
    }

    /// Ends at its place.
    pub(super) fn to_the_left(self) -> Self {
        Self { along: HPos::Right, ..self }
    }

    /// Has its place in the middle.
    pub(super) fn centred(self) -> Self {
        Self { along: HPos::Center, ..self }
    }

    pub(super) fn pale(self) -> Self {
        Self { color: PALE_INK, ..self }
    }

    pub(super) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) fn upwards(self) -> Self {
        Self { upwards: true, ..self }
    }
}

/// How wide a text is at most, about, in pixels: programs have different fonts.
pub(super) fn width_of(text: &str, size: f64) -> i32 {
    (text.chars().count() as f64 * size * 0.62).ceil() as i32
}

impl<'a> Canvas<'a> {
    /// An empty one of so many pixels.
    pub(super) fn new(svg: &'a mut String, size: (i32, i32)) -> Result<Self, BenchError> {
        let size = (size.0.unsigned_abs(), size.1.unsigned_abs());
        let area = SVGBackend::with_string(svg, size).into_drawing_area();
        area.fill(&RGBColor(255, 255, 255)).map_err(failed)?;
        Ok(Self { area })
    }

    pub(super) fn line(
        &self,
        from: (i32, i32),
        to: (i32, i32),
        color: RGBColor,
        width: u32,
    ) -> Result<(), BenchError> {
        self.area.draw(&PathElement::new([from, to], color.stroke_width(width))).map_err(failed)
    }

    pub(super) fn filled(
        &self,
        corner: (i32, i32),
        opposite: (i32, i32),
        color: RGBColor,
    ) -> Result<(), BenchError> {
        self.area.draw(&Rectangle::new([corner, opposite], color.filled())).map_err(failed)
    }

    pub(super) fn text(
        &self,
        text: &str,
        place: (i32, i32),
        lettering: Lettering,
    ) -> Result<(), BenchError> {
        let Lettering { size, color, bold, upwards, along } = lettering;
        // XML has no characters for these.
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        // The library divides the size by that.
        let font = ("sans-serif", size * 1.24).into_font();
        let font = if bold { font.style(plotters::style::FontStyle::Bold) } else { font };
        let font = if upwards { font.transform(FontTransform::Rotate270) } else { font };
        let style = font.color(&color).pos(Pos::new(along, VPos::Center));
        self.area.draw(&Text::new(text, place, style)).map_err(failed)
    }

    /// Ends the document.
    pub(super) fn finish(self) -> Result<(), BenchError> {
        self.area.present().map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> BenchError {
    BenchError::Chart(error.to_string())
}
