//! Puts the demo's country pack into the program, so that `daftar demo` needs nothing beside itself.

use std::fmt::Write;
use std::path::{Path, PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script its folders through the environment"
)]
fn main() -> std::io::Result<()> {
    // Asked when it runs, not when it is compiled: two clones may share a folder of artefacts.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| missing("CARGO_MANIFEST_DIR"))?;
    let pack = Path::new(&here).join("../../country/demo");
    println!("cargo::rerun-if-changed={}", pack.display());
    let mut files = Vec::new();
    collect(&pack, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&pack).unwrap_or(file).display().to_string();
        // Writing to a String cannot fail.
        let _ = writeln!(list, "    ({name:?}, include_str!({:?})),", file.display().to_string());
    }
    list.push(']');
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?;
    std::fs::write(PathBuf::from(out).join("pack.rs"), list)
}

fn missing(name: &str) -> std::io::Error {
    std::io::Error::other(format!("cargo set no {name}"))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
