//! Markup that is safe to put into a page as it is.

use std::fmt::{self, Write as _};

/// Markup made by the house's own code. Text only gets in escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Markup from a template or from code that has escaped everything it took from outside.
    #[must_use]
    pub fn trusted(markup: String) -> Self {
        Self(markup)
    }
    /// Text, escaped.
    #[must_use]
    pub fn text(text: impl fmt::Display) -> Self {
        let mut out = Self::default();
        out.push_text(text);
        out
    }
    /// A name, number or code that keeps its own direction inside any sentence.
    #[must_use]
    pub fn isolated(text: impl fmt::Display) -> Self {
        Self(format!("<bdi>{}</bdi>", Self::text(text)))
    }
    /// A number or code among words; left to right in every language.
    #[must_use]
    pub fn ltr(text: impl fmt::Display) -> Self {
        Self(format!("<span dir=\"ltr\">{}</span>", Self::text(text)))
    }
    /// A number or code to be compared letter by letter; left to right in every language.
    #[must_use]
    pub fn code(text: impl fmt::Display) -> Self {
        Self(format!("<code dir=\"ltr\">{}</code>", Self::text(text)))
    }
    /// A link. An address that is neither a path of this site nor `https:` becomes plain text, so that a
    /// `javascript:` from anybody's data cannot become a link.
    #[must_use]
    pub fn link(href: &str, text: impl fmt::Display) -> Self {
        if is_safe_address(href) {
            Self(format!("<a href=\"{}\">{}</a>", Self::text(href), Self::text(text)))
        } else {
            Self::text(text)
        }
    }
    /// Several lines, one under the other.
    #[must_use]
    pub fn lines<S: fmt::Display>(lines: impl IntoIterator<Item = S>) -> Self {
        let mut out = Self::default();
        for line in lines {
            if !out.0.is_empty() {
                out.0.push_str("<br>");
            }
            out.push_text(line);
        }
        out
    }
    /// Adds text, escaped.
    pub fn push_text(&mut self, text: impl fmt::Display) {
        // Writing into a string cannot fail; a Display that fails anyway leaves what it wrote.
        let _ = write!(Escaped(&mut self.0), "{text}");
    }
    /// Adds markup.
    pub fn push(&mut self, more: &Self) {
        self.0.push_str(&more.0);
    }
    /// The markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether an address is a path on this site, a place on this page, or an `https:` address.
#[must_use]
pub(crate) fn is_safe_address(href: &str) -> bool {
    let local = href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/\\");
    let clean = !href.chars().any(char::is_control);
    clean && (local || href.starts_with('#') || href.starts_with('?') || href.starts_with("https://"))
}

struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        Ok(())
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl askama::filters::HtmlSafe for Html {}

impl From<&str> for Html {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}
impl From<&String> for Html {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}
impl From<String> for Html {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}
impl From<std::borrow::Cow<'_, str>> for Html {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_gets_in_escaped() {
        let hostile = "<script>'\"&";
        assert_eq!(Html::from(hostile).as_str(), "&lt;script&gt;&#39;&quot;&amp;");
        assert_eq!(Html::lines(["a<", "b"]).as_str(), "a&lt;<br>b");
        assert_eq!(Html::isolated("<").as_str(), "<bdi>&lt;</bdi>");
    }

    #[test]
    fn only_safe_addresses_become_links() {
        assert_eq!(Html::link("/a?b=1&c", "x").as_str(), "<a href=\"/a?b=1&amp;c\">x</a>");
        for bad in [
            "javascript:alert(1)",
            "//evil.example",
            "/\\evil.example",
            "data:text/html,x",
            "/a\nb",
            "http://x",
        ] {
            assert_eq!(Html::link(bad, "x").as_str(), "x", "{bad}");
        }
    }
}
