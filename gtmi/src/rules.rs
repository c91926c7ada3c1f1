//! `gtmi rules`: the catalogue of all rules that findings come from.

use std::fmt::Write;
use std::path::Path;

use maturity::finding::{Severity, WORDING};
use maturity::language::Language;
use maturity::rule::{self, Gravity, Rule};
use pipeline::config::FILE_NAME;
use pipeline::stage::{CommonArgs, Failure};
use pipeline::{Config, Exit, durable};
use serde_json::json;

use crate::places;
use crate::say::{Tone, Voice};

/// The languages that the built-in wording exists in.
const LANGUAGES: [(&str, &str); 3] = [("en", "English"), ("fr", "Français"), ("es", "Español")];

/// Prints the rules, or writes them as Markdown.
pub(crate) fn rules(out: Option<&Path>, common: &CommonArgs, voice: Voice) -> Result<Exit, Failure> {
    if common.wave.is_some() {
        let message = "the catalogue of rules is the same for every wave (leave out --wave; gtmi framework check tells of one)";
        return Err(Failure::new(Exit::Usage, message));
    }
    let rules = rule::all();
    if let Some(path) = out {
        places::text(path)?;
        // The catalogue needs no configuration. Where there is one that can be used, its files are safe from it.
        if let Ok(config) = Config::load(common.config.as_deref()) {
            places::no_input(&config, path)?;
        } else if path.exists() && path.file_name().is_some_and(|name| name == FILE_NAME) {
            let message = format!("{} is a configuration (name another file with --out)", path.display());
            return Err(Failure::new(Exit::Usage, message));
        }
        durable::write(path, markdown(&rules).as_bytes()).map_err(Failure::stage)?;
        voice.line(&format!("wrote {} rules to {}", rules.len(), path.display()));
    } else {
        for rule in &rules {
            let heading = format!("{:<13} {}", rule.id, gravity(rule.gravity));
            voice.line(&voice.toned(Tone::Heading, &heading));
            voice.line(&format!("  {}", rule.example.sentence(&Language::english())));
        }
    }
    let all: Vec<_> = rules
        .iter()
        .map(|rule| {
            let wording: serde_json::Map<String, serde_json::Value> = LANGUAGES
                .iter()
                .map(|(tag, _)| ((*tag).to_owned(), WORDING.get(rule.id, &Language::new(tag)).into()))
                .collect();
            json!({
                "id": rule.id,
                "severity": gravity(rule.gravity),
                "wording": wording,
                "example": rule.example.sentence(&Language::english()),
                "since": rule.since,
            })
        })
        .collect();
    voice.result(&all)?;
    Ok(Exit::Done)
}

/// How grave a rule is, in words.
fn gravity(gravity: Gravity) -> String {
    match gravity {
        Gravity::Refusal => "the file is refused".to_owned(),
        Gravity::Blocking => "error, always".to_owned(),
        Gravity::Usually(Severity::Error) => "error".to_owned(),
        Gravity::Usually(Severity::Warning) => "warning".to_owned(),
        Gravity::Usually(Severity::Info) => "information".to_owned(),
        Gravity::ByQuestion => "error where the question is required or scored, otherwise warning".to_owned(),
        Gravity::ByFramework(place) => format!("as set in {place}"),
    }
}

/// The catalogue as it stands in `docs/rules.md`.
fn markdown(rules: &[Rule]) -> String {
    let mut text = String::from(
        "# Rules\n\n\
         Every finding names the rule that it comes from. Ids are stable and never reused. This page is made from the\n\
         code: `gtmi rules --out docs/rules.md`; a test fails when it is out of date.\n\n\
         An *error* sends the questionnaire back, unless a reviewer accepts it (`gtmi review accept`); a *warning* asks\n\
         for a look, *information* needs nothing. A framework may change the severity of the rules marked † for its\n\
         wave, and say from which wave on a rule is an error:\n\n\
         ```toml\n[[rule]]\nid = \"EVIDENCE-001\"\nseverity = \"info\"\nblocking_from = 2028\n```\n\n\
         | rule | severity | since | example |\n| --- | --- | --- | --- |\n",
    );
    for rule in rules {
        let mark = if rule.gravity.adjustable().is_ok() { " †" } else { "" };
        let example = rule.example.sentence(&Language::english()).replace('|', "\\|");
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| [{id}](#{anchor}) | {}{mark} | {} | {example} |",
            gravity(rule.gravity),
            rule.since,
            id = rule.id,
            anchor = rule.id.to_lowercase(),
        );
    }
    text.push_str("\n## Wording\n\nWords in braces are replaced by what was found.\n");
    for rule in rules {
        let _ = write!(text, "\n### {}\n\n", rule.id);
        for (tag, name) in LANGUAGES {
            let _ = writeln!(text, "- {name}: {}", WORDING.get(rule.id, &Language::new(tag)));
        }
    }
    text
}
