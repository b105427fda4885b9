//! The crest: a drawing that may draw and nothing else.
//!
//! An SVG can run scripts, load things from elsewhere and hold a whole page. We read it with a small strict reader, and write
//! it anew from what is on the lists below; anything else is a fault, never silently dropped.

/// Largest crest, in bytes: it is sent with every first view.
pub const BYTES_MAX: usize = 8 << 10;
/// Deepest nesting of elements.
const DEPTH_MAX: usize = 32;

const ELEMENTS: &[&str] = &[
    "svg",
    "g",
    "path",
    "circle",
    "ellipse",
    "rect",
    "line",
    "polygon",
    "polyline",
    "title",
    "desc",
    "defs",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
];
const ATTRIBUTES: &[&str] = &[
    "xmlns",
    "viewBox",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "d",
    "points",
    "fill",
    "fill-rule",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-opacity",
    "opacity",
    "transform",
    "id",
    "offset",
    "stop-color",
    "stop-opacity",
    "gradientUnits",
    "gradientTransform",
    "clip-path",
    "clip-rule",
    "role",
    "preserveAspectRatio",
];
const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// What is wrong in a drawing, with its line from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// The drawing written anew from what may be in it.
///
/// # Errors
/// The first thing that may not be in it.
pub fn sanitise(text: &str) -> Result<String, Refused> {
    let mut reader = Reader { text, at: 0, out: String::new(), open: Vec::new() };
    let refuse = |at: usize, message: String| Refused { line: text[..at].matches('\n').count() + 1, message };
    if text.len() > BYTES_MAX {
        return Err(refuse(0, format!("larger than {BYTES_MAX} bytes")));
    }
    match reader.run() {
        Ok(()) => Ok(reader.out),
        Err(message) => Err(refuse(reader.at.min(text.len()), message)),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    out: String,
    open: Vec<&'t str>,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }
    fn take(&mut self, start: &str) -> bool {
        let found = self.rest().starts_with(start);
        if found {
            self.at += start.len();
        }
        found
    }
    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
    fn space(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
    }
    fn run(&mut self) -> Result<(), String> {
        self.take("\u{feff}");
        if self.take("<?xml") {
            let end = self.rest().find("?>").ok_or("the first line does not end")?;
            self.at += end + 2;
        }
        let mut done = false;
        loop {
            if self.open.is_empty() {
                self.space();
            } else {
                self.words()?;
            }
            if self.rest().is_empty() {
                return if done { Ok(()) } else { Err("the drawing is not complete".into()) };
            }
            if self.take("<!--") {
                let end = self.rest().find("-->").ok_or("a comment does not end")?;
                self.at += end + 3;
            } else if self.take("</") {
                self.close()?;
                done = self.open.is_empty();
            } else if done {
                return Err("something stands after the end".into());
            } else if self.rest().starts_with('<') {
                done = self.element()? && self.open.is_empty();
            } else {
                return Err("something stands outside the drawing".into());
            }
        }
    }
    /// The words of `title` and `desc`; elsewhere only white space.
    fn words(&mut self) -> Result<(), String> {
        let words = self.take_while(|c| c != '<');
        let speaks = matches!(self.open.last(), Some(&("title" | "desc")));
        if speaks {
            self.out.push_str(plain(words.trim())?);
        } else if !words.trim().is_empty() {
            return Err("words outside title and desc".into());
        }
        Ok(())
    }
    fn close(&mut self) -> Result<(), String> {
        let name = self.take_while(|c| c.is_ascii_alphanumeric());
        self.space();
        if !self.take(">") || self.open.pop() != Some(name) {
            return Err(format!("</{name}> closes nothing"));
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        Ok(())
    }
    /// Reads one opening tag; tells whether it closed itself.
    fn element(&mut self) -> Result<bool, String> {
        self.take("<");
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '!' | '?' | '['));
        if !ELEMENTS.contains(&name) {
            return Err(format!("<{name}> may not be in a crest"));
        }
        if self.open.is_empty() != (name == "svg") {
            return Err("a crest is one <svg> with shapes inside".into());
        }
        if self.open.len() == DEPTH_MAX {
            return Err(format!("more than {DEPTH_MAX} elements inside each other"));
        }
        self.out.push('<');
        self.out.push_str(name);
        let mut seen = Vec::new();
        loop {
            self.space();
            if self.take("/>") {
                self.out.push_str("/>");
                break;
            }
            if self.take(">") {
                self.out.push('>');
                self.open.push(name);
                return self.check_root(name, &seen).map(|()| false);
            }
            seen.push(self.attribute()?);
        }
        self.check_root(name, &seen)?;
        Ok(true)
    }
    fn check_root(&self, name: &str, attributes: &[&str]) -> Result<(), String> {
        let mut sorted = attributes.to_vec();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("an attribute is there twice".into());
        }
        if name == "svg" && !(attributes.contains(&"viewBox") && attributes.contains(&"xmlns")) {
            return Err("<svg> needs xmlns and viewBox, to be drawn at any size".into());
        }
        Ok(())
    }
    fn attribute(&mut self) -> Result<&'t str, String> {
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_'));
        if !ATTRIBUTES.contains(&name) {
            return Err(format!("the attribute '{name}' may not be in a crest"));
        }
        self.space();
        if !self.take("=") {
            return Err(format!("'{name}' has no value"));
        }
        self.space();
        let quote = if self.take("\"") {
            '"'
        } else if self.take("'") {
            '\''
        } else {
            return Err(format!("the value of '{name}' is not in quotes"));
        };
        let value = plain(self.take_while(|c| c != quote))?;
        self.at += 1;
        check_value(name, value)?;
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.out.push_str(value);
        self.out.push('"');
        Ok(name)
    }
}

/// A text without anything that means more than itself: no entity, no tag, no quote, no control character.
fn plain(text: &str) -> Result<&str, String> {
    match text.chars().find(|c| {
        matches!(c, '&' | '<' | '>' | '"' | '\\') || (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
    }) {
        Some(odd) => Err(format!("{odd:?} may not be in a crest's texts")),
        None => Ok(text),
    }
}

/// A value may point at a part of the same drawing, and nowhere else.
fn check_value(name: &str, value: &str) -> Result<(), String> {
    if name == "xmlns" {
        return if value == NAMESPACE { Ok(()) } else { Err(format!("xmlns must be {NAMESPACE}")) };
    }
    let lower = value.to_ascii_lowercase();
    for (at, _) in lower.match_indices("url(") {
        let inside = lower[at + 4..].split(')').next().unwrap_or_default();
        if !inside.trim().starts_with('#') {
            return Err(format!("'{name}' points outside the drawing"));
        }
    }
    if lower.contains(':') || lower.contains("//") {
        return Err(format!("'{name}' points outside the drawing"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "<?xml version=\"1.0\"?>\n<!-- ours -->\n<svg xmlns='http://www.w3.org/2000/svg' viewBox=\"0 0 9 9\" role='img'>\n<title>Crest</title>\n<defs><linearGradient id=\"a\"><stop offset='1' stop-color='#fff'/></linearGradient></defs>\n<path d=\"M0 0h9\" fill=\"url(#a)\"/></svg>\n";

    #[test]
    fn a_drawing_stays_and_comes_out_the_same_twice() {
        let once = sanitise(GOOD).unwrap();
        assert!(once.starts_with(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\" role=\"img\"><title>Crest</title>"
        ));
        assert_eq!(sanitise(&once), Ok(once));
    }

    #[test]
    fn whatever_acts_or_loads_is_refused_with_its_line() {
        for (from, to) in [
            ("<path", "<script>alert(1)</script><path"),
            ("<path", "<path onload='x'"),
            ("<path", "<image href='http://example.test/a.png'/><path"),
            ("<path", "<use xlink:href='#a'/><path"),
            ("<path", "<foreignObject/><path"),
            ("<path", "<style>*{}</style><path"),
            ("<path", "<path style='fill:red'"),
            ("url(#a)", "url(http://example.test/a)"),
            ("url(#a)", "URL( 'x')"),
            ("url(#a)", "javascript:1"),
            ("<svg", "<!DOCTYPE svg [<!ENTITY x 'y'>]><svg"),
            ("Crest", "&x;"),
            ("<path", "words<path"),
            ("</svg>", ""),
            ("</svg>", "</g>"),
            ("</svg>\n", "</svg><svg/>"),
            ("d=\"M0 0h9\"", "d=\"M0\" d=\"M1\""),
            ("d=\"M0 0h9\"", "d=M0"),
            ("viewBox=\"0 0 9 9\"", ""),
            ("/2000/svg'", "/1999/xhtml'"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD);
            assert!(sanitise(&text).is_err(), "{to}");
        }
        let line = sanitise(&GOOD.replace("<path", "<script/><path")).unwrap_err().line;
        assert_eq!(line, 6);
        assert!(sanitise("").is_err());
        assert!(sanitise(&"<g>".repeat(BYTES_MAX)).is_err());
        assert!(sanitise("plain words").is_err());
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth: usize| {
            let (open, close) = ("<g>".repeat(depth - 1), "</g>".repeat(depth - 1));
            sanitise(&format!("<svg xmlns='{NAMESPACE}' viewBox='0 0 1 1'>{open}{close}</svg>")).is_ok()
        };
        assert!(nested(DEPTH_MAX));
        assert!(!nested(DEPTH_MAX + 1));
    }
}
