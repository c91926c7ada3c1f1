//! A language under `[languages]`: its name alone, or a table with the direction of its script.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// `fr = "Français"`, or `ar = { name = "العربية", direction = "rtl" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LanguageTable {
    /// The language's own name.
    pub(super) name: String,
    /// Whether it is written from right to left.
    pub(super) right_to_left: bool,
}

const FIELDS: &[&str] = &["name", "direction"];
const DIRECTIONS: &[&str] = &["ltr", "rtl"];

impl<'de> Deserialize<'de> for LanguageTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Form)
    }
}

struct Form;

impl<'de> Visitor<'de> for Form {
    type Value = LanguageTable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a language, or { name = \"…\", direction = \"rtl\" }")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<LanguageTable, E> {
        Ok(LanguageTable { name: name.to_owned(), right_to_left: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LanguageTable, A::Error> {
        let (mut name, mut direction) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" => name = Some(map.next_value()?),
                "direction" => direction = Some(map.next_value::<String>()?),
                other => return Err(A::Error::unknown_field(other, FIELDS)),
            }
        }
        let right_to_left = match direction.as_deref() {
            None | Some("ltr") => false,
            Some("rtl") => true,
            Some(other) => return Err(A::Error::unknown_variant(other, DIRECTIONS)),
        };
        Ok(LanguageTable { name: name.ok_or_else(|| A::Error::missing_field("name"))?, right_to_left })
    }
}
