//! The one-line diagram: from grid, sun and generator to the computers.

use crate::Plan;
use crate::parts::quantity;
use crate::site::{Power, Shape};
use crate::size::paths;
use crate::words::Words;
use std::fmt::Write;

/// Width and height of a box, and from one column or row to the next, in pixels.
const BOX: (i64, i64) = (134, 44);
const STEP: (i64, i64) = (166, 72);
const EDGE: i64 = 8;

/// A drawing of boxes in columns and rows.
struct Drawing {
    body: String,
    columns: i64,
    rows: i64,
}

impl Drawing {
    const fn new() -> Self {
        Self { body: String::new(), columns: 0, rows: 0 }
    }
    /// A box with its name and a line below.
    fn node(&mut self, (column, row): (i64, i64), name: &str, below: &str) {
        (self.columns, self.rows) = (self.columns.max(column + 1), self.rows.max(row + 1));
        let (x, y) = (EDGE + column * STEP.0, EDGE + row * STEP.1);
        let middle = x + BOX.0 / 2;
        // Writing to a String cannot fail.
        let _ = write!(
            self.body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"4\" fill=\"none\" stroke=\"currentColor\"/>\n\
             <text class=\"chart-small\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" font-size=\"12\">{}</text>\n\
             <text class=\"chart-small\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" font-size=\"11\" fill-opacity=\"0.8\">{}</text>\n",
            BOX.0,
            BOX.1,
            y + 18,
            escaped(name),
            y + 34,
            escaped(below)
        );
    }
    /// A line from the end of one box to the beginning of another, with one bend halfway.
    fn wire(&mut self, from: (i64, i64), to: (i64, i64)) {
        let start = (EDGE + from.0 * STEP.0 + BOX.0, EDGE + from.1 * STEP.1 + BOX.1 / 2);
        let end = (EDGE + to.0 * STEP.0, EDGE + to.1 * STEP.1 + BOX.1 / 2);
        let bend = end.0 - (STEP.0 - BOX.0) / 2;
        let _ = writeln!(
            self.body,
            "<polyline points=\"{},{} {bend},{} {bend},{} {},{}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"/>",
            start.0, start.1, start.1, end.1, end.0, end.1
        );
    }
    fn finish(self, title: &str, description: &str) -> String {
        let (width, height) =
            (EDGE * 2 + (self.columns - 1) * STEP.0 + BOX.0, EDGE * 2 + (self.rows - 1) * STEP.1 + BOX.1);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart diagram\" role=\"img\" direction=\"ltr\" viewBox=\"0 0 {width} {height}\" \
             aria-labelledby=\"diagram-title\" aria-describedby=\"diagram-desc\" fill=\"currentColor\" font-family=\"sans-serif\">\n\
             <title id=\"diagram-title\">{}</title>\n<desc id=\"diagram-desc\">{}</desc>\n{}</svg>\n",
            escaped(title),
            escaped(description),
            self.body
        )
    }
}

/// A text as it may stand in XML.
pub(crate) fn escaped(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control()).collect();
    kept.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Draws the plan's power from its sources to its computers.
#[must_use]
pub(crate) fn diagram(plan: &Plan, words: &dyn Words) -> String {
    let mut drawing = Drawing::new();
    if plan.size.shape == Shape::Box {
        cabinet(&mut drawing, plan, words)
    } else {
        hall(&mut drawing, plan, words)
    }
    drawing.finish(&words.word("diagram"), &words.word("diagram-text"))
}

fn watts(plan: &Plan) -> (String, String) {
    let kw = |watts: crate::Fixed| match watts.ceil() {
        watts @ 0..10_000 => format!("{watts} W"),
        watts => format!("{} kW", watts.div_ceil(1000)),
    };
    (kw(plan.energy.panel_watts), kw(plan.energy.peak_watts))
}

fn times(words: &dyn Words, plan: &Plan, part: &str) -> String {
    format!("{} × {}", quantity(&plan.parts, part), words.word(&format!("part-{part}")))
}

fn cabinet(drawing: &mut Drawing, plan: &Plan, words: &dyn Words) {
    let (sun_watts, load_watts) = watts(plan);
    let energy = &plan.energy;
    let mut row = 0;
    if energy.panels > 0 {
        drawing.node((0, row), &words.word("panels"), &format!("{} × {sun_watts}", energy.panels));
        drawing.node((1, row), &words.word("part-charger"), &sun_watts);
        drawing.wire((0, row), (1, row));
        drawing.wire((1, row), (2, 0));
        row += 1;
    }
    if energy.power != Power::Solar {
        drawing.node((0, row), &words.word("grid"), &words.word("grid-line"));
        drawing.wire((0, row), (2, 0));
        row += 1;
    }
    drawing.node(
        (1, row),
        &words.word("batteries"),
        &format!("{} × {} kWh", energy.batteries, energy.battery_kwh),
    );
    drawing.wire((1, row), (2, 0));
    drawing.node((2, 0), "48 V", &load_watts);
    let mut loads: Vec<(String, u64)> = vec![
        (words.word("part-box"), plan.size.servers),
        (words.word("part-box-switch"), quantity(&plan.parts, "box-switch")),
        (words.word("part-box-uplink"), quantity(&plan.parts, "box-uplink")),
    ];
    let coolers = quantity(&plan.parts, "cooler");
    if coolers > 0 {
        loads.push((words.word("part-cooler"), coolers));
    }
    for (place, (name, count)) in (0..).zip(loads) {
        drawing.node((3, place), &name, &format!("× {count}"));
        drawing.wire((2, 0), (3, place));
    }
}

fn hall(drawing: &mut Drawing, plan: &Plan, words: &dyn Words) {
    let (sun_watts, load_watts) = watts(plan);
    let energy = &plan.energy;
    let path = i64::try_from(paths(plan.site.tier)).unwrap_or(1);
    let mut sources: Vec<(String, String)> = Vec::new();
    if energy.power != Power::Solar {
        let kva = quantity(&plan.parts, "transformer");
        sources.push((words.word("grid"), format!("{kva} kVA")));
    }
    sources.push((words.word("part-generator"), format!("× {}", quantity(&plan.parts, "generator"))));
    if energy.panels > 0 {
        sources.push((words.word("panels"), sun_watts));
    }
    if energy.batteries > 0 {
        sources.push((words.word("batteries"), format!("{} kWh", energy.battery_kwh)));
    }
    for (row, (name, below)) in (0..).zip(&sources) {
        drawing.node((0, row), name, below);
        for to in 0..path {
            drawing.wire((0, row), (1, to));
        }
    }
    let ups = quantity(&plan.parts, "ups");
    for (row, name) in (0..path).zip(["path-a", "path-b"]) {
        drawing.node((1, row), &words.word(name), &load_watts);
        let share = if path == 2 && row == 0 { ups.div_ceil(2) } else { ups / paths(plan.site.tier) };
        drawing.node((2, row), &words.word("part-ups"), &format!("× {share}"));
        drawing.wire((1, row), (2, row));
        drawing.wire((2, row), (3, 0));
        drawing.wire((1, row), (2, path));
    }
    drawing.node((2, path), &words.word("part-cooler"), &format!("× {}", quantity(&plan.parts, "cooler")));
    drawing.node(
        (3, 0),
        &words.word("racks"),
        &format!("{} · {}", plan.size.racks, times(words, plan, "node")),
    );
}
