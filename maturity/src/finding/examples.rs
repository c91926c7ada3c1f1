//! One example of each problem, for the catalogue of rules and for tests.

use super::Problem;

impl Problem {
    /// One example of each problem, in the order of the catalogue of rules.
    pub fn examples() -> Vec<Self> {
        [of_files_and_covers(), of_answers(), of_sheets(), of_comparisons_and_reviews()].concat()
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// What is wrong with a file as a whole, or with its cover.
fn of_files_and_covers() -> Vec<Problem> {
    vec![
        Problem::FileEmpty,
        Problem::FileNotWorkbook { looks_like: text("plain text") },
        Problem::FileEncrypted,
        Problem::FileDamaged { reason: text("the zip archive ends early") },
        Problem::FileTooLarge { found: text("31 MiB"), limit: text("25 MiB") },
        Problem::FileKind { kind: text("xlsb") },
        Problem::FileUnreadable { reason: text("its grid is too large") },
        Problem::FileTakesLong { seconds: 20 },
        Problem::FileBreaksReader { limit: text("1024 MiB") },
        Problem::LayoutUnknown { sheets: text("Sheet1, Budget") },
        Problem::FrameworkOther { found: text("gtmi-2025"), expected: text("gtmi-2022") },
        Problem::WaveOther { found: text("2020"), expected: text("2022") },
        Problem::InstrumentOther { found: text("2022-1"), expected: text("2022-2") },
        Problem::InstrumentEarlier {
            found: Box::from("2020-1"),
            expected: Box::from("2022-2"),
            carried: 3,
            dropped: Box::from("I-40"),
            added: Box::from("I-41, I-41.1"),
        },
        Problem::InstrumentDiffers {
            found: Box::from("2020-9"),
            expected: Box::from("2022-2"),
            unknown: Box::from("I-40"),
            absent: Box::from("—"),
        },
        Problem::WaveUnclear { found: text("2022*"), expected: text("2022") },
        Problem::SubmissionsUnordered { found: text("03/12/2022 09:00") },
        Problem::TableUnread { questions: text("I-1, I-1.1, I-2") },
        Problem::HeadingsDiffer { headings: text("Data!A90") },
        Problem::AnswersAbove { count: 2, cells: text("B2:B3") },
        Problem::YearsUnread { found: text("Edition") },
        Problem::RowsPassedOver { found: text("2020"), count: 2, cells: text("B7, B90") },
        Problem::TableBeside { count: 8 },
        Problem::HeadingsMissing { count: 344, missing: text("Code") },
        Problem::EconomyMissing,
        Problem::EconomyUnknown { found: text("Kenja"), proposal: text(" (KEN?)") },
        Problem::EconomyAlias { found: text("PSE"), code: text("WBG") },
        Problem::EconomyDoubled { code: text("KEN"), places: text("Data!B7, Data!B90") },
        Problem::EconomyContradicted { found: text("Uganda"), code: text("KEN"), place: text("Data!C7") },
        Problem::EmailInvalid,
        Problem::CollectedUnclear { found: text("by me") },
        Problem::HeaderLong { found: 1200, limit: 200 },
        Problem::ReviewRejected { found: text("rejected") },
        Problem::ReviewOpen { found: text("hasIssues") },
        Problem::QuestionUnknown { found: text("I-1.33"), proposal: text(" (I-1.3?)") },
        Problem::QuestionDoubled { used: text("CGSI!D9") },
    ]
}

/// What is wrong with one answer.
fn of_answers() -> Vec<Problem> {
    vec![
        Problem::AnswerMissing,
        Problem::ChoiceUnknown { found: text("3"), accepted: text("0 = No, 1 = In preparation, 2 = Yes") },
        Problem::ReadAs { found: text("1 - Yes"), taken: text("1") },
        Problem::EncodingAssumed { encoding: text("windows-1252") },
        Problem::LinkBehind {
            found: text("National digital strategy"),
            link: text("https://gov.example/strategy"),
        },
        Problem::NumberInvalid { found: text("95%+") },
        Problem::NumberAmbiguous { found: text("1,234"), one: text("1234"), other: text("1.234") },
        Problem::NumberNotWhole { found: text("2016.5") },
        Problem::YearInvalid { found: text("03/04/25") },
        Problem::YearAmbiguous { found: text("1905-07-08"), one: text("2016"), other: text("1905") },
        Problem::ConstraintBroken { found: text("20160"), message: text("Enter a year with four digits.") },
        Problem::NotRelevant { found: text("2"), condition: text("I-6 > 0") },
        Problem::LinkInvalid { found: text("not public") },
        Problem::LinkGone { found: text("https://example.org/law.pdf"), since: text("2022-10-03") },
        Problem::LinkMoved {
            found: text("http://example.org/law.pdf"),
            to: text("https://example.org/laws/12.pdf"),
            since: text("2022-10-03"),
        },
        Problem::LinkClosed {
            found: text("https://example.org/law.pdf"),
            status: 401,
            since: text("2022-10-03"),
        },
        Problem::LinkCertificate { found: text("https://example.org/law.pdf"), since: text("2022-10-03") },
        Problem::LinkSilent { found: text("https://example.org/law.pdf"), since: text("2022-10-03") },
        Problem::LinkNotPublic {
            found: text("https://intranet.example.org/law.pdf"),
            since: text("2022-10-03"),
        },
        Problem::TextLong { found: 40_000, limit: 32_767 },
        Problem::CellError { found: text("#REF!") },
        Problem::CellFormula { found: text("2") },
        Problem::DateUnexpected { found: text("2022-04-03") },
    ]
}

/// What a sheet hides or adds.
fn of_sheets() -> Vec<Problem> {
    vec![
        Problem::RowsHidden { count: 3, cells: text("D9:D11") },
        Problem::RowsFiltered { count: 4, cells: text("D9:D11, D14") },
        Problem::ColumnHidden { count: 2, cells: text("D9:D10") },
        Problem::SheetHidden { questions: text("I-1, I-1.1, I-2") },
        Problem::CellMerged { region: text("D9:D11"), used: text("D9") },
        Problem::StrayContent { found: text("see annex"), count: 2, cells: text("H9, B40") },
        Problem::ColumnAdded { found: text("Notes"), count: 5 },
        Problem::ColumnUnread { found: text("Digital ID law") },
        Problem::RowTooLong { found: text("2"), cells: text("ND7:NF7") },
        Problem::NotesUnread { count: 2, cells: text("D9, F12") },
        Problem::SheetNotRead { questions: text("I-1, I-1.1, I-2") },
        Problem::FormulaWithoutResult,
        Problem::CellMasked { found: text("2") },
    ]
}

/// What shows when answers are compared, and what people decided.
fn of_comparisons_and_reviews() -> Vec<Problem> {
    vec![
        Problem::ExternalDiffers { found: text("0.61"), expected: text("0.6037") },
        Problem::AnswerUnconfirmed { found: text("2 = Yes"), wave: text("2020") },
        Problem::ConfirmationContradicted {
            found: text("2 = Yes"),
            previous: text("1 = In preparation"),
            wave: text("2020"),
        },
        Problem::FallUnexplained { found: text("0 = No"), previous: text("2 = Yes"), wave: text("2020") },
        Problem::EvidenceMissing { found: text("2 = Yes"), target: text("I-1.2") },
        Problem::EvidencePlaceholder { found: text("in progress"), target: text("I-1.2") },
        Problem::EvidenceError { found: text("#REF!"), target: text("I-1.2") },
        Problem::ReviewerReturned { found: text("Please attach the decree."), by: text("A. Reviewer") },
        Problem::Overridden {
            found: "2 = Yes".into(),
            to: "1 = In preparation".into(),
            by: "A. Reviewer".into(),
            reason: "The portal is announced, not open.".into(),
        },
        Problem::OverrideStale {
            found: "0 = No".into(),
            was: "2 = Yes".into(),
            to: "1 = In preparation".into(),
            by: "A. Reviewer".into(),
        },
        Problem::OverrideConflict {
            found: "2 = Yes".into(),
            one: "1 = In preparation (A. Reviewer)".into(),
            other: "0 = No (B. Reviewer)".into(),
        },
        Problem::EvidenceFound {
            found: "2 = Yes".into(),
            evidence: "https://www.example.org/decree.pdf".into(),
            by: "A. Reviewer".into(),
            reason: "The decree is public.".into(),
        },
        Problem::RespondentsTied { found: text("2 (1), 0 (1)"), used: text("2") },
    ]
}
