//! Charts: a plotting area with axes, and the marks that may be drawn on it.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::html::Html;
use super::palette;

/// The backend places marks on whole pixels: it draws this many of them for one of the page's.
const SCALE: u32 = 4;
/// What the backend divides a font's size by, to undo.
const FONT_FACTOR: f64 = 1.24;
/// The size of text, in the page's pixels.
const TEXT: f64 = 12.5;

/// A finished drawing: shapes of SVG, and the box that they are in.
#[derive(Debug, Clone)]
pub(super) struct Drawing {
    size: (u32, u32),
    shapes: String,
}

impl Drawing {
    /// The shapes, escaped.
    pub(super) fn shapes(&self) -> &str {
        &self.shapes
    }

    /// The drawing as an image that says what it shows to those who cannot see it. The `anchor` is
    /// unique on the page.
    pub(super) fn image(&self, anchor: &str, title: &str, description: &str) -> Html {
        let (width, height) = self.size;
        let mut html = Html::default();
        html.raw("<svg viewBox=\"0 0 ").text(width).raw(" ").text(height).raw("\" role=\"img\" ");
        html.raw("aria-labelledby=\"").text(anchor).raw("-title ").text(anchor).raw("-description\">\n");
        html.raw("<title id=\"").text(anchor).raw("-title\">").text(title).raw("</title>\n");
        html.raw("<desc id=\"").text(anchor).raw("-description\">").text(description).raw("</desc>\n");
        html.drawing(self).raw("</svg>\n");
        html
    }
}

/// Draws a chart of `size` page pixels, the y axis' name above it.
pub(super) fn draw(
    size: (u32, u32),
    x: &Axis,
    y: &Axis,
    marks: impl FnOnce(&mut Chart) -> anyhow::Result<()>,
) -> anyhow::Result<Drawing> {
    let size = (size.0 * SCALE, size.1 * SCALE);
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        let name = ("sans-serif", points(TEXT)).into_text_style(&area).color(&palette::MUTED);
        area.draw_text(&y.name, &name, (pixels(2.0), pixels(2.0)))?;
        let mut chart = Chart(
            ChartBuilder::on(&area)
                .margin_top(26 * SCALE)
                .margin_right(14 * SCALE)
                .x_label_area_size(46 * SCALE)
                .y_label_area_size(label_width(y) * SCALE)
                .build_cartesian_2d(x.clone(), y.clone())?,
        );
        chart
            .0
            .configure_mesh()
            .max_light_lines(0)
            .bold_line_style(palette::GRID.stroke_width(SCALE))
            .axis_style(palette::AXIS.stroke_width(SCALE))
            .label_style(name.clone())
            .axis_desc_style(name)
            .set_all_tick_mark_size(4 * SCALE)
            .x_desc(&x.name)
            .draw()?;
        marks(&mut chart)?;
        area.present()?;
    }
    // The page writes the outer element itself.
    let inside = text.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</svg>"));
    let shapes = inside.map_or("", |(shapes, _)| shapes).replace(" opacity=\"1\"", "");
    Ok(Drawing { size, shapes: shapes.trim_start().to_owned() })
}

/// The page pixels that the widest text beside an axis needs, also as large as it is on a small screen.
fn label_width(axis: &Axis) -> u32 {
    let characters = axis.ticks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0);
    16 + 8 * characters as u32
}

fn pixels(page: f64) -> i32 {
    (page * f64::from(SCALE)).round() as i32
}

fn points(page: f64) -> f64 {
    page * f64::from(SCALE) * FONT_FACTOR
}

/// A chart that marks are drawn on, at coordinates of its axes.
pub(super) struct Chart<'a>(ChartContext<'a, SVGBackend<'a>, Cartesian2d<Axis, Axis>>);

impl<'a> Chart<'a> {
    /// A line through points, `width` page pixels wide.
    pub(super) fn line(
        &mut self,
        points: impl IntoIterator<Item = (f64, f64)>,
        colour: RGBColor,
        width: f64,
    ) -> anyhow::Result<()> {
        let points: Vec<(f64, f64)> = points.into_iter().collect();
        if let [only] = points[..] {
            return self.circle(only, colour, 1.5 * width);
        }
        let style = colour.stroke_width(pixels(width) as u32);
        Ok(self.area().draw(&PathElement::new(points, style))?)
    }

    /// A line across the whole chart at one height.
    pub(super) fn level(&mut self, y: f64, colour: RGBColor) -> anyhow::Result<()> {
        let range = self.0.x_range();
        self.line([(range.start, y), (range.end, y)], colour, 1.25)
    }

    /// A line from the bottom to the top of the chart.
    pub(super) fn upright(&mut self, x: f64, colour: RGBColor) -> anyhow::Result<()> {
        let range = self.0.y_range();
        self.line([(x, range.start), (x, range.end)], colour, 1.25)
    }

    /// The area between two heights along x, pale.
    pub(super) fn band(&mut self, ends: &[(f64, (f64, f64))], colour: RGBColor) -> anyhow::Result<()> {
        let lower = ends.iter().map(|&(x, (low, _))| (x, low));
        let upper = ends.iter().rev().map(|&(x, (_, high))| (x, high));
        let outline: Vec<(f64, f64)> = lower.chain(upper).collect();
        Ok(self.area().draw(&Polygon::new(outline, colour.mix(0.22)))?)
    }

    /// A filled rectangle between two corners.
    pub(super) fn bar(&mut self, from: (f64, f64), to: (f64, f64), colour: RGBColor) -> anyhow::Result<()> {
        Ok(self.area().draw(&Rectangle::new([from, to], colour.filled()))?)
    }

    /// A disc.
    pub(super) fn circle(&mut self, at: (f64, f64), colour: RGBColor, radius: f64) -> anyhow::Result<()> {
        Ok(self.area().draw(&Circle::new(at, pixels(radius), colour.filled()))?)
    }

    /// A triangle that points up.
    pub(super) fn triangle(&mut self, at: (f64, f64), colour: RGBColor, radius: f64) -> anyhow::Result<()> {
        Ok(self.area().draw(&TriangleMarker::new(at, pixels(radius), colour.filled()))?)
    }

    /// A text centred on a place, or on the side of it that has room.
    pub(super) fn text(
        &mut self,
        text: impl Into<String>,
        at: (f64, f64),
        side: Side,
        colour: RGBColor,
    ) -> anyhow::Result<()> {
        let (anchor, offset) = match side {
            Side::Left => (HPos::Right, -pixels(6.0)),
            Side::Middle => (HPos::Center, 0),
            Side::Right => (HPos::Left, pixels(6.0)),
        };
        let style = ("sans-serif", points(TEXT)).into_text_style(self.area()).color(&colour);
        let element = EmptyElement::at(at)
            + Text::new(text.into(), (offset, 0), style.pos(Pos::new(anchor, VPos::Center)));
        Ok(self.area().draw(&element)?)
    }

    fn area(&self) -> &DrawingArea<SVGBackend<'a>, Cartesian2d<Axis, Axis>> {
        self.0.plotting_area()
    }
}

/// Where a text lies beside its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Side {
    /// It ends there.
    Left,
    /// It is centred there.
    Middle,
    /// It begins there.
    Right,
}
