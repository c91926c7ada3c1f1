//! Who is the same respondent, and what is in force, by hand.

use maturity::cell::{CellValue, Place};
use maturity::respondent::identify;
use maturity::score::EconomyScores;
use maturity::submission::{Collected, HeaderField, HeaderValue, Layout, Received, State};
use store::{FileName, IncomingFile, ReadFile, Validation};
use tempfile::TempDir;

use super::*;
use crate::testing::{choice, record, two_subindexes};

/// A store to put submissions of Kenya into.
struct Desk {
    _folder: TempDir,
    store: Store,
    count: usize,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("gtmi.db")).unwrap();
        Self { _folder: folder, store, count: 0 }
    }

    /// An accepted submission; `contact` is office, name and address, empty where not given.
    fn send(&mut self, name: &str, contact: [&str; 3], answers: &[(&str, Answer)]) {
        self.count += 1;
        let bytes = format!("{}", self.count);
        let sha256 = pipeline::hash::sha256(bytes.as_bytes());
        let place = Place { sheet: "Cover".to_owned(), cell: None };
        let fields = [HeaderField::ContactOffice, HeaderField::ContactName, HeaderField::ContactEmail];
        let header =
            fields.into_iter().zip(contact).filter(|(_, text)| !text.is_empty()).map(|(field, text)| {
                HeaderValue { field, value: CellValue::Text(text.to_owned()), place: place.clone() }
            });
        let received = Received {
            layout: Layout::Questionnaire,
            place: place.clone(),
            header: header.collect(),
            responses: Vec::new(),
            findings: Vec::new(),
            contests: Vec::new(),
        };
        let file = IncomingFile {
            sha256: &sha256,
            seal: None,
            bytes: Some(bytes.as_bytes()),
            size: 1,
            source: "inbox",
            name,
            received_at: "2022-05-01T00:00:00Z",
        };
        let outcome = Ok(vec![(received, sha256.clone())]);
        self.store.record_files(Wave(2030), &[ReadFile { file, key: "key", outcome: &outcome }]).unwrap();
        let row = self.store.submissions().unwrap().pop().unwrap();
        let validation = Validation {
            economy: Some(EconomyCode::new("KEN")),
            wave: Some(Wave(2030)),
            collected: Some(Collected::Survey),
            language: None,
            state: State::Accepted,
            answers: answers.iter().map(|(id, answer)| record(id, answer.clone())).collect(),
            findings: Vec::new(),
        };
        self.store.record_validation(row.id, "key", &validation).unwrap();
    }

    fn voices(&self, choice: &RespondentChoice) -> Vec<Voice> {
        voices(&self.store, choice, self.identified(&choice.offices)).unwrap()
    }

    fn identified(&self, offices: &[String]) -> Vec<Identified> {
        self.store.identified(Wave(2030), &EconomyCode::new("KEN"), offices).unwrap()
    }

    fn numbers(&self) -> Vec<u32> {
        self.identified(&[]).into_iter().map(|found| found.respondent.number).collect()
    }

    /// Validates a submission otherwise.
    fn judge(&mut self, at: usize, state: State) {
        let row = self.store.submissions().unwrap().remove(at);
        let validation = Validation {
            economy: row.economy.clone(),
            wave: row.wave,
            collected: row.collected,
            language: None,
            state,
            answers: self.store.answers(row.id).unwrap(),
            findings: Vec::new(),
        };
        self.store.record_validation(row.id, "another key", &validation).unwrap();
    }
}

fn offices(rule: RespondentRule, offices: &[&str]) -> RespondentChoice {
    RespondentChoice { rule, offices: offices.iter().map(|office| (*office).to_owned()).collect() }
}

#[test]
fn the_same_office_the_same_person_or_the_same_file_supersedes() {
    let mut desk = Desk::new();
    desk.send("a.xlsx", ["Ministry of ICT", "", ""], &[]);
    desk.send("b.xlsx", ["ministry of  ict", "", ""], &[]);
    desk.send("a.xlsx", ["Treasury", "", ""], &[]);
    desk.send("c.xlsx", ["", "Amina", "a@example.org"], &[]);
    desk.send("d.xlsx", ["", "", "A@example.org"], &[]);
    desk.send("e.xlsx", ["", "Amina", ""], &[]);
    desk.send("e.xlsx", ["", "", ""], &[]);
    desk.send("f.xlsx", ["", "", ""], &[]);
    // Another office under the same file name is another respondent; e.xlsx by an unknown hand is the same file.
    assert_eq!(desk.numbers(), [1, 1, 2, 3, 3, 4, 4, 5]);
}

#[test]
fn a_file_that_was_renamed_supersedes_and_is_superseded_under_each_of_its_names() {
    for later in ["A.xlsx", "M.xlsx"] {
        let mut desk = Desk::new();
        desk.send("M.xlsx", ["", "", ""], &[]);
        desk.send("z.xlsx", ["", "", ""], &[]);
        let renamed = FileName {
            sha256: pipeline::hash::sha256(b"1"),
            source: "inbox".to_owned(),
            name: "A.xlsx".to_owned(),
        };
        desk.store.record_name(&renamed, "2022-05-02T00:00:00Z").unwrap();
        desk.send(later, ["", "", ""], &[]);
        assert_eq!(desk.numbers(), [1, 2, 1], "{later}");
    }
}

#[test]
fn who_was_recognised_stays_recognised_when_contacts_are_gone() {
    let mut desk = Desk::new();
    desk.send("a.xlsx", ["Treasury", "", ""], &[]);
    desk.send("b.xlsx", ["Ministry of ICT", "", ""], &[]);
    let choice = offices(RespondentRule::NamedOfficeFirst, &["Ministry of ICT"]);
    let before = desk.identified(&choice.offices);
    desk.store.record_respondents(&new(&before)).unwrap();
    let rows: Vec<SubmissionRow> = before.iter().map(|found| found.row.clone()).collect();
    let before: Vec<Respondent> = before.into_iter().map(|found| found.respondent).collect();
    let mut without = desk.store.senders(&rows).unwrap();
    for sender in &mut without {
        (sender.office, sender.email, sender.contact) = (None, None, None);
    }
    assert_eq!(identify(&without, &choice.offices), before);
    assert_eq!(before[1].office.as_deref(), Some("Ministry of ICT"));
}

#[test]
fn a_number_is_nobody_elses_while_its_submission_is_returned() {
    let mut desk = Desk::new();
    desk.send("i.xlsx", ["ICT", "", ""], &[]);
    desk.send("t.xlsx", ["Treasury", "", ""], &[]);
    desk.send("p.xlsx", ["Planning", "", ""], &[]);
    desk.store.record_respondents(&new(&desk.identified(&[]))).unwrap();
    desk.judge(2, State::Returned);
    desk.send("h.xlsx", ["Health", "", ""], &[]);
    desk.store.record_respondents(&new(&desk.identified(&[]))).unwrap();
    assert_eq!(desk.numbers(), [1, 2, 3, 4]);
    let choice = offices(RespondentRule::Majority, &[]);
    assert_eq!(desk.voices(&choice).len(), 3, "what was returned has no vote");
    desk.judge(2, State::Accepted);
    assert_eq!(desk.voices(&choice).len(), 4);
}

#[test]
fn an_earlier_version_that_is_put_back_counts_as_the_latest_of_those_that_are_not_named() {
    let mut desk = Desk::new();
    desk.send("i.xlsx", ["ICT", "", ""], &[]);
    desk.send("t.xlsx", ["Treasury", "", ""], &[]);
    let choice = offices(RespondentRule::NamedOfficeFirst, &["Planning"]);
    let first = |desk: &Desk| desk.voices(&choice)[0].row.name.clone();
    assert_eq!(first(&desk), "t.xlsx");
    let row = desk.store.submissions().unwrap().remove(0);
    let file = store::FileName { sha256: row.sha256, source: row.source, name: row.name };
    desk.store.arrive_again(&file, "2022-06-01T00:00:00Z").unwrap();
    assert_eq!(first(&desk), "i.xlsx");
}

fn three() -> Desk {
    let mut desk = Desk::new();
    let b = || Answer::Choices(vec!["b".to_owned()]);
    desk.send("t.xlsx", ["Treasury", "", ""], &[("Q-1", choice("0")), ("Q-1.1", b()), ("Q-3", choice("1"))]);
    desk.send("i.xlsx", ["ICT", "", ""], &[("Q-1", choice("2")), ("Q-3", choice("1"))]);
    desk.send("p.xlsx", ["Planning", "", ""], &[("Q-1", choice("1")), ("Q-3", choice("0"))]);
    desk
}

fn origins(desk: &Desk, choice: &RespondentChoice) -> (Vec<String>, Vec<(String, String)>, Merged) {
    let framework = two_subindexes();
    let voices = desk.voices(choice);
    let merged = merge(&framework, choice.rule, &voices);
    let names = voices.iter().map(|voice| voice.row.name.clone()).collect();
    let of = merged.origins.iter().map(|(id, at)| (id.to_string(), voices[*at].row.name.clone())).collect();
    (names, of, merged)
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect()
}

#[test]
fn the_office_that_is_named_first_is_in_force_and_others_fill_what_it_leaves_blank() {
    let choice = offices(RespondentRule::NamedOfficeFirst, &["ict", "Treasury"]);
    let (names, of, _) = origins(&three(), &choice);
    assert_eq!(names, ["i.xlsx", "t.xlsx", "p.xlsx"]);
    assert_eq!(of, pairs(&[("Q-1", "i.xlsx"), ("Q-1.1", "t.xlsx"), ("Q-3", "i.xlsx")]));
    let (names, ..) = origins(&three(), &offices(RespondentRule::NamedOfficeFirst, &[]));
    assert_eq!(names, ["p.xlsx", "i.xlsx", "t.xlsx"], "nobody is named: the latest comes first");
}

#[test]
fn most_votes_win_and_a_tie_goes_to_the_first_office_and_is_noted() {
    let choice_ = offices(RespondentRule::Majority, &["Treasury"]);
    let (_, of, merged) = origins(&three(), &choice_);
    // 1 has two votes, the Treasury is the first to give it. Q-1: three answers with one vote each.
    // Where Q-1 is 0, Q-1.1 does not apply: others left it blank.
    assert_eq!(of, pairs(&[("Q-1", "t.xlsx"), ("Q-1.1", "p.xlsx"), ("Q-3", "t.xlsx")]));
    let [tie] = merged.ties.as_slice() else { panic!("{:?}", merged.ties) };
    assert_eq!((tie.question.as_str(), &tie.used), ("Q-1", &choice("0")));
    assert_eq!(tie.answers.len(), 3);
    let found = ties(&two_subindexes(), &three().voices(&choice_)[0], &merged.ties);
    assert_eq!(found[0].rule(), "RESPONDENT-001");
    // The Treasury, then those that are not named, the latest first.
    assert_eq!(found[0].found(), "0 (1), 1 (1), 2 (1)");
}

/// The answers in force among those of three offices with these answers to.
fn in_force(answers: [(&str, Option<&str>); 3]) -> (Option<Answer>, EconomyScores, Vec<EconomyScores>) {
    let mut desk = Desk::new();
    for (office, (filter, below)) in ["Treasury", "ICT", "Planning"].into_iter().zip(answers) {
        let mut answers = vec![("Q-1", choice(filter)), ("Q-3", choice("1"))];
        answers.extend(below.map(|code| ("Q-1.1", Answer::Choices(vec![code.to_owned()]))));
        desk.send(&format!("{office}.xlsx"), [office, "", ""], &answers);
    }
    let choice = offices(RespondentRule::Majority, &["Treasury", "ICT", "Planning"]);
    let (framework, voices) = (two_subindexes(), desk.voices(&choice));
    let merged = merge(&framework, choice.rule, &voices);
    let answer = |(id, at): (&Id, &usize)| Some((id.clone(), voices[*at].answer(id)?.clone()));
    let answers: BTreeMap<Id, Answer> = merged.origins.iter().filter_map(answer).collect();
    let score = |answers: &BTreeMap<Id, Answer>| {
        crate::score(
            &framework,
            &crate::Population::default(),
            &EconomyCode::new("KEN"),
            None,
            answers,
            &|_| None,
        )
    };
    let alone = voices.iter().map(|voice| score(&voice.answers())).collect();
    (answers.get(&Id::from("Q-1.1")).filter(|answer| answer.is_given()).cloned(), score(&answers), alone)
}

#[test]
fn an_answer_to_what_the_majority_says_does_not_apply_earns_nothing() {
    let (answer, merged, alone) = in_force([("0", None), ("0", None), ("2", Some("b"))]);
    assert_eq!(answer, None, "two of three say that there is nothing to ask about");
    assert_eq!(merged.score, alone[0].score);
    assert!(alone[2].score > merged.score);
    let (answer, ..) = in_force([("1", None), ("0", None), ("1", Some("b"))]);
    assert!(answer.is_some(), "it applies, and nobody says otherwise");
    let (answer, merged, alone) = in_force([("0", Some("b")); 3]);
    assert!(answer.is_some(), "what everybody answers counts as it does with one of them");
    assert_eq!(merged.score, alone[0].score);
}
