//! Law 11: files stay short enough to be read in one go.

use super::{Finding, Tree};

const LINES_MAX: usize = 600;

/// Kinds of files that people read as text; data files may be as long as their data.
const READ: &[&str] = &[".rs", ".py", ".sh", ".sql", ".css", ".js", ".mjs", ".html"];

/// Files over the limit.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.all()
        .filter(|(path, _)| READ.iter().any(|end| path.ends_with(end)))
        .filter_map(|(path, text)| {
            let lines = text.lines().count();
            (lines > LINES_MAX).then(|| Finding {
                check: "files",
                path: path.into(),
                line: LINES_MAX + 1,
                message: format!("{lines} lines, of at most {LINES_MAX}"),
                remedy: "divide it by concept, each part named after one",
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_and_one_past_it_is_found() {
        let at = "x\n".repeat(LINES_MAX);
        let past = "x\n".repeat(LINES_MAX + 1);
        assert!(check(&Tree::of(&[("a.rs", &at), ("b.csv", &past)])).is_empty());
        assert_eq!(check(&Tree::of(&[("a.rs", &past)])).len(), 1);
    }
}
