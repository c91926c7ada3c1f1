//! Starting the next wave from a framework: ids, wording and comparability are carried over, and only what
//! names the wave changes. The files are edited, not written anew, so that comments and order stay.

use super::load::TOML;
use super::{Date, Framework, FrameworkProblems, FrameworkSources};
use crate::submission::Wave;

/// The next wave cannot be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NextWaveError {
    /// The new wave is not later.
    #[error("the new wave {to} is not later than {from}, the wave of the framework to start from")]
    NotLater {
        /// The wave of the framework.
        from: Wave,
        /// The wave asked for.
        to: Wave,
    },
    /// A value stands in a form that is not edited.
    #[error("failed to set {what} in {TOML} (write it on a line of its own, as in the bundled framework)")]
    Form {
        /// The key.
        what: &'static str,
    },
    /// A year of a constraint cannot be moved.
    #[error("failed to move the years in the table of questions: {0}")]
    Survey(String),
    /// What came out has problems.
    #[error("the framework of the new wave would have {0}")]
    Problems(#[from] FrameworkProblems),
}

/// The files of the framework of `wave`, started from a framework and the files it was loaded from, under `id`.
///
/// Carried over: questions, choices, points, indicators and their classes of comparability, changes between
/// earlier waves, retired ids. Set: id, version, wave, `as_of` (same month and day), the year in the title,
/// `earlier`. A class that holds the wave of the framework also holds the new wave: the construct is the same. Where some
/// class names the new wave already, its publisher has said what compares with it, and classes stay as they are.
/// Years in constraints and their messages move only where `moving_years` names them.
pub fn next_wave(
    framework: &Framework,
    sources: &FrameworkSources,
    id: &str,
    wave: Wave,
) -> Result<FrameworkSources, NextWaveError> {
    let from = framework.wave;
    if wave <= from {
        return Err(NextWaveError::NotLater { from, to: wave });
    }
    let years: Vec<(u16, u16)> = framework
        .waves
        .moving_years
        .iter()
        .map(|year| (*year, year.saturating_add(wave.0 - from.0)))
        .collect();
    let next = FrameworkSources {
        framework: index(framework, &sources.framework, id, wave, &years),
        survey: survey(&sources.survey, &years)?,
        ..sources.clone()
    };
    let loaded = Framework::load(&next)?;
    let date = Date::parse(&format!("{wave}-{:02}-{:02}", framework.as_of.month, framework.as_of.day));
    let classes = framework.waves.classes.iter().zip(&loaded.waves.classes).all(|(old, new)| {
        let mut expected = old.compares.clone();
        if expected.contains(&from) && !expected.contains(&wave) && !is_decided(framework, wave) {
            expected.push(wave);
        }
        new.compares == expected
    });
    let moved: Vec<u16> = years.iter().map(|(_, year)| *year).collect();
    for (done, what) in [
        (loaded.id == id, "id"),
        (loaded.version == version(wave), "version"),
        (loaded.wave == wave, "wave"),
        (Some(loaded.as_of) == date, "as_of"),
        (loaded.waves.earlier.as_deref() == Some(framework.id.as_str()), "earlier"),
        (classes, "compares"),
        (loaded.waves.moving_years == moved, "moving_years"),
    ] {
        if !done {
            return Err(NextWaveError::Form { what });
        }
    }
    Ok(next)
}

/// Whether the framework says already what compares with a wave.
fn is_decided(framework: &Framework, wave: Wave) -> bool {
    framework.waves.classes.iter().any(|class| class.compares.contains(&wave))
}

fn version(wave: Wave) -> String {
    format!("{wave}.1")
}

/// `framework.toml` of the new wave, edited line by line.
fn index(framework: &Framework, toml: &str, id: &str, wave: Wave, years: &[(u16, u16)]) -> String {
    let (old, new) = (framework.wave.to_string(), wave.to_string());
    let ending = if toml.contains("\r\n") { "\r\n" } else { "\n" };
    let earlier = format!("earlier = \"{}\"{ending}", framework.id);
    let mut out = format!(
        "# Started from {} for the wave of {wave}; comments below may still speak of {old}.{ending}",
        framework.id
    );
    let mut table = "";
    for line in toml.split_inclusive('\n') {
        let text = line.trim();
        let key = text.split('=').next().unwrap_or_default().trim();
        let end = line.get(line.trim_end_matches(['\r', '\n']).len()..).unwrap_or_default();
        if text.starts_with('[') {
            table = text.split('#').next().unwrap_or_default().trim();
            out.push_str(line);
            if table == "[waves]" {
                out.push_str(&earlier);
            }
            continue;
        }
        match (table, key) {
            ("", "id") => out.push_str(&format_line("id", &format!("\"{id}\""), end)),
            ("", "version") => out.push_str(&format_line("version", &format!("\"{}\"", version(wave)), end)),
            ("", "wave") => out.push_str(&format_line("wave", &new, end)),
            ("", "as_of") => {
                let (month, day) = (framework.as_of.month, framework.as_of.day);
                // The last day of February is not the same every year.
                let day = if (month, day) == (2, 29) { 28 } else { day };
                out.push_str(&format_line("as_of", &format!("\"{wave}-{month:02}-{day:02}\""), end));
            }
            ("", "title") => out.push_str(&line.replace(&old, &new)),
            ("[waves]", "earlier") => {}
            ("[waves]", "moving_years") => out.push_str(&moved(line, years)),
            ("[[waves.class]]", "compares") if !is_decided(framework, wave) => {
                out.push_str(&with_wave(line, &old, &new));
            }
            _ => out.push_str(line),
        }
    }
    if !toml.lines().any(|line| line.trim().starts_with("[waves]")) {
        if !out.ends_with('\n') {
            out.push_str(ending);
        }
        out.push_str(ending);
        out.push_str("[waves]");
        out.push_str(ending);
        out.push_str(&earlier);
    }
    out
}

fn format_line(key: &str, value: &str, end: &str) -> String {
    format!("{key} = {value}{end}")
}

/// The line of an array of waves with the new wave added, if it holds the old one.
fn with_wave(line: &str, old: &str, new: &str) -> String {
    let numbers = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (Some(open), Some(close)) = (line.find('['), line.find(']')) else { return line.to_owned() };
    let waves = numbers(line.get(open..close).unwrap_or_default());
    if !waves.iter().any(|wave| wave == old) || waves.iter().any(|wave| wave == new) {
        return line.to_owned();
    }
    let (head, tail) = (line.get(..close).unwrap_or_default(), line.get(close..).unwrap_or_default());
    format!("{}, {new}{tail}", head.trim_end().trim_end_matches(','))
}

/// The text with whole numbers replaced by those that they move to.
fn moved(text: &str, years: &[(u16, u16)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut number = String::new();
    for c in text.chars().map(Some).chain([None]) {
        if let Some(digit) = c.filter(char::is_ascii_digit) {
            number.push(digit);
            continue;
        }
        let year = years.iter().find(|(old, _)| number == old.to_string());
        out.push_str(&year.map_or_else(|| std::mem::take(&mut number), |(_, new)| new.to_string()));
        number.clear();
        out.extend(c);
    }
    out
}

/// `survey.csv` with the moving years moved in constraints and their messages; other rows stay byte for byte.
fn survey(text: &str, years: &[(u16, u16)]) -> Result<String, NextWaveError> {
    if years.is_empty() {
        return Ok(text.to_owned());
    }
    let broken = |error: csv::Error| NextWaveError::Survey(error.to_string());
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut columns: Option<Vec<usize>> = None;
    let mut records = Vec::new();
    for record in reader.records() {
        records.push(record.map_err(broken)?);
    }
    let start = |record: &csv::StringRecord| {
        let at = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0);
        // To the library a line of two characters at its end ends with the first one.
        let is_within = text.get(at.saturating_sub(1)..).is_some_and(|rest| rest.starts_with("\r\n"));
        at + usize::from(at > 0 && is_within)
    };
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::with_capacity(text.len());
    for (at, record) in records.iter().enumerate() {
        let end = records.get(at + 1).map_or(text.len(), &start);
        let raw = text.get(start(record)..end).unwrap_or_default();
        let Some(columns) = &columns else {
            let is_moving = |heading: &str| {
                let base = heading.split("::").next().unwrap_or_default().trim();
                matches!(base, "constraint" | "constraint_message")
            };
            let moving = record.iter().enumerate().filter(|(_, heading)| is_moving(heading));
            columns = Some(moving.map(|(at, _)| at).collect());
            out.push_str(raw);
            continue;
        };
        let values: Vec<String> = record
            .iter()
            .enumerate()
            .map(|(at, value)| if columns.contains(&at) { moved(value, years) } else { value.to_owned() })
            .collect();
        if values.iter().map(String::as_str).eq(record.iter()) {
            out.push_str(raw);
            continue;
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&values).map_err(broken)?;
        let row = writer.into_inner().map_err(|error| NextWaveError::Survey(error.to_string()))?;
        out.push_str(String::from_utf8_lossy(&row).trim_end_matches('\n'));
        out.push_str(ending);
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
