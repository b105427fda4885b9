//! The drawing surface: whole tenths of a pixel, mirrored as a whole where the page runs right to left, every
//! text escaped.

use crate::data::Data;
use std::fmt::Write;

/// Width of every chart in tenths of a pixel: little enough that its text can be read on a phone.
pub(crate) const WIDTH: i64 = 4_800;

/// An SVG drawing under construction. Coordinates are tenths of a pixel, given as for a page that runs left to
/// right; `start` and `end` of texts are logical, so that they need no mirroring.
pub(crate) struct Canvas {
    body: String,
    rtl: bool,
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Canvas {
    pub(crate) const fn new(rtl: bool) -> Self {
        Self { body: String::new(), rtl }
    }

    fn x(&self, x: i64) -> i64 {
        if self.rtl { WIDTH - x } else { x }
    }

    /// A bar with its own description, which mice show.
    pub(crate) fn bar(
        &mut self,
        series: usize,
        (x, y): (i64, i64),
        (width, height): (i64, i64),
        label: &str,
    ) {
        let left = if self.rtl { WIDTH - x - width } else { x };
        self.push(format_args!(
            "<rect class=\"chart-area chart-{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>",
            series + 1,
            Tenths(left),
            Tenths(y),
            Tenths(width),
            Tenths(height),
            Escaped(label)
        ));
    }

    /// A straight line of the grid or an axis.
    pub(crate) fn rule(&mut self, class: &str, (x1, y1): (i64, i64), (x2, y2): (i64, i64)) {
        let (x1, x2) = (self.x(x1), self.x(x2));
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            Tenths(x1),
            Tenths(y1),
            Tenths(x2),
            Tenths(y2)
        ));
    }

    /// Joined points of a series.
    pub(crate) fn path(&mut self, series: usize, points: &[(i64, i64)]) {
        let mut list = String::new();
        for (x, y) in points {
            let space = if list.is_empty() { "" } else { " " };
            // Writing to a String cannot fail.
            let _ = write!(list, "{space}{},{}", Tenths(self.x(*x)), Tenths(*y));
        }
        self.push(format_args!("<polyline class=\"chart-line chart-{}\" points=\"{list}\"/>", series + 1));
    }

    /// A point of a series with its own description.
    pub(crate) fn dot(&mut self, series: usize, (x, y): (i64, i64), label: &str) {
        let x = self.x(x);
        self.push(format_args!(
            "<circle class=\"chart-area chart-{}\" cx=\"{}\" cy=\"{}\" r=\"3.5\"><title>{}</title></circle>",
            series + 1,
            Tenths(x),
            Tenths(y),
            Escaped(label)
        ));
    }

    /// A text with its baseline at `y`.
    pub(crate) fn text(&mut self, (x, y): (i64, i64), anchor: Anchor, small: bool, text: &str) {
        let x = self.x(x);
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let class = if small { " class=\"chart-small\"" } else { "" };
        // Numbers and ranges such as 85–89 keep their order on a page that runs the other way.
        let turned = self.rtl && !text.contains(|c: char| c.is_alphabetic());
        let (open, close) = if turned { ("\u{2066}", "\u{2069}") } else { ("", "") };
        self.push(format_args!(
            "<text{class} x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{open}{}{close}</text>",
            Tenths(x),
            Tenths(y),
            Escaped(text)
        ));
    }

    /// The names of the series with their colours, from `y` down; returns the `y` below them.
    pub(crate) fn legend(&mut self, data: &Data, y: i64) -> i64 {
        const ROW: i64 = 220;
        let (mut x, mut top) = (0, y);
        for (index, series) in data.series.iter().enumerate() {
            let width = 220 + estimated_width(&series.name, false) + 200;
            if x > 0 && x + width > WIDTH {
                x = 0;
                top += ROW;
            }
            self.bar(index, (x, top + 30), (140, 140), &series.name);
            self.text((x + 200, top + 150), Anchor::Start, false, &series.name);
            x += width;
        }
        top + ROW + 60
    }

    fn push(&mut self, part: std::fmt::Arguments<'_>) {
        let _ = self.body.write_fmt(part);
        self.body.push('\n');
    }

    /// The finished element. Its direction is said outright: a page's would turn the anchors around.
    pub(crate) fn finish(self, data: &Data, height: i64) -> String {
        let (id, direction) = (&data.id, if self.rtl { "rtl" } else { "ltr" });
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" direction=\"{direction}\" \
             viewBox=\"0 0 {} {}\" aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\">\n\
             <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n{}</svg>\n",
            Tenths(WIDTH),
            Tenths(height),
            Escaped(&data.title),
            Escaped(&data.description),
            self.body
        )
    }
}

/// About how wide a text will be, in tenths of a pixel: the server has no font at hand.
pub(crate) fn estimated_width(text: &str, small: bool) -> i64 {
    let of = |c: char| match c {
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{200b}'..='\u{200f}' => 0,
        'i' | 'l' | 'j' | '.' | ',' | ' ' | '\u{202f}' | '\'' | ':' => 42,
        'm' | 'w' | 'M' | 'W' => 125,
        '\u{1100}'..='\u{11ff}' | '\u{1200}'..='\u{139f}' => 100,
        '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' => 140,
        c if c.is_uppercase() => 98,
        _ => 80,
    };
    let width: i64 = text.chars().map(of).sum();
    if small { width * 13 / 15 } else { width }
}

/// A text cut to about a width, with an ellipsis; the whole of it stands in the table.
pub(crate) fn shortened(text: &str, width: i64, small: bool) -> String {
    if estimated_width(text, small) <= width {
        return text.to_string();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if estimated_width(&out, small) + 100 > width {
            out.pop();
            break;
        }
    }
    format!("{}…", out.trim_end())
}

/// A coordinate in tenths, written as a decimal.
pub(crate) struct Tenths(pub(crate) i64);

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, tenth) = (self.0.unsigned_abs() / 10, self.0.unsigned_abs() % 10);
        if tenth == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{tenth}") }
    }
}

/// A text as it may stand in XML: control characters are left out, which XML 1.0 cannot hold.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(' ')?,
                '\u{fffe}' | '\u{ffff}' => {}
                c if c.is_control() => {}
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_and_escapes() {
        assert_eq!([0, 5, 10, -15, 6_400].map(|n| Tenths(n).to_string()), ["0", "0.5", "1", "-1.5", "640"]);
        assert_eq!(Escaped("<a b=\"'&\u{0}\u{b}\n").to_string(), "&lt;a b=&quot;&#39;&amp; ");
    }

    #[test]
    fn long_names_are_cut_to_their_place() {
        assert_eq!(shortened("North", 1_000, false), "North");
        let short = shortened("The district of the upper and the lower lakes", 1_500, false);
        assert!(short.ends_with('…') && estimated_width(&short, false) <= 1_600, "{short}");
        assert_eq!(shortened("abc", 0, false), "…");
    }
}
