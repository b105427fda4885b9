//! The page that says what went wrong, why, and what to do next.

use askama::Template;
use daftar_kernel::Problem;

use crate::{Frame, Html, ProblemWords};

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    f: &'a Frame,
    words: ProblemWords,
    items: Vec<String>,
    code: &'a str,
}

/// The page for a problem. The frame's title is replaced by what went wrong in general; faults of single fields are
/// listed by their messages, since the form they belong to is not on this page.
///
/// # Errors
/// When a template cannot be written, which memory alone could cause.
pub fn problem_page(frame: &Frame, problem: &Problem) -> Result<Html, askama::Error> {
    let mut f = frame.clone();
    f.title = f.t.get("ui-problem-title").into_owned();
    // A fault's message is a key, or already in words where values had to be put in.
    let in_words =
        |message: &str| if f.t.has(message) { f.t.get(message).into_owned() } else { message.to_string() };
    let items = problem.fields.iter().map(|fault| in_words(&fault.message)).collect();
    let words = f.t.problem(problem);
    Page { f: &f, words, items, code: problem.code }.render().map(Html::trusted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Site};
    use std::sync::Arc;

    #[test]
    fn says_what_and_what_next_and_nothing_for_the_log() {
        let t = Catalog::new(&crate::BUNDLES).unwrap().english();
        let frame = Frame::new(t, Arc::new(Site::default()), "x");
        let page = problem_page(&frame, &Problem::not_found().detail("SECRET")).unwrap();
        assert!(page.as_str().contains("We cannot find this page") && page.as_str().contains("not-found"));
        assert!(!page.as_str().contains("SECRET"));
        let faults = Problem::refused("not-found").field("a", "ui-no").field("b", "Name: <too long>");
        let page = problem_page(&frame, &faults).unwrap();
        assert!(
            page.as_str().contains("<li>No</li>")
                && page.as_str().contains("<li>Name: &#60;too long&#62;</li>")
        );
    }

    #[test]
    fn every_word_around_a_page_comes_from_a_language_file() {
        let options = crate::Options { pseudo: true, ..crate::Options::default() };
        let t = Catalog::with(&crate::BUNDLES, &options).unwrap().texts(&crate::pseudo::lang()).unwrap();
        let lang = |tag: &str| daftar_kernel::Lang::parse(tag).unwrap();
        let site = Site {
            names: [(lang("en"), "国".to_string())].into(),
            languages: vec![(lang("ar"), "العربية".into()), (lang("am"), "አማርኛ".into())],
            ..Site::default()
        };
        let mut frame = Frame::new(t, Arc::new(site), "x");
        frame.record = Some(crate::RecordClock {
            published: None,
            now: daftar_kernel::Timestamp(0),
            witnesses: 0,
            quorum: 1,
        });
        for signed_in in [false, true] {
            frame.signed_in = signed_in.then(|| crate::SignedIn {
                name: "Leila".into(),
                role: String::new(),
                href: "/me".into(),
            });
            let page = problem_page(&frame, &Problem::internal("x")).unwrap();
            assert_eq!(crate::pseudo::hard_coded(page.as_str()), [""; 0]);
        }
    }
}
