//! What a store of an earlier schema holds is the same afterwards.

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::cell::{Address, CellValue, Place};
use maturity::comparator::ComparatorSet;
use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::submission::{Field, State, Wave};
use rusqlite::Connection;

use super::migrate_to;
use crate::Store;
use crate::tests::{all_scores, open, received, record, scores, validation};

/// The schema before lists.
const ROWS: usize = 15;

/// A store with the rows of one submission and its scores, as the program of that schema wrote them.
fn of_rows(path: &std::path::Path) {
    let mut connection = Connection::open(path).unwrap();
    let transaction = connection.transaction().unwrap();
    migrate_to(&transaction, 0, ROWS).unwrap();
    transaction
        .execute_batch(
            r#"INSERT INTO files (sha256, bytes, received_at) VALUES ('aa11', 4, '2026-01-01T00:00:00Z');
               INSERT INTO submissions (id, sha256, place, layout, content, received_at, economy, wave, state)
               VALUES (7, 'aa11', '{"sheet":"Cover","cell":null}', 'questionnaire', 'c', '2026-01-01T00:00:00Z',
                       'KEN', 2022, 'accepted'),
                      (8, 'aa11', '{"sheet":"B","cell":null}', 'questionnaire', 'd', '2026-01-01T00:00:00Z',
                       NULL, NULL, 'received');
               INSERT INTO responses VALUES
                   (7, 0, 'I-1', 'answer', 'text', ' Oui' || char(160) || '"', NULL, 0, 'CGSI', 'D2'),
                   (7, 1, 'I-2', 'answer', 'number', NULL, 0.1 + 0.2, 1, 'CGSI', 'D3'),
                   (7, 2, 'I-3', 'evidence', 'boolean', NULL, 1.0, 0, 'CGSI', NULL),
                   (8, 0, 'I-1', 'comment', 'blank', NULL, NULL, 0, 'B', 'A1');
               INSERT INTO answers VALUES
                   (7, 0, 'I-1', 'choices', 'a b', NULL, NULL, NULL, 'https://a.example', 'CGSI', 'D2'),
                   (7, 1, 'I-2', 'number', NULL, 0.1 + 0.2, NULL, NULL, NULL, NULL, NULL),
                   (7, 2, 'I-3', 'missing', NULL, NULL, NULL, 'not-applicable', NULL, 'CGSI', NULL);
               INSERT INTO scored (wave, economy, submission, collected) VALUES (2022, 'KEN', 7, 'survey');"#,
        )
        .unwrap();
    // The scores of the other tests, as rows.
    let tree = scores("KEN");
    let mut seq = 0_i64;
    let mut row = |level: &str,
                   id: &Id,
                   points: Option<f64>,
                   status: Option<&str>,
                   answer: Option<String>| {
        let sql = "INSERT INTO scores (wave, economy, seq, level, id, points, max_points, answered, asked, status, answer)
                   VALUES (2022, 'KEN', ?1, ?2, ?3, ?4, ?5, 2, 3, ?6, ?7)";
        let most = points.map(|_| if status == Some("left-out") { 0.0 } else { 12.0 });
        transaction.execute(sql, (seq, level, id.as_str(), points, most, status, answer)).unwrap();
        seq += 1;
    };
    row("index", &tree.id, None, None, None);
    for subindex in &tree.subindexes {
        row("subindex", &subindex.id, Some(subindex.points), None, None);
        for indicator in &subindex.indicators {
            row("indicator", &indicator.id, Some(indicator.points), None, None);
            for term in &indicator.terms {
                let status = serde_json::to_value(term.status).unwrap();
                let answer = serde_json::to_string(&term.answer).unwrap();
                row("question", &term.question, Some(term.points), status.as_str(), Some(answer));
            }
        }
    }
    transaction.commit().unwrap();
}

#[test]
fn rows_become_lists_without_the_loss_of_a_bit() {
    let folder = tempfile::tempdir().unwrap();
    of_rows(&folder.path().join("gtmi.db"));
    let store = open(folder.path());
    store.check().unwrap();
    let ids: Vec<_> = store.submissions().unwrap().into_iter().map(|row| row.id).collect();
    let found = store.responses(ids[0]).unwrap();
    assert_eq!(found[0].value, CellValue::Text(" Oui\u{a0}\"".to_owned()));
    assert_eq!((&found[1].value, found[1].formula), (&CellValue::Number(0.1 + 0.2), true));
    assert_eq!((&found[2].value, found[2].field), (&CellValue::Boolean(true), Field::Evidence));
    assert_eq!(
        found.iter().map(|response| response.place.clone()).collect::<Vec<_>>(),
        [
            Place::cell("CGSI", Address::new(1, 3)),
            Place::cell("CGSI", Address::new(2, 3)),
            Place::sheet("CGSI")
        ]
    );
    assert_eq!(store.responses(ids[1]).unwrap().len(), 1);
    let answer = |question: &str, answer, evidence: Option<&str>, place| AnswerRecord {
        question: Id::from(question),
        answer,
        evidence: evidence.map(str::to_owned),
        place,
    };
    assert_eq!(
        store.answers(ids[0]).unwrap(),
        [
            answer(
                "I-1",
                Answer::Choices(vec!["a".to_owned(), "b".to_owned()]),
                Some("https://a.example"),
                Some(Place::cell("CGSI", Address::new(1, 3)))
            ),
            answer("I-2", Answer::Number(0.1 + 0.2), None, None),
            answer("I-3", Answer::Missing(Missing::NotApplicable), None, Some(Place::sheet("CGSI"))),
        ]
    );
    assert!(store.answers(ids[1]).unwrap().is_empty());
    let (tree, from) = all_scores(&store).unwrap().remove(0);
    assert_eq!(from, ids[0]);
    let terms = |tree: &maturity::score::EconomyScores| -> Vec<_> {
        let indicators = tree.subindexes.iter().flat_map(|subindex| &subindex.indicators);
        indicators.map(|indicator| (indicator.id.clone(), indicator.terms.clone())).collect()
    };
    assert_eq!(terms(&tree), terms(&scores("KEN")));
    drop(store);
    // Opened again, it is a store like any other.
    let mut again = open(folder.path());
    again.record_scores(&scores("KEN"), from, "key").unwrap();
    assert_eq!(all_scores(&again).unwrap(), [(scores("KEN"), from)]);
}

#[test]
fn lists_are_read_as_rows_by_whoever_speaks_sql() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let id = record(&mut store, "aa11", "KEN");
    store.record_validation(id, "key", &validation("KEN", State::Accepted)).unwrap();
    store.record_scores(&scores("KEN"), id, "key").unwrap();
    let rows = |sql: &str| -> Vec<String> {
        let mut statement = store.connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let shown = rows(
        "SELECT seq || ' ' || question || ' ' || field || ' ' || kind || ' ' || coalesce(text, number, '-') || ' ' ||
                formula || ' ' || sheet || '!' || cell FROM responses ORDER BY seq LIMIT 2",
    );
    assert_eq!(
        shown,
        ["0 I-1 answer text  Oui\u{a0} 0 CGSI!D2", "1 I-2 answer number 0.30000000000000004 1 CGSI!D3"]
    );
    let count = |table: &str| rows(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}")).remove(0);
    assert_eq!(count("responses"), received("KEN").responses.len().to_string());
    assert_eq!(count("answers"), validation("KEN", State::Accepted).answers.len().to_string());
    let shown = rows(
        "SELECT indicator || ' ' || question || ' ' || kind || ' ' || answer || ' ' || points || ' of ' || max_points
                || ' ' || status FROM terms ORDER BY wave, economy, seq, term",
    );
    assert_eq!(shown[0], "I-1 I-1 choice 1 6.0 of 12.0 counted");
    assert_eq!(shown.len(), 3);
}

#[test]
fn a_list_that_cannot_be_read_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let id = record(&mut store, "aa11", "KEN");
    for broken in ["", "[[]]", "[[\"I-1\", \"answer\", \"text\", null, null, 0, \"CGSI\", \"D2\"]]", "{}"] {
        store.connection.execute("UPDATE response_lists SET list = ?1", [broken]).unwrap();
        let error = store.responses(id).unwrap_err().to_string();
        assert!(error.starts_with("the store holds an unreadable value in "), "{broken}: {error}");
    }
    store.record_scores(&scores("KEN"), id, "key").unwrap();
    // Not a list, of too few, of too many, of another indicator.
    let whole: String =
        store.connection.query_row("SELECT list FROM term_lists", [], |row| row.get(0)).unwrap();
    for broken in ["", "[]", &whole.replacen('[', "[[\"I-0\",[]],", 1), &whole.replace("I-9", "I-8")] {
        store.connection.execute("UPDATE term_lists SET list = ?1", [broken]).unwrap();
        let error = all_scores(&store).unwrap_err().to_string();
        assert!(error.starts_with("the store holds an unreadable value in "), "{broken}: {error}");
    }
    store.connection.execute("DELETE FROM term_lists", []).unwrap();
    assert!(all_scores(&store).is_err());
}

#[test]
fn a_migration_that_fails_leaves_the_store_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gtmi.db");
    of_rows(&path);
    Connection::open(&path).unwrap().execute_batch("UPDATE scores SET answer = 'x' WHERE seq = 3").unwrap();
    let error = Store::open(&path).unwrap_err();
    assert_eq!(error.to_string(), "the store holds an unreadable value in a term's answer");
    let connection = Connection::open(&path).unwrap();
    let count: i64 = connection.query_row("SELECT count(*) FROM responses", [], |row| row.get(0)).unwrap();
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!((count, usize::try_from(version).unwrap()), (4, ROWS));
}

#[test]
fn sets_of_comparators_are_of_the_wave_that_they_were_frozen_in() {
    const BEFORE: usize = 24;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gtmi.db");
    let mut connection = Connection::open(&path).unwrap();
    let transaction = connection.transaction().unwrap();
    migrate_to(&transaction, 0, BEFORE).unwrap();
    let set = |wave| ComparatorSet::compute(Some("may"), Some("2022"), Wave(wave), Vec::new(), &[]);
    for (name, wave) in [("may", 2025), ("june", 2022)] {
        let content = serde_json::to_string(&set(wave)).unwrap();
        let insert = "INSERT INTO comparator_sets (name, pinned_at, content) VALUES (?1, 't', ?2)";
        transaction.execute(insert, (name, content)).unwrap();
    }
    transaction.commit().unwrap();
    drop(connection);

    let mut store = Store::open(&path).unwrap();
    let pins = |store: &Store| -> Vec<(String, u16)> {
        store.comparator_pins().unwrap().into_iter().map(|pin| (pin.name, pin.wave.0)).collect()
    };
    let (june, may) = (("june".to_owned(), 2022), ("may".to_owned(), 2025));
    assert_eq!(pins(&store), [june.clone(), may.clone()]);
    assert_eq!(store.pinned_comparators(Wave(2022), "may").unwrap(), Some(set(2025)));
    store.pin_comparators("may", "u", &set(2022)).unwrap();
    assert_eq!(store.pinned_comparators(Wave(2022), "may").unwrap(), Some(set(2022)));
    assert_eq!(store.pinned_comparators(Wave(2025), "may").unwrap(), Some(set(2025)));
    assert_eq!(pins(&store), [june, ("may".to_owned(), 2022), may]);
}

#[test]
fn a_store_of_one_presence_and_of_scores_without_waves_goes_on() {
    const BEFORE: usize = 21;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gtmi.db");
    let mut connection = Connection::open(&path).unwrap();
    let transaction = connection.transaction().unwrap();
    migrate_to(&transaction, 0, BEFORE).unwrap();
    transaction
        .execute_batch(
            r#"INSERT INTO files (sha256, bytes, received_at, present) VALUES ('aa11', 4, 't', 1), ('bb22', 4, 't', 0);
               INSERT INTO submissions (id, sha256, place, layout, content, received_at, economy, wave, state, arrival)
               VALUES (1, 'aa11', '{}', 'questionnaire', 'c', 't', 'KEN', 2022, 'accepted', 1),
                      (2, 'bb22', '{}', 'questionnaire', 'd', 't', 'AGO', 2022, 'returned', 2),
                      (3, 'bb22', '{"sheet":"B"}', 'questionnaire', 'd', 't', 'AGO', 2025, 'returned', 3);
               INSERT INTO scored (wave, economy, submission) VALUES (2022, 'KEN', 1), (2022, 'AGO', 2), (2025, 'AGO', 3);
               INSERT INTO work (stage, unit, key)
               VALUES ('score', 'KEN', 'of KEN'), ('score', 'AGO', 'of AGO'), ('report', 'KEN', 'r');"#,
        )
        .unwrap();
    transaction.commit().unwrap();
    drop(connection);

    let store = Store::open(&path).unwrap();
    let key = |wave, code: &str| store.score_key(Wave(wave), &EconomyCode::new(code)).unwrap();
    assert_eq!(key(2022, "KEN").as_deref(), Some("of KEN"));
    assert_eq!([key(2022, "AGO"), key(2025, "AGO")], [None, None]);
    assert_eq!(store.work_units("score", |_| true).unwrap(), ["2022 KEN"]);
    assert_eq!(store.work_key("report", "KEN").unwrap().as_deref(), Some("r"));
    let present = |wave| {
        let states = store.submission_states(Wave(wave)).unwrap().into_iter();
        states.map(|row| row.present).collect::<Vec<_>>()
    };
    assert_eq!((present(2022), present(2025)), (vec![true, false], vec![false]));
}
