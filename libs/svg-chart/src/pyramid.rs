//! Population pyramids: two groups back to back, age by age, the youngest at the foot.

use crate::Chart;
use crate::canvas::{Anchor, Canvas, WIDTH, estimated_width};
use crate::data::{ChartFault, Data};
use crate::number::Axis;

/// A pyramid of two series over age groups, given from the youngest to the oldest. The first series stands
/// where reading begins: left, or right on a page that runs right to left.
///
/// # Errors
/// When the data cannot be drawn; exactly two series, nothing below zero.
pub fn pyramid(data: &Data) -> Result<Chart, ChartFault> {
    data.check(false)?;
    let [first, second] = data.series.as_slice() else {
        return Err(ChartFault::NotTwoSides(data.series.len()));
    };
    let mut canvas = Canvas::new(data.rtl);
    let most = data.series.iter().flat_map(|series| &series.values).flatten().copied().max().unwrap_or(0);
    let axis = Axis::new(0, most, 4);
    let names = data.categories.iter().map(|name| estimated_width(name, true)).max().unwrap_or(0);
    let middle = (names + 160).clamp(500, 1_600);
    // Half of the outermost number stands beyond the end of its axis.
    let number = estimated_width(&data.shown(axis.high), true);
    let side = (WIDTH - middle) / 2 - number / 2 - 60;
    // From the middle to the left for the first series, to the right for the second.
    let x = |series: usize, value: i64| {
        let length = axis.place(value, side);
        if series == 0 { (WIDTH - middle) / 2 - length } else { (WIDTH + middle) / 2 + length }
    };
    let top = 260;
    canvas.text((x(0, 0), 150), Anchor::End, false, &first.name);
    canvas.text((x(1, 0), 150), Anchor::Start, false, &second.name);
    let row = (3_800 / i64::try_from(data.categories.len()).unwrap_or(1)).clamp(120, 240);
    let bottom = top + row * i64::try_from(data.categories.len()).unwrap_or(0);
    for series in 0..2 {
        for mark in axis.marks() {
            let at = x(series, mark);
            let class = if mark == 0 { "chart-axis" } else { "chart-grid" };
            canvas.rule(class, (at, top), (at, bottom));
            let crowded = axis.place(axis.step, side) < number + 80 && (mark / axis.step) % 2 != 0;
            if !crowded {
                canvas.text((at, bottom + 180), Anchor::Middle, true, &data.shown(mark));
            }
        }
    }
    let every = (150 + row - 1) / row;
    for (category, name) in data.categories.iter().enumerate() {
        let place = i64::try_from(category).unwrap_or(0);
        let y = bottom - row * (place + 1);
        if place % every == 0 {
            canvas.text((WIDTH / 2, y + row / 2 + 42), Anchor::Middle, true, name);
        }
        for (index, series) in data.series.iter().enumerate() {
            let Some(value) = data.value(index, category) else { continue };
            let (zero, end) = (x(index, 0), x(index, value));
            let label = format!("{name}, {}: {}", series.name, data.shown(value));
            canvas.bar(index, (zero.min(end), y + 8), ((end - zero).abs().max(5), row - 16), &label);
        }
    }
    Ok(Chart { svg: canvas.finish(data, bottom + 320), table: data.table() })
}
