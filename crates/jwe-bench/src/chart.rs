//! The report as a chart.

mod canvas;
mod panel;
mod scale;

use canvas::{Canvas, Lettering, width_of};
use panel::Panel;

use crate::error::BenchError;
use crate::report::{Operation, Report};

/// The least width in pixels.
const WIDTH: i32 = 1100;
const MARGIN: i32 = 24;
/// The height of the lines above the panels, in pixels.
const HEAD: i32 = 128;
/// The height of letters.
const TITLE: f64 = 22.0;
const LABEL: f64 = 14.0;

/// What the chart shows.
const CAPTION: &str = "Bars: median, shorter is faster. Lines: 95 % confidence interval. –: not done by this backend.";

/// Draws the report as an SVG document: for each operation a panel, with a bar for each backend in
/// groups for each key and length of the plaintext.
///
/// The axis of a panel begins with 0 where the times are near enough to each other, and is
/// logarithmic where they are not. The chart is as wide as its bars need it.
///
/// # Errors
/// [`BenchError::Chart`] if the library that draws fails.
pub fn svg(report: &Report) -> Result<String, BenchError> {
    let panels = |operations: &[Operation]| -> Vec<Panel<'_>> {
        operations.iter().filter_map(|operation| Panel::of(report, *operation)).collect()
    };
    // The imports have few bars and stand beside each other.
    let rows = [
        panels(&[Operation::ImportToEncrypt, Operation::ImportToDecrypt]),
        panels(&[Operation::Encrypt]),
        panels(&[Operation::Decrypt]),
    ];
    let rows: Vec<&Vec<Panel<'_>>> = rows.iter().filter(|row| !row.is_empty()).collect();
    let width_of_row = |row: &&Vec<Panel<'_>>| {
        let widest = row.iter().map(Panel::least_width).max().unwrap_or_default();
        widest.saturating_mul(number(row.len()))
    };
    let width = rows.iter().map(width_of_row).max().unwrap_or_default().max(WIDTH);
    let size = (width + 2 * MARGIN, HEAD + number(rows.len()) * panel::HEIGHT + MARGIN);
    let mut svg = String::new();
    let canvas = Canvas::new(&mut svg, size)?;
    head(&canvas, report)?;
    for (at, row) in (0..).zip(rows) {
        let width = width / number(row.len());
        for (column, panel) in (0..).zip(row) {
            let corner = (MARGIN + column * width, HEAD + at * panel::HEIGHT);
            panel.draw(&canvas, report, corner, width)?;
        }
    }
    canvas.finish()?;
    Ok(svg)
}

/// The title, the machine, and which colour is whose.
fn head(canvas: &Canvas<'_>, report: &Report) -> Result<(), BenchError> {
    let left = MARGIN + 8;
    canvas.text(&report.title(), (left, 32), Lettering::new(TITLE).bold())?;
    canvas.text(&report.machine.to_string(), (left, 60), Lettering::new(LABEL).pale())?;
    let mut x = left;
    for (at, backend) in report.backends.iter().enumerate() {
        canvas.filled((x, 79), (x + 14, 93), panel::color(at))?;
        canvas.text(&backend.name, (x + 22, 86), Lettering::new(LABEL))?;
        x += 22 + width_of(&backend.name, LABEL) + 22;
    }
    canvas.text(CAPTION, (left, 112), Lettering::new(13.0).pale())
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use roxmltree::{Document, Node};

    use super::svg;
    use crate::report::tests::{group, measured, missing, report};
    use crate::report::{Operation, Report};

    fn texts<'a>(document: &'a Document<'_>) -> Vec<&'a str> {
        let text = |node: Node<'a, '_>| node.text().map(str::trim);
        document.descendants().filter(|node| node.has_tag_name("text")).filter_map(text).collect()
    }

    #[test]
    fn has_every_backend_and_every_panel() {
        let svg = svg(&report()).unwrap();
        let document = Document::parse(&svg).unwrap();
        assert!(document.root_element().has_tag_name("svg"));
        let texts = texts(&document);
        for text in [
            "RSA-OAEP-256 with A256GCM, jwe 1.2.3",
            "CPU & Co <1>, 4 CPUs, linux x86_64",
            "first",
            "<s&c\"nd>",
            "Import of the public key",
            "Import of the private key",
            "Encryption",
            "Decryption",
            "RSA 2048",
            "16 B",
            "64 KiB",
            "20.0 µs",
            "–",
        ] {
            assert!(texts.contains(&text), "{text} is not in {texts:?}");
        }
        // Two entries of the report are gaps.
        assert_eq!(texts.iter().filter(|text| **text == "–").count(), 2);
    }

    #[test]
    fn bars_are_as_high_as_their_times() {
        let svg = svg(&report()).unwrap();
        let document = Document::parse(&svg).unwrap();
        let number =
            |node: Node<'_, '_>, name| node.attribute(name).unwrap().parse::<f64>().unwrap();
        let heights = |color: &str| -> Vec<f64> {
            document
                .descendants()
                .filter(|node| node.has_tag_name("rect") && node.attribute("fill") == Some(color))
                .map(|node| number(node, "height"))
                .collect()
        };
        // Beside the one in the legend: both imports, two lengths, the decryption.
        let (first, second) = (heights("#0072B2"), heights("#E69F00"));
        assert_eq!((first.len(), second.len()), (6, 4));
        assert!((first[1] / second[1] - 0.5).abs() < 0.02, "{first:?} {second:?}");
        assert!((first[3] / second[2] - 0.5).abs() < 0.02, "{first:?} {second:?}");
        assert!((first[4] / second[3] - 1.25).abs() < 0.02, "{first:?} {second:?}");
    }

    /// All that is drawn lies within the document.
    fn assert_within(svg: &str) {
        let document = Document::parse(svg).unwrap();
        let number = |node: Node<'_, '_>, name| {
            node.attribute(name).map_or(0.0, |text| text.parse::<f64>().unwrap())
        };
        let root = document.root_element();
        let (width, height) = (number(root, "width"), number(root, "height"));
        for node in root.descendants() {
            let (x, y) = (number(node, "x"), number(node, "y"));
            assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y), "{node:?}");
            if node.has_tag_name("rect") {
                let (right, bottom) = (x + number(node, "width"), y + number(node, "height"));
                assert!(right <= width && bottom <= height, "{node:?}");
            }
        }
    }

    #[test]
    fn is_as_wide_as_its_bars_need() {
        let many = |groups: usize, backends: usize| -> Report {
            let mut report = report();
            report.groups = (0..groups)
                .map(|at| {
                    let entries = (0..backends).map(|backend| {
                        measured(&format!("b{backend}"), 1e-6 * (at + 1) as f64, 1.0)
                    });
                    group(Operation::Encrypt, Some(at * 1000), entries.collect())
                })
                .collect();
            report
        };
        for (groups, backends) in [(1, 1), (9, 3), (60, 2), (5, 20)] {
            let svg = svg(&many(groups, backends)).unwrap();
            assert_within(&svg);
            let document = Document::parse(&svg).unwrap();
            let mut bars: Vec<(f64, f64)> = document
                .descendants()
                .filter(|node| node.attribute("fill").is_some_and(|fill| fill != "#FFFFFF"))
                .filter(|node| node.has_tag_name("rect"))
                .skip(2) // of the legend
                .map(|node| {
                    let of = |name| node.attribute(name).unwrap().parse::<f64>().unwrap();
                    (of("x"), of("x") + of("width"))
                })
                .collect();
            bars.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert_eq!(bars.len(), groups * backends);
            for pair in bars.windows(2) {
                assert!(pair[0].1 <= pair[1].0, "{pair:?} of {groups} groups of {backends}");
            }
        }
        assert_within(&svg(&report()).unwrap());
    }

    #[test]
    fn a_report_in_which_nothing_was_measured_has_no_panel() {
        let mut report = report();
        report.groups =
            vec![group(Operation::Decrypt, Some(16), vec![missing("first"), missing("second")])];
        let svg = svg(&report).unwrap();
        let document = Document::parse(&svg).unwrap();
        assert!(!texts(&document).contains(&"Decryption"));
    }
}
