//! A document as Markdown and as one HTML file.

use crate::diagram::escaped;
use crate::document::{Block, Document};
use std::fmt::Write;
use svg_chart::Table;

/// Markdown; drawings are named `<name>.svg` beside it.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let mut out = format!("# {}\n\n{}\n", document.title, document.lead);
    for section in &document.sections {
        // Writing to a String cannot fail.
        let _ = write!(out, "\n## {}\n", section.title);
        for block in &section.blocks {
            out.push('\n');
            match block {
                Block::Text(text) => {
                    let _ = writeln!(out, "{text}");
                }
                Block::Table(table) => markdown_table(&mut out, table),
                Block::Drawing { name, title, table, .. } => {
                    let _ = writeln!(out, "![{title}]({name}.svg)");
                    if let Some(table) = table {
                        out.push('\n');
                        markdown_table(&mut out, table);
                    }
                }
            }
        }
    }
    out
}

fn markdown_table(out: &mut String, table: &Table) {
    let row = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    // Markdown has no captions: what the table shows is said before it.
    let _ = write!(out, "*{}*\n\n", table.caption);
    out.push_str(&row(&table.header));
    out.push_str(&row(&vec!["---".to_string(); table.header.len()]));
    for cells in &table.rows {
        out.push_str(&row(cells));
    }
}

/// One HTML file without any other; `lang` is its language's tag.
#[must_use]
pub fn html(document: &Document, lang: &str, rtl: bool) -> String {
    let direction = if rtl { "rtl" } else { "ltr" };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\" dir=\"{direction}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>\n{PAGE}{}</style>\n\
         <h1>{}</h1>\n<p>{}</p>\n",
        escaped(lang),
        escaped(&document.title),
        svg_chart::STYLESHEET,
        escaped(&document.title),
        escaped(&document.lead)
    );
    for section in &document.sections {
        let _ = writeln!(out, "<h2>{}</h2>", escaped(&section.title));
        for block in &section.blocks {
            match block {
                Block::Text(text) => {
                    let _ = writeln!(out, "<p>{}</p>", escaped(text));
                }
                Block::Table(table) => html_table(&mut out, table),
                Block::Drawing { svg, table, .. } => {
                    out.push_str(svg);
                    if let Some(table) = table {
                        html_table(&mut out, table);
                    }
                }
            }
        }
    }
    out.push_str("</html>\n");
    out
}

const PAGE: &str = "body { font-family: system-ui, sans-serif; max-inline-size: 60rem; margin: 1rem auto; padding: 0 1rem; line-height: 1.45; }
table { border-collapse: collapse; display: block; overflow-x: auto; margin-block: 1rem; }
caption { text-align: start; font-weight: 600; }
th, td { border-block-end: 1px solid #b1b4b6; padding: 0.25rem 0.75rem 0.25rem 0; text-align: start; vertical-align: top; }
p { overflow-wrap: anywhere; }
";

fn html_table(out: &mut String, table: &Table) {
    let _ = write!(out, "<table>\n<caption>{}</caption>\n<thead><tr>", escaped(&table.caption));
    for head in &table.header {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let cell = escaped(cell.trim_matches('`'));
            let _ = if index == 0 {
                write!(out, "<th scope=\"row\">{cell}</th>")
            } else {
                write!(out, "<td>{cell}</td>")
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

/// A drawing as a file of its own, with the colours it needs.
#[must_use]
pub fn standalone(svg: &str) -> String {
    let at = svg.find('>').map_or(0, |at| at + 1);
    let (open, rest) = svg.split_at(at);
    format!("{open}\n<style>{}</style>{rest}", svg_chart::STYLESHEET)
}
