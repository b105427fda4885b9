//! Where the sun stands: the Astronomical Almanac's approximation (Michalsky 1988), good to 0.01 degrees until 2050.

/// Julian day of 1 January 2025, 0 h UTC.
const JD_START: f64 = 2_460_676.5;

/// Where the sun stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sun {
    /// Sine of the height above the horizon, refraction included; negative at night.
    pub sin_height: f64,
    /// Azimuth in radians, clockwise from north.
    pub azimuth: f64,
    /// Irradiance outside the atmosphere on a plane that faces the sun, in W/m² (Spencer 1971).
    pub extraterrestrial: f64,
}

/// The sun at a moment of 2025 (hours since its beginning, UTC) over a place (degrees, north and east positive).
#[must_use]
pub fn sun(hour_utc: f64, latitude: f64, longitude: f64) -> Sun {
    let days = JD_START + hour_utc / 24.0 - 2_451_545.0;
    let mean_longitude = (280.460 + 0.985_647_4 * days).rem_euclid(360.0);
    let anomaly = (357.528 + 0.985_600_3 * days).rem_euclid(360.0).to_radians();
    let ecliptic = (mean_longitude + 1.915 * anomaly.sin() + 0.020 * (2.0 * anomaly).sin())
        .rem_euclid(360.0)
        .to_radians();
    let obliquity = (23.439 - 0.000_000_4 * days).to_radians();
    let right_ascension = (obliquity.cos() * ecliptic.sin()).atan2(ecliptic.cos());
    let declination = (obliquity.sin() * ecliptic.sin()).asin();
    let sidereal_hours =
        (6.697_375 + 0.065_709_824_2 * days + hour_utc.rem_euclid(24.0) + longitude / 15.0).rem_euclid(24.0);
    let hour_angle = (sidereal_hours * 15.0).to_radians() - right_ascension;
    let lat = latitude.to_radians();
    let sin_true =
        (declination.sin() * lat.sin() + declination.cos() * lat.cos() * hour_angle.cos()).clamp(-1.0, 1.0);
    let east = -declination.cos() * hour_angle.sin();
    let north = declination.sin() * lat.cos() - declination.cos() * lat.sin() * hour_angle.cos();
    let height = sin_true.asin().to_degrees();
    let sin_height = (height + refraction(height)).to_radians().sin();
    let day_angle = 2.0 * std::f64::consts::PI * (hour_utc / 24.0).floor() / 365.0;
    let extraterrestrial = 1366.1
        * (1.000_11
            + 0.034_221 * day_angle.cos()
            + 0.001_28 * day_angle.sin()
            + 0.000_719 * (2.0 * day_angle).cos()
            + 0.000_077 * (2.0 * day_angle).sin());
    Sun { sin_height, azimuth: east.atan2(north).rem_euclid(2.0 * std::f64::consts::PI), extraterrestrial }
}

/// How much higher the air makes the sun appear, in degrees, at a true height in degrees.
fn refraction(height: f64) -> f64 {
    if height < -0.56 {
        return 0.0;
    }
    3.515_61 * (0.1594 + 0.0196 * height + 0.000_02 * height * height)
        / (1.0 + 0.505 * height + 0.0845 * height * height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equinox_noon_at_the_equator_is_overhead() {
        // 20 March 2025, about 12:07 UTC at Greenwich's meridian (equation of time -7 minutes).
        let noon = sun(78.0 * 24.0 + 12.0 + 7.5 / 60.0, 0.0, 0.0);
        assert!(noon.sin_height > 0.9999, "{noon:?}");
    }

    #[test]
    fn midsummer_noon_stands_where_the_tropic_says() {
        // 21 June: declination 23.44 degrees; Tallinn at 59.44 north: height 54.0 degrees, due south.
        let mut best = sun(0.0, 59.44, 24.75);
        for minute in 0..24 * 60 {
            let now = sun(171.0 * 24.0 + f64::from(minute) / 60.0, 59.44, 24.75);
            if now.sin_height > best.sin_height {
                best = now;
            }
        }
        let height = best.sin_height.asin().to_degrees();
        assert!((height - 54.0).abs() < 0.05, "{height}");
        assert!((best.azimuth.to_degrees() - 180.0).abs() < 0.5, "{best:?}");
    }
}
