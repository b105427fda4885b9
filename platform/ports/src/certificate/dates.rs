//! Dates as people write them in their language; ISO 8601 where this page does not know the language.

use daftar_kernel::{Lang, PartialDate};

const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const FRENCH: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const SPANISH: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
const PORTUGUESE: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];
const SWAHILI: [&str; 12] = [
    "Januari", "Februari", "Machi", "Aprili", "Mei", "Juni", "Julai", "Agosti", "Septemba", "Oktoba",
    "Novemba", "Desemba",
];
const ARABIC: [&str; 12] = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
];
/// Algeria and Tunisia.
const ARABIC_WEST: [&str; 12] = [
    "جانفي",
    "فيفري",
    "مارس",
    "أفريل",
    "ماي",
    "جوان",
    "جويلية",
    "أوت",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
];
/// Iraq, Jordan, Lebanon, Palestine, Syria.
const ARABIC_EAST: [&str; 12] = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
];
const AMHARIC: [&str; 12] =
    ["ጃንዩወሪ", "ፌብሩወሪ", "ማርች", "ኤፕሪል", "ሜይ", "ጁን", "ጁላይ", "ኦገስት", "ሴፕቴምበር", "ኦክቶበር", "ኖቬምበር", "ዲሴምበር"];
const HINDI: [&str; 12] =
    ["जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्तूबर", "नवंबर", "दिसंबर"];

/// The month names of a language and the words between day, month and year.
fn words(lang: &Lang) -> Option<(&'static [&'static str; 12], &'static str)> {
    let mut parts = lang.tag().split('-');
    let primary = parts.next().unwrap_or_default();
    let region = parts.find(|part| part.len() == 2).unwrap_or_default().to_ascii_uppercase();
    match (primary, region.as_str()) {
        ("en", _) => Some((&ENGLISH, " ")),
        ("fr", _) => Some((&FRENCH, " ")),
        ("es", _) => Some((&SPANISH, " de ")),
        ("pt", _) => Some((&PORTUGUESE, " de ")),
        ("sw", _) => Some((&SWAHILI, " ")),
        ("ar", "DZ" | "TN") => Some((&ARABIC_WEST, " ")),
        ("ar", "IQ" | "JO" | "LB" | "PS" | "SY") => Some((&ARABIC_EAST, " ")),
        ("ar", _) => Some((&ARABIC, " ")),
        ("am", _) => Some((&AMHARIC, " ")),
        ("hi", _) => Some((&HINDI, " ")),
        _ => None,
    }
}

/// A date of the Gregorian calendar in words, as exact as it is known; nothing when it is unknown.
#[must_use]
pub fn in_words(date: PartialDate, lang: &Lang) -> String {
    let month = |m: i8| {
        let (names, between) = words(lang)?;
        let index = usize::try_from(m).ok()?.checked_sub(1)?;
        names.get(index).map(|name| (*name, between))
    };
    match (date.year(), date.month().and_then(month), date.day()) {
        (Some(year), Some((month, between)), None) => format!("{month}{between}{year}"),
        (Some(year), Some((month, between)), Some(1)) if lang.tag().starts_with("fr") => {
            format!("1er{between}{month}{between}{year}")
        }
        (Some(year), Some((month, between)), Some(day)) => format!("{day}{between}{month}{between}{year}"),
        _ => date.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_in_its_own_words() {
        let cases = [
            ("en", "1956-06-20", "20 June 1956"),
            ("fr", "1956-01-01", "1er janvier 1956"),
            ("es", "1956-06-20", "20 de junio de 1956"),
            ("ar", "1956-06-20", "20 يونيو 1956"),
            ("ar-TN", "1956-06-20", "20 جوان 1956"),
            ("ar-Arab-SY", "1956-06", "حزيران 1956"),
            ("am", "1956-12", "ዲሴምበር 1956"),
            ("hi", "1956-02-29", "29 फ़रवरी 1956"),
            ("de", "1956-06-20", "1956-06-20"),
            ("en", "1956", "1956"),
            ("en", "", ""),
        ];
        for (lang, date, words) in cases {
            assert_eq!(in_words(date.parse().unwrap(), &Lang::parse(lang).unwrap()), words);
        }
    }
}
