//! Where in the configuration something is, and what was probably meant.

use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use maturity::spelling::did_you_mean_field;
use toml::Spanned;

use super::ConfigError;
use super::own::real;

/// Says where in the configuration something is.
pub(super) struct Located<'a> {
    pub(super) name: &'a str,
    /// The text that spans refer to; absent when values were overridden, since lines moved then.
    pub(super) text: Option<&'a str>,
}

impl Located<'_> {
    pub(super) fn place(&self, span: Option<&Range<usize>>) -> String {
        match (self.text, span) {
            (Some(text), Some(span)) => {
                let line = text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
                format!("{}:{line}", self.name)
            }
            _ => self.name.to_owned(),
        }
    }

    pub(super) fn invalid(&self, span: Range<usize>, what: String) -> ConfigError {
        ConfigError::Invalid { place: self.place(Some(&span)), what }
    }

    /// The path from the project's folder. Of none at all that folder would come.
    pub(super) fn path(
        &self,
        root: &Path,
        path: &Spanned<PathBuf>,
        what: &str,
    ) -> Result<PathBuf, ConfigError> {
        if path.get_ref().as_os_str().is_empty() {
            let what = format!("{what} has no path: it is empty (name one, or leave the key out)");
            return Err(self.invalid(path.span(), what));
        }
        Ok(root.join(path.get_ref()))
    }

    pub(super) fn toml(&self, error: &toml::de::Error) -> ConfigError {
        let what = format!("{}{}", error.message(), did_you_mean_field(error.message()));
        ConfigError::Invalid { place: self.place(error.span().as_ref()), what }
    }
}

/// The file beside a missing one that is spelled most like it, as a question; empty where there is none.
pub fn near_file(path: &Path) -> String {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return String::new() };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = fs::read_dir(folder) else { return String::new() };
    // A link that leads nowhere is spelled as it is meant.
    let others = entries.flatten().map(|entry| entry.file_name()).filter(|entry| entry != name);
    let names: Vec<String> = others.map(|entry| entry.to_string_lossy().into_owned()).collect();
    maturity::spelling::did_you_mean(&name.to_string_lossy(), names.iter().map(String::as_str))
}

/// The way from one folder to another, by their names, however these are written. Where one of them is not below the project,
/// what links lead to counts: a project that is reached by a link is the same one.
pub(super) fn way(project: &Path, from: &Path, to: &Path) -> PathBuf {
    let (plain_from, plain_to, project) = (plain(from), plain(to), plain(project));
    let (from, to) = if plain_from.starts_with(&project) && plain_to.starts_with(&project) {
        (&plain_from, &plain_to)
    } else {
        (&real(&plain_from), &real(&plain_to))
    };
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}

/// The path from the root, without `.` and `..`: by its words alone, since what it names need not be there.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in std::env::current_dir().unwrap_or_default().join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_leads_from_folder_to_folder() {
        for (from, to, expected) in [
            ("/a/out", "/a/out", ""),
            ("/a/out", "/a/out/2025", "2025"),
            ("/a/out", "/a/out-2025", "../out-2025"),
            ("/b/c/out", "/b/c/out-2025", "../out-2025"),
            ("", "out", "out"),
            ("out", "./out", ""),
            ("a/../out", "out/./2025", "2025"),
        ] {
            assert_eq!(way(Path::new(""), Path::new(from), Path::new(to)), Path::new(expected));
        }
        let here = std::env::current_dir().unwrap();
        assert_eq!(way(&here, &here.join("out"), Path::new("out")), Path::new(""));
        assert_eq!(way(&here, Path::new("out"), &here.join("./out-2025")), Path::new("../out-2025"));
    }

    #[test]
    fn the_way_to_the_outputs_is_the_same_through_a_link_to_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("project/out")).unwrap();
        std::os::unix::fs::symlink(at("project"), at("link")).unwrap();
        let out = at("project/out");
        for project in ["project", "link"] {
            let (project, store) = (at(project), at(project).join("out"));
            assert_eq!(way(&project, &store, &out), PathBuf::new());
            assert_eq!(way(&project, &store, &project.join("later")), PathBuf::from("../later"));
            let elsewhere = way(&project, &project.join("store"), &at("elsewhere"));
            assert_eq!(elsewhere, PathBuf::from("../../elsewhere"));
        }
    }

    #[test]
    fn a_link_that_leads_nowhere_is_not_proposed_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("inbox");
        std::os::unix::fs::symlink(folder.path().join("away"), &link).unwrap();
        assert_eq!(near_file(&link), "");
        assert_eq!(near_file(&folder.path().join("inbx")), ", did you mean \"inbox\"?");
    }
}
