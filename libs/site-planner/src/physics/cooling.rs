//! What a room full of computers takes in an hour beside them: outside air while it is cool enough, a machine when it is not.

/// How a place is cooled and fed.
#[derive(Clone, Copy, Debug)]
pub struct Cooling {
    /// Outside air suffices up to here, in °C.
    pub free_below: f64,
    /// Of the machine's cold side, in °C.
    pub cold_side: f64,
    /// Between outside air and the machine's warm side, in kelvin.
    pub approach: f64,
    /// Share of Carnot's limit that the machine reaches.
    pub of_carnot: f64,
    /// Fans, as a share of the heat.
    pub fans: f64,
    /// Efficiency of what feeds the computers (UPS, converters).
    pub feeding: f64,
    /// Light, control, locks, as a share of the computers' power.
    pub other: f64,
}

impl Cooling {
    /// Heat moved for each watt the machine takes, at an outside temperature.
    fn performance(&self, outside: f64) -> f64 {
        let lift = (outside + self.approach - self.cold_side).max(5.0);
        (self.of_carnot * (self.cold_side + 273.15) / lift).clamp(1.5, 8.0)
    }
    /// Whether the machine must run.
    #[must_use]
    pub fn needs_machine(&self, outside: f64) -> bool {
        outside > self.free_below
    }
    /// Watts the whole place takes for each watt of its computers: PUE of this hour, which only as a mean over the year is
    /// the PUE of ISO/IEC 30134-2.
    #[must_use]
    pub fn whole(&self, outside: f64) -> f64 {
        let fed = 1.0 / self.feeding;
        let machine = if self.needs_machine(outside) { fed / self.performance(outside) } else { 0.0 };
        fed + machine + self.fans * fed + self.other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hotter_air_never_costs_less() {
        let cooling = Cooling {
            free_below: 20.0,
            cold_side: 14.0,
            approach: 12.0,
            of_carnot: 0.4,
            fans: 0.04,
            feeding: 0.95,
            other: 0.02,
        };
        let at: Vec<f64> = (-30..55).map(|outside| cooling.whole(f64::from(outside))).collect();
        assert!(at.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!(at[0] > 1.05 && at[0] < 1.2 && at[84] > 1.3 && at[84] < 1.8, "{} {}", at[0], at[84]);
    }
}
