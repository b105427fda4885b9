//! Lines: how something changes over time.

use crate::Chart;
use crate::canvas::{Anchor, Canvas, WIDTH, estimated_width};
use crate::data::{ChartFault, Data};
use crate::number::Axis;

const HEIGHT: i64 = 2_600;

/// One line for each series over the categories, which are moments in order. A line is broken where a value is
/// not known.
///
/// # Errors
/// When the data cannot be drawn.
pub fn line(data: &Data) -> Result<Chart, ChartFault> {
    data.check(true)?;
    let mut canvas = Canvas::new(data.rtl);
    let top = if data.series.len() > 1 { canvas.legend(data, 0) } else { 100 };
    let known = || data.series.iter().flat_map(|series| &series.values).flatten().copied();
    let axis = Axis::new(known().min().unwrap_or(0), known().max().unwrap_or(0), 5);
    let numbers =
        axis.marks().iter().map(|mark| estimated_width(&data.shown(*mark), true)).max().unwrap_or(0);
    let left = numbers + 150;
    let bottom = top + HEIGHT;
    for mark in axis.marks() {
        let y = bottom - axis.place(mark, HEIGHT);
        let class = if mark == 0 { "chart-axis" } else { "chart-grid" };
        canvas.rule(class, (left, y), (WIDTH, y));
        canvas.text((left - 70, y + 42), Anchor::End, true, &data.shown(mark));
    }
    let count = i64::try_from(data.categories.len()).unwrap_or(1);
    let step = (WIDTH - left) / count.max(1);
    let x = |category: usize| left + step / 2 + step * i64::try_from(category).unwrap_or(0);
    names(&mut canvas, data, bottom, &x);
    for (index, series) in data.series.iter().enumerate() {
        let points: Vec<Option<(i64, i64)>> = series
            .values
            .iter()
            .enumerate()
            .map(|(category, value)| value.map(|value| (x(category), bottom - axis.place(value, HEIGHT))))
            .collect();
        for stretch in points.split(Option::is_none).filter(|stretch| stretch.len() > 1) {
            canvas.path(index, &stretch.iter().flatten().copied().collect::<Vec<_>>());
        }
        for (category, (point, name)) in points.iter().zip(&data.categories).enumerate() {
            if let (Some(point), Some(value)) = (point, data.value(index, category)) {
                canvas.dot(index, *point, &format!("{name}, {}: {}", series.name, data.shown(value)));
            }
        }
    }
    Ok(Chart { svg: canvas.finish(data, bottom + 340), table: data.table() })
}

/// The names of the moments, as many as have room, the newest always among them.
fn names(canvas: &mut Canvas, data: &Data, bottom: i64, x: &dyn Fn(usize) -> i64) {
    let mut free_to = i64::MAX;
    for (category, name) in data.categories.iter().enumerate().rev() {
        let half = estimated_width(name, true) / 2 + 50;
        // The last name may reach over the edge: it is pushed back in.
        let at = x(category).min(WIDTH - half).max(half);
        if at + half <= free_to {
            canvas.text((at, bottom + 200), Anchor::Middle, true, name);
            free_to = at - half;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Series, sample};

    #[test]
    fn a_line_breaks_where_nothing_is_known() {
        let mut data = sample();
        data.categories = (2000..2006).map(|year| year.to_string()).collect();
        let values = vec![Some(1), Some(2), None, Some(4), None, Some(6)];
        data.series = vec![Series { name: "s".into(), values }];
        let chart = line(&data).unwrap();
        assert_eq!(chart.svg.matches("<polyline").count(), 1, "one stretch has two points");
        assert_eq!(chart.svg.matches("<circle").count(), 4);
    }

    #[test]
    fn many_moments_name_only_those_with_room() {
        let mut data = sample();
        data.categories = (1900..2020).map(|year| year.to_string()).collect();
        data.series = vec![Series { name: "s".into(), values: (0..120).map(|n| Some(n * n)).collect() }];
        let svg = line(&data).unwrap().svg;
        let named = (1900..2020).filter(|year| svg.contains(&format!(">{year}</text>"))).count();
        assert!((4..20).contains(&named), "{named}");
        assert!(svg.contains(">2019</text>"));
    }
}
