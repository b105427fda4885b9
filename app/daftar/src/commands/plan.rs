//! `daftar plan`

use crate::cli::Plan;
use crate::{Outcome, remark, say};
use anyhow::Context;
use daftar_cloud::plan::{BUNDLES, RESULTS, Said};
use daftar_kernel::Lang;
use daftar_ui::Catalog;
use site_planner::{
    Bench, Block, Cells, Document, PlanError, Words, document, hours_csv, html, markdown, standalone,
};
use std::io::Read;
use std::path::Path;

/// Longest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Makes the plan of a site.
///
/// # Errors
/// When an answer cannot be written. What is wrong with the question is said with file, line and remedy, with the exit code of wrong
/// usage.
pub fn run(args: &Plan) -> anyhow::Result<Outcome> {
    let catalog = Catalog::new(&BUNDLES).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let Some(texts) = Lang::parse(&args.lang).and_then(|lang| catalog.texts(&lang)) else {
        let known: Vec<String> = catalog.languages().map(ToString::to_string).collect();
        remark(&format!("no plan is written in '{}'. Take one of {}", args.lang, known.join(", ")));
        return Ok(Outcome::Usage);
    };
    let said = Plain(Said(texts));
    let (plan, hours) = match answer(args) {
        Ok(answer) => answer?,
        Err(error) => {
            error.to_string().lines().for_each(remark);
            return Ok(Outcome::Usage);
        }
    };
    let written = document(&plan, &said, true)?;
    if let Some(dir) = &args.svg {
        write_drawings(dir, &written)?;
    }
    if let Some(file) = &args.html {
        write(file, &html(&written, &args.lang, said.rtl()))?;
    }
    if let Some(file) = &args.hours {
        write(file, &hours_csv(&hours))?;
    }
    say(&if args.json {
        serde_json::to_string_pretty(&plan)?
    } else {
        markdown(&written).trim_end().to_string()
    });
    Ok(Outcome::Good)
}

type Answer = (site_planner::Plan, Vec<site_planner::HourRow>);

/// The plan; within it what cannot be read, around it what is wrong with the question.
fn answer(args: &Plan) -> Result<anyhow::Result<Answer>, PlanError> {
    let read = || -> anyhow::Result<_> {
        let assumptions = args.assumptions.as_deref().map(text).transpose()?;
        let bench = args.bench.as_deref().map(text).transpose()?;
        Ok((text(&args.site)?, assumptions, bench))
    };
    let (site, assumptions, bench) = match read() {
        Ok(texts) => texts,
        Err(error) => return Ok(Err(error)),
    };
    let name = |path: &Path| path.display().to_string();
    let cells = match (&assumptions, &args.assumptions) {
        (Some(text), Some(path)) => Cells::with_assumptions(&name(path), text)?,
        _ => Cells::shipped()?,
    };
    let bench = match (&bench, &args.bench) {
        (Some(text), Some(path)) => Bench::read(&name(path), text)?,
        _ => Bench::read(RESULTS.0, RESULTS.1)?,
    };
    let (site, cells) = site_planner::read(&name(&args.site), &site, &cells)?;
    Ok(Ok(site_planner::plan(&site, &cells, &bench)?))
}

fn text(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(FILE_BYTES_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text))
    };
    read.with_context(|| format!("reading {}", path.display()))?;
    Ok(text)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

fn write_drawings(dir: &Path, document: &Document) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
    for section in &document.sections {
        for block in &section.blocks {
            if let Block::Drawing { name, svg, .. } = block {
                write(&dir.join(format!("{name}.svg")), &standalone(svg))?;
            }
        }
    }
    Ok(())
}

/// Words for files: without the marks that isolate directions on a page, where the language runs left to right.
struct Plain(Said);

impl Words for Plain {
    fn word(&self, key: &str) -> String {
        self.0.word(key)
    }
    fn with(&self, key: &str, values: &[(&'static str, String)]) -> String {
        let text = self.0.with(key, values);
        if self.rtl() { text } else { text.replace(['\u{2068}', '\u{2069}'], "") }
    }
    fn rtl(&self) -> bool {
        self.0.rtl()
    }
}
