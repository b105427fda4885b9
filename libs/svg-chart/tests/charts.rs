//! All kinds of charts through the public face: well-formed, safe under a strict policy, mirrored, deterministic.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use svg_chart::{Chart, ChartFault, Data, NumberStyle, STYLESHEET, Series};

fn series(name: &str, values: &[i64]) -> Series {
    Series { name: name.into(), values: values.iter().map(|value| Some(*value)).collect() }
}
fn data(id: &str, categories: &[&str], series: Vec<Series>) -> Data {
    Data {
        id: id.into(),
        title: "Registrations & <script>alert('x')</script>".into(),
        description: "The \"north\" registers most.".into(),
        category_name: "District".into(),
        categories: categories.iter().map(ToString::to_string).collect(),
        series,
        decimals: 0,
        numbers: NumberStyle::plain(),
        unknown: "not known".into(),
        rtl: false,
    }
}
fn districts(rtl: bool) -> Data {
    let english = ["North", "Upper and Lower Lakes District", "Coast", "Highlands"];
    let arabic = ["الشمال", "مقاطعة البحيرات العليا والسفلى", "الساحل", "المرتفعات"];
    let mut many =
        vec![series("2024", &[12_400, 8_150, 930, 4_000]), series("2025", &[11_800, 9_020, 0, 5_210])];
    many[1].values[2] = None;
    let mut data = data(if rtl { "ar" } else { "en" }, if rtl { &arabic } else { &english }, many);
    if rtl {
        data.title = "التسجيلات حسب المقاطعة".into();
    }
    data.rtl = rtl;
    data
}
fn years(rtl: bool) -> Data {
    let labels: Vec<String> = (2010..2026).map(|year| year.to_string()).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let first: Vec<i64> = (0..16).map(|n| 3_000 + n * n * 40).collect();
    let second: Vec<i64> = (0..16).map(|n| 9_000 - n * 350).collect();
    Data { rtl, ..data("years", &labels, vec![series("Online", &first), series("At the counter", &second)]) }
}
fn ages(rtl: bool) -> Data {
    let labels: Vec<String> = (0..18).map(|n| format!("{}–{}", n * 5, n * 5 + 4)).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let women: Vec<i64> = (0..18).map(|n| 98_000 - n * 5_200).collect();
    let men: Vec<i64> = (0..18).map(|n| 101_000 - n * 5_700).collect();
    let names = if rtl { ["نساء", "رجال"] } else { ["Women", "Men"] };
    Data { rtl, ..data("ages", &labels, vec![series(names[0], &women), series(names[1], &men)]) }
}
fn all(rtl: bool) -> Vec<(&'static str, Chart)> {
    let mut balance =
        data("balance", &["Income", "Spending", "Rest"], vec![series("2025", &[125_050, -98_025, 27_025])]);
    balance.decimals = 2;
    balance.rtl = rtl;
    vec![
        ("bars", svg_chart::bars(&districts(rtl)).unwrap()),
        ("balance", svg_chart::bars(&balance).unwrap()),
        ("stacked", svg_chart::stacked_bars(&districts(rtl)).unwrap()),
        ("line", svg_chart::line(&years(rtl)).unwrap()),
        ("pyramid", svg_chart::pyramid(&ages(rtl)).unwrap()),
    ]
}

/// Enough of XML to notice an element that is not closed, an attribute without quotes or a bare `<` or `&`.
fn assert_well_formed(svg: &str) {
    let mut open = Vec::new();
    let mut rest = svg;
    while let Some(at) = rest.find('<') {
        let (text, tail) = rest.split_at(at);
        let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
        let bare = text.match_indices('&').any(|(at, _)| !entities.iter().any(|e| text[at..].starts_with(e)));
        assert!(!bare && !text.contains('>'), "{text}");
        let (tag, after) = tail[1..].split_once('>').unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else if !tag.ends_with('/') {
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            open.push(tag.split(' ').next().unwrap().to_string());
        }
        rest = after;
    }
    assert!(open.is_empty(), "{open:?} are not closed");
}

#[test]
fn every_chart_is_well_formed_named_and_without_inline_style_or_script() {
    for rtl in [false, true] {
        for (name, chart) in all(rtl) {
            assert_well_formed(&chart.svg);
            for forbidden in ["style=", "<style", "<script", "onload", "href", "NaN", "--"] {
                assert!(!chart.svg.contains(forbidden), "{name}: {forbidden}");
            }
            assert!(
                chart
                    .svg
                    .starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\"")
            );
            assert!(chart.svg.contains("aria-labelledby=") && chart.svg.contains("<title id="), "{name}");
            assert!(!chart.table.rows.is_empty());
        }
    }
}

#[test]
fn every_class_that_is_used_is_in_the_stylesheet() {
    for (name, chart) in all(false) {
        for part in chart.svg.split("class=\"").skip(1) {
            for class in part.split('"').next().unwrap().split(' ') {
                assert!(STYLESHEET.contains(&format!(".{class}")), "{name}: {class}");
            }
        }
    }
    assert!(!STYLESHEET.contains("margin-left") && !STYLESHEET.contains("url("));
}

#[test]
fn right_to_left_is_the_mirror_image() {
    let positions = |svg: &str| -> Vec<(i64, i64)> {
        let number = |part: &str, name: &str| {
            let text = part.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
            let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
            whole.parse::<i64>().unwrap() * 10 + tenth.parse::<i64>().unwrap()
        };
        let rects = svg.split("<rect ").skip(1);
        rects.map(|part| (number(part, " x"), number(part, "width"))).collect()
    };
    let (left, mut right) = (years(false), years(true));
    right.title.clone_from(&left.title);
    let left = positions(&svg_chart::stacked_bars(&left).unwrap().svg);
    let right = positions(&svg_chart::stacked_bars(&right).unwrap().svg);
    assert!(left.len() > 20);
    assert!(left.iter().zip(&right).all(|(l, r)| l.0 + l.1 + r.0 == 4_800 && l.1 == r.1));
}

#[test]
fn ranges_and_negative_numbers_keep_their_order_on_a_right_to_left_page() {
    let pyramid = svg_chart::pyramid(&ages(true)).unwrap();
    assert!(pyramid.svg.contains(">\u{2066}85–89\u{2069}</text>"));
    let (_, balance) = all(true).remove(1);
    assert_eq!(balance.table.rows[1][1], "\u{2066}\u{2212}980.25\u{2069}");
    assert!(!svg_chart::pyramid(&ages(false)).unwrap().svg.contains('\u{2066}'));
}

#[test]
fn the_same_data_gives_the_same_bytes_and_files_to_look_at() {
    for rtl in [false, true] {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("svg-chart");
        std::fs::create_dir_all(&folder).unwrap();
        let mut page = format!(
            "<!doctype html><html dir=\"{}\"><meta charset=\"utf-8\"><style>body{{font-family:sans-serif;margin:2rem}}{STYLESHEET}</style>",
            if rtl { "rtl" } else { "ltr" }
        );
        for ((_, chart), (_, again)) in all(rtl).into_iter().zip(all(rtl)) {
            assert_eq!(chart, again);
            page.push_str(&chart.svg);
        }
        std::fs::write(folder.join(if rtl { "rtl.html" } else { "ltr.html" }), page).unwrap();
    }
}

#[test]
fn bars_stay_on_the_drawing_and_in_proportion() {
    let chart = svg_chart::bars(&data("x", &["a", "b"], vec![series("s", &[1_000, 500])])).unwrap();
    let widths: Vec<&str> =
        chart.svg.split("width=\"").skip(1).map(|p| p.split('"').next().unwrap()).collect();
    let number = |text: &str| text.parse::<f64>().unwrap();
    assert!((number(widths[0]) / number(widths[1]) - 2.0).abs() < 0.01, "{widths:?}");
}

#[test]
fn hopeless_data_is_refused_with_a_reason() {
    assert_eq!(
        svg_chart::pyramid(&data("x", &["a"], vec![series("s", &[1])])),
        Err(ChartFault::NotTwoSides(1))
    );
    assert!(svg_chart::stacked_bars(&data("x", &["a"], vec![series("s", &[-1])])).is_err());
    assert!(svg_chart::line(&data("x", &[], vec![])).is_err());
    let zeros = data("x", &["a", "b"], vec![series("s", &[0, 0]), series("t", &[0, 0])]);
    for chart in [
        svg_chart::bars(&zeros),
        svg_chart::stacked_bars(&zeros),
        svg_chart::line(&zeros),
        svg_chart::pyramid(&zeros),
    ] {
        assert_well_formed(&chart.unwrap().svg);
    }
}
