//! What goes into the store comes out the same, and nothing is half-recorded.

use std::path::Path;

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::cell::{Address, CellValue, Place};
use maturity::economy::{Economies, Economy, EconomyCode};
use maturity::finding::{Finding, Problem, Refusal, Severity};
use maturity::id::Id;
use maturity::review::{Acceptance, Contest, Standing};
use maturity::score::{Coverage, EconomyScores, IndicatorScore, SubindexScore, Term, TermStatus};
use maturity::submission::{
    Collected, Field, HeaderField, HeaderValue, Layout, Received, Response, State, Wave,
};
use maturity::uncertainty::{Bounds, Distribution, ScoreUncertainty, Sensitivity};
use maturity::withheld::Withheld;
use pipeline::hash::{Hashes, sha256};

use super::*;

pub(crate) fn open(folder: &Path) -> Store {
    Store::open(&folder.join("gtmi.db")).unwrap()
}

fn place(row: u32) -> Place {
    Place::cell("CGSI", Address::new(row, 3))
}

pub(crate) fn received(code: &str) -> Received {
    let header =
        |field, text: &str| HeaderValue { field, value: CellValue::Text(text.to_owned()), place: place(0) };
    let response = |row, value, formula| Response {
        question: format!("I-{row}"),
        field: Field::Answer,
        value,
        formula,
        place: place(row),
    };
    Received {
        layout: Layout::Questionnaire,
        place: Place::sheet("Cover"),
        header: vec![header(HeaderField::Economy, code), header(HeaderField::ContactEmail, "a@b.example")],
        responses: vec![
            response(1, CellValue::Text(" Oui\u{a0}".to_owned()), false),
            response(2, CellValue::Number(0.1 + 0.2), true),
            response(3, CellValue::Boolean(true), false),
            response(4, CellValue::Error("#REF!".to_owned()), false),
            response(5, CellValue::Date("2022-04-03".to_owned()), false),
            response(6, CellValue::Blank, false),
        ],
        findings: vec![
            Finding::new(Severity::Warning, Problem::CellFormula { found: "x".to_owned() })
                .at(Some(place(4))),
        ],
        contests: vec![Contest {
            rule: "CONSTRAINT-001".to_owned(),
            question: "I-1".to_owned(),
            text: "It is in use since May.".to_owned(),
            place: place(4),
        }],
    }
}

fn file<'a>(sha256: &'a str, name: &'a str) -> IncomingFile<'a> {
    let bytes = sha256.as_bytes();
    IncomingFile {
        sha256,
        seal: None,
        bytes: Some(bytes),
        size: u64::try_from(bytes.len()).unwrap(),
        source: "inbox",
        name,
        received_at: "2026-01-01T00:00:00Z",
    }
}

pub(crate) fn record(store: &mut Store, sha256: &str, code: &str) -> SubmissionId {
    record_as(store, sha256, &format!("{code}.xlsx"), code)
}

pub(crate) fn record_as(store: &mut Store, sha256: &str, name: &str, code: &str) -> SubmissionId {
    let outcome = Ok(vec![(received(code), format!("content of {sha256}"))]);
    store
        .record_files(Wave(2022), &[ReadFile { file: file(sha256, name), key: "key", outcome: &outcome }])
        .unwrap();
    store.submissions().unwrap().last().unwrap().id
}

pub(crate) fn validation(code: &str, state: State) -> Validation {
    let answer = |id: &str, answer| AnswerRecord {
        question: Id::from(id),
        answer,
        evidence: Some("https://example.org".to_owned()),
        place: Some(place(9)),
    };
    Validation {
        economy: Some(EconomyCode::new(code)),
        wave: Some(Wave(2022)),
        collected: Some(Collected::Remote),
        language: Some("fr".to_owned()),
        state,
        answers: vec![
            answer("I-1", Answer::Choice("2".to_owned())),
            answer("I-2", Answer::Choices(vec!["1".to_owned(), "5".to_owned()])),
            answer("I-3", Answer::Number(0.1 + 0.2)),
            answer("I-4", Answer::Text("=1+1".to_owned())),
            answer("I-5", Answer::Missing(Missing::Unreadable)),
            AnswerRecord { evidence: None, place: None, ..answer("I-6", Answer::Missing(Missing::Blank)) },
        ],
        findings: Problem::examples()
            .into_iter()
            .map(|problem| Finding {
                standing: Standing { accepted: true, contest: Some("No.".to_owned()), of_reviewer: false },
                ..Finding::new(Severity::Warning, problem).about(&Id::from("I-1")).at(Some(place(9)))
            })
            .collect(),
    }
}

#[test]
fn a_submission_comes_back_as_it_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let id = record(&mut store, "aa11", "KEN");
    assert_eq!(store.responses(id).unwrap(), received("KEN").responses);
    assert_eq!(store.contests(id).unwrap(), received("KEN").contests);
    let mut header = store.header(id).unwrap();
    header.sort_by_key(|value| value.field);
    assert_eq!(header, received("KEN").header);
    assert_eq!(store.received(&store.submissions().unwrap()[0]).unwrap().findings, received("KEN").findings);
    assert_eq!(store.bytes("aa11").unwrap(), b"aa11");
    let row = store.submissions().unwrap().remove(0);
    assert_eq!((row.state, row.name.as_str(), row.economy), (State::Received, "KEN.xlsx", None));
}

#[test]
fn what_a_reviewer_accepted_is_kept_once_and_can_be_withdrawn() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let acceptance = |question: Option<&str>, reason: &str| Acceptance {
        wave: Wave(2022),
        economy: EconomyCode::new("KEN"),
        rule: "CONSTRAINT-001".to_owned(),
        question: question.map(Id::from),
        seen: "ab".repeat(32),
        by: "A. Reviewer".to_owned(),
        reason: reason.to_owned(),
        at: "2026-01-01T00:00:00Z".to_owned(),
    };
    let (general, of_question) = (acceptance(None, "a"), acceptance(Some("I-1"), "b"));
    store.accept(&[of_question.clone(), acceptance(None, "to be replaced")]).unwrap();
    store.accept(std::slice::from_ref(&general)).unwrap();
    let kenya = EconomyCode::new("KEN");
    let none = Economies::default();
    let of_kenya = |all: &[&Acceptance]| {
        std::collections::BTreeMap::from([(kenya.clone(), all.iter().copied().cloned().collect::<Vec<_>>())])
    };
    assert_eq!(store.acceptances(Wave(2022), &none).unwrap(), of_kenya(&[&general, &of_question]));
    assert!(store.acceptances(Wave(2020), &none).unwrap().is_empty());
    assert_eq!(store.withdraw(Wave(2022), (&kenya, &none), "CONSTRAINT-001", None).unwrap(), 1);
    assert_eq!(store.withdraw(Wave(2022), (&kenya, &none), "CONSTRAINT-001", None).unwrap(), 0);
    assert_eq!(store.acceptances(Wave(2022), &none).unwrap(), of_kenya(&[&of_question]));
    // The economy got another code, and what was decided about it is still about it.
    let renamed = EconomyCode::new("KYA");
    let (economies, _) = Economies::new(vec![Economy {
        code: renamed.clone(),
        name: "Kenya".to_owned(),
        names: std::collections::BTreeMap::new(),
        iso3: "KEN".to_owned(),
        iso2: "KE".to_owned(),
        other_codes: Vec::new(),
        other_names: Vec::new(),
        region: String::new(),
        income: String::new(),
    }]);
    assert_eq!(store.acceptances(Wave(2022), &economies).unwrap()[&renamed], [of_question]);
    let question = Id::from("I-1");
    let withdrawn =
        store.withdraw(Wave(2022), (&renamed, &economies), "CONSTRAINT-001", Some(&question)).unwrap();
    assert_eq!(withdrawn, 1);
    assert!(store.acceptances(Wave(2022), &economies).unwrap().is_empty());
}

#[test]
fn a_validation_comes_back_as_it_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let id = record(&mut store, "aa11", "KEN");
    let wanted = validation("KEN", State::Accepted);
    store.record_validation(id, "key 1", &wanted).unwrap();
    // A second one replaces the first.
    store.record_validation(id, "key 2", &wanted).unwrap();
    assert_eq!(store.answers(id).unwrap(), wanted.answers);
    assert_eq!(store.findings(id).unwrap(), wanted.findings);
    assert_eq!(store.open_findings(id).unwrap(), OpenFindings::default(), "a reviewer accepted all");
    assert_eq!(store.work_keys("validate").unwrap().into_values().collect::<Vec<_>>(), ["key 2"]);
    let open = |severity| Finding::new(severity, Problem::AnswerMissing);
    let findings = vec![open(Severity::Error), open(Severity::Info), open(Severity::Info)];
    store.record_validation(id, "key 3", &Validation { findings, ..wanted }).unwrap();
    assert_eq!(store.open_findings(id).unwrap(), OpenFindings { errors: 1, warnings: 0, infos: 2 });
    let row = store.submissions().unwrap().remove(0);
    assert_eq!(
        (row.state, row.collected, row.language.as_deref()),
        (State::Accepted, Some(Collected::Remote), Some("fr"))
    );
}

#[test]
fn open_findings_are_counted_by_severity_and_an_unknown_one_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let id = record(&mut store, "aa11", "KEN");
    let finding = |severity| Finding::new(severity, Problem::CellFormula { found: "x".to_owned() });
    let severities = [Severity::Error, Severity::Info, Severity::Warning, Severity::Info, Severity::Info];
    let findings = severities.map(finding).to_vec();
    let validation = Validation { findings, ..validation("KEN", State::Accepted) };
    store.record_validation(id, "key", &validation).unwrap();
    let open = || store.open_findings(id);
    assert_eq!(open().unwrap(), OpenFindings { errors: 1, warnings: 1, infos: 3 });
    // What a reviewer accepted is settled.
    store.connection.execute("UPDATE findings SET status = 'accepted' WHERE seq = 1", []).unwrap();
    assert_eq!(open().unwrap(), OpenFindings { errors: 1, warnings: 1, infos: 2 });
    // What a reviewer's answer brings out is none of the sender's, accepted or not.
    let of_scoring = [false, true].map(|accepted| Finding {
        standing: Standing { accepted, contest: None, of_reviewer: true },
        ..finding(Severity::Warning)
    });
    store.record_score_findings(id, &of_scoring, &[]).unwrap();
    assert_eq!(store.findings_by_stage(id).unwrap().1, of_scoring);
    let counted = OpenFindings { errors: 1, warnings: 1, infos: 2 };
    assert_eq!(store.open_findings(id).unwrap(), counted);
    store.record_score_findings(id, &[finding(Severity::Warning)], &[]).unwrap();
    assert_eq!(store.open_findings(id).unwrap(), OpenFindings { warnings: 2, ..counted });
    let open = || store.open_findings(id);
    store.connection.execute("UPDATE findings SET severity = 'dire' WHERE seq = 0", []).unwrap();
    assert_eq!(
        open().unwrap_err().to_string(),
        "the store holds an unreadable value in a finding's severity"
    );
}

#[test]
fn the_latest_accepted_submission_is_in_force_and_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let mut ids = Vec::new();
    for (sha256, state) in [("aa11", State::Accepted), ("bb22", State::Accepted), ("cc33", State::Returned)] {
        let id = record(&mut store, sha256, "KEN");
        store.record_validation(id, "key", &validation("KEN", state)).unwrap();
        ids.push(id);
    }
    let kenya = EconomyCode::new("KEN");
    let latest = |wave| store.latest_accepted(wave, &kenya).unwrap().map(|row| row.id);
    assert_eq!(latest(Wave(2022)), Some(ids[1]));
    let accepted = store.accepted(Wave(2022), &kenya).unwrap();
    assert_eq!(accepted.iter().map(|row| row.id).collect::<Vec<_>>(), ids[..2]);
    assert_eq!(store.accepted_economies(Wave(2022)).unwrap(), std::slice::from_ref(&kenya));
    assert_eq!(store.submissions().unwrap().len(), 3);
    assert_eq!(latest(Wave(2025)), None);
    assert!(store.accepted_economies(Wave(2025)).unwrap().is_empty());
}

#[test]
fn files_are_known_with_their_seals_under_the_key_they_were_read_under() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let [sealed, unsealed] = [b"sealed", b"others"].map(|bytes| (Hashes::of(bytes), sha256(bytes)));
    let nothing = Ok(Vec::new());
    for ((hashes, sha256), seal) in [(&sealed, Some(sealed.0.seal)), (&unsealed, None)] {
        assert_eq!(hashes.sha256.to_string(), *sha256);
        let file = IncomingFile { seal, ..file(sha256, "KEN.xlsx") };
        store.record_files(Wave(2022), &[ReadFile { file, key: "key", outcome: &nothing }]).unwrap();
    }
    let known = |store: &Store, key: &str| {
        let mut known = Vec::new();
        store.each_read_under(key, |digest, seal| known.push((digest, seal))).unwrap();
        known.sort_unstable();
        known
    };
    let expected = |seal| {
        let mut expected = vec![(sealed.0.sha256, Some(sealed.0.seal)), (unsealed.0.sha256, seal)];
        expected.sort_unstable();
        expected
    };
    assert_eq!(known(&store, "key"), expected(None));
    assert_eq!(known(&store, "another key"), []);
    store.record_seals(&[(unsealed.0.sha256, unsealed.0.seal)]).unwrap();
    assert_eq!(known(&store, "key"), expected(Some(unsealed.0.seal)));
}

#[test]
fn a_file_that_is_under_its_name_again_counts_as_the_latest() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let named = |sha256: &str, name: &str| FileName {
        sha256: sha256.to_owned(),
        source: "inbox".to_owned(),
        name: name.to_owned(),
    };
    let [first, second] = ["aa11", "bb22"].map(|sha256| {
        let placed =
            store.placed(Wave(2022), vec![named(sha256, "KEN.xlsx"), named("cc33", "FRA.xlsx")]).unwrap();
        let replaces: Vec<_> =
            placed.iter().map(|placed| (placed.file.sha256.clone(), placed.replaces)).collect();
        let expected = if sha256 == "aa11" {
            vec![("aa11".to_owned(), false), ("cc33".to_owned(), false)]
        } else {
            vec![("bb22".to_owned(), true)]
        };
        assert_eq!(replaces, expected);
        for placed in placed {
            store.record_place(Wave(2022), &placed.file).unwrap();
        }
        let id = record(&mut store, sha256, "KEN");
        store.record_validation(id, "key", &validation("KEN", State::Accepted)).unwrap();
        id
    });
    let kenya = EconomyCode::new("KEN");
    let order = |store: &Store| {
        let ids: Vec<_> = store.accepted(Wave(2022), &kenya).unwrap().iter().map(|row| row.id).collect();
        let last = ids.last().copied();
        assert_eq!(store.latest_accepted(Wave(2022), &kenya).unwrap().map(|row| row.id), last);
        let latest = store.latest_submissions(Wave(2022)).unwrap();
        assert_eq!(latest.get(&kenya).map(|(id, _)| *id), last);
        assert_eq!(store.submission_states(Wave(2022)).unwrap().last().map(|row| row.id), last);
        assert_eq!(store.submissions().unwrap().last().map(|row| row.id), last);
        ids
    };
    assert_eq!(order(&store), [first, second]);
    let at = "2026-01-03T00:00:00Z";
    assert_eq!(store.arrive_again(&named("aa11", "KEN.xlsx"), at).unwrap(), 1);
    assert_eq!(order(&store), [second, first]);
    assert_eq!(store.arrive_again(&named("unknown", "KEN.xlsx"), at).unwrap(), 0);
    assert_eq!(store.arrived_again().unwrap(), [(first, 1)].into());
    let trail = store.trail(Wave(2022), (&EconomyCode::new("KEN"), &Economies::default())).unwrap();
    let steps: Vec<_> =
        trail.iter().map(|step| [&step.content, &step.state, &step.by, &step.reason, &step.at]).collect();
    assert_eq!(steps, [["content of aa11", "received-again", "ingest", "KEN.xlsx", at]]);
    // What comes afterwards is later.
    let third = record(&mut store, "dd44", "KEN");
    store.record_validation(third, "key", &validation("KEN", State::Accepted)).unwrap();
    assert_eq!(order(&store), [second, first, third]);
}

#[test]
fn the_same_content_under_two_names_is_one_submission() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    record(&mut store, "aa11", "KEN");
    let outcome = Ok(vec![(received("KEN"), "content of aa11".to_owned())]);
    store
        .record_files(
            Wave(2022),
            &[ReadFile { file: file("aa11", "copy.xlsx"), key: "key", outcome: &outcome }],
        )
        .unwrap();
    assert_eq!(store.submissions().unwrap().len(), 1);
    let mut seen = Vec::new();
    let end: Result<(), ()> = store
        .each_file(|sha256, names| {
            seen.push((sha256.to_owned(), names.to_vec()));
            Ok(())
        })
        .unwrap();
    assert_eq!(end, Ok(()));
    let names = ["inbox/KEN.xlsx", "inbox/copy.xlsx"].map(str::to_owned).to_vec();
    assert_eq!(seen, [("aa11".to_owned(), names)]);
}

#[test]
fn a_file_that_is_read_differently_keeps_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let id = record(&mut store, "aa11", "KEN");
    let mut better = received("KEN");
    better.responses.truncate(2);
    let outcome = Ok(vec![(better.clone(), "other content".to_owned())]);
    let key = "key of a newer reader";
    store
        .record_files(Wave(2022), &[ReadFile { file: file("aa11", "KEN.xlsx"), key, outcome: &outcome }])
        .unwrap();
    assert_eq!(store.submissions().unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    assert_eq!(store.responses(id).unwrap(), better.responses);
}

#[test]
fn refused_files_are_listed_while_they_are_present() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let refusal = Refusal::of_file(Problem::FileEncrypted);
    let outcome = Err(refusal.clone());
    store
        .record_files(
            Wave(2022),
            &[ReadFile { file: file("dd44", "secret.xlsx"), key: "key", outcome: &outcome }],
        )
        .unwrap();
    assert_eq!(store.refused(Wave(2022)).unwrap()[0].refusal, refusal);
    store.mark_present(Wave(2025), |_| false).unwrap();
    assert_eq!(store.refused(Wave(2022)).unwrap().len(), 1);
    assert!(store.refused(Wave(2025)).unwrap().is_empty());
    store.mark_present(Wave(2022), |_| false).unwrap();
    assert!(store.refused(Wave(2022)).unwrap().is_empty());
    store.mark_present(Wave(2022), |sha256| sha256 == "dd44").unwrap();
    assert_eq!(store.refused(Wave(2022)).unwrap().len(), 1);
}

pub(crate) fn scores(code: &str) -> EconomyScores {
    let term = |question: &str, answer, points, status| Term {
        question: Id::from(question),
        answer,
        points,
        max_points: if status == TermStatus::LeftOut { 0.0 } else { 12.0 },
        status,
    };
    let coverage = Coverage { answered: 2, asked: 3 };
    let terms = vec![
        term("I-1", Answer::Choice("1".to_owned()), 6.0, TermStatus::Counted),
        term("I-2", Answer::Number(0.1 + 0.2), 12.0 * (0.1 + 0.2), TermStatus::Counted),
        term("I-3", Answer::Missing(Missing::NotApplicable), 0.0, TermStatus::LeftOut),
    ];
    let indicators = vec![
        IndicatorScore {
            id: Id::from("I-1"),
            terms,
            points: 9.6,
            max_points: 24.0,
            value: Some(0.4),
            score: Some(40.0 / 3.0),
            withheld: None,
            coverage,
        },
        IndicatorScore {
            id: Id::from("I-9"),
            terms: Vec::new(),
            points: 0.0,
            max_points: 0.0,
            value: None,
            score: None,
            withheld: Some(Withheld::NoValue),
            coverage: Coverage::default(),
        },
    ];
    let subindex = SubindexScore {
        id: Id::from("CGSI"),
        indicators,
        points: 9.6,
        max_points: 24.0,
        score: Some(0.1 + 0.3),
        withheld: None,
        group: Some("C".to_owned()),
        coverage,
    };
    EconomyScores {
        economy: EconomyCode::new(code),
        wave: Wave(2022),
        collected: Some(Collected::Survey),
        subindexes: vec![subindex],
        id: Id::from("GTMI"),
        score: None,
        withheld: Some(Withheld::Coverage { present: 1, all: 4, least: 1.0 / 3.0 }),
        group: None,
        coverage,
    }
}

#[test]
fn scores_come_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let id = record(&mut store, "aa11", "KEN");
    store.record_scores(&scores("KEN"), id, "key").unwrap();
    store.record_scores(&scores("KEN"), id, "key").unwrap();
    assert_eq!(all_scores(&store).unwrap(), [(scores("KEN"), id)]);
    let mut slim = scores("KEN");
    let indicators = slim.subindexes.iter_mut().flat_map(|subindex| &mut subindex.indicators);
    indicators.for_each(|indicator| indicator.terms.clear());
    let scored = store.scored(Wave(2022)).unwrap();
    assert_eq!(
        scored.iter().map(|one| (one.economy.as_str(), one.submission)).collect::<Vec<_>>(),
        [("KEN", id)]
    );
    assert_eq!(store.scores_without_terms_of(Wave(2022), &scored[0]).unwrap(), slim);
    store.remove_scores(Wave(2022), &EconomyCode::new("KEN")).unwrap();
    assert!(all_scores(&store).unwrap().is_empty());
    assert!(store.work_keys("score").unwrap().is_empty());
}

/// The scores of all economies of the wave.
pub(crate) fn all_scores(store: &Store) -> Result<Vec<(EconomyScores, SubmissionId)>, StoreError> {
    let mut all = Vec::new();
    store.each_scores(Wave(2022), |scores, submission| {
        all.push((scores, submission));
        Ok::<(), StoreError>(())
    })?;
    Ok(all)
}

#[test]
fn many_lookups_as_one_see_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let mut writing = open(folder.path());
    record(&mut writing, "aa11", "KEN");
    let reading = open(folder.path());
    let seen = reading.look(|store| {
        let before = store.submissions()?.len();
        record(&mut writing, "bb22", "PER");
        Ok::<_, StoreError>((before, store.submissions()?.len()))
    });
    assert_eq!(seen.unwrap(), (1, 1));
    assert_eq!(reading.submissions().unwrap().len(), 2);
}

#[test]
fn what_was_acknowledged_survives_reopening_and_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let id = record(&mut open(folder.path()), "aa11", "KEN");
    let store = open(folder.path());
    assert_eq!(store.submissions().unwrap()[0].id, id);
    store.check().unwrap();
}

#[test]
fn a_store_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let error = Store::open(&folder.path().join("gtmi.db")).unwrap_err().to_string();
    assert!(error.contains("has schema 99, this program knows up to "), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_an_error_not_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("gtmi.db"), "not a database, whatever its name says").unwrap();
    assert!(matches!(Store::open(&folder.path().join("gtmi.db")), Err(StoreError::Foreign { .. })));
    assert!(Store::open_existing(&folder.path().join("absent.db")).unwrap().is_none());
}

#[test]
fn uncertainty_comes_back_bit_for_bit_and_goes_with_the_scores() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let id = record(&mut store, "aa11", "KEN");
    let scores = scores("KEN");
    let one = ScoreUncertainty {
        id: Id::from("GTMI"),
        bounds: Some(Bounds { lower: 0.1 + 0.2, upper: 1.0 / 3.0 }),
        distribution: Some(Distribution {
            p05: 0.1,
            p50: 0.7 * 0.1,
            p95: 1e-300,
            groups: vec![("A".to_owned(), 0.3), ("B".to_owned(), 0.7)],
        }),
        sensitivity: vec![Sensitivity { factor: "unanswered".to_owned(), first: -0.01, total: 0.99 }],
    };
    let other =
        ScoreUncertainty { id: Id::from("CGSI"), bounds: None, distribution: None, sensitivity: Vec::new() };
    let all = vec![one, other];
    store.record_uncertainty(scores.wave, &scores.economy, &all).unwrap();
    store.record_uncertainty(scores.wave, &scores.economy, &all).unwrap();
    store.record_scores(&scores, id, "key").unwrap();
    assert_eq!(store.uncertainty_of(Wave(2022), &scores.economy).unwrap(), all);
    assert_eq!(store.uncertainty(Wave(2022)).unwrap(), [(scores.economy.clone(), all)].into());
    store.remove_scores(scores.wave, &scores.economy).unwrap();
    assert!(store.uncertainty(Wave(2022)).unwrap().is_empty());
}
