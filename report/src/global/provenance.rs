//! How the scores are made, and what they were made with.

use rust_xlsxwriter::Workbook;

use super::GlobalReport;
use crate::ReportError;
use crate::form::Context;
use crate::keys::Key;
use crate::method;
use crate::page::Page;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    report: &GlobalReport,
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &method::FORM)?;
    let row = method::write(&mut page, &[Key::NoteMeans, Key::NoteRegions, Key::NoteTidy])?;
    let framework = method::framework_facts(&page);
    let mut facts: Vec<(Key, &str)> = framework.iter().map(|(key, value)| (*key, value.as_str())).collect();
    facts.extend([(Key::ToolVersion, report.tool_version), (Key::Fingerprint, report.fingerprint)]);
    method::facts(&mut page, row, &facts)?;
    page.finish()
}
