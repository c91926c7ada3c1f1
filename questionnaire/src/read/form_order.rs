//! The order of the submissions in exports of the online form, and which of them are the latest.

use std::collections::BTreeMap;

use maturity::cell::Place;
use maturity::finding::{Finding, Problem, Severity};
use maturity::submission::{HeaderField, HeaderValue, Received};

use super::moments::{Moment, Reading};

/// A row with what orders it among the others.
pub(super) struct Row {
    /// When it was sent.
    pub(super) submitted: Submitted,
    /// The name of its instance.
    pub(super) instance: Option<String>,
    /// The matching key of what names the economy; empty where nothing does.
    pub(super) economy: String,
    /// The number of the table, and the columns that are not read although the row has something in them.
    pub(super) unread: (usize, Vec<u32>),
    /// The submission.
    pub(super) received: Received,
}

/// When a row was sent.
pub(super) struct Submitted {
    /// As far as it can be told.
    pub(super) moment: Moment,
    /// As it stands there.
    pub(super) found: String,
    /// Where it stands.
    pub(super) place: Place,
}

/// The rows from the earliest to the latest. Where that is not certain, those that follow each other are put in order among
/// themselves, and each in the places where they stand. Where not even that is certain they stay as they stand, and it is
/// said of them.
pub(super) fn in_order(rows: Vec<Row>) -> Vec<Row> {
    let moments: Vec<Moment> = rows.iter().map(|row| row.submitted.moment).collect();
    let reading = Reading::of(&moments);
    let (mut order, mut is_unclear) = ((0..rows.len()).collect::<Vec<_>>(), vec![false; rows.len()]);
    if let Some(certain) = reading.order(&moments) {
        order = certain;
    } else {
        for group in groups(&rows) {
            let of_group: Vec<Moment> = group.iter().filter_map(|at| moments.get(*at).copied()).collect();
            if let Some(certain) = reading.order(&of_group) {
                for (place, position) in group.iter().zip(certain) {
                    if let (Some(slot), Some(row)) = (order.get_mut(*place), group.get(position)) {
                        *slot = *row;
                    }
                }
            } else {
                for at in group {
                    is_unclear.get_mut(at).into_iter().for_each(|told| *told = true);
                }
            }
        }
    }
    let tell = |(mut row, is_unclear): (Row, bool)| {
        if is_unclear {
            let problem = Problem::SubmissionsUnordered { found: row.submitted.found.clone() };
            let place = Some(row.submitted.place.clone());
            row.received.findings.push(Finding::new(Severity::Warning, problem).at(place));
        }
        row
    };
    let mut rows: Vec<Option<Row>> = rows.into_iter().zip(is_unclear).map(|row| Some(tell(row))).collect();
    order.into_iter().filter_map(|position| rows.get_mut(position)?.take()).collect()
}

/// The positions of rows that follow each other: of one instance, or of one economy. A version may correct the economy.
fn groups(rows: &[Row]) -> Vec<Vec<usize>> {
    // Each row points to an earlier one of its group, or to itself if it is the first.
    let mut earlier: Vec<usize> = (0..rows.len()).collect();
    let (mut instances, mut economies) = (BTreeMap::<&str, usize>::new(), BTreeMap::<&str, usize>::new());
    for (position, row) in rows.iter().enumerate() {
        let economy = Some(row.economy.as_str()).filter(|economy| !economy.is_empty());
        let before = [
            row.instance.as_deref().and_then(|instance| instances.insert(instance, position)),
            economy.and_then(|economy| economies.insert(economy, position)),
        ];
        for before in before.into_iter().flatten() {
            let (one, other) = (first(&mut earlier, before), first(&mut earlier, position));
            if let Some(later) = earlier.get_mut(one.max(other)) {
                *later = one.min(other);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for position in 0..rows.len() {
        groups.entry(first(&mut earlier, position)).or_default().push(position);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// The first row of a group. The way to it becomes shorter each time that it is gone.
fn first(earlier: &mut [usize], mut position: usize) -> usize {
    while let Some(before) = earlier.get(position).copied().filter(|before| *before != position) {
        let next = earlier.get(before).copied().unwrap_or(before);
        earlier.get_mut(position).into_iter().for_each(|known| *known = next);
        position = before;
    }
    position
}

/// The last one of the rows of each instance, and every row without one. Where rows of one instance name different
/// economies, the last of each is left, and says what the others name: the instance may be no instance, and then all but
/// one would be lost.
pub(super) fn latest(rows: Vec<Row>) -> Vec<Row> {
    // By instance: the last rows of each economy, and the last row of all.
    let mut instances: BTreeMap<&str, (BTreeMap<&str, usize>, usize)> = BTreeMap::new();
    for (position, row) in rows.iter().enumerate() {
        if let Some(instance) = &row.instance {
            let (economies, last) = instances.entry(instance).or_default();
            economies.insert(&row.economy, position);
            *last = position;
        }
    }
    let left: Vec<Option<Option<HeaderValue>>> = rows
        .iter()
        .enumerate()
        .map(|(position, row)| {
            let Some((economies, last)) = row.instance.as_deref().and_then(|name| instances.get(name)) else {
                return Some(None);
            };
            let of_economy = economies.get(row.economy.as_str()).copied().unwrap_or(position);
            let unnamed = economies.get("").copied().unwrap_or_default();
            let is_last = if row.economy.is_empty() { *last == position } else { of_economy == position };
            // Whoever left out the economy later did not mean another one.
            if !is_last || !row.economy.is_empty() && unnamed > position {
                return None;
            }
            let mut others = economies.iter().filter(|(name, _)| !name.is_empty() && **name != row.economy);
            let other = others
                .next_back()
                .and_then(|(_, other)| rows.get(*other))
                .filter(|_| !row.economy.is_empty());
            Some(
                other
                    .and_then(|other| other.received.header(HeaderField::Economy))
                    .map(|other| HeaderValue { field: HeaderField::OtherEconomy, ..other.clone() }),
            )
        })
        .collect();
    let tell = |(mut row, other): (Row, Option<HeaderValue>)| {
        row.received.header.extend(other);
        row
    };
    rows.into_iter().zip(left).filter_map(|(row, left)| Some(tell((row, left?)))).collect()
}
