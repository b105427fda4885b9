//! Whole numbers as a language writes them (CLDR 47 symbols for the languages Daftar has met so far; others get
//! a comma). Four digits stand together, as ISO 80000-1 §7.3.2 advises, so that a year is never `2,026`.

use daftar_kernel::Lang;
use fluent_bundle::FluentValue;
use intl_memoizer::Memoizable;
use intl_memoizer::concurrent::IntlLangMemoizer;
use unic_langid::LanguageIdentifier;

/// How a language writes whole numbers.
#[derive(Clone, Copy)]
struct Style {
    separator: &'static str,
    /// 12,34,567 instead of 1,234,567.
    indian: bool,
    /// The language's own zero; the other nine follow it in Unicode.
    native_zero: char,
    native_separator: &'static str,
}

const LATIN: Style = Style { separator: ",", indian: false, native_zero: '0', native_separator: "," };

fn style(primary: &str) -> Style {
    let separated = |separator| Style { separator, native_separator: separator, ..LATIN };
    match primary {
        "fr" => separated("\u{202f}"),
        "pt" | "es" | "de" | "it" | "nl" | "id" | "tr" | "da" => separated("."),
        "ru" | "uk" | "kk" | "ky" | "uz" | "pl" | "sv" | "fi" | "nb" | "bg" => separated("\u{a0}"),
        "ar" | "ckb" => Style { native_zero: '٠', native_separator: "٬", ..LATIN },
        "fa" | "ur" | "ps" | "sd" => Style { native_zero: '۰', native_separator: "٬", ..LATIN },
        "hi" | "mr" | "ne" => Style { indian: true, native_zero: '०', ..LATIN },
        "bn" | "as" => Style { indian: true, native_zero: '০', ..LATIN },
        "pa" | "gu" | "ta" | "te" | "kn" | "ml" => Style { indian: true, ..LATIN },
        "my" => Style { native_zero: '၀', ..LATIN },
        "km" => Style { native_zero: '០', ..LATIN },
        _ => LATIN,
    }
}

fn primary(lang: &Lang) -> &str {
    lang.tag().split('-').next().unwrap_or_default()
}

/// The number in the language's way.
pub(super) fn format(lang: &Lang, native: bool, count: i64) -> String {
    write(style(primary(lang)), native, count)
}

/// Digits one by one, without separators: for days and years.
pub(super) fn digits(lang: &Lang, native: bool, text: &str) -> String {
    let style = style(primary(lang));
    text.chars().map(|c| if native { own_digit(style, c) } else { c }).collect()
}

fn own_digit(style: Style, digit: char) -> char {
    digit.to_digit(10).and_then(|d| char::from_u32(u32::from(style.native_zero) + d)).unwrap_or(digit)
}

fn write(style: Style, native: bool, count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() * 2 + 1);
    if count < 0 {
        // U+2212, after a mark that keeps it on the right side of the digits in a right-to-left line.
        out.push_str("\u{200e}\u{2212}");
    }
    let separator = if native { style.native_separator } else { style.separator };
    for (index, digit) in digits.chars().enumerate() {
        let left = digits.len() - index;
        let boundary =
            left == 3 || (left > 3 && if style.indian { left % 2 == 1 } else { left.is_multiple_of(3) });
        if index > 0 && boundary && digits.len() > 4 {
            out.push_str(separator);
        }
        out.push(if native { own_digit(style, digit) } else { digit });
    }
    out
}

/// Fluent asks for formatters by language; this remembers the one of its bundle.
struct Remembered(Style);

impl Memoizable for Remembered {
    type Args = ();
    type Error = ();
    fn construct(lang: LanguageIdentifier, (): ()) -> Result<Self, ()> {
        Ok(Self(style(lang.language.as_str())))
    }
}

fn fluent(value: &FluentValue<'_>, memo: &IntlLangMemoizer, native: bool) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    // `Arg` lets only whole numbers in; a literal with a fraction in a Fluent file keeps Fluent's own way.
    let whole: i64 = number.value.to_string().parse().ok()?;
    memo.with_try_get::<Remembered, _, _>((), |style| write(style.0, native, whole)).ok()
}

/// Fluent's hook for Latin digits.
pub(super) fn latin(value: &FluentValue<'_>, memo: &IntlLangMemoizer) -> Option<String> {
    fluent(value, memo, false)
}
/// Fluent's hook for the language's own digits.
pub(super) fn native(value: &FluentValue<'_>, memo: &IntlLangMemoizer) -> Option<String> {
    fluent(value, memo, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_each_language_writes() {
        let written = |tag: &str, native, n| format(&Lang::parse(tag).unwrap(), native, n);
        for (tag, native, count, expected) in [
            ("en", false, 0, "0"),
            ("en", false, 2026, "2026"),
            ("en", false, 12_345, "12,345"),
            ("en", false, 1_234_567, "1,234,567"),
            ("en", false, -12_345, "\u{200e}\u{2212}12,345"),
            ("fr", false, 1_234_567, "1\u{202f}234\u{202f}567"),
            ("ar", false, 12_345, "12,345"),
            ("ar", true, 12_345, "١٢٬٣٤٥"),
            ("hi", false, 1_234_567, "12,34,567"),
            ("am", false, 100_000, "100,000"),
            ("en", false, i64::MIN, "\u{200e}\u{2212}9,223,372,036,854,775,808"),
        ] {
            assert_eq!(written(tag, native, count), expected, "{tag} {count}");
        }
        assert_eq!(digits(&Lang::parse("ar").unwrap(), true, "2026"), "٢٠٢٦");
    }
}
