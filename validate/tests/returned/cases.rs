//! The table: what was done to a questionnaire, what is understood, what is said.

use maturity::framework::Framework;

use crate::instrument::{self, EARLIER_HASH};
use crate::read;
use crate::sheets::{Content, Sheets, number, text};

/// Where the table of the documentation begins.
pub(crate) const TABLE_START: &str = "<!-- table of returned workbooks -->\n";
/// Where it ends.
pub(crate) const TABLE_END: &str = "<!-- end of table -->\n";

/// One returned workbook.
pub(crate) struct Case {
    /// What the sender did.
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// The answers that differ from those of the questionnaire that was sent out.
    answers: Vec<(&'static str, &'static str)>,
    rules: Vec<&'static str>,
    /// What differs in one format.
    otherwise: Option<Otherwise>,
}

/// A format, with the answers and rules that take the place of the others there.
type Otherwise = (&'static str, Vec<(&'static str, &'static str)>, Vec<&'static str>);

impl Case {
    /// A file name of letters, digits and dashes.
    pub(crate) fn file_name(&self) -> String {
        let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        self.name.chars().map(safe).collect()
    }

    /// The answers that differ from those sent out, and the rules in order, as a format is expected to give them.
    pub(crate) fn expected(&self, format: &str) -> (&[(&'static str, &'static str)], Vec<String>) {
        let (answers, rules) = match &self.otherwise {
            Some((other, answers, rules)) if *other == format => (answers, rules),
            _ => (&self.answers, &self.rules),
        };
        let mut rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        rules.sort();
        (answers, rules)
    }

    fn in_xls(mut self, answers: &[(&'static str, &'static str)], rules: &[&'static str]) -> Self {
        self.otherwise = Some(("xls", answers.to_vec(), rules.to_vec()));
        self
    }

    fn reads(mut self, question: &'static str, answer: &'static str) -> Self {
        self.answers.push((question, answer));
        self
    }

    /// Severity, rule and, where the finding is about one, the question.
    fn says(mut self, rule: &'static str) -> Self {
        self.rules.push(rule);
        self
    }
}

fn as_sent(name: &'static str, framework: &Framework, language: &str) -> Case {
    let bytes = instrument::questionnaire(framework, language);
    Case { name, bytes, answers: Vec::new(), rules: Vec::new(), otherwise: None }
}

/// Cuts of the table that share the questionnaire that they start from.
struct Table {
    english: Sheets,
    french: Sheets,
}

impl Table {
    fn edited(&self, name: &'static str, edit: impl FnOnce(&mut Sheets)) -> Case {
        Self::case(name, self.english.clone(), edit)
    }

    fn case(name: &'static str, mut sheets: Sheets, edit: impl FnOnce(&mut Sheets)) -> Case {
        edit(&mut sheets);
        Case { name, bytes: sheets.write(), answers: Vec::new(), rules: Vec::new(), otherwise: None }
    }

    /// The answer to a question replaced.
    fn answered(&self, name: &'static str, question: &'static str, content: Content) -> Case {
        self.edited(name, |sheets| sheets.answer(question, content))
    }
}

/// All returned workbooks.
pub(crate) fn cases(framework: &Framework) -> Vec<Case> {
    let grid = |language| Sheets::of(&read(&instrument::questionnaire(framework, language)));
    let table = Table { english: grid("en"), french: grid("fr") };
    let sent = [
        as_sent("sent back as it was, in English", framework, "en"),
        as_sent("sent back as it was, in French", framework, "fr"),
        as_sent("sent back as it was, in Spanish", framework, "es"),
    ];
    let parts =
        [choices(&table), numbers(&table), years(&table), cells(&table), tables(&table), covers(&table)];
    sent.into_iter().chain(parts.into_iter().flatten()).collect()
}

fn choices(table: &Table) -> Vec<Case> {
    let status = |name, content| table.answered(name, "Q-5", content);
    let read_as = |name, content| status(name, content).reads("Q-5", "2").says("info READ-001 Q-5");
    let unknown = |name, content| status(name, content).reads("Q-5", "?").says("error CHOICE-001 Q-5");
    let several = |name, content| table.answered(name, "Q-2.2", content);
    vec![
        status("choice: the label in another language", text("Sí, en uso")).reads("Q-5", "2"),
        status("choice: the label with a no-break space", text("Oui\u{a0}: en service")).reads("Q-5", "2"),
        status("choice: invisible characters in the label", text("Yes,\u{a0}in\u{200b} use "))
            .reads("Q-5", "2"),
        status("choice: accents as separate characters", text("Si\u{301}, en uso")).reads("Q-5", "2"),
        status("choice: its code as text", text("2")).reads("Q-5", "2"),
        status("choice: its code as a number", number(2.0)).reads("Q-5", "2"),
        read_as("choice: its code as `2.0`", text("2.0")),
        read_as("choice: `2 - Yes, in use`", text("2 - Yes, in use")),
        read_as("choice: `Yes, in use (2)`", text("Yes, in use (2)")),
        read_as("choice: `yes, IN USE.`", text("yes, IN USE.")),
        read_as("choice: the label in quotes", text("“Yes, in use”")),
        read_as("choice: the label without accents", text("Si, en uso")),
        read_as("choice: `2)`", text("2)")),
        unknown("choice: only a part of the label", text("Yes")),
        unknown("choice: a code that is not in the list", number(3.0)),
        unknown("choice: code and label of two choices", text("1 - Yes, in use")),
        unknown("choice: TRUE where no choice is so called", Content::Boolean(true)),
        table
            .answered("choice: FALSE where a choice is so called", "Q-2", Content::Boolean(false))
            .reads("Q-2", "0")
            .says("info READ-001 Q-2"),
        table.answered("choice: the mark for no answer", "Q-2", text("N/A")).reads("Q-2", "n/a"),
        several("choices: codes with semicolons, in any order", text("3; 1")).reads("Q-2.2", "1 3"),
        several("choices: labels with commas", text("Public, Hybrid")).reads("Q-2.2", "1 3"),
        several("choices: labels, each in a line", text("Public\nHybrid")).reads("Q-2.2", "1 3"),
        several("choices: labels behind dashes, each in a line", text("- Public\n- Hybrid"))
            .reads("Q-2.2", "1 3")
            .says("info READ-001 Q-2.2"),
        several("choices: `1/3`", text("1/3")).reads("Q-2.2", "1 3").says("info READ-001 Q-2.2"),
        several("choices: labels in French, in another case", text("Privé; hybride"))
            .reads("Q-2.2", "2 3")
            .says("info READ-001 Q-2.2"),
        several("choices: one of them unknown", text("1, 9"))
            .reads("Q-2.2", "?")
            .says("error CHOICE-001 Q-2.2"),
        several("choices: `1,3` that became the number 1.3", number(1.3))
            .reads("Q-2.2", "?")
            .says("error CHOICE-001 Q-2.2"),
    ]
}

fn numbers(table: &Table) -> Vec<Case> {
    let share = |name, content| table.answered(name, "Q-2.1", content);
    let count = |name, content| table.answered(name, "Q-4", content);
    let share_as =
        |name, content, answer| share(name, content).reads("Q-2.1", answer).says("info READ-001 Q-2.1");
    let asked = |name, content| share(name, content).reads("Q-2.1", "?").says("warning NUMBER-002 Q-2.1");
    let no_count = |name, content, rule| count(name, content).reads("Q-4", "?").says(rule);
    vec![
        share("number: a number", number(0.75)).reads("Q-2.1", "0.75"),
        count("number: digits as text", text("15")).reads("Q-4", "15"),
        share_as("number: `0,75`", text("0,75"), "0.75"),
        share_as("number: `75 %`", text("75 %"), "0.75"),
        share_as("number: `1 234,5`", text("1 234,5"), "1234.5"),
        share_as("number: `1.234,5`", text("1.234,5"), "1234.5"),
        count("number: `1,234,567`", text("1,234,567")).reads("Q-4", "1234567").says("info READ-001 Q-4"),
        count("number: Arabic digits", text("١٥")).reads("Q-4", "15").says("info READ-001 Q-4"),
        asked("number: `1,234`", text("1,234")),
        asked("number: `1.234` as text", text("1.234")),
        share("number: a phrase", text("about a half")).reads("Q-2.1", "?").says("warning NUMBER-001 Q-2.1"),
        no_count("number: a unit behind it", text("12 offices"), "warning NUMBER-001 Q-4"),
        no_count("number: TRUE", Content::Boolean(true), "warning NUMBER-001 Q-4"),
        no_count("number: not whole", number(12.5), "warning NUMBER-003 Q-4"),
        no_count("number: a date", Content::Date(43_525.0), "warning CELL-003 Q-4"),
    ]
}

fn years(table: &Table) -> Vec<Case> {
    let year = |name, content| table.answered(name, "Q-1.2", content);
    let read_as = |name, content| year(name, content).reads("Q-1.2", "2019").says("info READ-001 Q-1.2");
    let asked = |name, content, rule| year(name, content).reads("Q-1.2", "?").says(rule);
    vec![
        year("year: a number", number(2019.0)).reads("Q-1.2", "2019"),
        year("year: `2019.0` as text", text("2019.0")).reads("Q-1.2", "2019"),
        read_as("year: a date cell", Content::Date(43_525.0)),
        read_as("year: `03/04/2019`", text("03/04/2019")),
        read_as("year: `2019-03-01` as text", text("2019-03-01")),
        read_as("year: `03.2019`", text("03.2019")),
        read_as("year: `1er mars 2019`", text("1er mars 2019")),
        read_as("year: `2019 (revised)`", text("2019 (revised)")),
        asked(
            "year: 2016 typed into a date cell, shown as 8 July 1905",
            Content::Date(2016.0),
            "warning YEAR-002 Q-1.2",
        ),
        asked("year: `2011/12`, a month or a fiscal year", text("2011/12"), "warning YEAR-002 Q-1.2"),
        asked("year: `03/04/19`", text("03/04/19"), "warning YEAR-001 Q-1.2"),
        asked("year: `before 2019`", text("before 2019"), "warning YEAR-001 Q-1.2"),
    ]
}

fn cells(table: &Table) -> Vec<Case> {
    let law = |name, content| table.answered(name, "Q-3", content);
    vec![
        law("text: a date cell", Content::Date(43_525.0)).reads("Q-3", "2019-03-01"),
        law("text: `03/04/2025` stays text", text("03/04/2025")).reads("Q-3", "03/04/2025"),
        law("text: a number", number(7.0)).reads("Q-3", "7"),
        law("text: nothing but blanks", text("  \u{a0} ")).reads("Q-3", "-"),
        table
            .answered("link: without https://", "Q-1.1", text("www.cloud.example"))
            .reads("Q-1.1", "www.cloud.example")
            .says("warning LINK-001 Q-1.1"),
        table
            .answered("cell: a formula", "Q-4", Content::Formula("=6*3", "18"))
            .reads("Q-4", "18")
            .says("warning CELL-002 Q-4"),
        law("cell: a formula that gives text", Content::Formula("=\"Law\"&\" 8\"", "Law 8"))
            .reads("Q-3", "Law 8")
            .says("warning CELL-002 Q-3")
            // LibreOffice does not store text results in this format.
            .in_xls(&[("Q-3", "?")], &["warning CELL-004 Q-3"]),
        table
            .answered("cell: an error value", "Q-4", Content::Formula("=1/0", "#DIV/0!"))
            .reads("Q-4", "?")
            .says("warning CELL-001 Q-4"),
        table
            .edited("cell: in a hidden row", |sheets| {
                let (sheet, row) = sheets.find("Q-4");
                sheet.hide_row(row);
            })
            .says("warning HIDDEN-001 Q-4"),
        table
            .edited("cells: in rows that a filter hides", |sheets| sheets.sheet("LAW").filter("id", "Q-3"))
            .says("warning HIDDEN-002"),
        table
            .edited("cells: in a hidden column", |sheets| {
                let sheet = sheets.sheet("LAW");
                sheet.hide_column(sheet.column_of("answer").unwrap());
            })
            .says("warning HIDDEN-003"),
        table
            .edited("cells: answers of two questions merged", |sheets| sheets.merge("Q-4", "Q-5", "answer"))
            .reads("Q-5", "-")
            .says("warning MERGE-001 Q-5")
            .says("error ANSWER-001 Q-5"),
        table
            .edited("cells: evidence of two questions merged", |sheets| {
                sheets.merge("Q-2", "Q-2.1", "evidence");
            })
            .says("warning MERGE-001 Q-2.1"),
    ]
}

fn tables(table: &Table) -> Vec<Case> {
    vec![
        table.edited("sheet: renamed", |sheets| "Mes réponses".clone_into(&mut sheets.sheet("SYS").name)),
        table.edited("sheet: in another order", |sheets| sheets.0.reverse()),
        table
            .edited("sheet: hidden", |sheets| sheets.sheet("LAW").hide())
            .reads("Q-3", "-")
            .reads("Q-4", "-")
            .reads("Q-5", "-")
            .says("error HIDDEN-004")
            .says("error ANSWER-001 Q-5"),
        table.edited("table: rows inserted above", |sheets| sheets.sheet("SYS").insert_rows(0, 3)),
        table.edited("table: rows inserted between questions", |sheets| {
            let (sheet, row) = sheets.find("Q-2.1");
            sheet.insert_rows(row, 2);
            let answer = sheet.column_of("answer").unwrap();
            sheet.set(row, answer, text(" \u{a0}"));
        }),
        table.edited("table: columns for answers and comments exchanged", |sheets| {
            let sheet = sheets.sheet("SYS");
            let columns = (sheet.column_of("answer").unwrap(), sheet.column_of("comment").unwrap());
            sheet.swap_columns(columns.0, columns.1);
        }),
        table
            .edited("table: a column of one's own", |sheets| {
                let (sheet, row) = sheets.find("Q-4");
                let answer = sheet.column_of("answer").unwrap();
                sheet.insert_columns(answer, 1);
                let heading = *sheet.heading_rows().last().unwrap();
                sheet.set(heading, answer, text("Who asks"));
                sheet.set(row, answer, text("the ministry"));
            })
            .says("info STRAY-002"),
        table
            .edited("table: text beside it", |sheets| {
                let (sheet, row) = sheets.find("Q-4");
                let column = sheet.last_column() + 2;
                sheet.set(row, column, text("to be checked"));
            })
            .says("warning STRAY-001"),
        table
            .edited("table: an answer below it, without a question number", |sheets| {
                let sheet = sheets.sheet("LAW");
                let (row, column) = (sheet.last_row() + 2, sheet.column_of("answer").unwrap());
                sheet.set(row, column, text("see annex"));
            })
            .says("warning STRAY-001"),
        Table::case(
            "table: hidden row of keys deleted, French headings left",
            table.french.clone(),
            |sheets| {
                let sheet = sheets.sheet("SYS");
                sheet.remove_row(sheet.heading_rows()[0]);
            },
        ),
        table.edited("table: visible headings deleted, keys left", |sheets| {
            let sheet = sheets.sheet("SYS");
            sheet.remove_row(sheet.heading_rows()[1]);
        }),
        table.edited("table: the headings of the question numbers deleted", |sheets| {
            let sheet = sheets.sheet("LAW");
            let id = sheet.column_of("id").unwrap();
            for row in sheet.heading_rows() {
                sheet.remove_cell(row, id);
            }
        }),
        table
            .edited("table: all headings deleted", |sheets| {
                let sheet = sheets.sheet("LAW");
                for row in sheet.heading_rows() {
                    sheet.remove_row(row);
                }
            })
            .reads("Q-3", "-")
            .reads("Q-4", "-")
            .reads("Q-5", "-")
            .says("error LAYOUT-005")
            .says("error ANSWER-001 Q-5"),
        table.edited("question number: in lower case with a no-break space", |sheets| {
            sheets.put("Q-4", "id", text("q-4\u{a0}"));
        }),
        table
            .edited("question number: one that does not exist", |sheets| {
                sheets.put("Q-4", "id", text("Q-44"));
            })
            .reads("Q-4", "-")
            .says("warning QUESTION-001"),
        table
            .edited("question number: twice with different answers", |sheets| {
                let sheet = sheets.sheet("LAW");
                let row = sheet.last_row() + 1;
                let (id, answer) = (sheet.column_of("id").unwrap(), sheet.column_of("answer").unwrap());
                sheet.set(row, id, text("Q-4"));
                sheet.set(row, answer, number(13.0));
            })
            .says("warning QUESTION-002 Q-4"),
        table
            .edited("answer: a required one cleared", |sheets| sheets.clear("Q-5", "answer"))
            .reads("Q-5", "-")
            .says("error ANSWER-001 Q-5"),
    ]
}

fn covers(table: &Table) -> Vec<Case> {
    vec![
        table.edited("cover: moved down and to the right", |sheets| {
            let cover = sheets.0.first_mut().unwrap();
            cover.insert_rows(0, 4);
            cover.insert_columns(0, 3);
        }),
        table
            .edited("cover: the economy by its name", |sheets| sheets.cover("economy", text("kenya")))
            .says("info ECONOMY-003"),
        table
            .edited("cover: an economy that is not known", |sheets| sheets.cover("economy", text("Kenia")))
            .says("error ECONOMY-002"),
        table
            .edited("cover: deleted", |sheets| {
                sheets.0.remove(0);
            })
            .says("error ECONOMY-001"),
        table
            .edited("cover: another wave", |sheets| sheets.cover("wave", number(2028.0)))
            .says("error LAYOUT-003"),
        table
            .edited("version: an earlier one that the framework knows", |sheets| {
                sheets.cover("version", text("2028.1"));
                sheets.cover("instrument-hash", text(EARLIER_HASH));
                sheets.put("Q-1", "id", text("P-1"));
                sheets.put("Q-3", "id", text("P-9"));
                sheets.answer("Q-5", text("Partly"));
            })
            .reads("Q-3", "-")
            .says("warning LAYOUT-006"),
        table
            .edited("version: an unknown one with the same questions", |sheets| {
                sheets.cover("instrument-hash", text("0000feed"));
            })
            .says("warning LAYOUT-004"),
        table
            .edited("version: an unknown one with other questions", |sheets| {
                sheets.cover("instrument-hash", text("0000feed"));
                sheets.put("Q-3", "id", text("P-7"));
            })
            .reads("Q-3", "-")
            .says("warning LAYOUT-007")
            .says("warning QUESTION-001"),
    ]
}

/// The table for the documentation, with its marks.
pub(crate) fn documented(cases: &[Case]) -> String {
    let mut table =
        format!("{TABLE_START}\n| what comes back | what is read | what is said |\n| --- | --- | --- |\n");
    for case in cases {
        let answer = |(question, answer): &(&str, &str)| match *answer {
            "?" => format!("{question}: not used"),
            "-" => format!("{question}: no answer"),
            "n/a" => format!("{question}: declared missing"),
            answer => format!("{question}: `{answer}`"),
        };
        let answers: Vec<String> = case.answers.iter().map(answer).collect();
        let read = if answers.is_empty() { "all answers".to_owned() } else { answers.join("; ") };
        let said = |rule: &&str| {
            let mut words = rule.split(' ');
            let (severity, rule) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            format!("{rule} ({severity})")
        };
        let said: Vec<String> = case.rules.iter().map(said).collect();
        let line = format!("| {} | {read} | {} |\n", case.name, said.join(", "));
        table.push_str(&line);
    }
    table.push('\n');
    table.push_str(TABLE_END);
    table
}
