//! The country's own words over the program's: Fluent files that hold only what shall read differently.

use crate::Fault;
use daftar_kernel::Lang;
use fluent_syntax::ast::Entry;

/// The overlay of one file `locales/<tag>.ftl`: the language, when its name is a tag.
pub(crate) fn read(path: &str, text: &str, faults: &mut Vec<Fault>) -> Option<Lang> {
    let tag = path.strip_prefix("locales/").and_then(|file| file.strip_suffix(".ftl")).unwrap_or_default();
    let lang = Lang::parse(tag);
    if lang.is_none() {
        faults.push(Fault::of_file(
            path,
            "is not named after a language",
            "Name it after its tag, e.g. fr.ftl",
        ));
    }
    let line =
        |at: usize| text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1;
    let mut fault = |at: usize, message: String, remedy: &str| {
        faults.push(Fault { file: path.into(), line: line(at), message, remedy: remedy.into() });
    };
    match fluent_syntax::parser::parse(text) {
        Err((_, errors)) => {
            for error in errors {
                // An entry that stops too early is found out on the next line; its own last line is the one to mend.
                let begun_before = error.slice.is_some_and(|slice| slice.start < error.pos.start);
                let at = error.pos.start.saturating_sub(usize::from(begun_before));
                fault(at, format!("not Fluent: {}", error.kind), "Mend the line: key = text");
            }
        }
        Ok(resource) => {
            for entry in &resource.body {
                if let Entry::Term(term) = entry {
                    let at = text.find(&format!("-{}", term.id.name)).unwrap_or(0);
                    fault(
                        at,
                        format!("'-{}' is a term", term.id.name),
                        "Write the words where they are needed",
                    );
                }
            }
        }
    }
    lang
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<usize> {
        let mut faults = Vec::new();
        read(path, text, &mut faults);
        faults.iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn only_fluent_under_the_name_of_a_language() {
        assert_eq!(faults("locales/fr.ftl", "a = x\n# note\nb = { $n }\n"), [0_usize; 0]);
        assert_eq!(faults("locales/fr_FR.ftl", "a = x\n"), [0]);
        assert_eq!(faults("locales/fr.ftl", "a = x\nb = { $n\n"), [2]);
        assert_eq!(faults("locales/fr.ftl", "a = x\n-brand = y\n"), [2]);
    }
}
