//! The three languages are complete: no text is missing, and none is left in English.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use maturity::framework::{Framework, FrameworkSources};
use maturity::language::{Language, Text};
use maturity::wording::{Wording, placeholders};

use crate::desk::root;

const LANGUAGES: [&str; 2] = ["fr", "es"];

/// Texts that are rightly the same in English and in the language: place, key, language.
const SAME: [(&str, &str, &str); 31] = [
    ("choices.csv", "bus_status 0", "es"),
    ("choices.csv", "signature_status 0", "es"),
    ("maturity/wording/findings.csv", "question", "fr"),
    ("notice/wording/notices.csv", "column-question", "fr"),
    ("questionnaire/wording.csv", "column-status", "fr"),
    ("questionnaire/wording.csv", "column-status", "es"),
    ("questionnaire/wording.csv", "column-question", "fr"),
    ("questionnaire/wording.csv", "receipt-template", "fr"),
    ("questionnaire/wording.csv", "receipt-template-value", "fr"),
    ("questionnaire/wording.csv", "severity-error", "es"),
    ("report/wording.csv", "group.name", "fr"),
    ("report/wording.csv", "group.name", "es"),
    ("report/wording.csv", "heading.code", "fr"),
    ("report/wording.csv", "heading.maximum", "fr"),
    ("report/wording.csv", "heading.points", "fr"),
    ("report/wording.csv", "heading.question", "fr"),
    ("report/wording.csv", "heading.score", "fr"),
    ("report/wording.csv", "heading.comparable", "fr"),
    ("report/wording.csv", "heading.comparable", "es"),
    ("report/wording.csv", "comparable.no", "es"),
    ("report/wording.csv", "heading.gain", "fr"),
    ("report/wording.csv", "raise.step", "fr"),
    ("report/wording.csv", "raise.step", "es"),
    ("report/wording.csv", "sheet.distribution", "fr"),
    ("report/wording.csv", "sheet.sources", "fr"),
    ("report/wording.csv", "heading.publication", "fr"),
    ("report/wording.csv", "heading.licence", "fr"),
    ("report/wording.csv", "severity.error", "es"),
    ("report/wording.csv", "overview.scores", "fr"),
    ("report/wording.csv", "provenance.title", "fr"),
    ("report/wording.csv", "titled", "es"),
];

/// What is wrong with the texts of one place.
fn faults<'a>(place: &str, texts: impl IntoIterator<Item = (String, &'a Text)>) -> Vec<String> {
    let mut faults = Vec::new();
    for (key, text) in texts {
        let english = text.default_text();
        if english.is_empty() {
            continue;
        }
        for tag in LANGUAGES {
            let language = Language::new(tag);
            let other = text.get(&language);
            if !text.has(&language) {
                faults.push(format!("{place}, {key}: missing in {tag}"));
            } else if other.trim() == english.trim() && !SAME.contains(&(place, key.as_str(), tag)) {
                faults.push(format!("{place}, {key}: the same in {tag} as in English: {english}"));
            }
            let names = |text| placeholders(text).into_iter().collect::<BTreeSet<_>>();
            if names(english) != names(other) {
                faults.push(format!("{place}, {key}: other placeholders in {tag}"));
            }
        }
    }
    faults
}

/// The built-in wording: findings, questionnaire, reports, notices.
const WORDING: [&str; 4] = [
    "maturity/wording/findings.csv",
    "questionnaire/wording.csv",
    "report/wording.csv",
    "notice/wording/notices.csv",
];
/// Smaller tables, in which more is alike in all languages.
const FURTHER: [&str; 4] = [
    "maturity/wording/changes.csv",
    "maturity/wording/decisions.csv",
    "maturity/wording/fragments.csv",
    "report/methodology.csv",
];

fn wording(tables: impl IntoIterator<Item = &'static str>) -> BTreeMap<String, Wording> {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    tables.into_iter().map(|path| (path.to_owned(), Wording::parse(&read(path)).unwrap())).collect()
}

fn framework() -> Framework {
    let folder = root().join("frameworks/gtmi-2022");
    let [framework, indicators, survey, choices] =
        FrameworkSources::FILES.map(|name| fs::read_to_string(folder.join(name)).unwrap());
    Framework::load(&FrameworkSources { framework, indicators, survey, choices }).unwrap()
}

#[test]
fn every_text_exists_in_every_language_and_is_not_left_in_english() {
    let mut faults_found = Vec::new();
    for (path, wording) in wording(WORDING) {
        let texts: Vec<_> = wording.iter().map(|(key, text)| (key.to_owned(), text)).collect();
        assert!(texts.len() > 30, "{path} was read");
        faults_found.extend(faults(&path, texts));
    }
    let framework = framework();
    for tag in LANGUAGES {
        assert!(framework.speaks(&Language::new(tag)));
    }
    let questions = framework.questions.iter().flat_map(|question| {
        let message = question.constraint.as_ref().map(|constraint| ("message", &constraint.message));
        let texts = [("label", &question.label), ("hint", &question.hint)].into_iter().chain(message);
        texts.map(|(what, text)| (format!("{} {what}", question.id), text))
    });
    faults_found.extend(faults("survey.csv", questions));
    let choices = framework.choice_lists.iter().flat_map(|(name, list)| {
        list.choices.iter().map(move |choice| (format!("{name} {}", choice.code), &choice.label))
    });
    faults_found.extend(faults("choices.csv", choices));
    let indicators =
        framework.indicators.iter().map(|indicator| (indicator.id.to_string(), &indicator.title));
    faults_found.extend(faults("indicators.csv", indicators));
    let titles = [("title", &framework.title), ("composite", &framework.composite.title)]
        .map(|(what, title)| (what.to_owned(), title))
        .into_iter()
        .chain(framework.subindexes.iter().map(|subindex| (subindex.id.to_string(), &subindex.title)))
        .chain(framework.groups.iter().map(|group| (group.id.clone(), &group.title)))
        .chain(framework.external_indices.iter().map(|index| (index.id.clone(), &index.title)));
    faults_found.extend(faults("framework.toml", titles));
    assert!(faults_found.is_empty(), "{}", faults_found.join("\n"));
}

/// Whether a line can end where French keeps a mark with its word.
fn breaks_at_a_mark(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let inside = |window: &[char]| match *window {
        // Several blanks are a gap between the parts of a legend.
        [before, ' ', mark] => before != ' ' && matches!(mark, ':' | ';' | '!' | '?' | '»') || before == '«',
        _ => false,
    };
    letters.windows(3).any(inside)
}

#[test]
fn no_french_line_begins_with_a_mark_or_ends_with_a_quotation_mark() {
    assert!(breaks_at_a_mark("Titre : pays") && breaks_at_a_mark("le « mot\u{a0}»"));
    assert!(!breaks_at_a_mark("Titre\u{a0}: «\u{a0}pays\u{a0}»   ! à vérifier"));
    let french = Language::new("fr");
    let mut found = Vec::new();
    for (place, table) in wording(WORDING.into_iter().chain(FURTHER)) {
        let texts = table.iter().map(|(key, text)| (key, text.get(&french)));
        found.extend(
            texts.filter(|(_, text)| breaks_at_a_mark(text)).map(|(key, _)| format!("{place}, {key}")),
        );
    }
    let framework = framework();
    let questions = framework.questions.iter().flat_map(|question| [&question.label, &question.hint]);
    let choices = framework.choice_lists.values().flat_map(|list| &list.choices).map(|choice| &choice.label);
    let indicators = framework.indicators.iter().map(|indicator| &indicator.title);
    let texts = questions.chain(choices).chain(indicators).map(|text| text.get(&french));
    found.extend(texts.filter(|text| breaks_at_a_mark(text)).map(str::to_owned));
    assert!(found.is_empty(), "put a no-break space (U+00A0) there: {found:#?}");
}

#[test]
fn a_missing_a_copied_and_a_broken_text_are_told() {
    let wording = Wording::parse(
        "key,label,label::French (fr),label::Spanish (es)\n\
         a,Read,,Leído\nb,Read,Lu,Read\nc,Read {n},Lu {m},Leído {n}\n",
    )
    .unwrap();
    let texts: Vec<_> = wording.iter().map(|(key, text)| (key.to_owned(), text)).collect();
    assert_eq!(
        faults("x", texts),
        ["x, a: missing in fr", "x, b: the same in es as in English: Read", "x, c: other placeholders in fr",]
    );
}
