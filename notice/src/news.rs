//! What is new: the facts of now beside what people were told already. Compared are states, not times, so a run that
//! was cut off before it told anybody loses nothing: the next one tells it.

use std::collections::{BTreeMap, BTreeSet};

use maturity::economy::EconomyCode;
use maturity::normalize::matching_key;
use serde::{Deserialize, Serialize};

/// A submission as notices speak of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// Its number in the store; numbers grow in the order of receipt.
    #[serde(skip)]
    pub id: i64,
    /// The economy, once it is known.
    pub economy: Option<EconomyCode>,
    /// The economy's name.
    pub name: Option<String>,
    /// The name of its file.
    pub file: String,
    /// Its state: `received`, `returned` or `accepted`.
    pub state: String,
    /// Findings that block it.
    pub errors: usize,
    /// Findings that do not.
    pub warnings: usize,
    /// When it was received, UTC in RFC 3339.
    #[serde(skip)]
    pub received_at: String,
    /// Whether it is returned and nothing better came since.
    #[serde(skip)]
    pub waits: bool,
    /// Whether it is the latest one of its economy.
    #[serde(skip)]
    pub latest: bool,
    /// How often it came again, after another one had taken its place.
    #[serde(skip)]
    pub again: u64,
    /// Of the same submission in several exports of a form, the number of the first; else its own.
    #[serde(skip)]
    pub first: i64,
}

/// A file that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// SHA-256 of its content.
    pub sha256: String,
    /// Its name.
    pub file: String,
    /// The rule that refused it.
    pub rule: String,
    /// Why and what to do, by the tag of the language.
    pub sentences: BTreeMap<String, String>,
    /// How often people were told of it before: what is the same in all else is another message.
    #[serde(default, skip_serializing_if = "is_first")]
    pub again: u64,
}

/// A decision of a reviewer. Who decided stands in the store and the workbooks, not in notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Its id.
    pub id: String,
    /// The economy.
    pub economy: EconomyCode,
    /// The economy's name.
    pub name: String,
    /// What was decided: `override`, `return`, `approve`, `undo` or `accept`.
    pub verdict: String,
    /// The question, where it is about one.
    pub question: Option<String>,
}

/// A source that could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreachable {
    /// Its name.
    pub source: String,
    /// Why, in the words of the run.
    pub reason: String,
    /// How often people were told of it before: what is the same in all else is another message.
    #[serde(default, skip_serializing_if = "is_first")]
    pub again: u64,
}

/// Whether something is told for the first time.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_first(again: &u64) -> bool {
    *again == 0
}

/// An economy that is in another maturity group than people were told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupChange {
    /// The economy.
    pub economy: EconomyCode,
    /// The economy's name.
    pub name: String,
    /// The group that people know of; none where it was scored without one.
    pub before: Option<String>,
    /// The group of now; none where it has none any more.
    pub after: Option<String>,
}

/// A scored economy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Its group.
    pub group: Option<String>,
}

/// How a wave stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// All submissions of the wave, in the order of receipt.
    pub submissions: Vec<Submitted>,
    /// All files that are refused.
    pub refused: Vec<Refused>,
    /// All economies that are scored.
    pub scored: BTreeMap<EconomyCode, Seen>,
    /// All decisions, in order.
    pub decisions: Vec<Decided>,
    /// The sources that could not be read to their end, each with the reason.
    pub unreachable: BTreeMap<String, String>,
}

impl Submitted {
    /// What waits for its sender first, then by economy, then as they came.
    pub(crate) fn in_reading_order(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |row: &Self| (!row.waits, row.name.as_deref().map(matching_key), row.id);
        rank(self).cmp(&rank(other))
    }
}

/// What people were told of a wave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The state of each submission, by number.
    pub submissions: BTreeMap<i64, String>,
    /// How often submissions came again, by number, where they did; absent where an earlier version of the program noted
    /// what is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<BTreeMap<i64, u64>>,
    /// The submissions that count as the latest, by number; absent where an earlier version of the program noted what is
    /// known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<BTreeSet<i64>>,
    /// SHA-256 of the files that were refused.
    pub refused: BTreeSet<String>,
    /// How often each of them was, told apart by its having been taken away in between.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refusals: BTreeMap<String, u64>,
    /// The group of each scored economy.
    pub groups: BTreeMap<EconomyCode, Option<String>>,
    /// The ids of decisions.
    pub decisions: BTreeSet<String>,
    /// The sources that could not be read to their end.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unreachable: BTreeSet<String>,
    /// How often each of them could not be, told apart by its having been read in between.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outages: BTreeMap<String, u64>,
}

/// What people were not told yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// Submissions that came, came into another state, or came again and count as the latest.
    pub submissions: Vec<Submitted>,
    /// Files that were refused.
    pub refused: Vec<Refused>,
    /// Economies in another group.
    pub groups: Vec<GroupChange>,
    /// Decisions.
    pub decisions: Vec<Decided>,
    /// Sources that could not be read to their end.
    pub unreachable: Vec<Unreachable>,
}

impl Facts {
    /// What is known once all of this is told to people who knew something before.
    pub fn known(&self, before: &Known) -> Known {
        let mut outages = before.outages.clone();
        for source in self.unreachable.keys().filter(|source| !before.unreachable.contains(*source)) {
            *outages.entry(source.clone()).or_default() += 1;
        }
        let mut refusals = before.refusals.clone();
        // Earlier versions of the program did not count them.
        for sha256 in &before.refused {
            refusals.entry(sha256.clone()).or_insert(1);
        }
        for file in self.refused.iter().filter(|file| !before.refused.contains(&file.sha256)) {
            *refusals.entry(file.sha256.clone()).or_default() += 1;
        }
        Known {
            outages,
            refusals,
            latest: Some(self.submissions.iter().filter(|row| row.latest).map(|row| row.id).collect()),
            submissions: self.submissions.iter().map(|row| (row.id, row.state.clone())).collect(),
            again: Some(
                self.submissions.iter().filter(|row| row.again > 0).map(|row| (row.id, row.again)).collect(),
            ),
            refused: self.refused.iter().map(|file| file.sha256.clone()).collect(),
            groups: self.scored.iter().map(|(code, seen)| (code.clone(), seen.group.clone())).collect(),
            decisions: self.decisions.iter().map(|decision| decision.id.clone()).collect(),
            unreachable: self.unreachable.keys().cloned().collect(),
        }
    }

    /// What is new beside what is known. `name` gives the names of economies: of one that has no score any more nothing
    /// else is at hand.
    pub fn news(&self, known: &Known, name: impl Fn(&EconomyCode) -> String) -> News {
        // Its state is what it was, but what people were told last is that of another one.
        let came_again = |row: &Submitted| {
            let known = known.again.as_ref().map(|again| again.get(&row.id).copied().unwrap_or(0));
            row.latest && known.is_some_and(|known| row.again > known)
        };
        // What several exports of a form hold is one submission, of which people know what they were told last.
        let first: BTreeMap<i64, i64> = self.submissions.iter().map(|row| (row.id, row.first)).collect();
        let first = |id: &i64| first.get(id).copied().unwrap_or(*id);
        let told: BTreeMap<i64, &String> =
            known.submissions.iter().map(|(id, state)| (first(id), state)).collect();
        let latest: Option<BTreeSet<i64>> =
            known.latest.as_ref().map(|latest| latest.iter().map(first).collect());
        let mut shown: BTreeMap<i64, &Submitted> = BTreeMap::new();
        for row in &self.submissions {
            match shown.get(&row.first) {
                Some(other) if (other.latest, other.id) > (row.latest, row.id) => {}
                _ => drop(shown.insert(row.first, row)),
            }
        }
        // So it is where the one that took its place was deleted.
        let holds_again = |row: &Submitted| {
            row.latest && latest.as_ref().is_some_and(|latest| !latest.contains(&row.first))
        };
        let is_new = |row: &&Submitted| {
            let is_shown = shown.get(&row.first).is_some_and(|shown| shown.id == row.id);
            let is_told = told.get(&row.first) == Some(&&row.state);
            is_shown && row.state != "received" && (!is_told || came_again(row) || holds_again(row))
        };
        let mut groups = Vec::new();
        for (code, before) in &known.groups {
            let now = self.scored.get(code);
            let after = now.and_then(|seen| seen.group.clone());
            if *before != after {
                let name = now.map_or_else(|| name(code), |seen| seen.name.clone());
                groups.push(GroupChange { economy: code.clone(), name, before: before.clone(), after });
            }
        }
        let mut submissions: Vec<Submitted> = self.submissions.iter().filter(is_new).cloned().collect();
        submissions.sort_by(Submitted::in_reading_order);
        News {
            submissions,
            refused: self
                .refused
                .iter()
                .filter(|file| !known.refused.contains(&file.sha256))
                .map(|file| Refused {
                    again: known.refusals.get(&file.sha256).copied().unwrap_or(0),
                    ..file.clone()
                })
                .collect(),
            groups,
            decisions: self
                .decisions
                .iter()
                .filter(|decision| !known.decisions.contains(&decision.id))
                .cloned()
                .collect(),
            unreachable: self
                .unreachable
                .iter()
                .filter(|(source, _)| !known.unreachable.contains(*source))
                .map(|(source, reason)| Unreachable {
                    source: source.clone(),
                    reason: reason.clone(),
                    again: known.outages.get(source).copied().unwrap_or(0),
                })
                .collect(),
        }
    }
}

impl News {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn land(code: &EconomyCode) -> String {
        format!("Land of {code}")
    }

    pub(crate) fn submitted(id: i64, code: &str, state: &str) -> Submitted {
        Submitted {
            id,
            economy: Some(EconomyCode::new(code)),
            name: Some(format!("Land of {code}")),
            file: format!("{code}.xlsx"),
            state: state.to_owned(),
            errors: usize::from(state == "returned") * 3,
            warnings: 2,
            received_at: "2022-11-25T00:00:00Z".to_owned(),
            waits: state == "returned",
            latest: true,
            again: 0,
            first: id,
        }
    }

    pub(crate) fn facts() -> Facts {
        let kenya = EconomyCode::new("KEN");
        Facts {
            submissions: vec![submitted(1, "KEN", "accepted"), submitted(2, "PER", "returned")],
            refused: vec![Refused {
                sha256: "aa".to_owned(),
                file: "notes.txt".to_owned(),
                rule: "FILE-002".to_owned(),
                sentences: [("en", "No workbook."), ("fr", "Pas un classeur."), ("es", "No es un libro.")]
                    .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
                    .into(),
                again: 0,
            }],
            scored: [(kenya.clone(), Seen { name: "Kenya".to_owned(), group: Some("B".to_owned()) })].into(),
            decisions: vec![Decided {
                id: "d1".to_owned(),
                economy: kenya,
                name: "Kenya".to_owned(),
                verdict: "override".to_owned(),
                question: Some("I-1".to_owned()),
            }],
            unreachable: BTreeMap::new(),
        }
    }

    #[test]
    fn what_waits_comes_first_then_economies_by_name() {
        let mut facts = facts();
        let mut waiting = submitted(9, "ZWE", "returned");
        waiting.waits = true;
        facts.submissions = vec![submitted(1, "SEN", "accepted"), submitted(2, "FRA", "accepted"), waiting];
        let news = facts.news(&Known::default(), land);
        assert_eq!(news.submissions.iter().map(|row| row.id).collect::<Vec<_>>(), [9, 2, 1]);
    }

    #[test]
    fn a_submission_that_comes_again_is_told_again_though_its_state_was_told() {
        let bad = submitted(1, "KEN", "returned");
        let good = submitted(2, "KEN", "accepted");
        let mut facts = Facts { submissions: vec![bad, good], ..facts() };
        facts.submissions[0].latest = false;
        let known = facts.known(&Known::default());
        facts.submissions[0].again = 1;
        assert!(facts.news(&known, land).is_empty(), "another one came after it");
        facts.submissions.reverse();
        (facts.submissions[0].latest, facts.submissions[1].latest) = (false, true);
        let told = |known: &Known| -> Vec<i64> {
            facts.news(known, land).submissions.iter().map(|row| row.id).collect()
        };
        assert_eq!(told(&known), [1]);
        assert_eq!(told(&facts.known(&Known::default())), [0; 0]);
        // Earlier versions did not note it: nobody is told what is old.
        let earlier = Known { again: None, latest: None, ..known };
        assert_eq!(told(&earlier), [0; 0]);
        let kept: Known = serde_json::from_str(&serde_json::to_string(&earlier).unwrap()).unwrap();
        assert_eq!(kept, earlier);
    }

    #[test]
    fn a_submission_that_counts_again_is_told_again_because_a_later_one_does_not() {
        let (good, bad) = (submitted(1, "KEN", "accepted"), submitted(2, "KEN", "returned"));
        let mut facts = Facts { submissions: vec![good, bad], ..facts() };
        facts.submissions[0].latest = false;
        let known = facts.known(&Known::default());
        assert!(facts.news(&known, land).is_empty());
        (facts.submissions[0].latest, facts.submissions[1].latest) = (true, false);
        let told = |known: &Known| -> Vec<i64> {
            facts.news(known, land).submissions.iter().map(|row| row.id).collect()
        };
        assert_eq!(told(&known), [1]);
        assert_eq!(told(&facts.known(&known)), [0; 0]);
        assert_eq!(told(&Known { latest: None, ..known }), [0; 0], "an earlier version did not note it");
    }

    #[test]
    fn a_submission_that_another_export_holds_again_is_told_again_only_with_another_outcome() {
        let other = Submitted { latest: false, first: 1, ..submitted(1, "KEN", "accepted") };
        let once = Facts { submissions: vec![Submitted { latest: true, ..other.clone() }], ..facts() };
        let known = once.known(&Known::default());
        let twice = |state: &str| {
            let exported = Submitted { first: 1, ..submitted(7, "KEN", state) };
            Facts {
                submissions: vec![Submitted { state: state.to_owned(), ..other.clone() }, exported],
                ..facts()
            }
        };
        let told = |facts: &Facts, known: &Known| -> Vec<i64> {
            facts.news(known, land).submissions.iter().map(|row| row.id).collect()
        };
        assert_eq!(told(&twice("accepted"), &known), [0; 0]);
        let known = twice("accepted").known(&known);
        assert_eq!(told(&twice("accepted"), &known), [0; 0]);
        // A reviewer sends it back: it is one submission.
        assert_eq!(told(&twice("returned"), &known), [7]);
        // Another one took its place, and does not any more.
        let mut facts = twice("accepted");
        facts.submissions[1].latest = false;
        facts.submissions.push(submitted(8, "KEN", "accepted"));
        let known = facts.known(&known);
        assert_eq!(told(&twice("accepted"), &known), [7]);
    }

    #[test]
    fn a_file_that_is_refused_again_after_it_was_taken_away_is_another_message() {
        let gone = Facts { refused: Vec::new(), ..facts() };
        let known = facts().known(&Known::default());
        assert_eq!(facts().news(&Known::default(), land).refused[0].again, 0);
        assert!(facts().news(&known, land).refused.is_empty());
        let known = facts().known(&gone.known(&known));
        let news = facts().news(&gone.known(&known), land);
        assert_eq!(news.refused[0].again, 2);
        let earlier = Known { refusals: BTreeMap::new(), ..facts().known(&Known::default()) };
        assert_eq!(facts().news(&gone.known(&earlier), land).refused[0].again, 1);
    }

    #[test]
    fn a_source_that_cannot_be_reached_is_told_once_and_again_after_it_was_reached() {
        let away = Facts {
            unreachable: [("kobo".to_owned(), "kobo could not be read".to_owned())].into(),
            ..facts()
        };
        let known = facts().known(&Known::default());
        let first = away.news(&known, land).unreachable.remove(0);
        assert_eq!((first.source.as_str(), first.again), ("kobo", 0));
        // The same words the second time are another message.
        let since = facts().known(&away.known(&known));
        assert_eq!(away.news(&since, land).unreachable[0].again, 1);
        assert!(away.news(&away.known(&since), land).is_empty());
        assert!(away.news(&away.known(&Known::default()), land).is_empty());
        assert_eq!(away.news(&facts().known(&Known::default()), land).unreachable.len(), 1);
    }

    #[test]
    fn what_was_told_is_not_new_and_what_changed_is() {
        let facts = facts();
        let all = facts.news(&Known::default(), land);
        assert_eq!((all.submissions.len(), all.refused.len(), all.decisions.len()), (2, 1, 1));
        assert!(all.groups.is_empty(), "an economy that was not known has not changed its group");
        let known = facts.known(&Known::default());
        assert!(facts.news(&known, land).is_empty());

        let mut later = facts.clone();
        later.submissions[1].state = "accepted".to_owned();
        later.submissions.push(submitted(3, "FRA", "received"));
        later.scored.get_mut(&EconomyCode::new("KEN")).unwrap().group = Some("A".to_owned());
        let news = later.news(&known, land);
        assert_eq!(news.submissions.iter().map(|row| row.id).collect::<Vec<_>>(), [2]);
        assert_eq!(
            (news.groups[0].before.as_deref(), news.groups[0].after.as_deref()),
            (Some("B"), Some("A"))
        );
        later.scored.clear();
        let gone = later.news(&known, land).groups.remove(0);
        assert_eq!((gone.name.as_str(), gone.after), ("Land of KEN", None), "named, though nothing is left");
        // What is known lasts as JSON.
        let kept: Known = serde_json::from_str(&serde_json::to_string(&known).unwrap()).unwrap();
        assert_eq!(kept, known);
    }
}
