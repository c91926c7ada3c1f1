//! What can be typed about questionnaires.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct TemplateOptions {
    /// The economy, by code or name; all economies if not given
    #[arg(long, value_name = "CODE")]
    pub(crate) economy: Option<String>,
    /// The language of the questionnaire [default: that of the reports]
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// The deadline as it should read on the cover [default: that of the configuration]
    #[arg(long, value_name = "TEXT")]
    pub(crate) deadline: Option<String>,
    /// Fill in the previous wave's answers, each to be confirmed or changed
    #[arg(long)]
    pub(crate) prefill: bool,
    /// The file to write; a folder if no economy is given
    #[arg(long, value_name = "PATH")]
    pub(crate) out: PathBuf,
    /// Also replace files that hold something else, e.g. filled-in questionnaires
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    /// The workbook
    pub(crate) file: PathBuf,
    /// Write the marked return: the same workbook with a receipt and every finding at its cell
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Also replace a file that holds something else
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// Say which findings are new since an earlier check, given as its --json output
    #[arg(long, value_name = "JSON")]
    pub(crate) against: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The most questionnaires to write
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<usize>,
    /// Only these economies, by code or name, separated by commas
    #[arg(long, value_name = "CODES")]
    pub(crate) economy: Vec<String>,
    /// All but these economies, by code or name, separated by commas
    #[arg(long, value_name = "CODES", conflicts_with = "economy")]
    pub(crate) except: Vec<String>,
    /// The language of the questionnaires [default: that of the reports]
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// Only the first N answers of each economy, for half-filled questionnaires
    #[arg(long, value_name = "N")]
    pub(crate) answers: Option<usize>,
    /// Also replace files that hold something else, e.g. questionnaires that were changed
    #[arg(long)]
    pub(crate) force: bool,
    /// One workbook in the publisher's wide layout instead of questionnaires
    #[arg(long)]
    pub(crate) dataset: bool,
}
