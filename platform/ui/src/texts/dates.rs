//! Dates and times of day in words, from messages `ui-date-*` and `ui-month-*`.

use daftar_kernel::{PartialDate, Timestamp};

use super::{Arg, Texts, numbers};

impl Texts {
    /// A date as exact as it is known: `20 June 1956`, `June 1956`, `1956`, `not known`.
    #[must_use]
    pub fn date(&self, date: PartialDate) -> String {
        let Some(year) = date.year() else { return self.get("ui-date-unknown").into_owned() };
        self.civil(year, date.month(), date.day())
    }
    /// The day in the installation's time zone: `23 November 2026`.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> String {
        self.local(at).0
    }
    /// Day and minute in the installation's time zone: `23 November 2026 at 10:31`.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> String {
        let (day, time) = self.local(at);
        own(&self.two("ui-date-moment", "day", day, "time", time))
    }
    /// The minute in the installation's time zone: `10:31`.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        self.local(at).1
    }
    /// How long ago, in the largest unit that fits; the future counts as now.
    #[must_use]
    pub fn ago(&self, at: Timestamp, now: Timestamp) -> String {
        let seconds = now.seconds().saturating_sub(at.seconds()).max(0);
        let words = match seconds {
            0..60 => self.one("ui-ago-seconds", "n", seconds),
            60..3_600 => self.one("ui-ago-minutes", "n", seconds / 60),
            3_600..172_800 => self.one("ui-ago-hours", "n", seconds / 3_600),
            _ => self.one("ui-ago-days", "n", seconds / 86_400),
        };
        own(&words)
    }

    fn local(&self, at: Timestamp) -> (String, String) {
        let stamp = at.to_local_minute(&self.language.zone);
        let (date, time) = stamp.split_once(' ').unwrap_or((stamp.as_str(), ""));
        let day = match date.parse::<PartialDate>() {
            Ok(date) if date.day().is_some() => self.date(date),
            // Outside the register's years: as the machine writes it.
            _ => date.to_string(),
        };
        (day, self.own_digits(time))
    }
    fn civil(&self, year: i16, month: Option<i8>, day: Option<i8>) -> String {
        let year = Arg::from(self.own_digits(&year.to_string()));
        let Some(month) = month else { return own(&self.with("ui-date-year", &[("year", year)])) };
        let month = Arg::from(self.month(month).into_owned());
        let words = match day {
            None => self.with("ui-date-month", &[("month", month), ("year", year)]),
            Some(day) => {
                let day = Arg::from(self.own_digits(&day.to_string()));
                self.with("ui-date-day", &[("day", day), ("month", month), ("year", year)])
            }
        };
        own(&words)
    }
    fn month(&self, month: i8) -> std::borrow::Cow<'_, str> {
        const KEYS: [&str; 12] = [
            "ui-month-1",
            "ui-month-2",
            "ui-month-3",
            "ui-month-4",
            "ui-month-5",
            "ui-month-6",
            "ui-month-7",
            "ui-month-8",
            "ui-month-9",
            "ui-month-10",
            "ui-month-11",
            "ui-month-12",
        ];
        let index = usize::try_from(month).unwrap_or_default().wrapping_sub(1);
        KEYS.get(index).map_or_else(Default::default, |key| self.get(key))
    }
    fn own_digits(&self, text: &str) -> String {
        numbers::digits(&self.language.lang, self.language.native_digits, text)
    }
}

/// Takes the isolates out of what is made of the language's own words and digits alone. When such a text is put into
/// a message it is isolated as a whole, and U+2068 looks for the first strong letter outside inner isolates (UAX #9
/// rule P2): it would find none, and a date in Arabic would run from left to right.
fn own(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect()
}

#[cfg(test)]
mod tests {
    use crate::texts::{Catalog, Options};
    use daftar_kernel::{Lang, PartialDate, Timestamp};

    #[test]
    fn every_degree_of_knowledge_in_three_languages() {
        let catalog = Catalog::new(&crate::BUNDLES).unwrap();
        let say = |lang: &str, date: &str| {
            let t = catalog.texts(&Lang::parse(lang).unwrap()).unwrap();
            t.date(date.parse::<PartialDate>().unwrap())
        };
        assert_eq!(say("en", "1956-06-20"), "20 June 1956");
        assert_eq!(say("en", "1956-06"), "June 1956");
        assert_eq!(say("en", "1956"), "1956");
        assert_eq!(say("en", ""), "not known");
        assert_eq!(say("fr", "1956-08-01"), "1 août 1956");
        assert_eq!(say("ar", "1956-08-01"), "1 أغسطس 1956");
    }

    #[test]
    fn times_are_local_and_digits_follow_the_setting() {
        let options = Options { zone: "Africa/Tunis".into(), native_digits: true, ..Options::default() };
        let catalog = Catalog::with(&crate::BUNDLES, &options).unwrap();
        let at = Timestamp::from_seconds(1_795_775_495);
        let en = catalog.texts(&Lang::english()).unwrap();
        assert_eq!(en.moment(at), "27 November 2026 at 11:31");
        let ar = catalog.texts(&Lang::parse("ar").unwrap()).unwrap();
        assert!(ar.moment(at).contains("١١:٣١"));
    }

    #[test]
    fn ages_take_the_largest_unit() {
        let t = Catalog::new(&crate::BUNDLES).unwrap().texts(&Lang::english()).unwrap();
        let now = Timestamp::from_seconds(1_000_000);
        let ago = |seconds: i64| t.ago(now.plus_seconds(-seconds), now);
        assert_eq!(ago(-5), "just now");
        assert_eq!(ago(59), "59 seconds ago");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(7_200), "2 hours ago");
        assert_eq!(ago(3 * 86_400), "3 days ago");
    }
}
