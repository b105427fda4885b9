//! Problems a person can mend on the form they are looking at.

use crate::Cx;
use daftar_kernel::Problem;
use daftar_ui::Fault;

/// The problem above the form again, so that nobody has to find their way back; nothing without a problem.
#[must_use]
pub fn again(cx: &Cx, field: &str, problem: Option<&Problem>) -> Vec<Fault> {
    let Some(problem) = problem else { return Vec::new() };
    let words = cx.texts().problem(problem);
    vec![Fault { field: field.into(), message: format!("{} {}", words.what, words.next) }]
}

/// Whether a person can mend it on the same form.
#[must_use]
pub const fn is_theirs(problem: &Problem) -> bool {
    let status = problem.kind.status();
    status == 422 || status == 429
}
