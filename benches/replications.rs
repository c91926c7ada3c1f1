//! What uncertainty costs: 10,000 replications of the scores of 198 economies on one core.
//!
//! `cargo bench -p score` prints the processor time of the thread (from the kernel's accounting where it has
//! one, so that a busy machine does not blur it) and fails if it is 0.3 s or more.

#![expect(clippy::print_stdout, reason = "a benchmark reports to the terminal")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use maturity::answer::Answer;
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, FrameworkSources, Kind};
use maturity::id::Id;
use maturity::score::EconomyScores;
use score::bounds::Backing;
use score::uncertainty::{Replications, Scratch};
use score::{Population, score};

/// The most that all replications may cost.
const LIMIT: Duration = Duration::from_millis(300);
const RUNS: usize = 5;

fn gtmi(sensitivity: bool) -> Framework {
    let framework = include_str!("../frameworks/gtmi-2022/framework.toml").to_owned();
    let framework = if sensitivity {
        framework
    } else {
        framework.replace("[uncertainty]\n", "[uncertainty]\nsensitivity = 0\n")
    };
    Framework::load(&FrameworkSources {
        framework,
        indicators: include_str!("../frameworks/gtmi-2022/indicators.csv").to_owned(),
        survey: include_str!("../frameworks/gtmi-2022/survey.csv").to_owned(),
        choices: include_str!("../frameworks/gtmi-2022/choices.csv").to_owned(),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

/// The published wave of 2022.
fn wave(framework: &Framework) -> Vec<EconomyScores> {
    let mut external: BTreeMap<(String, String), f64> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(include_str!("../data/external-indices.csv").as_bytes());
    for row in reader.records().filter_map(Result::ok) {
        if let Ok(value) = row[3].parse() {
            external.insert((row[0].to_owned(), row[2].to_owned()), value);
        }
    }
    let mut reader = csv::Reader::from_reader(include_str!("../data/answers-2022.csv").as_bytes());
    let headings = reader.headers().cloned().unwrap_or_default();
    let rows = reader.records().filter_map(Result::ok);
    rows.map(|row| {
        let answers: BTreeMap<Id, Answer> = headings
            .iter()
            .zip(&row)
            .filter(|(_, text)| !framework.is_missing_mark(text))
            .filter_map(|(heading, text)| {
                let question = framework.question(&Id::from(heading))?;
                let answer = match question.kind {
                    Kind::SelectOne(_) => Answer::Choice(text.to_owned()),
                    Kind::SelectMultiple(_) => {
                        Answer::Choices(text.split(',').map(|code| code.trim().to_owned()).collect())
                    }
                    _ => return None,
                };
                Some((question.id.clone(), answer))
            })
            .collect();
        let value = |index: &str| external.get(&(index.to_owned(), row[0].to_owned())).copied();
        score(framework, &Population::default(), &EconomyCode::new(&row[0]), None, &answers, &value)
    })
    .collect()
}

/// Processor time of this thread; wall time where the kernel does not tell.
fn clock(start: Instant) -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

fn measure(framework: &Framework, scores: &[EconomyScores]) -> Duration {
    let population = Population::default();
    let given = BTreeSet::new();
    let mut least = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        let before = clock(start);
        let replications = Replications::new(framework, &population);
        let backing = Backing::new(framework, &given);
        let mut scratch = Scratch::default();
        let mut rows = 0;
        let economies: Vec<_> = scores.iter().map(|one| (one, &backing)).collect();
        for some in economies.chunks(Replications::TOGETHER) {
            let found = std::hint::black_box(replications.of_economies(some, &mut scratch));
            rows += found.iter().map(Vec::len).sum::<usize>();
        }
        assert_eq!(rows, scores.len() * 5, "the composite and four subindexes of each economy");
        least = least.min(clock(start).saturating_sub(before));
    }
    least
}

fn main() -> ExitCode {
    let plain = gtmi(false);
    let scores = wave(&plain);
    let cost = measure(&plain, &scores);
    println!("{} economies, 10,000 replications: {cost:.3?}", scores.len());
    let all = gtmi(true);
    println!("with sensitivity indices:          {:.3?}", measure(&all, &scores));
    if scores.len() == 198 && cost < LIMIT { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
