//! What is wrong in a pack, where, and what to do about it.

use std::fmt;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, from the top of the pack.
    pub file: String,
    /// Its line from 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    /// A fault about a file as a whole.
    pub fn of_file(file: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, message: message.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}. {}", self.message, self.remedy)
    }
}
