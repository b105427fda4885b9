//! Bars and stacked bars. They lie, so that names of any length stay upright beside them.

use crate::Chart;
use crate::canvas::{Anchor, Canvas, WIDTH, estimated_width, shortened};
use crate::data::{ChartFault, Data};
use crate::number::Axis;

/// Height of one bar.
const BAR: i64 = 180;
/// Between two categories.
const GAP: i64 = 120;
/// Below the bars, for the axis.
const FOOT: i64 = 320;

/// Where things stand.
struct Frame {
    top: i64,
    left: i64,
    width: i64,
    axis: Axis,
}

impl Frame {
    fn new(data: &Data, top: i64, least: i64, most: i64) -> Self {
        let names = data.categories.iter().map(|name| estimated_width(name, false)).max().unwrap_or(0);
        let left = (names + 160).clamp(600, WIDTH * 38 / 100);
        // Room for the longest number behind the longest bar.
        let number = estimated_width(&data.shown(most), true).max(estimated_width(&data.shown(least), true));
        Self { top, left, width: WIDTH - left - number - 150, axis: Axis::new(least, most, 5) }
    }
    fn x(&self, value: i64) -> i64 {
        self.left + self.axis.place(value, self.width)
    }
    /// The grid, and the numbers below it that have room.
    fn draw(&self, canvas: &mut Canvas, data: &Data, bottom: i64) {
        let mut free_from = i64::MIN;
        for mark in self.axis.marks() {
            let x = self.x(mark);
            canvas.rule("chart-grid", (x, self.top), (x, bottom));
            let label = data.shown(mark);
            let half = estimated_width(&label, true) / 2 + 40;
            if x - half >= free_from {
                canvas.text((x, bottom + 180), Anchor::Middle, true, &label);
                free_from = x + half;
            }
        }
        canvas.rule("chart-axis", (self.x(0), self.top), (self.x(0), bottom));
    }
    fn name(&self, canvas: &mut Canvas, name: &str, middle: i64) {
        let name = shortened(name, self.left - 100, false);
        canvas.text((self.left - 90, middle + 50), Anchor::End, false, &name);
    }
}

/// One bar for each category and series, beside each other.
///
/// # Errors
/// When the data cannot be drawn.
pub fn bars(data: &Data) -> Result<Chart, ChartFault> {
    data.check(true)?;
    let mut canvas = Canvas::new(data.rtl);
    let top = if data.series.len() > 1 { canvas.legend(data, 0) } else { 40 };
    let known = || data.series.iter().flat_map(|series| &series.values).flatten().copied();
    let frame = Frame::new(data, top, known().min().unwrap_or(0), known().max().unwrap_or(0));
    let count = i64::try_from(data.series.len()).unwrap_or(1);
    let step = BAR * count + GAP;
    let rows = i64::try_from(data.categories.len()).unwrap_or(0);
    let bottom = top + rows * step;
    frame.draw(&mut canvas, data, bottom);
    let mut y = top + GAP / 2;
    for (category, name) in data.categories.iter().enumerate() {
        frame.name(&mut canvas, name, y + BAR * count / 2);
        let mut bar_top = y;
        for (index, series) in data.series.iter().enumerate() {
            let value = data.value(index, category);
            let shown = value.map_or_else(|| data.unknown.clone(), |value| data.shown(value));
            let (zero, end) = (frame.x(0), frame.x(value.unwrap_or(0)));
            let label = format!("{name}, {}: {shown}", series.name);
            if value.is_some() {
                canvas.bar(index, (zero.min(end), bar_top), ((end - zero).abs().max(5), BAR - 20), &label);
            }
            canvas.text((zero.max(end) + 50, bar_top + 125), Anchor::Start, true, &shown);
            bar_top += BAR;
        }
        y += step;
    }
    Ok(Chart { svg: canvas.finish(data, bottom + FOOT), table: data.table() })
}

/// One bar for each category, made of the series one after the other, with the total behind it.
///
/// # Errors
/// When the data cannot be drawn; amounts only, nothing below zero.
pub fn stacked_bars(data: &Data) -> Result<Chart, ChartFault> {
    data.check(false)?;
    let total =
        |category: usize| (0..data.series.len()).filter_map(|series| data.value(series, category)).sum();
    let totals: Vec<i64> = (0..data.categories.len()).map(total).collect();
    let mut canvas = Canvas::new(data.rtl);
    let top = canvas.legend(data, 0);
    let frame = Frame::new(data, top, 0, totals.iter().copied().max().unwrap_or(0));
    let step = BAR + 40 + GAP;
    let bottom = top + i64::try_from(totals.len()).unwrap_or(0) * step;
    frame.draw(&mut canvas, data, bottom);
    let mut y = top + GAP / 2;
    for (category, (name, total)) in data.categories.iter().zip(&totals).enumerate() {
        frame.name(&mut canvas, name, y + (BAR + 40) / 2);
        let mut sum = 0;
        for (index, series) in data.series.iter().enumerate() {
            let Some(value) = data.value(index, category).filter(|value| *value > 0) else { continue };
            let (start, end) = (frame.x(sum), frame.x(sum + value));
            let label = format!("{name}, {}: {}", series.name, data.shown(value));
            // A sliver of the page between two parts tells them apart without colour.
            canvas.bar(index, (start, y), ((end - start - 10).max(5), BAR + 20), &label);
            sum += value;
        }
        canvas.text((frame.x(sum) + 50, y + 145), Anchor::Start, true, &data.shown(*total));
        y += step;
    }
    Ok(Chart { svg: canvas.finish(data, bottom + FOOT), table: data.table() })
}
