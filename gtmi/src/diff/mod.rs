//! `gtmi diff`: what changed between two runs or two waves, by economy and cause; parts add up to the change.

mod decided;
mod document;
pub(crate) mod points;
mod text;

use std::collections::BTreeSet;

use maturity::change::{Sums, Transitions};
use maturity::id::Id;
use maturity::submission::Wave;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use store::{RunRow, Store};

use crate::arguments::DiffOptions;
use crate::diff::decided::AllDecided;
use crate::diff::points::{Compared, Point, Points};
use crate::say::Voice;
use crate::template;

/// Everything that a reader of a difference wants to know.
struct Difference<'a> {
    context: &'a Context,
    from: Point,
    to: Point,
    compared: Compared,
    /// What reviewers did about answers that changed within the wave.
    decided: AllDecided,
    /// The composite and the subindexes, each with its sums over economies.
    sums: Vec<(Id, Sums)>,
    transitions: Transitions,
}

/// Compares two runs, or two waves.
pub(crate) fn diff(context: &Context, voice: Voice, options: &DiffOptions) -> Result<Exit, Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, message);
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let store =
        store.ok_or_else(|| usage("there is nothing to compare yet (gtmi run records runs)".to_owned()))?;
    let mut points = Points::new(context, &store).map_err(Failure::stage)?;
    let (from, to) = if let [from, to] = options.waves.as_slice() {
        waves(&points, Wave(*from), Wave(*to))?
    } else {
        let runs = store.runs().map_err(Failure::stage)?;
        let wave = context.framework.wave;
        let (from, to) = (run(&runs, wave, &options.from)?, run(&runs, wave, &options.to)?);
        (of_run(&points, from)?, of_run(&points, to)?)
    };
    let only = template::economies(context, &options.economy)?;
    let compared = points.compare(&from, &to, &only).map_err(Failure::stage)?;
    let difference = Difference {
        sums: sums(context, &compared),
        transitions: transitions(context, &compared),
        decided: decided::decided(context, &store, to.wave, &compared).map_err(Failure::stage)?,
        context,
        from,
        to,
        compared,
    };
    text::say(voice, &difference);
    if voice.tells_machines() {
        voice.result(&document::document(&difference))?;
    }
    Ok(Exit::Done)
}

/// What two waves had.
fn waves(points: &Points<'_>, from: Wave, to: Wave) -> Result<(Point, Point), Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, message);
    let known = points.waves().map_err(Failure::stage)?;
    for wave in [from, to] {
        if !known.contains(&wave) {
            let names: Vec<String> = known.iter().map(Wave::to_string).collect();
            let names = names.join(", ");
            return Err(usage(format!("there are no scores of wave {wave} (there are: {names})")));
        }
    }
    if from >= to {
        return Err(usage(format!("--waves {from} {to}: give the earlier wave first")));
    }
    let from = points.of_wave(from).map_err(Failure::stage)?;
    Ok((from, points.of_wave(to).map_err(Failure::stage)?))
}

/// What a run left.
fn of_run(points: &Points<'_>, run: &RunRow) -> Result<Point, Failure> {
    let point = points.of_run(run).map_err(Failure::stage)?;
    if point.economies() == 0 {
        return Err(Failure::new(Exit::Usage, format!("the run {} kept no states to compare", run.id)));
    }
    Ok(point)
}

/// The run that is meant: `latest` or `previous` of those of the wave, or any by its id or the beginning of one.
fn run<'a>(runs: &'a [RunRow], wave: Wave, meant: &str) -> Result<&'a RunRow, Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, message);
    let ids = || {
        let latest: Vec<&str> = runs.iter().rev().take(5).map(|run| run.id.as_str()).collect();
        latest.join(", ")
    };
    let backwards = runs.iter().rev();
    let mut of_wave = backwards.clone().filter(|run| points::wave_of(run) == Some(wave));
    let found = match meant {
        "latest" => of_wave.next(),
        "previous" => of_wave.nth(1),
        _ => {
            let named: BTreeSet<&str> =
                runs.iter().map(|run| run.id.as_str()).filter(|id| id.starts_with(meant)).collect();
            if named.len() > 1 {
                let named: Vec<&str> = named.into_iter().collect();
                return Err(usage(format!("\"{meant}\" could be any of: {}", named.join(", "))));
            }
            backwards.clone().find(|run| run.id.starts_with(meant))
        }
    };
    found.ok_or_else(|| {
        let of_wave: Vec<&str> =
            runs.iter().filter(|run| points::wave_of(run) == Some(wave)).map(|run| run.id.as_str()).collect();
        match (meant, runs, of_wave.as_slice()) {
            (_, [], _) => usage("no run was recorded yet (gtmi run records one)".to_owned()),
            ("latest" | "previous", _, []) => usage(format!(
                "no run of wave {wave} was recorded yet (the latest runs of other waves: {})",
                ids()
            )),
            ("previous", _, [one]) => usage(format!("there is one run of wave {wave} only: {one}")),
            _ => usage(format!("there is no run \"{meant}\" (the latest runs: {})", ids())),
        }
    })
}

fn sums(context: &Context, compared: &Compared) -> Vec<(Id, Sums)> {
    let mut all = maturity::change::sums(&compared.changed);
    let framework = &context.framework;
    std::iter::once(&framework.composite.id)
        .chain(framework.subindexes.iter().map(|subindex| &subindex.id))
        .filter_map(|id| all.remove_entry(id))
        .collect()
}

fn transitions(context: &Context, compared: &Compared) -> Transitions {
    let groups = context.framework.groups.iter().map(|group| group.id.as_str());
    let changed =
        compared.changed.iter().map(|change| (change.from.group.as_deref(), change.to.group.as_deref()));
    let unchanged = compared.unchanged.iter().map(|(_, group)| (group.as_deref(), group.as_deref()));
    let mut transitions = Transitions::count(groups, changed.chain(unchanged));
    let one_sided = compared.appeared.len() + compared.gone.len();
    transitions.one_sided += u32::try_from(one_sided).unwrap_or(u32::MAX);
    transitions
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAVE: Wave = Wave(2022);

    fn rows(ids: &[(&str, u16)]) -> Vec<RunRow> {
        let row = |(seq, (id, wave)): (i64, &(&str, u16))| RunRow {
            seq,
            id: (*id).to_owned(),
            started_at: String::new(),
            record: format!("{{\"wave\":{wave}}}"),
        };
        (1..).zip(ids).map(row).collect()
    }

    #[test]
    fn runs_are_meant_by_place_id_or_beginning_of_an_id() {
        let runs = rows(&[("aa11", 2022), ("ab22", 2022), ("aa11", 2022)]);
        for (meant, seq) in [("latest", 3), ("previous", 2), ("ab", 2), ("aa11", 3)] {
            assert_eq!(run(&runs, WAVE, meant).unwrap().seq, seq, "{meant}");
        }
        for (meant, expected) in [
            ("a", "\"a\" could be any of: aa11, ab22"),
            ("b", "there is no run \"b\" (the latest runs: aa11, ab22, aa11)"),
        ] {
            assert_eq!(run(&runs, WAVE, meant).unwrap_err().chain(), expected);
        }
        assert!(run(&[], WAVE, "latest").unwrap_err().chain().starts_with("no run was recorded yet"));
    }

    #[test]
    fn the_latest_and_the_previous_run_are_those_of_the_wave() {
        let runs = rows(&[("aa", 2022), ("bb", 2028), ("cc", 2022), ("dd", 2028), ("ee", 2028)]);
        for (meant, seq) in [("latest", 3), ("previous", 1), ("dd", 4)] {
            assert_eq!(run(&runs, WAVE, meant).unwrap().seq, seq, "{meant}");
        }
        let told = |runs: &[RunRow], meant| run(runs, WAVE, meant).unwrap_err().chain();
        assert_eq!(told(&runs[..2], "previous"), "there is one run of wave 2022 only: aa");
        let none = "no run of wave 2022 was recorded yet (the latest runs of other waves: bb)";
        assert_eq!(told(&runs[1..2], "latest"), none);
        assert_eq!(told(&runs[1..2], "previous"), none);
    }
}
