//! What one watt of panels gives in each hour: Hay & Davies on a tilted plane, ASHRAE's loss by angle, Faiman's cell temperature,
//! PVWatts' panel, losses and inverter.

use super::weather::Hour;

/// How the panels stand and what they lose.
#[derive(Clone, Copy, Debug)]
pub struct Panels {
    /// Degrees from the flat.
    pub tilt: f64,
    /// Degrees clockwise from north.
    pub azimuth: f64,
    /// Share the ground throws back.
    pub albedo: f64,
    /// Change of power by kelvin above 25 °C, as a share (negative).
    pub by_kelvin: f64,
    /// Lost to dirt, wires, mismatch and age, as a share.
    pub losses: f64,
    /// Nominal efficiency of inverter or charger.
    pub inverter: f64,
    /// Wind at the panels, in m/s.
    pub wind: f64,
}

/// PVWatts' reference efficiency of inverters.
const INVERTER_REFERENCE: f64 = 0.9637;

impl Panels {
    /// Towards the equator, as steep as the latitude says, yet so that rain washes them and storms leave them.
    #[must_use]
    pub fn facing(latitude: f64, rest: Self) -> Self {
        let azimuth = if latitude < 0.0 { 0.0 } else { 180.0 };
        Self { tilt: latitude.abs().clamp(10.0, 60.0), azimuth, ..rest }
    }

    /// Irradiance on the plane that the cells use, in W/m²: first for power, then for heat.
    fn on_plane(&self, hour: &Hour) -> (f64, f64) {
        let (tilt, facing) = (self.tilt.to_radians(), self.azimuth.to_radians());
        let sin_height = hour.sun.sin_height.clamp(-1.0, 1.0);
        let cos_height = (1.0 - sin_height * sin_height).sqrt();
        let cos_angle = tilt.cos() * sin_height + tilt.sin() * cos_height * (hour.sun.azimuth - facing).cos();
        let cos_angle = cos_angle.max(0.0);
        let direct = hour.beam * cos_angle;
        let around_sun =
            if hour.sun.extraterrestrial > 0.0 { hour.beam / hour.sun.extraterrestrial } else { 0.0 };
        let ratio = cos_angle / sin_height.max(0.01745);
        let sky = hour.diffuse * (around_sun * ratio + (1.0 - around_sun) * 0.5 * (1.0 + tilt.cos()));
        let ground = hour.global * self.albedo * 0.5 * (1.0 - tilt.cos());
        let kept = if cos_angle > 0.0 { (1.0 - 0.05 * (1.0 / cos_angle - 1.0)).clamp(0.0, 1.0) } else { 0.0 };
        (direct * kept + sky + ground, direct + sky + ground)
    }

    /// Watts that one watt of panels gives in an hour, after the inverter.
    #[must_use]
    pub fn yield_of(&self, hour: &Hour) -> f64 {
        let (used, warming) = self.on_plane(hour);
        let cell = hour.temperature + warming / (25.0 + 6.84 * self.wind);
        let dc = used / 1000.0 * (1.0 + self.by_kelvin * (cell - 25.0)) * (1.0 - self.losses);
        if dc <= 0.0 {
            return 0.0;
        }
        let rated = self.inverter;
        let zeta = dc.max(1e-9);
        let efficiency = self.inverter / INVERTER_REFERENCE * (-0.0162 * zeta - 0.0059 / zeta + 0.9858);
        (efficiency * dc).clamp(0.0, rated)
    }
}

#[cfg(test)]
pub(crate) fn usual(latitude: f64) -> Panels {
    Panels::facing(
        latitude,
        Panels {
            tilt: 0.0,
            azimuth: 0.0,
            albedo: 0.2,
            by_kelvin: -0.0035,
            losses: 0.14,
            inverter: 0.96,
            wind: 1.0,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::weather::nairobi;
    use super::*;

    #[test]
    fn a_year_in_nairobi_gives_what_such_places_give() {
        let panels = usual(-1.29);
        let kwh: f64 = nairobi().year().iter().map(|hour| panels.yield_of(hour)).sum::<f64>();
        assert!((1_400.0..1_750.0).contains(&kwh), "{kwh} kWh per kWp");
    }

    #[test]
    fn no_hour_gives_more_than_the_panel_or_less_than_nothing() {
        for latitude in [-60.0, -33.0, 0.0, 28.0, 65.0] {
            let climate = super::super::weather::Climate { latitude, ..nairobi() };
            let panels = usual(latitude);
            assert!(
                climate.year().iter().all(|hour| (0.0..=1.0).contains(&panels.yield_of(hour))),
                "{latitude}"
            );
        }
    }
}
