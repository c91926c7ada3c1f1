//! Reads the list of sheets of an xlsx: their names, parts and visibility, and which date system counts.

use std::collections::{BTreeMap, BTreeSet};

use maturity::finding::Refusal;

use crate::Limits;
use crate::refusal::{at, count, damaged, macro_sheet, too_large};
use crate::xml::{Element, Piece, Xml, local_name};
use crate::zip_scan::Archive;

/// A worksheet and the part that holds its cells.
pub(crate) struct SheetPart {
    pub(crate) name: String,
    pub(crate) visible: bool,
    pub(crate) part: String,
}

/// What the workbook part says.
pub(crate) struct WorkbookParts {
    pub(crate) sheets: Vec<SheetPart>,
    pub(crate) from_1904: bool,
    pub(crate) shared_strings: Option<String>,
    pub(crate) styles: Option<String>,
}

#[derive(PartialEq, Eq)]
pub(super) struct Relation {
    /// The part, or what the file says of something outside of it.
    pub(super) target: String,
    /// The last word of the relation's type, e.g. `worksheet`.
    pub(super) kind: String,
}

/// Follows the relations from the package to the workbook and on to its sheets.
pub(crate) fn scan(archive: &Archive<'_>, limits: &Limits) -> Result<WorkbookParts, Refusal> {
    let package = distinct(archive, "_rels/.rels", "", limits)?;
    let mut workbooks = package.into_values().filter(|relation| relation.kind == "officeDocument");
    let (workbook, None) = (workbooks.next(), workbooks.next()) else {
        return Err(damaged("the file names two of its parts as the workbook"));
    };
    let workbook =
        workbook.ok_or_else(|| damaged("the file does not say which of its parts is the workbook"))?.target;
    let (folder, slash) = workbook.rsplit_once('/').map_or(("", ""), |(folder, _)| (folder, "/"));
    let relations = distinct(archive, &relations_of(&workbook), folder, limits)?;
    let mut found = read_workbook(archive, &workbook, &relations, limits)?;
    for relation in relations.into_values() {
        let (part, another) = match relation.kind.as_str() {
            "sharedStrings" => (&mut found.shared_strings, damaged("the file names two tables of texts")),
            "styles" => (&mut found.styles, damaged("the file names two tables of formats")),
            _ => continue,
        };
        if part.replace(relation.target).is_some() {
            return Err(another);
        }
    }
    // Some programs leave these two out of the relations.
    let usual = |name| Some(format!("{folder}{slash}{name}.xml"));
    found.shared_strings = found.shared_strings.or_else(|| usual("sharedStrings"));
    found.styles = found.styles.or_else(|| usual("styles"));
    Ok(found)
}

fn read_workbook(
    archive: &Archive<'_>,
    workbook: &str,
    relations: &BTreeMap<String, Relation>,
    limits: &Limits,
) -> Result<WorkbookParts, Refusal> {
    let content = archive.part(workbook)?;
    let mut xml = Xml::new(&content, workbook, limits.text_bytes)?;
    let mut found =
        WorkbookParts { sheets: Vec::new(), from_1904: false, shared_strings: None, styles: None };
    let (mut names, mut parts) = (BTreeSet::new(), BTreeSet::new());
    let mut in_sheets = false;
    loop {
        match xml.next()? {
            Piece::Start(start) => match start.local_name() {
                "sheets" => in_sheets = true,
                "sheet" if in_sheets => {
                    let (sheet, kind) = read_sheet(&xml, &start, relations)?;
                    if !names.insert(sheet.name.to_lowercase()) {
                        return Err(damaged(format!("two sheets have the same name: {}", sheet.name)));
                    }
                    if names.len() > limits.sheets {
                        return Err(too_large("too many sheets", count(limits.sheets)));
                    }
                    let kind = kind.to_lowercase();
                    if kind.ends_with("macrosheet") {
                        return Err(at(macro_sheet(), &sheet.name, None));
                    }
                    // Chart and dialog sheets hold no answers. A sheet of a kind that nobody knows may hold some.
                    if matches!(kind.as_str(), "chartsheet" | "dialogsheet") {
                        continue;
                    }
                    if !archive.has(&sheet.part) {
                        return Err(at(
                            damaged("a sheet is listed but its content is missing"),
                            &sheet.name,
                            None,
                        ));
                    }
                    if !parts.insert(sheet.part.to_lowercase()) {
                        return Err(at(damaged("two sheets share one content"), &sheet.name, None));
                    }
                    found.sheets.push(sheet);
                }
                // The element of the same name in an extension does not carry the attribute.
                "workbookPr" => {
                    if let Some(flag) = xml.attribute(&start, "date1904")? {
                        found.from_1904 = matches!(flag.as_ref(), "1" | "true" | "on");
                    }
                }
                _ => {}
            },
            Piece::End(name) if local_name(name) == "sheets" => in_sheets = false,
            Piece::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn read_sheet<'x, 'r>(
    xml: &Xml<'x>,
    start: &Element<'x>,
    relations: &'r BTreeMap<String, Relation>,
) -> Result<(SheetPart, &'r str), Refusal> {
    let name = xml.attribute(start, "name")?.unwrap_or_default().into_owned();
    let state = xml.attribute(start, "state")?;
    let visible = !matches!(state.as_deref(), Some("hidden" | "veryHidden"));
    let id = xml.raw_attribute(start, |key| key.ends_with(":id"))?.unwrap_or_default();
    let relation = relations
        .get(id)
        .ok_or_else(|| at(damaged("a sheet is listed but its content is missing"), &name, None))?;
    Ok((SheetPart { name, visible, part: relation.target.clone() }, &relation.kind))
}

/// The part that holds the relations of `part`.
fn relations_of(part: &str) -> String {
    match part.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/_rels/{name}.rels"),
        None => format!("_rels/{part}.rels"),
    }
}

/// What a sheet refers to.
#[derive(Default)]
pub(super) struct Relations {
    /// By id.
    pub(super) by_id: BTreeMap<String, Relation>,
    /// The ids that two different ones share.
    pub(super) doubled: BTreeSet<String>,
    /// Why the list was not read to its end.
    pub(super) broken: Option<Refusal>,
}

impl Relations {
    /// The relation of that id; why it is not certain which one it is, where that is so.
    pub(super) fn get(&self, id: &str, part: &str) -> Result<Option<&Relation>, Refusal> {
        if self.doubled.contains(id) {
            return Err(doubled(&relations_of(part)));
        }
        match (self.by_id.get(id), &self.broken) {
            (None, Some(broken)) => Err(broken.clone()),
            (found, _) => Ok(found),
        }
    }
}

fn doubled(part: &str) -> Refusal {
    damaged(format!("the part {part} gives one name to two relations"))
}

/// What a sheet refers to, as far as it can be read; nothing where the file lacks the list.
pub(super) fn relations_of_sheet(archive: &Archive<'_>, sheet: &str, limits: &Limits) -> Relations {
    let part = relations_of(sheet);
    let mut found = Relations::default();
    if archive.has(&part) {
        let folder = sheet.rsplit_once('/').map_or("", |(folder, _)| folder);
        found.broken = relations(archive, &part, folder, limits, &mut found).err();
    }
    found
}

/// The relations of a part that cannot be read without them.
fn distinct(
    archive: &Archive<'_>,
    part: &str,
    folder: &str,
    limits: &Limits,
) -> Result<BTreeMap<String, Relation>, Refusal> {
    let mut found = Relations::default();
    relations(archive, part, folder, limits, &mut found)?;
    if found.doubled.is_empty() { Ok(found.by_id) } else { Err(doubled(part)) }
}

fn relations(
    archive: &Archive<'_>,
    part: &str,
    folder: &str,
    limits: &Limits,
    found: &mut Relations,
) -> Result<(), Refusal> {
    let content = archive.part(part)?;
    let mut xml = Xml::new(&content, part, limits.text_bytes)?;
    loop {
        match xml.next()? {
            Piece::Start(start) if start.local_name() == "Relationship" => {
                let id = xml.attribute(&start, "Id")?.unwrap_or_default().into_owned();
                let kind = xml.attribute(&start, "Type")?.unwrap_or_default();
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                let target = xml.attribute(&start, "Target")?.unwrap_or_default();
                let external = xml.attribute(&start, "TargetMode")?.is_some_and(|mode| mode == "External");
                let target = if external { target.into_owned() } else { resolve(folder, &target) };
                let relation = Relation { target, kind };
                if found.by_id.get(&id).is_some_and(|other| *other != relation) {
                    found.doubled.insert(id.clone());
                }
                found.by_id.insert(id, relation);
            }
            Piece::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The part that `target` means when it is written in `folder`.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut path: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.retain(|step| !step.is_empty());
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_relative_to_the_workbook() {
        for (folder, target, part) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "../xl/./a.xml", "xl/a.xml"),
            ("", "../../a.xml", "a.xml"),
        ] {
            assert_eq!(resolve(folder, target), part);
        }
    }
}
