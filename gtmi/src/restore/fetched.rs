//! Fetched files of a restored store. One name stands for whatever version its server had last: beside a store that says another
//! version, a file would never be asked for again, while one that is missing is fetched anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pipeline::durable;
use pipeline::stage::Failure;

use crate::backup::failed;

/// Removes the fetched files beside `store` that are others than those which wait beside `waiting`: from here on until all are in
/// their places, whatever store is there meets none of another one.
pub(super) fn clear_way(waiting: &Path, store: &Path) -> Result<(), Failure> {
    for (file, place) in moves(waiting, store)? {
        if !is_same(&file, &place).map_err(|source| failed(&place, source))? {
            durable::remove(&place).map_err(Failure::stage)?;
        }
    }
    Ok(())
}

/// Puts the files that wait beside `waiting` into their places.
pub(super) fn put(waiting: &Path, store: &Path) -> Result<(), Failure> {
    for (file, place) in moves(waiting, store)? {
        durable::move_to(&file, &place).map_err(Failure::stage)?;
    }
    let folder = waiting.with_extension("fetched");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&folder, error)),
        _ => Ok(()),
    }
}

/// The files that wait, with their places, in order: a folder for each source.
fn moves(waiting: &Path, store: &Path) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
    let (from, to) = (waiting.with_extension("fetched"), store.with_extension("fetched"));
    let mut all = Vec::new();
    for folder in entries(&from)? {
        for file in entries(&folder)? {
            if let Ok(way) = file.strip_prefix(&from) {
                all.push((file.clone(), to.join(way)));
            }
        }
    }
    Ok(all)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let listed = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
    });
    match listed {
        Ok(mut paths) => {
            paths.sort();
            Ok(paths)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(folder, error)),
    }
}

/// Whether two files hold the same, with the same time, which is part of what is known of a fetched file.
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let found = match fs::metadata(other) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let expected = fs::metadata(one)?;
    Ok(found.len() == expected.len()
        && found.modified()? == expected.modified()?
        && fs::read(one)? == fs::read(other)?)
}
