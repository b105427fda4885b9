//! A year of hours from twelve months: what a month brings is shared out over its days by a pattern with a dark run, and over a day's
//! hours as a clear sky would.

use super::sun::{Sun, sun};
use super::{HOURS, MONTH_DAYS};

/// Share of the extraterrestrial irradiance that no hour exceeds.
const CLEAREST: f64 = 0.85;

/// The climate of a place.
#[derive(Clone, Debug)]
pub struct Climate {
    /// Degrees, north positive.
    pub latitude: f64,
    /// Degrees, east positive.
    pub longitude: f64,
    /// Irradiation on the flat ground by month, in kWh/m² a day.
    pub irradiation: [f64; 12],
    /// Mean temperature of the air by month, in °C.
    pub temperature: [f64; 12],
    /// Between the coolest and the warmest hour of a day, in kelvin.
    pub swing: f64,
    /// Irradiation of the days of a run relative to the month's mean; it repeats.
    pub days: Vec<f64>,
}

/// One hour. Irradiances are its means, in W/m²; the sun is where it stands in the middle of the hour.
#[derive(Clone, Copy, Debug)]
pub struct Hour {
    /// The sun.
    pub sun: Sun,
    /// On the flat ground.
    pub global: f64,
    /// Of it, from the sky.
    pub diffuse: f64,
    /// From the sun, on a plane that faces it.
    pub beam: f64,
    /// Of the air, in °C.
    pub temperature: f64,
}

impl Climate {
    /// Whole hours by which the place's own time is ahead of UTC.
    #[must_use]
    pub fn offset_hours(&self) -> i32 {
        (self.longitude / 15.0).round() as i32
    }

    /// The year, hour by hour in the place's own time.
    #[must_use]
    pub fn year(&self) -> Vec<Hour> {
        let offset = f64::from(self.offset_hours());
        let mut hours = Vec::with_capacity(HOURS);
        let mut day = 0;
        for (month, length) in MONTH_DAYS.into_iter().enumerate() {
            let shares: Vec<f64> = (0..length).map(|n| self.days[(day + n) % self.days.len()]).collect();
            let mean = shares.iter().sum::<f64>() / length as f64;
            for share in shares {
                let wanted = self.irradiation[month] * 1000.0 * share / mean;
                self.add_day(&mut hours, day, offset, wanted, self.temperature[month]);
                day += 1;
            }
        }
        hours
    }

    /// One day that brings so many Wh/m².
    fn add_day(&self, hours: &mut Vec<Hour>, day: usize, offset: f64, wanted: f64, mean_temperature: f64) {
        let suns: Vec<Sun> = (0..24)
            .map(|hour| sun((day * 24 + hour) as f64 + 0.5 - offset, self.latitude, self.longitude))
            .collect();
        let clear: f64 = suns.iter().map(|sun| clear_sky(*sun)).sum();
        for (hour, sun) in suns.into_iter().enumerate() {
            let outside = sun.extraterrestrial * sun.sin_height.max(0.0);
            let share = if clear > 0.0 { clear_sky(sun) / clear } else { 0.0 };
            let global = (wanted * share).min(CLEAREST * outside);
            let (diffuse, beam) = split(sun, global);
            let phase = (hour as f64 + 0.5 - 15.0) / 24.0 * 2.0 * std::f64::consts::PI;
            let temperature = mean_temperature + self.swing / 2.0 * phase.cos();
            hours.push(Hour { sun, global, diffuse, beam, temperature });
        }
    }
}

/// What a clear sky lets through to the flat ground (Haurwitz 1945), in W/m².
fn clear_sky(sun: Sun) -> f64 {
    if sun.sin_height <= 0.0 { 0.0 } else { 1098.0 * sun.sin_height * (-0.057 / sun.sin_height).exp() }
}

/// Diffuse and beam parts of what arrives on the ground (Erbs et al. 1982).
fn split(sun: Sun, global: f64) -> (f64, f64) {
    // Below 3 degrees the formula no longer holds: all of it is taken as diffuse.
    if global <= 0.0 || sun.sin_height < 0.052 {
        return (global.max(0.0), 0.0);
    }
    let clearness = (global / (sun.extraterrestrial * sun.sin_height)).clamp(0.0, 1.0);
    let k = clearness;
    let share = if k <= 0.22 {
        1.0 - 0.09 * k
    } else if k <= 0.8 {
        0.9511 - 0.1604 * k + 4.388 * k.powi(2) - 16.638 * k.powi(3) + 12.336 * k.powi(4)
    } else {
        0.165
    };
    let diffuse = global * share;
    (diffuse, (global - diffuse) / sun.sin_height)
}

#[cfg(test)]
pub(crate) fn nairobi() -> Climate {
    Climate {
        latitude: -1.29,
        longitude: 36.82,
        irradiation: [6.3, 6.6, 6.3, 5.4, 4.9, 4.5, 4.2, 4.6, 5.6, 5.7, 5.4, 5.9],
        temperature: [19.5, 20.3, 20.4, 19.8, 18.7, 17.3, 16.6, 17.2, 18.7, 19.7, 19.2, 19.1],
        swing: 11.0,
        days: vec![1.15, 1.12, 1.08, 1.15, 1.1, 1.0, 0.62, 0.5, 0.48, 1.1, 1.15, 1.15, 1.1, 1.15, 1.15],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_months_bring_what_the_climate_says() {
        let year = nairobi().year();
        assert_eq!(year.len(), HOURS);
        let january: f64 = year[..31 * 24].iter().map(|hour| hour.global).sum::<f64>() / 31.0 / 1000.0;
        assert!((january - 6.3).abs() < 0.03, "{january}");
        assert!(year.iter().all(|h| h.global >= 0.0 && h.diffuse <= h.global + 1e-9 && h.beam < 1200.0));
        let dark = year.iter().filter(|h| h.global == 0.0).count();
        assert!((4000..4800).contains(&dark), "{dark}");
    }

    #[test]
    fn the_polar_night_is_dark_and_divides_nothing() {
        let climate = Climate { latitude: 78.2, longitude: 15.6, irradiation: [0.0; 12], ..nairobi() };
        assert!(climate.year().iter().all(|h| h.global == 0.0 && h.beam == 0.0));
    }
}
