//! Secrets: from the environment or a file, and shown to nobody.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// As many characters of a secret in a row are no accident.
const PIECE: usize = 8;

/// A password or token. Its `Debug` form shows nothing of it, and it has no other.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set or empty.
    #[error("the environment variable {0} is not set (it holds a secret that the configuration asks for)")]
    Unset(String),
    /// The file cannot be read.
    #[error("failed to read the secret in {path:?}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is empty.
    #[error("the file {0:?} holds no secret")]
    Empty(PathBuf),
}

impl Secret {
    /// The secret in the environment variable `name`.
    pub fn from_environment(name: &str) -> Result<Self, SecretError> {
        match std::env::var(name) {
            Ok(value) if !value.trim().is_empty() => Ok(Self(value.trim().to_owned())),
            _ => Err(SecretError::Unset(name.to_owned())),
        }
    }

    /// The secret in a file: its whole content without white space around it.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let text =
            fs::read_to_string(path).map_err(|source| SecretError::File { path: path.to_owned(), source })?;
        match text.trim() {
            "" => Err(SecretError::Empty(path.to_owned())),
            secret => Ok(Self(secret.to_owned())),
        }
    }

    /// A secret that is known already, such as the token that a server has just issued.
    pub fn new(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// The secret itself, to be put into a request and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a text holds the secret or a good piece of it, as it is, as JSON or as an address writes it.
    pub(crate) fn is_told_by(&self, text: &str) -> bool {
        let json = serde_json::to_string(&self.0).unwrap_or_default();
        let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
        let encoded: String = url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        [self.0.as_str(), json, &encoded].into_iter().any(|form| {
            let form: Vec<char> = form.chars().collect();
            let mut pieces = form.windows(form.len().clamp(1, PIECE));
            pieces.any(|piece| text.contains(&piece.iter().collect::<String>()))
        })
    }
}

/// The texts in a JSON document that is a secret.
pub(crate) fn of_json(value: &serde_json::Value, secrets: &mut Vec<Secret>) {
    match value {
        serde_json::Value::String(text) => secrets.push(Secret::new(text)),
        serde_json::Value::Array(values) => values.iter().for_each(|value| of_json(value, secrets)),
        serde_json::Value::Object(fields) => fields.values().for_each(|value| of_json(value, secrets)),
        _ => {}
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }

    #[test]
    fn a_secret_is_found_in_other_spellings_and_in_pieces() {
        let secret = Secret::new("pass\"word & more");
        for text in [
            "cannot parse {\"password\":\"pass\\\"word & more\"}",
            "no account a:pass\"word & more",
            "password=pass%22word+%26+more",
            "cut off: pass\"word & ",
        ] {
            assert!(secret.is_told_by(text), "{text}");
        }
        assert!(!secret.is_told_by("the password is wrong"));
        assert!(!Secret::new("").is_told_by("anything"));
    }

    #[test]
    fn a_file_holds_a_secret_and_a_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "abc\n").unwrap();
        assert_eq!(Secret::from_file(&path).unwrap().reveal(), "abc");
        fs::write(&path, "\n").unwrap();
        assert!(matches!(Secret::from_file(&path), Err(SecretError::Empty(_))));
        assert!(matches!(Secret::from_file(&folder.path().join("none")), Err(SecretError::File { .. })));
    }

    #[test]
    fn an_unset_variable_is_named() {
        let error = Secret::from_environment("GTMI_TEST_NO_SUCH_SECRET").unwrap_err();
        assert!(error.to_string().contains("GTMI_TEST_NO_SUCH_SECRET"));
    }
}
