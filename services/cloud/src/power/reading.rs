//! What the power supply and the room say at one moment.

use std::collections::BTreeMap;

/// Hottest and coldest believable temperature, in tenths of a degree Celsius; what lies outside is a broken sensor.
const CELSIUS_TENTHS: std::ops::RangeInclusive<i32> = -400..=1_200;

/// One reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Whether the machine runs from the battery now.
    pub on_battery: bool,
    /// Whether the supply says that the battery is nearly empty, or that it will cut the power.
    pub nearly_empty: bool,
    /// Charge of the battery in percent.
    pub charge_percent: Option<u8>,
    /// How long the battery lasts at the load of now, in seconds.
    pub lasts_seconds: Option<u32>,
    /// Load of the supply in percent of what it can give.
    pub load_percent: Option<u8>,
    /// The hottest of room and battery, in tenths of a degree Celsius.
    pub celsius_tenths: Option<i32>,
}

/// Why a supply's variables make no reading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It does not say whether it is on mains or on battery.
    #[error("the supply gives no ups.status")]
    NoStatus,
    /// It says neither or both.
    #[error("the supply's ups.status '{0}' says neither mains (OL) nor battery (OB)")]
    OddStatus(String),
}

impl Reading {
    /// From the variables of a supply (Network UPS Tools, "NUT Developer Guide", appendix "NUT command and variable naming
    /// scheme"; the words of `ups.status` in RFC 9271 section 5.1).
    ///
    /// # Errors
    /// When it is not plain whether it is on mains. Any other value that is absent or makes no sense is unknown.
    pub fn of(variables: &BTreeMap<String, String>) -> Result<Self, Unreadable> {
        let status = variables.get("ups.status").ok_or(Unreadable::NoStatus)?;
        let says = |word: &str| status.split_whitespace().any(|said| said == word);
        // A supply that works around its battery (BYPASS) or is off lets mains through or gives nothing: it says so with OL or OFF.
        let on_battery = match (says("OL"), says("OB")) {
            (true, false) => false,
            (false, true) => true,
            _ => return Err(Unreadable::OddStatus(status.clone())),
        };
        let tenths = |name: &str| variables.get(name).and_then(|value| tenths(value));
        let percent = |name: &str| {
            let value = tenths(name)?;
            // Down, so that nothing rests later than the law says.
            u8::try_from(value.div_euclid(10)).ok().filter(|percent| *percent <= 100)
        };
        let heat = ["ambient.temperature", "battery.temperature", "ups.temperature"];
        Ok(Self {
            on_battery,
            nearly_empty: says("LB") || says("FSD"),
            charge_percent: percent("battery.charge"),
            lasts_seconds: tenths("battery.runtime")
                .and_then(|value| u32::try_from(value.div_euclid(10)).ok()),
            // A load over what it can give is full.
            load_percent: tenths("ups.load")
                .and_then(|value| u8::try_from(value.div_euclid(10).min(100)).ok()),
            celsius_tenths: heat
                .iter()
                .filter_map(|name| tenths(name))
                .filter(|value| CELSIUS_TENTHS.contains(value))
                .max(),
        })
    }
}

/// A decimal number in tenths, what is finer cut off downwards: `24.57` is 245.
fn tenths(text: &str) -> Option<i32> {
    let text = text.trim();
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain =
        |text: &str| !text.is_empty() && text.len() <= 7 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(part) {
        return None;
    }
    let first = part.bytes().next().map_or(0, |byte| i32::from(byte - b'0'));
    let value = whole.parse::<i32>().ok()?.checked_mul(10)? + first;
    let finer = part.bytes().skip(1).any(|byte| byte != b'0');
    Some(if negative { -value - i32::from(finer) } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(lines: &[(&str, &str)]) -> Result<Reading, Unreadable> {
        Reading::of(&lines.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    #[test]
    fn a_supply_on_mains_and_on_battery() {
        let all = [
            ("ups.status", "OB DISCHRG LB"),
            ("battery.charge", "47.9"),
            ("battery.runtime", "1860"),
            ("ups.load", "112"),
            ("ambient.temperature", "31.25"),
            ("battery.temperature", "29"),
        ];
        let expected = Reading {
            on_battery: true,
            nearly_empty: true,
            charge_percent: Some(47),
            lasts_seconds: Some(1860),
            load_percent: Some(100),
            celsius_tenths: Some(312),
        };
        assert_eq!(reading(&all), Ok(expected));
        assert_eq!(reading(&[("ups.status", "OL CHRG")]), Ok(Reading::default()));
    }

    #[test]
    fn neither_mains_nor_battery_is_no_reading() {
        assert_eq!(reading(&[]), Err(Unreadable::NoStatus));
        for status in ["", "OFF", "OL OB", "BOLT", "WAIT"] {
            assert_eq!(reading(&[("ups.status", status)]), Err(Unreadable::OddStatus(status.into())));
        }
    }

    #[test]
    fn a_value_that_makes_no_sense_is_unknown() {
        for odd in ["", "NA", "-5", "101", "1e2", "99999999", "4.", ".5", "\u{663}"] {
            let read = reading(&[("ups.status", "OL"), ("battery.charge", odd)]).unwrap();
            assert_eq!(read.charge_percent, None, "{odd}");
        }
        let hot =
            reading(&[("ups.status", "OL"), ("ups.temperature", "500"), ("ambient.temperature", "-3.05")]);
        assert_eq!(hot.unwrap().celsius_tenths, Some(-31), "a broken sensor does not hide a good one");
    }
}
