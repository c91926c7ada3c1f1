//! What can be wrong with a framework: every problem names the file, the line and what to do.

use std::fmt;

/// One problem in a framework's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameworkProblem {
    /// The file in the framework's folder.
    pub file: &'static str,
    /// The line, counted from 1; absent where the file as a whole is meant.
    pub line: Option<u64>,
    /// What is wrong, with the value that was found.
    pub what: String,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for FrameworkProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {} ({})", self.what, self.advice)
    }
}

/// All problems of a framework, in the order of files and lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct FrameworkProblems(pub Vec<FrameworkProblem>);

impl fmt::Display for FrameworkProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "{count} problem{} in the framework", if count == 1 { "" } else { "s" })?;
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}
