//! The steps that bring a store of an earlier version of this program up to date.

mod packing;

use rusqlite::Transaction;

use crate::database::{Doing, StoreError};

#[cfg(test)]
mod tests;

enum Migration {
    Sql(&'static str),
    /// What is not left to SQL.
    Code(fn(&Transaction<'_>) -> Result<(), StoreError>),
}

use Migration::{Code, Sql};

/// Each brings the schema from its position to the next. They are never changed, only added to.
const MIGRATIONS: [Migration; 26] = [
    Sql(include_str!("0001_start.sql")),
    Sql(include_str!("0002_reading_findings.sql")),
    Sql(include_str!("0003_withheld.sql")),
    Sql(include_str!("0004_reviews.sql")),
    Sql(include_str!("0005_respondents.sql")),
    Sql(include_str!("0006_uncertainty.sql")),
    Sql(include_str!("0007_waves.sql")),
    Sql(include_str!("0008_fetched.sql")),
    Sql(include_str!("0009_links.sql")),
    Sql(include_str!("0010_standing.sql")),
    Sql(include_str!("0011_ledger.sql")),
    Sql(include_str!("0012_decisions.sql")),
    Sql(include_str!("0013_broken_off.sql")),
    Sql(include_str!("0014_outbox.sql")),
    Sql(include_str!("0015_trail_by_content.sql")),
    Sql(include_str!("0016_lists.sql")),
    Code(packing::pack),
    Sql(include_str!("0018_lists_as_rows.sql")),
    Sql(include_str!("0019_arrivals.sql")),
    Sql(include_str!("0020_seals.sql")),
    Sql(include_str!("0021_places_of_waves.sql")),
    Sql(include_str!("0022_work_and_presence_of_waves.sql")),
    Sql(include_str!("0023_outbox_of_waves.sql")),
    Sql(include_str!("0024_instances.sql")),
    Sql(include_str!("0025_pins_of_waves.sql")),
    Sql(include_str!("0026_latest_names.sql")),
];

/// The newest schema.
pub(crate) const NEWEST: usize = MIGRATIONS.len();

/// Brings the schema from `found` to the newest, inside a transaction.
pub(crate) fn migrate(transaction: &Transaction<'_>, found: usize) -> Result<(), StoreError> {
    migrate_to(transaction, found, NEWEST)
}

fn migrate_to(transaction: &Transaction<'_>, found: usize, wanted: usize) -> Result<(), StoreError> {
    for migration in MIGRATIONS.iter().take(wanted).skip(found) {
        match migration {
            Sql(statements) => transaction.execute_batch(statements).doing("migrate the schema")?,
            Code(step) => step(transaction)?,
        }
    }
    let version = i64::try_from(wanted).unwrap_or(i64::MAX);
    transaction.pragma_update(None, "user_version", version).doing("record the schema's version")
}
