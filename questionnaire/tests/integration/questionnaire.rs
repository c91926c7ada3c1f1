//! Questionnaires as they come back, after people have worked on them.

use maturity::cell::{Address, Sheet, Span, View};
use maturity::finding::Problem;
use maturity::id::Id;
use maturity::language::Language;
use maturity::submission::{HeaderField, Layout, Received};

use crate::support::{book, framework, noticed, recognise, sheet, sheet_at, told};

fn cover() -> Sheet {
    sheet(
        "Cover",
        "
        |               | gtmi-questionnaire/1 |           |
        | Economy code  | economy              | KEN       |
        | Wave          | wave                 | 2022      |
        | Framework     | framework            | gtmi-2022 |
        | Collected     | collected            |           |
        | Name          | contact-name         |           |
        ",
    )
}

#[test]
fn finds_answers_by_keys_with_absolute_addresses() {
    let table = "
        | required | id      | question | answer | evidence      | comment |
        | *        | No.     | Question | Answer | Evidence: link or document | Comment |
        | I-1   Shared government cloud |||||
        | *        | I-1     | Can …?   | Yes    | see I-1.2     |         |
        |          | i-1.1 ‎ | Name     |        |               | later   |
        |          | I-1.9.1 | Link     | x      | a link        |         |
        ";
    let answers = sheet_at("Mes réponses", Address::new(6, 2), table);
    let received = recognise(&book(vec![answers, cover()]), &framework()).unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].layout, Layout::Questionnaire);
    assert_eq!(received[0].place.to_string(), "Cover");
    assert_eq!(
        told(&received[0].responses),
        [
            "I-1 answer [Yes] Mes réponses!F10",
            "I-1.1 answer [] Mes réponses!F11",
            "I-1.1 comment [later] Mes réponses!H11",
            "I-1.9.1 answer [x] Mes réponses!F12",
            "I-1.9.1 evidence [a link] Mes réponses!G12",
        ]
    );
}

#[test]
fn headings_count_in_any_language_and_order() {
    let table = "
        | Notes   | COMMENTAIRE | Réponse | Justificatif : lien ou document | Ajouté | N° |
        | ignored | ah bon      | Oui     | https://a.example               | x      | I-2 |
        | Notes   | Respuesta   | Comentario | Evidencia: enlace o documento | Pregunta | N.º |
        |         | 2           | nada       |                               |          | I-3 |
        ";
    let received = recognise(&book(vec![cover(), sheet("A", table)]), &framework()).unwrap();
    assert_eq!(
        told(&received[0].responses),
        [
            "I-2 answer [Oui] A!C2",
            "I-2 evidence [https://a.example] A!D2",
            "I-2 comment [ah bon] A!B2",
            "I-3 answer [2] A!B4",
            // Blank, but needed.
            "I-3 evidence [] A!D4",
            "I-3 comment [nada] A!C4",
        ]
    );
}

#[test]
fn returns_unknown_ids_and_reports_answers_without_id() {
    let table = "
        | id     | answer |
        | I-1.33 | 1      |
        |        | stray  |
        |        |        |
        | I-1    | 2      |
        ";
    let received = recognise(&book(vec![cover(), sheet("A", table)]), &framework()).unwrap();
    let found = told(&received[0].responses);
    assert_eq!(found, ["I-1.33 answer [1] A!B2", "I-1 answer [2] A!B5"]);
    assert_eq!(
        noticed(&received[0]),
        [
            "warning A!B3: There is content outside of the cells for answers, which is not read: 1 (B3); the first is \
             \"stray\". Move what is an answer to its question, and remarks to the column for comments."
        ]
    );
}

#[test]
fn reads_the_cover_by_its_keys_wherever_they_stand() {
    let moved = sheet_at(
        "Portada",
        Address::new(3, 4),
        "
        | economy | about the economy | not a key        |      |
        | new row |                   |                  |      |
        | Wave    | wave              |                  | 2022 |
        | Code    | economy           | KEN              | note |
        |         | collected         | Index team, from public sources (remote) | |
        |         | contact-email     |                  |      |
        | marker  | gtmi-questionnaire/2 |               |      |
        ",
    );
    let received = recognise(&book(vec![moved, sheet("A", "|id|answer|\n|I-1|1|")]), &framework()).unwrap();
    let header: Vec<_> = received[0]
        .header
        .iter()
        .map(|value| format!("{} [{}] {}", value.field.as_str(), value.value.display(), value.place))
        .collect();
    assert_eq!(
        header,
        [
            "wave [2022] Portada!H6",
            "economy [KEN] Portada!G7",
            "collected [remote] Portada!G8",
            "contact-email [] Portada!G9",
        ]
    );
    assert!(received[0].header(HeaderField::ContactEmail).is_none());
}

#[test]
fn hidden_sheets_answer_nothing() {
    let mut hidden = sheet("Copy", "|id|answer|\n|I-1|1|");
    hidden.visible = false;
    let mut hidden_cover = cover();
    hidden_cover.visible = false;
    let sheets = vec![hidden, hidden_cover, sheet("A", "|id|answer|\n|I-1|2|")];
    let received = recognise(&book(sheets), &framework()).unwrap();
    assert_eq!(told(&received[0].responses), ["I-1 answer [2] A!B2"]);
    assert_eq!(received[0].header(HeaderField::Economy).unwrap().value.display(), "KEN");
}

#[test]
fn without_cover_several_known_ids_and_an_answer_heading_are_enough() {
    let table = "
        | My title |        |         |
        | Which    | What   | Answer  |
        | I-1      | Cloud? | 2       |
        | I-1.1    | Name   |         |
        | I-1.2    | Link   | ‎       |
        ";
    let received = recognise(&book(vec![sheet("Any", table)]), &framework()).unwrap();
    assert_eq!((received[0].place.to_string(), received[0].header.len()), ("Any".to_owned(), 0));
    assert_eq!(told(&received[0].responses)[..2], ["I-1 answer [2] Any!C3", "I-1.1 answer [] Any!C4"]);

    let refusal = recognise(&book(vec![sheet("Any", "|Which|Answer|\n|I-1|2|\n|I-1.1|x|")]), &framework());
    assert_eq!(refusal.unwrap_err().problem, Problem::LayoutUnknown { sheets: "Any".to_owned() });
    // Where all are hidden, they are named none the less.
    let hidden = Sheet { visible: false, ..sheet("Behind", "|Which|Answer|\n|I-1|2|\n|I-1.1|x|") };
    let refusal = recognise(&book(vec![hidden]), &framework());
    assert_eq!(refusal.unwrap_err().problem, Problem::LayoutUnknown { sheets: "Behind".to_owned() });
}

#[test]
fn refuses_another_framework_and_names_the_cell() {
    let mut other = cover();
    for cell in &mut other.cells {
        if cell.value.display() == "gtmi-2022" {
            cell.value = maturity::cell::CellValue::Text("gtmi-2025".to_owned());
        }
    }
    let refusal =
        recognise(&book(vec![other, sheet("A", "|id|answer|\n|I-1|1|")]), &framework()).unwrap_err();
    assert_eq!(
        refusal.problem,
        Problem::FrameworkOther { found: "gtmi-2025".to_owned(), expected: "gtmi-2022".to_owned() }
    );
    assert_eq!(refusal.place.unwrap().to_string(), "Cover!C4");
}

#[test]
fn refuses_what_it_does_not_know() {
    for sheets in [vec![], vec![cover()], vec![sheet("Budget", "|Year|Sum|\n|2022|3|")]] {
        let problem = recognise(&book(sheets), &framework()).unwrap_err().problem;
        assert!(matches!(problem, Problem::LayoutUnknown { .. }), "{problem:?}");
    }
}

#[test]
fn content_that_nobody_reads_is_reported() {
    let table = "
        | id   | question | answer | Remarks |        |
        | I-1  | a        | 2      | fine    | aside  |
        | I-2  | b        |        | ok      |        |
        |      | c        | 1      |         |        |
        |      |          |        |         | 7      |
        ";
    let received = recognise(&book(vec![cover(), sheet("A", table)]), &framework()).unwrap();
    assert_eq!(
        noticed(&received[0]),
        [
            "warning A!E2: There is content outside of the cells for answers, which is not read: 3 (E2, C4, E5); the \
             first is \"aside\". Move what is an answer to its question, and remarks to the column for comments.",
            "info A!D1: The column \"Remarks\" was added to the questionnaire; what it holds is not read (2). Nothing \
             to do if it is for your own use; else use the column for comments.",
        ]
    );
}

#[test]
fn answers_that_the_sender_does_not_see_are_read_and_reported() {
    let table = "
        | id     | answer | evidence |
        | I-1    | 2      | one      |
        | I-1.1  | x      |          |
        | I-2    | 1      | under    |
        | I-3    | 1      |          |
        | I-4    | 1      |          |
        ";
    let mut answers = sheet("A", table);
    let span = |row: u32| Span { first: row, last: row };
    answers.view.hidden_rows = vec![span(4)];
    answers.view.filtered_rows = vec![span(5)];
    answers.view.merged = vec!["B2:B3".parse().unwrap(), "C2:C4".parse().unwrap()];
    let received = recognise(&book(vec![cover(), answers.clone()]), &framework()).unwrap();
    assert_eq!(
        told(&received[0].responses),
        [
            "I-1 answer [2] A!B2",
            "I-1 evidence [one] A!C2",
            "I-1.1 answer [] A!B3",
            "I-2 answer [1] A!B4",
            "I-3 answer [1] A!B5",
            "I-3 evidence [] A!C5",
            "I-4 answer [1] A!B6",
            "I-4 evidence [] A!C6",
        ]
    );
    let rules: Vec<_> = received[0]
        .findings
        .iter()
        .map(|finding| {
            let place = finding.place.as_ref().unwrap();
            let question = finding.question.as_ref().map_or("-", Id::as_str);
            format!("{} {place} {question}", finding.rule())
        })
        .collect();
    assert_eq!(
        rules,
        [
            "HIDDEN-001 A!B5 I-3",
            "HIDDEN-002 A!B6 I-4",
            "MERGE-001 A!B3 I-1.1",
            "MERGE-001 A!C3 I-1.1",
            "MERGE-001 A!C4 I-2",
        ]
    );
    for (column, said) in
        [(1, "A!B2", "5 (B2:B6)"), (2, "A!C2", "2 (C2, C4)")].map(|(column, first, cells)| {
            (column, format!("warning {first}: There are answers or evidence in a hidden column: {cells}."))
        })
    {
        answers.view = View { hidden_columns: vec![span(column)], ..View::default() };
        let received = recognise(&book(vec![cover(), answers.clone()]), &framework()).unwrap();
        assert!(noticed(&received[0])[0].starts_with(&said), "{:?}", noticed(&received[0]));
    }
}

#[test]
fn an_address_behind_a_text_is_taken_with_it_and_notes_of_others_are_told() {
    let table = "
        | id      | answer          | evidence          | comment |
        | I-2     | 2               | The law           | see     |
        | I-3     | 2               | https://b.example |         |
        | I-1.9   | portal          |                   |         |
        | I-1.9.1 | here            |                   |         |
        | I-99    | 1               | unknown           |         |
        ";
    // Two laws in one cell, of which one is there twice.
    let several = "
        | id  | answer | evidence |
        | I-2 | 2      | The laws |
        ";
    let mut several = sheet("A", several);
    let laws = ["http://c.org/1", "http://c.org/2", "http://c.org/1"];
    several.view.links = laws.map(|law| ("C2".parse().unwrap(), law.to_owned())).to_vec();
    let both = recognise(&book(vec![cover(), several]), &framework()).unwrap().remove(0);
    assert_eq!(told(&both.responses)[1], "I-2 evidence [The laws http://c.org/1 http://c.org/2] A!C2");
    let addresses = |line: &String| line.contains("lies the address \"http://c.org/");
    assert_eq!(noticed(&both).iter().filter(|line| addresses(line)).count(), 2);
    let mut answers = sheet("A", table);
    let links = ["B2", "C2", "D2", "C3", "B4", "B5", "C6", "G9"];
    let link = |at: &str| (at.parse().unwrap(), format!("https://a.example/{at}"));
    answers.view = View { links: links.map(link).to_vec(), ..View::default() };
    let note = |(at, text): (&str, &str)| (at.parse().unwrap(), text.to_owned());
    answers.view.notes =
        [("B3", "✖ ANSWER-001\nThis"), ("B4", "i EVIDENCE-001"), ("B5", "ask Amina"), ("D9", "")]
            .map(note)
            .to_vec();
    // What stands there may be the beginning of the address.
    let begun = "
        | id      | answer     | evidence       |
        | I-1.9.1 | www.a.org  | see www.b.org  |
        ";
    let mut begun = sheet("B", begun);
    let to = |(at, to): (&str, &str)| (at.parse().unwrap(), to.to_owned());
    begun.view.links = [("B2", "http://www.a.org/"), ("C2", "http://c.org")].map(to).to_vec();
    let whole = recognise(&book(vec![cover(), begun]), &framework()).unwrap().remove(0);
    assert_eq!(
        told(&whole.responses),
        ["I-1.9.1 answer [http://www.a.org/] B!B2", "I-1.9.1 evidence [see www.b.org] B!C2"]
    );
    let read =
        |answers: &Sheet| recognise(&book(vec![cover(), answers.clone()]), &framework()).unwrap().remove(0);
    let received = read(&answers);
    assert_eq!(
        told(&received.responses),
        [
            "I-2 answer [2] A!B2",
            "I-2 evidence [The law https://a.example/C2] A!C2",
            "I-2 comment [see https://a.example/D2] A!D2",
            "I-3 answer [2] A!B3",
            "I-3 evidence [https://b.example] A!C3",
            "I-1.9 answer [portal] A!B4",
            "I-1.9 evidence [] A!C4",
            "I-1.9.1 answer [here https://a.example/B5] A!B5",
            "I-99 answer [1] A!B6",
            "I-99 evidence [unknown] A!C6",
        ]
    );
    let told = noticed(&received);
    let behind = |cell: &str, question: &str, text: &str| {
        format!(
            "info A!{cell}, question {question}: Behind the text \"{text}\" lies the address \"https://a.example/{cell}\", which was taken together with it. Nothing to do if that is the page or document meant; else correct the link of the cell."
        )
    };
    assert_eq!(
        told[..3],
        [behind("C2", "I-2", "The law"), behind("D2", "I-2", "see"), behind("B5", "I-1.9.1", "here")]
    );
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(
        told[3].starts_with(
            "info A!B5: Cells of this sheet carry notes, comments or text boxes, which are not read: 2 (B5, D9)."
        ),
        "{told:?}"
    );
    // What somebody wrote behind the last line of one of our own; one of before there was such a line.
    let ours = "i EVIDENCE-001\nThis\n\nCe qui est écrit dans cette note n'est pas lu.\n";
    answers.view.notes =
        [("B3", "✖ ANSWER-001\nThis"), ("B4", ours), ("C4", &format!("{ours}Voir la loi 8"))]
            .map(note)
            .to_vec();
    let told = noticed(&read(&answers));
    assert!(told[3].starts_with("info A!C4: ") && told[3].contains("1 (C4)"), "{told:?}");
    answers.view.notes.truncate(2);
    assert_eq!(noticed(&read(&answers)).len(), 3, "our own are not told");
}

#[test]
fn a_sheet_that_lost_its_headings_is_reported_unless_its_questions_stand_elsewhere() {
    let lost = sheet("B", "|I-5|2|\n|I-6|1|\n|I-7|2|");
    let receipt = sheet("Receipt", "|Finding|Question|\n|x|I-1|\n|x|I-2|\n|x|I-3|");
    let answers = sheet("A", "|id|answer|\n|I-1|1|\n|I-2|1|\n|I-3|1|");
    let received = recognise(&book(vec![receipt, cover(), answers, lost]), &framework()).unwrap();
    let found = noticed(&received[0]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("error B: This sheet has question numbers")
            && found[0].contains("I-5, I-6, I-7")
    );
}

#[test]
fn a_column_that_is_there_twice_is_no_silent_choice() {
    let rules = |received: &Received| -> Vec<String> {
        received.findings.iter().map(|f| format!("{} {}", f.rule(), f.place.as_ref().unwrap())).collect()
    };
    let read = |table: &str| {
        let received = recognise(&book(vec![cover(), sheet("A", table)]), &framework()).unwrap();
        (told(&received[0].responses), rules(&received[0]))
    };
    // A copy beside the answers, of which one was changed.
    let copied = "
        | id  | answer | answer | evidence | comment | comment |
        | No. | Answer | Answer | Evidence | Comment | Comment |
        | I-1 | 2      | 2.0    |          |         | late    |
        | I-4 | 1      | 2      |          | one     | two     |
        | I-5 |        | 2      |          |         |         |
        ";
    let (responses, rules) = read(copied);
    assert_eq!(
        responses,
        [
            "I-1 answer [2] A!B3",
            "I-1 evidence [] A!D3",
            "I-1 comment [late] A!F3",
            "I-4 answer [1] A!B4",
            "I-4 answer [2] A!C4",
            "I-4 evidence [] A!D4",
            "I-4 comment [one] A!E4",
            "I-5 answer [2] A!C5",
            "I-5 evidence [] A!D5",
        ]
    );
    assert_eq!(rules, ["QUESTION-002 A!F4"]);
    // An empty column of that name to the left: the row of keys still names the other.
    let inserted = "
        | id  |        | answer | comment |
        | No. | Answer | Answer | Comment |
        | I-1 |        | 2      |         |
        | I-2 |        |        |         |
        ";
    assert_eq!(
        read(inserted),
        (vec!["I-1 answer [2] A!C3".to_owned(), "I-2 answer [] A!C4".to_owned()], vec![])
    );
    // The next table has columns of its own.
    let two = "
        | id  | answer | comment |
        | I-1 | 2      | x       |
        | No. | Comment | Answer |
        | I-2 | y      | 1       |
        ";
    assert_eq!(
        read(two).0,
        ["I-1 answer [2] A!B2", "I-1 comment [x] A!C2", "I-2 answer [1] A!C4", "I-2 comment [y] A!B4"]
    );
}

#[test]
fn another_cover_that_names_another_economy_is_kept() {
    let framework = framework();
    let named = |name: &str, economy: &str| {
        let mut cover = cover();
        cover.name = name.to_owned();
        for cell in &mut cover.cells {
            if cell.value.display() == "KEN" {
                cell.value = maturity::cell::CellValue::Text(economy.to_owned());
            }
        }
        cover
    };
    let other = |covers: Vec<Sheet>| {
        let sheets = covers.into_iter().chain([sheet("A", "|id|answer|\n|I-1|1|")]).collect();
        let received = recognise(&book(sheets), &framework).unwrap().remove(0);
        let value = |field| received.header(field).map(|v| format!("{} {}", v.value.display(), v.place));
        (value(HeaderField::Economy), value(HeaderField::OtherEconomy))
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        other(vec![named("One", "UGA"), named("Two", "KEN")]),
        (text("UGA One!C2"), text("KEN Two!C2"))
    );
    assert_eq!(other(vec![named("One", "UGA"), named("Two", " uga")]), (text("UGA One!C2"), None));
    let mut hidden = named("One", "UGA");
    hidden.visible = false;
    assert_eq!(other(vec![hidden, named("Two", "KEN")]), (text("KEN Two!C2"), None));
}

#[test]
fn answers_above_the_headings_are_told() {
    let table = "|I-1|1|\n|I-1.9|2|\n|I-2||\n|id|answer|\n|I-3|1|";
    let received = recognise(&book(vec![cover(), sheet("A", table)]), &framework()).unwrap();
    assert_eq!(
        noticed(&received[0]),
        [
            "error A!B1: Answers stand above the row of headings (B1:B2), where none belong: 2. It is not certain what they answer. \
             Move the row of headings above all answers."
        ]
    );
}

#[test]
fn a_table_of_economies_beside_a_questionnaire_is_told() {
    let framework = framework();
    let ids: Vec<&str> = framework.questions.iter().take(24).map(|question| question.id.as_str()).collect();
    let row = |code: &str| format!("|{code}|x|{}", "1|".repeat(24));
    let table = format!("|Code|Economy|{}\n{}\n{}", ids.join("|"), row("UGA"), row("FJI"));
    let sheets = vec![cover(), sheet("A", "|id|answer|\n|I-1|1|"), sheet("Others", &table)];
    let received = recognise(&book(sheets), &framework).unwrap();
    let told: Vec<_> =
        received[0].findings.iter().map(|f| (f.rule(), f.place.as_ref().unwrap().to_string())).collect();
    assert_eq!((received.len(), told), (1, vec![("LAYOUT-015", "Others".to_owned())]));
    assert!(noticed(&received[0])[0].contains("rows with answers: 2."));
}

#[test]
fn answers_on_a_further_sheet_without_headings_are_told() {
    let asked =
        |id: &str| framework().question(&Id::from(id)).unwrap().label.get(&Language::english()).to_owned();
    let answers = "|id|answer|\n|I-1|2|\n|I-2|1|\n|I-3|1|\n|I-1.3||\n|I-2.3||\n|I-4||";
    let told = |further: Sheet| {
        let sheets = vec![cover(), sheet("A", answers), further];
        let received = recognise(&book(sheets), &framework()).unwrap();
        let told = noticed(&received[0]);
        assert!(told.len() < 2, "{told:?}");
        let concerned = |line: &String| {
            let about = line.split_once("It concerns ").unwrap().1.split_once(". ").unwrap().0.to_owned();
            format!("{} {about}", received[0].findings[0].rule())
        };
        told.first().map(concerned).unwrap_or_default()
    };
    let visible = |table: &str| told(sheet("B", table));
    // Answers that were moved away, and corrections.
    assert_eq!(visible("|I-1.3|2016|\n|I-2.3|2017|\n|I-4|1|"), "LAYOUT-005 I-1.3, I-2.3, I-4");
    assert_eq!(visible("|I-1|0|\n|I-2|1|\n|I-3|Yes|"), "LAYOUT-005 I-1");
    assert_eq!(visible("|I-1|2|\n|I-2|1|\n|I-4|1|"), "LAYOUT-005 I-4");
    // Nothing is answered there.
    assert_eq!(visible("|I-1|2|\n|I-2|1.0|\n|I-3|1|"), "");
    assert_eq!(visible("|I-1|sent to A|\n|I-2|done|\n|I-4|open|"), "");
    assert_eq!(visible("|I-1|6|3|\n|I-2|0|1|\n|I-3|2|0|"), "");
    let lines: Vec<_> = ["I-1", "I-2", "I-4"].map(|id| format!("|{id}|{}|", asked(id))).to_vec();
    assert_eq!(visible(&lines.join("\n")), "");
    assert_eq!(
        visible(
            "|finding-severity|finding-rule|finding-question|finding-cell|finding-message|finding-contest|\n\
             |x|A|I-4|1|m||\n|x|A|I-1.3|2016|m||\n|x|A|I-1|0|m||"
        ),
        ""
    );
    let mut hidden = sheet("B", "|id|answer|remark|\n|I-1|2|0|\n|I-4|1||\n|I-1.3|2016||\n|I-2.3||x|");
    hidden.visible = false;
    assert_eq!(told(hidden), "HIDDEN-004 I-4, I-1.3");
}

#[test]
fn of_two_columns_of_ids_the_one_with_known_ids_counts() {
    for (table, place) in
        [("|ID|No.|Answer|\n|1|I-1|2|\n|2|I-2|1|", "C"), ("|No.|N.\u{ba}|Answer|\n|I-1|7|2|\n|I-2|8|1|", "C")]
    {
        let received = recognise(&book(vec![cover(), sheet("A", table)]), &framework()).unwrap();
        let lines = told(&received[0].responses);
        assert_eq!(lines[0], format!("I-1 answer [2] A!{place}2"), "{lines:?}");
    }
}

#[test]
fn covers_that_differ_in_who_is_to_be_asked_are_told() {
    let filled = |name: &str, contact: &str, collected: &str| {
        let mut cover = cover();
        cover.name = name.to_owned();
        for (row, value) in [(4, collected), (5, contact)] {
            let value = maturity::cell::CellValue::Text(value.to_owned());
            let address = Address::new(row, 2);
            cover.cells.retain(|cell| cell.address != address);
            cover.cells.push(maturity::cell::Cell { address, value, formula: false });
        }
        cover.cells.sort_by_key(|cell| cell.address);
        cover
    };
    let sheets = vec![
        filled("One", "Ann", "survey"),
        filled("Two", " ann", "remote"),
        sheet("A", "|id|answer|\n|I-1|1|"),
    ];
    let received = recognise(&book(sheets), &framework()).unwrap();
    let told = noticed(&received[0]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("warning Two!C5:") && told[0].contains("One!C5"), "{told:?}");
}
