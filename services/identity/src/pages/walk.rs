//! Walking through a form that the country declares, page by page: the desk's registration and what people write down at home.

use daftar_http::forms::{FormPage, check_reply};
use daftar_http::{Cx, Reply};
use daftar_kernel::Problem;
use daftar_ports::form::{AnswerFault, AnswerView, Answers, Form, Page};
use std::sync::Arc;

/// A form under way.
pub(super) struct Walk {
    /// The form.
    pub(super) form: Arc<Form>,
    /// The answers so far.
    pub(super) answers: Answers,
    /// Where its pages are, with a slash at the end.
    pub(super) base: String,
    /// Where it began.
    pub(super) start: &'static str,
    /// Whether it can be found again and gone on with another time.
    pub(super) later: bool,
}

/// What came of a page that was sent.
pub(super) struct Taken {
    page: String,
    submitted: Vec<(String, String)>,
    /// What is wrong with it.
    pub(super) faults: Vec<AnswerFault>,
}

impl Walk {
    fn page(&self, cx: &Cx) -> Result<&Page, Problem> {
        self.form.page(cx.param("page")).ok_or_else(Problem::not_found)
    }

    /// The page that is asked for.
    pub(super) fn show(&self, cx: &Cx) -> Result<Reply, Problem> {
        self.reply(cx, self.page(cx)?, None, &[])
    }

    /// A page, with what was just sent and its faults.
    pub(super) fn reply(
        &self,
        cx: &Cx,
        page: &Page,
        submitted: Option<&[(String, String)]>,
        faults: &[AnswerFault],
    ) -> Result<Reply, Problem> {
        let (form, base) = (&*self.form, &self.base);
        let before = form.previous_page(&page.id, &self.answers);
        let back = before.map_or_else(|| self.start.into(), |page| format!("{base}{}", page.id));
        let action = format!("{base}{}", page.id);
        let shown =
            FormPage { form, page, answers: &self.answers, submitted, faults, action: &action, back: &back };
        if self.later { shown.reply(cx) } else { shown.reply_in_one_go(cx) }
    }

    /// Takes in what was sent for a page; whoever calls this keeps the answers, then goes on with [`Walk::next`].
    pub(super) fn take(&mut self, cx: &Cx, submitted: Vec<(String, String)>) -> Result<Taken, Problem> {
        let form = Arc::clone(&self.form);
        let page = form.page(cx.param("page")).ok_or_else(Problem::not_found)?;
        let entered = form.parse_page(page, &submitted, &self.answers, &cx.lists());
        self.answers.apply(&entered);
        Ok(Taken { page: page.id.clone(), submitted, faults: entered.faults })
    }

    /// The same page with its faults, or what follows it.
    pub(super) fn next(&self, cx: &Cx, taken: &Taken) -> Result<Reply, Problem> {
        if !taken.faults.is_empty() {
            let page = self.form.page(&taken.page).ok_or_else(Problem::not_found)?;
            return self.reply(cx, page, Some(&taken.submitted), &taken.faults);
        }
        let next = self.form.next_page(&taken.page, &self.answers);
        cx.go(&format!("{}{}", self.base, next.map_or("check", |page| page.id.as_str())))
    }

    /// To the first page that is not answered yet, if there is one: what was left in the middle goes on where it was left.
    pub(super) fn unfinished(&self, cx: &Cx) -> Option<Reply> {
        let open = self.form.first_open_page(&self.answers, &cx.lists())?;
        Some(Reply::redirect(&format!("{}{}", self.base, open.id)))
    }

    /// All answers once more, with `more` after them, each with a link to the page that changes it; `send` is the message on the
    /// button.
    pub(super) fn check(
        &self,
        cx: &Cx,
        more: Vec<(String, Vec<AnswerView>)>,
        send: &str,
    ) -> Result<Reply, Problem> {
        if let Some(unfinished) = self.unfinished(cx) {
            return Ok(unfinished);
        }
        let send = cx.texts().get(send).into_owned();
        check_reply(cx, (&self.form, &self.answers), more, (&self.base, self.start, &send))
    }
}
