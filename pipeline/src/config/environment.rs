//! Values that the environment puts in the place of those of the file: `GTMI_SECTION__KEY`, for nested sections with
//! further `__`, e.g. `GTMI_NOTIFY__MAIL__SERVER` for `server` in `[notify.mail]`.

use std::collections::BTreeMap;

use maturity::spelling::did_you_mean_field;
use toml::{Table, Value};

use super::file::ConfigFile;
use super::{ConfigError, Located};

/// Variables that begin so and have a `__` override values.
const PREFIX: &str = "GTMI_";

/// Between the names of sections and keys.
const BETWEEN: &str = "__";

/// Of so many variables that read as numbers and the like it is found out which are meant as texts.
const MOST_TEXTS: usize = 6;

/// The sections whose keys are names that somebody gave: a new one is spelled as its variable spells it. All other
/// keys are the program's, in lower case.
const NAMING: [&[&str]; 2] = [&["external"], &["comparators", "peers"]];

/// The variables that override values, with these.
pub(super) fn overrides() -> BTreeMap<String, String> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os()
        .map(|(name, value)| (text(name), text(value)))
        .filter(|(name, _)| name.starts_with(PREFIX) && name.contains(BETWEEN))
        .collect()
}

/// The configuration with the overrides put in. What is wrong with the file itself is told of the file.
pub(super) fn overridden(
    located: &Located<'_>,
    text: &str,
    overrides: &BTreeMap<String, String>,
) -> Result<ConfigFile, ConfigError> {
    let of_file = |error: &toml::de::Error| located.toml(error);
    let table: Table = toml::from_str(text).map_err(|error| of_file(&error))?;
    let all: Vec<(&String, &String)> = overrides.iter().collect();
    let error = match with(&table, &all, &[]) {
        Ok(file) => return Ok(file),
        Err(error) => error,
    };
    // Texts that read as another kind of value: a folder that is called 2025.
    let others: Vec<usize> =
        (0..all.len()).filter(|at| !read(all[*at].1).is_str()).take(MOST_TEXTS).collect();
    for taken in 1_usize..1 << others.len() {
        let texts = others.iter().enumerate().filter(|(bit, _)| taken >> bit & 1 == 1);
        let texts: Vec<usize> = texts.map(|(_, at)| *at).collect();
        if let Ok(file) = with(&table, &all, &texts) {
            return Ok(file);
        }
    }
    if let Wrong::Values(error) = &error
        && let Err(alone) = toml::from_str::<ConfigFile>(text)
        && alone.message() == error.message()
    {
        return Err(of_file(&alone));
    }
    // Of several variables, the one without which all is well.
    let only = (0..all.len()).find(|at| {
        let others = all.iter().enumerate().filter(|(other, _)| other != at);
        let others: Vec<_> = others.map(|(_, variable)| *variable).collect();
        with(&table, &others, &[]).is_ok()
    });
    let names: Vec<&str> = match only {
        Some(at) => vec![all[at].0],
        None => all.iter().map(|(name, _)| name.as_str()).collect(),
    };
    Err(match error {
        Wrong::Place { variable, what } => ConfigError::Invalid { place: variable, what },
        Wrong::Values(error) => {
            let what = format!("{}{}", error.message(), did_you_mean_field(error.message()));
            ConfigError::Invalid { place: names.join(", "), what }
        }
    })
}

/// Why values cannot be put in.
enum Wrong {
    /// There is nothing that the variable's name can mean.
    Place { variable: String, what: String },
    /// What comes of them is no configuration.
    Values(Box<toml::de::Error>),
}

/// The configuration with these variables put in; those at `as_texts` are taken as texts, whatever they read as.
fn with(table: &Table, variables: &[(&String, &String)], as_texts: &[usize]) -> Result<ConfigFile, Wrong> {
    let mut table = table.clone();
    for (at, (variable, value)) in variables.iter().enumerate() {
        let path = variable.strip_prefix(PREFIX).unwrap_or(variable);
        let parts: Vec<&str> = path.split(BETWEEN).collect();
        let value = if as_texts.contains(&at) { Value::String((*value).clone()) } else { read(value) };
        put(&mut table, &mut Vec::new(), &parts, value)
            .map_err(|what| Wrong::Place { variable: (*variable).clone(), what })?;
    }
    let values = |error: toml::de::Error| Wrong::Values(Box::new(error));
    // Through text, since only a text has the places that some values ask for.
    let text = toml::to_string(&table).unwrap_or_default();
    toml::from_str(&text).map_err(values)
}

/// The value of a variable: read as TOML, else taken as text. Dates are texts in the configuration.
fn read(value: &str) -> Value {
    let parsed = toml::from_str::<Table>(&format!("v = {value}")).ok();
    match parsed.and_then(|mut table| table.remove("v")) {
        Some(Value::Datetime(_)) | None => Value::String(value.to_owned()),
        Some(parsed) => parsed,
    }
}

/// Puts a value in at the place that `parts` name below `above`; sections that are missing are made.
fn put(table: &mut Table, above: &mut Vec<String>, parts: &[&str], value: Value) -> Result<(), String> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    let key = key(table, above, part);
    if rest.is_empty() {
        table.insert(key, value);
        return Ok(());
    }
    let inner = table.entry(key.clone()).or_insert_with(|| Value::Table(Table::new()));
    above.push(key);
    match inner {
        Value::Table(table) => put(table, above, rest, value),
        Value::Array(entries) => put_into_entry(entries, above, rest, value),
        _ => Err(format!("\"{}\" is a value, not a section", above.join("."))),
    }
}

/// Puts a value into one entry of `[[…]]`, which the first part names: by its name, or its place from 1.
fn put_into_entry(
    entries: &mut [Value],
    above: &mut Vec<String>,
    parts: &[&str],
    value: Value,
) -> Result<(), String> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    let name = |entry: &Value| entry.get("name").and_then(Value::as_str).map(str::to_owned);
    let named = entries.iter().position(|entry| name(entry).is_some_and(|name| is_meant(&name, part)));
    let counted = || part.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
    let entry = named.or_else(counted).and_then(|at| entries.get_mut(at)).and_then(Value::as_table_mut);
    let Some(entry) = entry.filter(|_| !rest.is_empty()) else {
        return Err(format!(
            "there is no entry \"{part}\" of [[{}]] to override (give its name, or its place from 1, then __ and the key)",
            above.join(".")
        ));
    };
    above.push((*part).to_owned());
    put(entry, above, rest, value)
}

/// The key that a part of a variable's name means: one that is there, else a new one.
fn key(table: &Table, above: &[String], part: &str) -> String {
    if let Some(known) = table.keys().find(|known| is_meant(known, part)) {
        return known.clone();
    }
    let is_name = NAMING.iter().any(|section| above == *section);
    if is_name { part.to_owned() } else { part.to_lowercase() }
}

/// Whether a variable's name can mean this key: it has no hyphens, and the case of letters is no matter.
fn is_meant(known: &str, part: &str) -> bool {
    known.replace('-', "_").eq_ignore_ascii_case(&part.replace('-', "_"))
}
