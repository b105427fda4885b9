//! A page composed of blocks: most pages are a heading, some facts, a table, a form. Those with a shape of their own
//! have a template instead.

use crate::parts::{Choice, Link, ReceiptState, SummaryRow, Table, Task, Tile};
use crate::{Frame, Html, Tone};
use askama::Template;

/// A page composed of blocks, below one heading.
#[derive(Template, Clone, Debug)]
#[template(path = "sheet.html")]
pub struct Sheet {
    f: Frame,
    back: String,
    caption: String,
    blocks: Vec<Block>,
}

/// One block of a page. Texts are already in the reader's language.
#[derive(Clone, Debug)]
pub enum Block {
    /// The paragraph that says what the page is for.
    Lead(String),
    /// A paragraph.
    Text(Html),
    /// A heading of a part.
    Heading(String),
    /// Something to notice.
    Note(Tone, String, Html),
    /// What may go wrong.
    Warning(String),
    /// Something set apart: a number to keep.
    Inset(Html),
    /// A great act is done: title, and what to keep.
    Panel(String, Html),
    /// Facts, one a line.
    Summary(Vec<SummaryRow>),
    /// A table.
    Table(Table),
    /// Great figures.
    Tiles(Vec<Tile>),
    /// Things to do.
    Tasks(Vec<Task>),
    /// Links, one a line.
    Links(Vec<Link>),
    /// A link that looks like a button; the second is its kind (empty, `second`, `danger`).
    Button(Link, &'static str),
    /// A form that is only a button: action, label, kind.
    Act(String, String, &'static str),
    /// A form.
    Form(Form),
    /// Further words behind a summary.
    Details(String, Html),
    /// How far a receipt is.
    Receipt(ReceiptState),
    /// Older and newer pages of a list; empty where it ends.
    Pages(String, String),
    /// A drawing or other markup made by us.
    Markup(Html),
}

/// A form within a page.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Where it is sent (POST), or asked (GET).
    pub action: String,
    /// Whether it only asks: no token, the answers stand in the address.
    pub ask: bool,
    /// Whether it may carry files.
    pub multipart: bool,
    /// Values sent along unseen.
    pub hidden: Vec<(String, String)>,
    /// What is asked.
    pub fields: Vec<Field>,
    /// Text of the button.
    pub button: String,
    /// Kind of the button: empty, `second`, `danger`.
    pub kind: &'static str,
}

/// What a form asks.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Name, which is also the id.
    pub name: String,
    /// The question.
    pub label: String,
    /// A hint, or empty.
    pub hint: String,
    /// What is already answered.
    pub value: String,
    /// Whether it may stay empty.
    pub optional: bool,
    /// How it is asked.
    pub kind: Ask,
}

/// How a field is asked.
#[derive(Clone, Debug, Default)]
pub enum Ask {
    /// One line of text.
    #[default]
    Line,
    /// A name, in any script.
    Name,
    /// A password the browser has stored.
    Password,
    /// A password to be chosen.
    NewPassword,
    /// A one-time code.
    Code,
    /// Several lines.
    Lines,
    /// A date in three boxes: day, month, year as typed.
    Date(String, String, String),
    /// One of these.
    Radios(Vec<Choice>),
    /// One of many.
    Select(Vec<Choice>),
    /// Agreement.
    Checkbox,
    /// A file of these media types.
    File(&'static str),
}

impl Field {
    /// A required field, empty so far.
    pub fn new(name: impl Into<String>, label: impl Into<String>, kind: Ask) -> Self {
        Self { name: name.into(), label: label.into(), kind, ..Self::default() }
    }
    /// With a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
    /// With what is already answered.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }
    /// It may stay empty.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

impl Form {
    /// A form that changes something.
    pub fn post(action: impl Into<String>, button: impl Into<String>) -> Self {
        Self { action: action.into(), button: button.into(), ..Self::default() }
    }
    /// A form that only asks.
    pub fn ask(action: impl Into<String>, button: impl Into<String>) -> Self {
        Self { ask: true, ..Self::post(action, button) }
    }
    /// With a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.multipart |= matches!(field.kind, Ask::File(_));
        self.fields.push(field);
        self
    }
    /// With a value sent along unseen.
    #[must_use]
    pub fn hidden(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }
    /// With another kind of button.
    #[must_use]
    pub const fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }
}

impl Sheet {
    /// A page under the frame's title.
    #[must_use]
    pub const fn new(frame: Frame) -> Self {
        Self { f: frame, back: String::new(), caption: String::new(), blocks: Vec::new() }
    }
    /// With a link back.
    #[must_use]
    pub fn back(mut self, href: impl Into<String>) -> Self {
        self.back = href.into();
        self
    }
    /// With a small line above the heading: the task this page is a step of.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }
    /// With the whole width, for tables of officials.
    #[must_use]
    pub const fn wide(mut self) -> Self {
        self.f.wide = true;
        self
    }
    /// With one more block.
    #[expect(
        clippy::should_implement_trait,
        reason = "a page plus a block reads as what it is; no one writes page + block"
    )]
    #[must_use]
    pub fn add(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
    /// With more blocks.
    #[must_use]
    pub fn extend(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.blocks.extend(blocks);
        self
    }
    /// With a paragraph.
    #[must_use]
    pub fn text(self, text: impl Into<Html>) -> Self {
        self.add(Block::Text(text.into()))
    }
    /// The frame, for its texts.
    #[must_use]
    pub const fn frame(&self) -> &Frame {
        &self.f
    }
    /// Whether the page brings its own `<h1>`: a panel.
    fn has_panel(&self) -> bool {
        self.blocks.iter().any(|block| matches!(block, Block::Panel(..)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Fault, Site};
    use std::sync::Arc;

    fn frame() -> Frame {
        Frame::new(Catalog::new(&crate::BUNDLES).unwrap().english(), Arc::new(Site::default()), "A <title>")
    }

    #[test]
    fn one_heading_and_everything_escaped() {
        let html = Sheet::new(frame())
            .add(Block::Lead("<b>".into()))
            .add(Block::Form(Form::post("/x", "Go").field(Field::new("a", "<i>", Ask::Line).value("\"'<"))))
            .render()
            .unwrap();
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(!html.contains("<b>") && !html.contains("<i>") && !html.contains("\"'<"));
    }

    #[test]
    fn a_panel_is_the_heading() {
        let html = Sheet::new(frame()).add(Block::Panel("Done".into(), Html::text("1"))).render().unwrap();
        assert_eq!(html.matches("<h1").count(), 1);
    }

    #[test]
    fn a_file_makes_the_form_multipart_and_faults_are_tied() {
        let mut f = frame();
        f.faults = vec![Fault { field: "p".into(), message: "too large".into() }];
        let form = Form::post("/x", "Go").field(Field::new("p", "Photo", Ask::File("image/jpeg")));
        let html = Sheet::new(f).add(Block::Form(form)).render().unwrap();
        assert!(html.contains("multipart/form-data") && html.contains("id=\"p-error\""));
    }

    #[test]
    fn a_form_that_asks_carries_no_token() {
        let mut f = frame();
        f.csrf = "secret".into();
        let html = Sheet::new(f).add(Block::Form(Form::ask("/x", "Go"))).render().unwrap();
        assert!(!html.contains("value=\"secret\""));
    }
}
