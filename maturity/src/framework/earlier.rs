//! Earlier versions of the instrument: how their answers are read in the present one.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::id::Id;
use crate::normalize::{matching_key, tidy};
use crate::submission::{HeaderField, HeaderValue, Response};

use super::Framework;

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// It has this id now.
    Question(Id),
    /// It is no longer asked.
    Dropped,
}

/// A version of the instrument whose questionnaires may still come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierVersion {
    /// Its name, e.g. `2020.1`.
    pub version: String,
    /// The hash that its questionnaires carry.
    pub instrument_hash: String,
    /// What became of questions, by their id then; questions that are not named kept their id.
    pub questions: BTreeMap<String, Target>,
    /// What became of choices, by list, then by their code or label then; those that are not named kept it.
    pub choices: BTreeMap<String, BTreeMap<String, String>>,
}

impl EarlierVersion {
    /// What became of the question of that id, if it is named; compared as people write ids.
    pub fn target(&self, id: &str) -> Option<&Target> {
        let key = matching_key(id);
        self.questions.iter().find(|(old, _)| matching_key(old) == key).map(|(_, target)| target)
    }

    /// Responses under the ids that their questions have now; those to questions that are no longer asked are left out.
    #[must_use]
    pub fn presently(&self, responses: &[Response]) -> Vec<Response> {
        let present = |response: &Response| {
            let question = match self.target(&response.question) {
                Some(Target::Dropped) => return None,
                Some(Target::Question(now)) => now.to_string(),
                None => response.question.clone(),
            };
            Some(Response { question, ..response.clone() })
        };
        responses.iter().filter_map(present).collect()
    }

    /// The present code of an answer from the list `list`, if it is named.
    pub fn code(&self, list: &str, answer: &str) -> Option<&str> {
        let key = matching_key(answer);
        let codes = self.choices.get(list)?;
        codes.iter().find(|(old, _)| matching_key(old) == key).map(|(_, code)| code.as_str())
    }
}

impl Framework {
    /// The earlier version that a questionnaire is of, by the fingerprint in its header.
    pub fn earlier_version(&self, header: &[HeaderValue]) -> Option<&EarlierVersion> {
        let is_hash =
            |value: &&HeaderValue| value.field == HeaderField::InstrumentHash && !value.value.is_blank();
        let hash = tidy(&header.iter().find(is_hash)?.value.display());
        self.earlier_versions.iter().find(|earlier| earlier.instrument_hash == hash)
    }
}

/// The word for a question that is no longer asked.
const DROPPED: &str = "dropped";

/// A table `[[earlier_version]]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EarlierTable {
    version: String,
    instrument_hash: String,
    #[serde(default)]
    questions: BTreeMap<String, String>,
    #[serde(default)]
    choices: BTreeMap<String, BTreeMap<String, String>>,
}

impl From<EarlierTable> for EarlierVersion {
    fn from(table: EarlierTable) -> Self {
        let target =
            |now: String| if now == DROPPED { Target::Dropped } else { Target::Question(Id::from(now)) };
        Self {
            version: table.version,
            instrument_hash: table.instrument_hash,
            questions: table.questions.into_iter().map(|(old, now)| (old, target(now))).collect(),
            choices: table.choices,
        }
    }
}
