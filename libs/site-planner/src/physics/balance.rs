//! A year of sun, battery, grid and generator, hour by hour, with books that must close.

/// What is there to carry the load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plant {
    /// Panels, in W.
    pub panels: f64,
    /// Battery that may be used, in Wh.
    pub battery: f64,
    /// Of what goes into the battery, what comes out again.
    pub round_trip: f64,
    /// Whether there is a grid.
    pub grid: bool,
    /// Hours a day without it.
    pub outage: f64,
    /// Whether there is a generator.
    pub generator: bool,
}

/// First hour of the day in which the grid fails; people cook and light then.
const OUTAGE_BEGINS: usize = 18;
/// Share of the battery that the grid may put back in an hour.
const RECHARGE: f64 = 0.25;

/// Where one hour's energy came from and went, in Wh.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flow {
    /// What the place took.
    pub load: f64,
    /// What the panels could give.
    pub sun: f64,
    /// Of it, what nobody could use.
    pub spilled: f64,
    /// Put into the battery, before its loss.
    pub charged: f64,
    /// Taken from the battery, after its loss.
    pub discharged: f64,
    /// Bought.
    pub grid: f64,
    /// From the generator.
    pub generator: f64,
    /// What nobody could give: the place was dark for this.
    pub missing: f64,
    /// In the battery at the end of the hour.
    pub stored: f64,
}

/// Share of an hour of the day for which the grid is off.
fn outage_share(hour_of_day: usize, outage: f64) -> f64 {
    let place = (hour_of_day + 24 - OUTAGE_BEGINS) % 24;
    (outage - place as f64).clamp(0.0, 1.0)
}

/// Runs a year: `load` in W and `yields` in W for each watt of panels, hour by hour.
#[must_use]
pub fn run(plant: &Plant, load: &[f64], yields: &[f64]) -> Vec<Flow> {
    let way = plant.round_trip.sqrt();
    // The year begins as it would end: with what the sun of the day before left, which is a full battery.
    let mut stored = plant.battery;
    load.iter()
        .zip(yields)
        .enumerate()
        .map(|(hour, (load, share))| {
            let mut flow = Flow { load: *load, sun: plant.panels * share, ..Flow::default() };
            let direct = flow.sun.min(flow.load);
            let mut room = (plant.battery - stored).max(0.0) / way;
            let surplus = flow.sun - direct;
            flow.charged = surplus.min(room);
            flow.spilled = surplus - flow.charged;
            stored += flow.charged * way;
            let lacking = flow.load - direct;
            let off = if plant.grid { outage_share(hour % 24, plant.outage) } else { 1.0 };
            flow.grid = lacking * (1.0 - off);
            let alone = lacking * off;
            flow.discharged = alone.min(stored * way);
            stored -= flow.discharged / way;
            let rest = alone - flow.discharged;
            if plant.generator {
                flow.generator = rest
            } else {
                flow.missing = rest
            }
            if plant.grid {
                room = (plant.battery - stored).max(0.0) / way;
                let back = room.min(plant.battery * RECHARGE * (1.0 - off));
                flow.grid += back;
                flow.charged += back;
                stored += back * way;
            }
            flow.stored = stored;
            flow
        })
        .collect()
}

/// By how much the books of a year do not close, as a share of the load: what came in, less what went out, less what the
/// battery lost on the way, less what it holds more than at the start.
#[must_use]
pub fn open_share(plant: &Plant, flows: &[Flow]) -> f64 {
    let sum = |of: fn(&Flow) -> f64| flows.iter().map(of).sum::<f64>();
    let way = plant.round_trip.sqrt();
    let (charged, discharged) = (sum(|f| f.charged), sum(|f| f.discharged));
    let lost = charged * (1.0 - way) + discharged * (1.0 / way - 1.0);
    let gained = flows.last().map_or(0.0, |last| last.stored - plant.battery);
    let came = sum(|f| f.sun) + sum(|f| f.grid) + sum(|f| f.generator) + sum(|f| f.missing);
    let went = sum(|f| f.load) + sum(|f| f.spilled) + lost + gained;
    let load = sum(|f| f.load);
    if load <= 0.0 { 0.0 } else { ((came - went) / load).abs() }
}

/// Battery hours beyond which more panels are the better answer.
const MOST_HOURS: f64 = 120.0;

/// Panels (W) and usable battery (Wh) that carry one watt of computers through the year without grid or generator, so that no hour is
/// dark; none when 64 times the usual panels would not do it. `load` is what the place takes for that watt.
#[must_use]
pub fn alone(load: &[f64], yields: &[f64], round_trip: f64, margin: f64) -> Option<(f64, f64)> {
    let mean = load.iter().sum::<f64>() / load.len().max(1) as f64;
    let mut panels = mean * 24.0 / worst_month(yields).max(1e-6) * margin;
    let dark = |panels: f64, battery: f64| {
        let plant = Plant { panels, battery, round_trip, grid: false, outage: 0.0, generator: false };
        run(&plant, load, yields).iter().any(|flow| flow.missing > 1e-9)
    };
    for _ in 0..20 {
        if !dark(panels, mean * MOST_HOURS) {
            let (mut low, mut high) = (0.0, MOST_HOURS);
            while high - low > 0.25 {
                let middle = f64::midpoint(low, high);
                if dark(panels, mean * middle) { low = middle } else { high = middle }
            }
            return Some((panels, mean * high));
        }
        panels *= 1.25;
    }
    None
}

/// What a watt of panels gives a day in the darkest month, in Wh.
fn worst_month(yields: &[f64]) -> f64 {
    let mut sums = [0.0; 12];
    for (hour, share) in yields.iter().enumerate() {
        sums[super::month_of(hour)] += share;
    }
    let days = super::MONTH_DAYS.map(|days| days as f64);
    sums.iter().zip(days).map(|(sum, days)| sum / days).fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::super::panels::usual;
    use super::super::weather::nairobi;
    use super::*;

    fn yields() -> Vec<f64> {
        let panels = usual(-1.29);
        nairobi().year().iter().map(|hour| panels.yield_of(hour)).collect()
    }

    #[test]
    fn the_books_close_whatever_the_plant() {
        let yields = yields();
        let load: Vec<f64> = (0..yields.len()).map(|hour| 80.0 + (hour % 24) as f64 * 3.0).collect();
        for grid in [false, true] {
            for generator in [false, true] {
                for (panels, battery) in [(0.0, 0.0), (300.0, 0.0), (600.0, 2_000.0), (5_000.0, 100.0)] {
                    let plant = Plant { panels, battery, round_trip: 0.9, grid, outage: 3.5, generator };
                    let flows = run(&plant, &load, &yields);
                    assert!(open_share(&plant, &flows) < 1e-9, "{plant:?}");
                    let ok = |f: &Flow| f.stored >= -1e-6 && f.stored <= battery + 1e-6 && f.spilled >= 0.0;
                    assert!(flows.iter().all(ok), "{plant:?}");
                }
            }
        }
    }

    #[test]
    fn books_that_were_cooked_do_not_close() {
        let yields = yields();
        let load = vec![100.0; yields.len()];
        let plant = Plant {
            panels: 600.0,
            battery: 2_000.0,
            round_trip: 0.9,
            grid: true,
            outage: 2.0,
            generator: true,
        };
        let mut flows = run(&plant, &load, &yields);
        for flow in &mut flows {
            flow.grid *= 1.01;
        }
        assert!(open_share(&plant, &flows) > 0.001);
    }

    #[test]
    fn alone_means_no_dark_hour_and_not_twice_too_much() {
        let yields = yields();
        let load = vec![1.3; yields.len()];
        let (panels, battery) = alone(&load, &yields, 0.9, 1.3).unwrap();
        let plant = Plant { panels, battery, round_trip: 0.9, grid: false, outage: 0.0, generator: false };
        assert!(run(&plant, &load, &yields).iter().all(|flow| flow.missing <= 1e-9));
        let less = Plant { battery: battery / 2.0, ..plant };
        assert!(run(&less, &load, &yields).iter().any(|flow| flow.missing > 0.0));
        assert!((5.0..20.0).contains(&panels) && (12.0..100.0).contains(&battery), "{panels} {battery}");
        assert_eq!(alone(&load, &vec![0.0; yields.len()], 0.9, 1.3), None);
    }

    #[test]
    fn outages_fall_in_the_evening() {
        assert_eq!([17, 18, 19, 20].map(|hour| outage_share(hour, 1.5)), [0.0, 1.0, 0.5, 0.0]);
        assert_eq!((0..24).map(|hour| outage_share(hour, 24.0)).sum::<f64>(), 24.0);
    }
}
