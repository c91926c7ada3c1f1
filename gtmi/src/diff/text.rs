//! A difference for people: grouped by economy and cause, with sums. Numbers are rounded for display only.

use std::fmt::Write;

use maturity::answer::Answer;
use maturity::change::{Cause, Change, EconomyChange, Level, Parts, QuestionChange, Transitions};
use maturity::economy::EconomyCode;
use maturity::framework::{Direction, Kind};
use maturity::shown;

use crate::diff::Difference;
use crate::diff::decided::Decided;
use crate::diff::points::Point;
use crate::say::{Tone, Voice};

/// Up to this many changed economies are shown in detail, more with one line each.
const IN_DETAIL: usize = 12;

/// Questions that are listed for each economy and cause; the rest is counted.
const LISTED: usize = 12;

/// Says the whole difference.
pub(super) fn say(voice: Voice, difference: &Difference<'_>) {
    voice.line(&format!("from {}", point(&difference.from)));
    voice.line(&format!("to   {}", point(&difference.to)));
    let compared = &difference.compared;
    let mut counts =
        format!("{} changed, {} unchanged", economies(compared.changed.len()), compared.unchanged.len());
    for (what, codes) in
        [("scored for the first time", &compared.appeared), ("without scores now", &compared.gone)]
    {
        if !codes.is_empty() {
            let names: Vec<&str> = codes.iter().map(EconomyCode::as_str).take(LISTED).collect();
            let more = if codes.len() > LISTED { ", …" } else { "" };
            let _ = write!(counts, ", {} {what} ({}{more})", codes.len(), names.join(", "));
        }
    }
    voice.line(&counts);
    for moved in &compared.thresholds {
        voice.line(&format!(
            "group {} begins at {} and no longer at {}: the group can differ where the score does not",
            moved.group,
            shown::number(moved.to),
            shown::number(moved.from)
        ));
    }
    if compared.changed.is_empty() {
        return;
    }
    let acting = acting(&compared.changed);
    if compared.changed.len() > IN_DETAIL {
        overview(voice, difference, &acting);
    } else {
        for change in &compared.changed {
            detail(voice, difference, change, &acting);
        }
    }
    // Of one economy, everything was said.
    if compared.changed.len() + compared.unchanged.len() > 1 {
        totals(voice, difference, &acting);
        groups(voice, difference);
    }
}

fn economies(count: usize) -> String {
    if count == 1 { "1 economy".to_owned() } else { format!("{count} economies") }
}

fn point(point: &Point) -> String {
    let (imported, all) = (point.imported(), point.economies());
    // The same wave has other economies where it is the one that is run, and where it is another one.
    let origin = match imported {
        0 => "computed".to_owned(),
        some if some == all => "published scores, imported".to_owned(),
        some => format!("{} computed, {some} with published scores, imported", all - some),
    };
    let left_out = match point.left_out {
        0 => String::new(),
        1 => "; 1 with a published score alone is left out, as this wave is computed".to_owned(),
        some => format!("; {some} with published scores alone are left out, as this wave is computed"),
    };
    match &point.run {
        Some(run) => {
            // Seconds tell runs apart; the JSON has the whole time.
            let started = run.started_at.split('.').next().unwrap_or_default().trim_end_matches('Z');
            format!("run {} of {started}Z, wave {}", run.id, point.wave)
        }
        None => format!("wave {} ({}, {origin}{left_out})", point.wave, economies(all)),
    }
}

/// The causes that any part belongs to.
fn acting(changes: &[EconomyChange]) -> Vec<Cause> {
    let parts = || {
        changes.iter().flat_map(|economy| &economy.changes).filter_map(|change| change.parts.as_ref().ok())
    };
    Cause::ALL.into_iter().filter(|cause| parts().any(|parts| parts.of(*cause) != 0.0)).collect()
}

fn heading(acting: &[Cause]) -> String {
    let mut line = format!("{:>10} {:>10} {:>10}", "from", "to", "change");
    for cause in acting {
        let _ = write!(line, " {:>14}", cause.as_str());
    }
    line
}

fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "n/a".to_owned(), |score| format!("{score:.6}"))
}

fn signed(change: f64) -> String {
    if change == 0.0 { "0".to_owned() } else { shown::signed(change, 6) }
}

fn part_columns(parts: Option<&Parts>, acting: &[Cause]) -> String {
    let mut line = String::new();
    for cause in acting {
        let part = parts.map_or_else(|| "not known".to_owned(), |parts| signed(parts.of(*cause)));
        let _ = write!(line, " {part:>14}");
    }
    line
}

fn row(change: &Change, acting: &[Cause]) -> String {
    let difference = change.difference().map_or_else(|| "n/a".to_owned(), signed);
    format!(
        "{:>10} {:>10} {:>10}{}",
        score(change.from),
        score(change.to),
        difference,
        part_columns(change.parts.as_ref().ok(), acting)
    )
}

fn name(difference: &Difference<'_>, change: &EconomyChange) -> String {
    let known = difference.context.economies.get(&change.economy);
    let name = known.map(|economy| format!(" {}", economy.name)).unwrap_or_default();
    format!("{}{name}", change.economy)
}

fn group_move(change: &EconomyChange) -> String {
    match (&change.from.group, &change.to.group) {
        (Some(from), Some(to)) if from == to => format!("group {from}"),
        (from, to) => {
            let text = |group: &Option<String>| group.clone().unwrap_or_else(|| "none".to_owned());
            format!("group {} → {}", text(from), text(to))
        }
    }
}

/// One line for each economy: its composite.
fn overview(voice: Voice, difference: &Difference<'_>, acting: &[Cause]) {
    let changed = &difference.compared.changed;
    let shown: Vec<_> = changed.iter().map(|economy| (economy, composite(economy))).collect();
    let groups = changed.iter().map(|economy| group_move(economy).replace("group ", ""));
    let groups: Vec<String> = groups.collect();
    let wide = groups.iter().map(|group| group.chars().count()).max().unwrap_or(0).max(7);
    if let Some(composite) = shown.iter().find_map(|(_, composite)| *composite) {
        let verdict = composite.comparability.verdict.as_str();
        voice.line(&format!("\n{} compares: {verdict}", composite.id));
        for reason in &composite.comparability.reasons {
            voice.line(&format!("  {}", reason.sentence(&difference.context.config.language)));
        }
        if let Err(unknown) = composite.parts {
            voice.line(&format!("  {}", unknown.sentence(&difference.context.config.language)));
        }
        let table = format!("\n{:<28} {:<wide$} {}", composite.id.as_str(), "group", heading(acting));
        voice.line(&voice.toned(Tone::Heading, &table));
    }
    for ((economy, composite), group) in shown.into_iter().zip(groups) {
        let name: String = name(difference, economy).chars().take(28).collect();
        let row = row_or_none(composite, acting);
        voice.line(&format!("{name:<28} {group:<wide$} {row}"));
    }
}

/// How the composite of an economy changed; none where it has no score on either side.
fn composite(economy: &EconomyChange) -> Option<&Change> {
    economy.changes.iter().find(|change| change.level == Level::Index)
}

fn row_or_none(composite: Option<&Change>, acting: &[Cause]) -> String {
    composite.map_or_else(
        || "no score on either side, parts of it changed".to_owned(),
        |composite| row(composite, acting),
    )
}

/// The composite, the subindexes that changed, and the questions by cause.
fn detail(voice: Voice, difference: &Difference<'_>, economy: &EconomyChange, acting: &[Cause]) {
    let title = format!("\n{}, {}", name(difference, economy), group_move(economy));
    voice.line(&voice.toned(Tone::Heading, &title));
    voice.line(&format!("  {:<6} {}  comparable", "", heading(acting)));
    for change in economy.changes.iter().filter(|change| change.level != Level::Indicator) {
        if change.level == Level::Index || change.from != change.to {
            let verdict = change.comparability.verdict.as_str();
            voice.line(&format!("  {:<6} {}  {verdict}", change.id, row(change, acting)));
        }
    }
    if let Some(composite) = composite(economy).or_else(|| economy.changes.first()) {
        for reason in economy.reasons(composite, &difference.context.config.language) {
            voice.line(&format!("  {reason}"));
        }
    }
    for cause in Cause::ALL {
        let of_cause: Vec<_> = economy.questions.iter().filter(|change| change.cause == cause).collect();
        if of_cause.is_empty() {
            continue;
        }
        let decided = difference.decided.get(&economy.economy);
        let is_decided =
            |change: &&QuestionChange| decided.is_some_and(|all| all.contains_key(&change.question));
        let behind = difference.compared.behind.get(&economy.economy);
        let files = behind.map(|(from, to)| (from.file.as_ref(), to.file.as_ref()));
        let from_to = match files.unwrap_or_default() {
            // No file is behind what reviewers decided.
            _ if of_cause.iter().all(is_decided) => String::new(),
            (Some(from), Some(to)) if cause != Cause::ExternalIndex && from != to => {
                format!(" ({from} → {to})")
            }
            (_, Some(to)) if cause == Cause::Correction => format!(" ({to} was sent again)"),
            _ => String::new(),
        };
        let title = cause.title(&difference.context.config.language);
        voice.line(&format!("  {title}{from_to}"));
        for change in of_cause.iter().take(LISTED) {
            voice.line(&format!("    {}", question(difference, economy, change)));
        }
        if of_cause.len() > LISTED {
            voice.line(&format!("    … and {} more questions", of_cause.len() - LISTED));
        }
    }
}

fn question(difference: &Difference<'_>, economy: &EconomyChange, change: &QuestionChange) -> String {
    let framework = &difference.context.framework;
    let known = framework.question(&change.question);
    let answers = answers(change.from.as_ref(), change.to.as_ref());
    let points = |points: Option<(f64, f64)>| {
        points.map_or_else(
            || "-".to_owned(),
            |(earned, most)| format!("{} of {}", rounded(earned), shown::number(most)),
        )
    };
    let mut line = format!("{:<9} {answers}", change.question);
    // A number that is the value itself has no points in either wave.
    if [change.from_points, change.to_points].into_iter().flatten().any(|(_, most)| most > 0.0) {
        let (from, to) = (points(change.from_points), points(change.to_points));
        let _ = write!(line, ", points {from} → {to}");
    }
    let indicator = known.and_then(|question| framework.indicator(&question.indicator));
    if indicator.is_some_and(|known| known.direction == Direction::Lower) {
        line.push_str(" (lower is better)");
    }
    let decided = difference.decided.get(&economy.economy).and_then(|all| all.get(&change.question));
    if let Some(decided) = decided {
        let _ = write!(line, " ({})", happened(decided));
    }
    if let Some(Kind::External(index)) = known.map(|question| &question.kind) {
        let behind = difference.compared.behind.get(&economy.economy);
        let editions = behind.map(|(from, to)| (from.edition(index), to.edition(index)));
        match editions.unwrap_or_default() {
            (Some(from), Some(to)) if from != to => {
                let _ = write!(line, " ({index}, edition {from} → {to})");
            }
            (_, Some(to)) => {
                let _ = write!(line, " ({index}, edition {to})");
            }
            _ => {}
        }
    }
    line
}

/// The answer before and after, once where it is the same.
fn answers(from: Option<&Answer>, to: Option<&Answer>) -> String {
    let answer = |answer: Option<&Answer>| match answer {
        Some(answer) if answer.is_given() => answer.shown().into_owned(),
        Some(_) => "no answer".to_owned(),
        None => "not counted".to_owned(),
    };
    let (from, to) = match (from, to) {
        (Some(Answer::Number(from)), Some(Answer::Number(to))) => shown::pair(*from, *to),
        _ => (answer(from), answer(to)),
    };
    if from == to { from } else { format!("{from} → {to}") }
}

/// What reviewers did, as a fragment.
fn happened(decided: &Decided) -> String {
    match decided {
        Decided::Overridden { by, reason } => format!("overridden by {by}: {reason}"),
        Decided::Undone { of, by, reason } if of == by => format!("{by} undid the override: {reason}"),
        Decided::Undone { of, by, reason } => format!("{by} undid the override by {of}: {reason}"),
        Decided::Idle { of } => format!("the override by {of} does not count there"),
    }
}

/// A number of points for display: three decimals, without trailing zeros.
fn rounded(points: f64) -> String {
    let text = format!("{points:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Means over the economies that changed, and sums of the parts.
fn totals(voice: Voice, difference: &Difference<'_>, acting: &[Cause]) {
    let mut table = format!("\n{:<6} {:>9} {:>12}", "sum", "economies", "change");
    for cause in acting {
        let _ = write!(table, " {:>14}", cause.as_str());
    }
    voice.line(&voice.toned(Tone::Heading, &table));
    let composite = &difference.context.framework.composite.id;
    for (id, sums) in difference.sums.iter().filter(|(id, sums)| id == composite || sums.change != 0.0) {
        let parts = (sums.split == sums.economies).then_some(&sums.parts);
        voice.line(&format!(
            "{:<6} {:>9} {:>12}{}",
            id,
            sums.economies,
            signed(sums.change),
            part_columns(parts, acting)
        ));
    }
}

/// The matrix of moves between maturity groups.
fn groups(voice: Voice, difference: &Difference<'_>) {
    let transitions = &difference.transitions;
    let mut table = format!("\n{:<8}", "group");
    for group in &transitions.groups {
        let _ = write!(table, " {:>5}", format!("→ {group}"));
    }
    voice.line(&voice.toned(Tone::Heading, &table));
    for (group, counts) in transitions.groups.iter().zip(&transitions.counts) {
        let mut line = format!("{group:<8}");
        for count in counts {
            let _ = write!(line, " {count:>5}");
        }
        voice.line(&line);
    }
    voice.line(&moves(transitions));
}

/// How many went up and down.
fn moves(transitions: &Transitions) -> String {
    let mut line = format!("{} up, {} same, {} down", transitions.up, transitions.same, transitions.down);
    if transitions.unranked > 0 {
        let _ = write!(line, ", {} between groups without an order", transitions.unranked);
    }
    if transitions.one_sided > 0 {
        let _ = write!(line, ", {} with a group on one side only", transitions.one_sided);
    }
    line
}

#[cfg(test)]
mod tests {
    use maturity::change::{Origin, Side, Unknown};
    use maturity::framework::{Comparability, Verdict};
    use maturity::id::Id;
    use maturity::submission::Wave;

    use super::*;

    fn changed(id: &str, level: Level, to: f64) -> Change {
        Change {
            id: Id::from(id),
            level,
            from: Some(0.25),
            to: Some(to),
            comparability: Comparability { verdict: Verdict::Yes, reasons: Vec::new() },
            parts: Err(Unknown::ScoresOnly),
        }
    }

    #[test]
    fn numbers_are_told_without_what_arithmetic_left_and_apart_where_they_differ() {
        let told = |from: Option<f64>, to: f64| {
            let (from, to) = (from.map(Answer::Number), Answer::Number(to));
            answers(from.as_ref(), Some(&to))
        };
        assert_eq!(told(Some(0.1 + 0.2), 0.5), "0.3 → 0.5");
        assert_eq!(told(Some(0.1 + 0.2), 0.3), "0.30000000000000004 → 0.3");
        assert_eq!(told(Some(0.5), 0.5), "0.5");
        assert_eq!(told(None, 0.1 + 0.2), "not counted → 0.3");
    }

    #[test]
    fn moves_between_groups_without_an_order_are_neither_up_nor_down() {
        let told = |from, to| moves(&Transitions::count(["High", "Low"], [(from, to)]));
        assert_eq!(told(Some("Low"), Some("High")), "1 up, 0 same, 0 down");
        assert_eq!(told(Some("C"), Some("Low")), "0 up, 0 same, 0 down, 1 between groups without an order");
        assert_eq!(told(Some("C"), None), "0 up, 0 same, 0 down, 1 with a group on one side only");
    }

    #[test]
    fn in_the_column_of_the_index_stands_the_index_or_that_it_has_no_score() {
        let side = Side { wave: Wave(2022), origin: Origin::Computed, group: None, collected: None };
        let mut economy = EconomyChange {
            economy: EconomyCode::new("LYON"),
            from: side.clone(),
            to: side,
            changes: vec![changed("Conn", Level::Subindex, 0.75), changed("ALL", Level::Index, 0.5)],
            questions: Vec::new(),
            instrument_differs: None,
        };
        let line = |economy: &EconomyChange| row_or_none(composite(economy), &[]);
        assert_eq!(line(&economy), "  0.250000   0.500000  +0.250000");
        economy.changes.pop();
        assert_eq!(line(&economy), "no score on either side, parts of it changed");
    }
}
