//! What the store that was there knew of the time since a backup: which letters left, and who was to be forgotten. A store from
//! the backup would send them once more, and name the people again.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Params, Row, params_from_iter};

use crate::database::{Doing, StoreError, for_reading};

/// What is on record of a message in every version of the program.
const COLUMNS: [&str; 11] = [
    "key",
    "way",
    "occasion",
    "economy",
    "address",
    "content",
    "state",
    "attempts",
    "queued_at",
    "changed_at",
    "outcome",
];

/// What messages are noted with since they are about a submission.
const ABOUT: [&str; 2] = ["submission", "wave"];

/// Messages that left and people who were to be forgotten, as a store knows them.
#[derive(Debug)]
pub struct Since {
    /// Messages that left, with the values of all columns that this store has of them.
    left: Vec<Vec<Value>>,
    /// Messages that were emptied: number, way, occasion, economy and moment; then state, attempts and the moment of it.
    emptied: Vec<Vec<Value>>,
    /// SHA-256 of the files that named people who were to be forgotten, and when.
    forgotten: Vec<(String, String)>,
}

/// What a store from a backup learned from the one whose place it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// How many messages left that it had not known of.
    pub sent: usize,
    /// How many files with names and addresses were to be forgotten that it had not known of.
    pub forgotten: usize,
}

impl Since {
    /// What the store at `path` knows. Nothing is written to it, and it need not be of this version of the program.
    pub fn of(path: &Path) -> Result<Self, StoreError> {
        let connection = for_reading(path)?;
        let mut columns = COLUMNS.to_vec();
        if knows_submissions(&connection)? {
            columns.extend(ABOUT);
        }
        let left = format!(
            "SELECT {} FROM outbox WHERE state IN ('sending', 'sent', 'uncertain', 'refused', 'given-up')
             AND address <> '' ORDER BY seq",
            columns.join(", ")
        );
        let emptied = "SELECT seq, way, occasion, economy, queued_at, state, attempts, changed_at FROM outbox
                       WHERE address = '' ORDER BY seq";
        let forgotten = "SELECT sha256, at FROM forgotten ORDER BY sha256";
        Ok(Self {
            left: all(&connection, &left, "read which messages were sent", |row| values(row, columns.len()))?,
            emptied: all(&connection, emptied, "read which messages are to be forgotten", |row| {
                values(row, 8)
            })?,
            forgotten: all(&connection, forgotten, "read who is to be forgotten", |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?,
        })
    }

    /// Notes it in the database at `to`, which keeps its schema: all of it or nothing.
    pub fn carry_into(&self, to: &Path) -> Result<Carried, StoreError> {
        let doing = "note which messages were sent";
        let mut connection = Connection::open(to).doing(doing)?;
        let mut columns = COLUMNS.to_vec();
        // Neither of the two needs to be of this version of the program.
        let all_known = COLUMNS.len() + ABOUT.len();
        if knows_submissions(&connection)? && self.left.iter().all(|message| message.len() == all_known) {
            columns.extend(ABOUT);
        }
        // Freed pages are overwritten, so that nothing can be read back from the file.
        connection.pragma_update(None, "secure_delete", "ON").doing(doing)?;
        let transaction = connection.transaction().doing(doing)?;
        let mut sent = empty(&self.emptied, &transaction)?;
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
        let note = format!(
            "INSERT INTO outbox ({}) VALUES ({})
             ON CONFLICT (key) DO UPDATE SET state = ?7, attempts = ?8, changed_at = ?10, outcome = ?11
             WHERE state IN ('waiting', 'sending', 'superseded') AND state <> ?7",
            columns.join(", "),
            places.join(", ")
        );
        for message in &self.left {
            sent +=
                execute(&transaction, &note, params_from_iter(message.iter().take(columns.len())), doing)?;
        }
        let forgotten = forget(&self.forgotten, &transaction)?;
        transaction.commit().doing(doing)?;
        Ok(Carried { sent, forgotten })
    }
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    doing: &'static str,
    read: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare(sql).doing(doing)?;
    let rows = statement.query_map([], read).doing(doing)?;
    rows.collect::<Result<_, _>>().doing(doing)
}

fn values(row: &Row<'_>, count: usize) -> Result<Vec<Value>, rusqlite::Error> {
    (0..count).map(|column| row.get(column)).collect()
}

fn execute(
    to: &Connection,
    sql: &str,
    values: impl Params,
    doing: &'static str,
) -> Result<usize, StoreError> {
    to.prepare_cached(sql).and_then(|mut statement| statement.execute(values)).doing(doing)
}

/// Whether messages are noted with what they are about.
fn knows_submissions(connection: &Connection) -> Result<bool, StoreError> {
    connection
        .prepare("SELECT 1 FROM pragma_table_info('outbox') WHERE name = 'submission'")
        .and_then(|mut statement| statement.exists([]))
        .doing("look which columns messages have")
}

/// Empties the messages that were emptied since the backup, and notes what became of them. They have no key any more that
/// names their content, but a number, and the moment in which they were taken in. Gives how many had left.
fn empty(emptied: &[Vec<Value>], to: &Connection) -> Result<usize, StoreError> {
    let doing = "note which messages are to be forgotten";
    let same =
        "seq = ?1 AND way = ?2 AND occasion = ?3 AND economy IS ?4 AND queued_at = ?5 AND address <> ''";
    let waited =
        format!("SELECT 1 FROM outbox WHERE {same} AND state IN ('waiting', 'sending', 'superseded')");
    let empty = format!(
        "UPDATE outbox SET address = '', content = '{{}}', outcome = NULL, key = 'forgotten-' || seq, state = ?6,
             attempts = ?7, changed_at = ?8
         WHERE {same}"
    );
    let mut left = 0;
    for values in emptied {
        let (message, fate) = values.split_at(5);
        let waited = to
            .prepare_cached(&waited)
            .and_then(|mut statement| statement.exists(params_from_iter(message)))
            .doing(doing)?;
        execute(to, &empty, params_from_iter(values), doing)?;
        let has_left = !matches!(fate.first(), Some(Value::Text(state)) if state == "forgotten" || state == "superseded");
        left += usize::from(waited && has_left);
    }
    Ok(left)
}

/// Removes the contacts that were removed since the backup, with the letters to them, and notes which files these were. Gives
/// how many files the backup had not known of.
fn forget(forgotten: &[(String, String)], to: &Connection) -> Result<usize, StoreError> {
    let doing = "note who is to be forgotten";
    let mut noted = 0;
    for (sha256, at) in forgotten {
        let note = "INSERT OR IGNORE INTO forgotten (sha256, at) VALUES (?1, ?2)";
        if execute(to, note, (sha256, at), doing)? == 0 {
            continue;
        }
        noted += 1;
        execute(
            to,
            "UPDATE outbox SET address = '', content = '{}', outcome = NULL, key = 'forgotten-' || seq,
                 state = CASE state WHEN 'waiting' THEN 'forgotten' ELSE state END, changed_at = ?2
             WHERE address <> '' AND EXISTS (SELECT 1 FROM submissions s JOIN contacts c ON c.submission = s.id
                 WHERE s.sha256 = ?1 AND s.economy = outbox.economy
                     AND instr(lower(c.value), lower(outbox.address)) > 0)",
            (sha256, at),
            doing,
        )?;
        execute(
            to,
            "DELETE FROM contacts WHERE submission IN (SELECT id FROM submissions WHERE sha256 = ?1)",
            [sha256],
            doing,
        )?;
    }
    Ok(noted)
}

#[cfg(test)]
mod tests {
    use maturity::economy::EconomyCode;
    use maturity::submission::Wave;

    use super::*;
    use crate::database::Store;
    use crate::outbox::{Message, NewMessage, Told};

    fn carry(before: &Path, to: &Path) -> Carried {
        Since::of(before).unwrap().carry_into(to).unwrap()
    }

    fn letter(key: &str, economy: Option<&str>, address: &str) -> NewMessage {
        NewMessage {
            key: key.to_owned(),
            way: "mail".to_owned(),
            occasion: "returned".to_owned(),
            economy: economy.map(EconomyCode::new),
            submission: economy.map(|_| format!("file of {key}")),
            address: address.to_owned(),
            content: format!("{{\"to\": \"{address}\"}}"),
        }
    }

    fn states(store: &Store) -> Vec<(String, String)> {
        store.outbox().unwrap().into_iter().map(|row| (row.message.key, row.state)).collect()
    }

    #[test]
    fn a_store_from_a_backup_sends_nothing_to_whoever_was_forgotten_since() {
        let folder = tempfile::tempdir().unwrap();
        let (path, backup) = (folder.path().join("gtmi.db"), folder.path().join("backup.db"));
        let (wave, at) = (Wave(2022), "2022-11-25T00:00:00Z");
        let letters = ["sent", "waits", "other"].map(|key| {
            letter(key, Some(if key == "other" { "PER" } else { "KEN" }), &format!("{key}@x.example"))
        });
        let mut store = Store::open(&path).unwrap();
        store.tell(wave, &Told::default(), &letters, &[], at).unwrap();
        Store::copy_database(&path, &backup).unwrap();
        store.note_message(1, "sent", 1, Some("250 ok"), at).unwrap();
        store.forget(&EconomyCode::new("KEN"), None, "2022-11-26T00:00:00Z").unwrap();
        assert_eq!(carry(&path, &backup), Carried { sent: 1, forgotten: 0 });
        assert_eq!(carry(&path, &backup), Carried { sent: 0, forgotten: 0 });
        let told = |row: Message| (row.message.address, row.state);
        let rows: Vec<_> = Store::open(&backup).unwrap().outbox().unwrap().into_iter().map(told).collect();
        let expected = [("", "sent"), ("", "forgotten"), ("other@x.example", "waiting")];
        assert_eq!(rows, expected.map(|(address, state)| (address.to_owned(), state.to_owned())));
    }

    #[test]
    fn a_store_from_a_backup_names_nobody_who_was_forgotten_since() {
        let folder = tempfile::tempdir().unwrap();
        let (path, backup) = (folder.path().join("gtmi.db"), folder.path().join("backup.db"));
        let at = "2022-11-25T00:00:00Z";
        let mut store = Store::open(&path).unwrap();
        store
            .connection
            .execute_batch(
                "PRAGMA foreign_keys = OFF;
                 INSERT INTO submissions (id, sha256, place, layout, content, received_at, economy, arrival)
                     VALUES (1, 'f1', '', 'workbook', 'c', '2022-11-25T00:00:00Z', 'KEN', 1),
                            (2, 'f2', '', 'workbook', 'd', '2022-11-25T00:00:00Z', 'PER', 2);
                 INSERT INTO contacts (submission, field, value, place)
                     VALUES (1, 'contact_email', 'Wanjiku@ict.example', '{}'),
                            (2, 'contact_email', 'quispe@pcm.example', '{}');",
            )
            .unwrap();
        Store::copy_database(&path, &backup).unwrap();
        // The letters are not those of the store that is replaced: its contacts tell whom they go to.
        let letters =
            [letter("a", Some("KEN"), "wanjiku@ict.example"), letter("b", Some("PER"), "quispe@pcm.example")];
        Store::open(&backup).unwrap().tell(Wave(2022), &Told::default(), &letters, &[], at).unwrap();
        store.forget(&EconomyCode::new("KEN"), Some("wanjiku"), "2022-11-26T00:00:00Z").unwrap();
        let kept = folder.path().join("backup.files/f1");
        std::fs::create_dir_all(kept.join("f1").parent().unwrap()).unwrap();
        std::fs::write(kept.join("f1"), "wanjiku").unwrap();

        assert_eq!(carry(&path, &backup), Carried { sent: 0, forgotten: 1 });
        Store::remove_forgotten(&backup, &backup, &backup).unwrap();
        assert_eq!(carry(&path, &backup), Carried { sent: 0, forgotten: 0 });
        assert!(!kept.join("f1").exists());
        let restored = Store::open(&backup).unwrap();
        assert!(restored.is_forgotten("f1").unwrap() && !restored.is_forgotten("f2").unwrap());
        let told = |row: Message| (row.message.address, row.state);
        let rows: Vec<_> = restored.outbox().unwrap().into_iter().map(told).collect();
        let expected = [("", "forgotten"), ("quispe@pcm.example", "waiting")];
        assert_eq!(rows, expected.map(|(address, state)| (address.to_owned(), state.to_owned())));
        let names: String = restored
            .connection
            .query_row("SELECT group_concat(value) FROM contacts", [], |row| row.get(0))
            .unwrap();
        assert_eq!(names, "quispe@pcm.example");
    }

    #[test]
    fn a_store_from_a_backup_learns_which_messages_left() {
        let folder = tempfile::tempdir().unwrap();
        let (path, backup) = (folder.path().join("gtmi.db"), folder.path().join("backup.db"));
        let (wave, at) = (Wave(2022), "2022-11-25T00:00:00Z");
        let letters = ["a", "b", "c", "d", "e"].map(|key| letter(key, None, "a@x.example"));
        let mut store = Store::open(&path).unwrap();
        store.tell(wave, &Told::default(), &letters[..3], &[], at).unwrap();
        store.note_message(1, "sent", 1, Some("250 ok"), at).unwrap();
        Store::copy_database(&path, &backup).unwrap();
        store.tell(wave, &Told::default(), &letters[3..], &[], at).unwrap();
        store.note_message(2, "uncertain", 2, Some("cut off"), "2022-11-26T00:00:00Z").unwrap();
        store.note_message(4, "sent", 1, None, at).unwrap();

        assert_eq!(carry(&path, &backup).sent, 2);
        assert_eq!(carry(&path, &backup).sent, 0);
        let restored = Store::open(&backup).unwrap();
        let expected = [("a", "sent"), ("b", "uncertain"), ("c", "waiting"), ("d", "sent")];
        assert_eq!(states(&restored), expected.map(|(key, state)| (key.to_owned(), state.to_owned())));
        let row = restored.outbox().unwrap().remove(1);
        assert_eq!((row.attempts, row.outcome.as_deref()), (2, Some("cut off")));
        assert!(Since::of(&folder.path().join("none.db")).is_err());
    }
}
