//! Scores of this and other waves as they were published.

use std::collections::BTreeMap;
use std::path::Path;

use maturity::economy::{Economies, EconomyCode};
use maturity::framework::{Framework, Range};
use maturity::id::Id;
use maturity::spelling::meant;
use maturity::submission::Wave;

use super::{TableError, bytes, no_problems, number, row_error, rows, year};

/// Scores of one economy as they were published.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedScores {
    /// The wave.
    pub wave: Wave,
    /// The economy.
    pub economy: EconomyCode,
    /// The maturity group of the composite.
    pub group: String,
    /// The scores by id, e.g. `GTMI` and `CGSI`, in the order of the table's columns.
    pub scores: Vec<(Id, f64)>,
}

/// Reads the table of published scores: columns `wave`, `economy`, `group`, and one for each id. Other waves may have had
/// ids and groups that the framework does not have; those that it has, it has on one scale.
pub fn published_scores(
    path: &Path,
    framework: &Framework,
    economies: &Economies,
) -> Result<Vec<PublishedScores>, TableError> {
    let bytes = bytes(path)?;
    let mut reader = rows(&bytes);
    let headings = reader.headers().map_err(|error| row_error(path, &error))?.clone();
    let column = |name: &str| {
        headings.iter().position(|heading| heading == name).ok_or_else(|| TableError::Row {
            path: path.to_owned(),
            line: 1,
            what: format!("the column \"{name}\" is missing"),
        })
    };
    let (wave, economy, group) = (column("wave")?, column("economy")?, column("group")?);
    let ids: Vec<(usize, Id)> = headings
        .iter()
        .enumerate()
        .filter(|(at, _)| ![wave, economy, group].contains(at))
        .map(|(at, heading)| (at, Id::from(heading)))
        .collect();
    let scales: BTreeMap<&Id, Range> = scales(framework).collect();
    let groups: Vec<&str> = framework.groups.iter().map(|group| group.id.as_str()).collect();
    let mut problems: Vec<(u64, String)> = Vec::new();
    for (_, id) in ids.iter().filter(|(_, id)| !scales.contains_key(id)) {
        if let Some(meant) = meant(id.as_str(), scales.keys().map(|id| id.as_str())) {
            problems.push((1, format!("the framework has no \"{id}\", did you mean \"{meant}\"?")));
        }
    }
    let mut all = Vec::new();
    let mut seen: BTreeMap<(u16, EconomyCode), u64> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| row_error(path, &error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let text = |at: usize| record.get(at).unwrap_or_default();
        let mut wrong = |what: String| problems.push((line, what));
        let year = year("wave", text(wave)).map_err(&mut wrong).ok();
        let known = economies.find(text(economy)).map(|(known, _)| known.code.clone());
        let known = known
            .map_err(|_| wrong(format!("the economy \"{}\" is not in the table of economies", text(economy))))
            .ok();
        let of = text(group);
        if !groups.contains(&of)
            && let Some(meant) = meant(of, groups.iter().copied())
        {
            wrong(format!("there is no maturity group \"{of}\", did you mean \"{meant}\"?"));
        }
        let mut scores = Vec::new();
        for (at, id) in ids.iter().filter(|(at, _)| !text(*at).is_empty()) {
            let score = number(id.as_str(), text(*at)).and_then(|score| on_scale(id, score, scales.get(id)));
            if let Ok(score) = score.map_err(&mut wrong) {
                scores.push((id.clone(), score));
            }
        }
        let (Some(year), Some(economy)) = (year, known) else { continue };
        if let Some(first) = seen.insert((year, economy.clone()), line) {
            wrong(format!("wave {year} of {economy} stands there twice, first on line {first} (keep one)"));
        }
        all.push(PublishedScores { wave: Wave(year), economy, group: of.to_owned(), scores });
    }
    no_problems(path, problems)?;
    Ok(all)
}

/// What the framework scores, each with the range of its scores.
fn scales(framework: &Framework) -> impl Iterator<Item = (&Id, Range)> {
    std::iter::once((&framework.composite.id, framework.composite_range()))
        .chain(framework.subindexes.iter().map(|subindex| (&subindex.id, framework.subindex_range(subindex))))
        .chain(
            framework
                .indicators
                .iter()
                .map(|indicator| (&indicator.id, framework.indicator_range(indicator))),
        )
}

/// A published score lies within the range that scores of its id can have; it may have been rounded.
fn on_scale(id: &Id, score: f64, scale: Option<&Range>) -> Result<f64, String> {
    const ROUNDED: f64 = 1e-3;
    let scale = *scale.unwrap_or(&Range::ANY);
    if score.is_finite() && (scale.low - ROUNDED..=scale.high + ROUNDED).contains(&score) {
        return Ok(score);
    }
    if !score.is_finite() {
        return Err(format!("{id} is {score}, which is no number"));
    }
    Err(format!("{id} is {score}, outside its scale of {} to {}", scale.low, scale.high))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::tables::testing::{economies, framework};

    fn told(table: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("published.csv");
        fs::write(&path, table).unwrap();
        let read = published_scores(&path, &framework(), &economies());
        let told = read.map_or_else(|error| error.to_string(), |all| format!("{} rows", all.len()));
        told.replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn what_cannot_be_a_score_of_this_index_is_told_with_its_line() {
        // Rounded a little, of another wave with another subindex and another group.
        assert_eq!(
            told("wave,economy,group,ALL,OLD\n2028,KEN,Silver,1.0004,7\n2026,KEN,Bronze,,\n"),
            "2 rows"
        );
        assert_eq!(
            told("wave,economy,group,ALL,SYTS\n2028,KEN,silver,50,0.5\n2028,KEN,,\"0,5\",\n2o28,ATL,,,\n"),
            "7 problems in published.csv\n  \
             line 1: the framework has no \"SYTS\", did you mean \"SYST\"?\n  \
             line 2: there is no maturity group \"silver\", did you mean \"Silver\"?\n  \
             line 2: ALL is 50, outside its scale of 0 to 1\n  \
             line 3: ALL is \"0,5\", which is no number (decimals stand behind a point: 0.5)\n  \
             line 3: wave 2028 of KEN stands there twice, first on line 2 (keep one)\n  \
             line 4: wave is \"2o28\", which is no year (four digits, e.g. 2022)\n  \
             line 4: the economy \"ATL\" is not in the table of economies"
        );
    }
}
