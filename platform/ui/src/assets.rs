//! Stylesheet, script and mark: embedded, named by their content so that a browser may keep them for ever, and
//! compressed once.

use std::io::Write as _;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;

/// A file that pages refer to.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Path on the site, `/assets/daftar-0123456789ab.css`: it changes whenever the bytes do.
    pub path: String,
    /// Media type.
    pub content_type: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The same, as gzip (RFC 1952).
    pub gzip: Vec<u8>,
}

impl Asset {
    /// Names and compresses a file: the house's own and a country's crest. `name` is a plain word.
    #[must_use]
    pub fn new(name: &str, extension: &str, content_type: &'static str, bytes: Vec<u8>) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        let short: String = daftar_kernel::hex::encode(digest.as_ref()).chars().take(12).collect();
        let gzip = compress(&bytes);
        Self { path: format!("/assets/{name}-{short}.{extension}"), content_type, bytes, gzip }
    }
}

/// Writing into memory cannot fail; if it ever does, an empty answer makes the caller send the plain bytes.
fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

struct Own {
    stylesheet: Asset,
    script: Asset,
    mark: Asset,
    passkey: Asset,
}

static OWN: LazyLock<Own> = LazyLock::new(|| Own {
    stylesheet: Asset::new("daftar", "css", "text/css; charset=utf-8", stylesheet().into_bytes()),
    script: Asset::new(
        "enhance",
        "js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/enhance.js").to_vec(),
    ),
    mark: Asset::new("mark", "svg", "image/svg+xml", include_bytes!("../assets/mark.svg").to_vec()),
    passkey: Asset::new(
        "passkey",
        "js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/passkey.js").to_vec(),
    ),
});

/// Every file the pages refer to.
#[must_use]
pub fn assets() -> [&'static Asset; 4] {
    [&OWN.stylesheet, &OWN.script, &OWN.mark, &OWN.passkey]
}

/// Path of the stylesheet.
pub(crate) fn stylesheet_path() -> &'static str {
    &OWN.stylesheet.path
}
/// Path of the script.
pub(crate) fn script_path() -> &'static str {
    &OWN.script.path
}
/// Path of the script for passkeys, on the pages that need it.
pub(crate) fn passkey_path() -> &'static str {
    &OWN.passkey.path
}
/// Path of the house's mark, shown where a country has no crest.
pub(crate) fn mark_path() -> &'static str {
    &OWN.mark.path
}

/// The one stylesheet of all pages: the house's look and the classes of its charts, which a strict content security
/// policy keeps from being written beside the chart. The colours of both are the house's tokens.
fn stylesheet() -> String {
    minify_css(&[include_str!("../assets/daftar.css"), svg_chart::STYLESHEET].join("\n"))
}

/// Leaves out comments, line ends and indentation. The stylesheet holds no string with `/*` or double spaces.
fn minify_css(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((code, after)) = rest.split_once("/*") {
        out.push_str(code);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let mut tight = String::with_capacity(out.len());
    for word in out.split_whitespace() {
        let glued = tight.ends_with(['{', '}', ';', ',']) || word.starts_with(['{', '}']);
        // `a: b` of a declaration is tight, but `a :b` of a selector is not: only a colon at a word's end counts.
        let declared = tight.ends_with(':');
        if !tight.is_empty() && !glued && !declared {
            tight.push(' ');
        }
        tight.push_str(word);
    }
    tight.replace(";}", "}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_bytes() {
        let a = Asset::new("x", "css", "text/css", b"a".to_vec());
        let b = Asset::new("x", "css", "text/css", b"b".to_vec());
        assert_ne!(a.path, b.path);
        assert_eq!(a.path, "/assets/x-ca978112ca1b.css");
    }

    #[test]
    fn small_enough_for_a_slow_line() {
        let [css, js, mark, passkey] = assets();
        assert!(css.gzip.len() < 7 * 1024, "stylesheet: {} bytes", css.gzip.len());
        assert!(js.bytes.len() < 2 * 1024, "script: {} bytes", js.bytes.len());
        assert!(passkey.gzip.len() < 1300, "script for passkeys: {} bytes", passkey.gzip.len());
        assert!(mark.gzip.len() < 1024, "mark: {} bytes", mark.gzip.len());
        for asset in assets() {
            assert_eq!(asset.gzip[..2], [0x1f, 0x8b]);
        }
    }

    #[test]
    fn the_stylesheet_runs_either_way() {
        let css = stylesheet();
        for physical in
            ["-left", "-right", "left:", "right:", "float:", "text-align:left", "text-align:right"]
        {
            assert!(!css.contains(physical), "{physical} runs one way only: use a logical property");
        }
        assert!(!css.contains("/*") && !css.contains("  "));
    }

    #[test]
    fn minified_means_the_same() {
        assert_eq!(
            minify_css("/* x */ a b,\n  c > d { color: red; margin: 0 1px; }\n@media (x: 1) { a { b: c } }"),
            "a b,c > d{color:red;margin:0 1px}@media (x:1){a{b:c}}"
        );
    }

    /// The colours of one theme, by token.
    fn tokens(theme: &str) -> std::collections::BTreeMap<String, [u8; 3]> {
        let block = theme.split_once(":root{").unwrap().1.split_once('}').unwrap().0;
        let colour = |hex: &str| {
            let hex = hex.trim().strip_prefix('#')?;
            let full: String =
                if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.into() };
            daftar_kernel::hex::decode(&full)?.try_into().ok()
        };
        let pairs = block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'));
        pairs.filter_map(|(name, value)| Some((name.to_string(), colour(value)?))).collect()
    }

    /// One channel made linear (WCAG 2.2, definition of relative luminance), in millionths and without floats:
    /// `((c + 0.055) / 1.055) ^ 2.4` is the fifth root of a twelfth power.
    fn linear(channel: u8) -> u128 {
        const ONE: u128 = 1_000_000;
        const FINE: u128 = 1_000_000_000_000_000_000;
        let c = u128::from(channel) * ONE / 255;
        if c <= 40_450 {
            return c * 100 / 1292;
        }
        let base = (c + 55_000) * 1000 / 1055;
        let power = |x: u128, n: u32| (0..n).fold(FINE, |product, _| product * x / ONE);
        let wanted = power(base, 12);
        let (mut low, mut high) = (0, ONE);
        while low < high {
            let middle = (low + high).div_ceil(2);
            if power(middle, 5) <= wanted { low = middle } else { high = middle - 1 }
        }
        low
    }

    /// WCAG 2.2, definition of contrast ratio, in hundredths.
    fn contrast(a: [u8; 3], b: [u8; 3]) -> u128 {
        let luminance = |[red, green, blue]: [u8; 3]| {
            (2126 * linear(red) + 7152 * linear(green) + 722 * linear(blue)) / 10_000 + 50_000
        };
        let (a, b) = (luminance(a), luminance(b));
        a.max(b) * 100 / a.min(b)
    }

    fn themes() -> [std::collections::BTreeMap<String, [u8; 3]>; 2] {
        let css = stylesheet();
        let (day, night) = css.split_once("prefers-color-scheme").unwrap();
        let day = tokens(day);
        let mut both = day.clone();
        both.extend(tokens(night));
        [day, both]
    }

    /// WCAG 2.2, 1.4.11: a bar or line stands out from its ground; and neighbours differ by more than hue.
    #[test]
    fn every_series_of_a_chart_can_be_told_from_its_ground_and_its_neighbour() {
        let css = stylesheet();
        for alias in ["1:var(--act)", "3:var(--seen)", "5:var(--ink)"] {
            assert!(css.contains(&format!("--chart-colour-{alias}")), "{alias}");
        }
        let series = ["act", "chart-colour-2", "seen", "chart-colour-4", "ink", "chart-colour-6"];
        for (i, colour) in series.iter().enumerate() {
            assert!(css.contains(&format!(".chart .chart-{}{{--chart-colour:", i + 1)), "no class {colour}");
            for (theme, tokens) in ["day", "night"].iter().zip(&themes()) {
                for ground in ["paper", "sheet"] {
                    let ratio = contrast(tokens[*colour], tokens[ground]);
                    assert!(ratio >= 300, "{theme}: {colour} on {ground} is {ratio} hundredths, needs 300");
                }
                let next = series[(i + 1) % series.len()];
                let ratio = contrast(tokens[*colour], tokens[next]);
                assert!(ratio >= 200, "{theme}: {colour} beside {next} is {ratio} hundredths, needs 200");
            }
        }
    }

    #[test]
    fn every_text_can_be_read_on_its_ground_by_day_and_by_night() {
        let [day_tokens, night_tokens] = themes();
        let text = [
            ("ink", "paper sheet shade good-ground info-ground warn-ground bad-ground"),
            ("soft", "paper sheet shade info-ground good-ground warn-ground"),
            ("link", "paper sheet info-ground good-ground warn-ground"),
            ("seen", "paper sheet info-ground"),
            ("bad", "paper sheet bad-ground"),
            ("good", "good-ground"),
            ("warn", "warn-ground"),
            ("on-act", "act act-deep"),
            ("on-head", "head"),
            ("sheet", "bad"),
            ("paper", "ink"),
        ];
        let controls = [("edge", "paper sheet"), ("act", "sheet"), ("bad", "paper"), ("brass", "head")];
        for (theme, tokens) in [("day", &day_tokens), ("night", &night_tokens)] {
            for (pairs, least) in [(&text[..], 450), (&controls[..], 300)] {
                for (front, grounds) in pairs {
                    for ground in grounds.split(' ') {
                        let ratio = contrast(tokens[*front], tokens[ground]);
                        assert!(
                            ratio >= least,
                            "{theme}: {front} on {ground} is {ratio} hundredths, needs {least}"
                        );
                    }
                }
            }
        }
        // The formula itself, by two known values: the most there is, and the grey that just fails on white.
        assert_eq!((contrast([0; 3], [255; 3]), contrast([0x77; 3], [255; 3])), (2100, 447));
        // What has the focus is dark on yellow in both themes.
        assert!(contrast([0x1b, 0x24, 0x30], day_tokens["focus"]) >= 450);
    }
}
