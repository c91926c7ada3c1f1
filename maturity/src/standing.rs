//! Where an economy stands: what would raise its group, and how its scores moved since an earlier wave.
//!
//! Computed when the scores are, and kept with them, so that whoever reports them need not score again.

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::change::{Level, Parts, Unknown};
use crate::framework::Framework;
use crate::id::Id;
use crate::submission::Wave;

/// One answer on the way to a higher group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The question.
    pub question: Id,
    /// What is answered now.
    pub from: Answer,
    /// What would have to be answered.
    pub to: Answer,
    /// How much the composite gains by it, 0 to 1.
    pub gain: f64,
}

/// What stands between a score and the next maturity group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outlook", rename_all = "kebab-case")]
pub enum Outlook {
    /// These answers reach it together.
    Within {
        /// The group to reach.
        target: String,
        /// Its threshold.
        threshold: f64,
        /// The score after the steps.
        score: f64,
        /// Whether no fewer answers do.
        proven: bool,
        /// The answers, in the order of the instrument.
        steps: Vec<Step>,
    },
    /// There is no higher group.
    Highest {
        /// The highest group.
        group: String,
    },
    /// No answers were found that reach it, and it is not known that there are none.
    NotFound {
        /// The group.
        target: String,
        /// Its threshold.
        threshold: f64,
    },
    /// No answers reach it.
    OutOfReach {
        /// The group.
        target: String,
        /// Its threshold.
        threshold: f64,
        /// A score that is not exceeded whatever is answered.
        best: f64,
    },
    /// There is no score to start from.
    NoScore,
}

/// How one score moved since an earlier wave whose answers are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The composite, subindex or indicator.
    pub id: Id,
    /// Its level.
    pub level: Level,
    /// The earlier score, 0 to 1.
    pub from: Option<f64>,
    /// The parts of the change by cause; absent where it is not split.
    pub parts: Option<Parts>,
    /// Why it is not split; absent where it is, and in what was kept before this was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
}

/// How the scores moved since an earlier wave that was computed from answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Movement {
    /// The earlier wave.
    pub wave: Wave,
    /// The maturity group then.
    pub group: Option<String>,
    /// The composite, the subindexes and the indicators.
    pub moved: Vec<Moved>,
}

/// Where an economy stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// What would raise its group.
    pub outlook: Outlook,
    /// How its scores moved since the wave before, where the store holds its answers.
    pub movement: Option<Movement>,
}

impl Movement {
    /// Whether the earlier score would be in another group now than it was in then: a group can differ where the score
    /// does not.
    pub fn thresholds_moved(&self, framework: &Framework) -> bool {
        let composite = self.moved.iter().find(|moved| moved.id == framework.composite.id);
        let now = composite.and_then(|moved| moved.from).and_then(|score| framework.group(score));
        self.group.as_ref().zip(now).is_some_and(|(then, now)| *then != now.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back_bit_for_bit() {
        let standing = Standing {
            outlook: Outlook::Within {
                target: "B".to_owned(),
                threshold: 0.5,
                score: 0.1 + 0.2,
                proven: true,
                steps: vec![Step {
                    question: Id::from("Q-1"),
                    from: Answer::Choice("0".to_owned()),
                    to: Answer::Choice("2".to_owned()),
                    gain: 1.0 / 3.0,
                }],
            },
            movement: Some(Movement {
                wave: Wave(2020),
                group: None,
                moved: vec![
                    Moved {
                        id: Id::from("ALL"),
                        level: Level::Index,
                        from: None,
                        parts: Some(Parts::default()),
                        unknown: None,
                    },
                    Moved {
                        id: Id::from("S1"),
                        level: Level::Subindex,
                        from: Some(0.5),
                        parts: None,
                        unknown: Some(Unknown::Withheld),
                    },
                ],
            }),
        };
        let kept = serde_json::to_string(&standing).unwrap();
        assert_eq!(serde_json::from_str::<Standing>(&kept).unwrap(), standing);
        let before = r#"{"id":"S1","level":"subindex","from":0.5,"parts":null}"#;
        assert_eq!(serde_json::from_str::<Moved>(before).unwrap().unknown, None, "as it was kept before");
    }
}
