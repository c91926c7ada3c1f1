//! The table of focal points: who in each economy gets letters, and in which language.

use std::collections::BTreeMap;
use std::path::Path;

use maturity::economy::{Economies, EconomyCode};
use maturity::framework::Framework;
use maturity::language::Language;
use serde::Deserialize;

use super::{TableError, bytes, row_error, rows};
use crate::config::mail_address;

/// Somebody who answers for an economy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FocalPoint {
    /// The e-mail address.
    pub address: String,
    /// The language that letters are written in, where the table says it.
    pub language: Option<Language>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FocalPointRow {
    economy: String,
    address: String,
    #[serde(default)]
    language: String,
}

/// Reads the table `economy,address,language`; an economy may have several rows, and the language may be left out.
pub fn focal_points(
    path: &Path,
    economies: &Economies,
    framework: &Framework,
) -> Result<BTreeMap<EconomyCode, Vec<FocalPoint>>, TableError> {
    let bytes = bytes(path)?;
    let mut all: BTreeMap<EconomyCode, Vec<FocalPoint>> = BTreeMap::new();
    for (line, row) in (2_u64..).zip(rows(&bytes).deserialize()) {
        let row: FocalPointRow = row.map_err(|error| row_error(path, &error))?;
        let wrong = |what: String| TableError::Row { path: path.to_owned(), line, what };
        let Ok((economy, _)) = economies.find(&row.economy) else {
            return Err(wrong(format!("the economy {:?} is not in the table of economies", row.economy)));
        };
        let address = mail_address(&row.address).map_err(&wrong)?;
        let tag = row.language.trim();
        let language = (!tag.is_empty()).then(|| Language::new(tag));
        if language.as_ref().is_some_and(|language| !framework.speaks(language)) {
            let known: Vec<_> = framework.languages.iter().map(|(language, _)| language.tag()).collect();
            let what = format!(
                "the language is {:?}, but the framework exists in: {}",
                row.language,
                known.join(", ")
            );
            return Err(wrong(what));
        }
        let of_economy = all.entry(economy.code.clone()).or_default();
        if of_economy.iter().any(|known| known.address.eq_ignore_ascii_case(&address)) {
            return Err(wrong(format!("{address} stands there twice for {}", economy.code)));
        }
        of_economy.push(FocalPoint { address, language });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::economies;
    use super::*;
    use crate::context::framework;

    fn read(text: &str) -> Result<BTreeMap<EconomyCode, Vec<FocalPoint>>, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("focal-points.csv");
        fs::write(&path, text).unwrap();
        let (economies, _) = economies(&root.join("data/economies.csv")).unwrap();
        let framework = framework(&root.join("frameworks/gtmi-2022")).unwrap();
        let read = focal_points(&path, &economies, &framework);
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn an_economy_has_one_or_more_focal_points_each_with_a_language() {
        let table =
            "economy,address,language\nKEN,a@ict.example,\nsenegal,b@adie.example,fr\nKEN,c@ict.example,en\n";
        let all = read(table).unwrap();
        let of = |code: &str| -> Vec<(String, Option<String>)> {
            let all = &all[&EconomyCode::new(code)];
            let tag = |point: &FocalPoint| point.language.as_ref().map(ToString::to_string);
            all.iter().map(|point| (point.address.clone(), tag(point))).collect()
        };
        assert_eq!(of("SEN"), [("b@adie.example".to_owned(), Some("fr".to_owned()))]);
        assert_eq!(of("KEN").len(), 2);
        assert_eq!(of("KEN")[0].1, None, "that of the questionnaire");
    }

    #[test]
    fn a_row_that_cannot_be_used_is_refused_with_its_line() {
        for (row, expected) in [
            ("ATLANTIS,a@b.example,en", ":2: the economy \"ATLANTIS\" is not in the table"),
            ("KEN,\"a@b.example\r\nBcc: c@d.example\",en", "is not an e-mail address"),
            ("KEN,a at b,en", ":2: \"a at b\" is not an e-mail address"),
            ("KEN,a@b.example,tlh", "the language is \"tlh\""),
            ("KEN,a@b.example,en\nKenya,A@B.example,en", ":3: A@B.example stands there twice for KEN"),
        ] {
            let error = read(&format!("economy,address,language\n{row}\n")).unwrap_err();
            assert!(error.contains(expected), "{row:?}: {error}");
        }
        assert!(read("economy,mail\nKEN,a@b.example\n").unwrap_err().contains("unknown field `mail`"));
    }
}
