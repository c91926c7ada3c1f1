//! `gtmi framework`: a closer look at a framework, and the start of the next wave's.

use std::path::{Path, PathBuf};

use maturity::framework::{
    Advice, Framework, FrameworkProblem, FrameworkSources, advice, against_earlier, next_wave,
};
use maturity::submission::Wave;
use pipeline::stage::{CommonArgs, Failure};
use pipeline::{Config, Exit, context, durable};
use serde_json::{Value, json};

use crate::arguments::NewFrameworkOptions;
use crate::places;
use crate::say::{Tone, Voice};

fn usage(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::new(Exit::Usage, error)
}

/// The folder of the configured framework.
fn configured(common: &CommonArgs) -> Result<PathBuf, Failure> {
    Config::load(common.config.as_deref()).map(|config| config.framework).map_err(usage)
}

/// Checks the framework in `folder`, or the configured one: exit 2 if it has problems; advice does not matter
/// for the exit.
pub(crate) fn check(folder: Option<&Path>, common: &CommonArgs, voice: Voice) -> Result<Exit, Failure> {
    let folder = folder.map_or_else(|| configured(common), |folder| Ok(folder.to_owned()))?;
    let sources = context::framework_sources(&folder).map_err(usage)?;
    let framework = match Framework::load(&sources) {
        Ok(framework) => framework,
        Err(problems) => {
            let found = Advice { problems: problems.0, advice: Vec::new() };
            say(voice, &found, &folder.display().to_string());
            voice.result(&json!({ "problems": list(&found.problems), "advice": [] }))?;
            return Ok(Exit::Usage);
        }
    };
    if let Some(asked) = common.wave.filter(|asked| *asked != framework.wave.0) {
        return Err(usage(format!("--wave is {asked}, but the framework is for wave {}", framework.wave)));
    }
    let mut found = advice(&framework, &sources);
    found.add(questionnaire::limits(&framework));
    if let Some(earlier) = earlier(&folder, &framework)? {
        found.add(against_earlier(&framework, &earlier));
    }
    say(voice, &found, &folder.display().to_string());
    let languages: Vec<&str> = framework.languages.iter().map(|(language, _)| language.tag()).collect();
    let scored = framework.questions.iter().filter(|question| question.scoring.is_some()).count();
    if found.problems.is_empty() {
        voice.line(&format!(
            "{} {}: {} indicators, {} questions ({scored} scored), {} lists of choices, languages {}",
            voice.toned(Tone::Good, "sound"),
            framework.id,
            framework.indicators.len(),
            framework.questions.len(),
            framework.choice_lists.len(),
            languages.join(", "),
        ));
    }
    voice.result(&json!({
        "framework": framework.id,
        "version": framework.version,
        "sha256": framework.hash,
        "indicators": framework.indicators.len(),
        "questions": framework.questions.len(),
        "scored_questions": scored,
        "languages": languages,
        "problems": list(&found.problems),
        "advice": list(&found.advice),
    }))?;
    Ok(if found.problems.is_empty() { Exit::Done } else { Exit::Usage })
}

/// The framework of the wave before, where it lies beside this one.
fn earlier(folder: &Path, framework: &Framework) -> Result<Option<Framework>, Failure> {
    let Some(id) = &framework.waves.earlier else { return Ok(None) };
    let beside = folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).with_file_name(id);
    if !beside.is_dir() {
        return Ok(None);
    }
    context::framework(&beside).map(Some).map_err(usage)
}

fn list(problems: &[FrameworkProblem]) -> Vec<Value> {
    problems
        .iter()
        .map(|problem| {
            json!({ "file": problem.file, "line": problem.line, "what": problem.what, "advice": problem.advice })
        })
        .collect()
}

fn say(voice: Voice, found: &Advice, folder: &str) {
    for (problems, what, tone) in
        [(&found.problems, "problem", Tone::Attention), (&found.advice, "advice", Tone::Heading)]
    {
        if problems.is_empty() {
            continue;
        }
        let count = match (problems.len(), what) {
            (1, "problem") => "1 problem".to_owned(),
            (1, _) => "1 piece of advice".to_owned(),
            (many, "problem") => format!("{many} problems"),
            (many, _) => format!("{many} pieces of advice"),
        };
        voice.line(&voice.toned(tone, &format!("{folder}: {count} in the framework")));
        for problem in problems {
            voice.line(&format!("  {problem}"));
        }
    }
}

/// Starts the framework of another wave.
pub(crate) fn new(options: &NewFrameworkOptions, common: &CommonArgs, voice: Voice) -> Result<Exit, Failure> {
    let from = from_folder(&options.from, common)?;
    let sources = context::framework_sources(&from).map_err(usage)?;
    let framework = context::framework(&from).map_err(usage)?;
    // `--wave` is an option of every command; here it names the wave to start.
    let wave = common.wave.ok_or_else(|| usage("name the wave to start with --wave YEAR"))?;
    let wave = Wave(wave);
    let id = next_id(&framework, wave);
    let out = options.out.clone().unwrap_or_else(|| from.with_file_name(&id));
    let id = out.file_name().map_or(id, |name| name.to_string_lossy().into_owned());
    if out.exists() {
        return Err(usage(format!("{} exists already (name another folder with --out)", out.display())));
    }
    let next = next_wave(&framework, &sources, &id, wave).map_err(usage)?;
    let mut written = Vec::new();
    for (name, text) in files(&next) {
        let path = out.join(name);
        durable::write(&path, text.as_bytes()).map_err(Failure::stage)?;
        written.push(path);
    }
    voice.line(&format!("{} {id} for wave {wave} in {}", voice.toned(Tone::Good, "started"), out.display()));
    voice.line(&format!(
        "  carried over from {}: {} indicators, {} questions, {} lists of choices",
        framework.id,
        framework.indicators.len(),
        framework.questions.len(),
        framework.choice_lists.len()
    ));
    voice.line(
        "  now change what is new; give new constructs new ids, and list the ids of dropped ones under",
    );
    voice.line(&format!("  [waves] retired; then: gtmi framework check {}", out.display()));
    voice.result(&json!({ "framework": id, "wave": wave, "earlier": framework.id, "written": places::shown(&written) }))?;
    Ok(Exit::Done)
}

fn files(sources: &FrameworkSources) -> [(&'static str, &str); 4] {
    let [toml, indicators, survey, choices] = FrameworkSources::FILES;
    [
        (toml, &sources.framework),
        (indicators, &sources.indicators),
        (survey, &sources.survey),
        (choices, &sources.choices),
    ]
}

/// A folder, or an id beside the configured framework.
fn from_folder(from: &str, common: &CommonArgs) -> Result<PathBuf, Failure> {
    let folder = PathBuf::from(from);
    if folder.is_dir() {
        return Ok(folder);
    }
    let beside = configured(common)?.with_file_name(from);
    if beside.is_dir() {
        return Ok(beside);
    }
    let mut known: Vec<String> = std::fs::read_dir(beside.parent().unwrap_or(Path::new(".")))
        .map(|entries| {
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
        })
        .unwrap_or_default();
    known.sort();
    let guess = maturity::spelling::did_you_mean(from, known.iter().map(String::as_str));
    Err(usage(format!("there is no framework \"{from}\"{guess} (name its folder, or its id)")))
}

/// The id with the year replaced, or with the year added where it holds none.
fn next_id(framework: &Framework, wave: Wave) -> String {
    let old = framework.wave.to_string();
    if framework.id.contains(&old) {
        framework.id.replace(&old, &wave.to_string())
    } else {
        format!("{}-{wave}", framework.id)
    }
}
