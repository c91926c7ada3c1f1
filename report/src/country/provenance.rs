//! How the score is made, and where its inputs come from.

use rust_xlsxwriter::Workbook;

use super::CountryReport;
use crate::ReportError;
use crate::form::Context;
use crate::keys::Key;
use crate::label;
use crate::method;
use crate::page::Page;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    report: &CountryReport,
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &method::FORM)?;
    let row = method::write(&mut page, &[])?;
    let provenance = report.provenance;
    let words = page.words();
    let framework = method::framework_facts(&page);
    let mut facts: Vec<(Key, &str)> = framework.iter().map(|(key, value)| (*key, value.as_str())).collect();
    facts.extend([
        (Key::FileName, provenance.submission_name.as_str()),
        (Key::FileHash, &provenance.submission_sha256),
    ]);
    for (name, sha256) in &provenance.others {
        facts.extend([(Key::FileName, name.as_str()), (Key::FileHash, sha256)]);
    }
    if !provenance.others.is_empty() {
        facts.push((Key::RespondentRule, provenance.rule));
    }
    facts.extend([
        (Key::Layout, words.get(label::layout(provenance.layout))),
        (Key::Collected, words.get(label::collected(report.scores.collected))),
        (Key::ToolVersion, &provenance.tool_version),
        (Key::Fingerprint, &provenance.fingerprint),
    ]);
    let vintages: Vec<String> = provenance
        .vintages
        .iter()
        .map(|vintage| {
            let value = words.decimal(vintage.value, 4);
            let parts = [&vintage.source, &vintage.licence];
            let told: Vec<&str> =
                parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            let edition = format!("{} {}", vintage.index, vintage.edition);
            let told = if told.is_empty() { String::new() } else { format!(" ({})", told.join("; ")) };
            words.titled(&edition, &format!("{value}{told}"))
        })
        .collect();
    facts.extend(vintages.iter().map(|vintage| (Key::ExternalIndex, vintage.as_str())));
    method::facts(&mut page, row, &facts)?;
    page.finish()
}
