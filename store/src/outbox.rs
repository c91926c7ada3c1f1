//! The outbox: what is to be told to whom, and what came of it; and what people know of each wave already.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::submission::Wave;
use rusqlite::{Connection, OptionalExtension, Params, Row};

use crate::database::{Doing, Store, StoreError};

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Names its content and address: the same message is taken in once.
    pub key: String,
    /// `mail` or `webhook`.
    pub way: String,
    /// `returned`, `accepted` or `news`.
    pub occasion: String,
    /// The economy that it is about, if it is about one.
    pub economy: Option<EconomyCode>,
    /// SHA-256 of the file of the economy's submission that it is about, if it is about one.
    pub submission: Option<String>,
    /// Where it goes.
    pub address: String,
    /// Its content as JSON.
    pub content: String,
}

/// A message with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number, in the order in which messages were taken in.
    pub number: i64,
    /// The message.
    pub message: NewMessage,
    /// The wave that it tells of; not known of one that an earlier version of the program took in.
    pub wave: Option<Wave>,
    /// Its state: `waiting`, `sending`, `sent`, `uncertain`, `refused`, `given-up`, `superseded` or `forgotten`.
    pub state: String,
    /// In how many runs it was tried.
    pub attempts: u32,
    /// When it was taken in, UTC in RFC 3339.
    pub queued_at: String,
    /// When its state was last changed, UTC in RFC 3339. Of letters about one economy to one address that were sent, the
    /// order is the one in which that was noted, whatever the clock did in between.
    pub changed_at: String,
    /// What came of the latest attempt.
    pub outcome: Option<String>,
}

/// Letters that are not to be sent any more if they wait: what they say is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The economy that they are about.
    pub economy: EconomyCode,
    /// The files of the submissions that they are about, by SHA-256: those of one respondent; all where absent.
    pub submissions: Option<Vec<String>>,
}

/// What people were told of a wave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// What they know, as JSON; absent for a wave that was at work before there were notices.
    pub known: Option<String>,
    /// The latest summary, as JSON.
    pub summary: Option<String>,
}

fn message(row: &Row<'_>) -> Result<Message, rusqlite::Error> {
    Ok(Message {
        number: row.get(0)?,
        message: NewMessage {
            key: row.get(1)?,
            way: row.get(2)?,
            occasion: row.get(3)?,
            economy: row.get::<_, Option<String>>(4)?.as_deref().map(EconomyCode::new),
            submission: row.get(12)?,
            address: row.get(5)?,
            content: row.get(6)?,
        },
        wave: row.get::<_, Option<u16>>(13)?.map(Wave),
        state: row.get(7)?,
        attempts: row.get(8)?,
        queued_at: row.get(9)?,
        changed_at: row.get(10)?,
        outcome: row.get(11)?,
    })
}

impl Store {
    /// What people were told of a wave; absent if they were told nothing yet.
    pub fn told(&self, wave: Wave) -> Result<Option<Told>, StoreError> {
        self.connection
            .query_row("SELECT known, summary FROM told WHERE wave = ?1", [wave.0], |row| {
                Ok(Told { known: row.get(0)?, summary: row.get(1)? })
            })
            .optional()
            .doing("read what people were told")
    }

    /// Takes in what is to be told and notes that it is known from now on, both or neither. A message that was taken
    /// in before is left as it is, unless it was superseded or given up, or was sent, may have
    /// been, or was refused, and its reader was told something else about the economy since: then it holds again and waits
    /// again. Every letter of the wave that waits
    /// and that `settled` names is superseded, as its reader would be told what holds no longer, whoever is told now and
    /// whether anybody is. Gives how many are new.
    pub fn tell(
        &mut self,
        wave: Wave,
        told: &Told,
        messages: &[NewMessage],
        settled: &[Settled],
        at: &str,
    ) -> Result<usize, StoreError> {
        let doing = "take messages into the outbox";
        let transaction = self.connection.savepoint().doing(doing)?;
        transaction
            .execute(
                "INSERT OR REPLACE INTO told (wave, known, summary) VALUES (?1, ?2, ?3)",
                (wave.0, &told.known, &told.summary),
            )
            .doing(doing)?;
        for Settled { economy, submissions } in settled {
            let lines: Vec<Option<&String>> = match submissions {
                None => vec![None],
                Some(all) => all.iter().map(Some).collect(),
            };
            for submission in lines {
                transaction
                    .execute(
                        "UPDATE outbox SET state = 'superseded', changed_at = ?4
                         WHERE state = 'waiting' AND way = 'mail' AND economy = ?1 AND (wave IS NULL OR wave = ?2)
                             AND (?3 IS NULL OR submission = ?3)",
                        (economy.as_str(), wave.0, submission, at),
                    )
                    .doing(doing)?;
            }
        }
        let mut new = 0;
        for message in messages {
            new += take_in(&transaction, wave, message, at)?;
        }
        transaction.commit().doing(doing)?;
        Ok(new)
    }

    /// Takes in letters in the place of one whose address holds no longer, which is not sent to it any more; all or none.
    pub fn send_elsewhere(
        &mut self,
        wave: Wave,
        number: i64,
        letters: &[NewMessage],
        at: &str,
    ) -> Result<(), StoreError> {
        let doing = "take messages into the outbox";
        let transaction = self.connection.savepoint().doing(doing)?;
        // What may have come stays on record as that.
        transaction
            .execute(
                "UPDATE outbox SET state = 'superseded', changed_at = ?2
                 WHERE seq = ?1 AND state IN ('waiting', 'refused', 'given-up')",
                (number, at),
            )
            .doing(doing)?;
        for letter in letters {
            take_in(&transaction, wave, letter, at)?;
        }
        transaction.commit().doing(doing)
    }

    /// All messages in the order in which they were taken in.
    pub fn outbox(&self) -> Result<Vec<Message>, StoreError> {
        self.messages("", [])
    }

    /// The messages of a wave that wait, and those that were being sent when a process ended without a word. Those of
    /// which the wave is not known are among them.
    pub fn open_messages(&self, wave: Wave) -> Result<Vec<Message>, StoreError> {
        self.messages("WHERE state IN ('waiting', 'sending') AND (wave IS NULL OR wave = ?1)", [wave.0])
    }

    fn messages(&self, which: &str, values: impl Params) -> Result<Vec<Message>, StoreError> {
        let doing = "read the outbox";
        let sql = format!(
            "SELECT seq, key, way, occasion, economy, address, content, state, attempts, queued_at, changed_at, outcome,
                 submission, wave
             FROM outbox {which} ORDER BY seq"
        );
        let mut statement = self.connection.prepare(&sql).doing(doing)?;
        let rows = statement.query_map(values, message).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Notes which submission a letter is about that an earlier version of the program took in: its wave and the SHA-256 of
    /// its file.
    pub fn note_subject(
        &mut self,
        number: i64,
        wave: Option<Wave>,
        submission: &str,
    ) -> Result<(), StoreError> {
        self.connection
            .execute(
                "UPDATE outbox SET wave = coalesce(?2, wave), submission = ?3 WHERE seq = ?1",
                (number, wave.map(|wave| wave.0), submission),
            )
            .doing("note what a letter is about")?;
        Ok(())
    }

    /// How many messages of a wave are in which state. Those of which the wave is not known are among them.
    pub fn message_counts(&self, wave: Wave) -> Result<BTreeMap<String, u64>, StoreError> {
        let doing = "count the messages";
        let sql = "SELECT state, count(*) FROM outbox WHERE wave IS NULL OR wave = ?1 GROUP BY state";
        let mut statement = self.connection.prepare(sql).doing(doing)?;
        let rows = statement
            .query_map([wave.0], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Brings a message into another state, with what came of it and in how many runs it was tried by now.
    pub fn note_message(
        &mut self,
        number: i64,
        state: &str,
        attempts: u32,
        outcome: Option<&str>,
        at: &str,
    ) -> Result<(), StoreError> {
        self.connection
            .execute(
                "UPDATE outbox SET state = ?2, attempts = ?3, outcome = ?4, changed_at = coalesce((
                     SELECT strftime('%Y-%m-%dT%H:%M:%fZ', max(julianday(before.changed_at)) + 0.002 / 86400)
                     FROM outbox before
                     WHERE ?2 IN ('sent', 'uncertain') AND before.state IN ('sent', 'uncertain')
                         AND before.seq <> ?1 AND before.way = outbox.way
                         AND before.economy = outbox.economy AND before.address = outbox.address
                     HAVING max(julianday(before.changed_at)) >= julianday(?5)
                 ), ?5)
                 WHERE seq = ?1",
                (number, state, attempts, outcome, at),
            )
            .doing("note what came of a message")?;
        Ok(())
    }
}

/// Takes in a message, if it is new or waits again; gives how many do: one or none.
fn take_in(
    transaction: &Connection,
    wave: Wave,
    message: &NewMessage,
    at: &str,
) -> Result<usize, StoreError> {
    transaction
        .execute(
            "INSERT INTO outbox (key, way, occasion, economy, address, content, state, attempts,
                 queued_at, changed_at, wave, submission)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', 0, ?7, ?7, ?8, ?9)
             ON CONFLICT (key) DO UPDATE SET state = 'waiting', attempts = 0, changed_at = ?7,
                 wave = ?8, submission = ?9
             WHERE state IN ('superseded', 'given-up') OR state IN ('sent', 'uncertain', 'refused') AND EXISTS (
                 SELECT 1 FROM outbox later
                 WHERE later.economy = ?4 AND later.address = ?5 AND later.way = ?2
                     AND later.state IN ('sent', 'uncertain')
                     AND (later.wave IS NULL OR later.wave = ?8)
                     AND julianday(later.changed_at) > julianday(outbox.changed_at)
             )",
            (
                &message.key,
                &message.way,
                &message.occasion,
                message.economy.as_ref().map(EconomyCode::as_str),
                &message.address,
                &message.content,
                at,
                wave.0,
                &message.submission,
            ),
        )
        .doing("take messages into the outbox")
}

/// Empties the messages about an economy, or those of them to addresses that contain a text or belong to a
/// respondent whose name does. To be called before the contacts are removed.
pub(crate) fn forget(
    transaction: &Connection,
    economy: &EconomyCode,
    like: Option<&str>,
    at: &str,
) -> Result<usize, StoreError> {
    // The key is a hash of the address, which could be guessed from it.
    transaction
        .execute(
            "UPDATE outbox SET address = '', content = '{}', outcome = NULL, key = 'forgotten-' || seq,
                 state = CASE state WHEN 'waiting' THEN 'forgotten' ELSE state END, changed_at = ?3
             WHERE economy = ?1 AND address <> '' AND (?2 IS NULL OR instr(lower(address), lower(?2)) > 0
                 OR EXISTS (SELECT 1 FROM submissions s JOIN contacts c ON c.submission = s.id
                     JOIN contacts d ON d.submission = s.id
                     WHERE s.economy = ?1 AND instr(lower(c.value), lower(?2)) > 0
                     AND instr(lower(d.value), lower(outbox.address)) > 0))",
            (economy.as_str(), like, at),
        )
        .doing("remove personal data")
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// All letters about Kenya.
    fn kenya() -> Settled {
        Settled { economy: EconomyCode::new("KEN"), submissions: None }
    }

    fn states(store: &Store) -> Vec<(String, String)> {
        store.outbox().unwrap().into_iter().map(|row| (row.message.key, row.state)).collect()
    }

    #[test]
    fn a_message_is_taken_in_once_and_an_outdated_one_is_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("gtmi.db")).unwrap();
        let (wave, at) = (Wave(2022), "2022-11-25T00:00:00Z");
        assert_eq!(store.told(wave).unwrap(), None);
        let told = Told { known: Some("{}".to_owned()), summary: None };
        let first = [letter("a", Some("KEN"), "a@x.example"), letter("b", None, "r@x.example")];
        assert_eq!(store.tell(wave, &told, &first, &[], at).unwrap(), 2);
        assert_eq!(store.tell(wave, &told, &first, &[], at).unwrap(), 0);
        assert_eq!(store.told(wave).unwrap(), Some(told.clone()));
        assert_eq!(store.open_messages(wave).unwrap().len(), 2);
        let next = [letter("c", Some("KEN"), "a@x.example"), letter("d", None, "r@x.example")];
        assert_eq!(store.tell(wave, &told, &next, &[kenya()], at).unwrap(), 2);
        let expected = [("a", "superseded"), ("b", "waiting"), ("c", "waiting"), ("d", "waiting")];
        assert_eq!(states(&store), expected.map(|(key, state)| (key.to_owned(), state.to_owned())));
        // What was said before holds again, and then nothing is to be said.
        let again = [letter("a", Some("KEN"), "a@x.example")];
        assert_eq!(store.tell(wave, &told, &again, &[kenya()], at).unwrap(), 1);
        assert_eq!((states(&store)[0].1.as_str(), states(&store)[2].1.as_str()), ("waiting", "superseded"));
        store.tell(wave, &told, &[], &[kenya()], at).unwrap();
        assert_eq!((states(&store)[0].1.as_str(), states(&store)[1].1.as_str()), ("superseded", "waiting"));
        store.tell(wave, &told, &next[..1], &[kenya()], at).unwrap();
        store.note_message(2, "sent", 1, Some("250 ok"), at).unwrap();
        let counts =
            [("sent", 1), ("superseded", 1), ("waiting", 2)].map(|(state, count)| (state.to_owned(), count));
        assert_eq!(store.message_counts(wave).unwrap(), counts.into());
        assert!(store.message_counts(Wave(2028)).unwrap().is_empty());
        let row = store.outbox().unwrap().remove(1);
        assert_eq!((row.state.as_str(), row.attempts, row.outcome.as_deref()), ("sent", 1, Some("250 ok")));
    }

    #[test]
    fn only_letters_of_the_same_wave_and_respondent_are_outdated() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("gtmi.db")).unwrap();
        let (told, at) = (Told::default(), "2022-11-25T00:00:00Z");
        let both =
            [letter("ict", Some("KEN"), "a@x.example"), letter("treasury", Some("KEN"), "a@x.example")];
        let of = |key: &str| Settled { submissions: Some(vec![format!("file of {key}")]), ..kenya() };
        store.tell(Wave(2022), &told, &both, &[of("ict"), of("treasury")], at).unwrap();
        let of_2028 = [letter("2028", Some("KEN"), "a@x.example")];
        store.tell(Wave(2028), &told, &of_2028, &[kenya()], at).unwrap();
        let states = |store: &Store| -> Vec<String> {
            store.outbox().unwrap().into_iter().map(|row| row.state).collect()
        };
        assert_eq!(states(&store), ["waiting"; 3]);
        assert_eq!(store.open_messages(Wave(2022)).unwrap().len(), 2);
        let row = store.open_messages(Wave(2028)).unwrap().remove(0);
        assert_eq!((row.wave, row.message.submission.as_deref()), (Some(Wave(2028)), Some("file of 2028")));
        let next = [letter("ict-2", Some("KEN"), "a@x.example")];
        store.tell(Wave(2022), &told, &next, &[of("ict"), of("ict-2")], at).unwrap();
        assert_eq!(states(&store), ["superseded", "waiting", "waiting", "waiting"]);
    }

    #[test]
    fn what_a_reader_was_told_otherwise_since_is_said_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("gtmi.db")).unwrap();
        let at = |minute: u8| format!("2022-11-25T00:{minute:02}:00.5Z");
        let returned = letter("returned", Some("KEN"), "a@x.example");
        let accepted = letter("accepted", Some("KEN"), "a@x.example");
        let mut tell = |message: &NewMessage, minute| {
            let messages = std::slice::from_ref(message);
            let new = store.tell(Wave(2022), &Told::default(), messages, &[], &at(minute)).unwrap();
            for open in store.open_messages(Wave(2022)).unwrap() {
                store.note_message(open.number, "sent", 1, None, &at(minute + 1)).unwrap();
            }
            new
        };
        let told = [&returned, &returned, &accepted, &accepted, &returned, &returned];
        let new = (0..).step_by(2).zip(told).map(|(minute, message)| tell(message, minute));
        assert_eq!(new.collect::<Vec<_>>(), [1, 0, 1, 0, 1, 0]);
        // A clock that is set back changes nothing of what was said last.
        let new = told.map(|message| tell(message, 0));
        assert_eq!(new, [0, 0, 1, 0, 1, 0]);
    }

    #[test]
    fn what_did_not_come_or_perhaps_is_said_again_where_it_holds_again() {
        let at = |minute: u8| format!("2022-11-25T00:{minute:02}:00.5Z");
        let accepted = letter("accepted", Some("KEN"), "a@x.example");
        let returned = letter("returned", Some("KEN"), "a@x.example");
        for (first, second, is_again) in [
            ("given-up", "sent", true),
            ("given-up", "given-up", true),
            ("uncertain", "sent", true),
            ("uncertain", "uncertain", true),
            ("sent", "uncertain", true),
            ("sent", "given-up", false),
            ("uncertain", "refused", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let mut store = Store::open(&folder.path().join("gtmi.db")).unwrap();
            for (number, (message, state)) in (1..).zip([(&accepted, first), (&returned, second)]) {
                let minute = u8::try_from(number).unwrap();
                let one = std::slice::from_ref(message);
                store.tell(Wave(2022), &Told::default(), one, &[], &at(minute)).unwrap();
                store.note_message(number, state, 1, None, &at(minute)).unwrap();
            }
            let one = std::slice::from_ref(&accepted);
            let new = store.tell(Wave(2022), &Told::default(), one, &[], &at(9)).unwrap();
            assert_eq!(new, usize::from(is_again), "{first}, {second}");
        }
    }

    #[test]
    fn who_is_forgotten_is_in_no_message() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gtmi.db");
        let mut store = Store::open(&path).unwrap();
        let letters = [
            letter("a", Some("KEN"), "wanjiku@ict.example"),
            letter("b", Some("KEN"), "otieno@ict.example"),
            letter("c", Some("PER"), "wanjiku@pcm.example"),
        ];
        store.tell(Wave(2022), &Told::default(), &letters, &[], "2022-11-25T00:00:00Z").unwrap();
        let kenya = EconomyCode::new("KEN");
        store.forget(&kenya, Some("Wanjiku"), "2022-11-26T00:00:00Z").unwrap();
        let row = store.outbox().unwrap().remove(0);
        assert_eq!((row.message.address.as_str(), row.state.as_str()), ("", "forgotten"));
        assert_eq!(store.outbox().unwrap().iter().filter(|row| row.state == "waiting").count(), 2);
        store.forget(&kenya, None, "2022-11-26T00:00:00Z").unwrap();
        drop(store);
        let bytes = std::fs::read(&path).unwrap();
        for (name, kept) in [("wanjiku@ict", false), ("otieno", false), ("wanjiku@pcm", true)] {
            let found = bytes.windows(name.len()).any(|window| window == name.as_bytes());
            assert_eq!(found, kept, "{name}");
        }
    }
}
