//! Reference figures of the World Bank: today's regions and income groups (country API, version 2) and values of
//! external indices (Data360).
//!
//! They are no submissions and no score changes by their arrival. Each state becomes a dated file in a folder, in
//! the form that `[data] classification` and `[[external_file]]` read; whoever runs the wave names the file that
//! is to count. A state that is there already is not written again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use fetch::{Client, Request};
use maturity::economy::{Economies, EconomyCode};
use pipeline::config::{WorldBankIndicator, WorldBankSource};
use pipeline::durable;
use serde_json::Value;

use super::spool::SpoolError;
use super::{Allowance, SourceError};

/// Economies a page, and figures a page: the most that the servers give without a question.
const ECONOMIES: &str = "400";
const FIGURES: usize = 1000;
/// No list of either server has more pages; one that says so turns in a circle.
const MOST_PAGES: u64 = 500;

/// Fetches what the section asks for; gives what people should know.
pub(super) async fn fetch(
    source: &WorldBankSource,
    economies: &Economies,
    today: &str,
) -> Result<Vec<String>, SourceError> {
    let addresses = [source.url.as_str(), source.data_url.as_str()];
    let client = super::client(&source.web, addresses)?;
    let mut notes = Vec::new();
    if source.classification {
        let listed = classification(&client, source).await?;
        let classified = Classified::of(&listed, economies);
        let file = keep(&source.folder, "classification", today, &classified.table(economies, today), true)?;
        if let Some(file) = file {
            notes.push(classified.note(economies, &file));
        }
    }
    for indicator in &source.indicators {
        let figures = figures(&client, source, indicator).await?;
        let name = format!("{}_{}", indicator.database, indicator.indicator);
        if let Some(file) = keep(&source.folder, &name, today, &figures, false)? {
            notes.push(format!(
                "new figures of {} are in {file} (an [[external_file]] uses them)",
                indicator.indicator
            ));
        }
    }
    Ok(notes)
}

/// Region and income group as the World Bank calls them, by its code of the economy.
type Listed = BTreeMap<String, (String, String)>;

/// All economies of the country API; aggregates stand among them and are left out.
async fn classification(client: &Client, source: &WorldBankSource) -> Result<Listed, SourceError> {
    let place = format!("{}/v2/country", source.url);
    let shape = |what: String| SourceError::Shape { place: place.clone(), what };
    let mut all = Listed::new();
    let (mut page, mut pages, mut total) = (1, 1, 0);
    // A page that comes twice is no other page.
    let mut received = BTreeSet::new();
    let mut room = Allowance::default();
    while page <= pages.min(MOST_PAGES) {
        let request = Request::get(&place)?
            .with("format", "json")
            .with("per_page", ECONOMIES)
            .with("page", &page.to_string());
        let answer = super::page(client, request, &mut room).await?;
        // Errors come with status 200, as a list of messages.
        if let Some(message) = answer.pointer("/0/message/0/value").and_then(Value::as_str) {
            return Err(shape(format!("it says \"{message}\"")));
        }
        let (Some(head), Some(rows)) = (answer.get(0), answer.get(1).and_then(Value::as_array)) else {
            return Err(shape("its answer is not a list of a head and rows".to_owned()));
        };
        pages = number(&head["pages"])
            .ok_or_else(|| shape("it does not say how many pages there are".to_owned()))?;
        total = number(&head["total"]).unwrap_or_default();
        received.extend(rows.iter().map(Value::to_string));
        for row in rows {
            let text =
                |pointer: &str| row.pointer(pointer).and_then(Value::as_str).unwrap_or_default().trim();
            let (code, region) = (text("/id"), text("/region/id"));
            if code.is_empty() || matches!(region, "" | "NA") {
                continue;
            }
            all.insert(code.to_owned(), (region.to_owned(), text("/incomeLevel/id").to_owned()));
        }
        page += 1;
    }
    let received = u64::try_from(received.len()).unwrap_or(u64::MAX);
    if received != total {
        return Err(SourceError::Counts { place, what: "economies", told: total, received });
    }
    Ok(all)
}

/// A number that the server writes as a number or as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The economies of the wave in the groups of today, in the words of the table of economies.
struct Classified {
    groups: BTreeMap<EconomyCode, (String, String)>,
    /// Economies of the wave that the World Bank does not list; they keep their groups.
    unlisted: Vec<EconomyCode>,
}

impl Classified {
    /// Codes differ between publications (LMC and LM, SSF and AFR). What the World Bank's code is called in the
    /// table of economies, most economies that bear both tell; a code that is new stands for itself.
    fn of(listed: &Listed, economies: &Economies) -> Self {
        let found: Vec<(&EconomyCode, &(String, String))> = listed
            .iter()
            .filter_map(|(code, groups)| Some((&economies.find(code).ok()?.0.code, groups)))
            .collect();
        let known = |code: &EconomyCode| {
            economies.get(code).map(|known| (known.region.clone(), known.income.clone()))
        };
        let mut regions = Votes::default();
        let mut incomes = Votes::default();
        for (code, (region, income)) in &found {
            if let Some((own_region, own_income)) = known(code) {
                regions.add(region, &own_region);
                incomes.add(income, &own_income);
            }
        }
        let groups: BTreeMap<EconomyCode, (String, String)> = found
            .iter()
            .map(|(code, (region, income))| ((*code).clone(), (regions.name(region), incomes.name(income))))
            .collect();
        let unlisted =
            economies.iter().map(|economy| &economy.code).filter(|code| !groups.contains_key(code));
        Self { unlisted: unlisted.cloned().collect(), groups }
    }

    fn table(&self, economies: &Economies, today: &str) -> String {
        let mut table = "economy,region,income,classified\n".to_owned();
        for economy in economies.iter() {
            let groups = self.groups.get(&economy.code);
            let (region, income) =
                groups.map_or((&economy.region, &economy.income), |(region, income)| (region, income));
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "{},{},{},{today}",
                field(economy.code.as_str()),
                field(region),
                field(income)
            );
        }
        table
    }

    /// Says which economies of the wave are in other groups today than in the table in use.
    fn note(&self, economies: &Economies, file: &str) -> String {
        let moved: Vec<String> = economies
            .iter()
            .filter_map(|economy| {
                let (region, income) = self.groups.get(&economy.code)?;
                let of = |now: &str, then: &str| {
                    (now != then).then(|| format!("{} {} to {}", economy.code, shown(then), shown(now)))
                };
                of(region, &economy.region).or_else(|| of(income, &economy.income))
            })
            .collect();
        let mut note = if moved.is_empty() {
            format!("today's regions and income groups are those in use; a copy is in {file}")
        } else {
            format!(
                "today's regions and income groups are not those in use ({}); they are in {file} ([data] classification uses them)",
                moved.join(", ")
            )
        };
        if !self.unlisted.is_empty() {
            let codes: Vec<&str> = self.unlisted.iter().map(EconomyCode::as_str).collect();
            let _ = write!(note, "; not listed, left as they are: {}", codes.join(", "));
        }
        note
    }
}

fn shown(group: &str) -> &str {
    if group.is_empty() { "none" } else { group }
}

/// Which of our names goes with a foreign code, counted over the economies that bear both.
#[derive(Default)]
struct Votes(BTreeMap<String, BTreeMap<String, u32>>);

impl Votes {
    fn add(&mut self, foreign: &str, own: &str) {
        *self.0.entry(foreign.to_owned()).or_default().entry(own.to_owned()).or_default() += 1;
    }

    fn name(&self, foreign: &str) -> String {
        let own = self.0.get(foreign).and_then(|own| own.iter().max_by_key(|(_, votes)| **votes));
        own.map_or(foreign, |(own, _)| own).to_owned()
    }
}

/// All values of an indicator, a row a value, sorted.
async fn figures(
    client: &Client,
    source: &WorldBankSource,
    indicator: &WorldBankIndicator,
) -> Result<String, SourceError> {
    let place = format!("{}/data360/data", source.data_url);
    let shape = |what: &str| SourceError::Shape { place: place.clone(), what: what.to_owned() };
    let mut rows: BTreeMap<(String, String), String> = BTreeMap::new();
    let (mut skip, mut told) = (0, 0);
    let mut received = BTreeSet::new();
    let mut room = Allowance::default();
    for _ in 0..MOST_PAGES {
        let request = Request::get(&place)?
            .with("DATABASE_ID", &indicator.database)
            .with("INDICATOR", &indicator.indicator)
            .with("skip", &skip.to_string())
            .with("top", &FIGURES.to_string());
        let answer = super::page(client, request, &mut room).await?;
        told = number(&answer["count"]).ok_or_else(|| shape("it does not say how many values there are"))?;
        let values = answer["value"].as_array().ok_or_else(|| shape("there is no list of values"))?;
        received.extend(values.iter().map(Value::to_string));
        for value in values {
            let text = |name: &str| value[name].as_str().unwrap_or_default().trim().to_owned();
            let observed =
                value["OBS_VALUE"].as_f64().map_or_else(|| text("OBS_VALUE"), |number| number.to_string());
            rows.insert((text("REF_AREA"), text("TIME_PERIOD")), observed);
        }
        skip += values.len();
        if values.is_empty() || u64::try_from(skip).unwrap_or(u64::MAX) >= told {
            break;
        }
    }
    let received = u64::try_from(received.len()).unwrap_or(u64::MAX);
    if received != told {
        return Err(SourceError::Counts { place, what: "values", told, received });
    }
    let mut table = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\n".to_owned();
    for ((area, period), value) in &rows {
        let name = &indicator.indicator;
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{},{},{},{}", field(area), field(name), field(period), field(value));
    }
    Ok(table)
}

/// A text as a field of a CSV table.
fn field(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    if clean.contains([',', '"']) { format!("\"{}\"", clean.replace('"', "\"\"")) } else { clean }
}

/// Writes a table under the name and the date of today, unless the latest of that name says the same. Another state on
/// the same day has a number behind the date: a file that is there may be in use and is never written over. `dated`
/// tables repeat their date in the last column, which is not compared. Gives the path of a new file.
fn keep(
    folder: &Path,
    name: &str,
    today: &str,
    table: &str,
    dated: bool,
) -> Result<Option<String>, SourceError> {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let look = |source| SourceError::Keep(SpoolError::Look { path: folder.to_owned(), source });
    let files: Vec<String> = match fs::read_dir(folder) {
        Ok(entries) => {
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(look(error)),
    };
    let state = |file: &str| {
        let rest = file.strip_prefix(&name)?.strip_prefix('-')?.strip_suffix(".csv")?;
        let (date, number) = rest.split_at_checked(10)?;
        let number = if number.is_empty() { 1 } else { number.strip_prefix('-')?.parse::<u32>().ok()? };
        // One of the future was written by a clock that was wrong.
        (date.starts_with(|c: char| c.is_ascii_digit()) && date <= today).then(|| (date.to_owned(), number))
    };
    let latest = files.iter().filter_map(|file| Some((state(file)?, file))).max();
    if let Some((_, latest)) = &latest {
        let known = fs::read_to_string(folder.join(latest)).map_err(look)?;
        let bare = |text: &str| -> Vec<String> {
            let row = |row: &str| {
                if dated { row.rsplit_once(',').map_or(row, |(row, _)| row) } else { row }.to_owned()
            };
            text.lines().map(row).collect()
        };
        if bare(&known) == bare(table) {
            return Ok(None);
        }
    }
    let number = latest.filter(|((date, _), _)| date == today).map_or(1, |((_, number), _)| number + 1);
    let number = if number == 1 { String::new() } else { format!("-{number}") };
    let path = folder.join(format!("{name}-{today}{number}.csv"));
    durable::write(&path, table.as_bytes()).map_err(SpoolError::Write)?;
    Ok(Some(path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let name = |kept: Result<Option<String>, SourceError>| {
            let path = kept.unwrap()?;
            Some(Path::new(&path).file_name().unwrap().to_str().unwrap().to_owned())
        };
        let keep = |today: &str, table: &str| name(keep(folder.path(), "TII", today, table, false));
        assert_eq!(keep("2026-12-01", "a").as_deref(), Some("TII-2026-12-01.csv"));
        assert_eq!(keep("2026-12-01", "a"), None);
        for number in 2..=11 {
            let file = format!("TII-2026-12-01-{number}.csv");
            assert_eq!(keep("2026-12-01", &format!("b{number}")), Some(file));
        }
        assert_eq!(keep("2026-12-01", "b11"), None, "the eleventh is later than the second");
        assert_eq!(fs::read_to_string(folder.path().join("TII-2026-12-01.csv")).unwrap(), "a");
        assert_eq!(keep("2026-12-02", "b11"), None);
        assert_eq!(keep("2026-12-02", "c").as_deref(), Some("TII-2026-12-02.csv"));
        assert_eq!(keep("2026-11-30", "c").as_deref(), Some("TII-2026-11-30.csv"));
        assert_eq!(keep("2026-11-30", "c"), None);
    }
}
