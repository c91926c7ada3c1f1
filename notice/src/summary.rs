//! The summary of what a run left: for people as a page, for machines as JSON. It names the run and no time, so the
//! same run gives the same bytes.

use maturity::shown::colon;
use std::collections::BTreeMap;

use maturity::economy::{Economies, EconomyCode};
use maturity::language::Language;
use serde::{Deserialize, Serialize};

use crate::news::{Decided, Facts, GroupChange, News, Refused, Submitted, Unreachable};
use crate::page::{Block, Page};
use crate::words::{Words, spoken};

/// The most rows of a table on a page; the JSON document has all.
const ROWS: usize = 200;

/// How many outputs there are of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outputs {
    /// Country reports, in `reports/`.
    pub reports: usize,
    /// Global workbooks: one or none.
    pub global: usize,
    /// Marked questionnaires, in `feedback/`.
    pub feedback: usize,
    /// Lists of why files were refused, in `refused/`.
    pub refused: usize,
}

/// What a run left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The index's title by the tag of the language.
    pub index: BTreeMap<String, String>,
    /// The wave's year.
    pub wave: u16,
    /// The run's id, as in `run.json`; absent where there is none yet.
    pub run: Option<String>,
    /// How many economies are in which state, and how many files are refused.
    pub counts: BTreeMap<String, usize>,
    /// Submissions that came, or came into another state, since people were last told.
    pub new: Vec<Submitted>,
    /// All submissions that wait for their senders.
    pub waiting: Vec<Submitted>,
    /// Files that were refused since.
    pub refused: Vec<Refused>,
    /// Economies in another group since.
    pub groups: Vec<GroupChange>,
    /// Decisions since.
    pub decisions: Vec<Decided>,
    /// Sources that could not be read to their end since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreachable: Vec<Unreachable>,
    /// Where the outputs are.
    pub outputs: Outputs,
    /// The names of these economies in further languages, by the tag of the language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<EconomyCode, BTreeMap<String, String>>,
}

impl Summary {
    /// The summary of a wave of `economies` economies.
    pub fn of(
        index: BTreeMap<String, String>,
        wave: u16,
        run: Option<String>,
        economies: usize,
        facts: &Facts,
        news: News,
        outputs: Outputs,
    ) -> Self {
        let mut latest = BTreeMap::new();
        for row in facts.submissions.iter().filter(|row| row.latest) {
            if let Some(economy) = &row.economy {
                latest.insert(economy, row.state.as_str());
            }
        }
        let mut waiting: Vec<Submitted> = facts.submissions.iter().filter(|row| row.waits).cloned().collect();
        waiting.sort_by(Submitted::in_reading_order);
        let of = |state: &str| latest.values().filter(|found| **found == state).count();
        let counts = [
            ("economies", economies),
            ("accepted", of("accepted")),
            ("returned", of("returned")),
            ("received", of("received")),
            ("withdrawn", of("withdrawn")),
            ("nothing", economies.saturating_sub(latest.len())),
            ("refused", facts.refused.len()),
        ];
        Self {
            index,
            wave,
            run,
            counts: counts.map(|(state, count)| (state.to_owned(), count)).into(),
            new: news.submissions,
            waiting,
            refused: news.refused,
            groups: news.groups,
            decisions: news.decisions,
            unreachable: news.unreachable,
            outputs,
            names: BTreeMap::new(),
        }
    }

    /// The same with the names that the table of economies has in further languages.
    #[must_use]
    pub fn with_names(mut self, economies: &Economies) -> Self {
        let submitted = self.new.iter().chain(&self.waiting).filter_map(|row| row.economy.as_ref());
        let changed = self.groups.iter().map(|change| &change.economy);
        let codes = submitted.chain(changed).chain(self.decisions.iter().map(|decided| &decided.economy));
        let known = codes.filter_map(|code| economies.get(code)).filter(|economy| !economy.names.is_empty());
        let names = known.map(|economy| {
            let names =
                economy.names.iter().map(|(language, name)| (language.tag().to_owned(), name.clone()));
            (economy.code.clone(), names.collect())
        });
        self.names = names.collect();
        self
    }

    fn submission(&self, words: Words<'_>, row: &Submitted) -> Vec<String> {
        let economy = match (&row.name, &row.economy) {
            (Some(name), Some(code)) => self.named(code, name, words.0),
            (None, Some(code)) => code.to_string(),
            _ => words.get("state-unknown"),
        };
        vec![
            economy,
            row.file.clone(),
            words.of("state", &row.state),
            row.errors.to_string(),
            row.warnings.to_string(),
        ]
    }

    /// A name with its code.
    fn named(&self, code: &EconomyCode, usual: &str, language: &Language) -> String {
        format!("{} ({code})", self.name(code, usual, language))
    }

    /// The name of an economy in a language, else the one that it goes by.
    pub(crate) fn name<'a>(&'a self, code: &EconomyCode, usual: &'a str, language: &Language) -> &'a str {
        self.names.get(code).and_then(|names| names.get(language.tag())).map_or(usual, String::as_str)
    }

    /// The index's title in a language.
    pub(crate) fn title(&self, language: &Language) -> &str {
        let first = || self.index.values().next().map_or("", String::as_str);
        self.index.get(language.tag()).map_or_else(first, String::as_str)
    }

    /// The summary as a page in a language.
    pub fn page(&self, language: &Language) -> Page {
        let words = Words(language);
        let title =
            words.fill("summary-title", &[("index", self.title(language)), ("wave", &self.wave.to_string())]);
        let mut blocks = Vec::new();
        if let Some(run) = &self.run {
            blocks.push(Block::Paragraph(words.fill("summary-run", &[("run", run)])));
        }
        if self.new.is_empty()
            && self.refused.is_empty()
            && self.groups.is_empty()
            && self.decisions.is_empty()
            && self.unreachable.is_empty()
        {
            blocks.push(Block::Paragraph(words.get("summary-none")));
        }
        let mut add = |heading: &'static str, columns: &[&'static str], rows: Vec<Vec<String>>| {
            if rows.is_empty() {
                return;
            }
            blocks.push(Block::Heading(words.get(heading)));
            let more = rows.len().saturating_sub(ROWS);
            let headings = columns.iter().map(|column| words.of("column", column)).collect();
            blocks.push(Block::Table { headings, rows: rows.into_iter().take(ROWS).collect() });
            if more > 0 {
                blocks.push(Block::Paragraph(words.fill("summary-more", &[("count", &more.to_string())])));
            }
        };
        let submitted =
            |rows: &[Submitted]| rows.iter().map(|row| self.submission(words, row)).collect::<Vec<_>>();
        let named = |code: &EconomyCode, name: &str| self.named(code, name, language);
        let of_submissions = ["economy", "file", "state", "errors", "warnings"];
        add("summary-new", &of_submissions, submitted(&self.new));
        add(
            "summary-refused",
            &["file", "reason"],
            self.refused.iter().map(|file| refused(language, file)).collect(),
        );
        let unreachable = |source: &Unreachable| vec![source.source.clone(), source.reason.clone()];
        add("summary-unreachable", &["source", "reason"], self.unreachable.iter().map(unreachable).collect());
        let group = |group: &Option<String>| group.clone().unwrap_or_else(|| words.get("group-none"));
        let change = |change: &GroupChange| {
            vec![named(&change.economy, &change.name), group(&change.before), group(&change.after)]
        };
        add("summary-groups", &["economy", "before", "after"], self.groups.iter().map(change).collect());
        let decision = |decided: &Decided| {
            vec![
                named(&decided.economy, &decided.name),
                words.of("decision", &decided.verdict),
                decided.question.clone().unwrap_or_default(),
            ]
        };
        add(
            "summary-decisions",
            &["economy", "decision", "question"],
            self.decisions.iter().map(decision).collect(),
        );
        add("summary-waiting", &of_submissions, submitted(&self.waiting));
        let states = ["economies", "accepted", "returned", "received", "withdrawn", "nothing", "refused"];
        let count = |state: &&str| {
            let count = self.counts.get(*state).filter(|count| **count > 0 || *state == "economies")?;
            Some(vec![words.of("state", state), count.to_string()])
        };
        add("summary-counts", &["state", "count"], states.iter().filter_map(count).collect());
        let outputs = [
            ("global", "global.xlsx", self.outputs.global),
            ("reports", "reports/", self.outputs.reports),
            ("feedback", "feedback/", self.outputs.feedback),
            ("refused", "refused/", self.outputs.refused),
        ];
        let output = |(kind, path, count): &(&str, &str, usize)| {
            (*count > 0).then(|| vec![words.of("output", kind), (*path).to_owned(), count.to_string()])
        };
        add("summary-outputs", &["what", "where", "count"], outputs.iter().filter_map(output).collect());
        Page { language: spoken(language), title, blocks }
    }
}

fn refused(language: &Language, file: &Refused) -> Vec<String> {
    let english = || file.sentences.get("en").cloned().unwrap_or_default();
    let sentence = file.sentences.get(language.tag()).cloned().unwrap_or_else(english);
    vec![file.file.clone(), format!("{}{}{sentence}", file.rule, colon(language))]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::news::Known;
    use crate::news::tests::{facts, land};

    pub(crate) fn summary() -> Summary {
        let facts = facts();
        let index = [("en", "Maturity index"), ("fr", "Indice de maturité"), ("es", "Índice de madurez")];
        let index = index.map(|(tag, title)| (tag.to_owned(), title.to_owned())).into();
        let news = facts.news(&Known::default(), land);
        Summary::of(
            index,
            2022,
            Some("abc".to_owned()),
            198,
            &facts,
            news,
            Outputs { reports: 1, ..Outputs::default() },
        )
    }

    #[test]
    fn a_summary_says_what_is_new_and_where_the_wave_stands_in_every_language() {
        for (tag, lines) in [
            (
                "en",
                [
                    "# Maturity index, wave 2022: what is new",
                    "| Land of PER (PER) | PER.xlsx | returned | 3 | 2 |",
                    "| nothing received | 196 |",
                ],
            ),
            (
                "fr",
                [
                    "# Indice de maturité, vague 2022\u{a0}: les nouveautés",
                    "| Land of PER (PER) | PER.xlsx | renvoyé | 3 | 2 |",
                    "| rien reçu | 196 |",
                ],
            ),
            (
                "es",
                [
                    "# Índice de madurez, ronda 2022: novedades",
                    "| Land of PER (PER) | PER.xlsx | devuelto | 3 | 2 |",
                    "| nada recibido | 196 |",
                ],
            ),
        ] {
            let text = summary().page(&Language::new(tag)).markdown();
            for line in lines {
                assert!(text.lines().any(|found| found == line), "{line}\n{text}");
            }
        }
        assert!(summary().page(&Language::english()).html().contains("<td>FILE-002: No workbook.</td>"));
    }

    #[test]
    fn economies_bear_their_names_in_the_language_of_the_page() {
        let mut summary = summary();
        let names = [("fr".to_owned(), "Pays de PER".to_owned())].into();
        summary.names.insert(EconomyCode::new("PER"), names);
        assert!(summary.page(&Language::new("fr")).markdown().contains("| Pays de PER (PER) |"));
        assert!(summary.page(&Language::new("es")).markdown().contains("| Land of PER (PER) |"));
        let kept = serde_json::to_string(&summary).unwrap();
        assert_eq!(serde_json::from_str::<Summary>(&kept).unwrap().names, summary.names);
        let earlier = kept.replace(r#","names":{"PER":{"fr":"Pays de PER"}}"#, "");
        assert!(serde_json::from_str::<Summary>(&earlier).unwrap().names.is_empty(), "an earlier summary");
    }

    #[test]
    fn a_long_table_is_cut_on_a_page_and_says_so() {
        let mut long = summary();
        let kenya = long.new.iter().find(|row| row.file == "KEN.xlsx").unwrap().clone();
        long.new = vec![kenya; ROWS + 7];
        let text = long.page(&Language::english()).markdown();
        assert_eq!(text.matches("KEN.xlsx").count(), ROWS);
        assert!(text.contains("and 7 more"), "{text}");
    }
}
