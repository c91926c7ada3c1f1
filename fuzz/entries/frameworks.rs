//! The files of a framework: a small one, and what the loader promises of any.

use maturity::framework::{Framework, FrameworkProblems, FrameworkSources};

/// The files in the order of the fields of [`FrameworkSources`].
type Files = [&'static str; 4];

macro_rules! files {
    ($folder:literal) => {
        [
            include_str!(concat!($folder, "/framework.toml")),
            include_str!(concat!($folder, "/indicators.csv")),
            include_str!(concat!($folder, "/survey.csv")),
            include_str!(concat!($folder, "/choices.csv")),
        ]
    };
}

/// A small framework that uses everything. The questionnaire of the bundled 2022 index has 280 KB: reading it once
/// takes as long as reading these a hundred times.
const SMALL: Files = files!("small");

/// The two smaller ones of those that are bundled.
const OF_INDICES: Files = files!("../../frameworks/un-egdi-2022");
const OF_NUMBERS: Files = files!("../../frameworks/asem-2018");

const OF_ANSWERS: Files = files!("../../frameworks/gtmi-2022");

/// A framework of these files, divided by zero bytes; those that are missing or no text are those of the small one.
/// A framework that loads can be looked at; problems are told.
pub(crate) fn framework(bytes: &[u8]) {
    match load(bytes) {
        Ok(framework) => {
            questionnaire::limits(&framework);
        }
        Err(problems) => assert!(!problems.to_string().is_empty()),
    }
}

/// What the loader says of the files.
pub(crate) fn load(bytes: &[u8]) -> Result<Framework, FrameworkProblems> {
    let mut given = bytes.split(|byte| *byte == 0);
    let [framework, indicators, survey, choices] = SMALL.map(|small| {
        let file = given.next().and_then(|file| std::str::from_utf8(file).ok());
        file.filter(|file| !file.is_empty()).unwrap_or(small).to_owned()
    });
    Framework::load(&FrameworkSources { framework, indicators, survey, choices })
}

/// The small frameworks as the target takes them.
pub(crate) fn small() -> Vec<Vec<u8>> {
    [SMALL, OF_INDICES, OF_NUMBERS].map(joined).to_vec()
}

/// The framework of the bundled questionnaire, which is large.
pub(crate) fn bundled() -> Vec<u8> {
    joined(OF_ANSWERS)
}

fn joined(files: Files) -> Vec<u8> {
    files.map(str::as_bytes).join(&0)
}
