//! The year as a table of hours, so that anybody can reckon it again.

use crate::physics::energy::HourRow;
use crate::physics::{HOURS, fixed};
use std::fmt::Write;

/// A table (CSV) of all hours in the place's own time: weather, what a kW of panels gives, and where energy came from and went.
/// `offset_hours` is how far that time is ahead of UTC. Watts per square metre, °C, W, Wh.
#[must_use]
pub fn hours_csv(rows: &[HourRow]) -> String {
    let mut out = String::with_capacity(HOURS * 100);
    out.push_str("hour,ghi,dhi,dni,temperature,yield,load,sun,spilled,charged,discharged,grid,generator,missing,stored\n");
    for (hour, row) in rows.iter().enumerate() {
        let (weather, flow) = (&row.weather, &row.flow);
        // Writing to a String cannot fail.
        let _ = write!(out, "{hour}");
        let sign = if weather.temperature < 0.0 { "-" } else { "" };
        for value in [weather.global, weather.diffuse, weather.beam] {
            let _ = write!(out, ",{}", fixed(value));
        }
        let _ = write!(out, ",{sign}{},{}", fixed(weather.temperature.abs()), row.yield_w);
        for value in [
            flow.load,
            flow.sun,
            flow.spilled,
            flow.charged,
            flow.discharged,
            flow.grid,
            flow.generator,
            flow.missing,
            flow.stored,
        ] {
            let _ = write!(out, ",{}", fixed(value));
        }
        out.push('\n');
    }
    out
}
