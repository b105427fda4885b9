//! Letters and messages people get: a file each, with a subject and a body in every language of the country.

use crate::{Country, Fault};
use daftar_kernel::Lang;
use daftar_ports::notify::{Notice, Template, TemplateFault};
use daftar_ports::toml_reader::{Reader, Table};

/// Checks what can be checked without the service that sends the notice: languages, subjects, bodies.
pub(crate) fn check(reader: &Reader<'_>, top: &Table<'_, '_>, languages: &[Lang]) {
    let texts = top.each_table();
    for (tag, table) in &texts {
        if Lang::parse(tag).is_none_or(|lang| !languages.contains(&lang)) {
            let remedy = "Remove it, or add the language to country.toml";
            reader.fault_at(table.line(), format!("[{tag}] is no language of this country"), remedy);
        }
        for key in ["subject", "body"] {
            if table.text(key).is_some_and(|text| text.trim().is_empty()) {
                table.fault(key, format!("'{key}' says nothing"), "Write what people shall read");
            }
        }
        table.finish();
    }
    for lang in languages.iter().filter(|lang| texts.iter().all(|(tag, _)| tag != lang.tag())) {
        let remedy = format!("Add [{lang}] with subject and body");
        reader.fault_at(0, format!("the text in '{lang}' is missing"), remedy);
    }
}

impl Country {
    /// The texts of a notice that a service declares; none when the pack has no file of its id.
    ///
    /// # Errors
    /// Every placeholder that is missing or that nobody fills in.
    pub fn notice(&self, notice: Notice) -> Result<Option<Template>, Vec<Fault>> {
        let Some(text) = self.notices.get(notice.id) else { return Ok(None) };
        let languages: Vec<Lang> = self.tags().cloned().collect();
        let template = Template::parse(&format!("notices/{}.toml", notice.id), text, notice, &languages);
        template.map(Some).map_err(|faults| {
            let fault = |f: TemplateFault| Fault {
                file: f.file,
                line: f.line,
                message: f.message.trim_end_matches('.').to_string(),
                remedy: f.remedy,
            };
            faults.into_iter().map(fault).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<usize> {
        let reader = Reader::new("notices/x.toml", text);
        let parsed = reader.parse();
        check(&reader, &reader.top(&parsed), &[Lang::english(), Lang::parse("ar").unwrap()]);
        reader.into_faults().iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn every_language_says_something() {
        let good = "[en]\nsubject='A'\nbody='B {name}'\n[ar]\nsubject='ا'\nbody='ب {name}'\n";
        assert_eq!(faults(good), [0_usize; 0]);
        assert_eq!(faults(&good.replace("[ar]", "[fr]")), [4, 0]);
        assert_eq!(faults(&good.replace("'A'", "' '")), [2]);
        assert_eq!(faults(&good.replace("subject='A'", "title='A'")), [1, 2]);
    }
}
