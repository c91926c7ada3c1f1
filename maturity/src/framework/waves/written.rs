//! The table `[waves]` as it is written in `framework.toml`, and what it means.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::id::Id;
use crate::language::Text;
use crate::submission::Wave;

use super::{ComparabilityClass, InstrumentChange, OtherScale, Retired, Verdict, Waves};

/// The table `[waves]` as it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(in crate::framework) struct WavesTable {
    earlier: Option<String>,
    #[serde(default)]
    retired: Vec<RetiredTable>,
    #[serde(default)]
    moving_years: Vec<u16>,
    #[serde(default)]
    class: Vec<ClassTable>,
    #[serde(default)]
    change: Vec<ChangeTable>,
    #[serde(default)]
    scale: Vec<ScaleTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RetiredTable {
    id: String,
    construct: String,
    until: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassTable {
    id: String,
    title: BTreeMap<String, String>,
    compares: Vec<u16>,
    #[serde(default = "in_full")]
    verdict: Verdict,
    reason: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeTable {
    between: [u16; 2],
    ids: Vec<String>,
    #[serde(default = "in_part")]
    verdict: Verdict,
    reason: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScaleTable {
    external: String,
    wave: u16,
    range: [f64; 2],
}

fn in_full() -> Verdict {
    Verdict::Yes
}

fn in_part() -> Verdict {
    Verdict::Partly
}

impl WavesTable {
    /// The table's meaning; `text` makes one text of its translations.
    pub(in crate::framework) fn understood(self, text: impl Fn(&BTreeMap<String, String>) -> Text) -> Waves {
        Waves {
            earlier: self.earlier,
            retired: self
                .retired
                .into_iter()
                .map(|row| Retired { id: Id::from(row.id), construct: row.construct, until: Wave(row.until) })
                .collect(),
            moving_years: self.moving_years,
            classes: self
                .class
                .into_iter()
                .map(|class| ComparabilityClass {
                    title: text(&class.title),
                    reason: text(&class.reason),
                    id: class.id,
                    compares: class.compares.into_iter().map(Wave).collect(),
                    verdict: class.verdict,
                })
                .collect(),
            changes: self
                .change
                .into_iter()
                .map(|change| InstrumentChange {
                    between: (Wave(change.between[0]), Wave(change.between[1])),
                    reason: text(&change.reason),
                    ids: change.ids.into_iter().map(Id::from).collect(),
                    verdict: change.verdict,
                })
                .collect(),
            scales: self
                .scale
                .into_iter()
                .map(|scale| OtherScale {
                    external: scale.external,
                    wave: Wave(scale.wave),
                    range: (scale.range[0], scale.range[1]),
                })
                .collect(),
        }
    }
}
