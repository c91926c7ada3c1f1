//! The files of all tables filled with rows, economy by economy: memory does not grow with their number.

use std::collections::BTreeMap;
use std::path::Path;

use pipeline::{Context, Progress};
use store::Store;

use super::earlier::Earlier;
use super::files::{self, Files, Full};
use super::tables::{self, Facts, Groups, OfEconomy, Sources, Table};
use super::{ExportError, Format, sdmx};
use crate::arguments::ExportOptions;
use crate::bar::Bars;
use crate::diff::points::Points;
use crate::say::Voice;

/// The row groups that gather take no more bytes than this together, whatever the number of economies.
const TOGETHER: usize = 16 << 20;

/// A table whose files are begun.
struct Begun<'s> {
    files: Files,
    groups: Groups<'s>,
    of_economy: Option<OfEconomy>,
}

impl<'s> Begun<'s> {
    fn of(
        folder: &Path,
        table: Table<'s>,
        formats: impl IntoIterator<Item = Format>,
    ) -> Result<Self, ExportError> {
        let files = Files::begin(folder, table.definition, formats)?;
        Ok(Self { files, groups: table.groups, of_economy: table.of_economy })
    }

    /// Adds the rows that are of no economy, or those of a table that does not go through them.
    fn add_groups(&mut self) -> Result<(), ExportError> {
        self.groups.try_for_each(|rows| self.files.add(rows?))
    }

    fn add_economy(&mut self, sources: &Sources<'_>, facts: &Facts) -> Result<(), ExportError> {
        self.of_economy.map_or(Ok(()), |rows| self.files.add(rows(sources, facts)))
    }

    fn finish(mut self) -> Result<Full, ExportError> {
        self.add_groups()?;
        self.files.finish()
    }
}

/// Ends the largest row group where all that gather take too much.
fn relieve<'f>(files: impl Iterator<Item = &'f mut Files>) -> Result<(), ExportError> {
    let (mut all, mut largest) = (0, None::<&mut Files>);
    for files in files {
        all += files.gathered();
        if largest.as_ref().is_none_or(|largest| largest.gathered() < files.gathered()) {
            largest = Some(files);
        }
    }
    largest.filter(|_| all > TOGETHER).map_or(Ok(()), Files::write_group)
}

/// The tables with all their rows, in files that are not in their places yet.
pub(super) fn fill(
    context: &Context,
    store: &Store,
    voice: Voice,
    (options, earlier): (&ExportOptions, &Earlier),
) -> Result<Vec<Full>, ExportError> {
    let wanted = |format: &Format| options.format.contains(format);
    let mut points = Points::new(context, store)?;
    let sources = Sources::read(context, store, &points)?;
    let mut begun = Vec::new();
    let mut all: Vec<(Table<'_>, Vec<Format>)> = Vec::new();
    for table in tables::all(&sources)? {
        all.push((table, [Format::Csv, Format::Parquet].into_iter().filter(wanted).collect()));
    }
    if wanted(&Format::Sdmx) {
        all.push((sdmx::table(), vec![Format::Sdmx]));
    }
    for (Table { definition, .. }, formats) in &all {
        for format in formats {
            earlier.gives_way(&files::name(definition, *format), definition, *format)?;
        }
    }
    for (table, formats) in all {
        begun.push(Begun::of(&options.out, table, formats)?);
    }
    let (mut each, whole): (Vec<_>, Vec<_>) =
        begun.into_iter().enumerate().partition(|(_, table)| table.of_economy.is_some());
    each.iter_mut().try_for_each(|(_, table)| table.add_groups())?;
    let bars = Bars::new(voice.bars());
    bars.start("export", sources.economies.len());
    for economy in &sources.economies {
        let facts = Facts::of(&sources, &mut points, economy)?;
        each.iter_mut().try_for_each(|(_, table)| table.add_economy(&sources, &facts))?;
        relieve(each.iter_mut().map(|(_, table)| &mut table.files))?;
        // What the disk refused is told when the files are to take their places.
        if each.iter().any(|(_, table)| table.files.is_broken()) {
            break;
        }
        bars.advance();
    }
    bars.finish();
    // What these gathered is let go before the tables that are made in one go.
    let mut full = BTreeMap::new();
    for (place, table) in each.into_iter().chain(whole) {
        full.insert(place, table.finish()?);
    }
    Ok(full.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::super::table::{Column, Definition, Value};
    use super::*;

    #[test]
    fn the_largest_row_group_ends_where_all_together_take_too_much() {
        let folder = tempfile::tempdir().unwrap();
        let mut all = ["a", "b", "c"].map(|name| {
            let columns = vec![Column::text("text", "").required()];
            let definition =
                Definition { name, title: "T", columns, order: &["text"], unique: true, references: &[] };
            Files::begin(folder.path(), definition, [Format::Csv, Format::Parquet]).unwrap()
        });
        for (files, mebibytes) in all.iter_mut().zip([4, 6, 5]) {
            files.add(vec![vec![Value::text("x".repeat(mebibytes << 20))]]).unwrap();
        }
        let held = |all: &[Files]| all.iter().map(|files| files.gathered() >> 20).collect::<Vec<_>>();
        relieve(all.iter_mut()).unwrap();
        assert_eq!(held(&all), [4, 6, 5], "there is room for these");
        all[0].add(vec![vec![Value::text("y".repeat(1 << 20))]]).unwrap();
        relieve(all.iter_mut()).unwrap();
        assert_eq!(held(&all), [5, 0, 5]);
    }
}
