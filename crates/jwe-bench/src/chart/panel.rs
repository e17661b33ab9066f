//! One operation: a group of bars for each key and length.

use plotters::prelude::RGBColor;

use super::canvas::{Canvas, GRID, INK, Lettering, width_of};
use super::scale::Scale;
use crate::error::BenchError;
use crate::report::{Entry, Group, Measurement, Operation, Report};
use crate::units;

/// The colours of Okabe and Ito, which people of all kinds of colour vision can tell apart.
const COLORS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(240, 228, 66),
    RGBColor(0, 0, 0),
];

/// The colour of the backend in that place.
pub(super) fn color(backend: usize) -> RGBColor {
    COLORS.get(backend % COLORS.len()).copied().unwrap_or(INK)
}

/// The height of a panel in pixels, with its title and the texts below.
pub(super) const HEIGHT: i32 = 310;
/// Left of the bars, for the marks of the axis.
const LEFT: i32 = 78;
const RIGHT: i32 = 16;
/// Above the bars: the title.
const TOP: i32 = 36;
/// Below the bars, for up to two lines of text.
const BOTTOM: i32 = 52;
/// Between the highest bar and the title, for its value.
const HEADROOM: i32 = 62;
/// Between two groups.
const GAP: i32 = 22;
const WIDEST_BAR: i32 = 56;
const NARROWEST_BAR: i32 = 15;
/// The height of letters.
const TITLE: f64 = 16.0;
const LABEL: f64 = 13.0;
const VALUE: f64 = 11.5;

/// An operation that was measured, with its place on the canvas.
pub(super) struct Panel<'a> {
    operation: Operation,
    groups: Vec<&'a Group>,
}

impl<'a> Panel<'a> {
    /// The operation, if any backend does it.
    pub(super) fn of(report: &'a Report, operation: Operation) -> Option<Self> {
        let groups: Vec<&Group> =
            report.groups.iter().filter(|group| group.operation == operation).collect();
        let panel = Self { operation, groups };
        panel.times().next()?;
        Some(panel)
    }

    /// All times that are shown.
    fn times(&self) -> impl Iterator<Item = f64> {
        self.entries().filter_map(|entry| entry.outcome.as_ref().ok()).flat_map(|measurement| {
            let seconds = measurement.seconds;
            [seconds.low, seconds.median, seconds.high]
        })
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.groups.iter().flat_map(|group| &group.entries)
    }

    /// The width in pixels with which nothing overlaps.
    pub(super) fn least_width(&self) -> i32 {
        let group = |group: &&Group| {
            let labels = length(group).map_or(0, |len| width_of(&len, LABEL));
            (count(&group.entries) * NARROWEST_BAR).max(labels) + GAP
        };
        // The groups are equally wide, and so are the keys above them.
        let widest = self.groups.iter().map(group).max().unwrap_or_default();
        let keys = self.keys();
        let key = |(key, groups): &(&str, i32)| (width_of(key, LABEL) + GAP) / (*groups).max(1);
        let widest = keys.iter().map(key).max().unwrap_or_default().max(widest);
        LEFT + RIGHT + widest * count(&self.groups)
    }

    /// The keys, each with the number of its groups.
    fn keys(&self) -> Vec<(&'a str, i32)> {
        let mut keys: Vec<(&str, i32)> = Vec::new();
        for group in &self.groups {
            match keys.last_mut() {
                Some((key, groups)) if *key == group.key => *groups += 1,
                _ => keys.push((&group.key, 1)),
            }
        }
        keys
    }

    /// Draws it with its upper left corner at `corner`.
    pub(super) fn draw(
        &self,
        canvas: &Canvas<'_>,
        report: &Report,
        corner: (i32, i32),
        width: i32,
    ) -> Result<(), BenchError> {
        let shortest = self.times().fold(f64::INFINITY, f64::min);
        let longest = self.times().fold(0.0, f64::max);
        let (left, right) = (corner.0 + LEFT, corner.0 + width - RIGHT);
        let step = (right - left) / count(&self.groups).max(1);
        let most = self.groups.iter().map(|group| count(&group.entries)).max().unwrap_or_default();
        let bar = ((step - GAP) / most.max(1)).clamp(NARROWEST_BAR, WIDEST_BAR);
        let mut values = self.entries().filter_map(|entry| entry.outcome.as_ref().ok()).map(value);
        let frame = Frame {
            left,
            right,
            top: corner.1 + TOP + HEADROOM,
            bottom: corner.1 + HEIGHT - BOTTOM,
            scale: Scale::of(shortest, longest),
            bar,
            upwards: values.any(|value| width_of(&value, VALUE) >= bar),
        };
        let title = self.operation.title(report.alg);
        let line = corner.1 + TOP / 2;
        canvas.text(title, (corner.0 + 8, line), Lettering::new(TITLE).bold())?;
        let behind = corner.0 + 8 + width_of(title, TITLE) + 14;
        canvas.text(frame.scale.name(), (behind, line + 1), Lettering::new(LABEL).pale())?;
        frame.draw_axis(canvas)?;
        for (at, group) in (0..).zip(&self.groups) {
            frame.draw_group(canvas, group, frame.left + at * step, step)?;
        }
        let mut left = frame.left;
        for (key, groups) in self.keys() {
            let width = groups * step;
            let lengths = self.groups.iter().any(|group| group.plaintext_len.is_some());
            let line = frame.bottom + if lengths { 38 } else { 18 };
            canvas.text(key, (left + width / 2, line), Lettering::new(LABEL).bold().centred())?;
            if left > frame.left {
                canvas.line((left, frame.top - HEADROOM), (left, line + 8), GRID, 1)?;
            }
            left += width;
        }
        canvas.line((frame.left, frame.bottom), (frame.right, frame.bottom), INK, 1)
    }
}

/// How many there are.
fn count<T>(things: &[T]) -> i32 {
    i32::try_from(things.len()).unwrap_or(i32::MAX)
}

fn length(group: &Group) -> Option<String> {
    group.plaintext_len.map(units::bytes)
}

/// What is written above a bar.
fn value(measurement: &Measurement) -> String {
    units::short_time(measurement.seconds.median)
}

/// Where the bars stand.
struct Frame {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    scale: Scale,
    /// The width of a bar.
    bar: i32,
    /// Whether the values above the bars run upwards, because one of them is wider than a bar.
    upwards: bool,
}

impl Frame {
    /// How far down a time is.
    fn y(&self, seconds: f64) -> i32 {
        let height = f64::from(self.bottom - self.top);
        self.bottom - (self.scale.place(seconds) * height).round() as i32
    }

    fn draw_axis(&self, canvas: &Canvas<'_>) -> Result<(), BenchError> {
        for mark in self.scale.marks() {
            let y = self.y(mark);
            canvas.line((self.left, y), (self.right, y), GRID, 1)?;
            let text = if mark == 0.0 { "0".to_owned() } else { units::round_time(mark) };
            canvas.text(&text, (self.left - 8, y), Lettering::new(LABEL).to_the_left())?;
        }
        Ok(())
    }

    fn draw_group(
        &self,
        canvas: &Canvas<'_>,
        group: &Group,
        left: i32,
        width: i32,
    ) -> Result<(), BenchError> {
        let first = left + (width - count(&group.entries) * self.bar) / 2;
        for (at, entry) in group.entries.iter().enumerate() {
            let left = first + i32::try_from(at).unwrap_or(i32::MAX) * self.bar;
            self.draw_bar(canvas, entry, color(at), left)?;
        }
        if let Some(len) = length(group) {
            let place = (left + width / 2, self.bottom + 16);
            canvas.text(&len, place, Lettering::new(LABEL).centred())?;
        }
        Ok(())
    }

    fn draw_bar(
        &self,
        canvas: &Canvas<'_>,
        entry: &Entry,
        color: RGBColor,
        left: i32,
    ) -> Result<(), BenchError> {
        let width = self.bar;
        let middle = left + width / 2;
        let Ok(measurement) = &entry.outcome else {
            let dash = Lettering { color, ..Lettering::new(22.0).bold().centred() };
            return canvas.text("–", (middle, self.bottom - 10), dash);
        };
        let seconds = measurement.seconds;
        // A thin space between two bars.
        canvas.filled(
            (left + 1, self.y(seconds.median)),
            (left + width - 1, self.bottom),
            color,
        )?;
        let (low, high) = (self.y(seconds.low), self.y(seconds.high));
        canvas.line((middle, low), (middle, high), INK, 1)?;
        let cap = (width / 5).clamp(2, 6);
        for y in [low, high] {
            canvas.line((middle - cap, y), (middle + cap, y), INK, 1)?;
        }
        let lettering = Lettering::new(VALUE);
        if self.upwards {
            canvas.text(&value(measurement), (middle, high - 6), lettering.upwards())
        } else {
            canvas.text(&value(measurement), (middle, high - 10), lettering.centred())
        }
    }
}
