//! The rules: what each saw.

use serde::{Deserialize, Serialize};

/// What a rule saw. The fields of each variant are the placeholders of its sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum Problem {
    /// The file has no bytes.
    FileEmpty,
    /// The file is no workbook, whatever its name says.
    FileNotWorkbook {
        /// What its content looks like.
        looks_like: String,
    },
    /// The workbook is protected by a password for opening.
    FileEncrypted,
    /// The file ends early or its parts do not fit together.
    FileDamaged {
        /// What does not fit, in plain words.
        reason: String,
    },
    /// The file is larger than the reader accepts.
    FileTooLarge {
        /// What is too large, with its unit.
        found: String,
        /// The most that is accepted.
        limit: String,
    },
    /// A kind of workbook that is not accepted.
    FileKind {
        /// The kind, e.g. `xlsb`.
        kind: String,
    },
    /// The reader failed on this file.
    FileUnreadable {
        /// What the reader said.
        reason: String,
    },
    /// Reading the file takes too long.
    FileTakesLong {
        /// Seconds of computing time that a file may take.
        seconds: u64,
    },
    /// The program that read the file broke off, for want of memory or by a fault that the file brings out.
    FileBreaksReader {
        /// The memory that a file may take.
        limit: String,
    },
    /// A readable workbook in which neither layout is recognised.
    LayoutUnknown {
        /// The sheets that were found.
        sheets: String,
    },
    /// The questionnaire belongs to another framework.
    FrameworkOther {
        /// The framework named in the file.
        found: String,
        /// The framework of this run.
        expected: String,
    },
    /// The submission is for another wave.
    WaveOther {
        /// The wave named in the file.
        found: String,
        /// The wave of this run.
        expected: String,
    },
    /// It is not told for which wave the submission is.
    WaveUnclear {
        /// What stands where the year belongs; it may be nothing.
        found: String,
        /// The wave of this run.
        expected: String,
    },
    /// Several submissions of one economy in one export, of which nobody can tell which was sent last.
    SubmissionsUnordered {
        /// The time of submission as it stands in the export; it may be nothing.
        found: String,
    },
    /// A second table of answers with questions that the table that is read does not have.
    TableUnread {
        /// The questions that are nowhere else.
        questions: String,
    },
    /// A row of headings that names questions and not whose answers stand below it.
    HeadingsDiffer {
        /// Where the row of headings stands.
        headings: String,
    },
    /// Answers that stand above the row of headings.
    AnswersAbove {
        /// How many.
        count: usize,
        /// Where.
        cells: String,
    },
    /// A column from which nothing is read holds years, and no other column says for which wave the rows are.
    YearsUnread {
        /// Its heading.
        found: String,
    },
    /// Rows of other waves that were passed over.
    RowsPassedOver {
        /// The years that they are for.
        found: String,
        /// How many rows.
        count: usize,
        /// Where.
        cells: String,
    },
    /// A table of submissions beside what was read.
    TableBeside {
        /// How many submissions it holds.
        count: usize,
    },
    /// Question numbers that would make a table of answers, without the headings that say whose they are.
    HeadingsMissing {
        /// How many questions were found.
        count: usize,
        /// The headings that are missing.
        missing: String,
    },
    /// The questionnaire was made from another version of the instrument.
    InstrumentOther {
        /// The version named in the file.
        found: String,
        /// The current version.
        expected: String,
    },
    /// The questionnaire was made from an earlier version whose questions are known.
    InstrumentEarlier {
        /// The version named in the file.
        found: Box<str>,
        /// The current version.
        expected: Box<str>,
        /// How many answers were carried over to another question or choice.
        carried: usize,
        /// The questions that are no longer asked, or a dash.
        dropped: Box<str>,
        /// The questions that the earlier version did not have, or a dash.
        added: Box<str>,
    },
    /// The questionnaire was made from an unknown version whose questions differ.
    InstrumentDiffers {
        /// The version named in the file.
        found: Box<str>,
        /// The current version.
        expected: Box<str>,
        /// The questions in the file that are unknown, or a dash.
        unknown: Box<str>,
        /// The questions that the file lacks, or a dash.
        absent: Box<str>,
    },
    /// No economy is named.
    EconomyMissing,
    /// The economy is not in the table of economies.
    EconomyUnknown {
        /// What stands there.
        found: String,
        /// The nearest spelling, as a sentence fragment or empty.
        proposal: String,
    },
    /// The economy was named by another code or by its name.
    EconomyAlias {
        /// What stands there.
        found: String,
        /// The code that it was taken for.
        code: String,
    },
    /// One file holds the economy more than once.
    EconomyDoubled {
        /// The economy's code.
        code: String,
        /// The other places.
        places: String,
    },
    /// Two economies are named for the same answers.
    EconomyContradicted {
        /// What stands in the other place.
        found: String,
        /// The code of the economy that is named first.
        code: String,
        /// The other place.
        place: String,
    },
    /// The e-mail address is not one.
    EmailInvalid,
    /// What is said of who collected the answers is none of the ways that there are.
    CollectedUnclear {
        /// The text.
        found: String,
    },
    /// A header value is too long.
    HeaderLong {
        /// Characters found.
        found: usize,
        /// Characters accepted.
        limit: usize,
    },
    /// Reviewers rejected the submission on the server that it comes from.
    ReviewRejected {
        /// The state of review as it stands in the export.
        found: String,
    },
    /// Reviewers have questions about the submission on the server that it comes from.
    ReviewOpen {
        /// The state of review as it stands in the export.
        found: String,
    },
    /// A question id that the instrument does not have.
    QuestionUnknown {
        /// The id in the file.
        found: String,
        /// The nearest id, as a sentence fragment or empty.
        proposal: String,
    },
    /// A question is answered in two places with different content.
    QuestionDoubled {
        /// The place that is used.
        used: String,
    },
    /// A required question without an answer.
    AnswerMissing,
    /// The answer is not in the list of choices.
    ChoiceUnknown {
        /// What stands there.
        found: String,
        /// The choices.
        accepted: String,
    },
    /// The answer was read leniently.
    ReadAs {
        /// What stands there.
        found: String,
        /// What it was taken for.
        taken: String,
    },
    /// The encoding of a text table was assumed.
    EncodingAssumed {
        /// The encoding, by its usual name.
        encoding: String,
    },
    /// An address lies behind a text that does not show it; both were taken.
    LinkBehind {
        /// The text.
        found: String,
        /// The address.
        link: String,
    },
    /// The answer is not a number.
    NumberInvalid {
        /// What stands there.
        found: String,
    },
    /// The number can be read in two ways.
    NumberAmbiguous {
        /// What stands there.
        found: String,
        /// One way.
        one: String,
        /// The other way.
        other: String,
    },
    /// The number should be whole.
    NumberNotWhole {
        /// What stands there.
        found: String,
    },
    /// The answer is not a year.
    YearInvalid {
        /// What stands there.
        found: String,
    },
    /// A date or period in which the year can be read in two ways.
    YearAmbiguous {
        /// What stands there.
        found: String,
        /// One year.
        one: String,
        /// The other year.
        other: String,
    },
    /// The answer breaks the question's constraint.
    ConstraintBroken {
        /// What stands there.
        found: String,
        /// The framework's message in the language of the submission.
        message: String,
    },
    /// The question does not apply, yet it is answered.
    NotRelevant {
        /// What stands there.
        found: String,
        /// The condition under which it applies, e.g. `I-6 > 0`.
        condition: String,
    },
    /// The text is not a web address.
    LinkInvalid {
        /// What stands there.
        found: String,
    },
    /// A link that was opened leads to nothing any more.
    LinkGone {
        /// The address.
        found: String,
        /// Since when, `YYYY-MM-DD`.
        since: String,
    },
    /// A link that was opened has moved for good.
    LinkMoved {
        /// The address.
        found: String,
        /// Where it leads now.
        to: String,
        /// Since when, `YYYY-MM-DD`.
        since: String,
    },
    /// A link that was opened is not open to everyone.
    LinkClosed {
        /// The address.
        found: String,
        /// The server's status, e.g. 401.
        status: u16,
        /// Since when, `YYYY-MM-DD`.
        since: String,
    },
    /// The server of a link cannot prove that it is the right one.
    LinkCertificate {
        /// The address.
        found: String,
        /// Since when, `YYYY-MM-DD`.
        since: String,
    },
    /// The server of a link does not answer, or fails.
    LinkSilent {
        /// The address.
        found: String,
        /// Since when, `YYYY-MM-DD`.
        since: String,
    },
    /// A link leads into a network that is not public.
    LinkNotPublic {
        /// The address.
        found: String,
        /// Since when, `YYYY-MM-DD`.
        since: String,
    },
    /// The text is longer than a cell can show.
    TextLong {
        /// Characters found.
        found: usize,
        /// Characters accepted.
        limit: usize,
    },
    /// The cell holds an error value.
    CellError {
        /// The error value, e.g. `#REF!`.
        found: String,
    },
    /// The answer is the result of a formula.
    CellFormula {
        /// The result that is used.
        found: String,
    },
    /// Answers stand in rows that are hidden.
    RowsHidden {
        /// How many.
        count: usize,
        /// Where.
        cells: String,
    },
    /// Answers stand in rows that a filter hides.
    RowsFiltered {
        /// How many.
        count: usize,
        /// Where.
        cells: String,
    },
    /// Answers stand in a column that is hidden.
    ColumnHidden {
        /// How many.
        count: usize,
        /// Where.
        cells: String,
    },
    /// A hidden sheet with questions that stand nowhere else.
    SheetHidden {
        /// The questions.
        questions: String,
    },
    /// A cell to be read is merged with others and is not the first of them.
    CellMerged {
        /// The merged region.
        region: String,
        /// The cell whose content counts.
        used: String,
    },
    /// Content stands where nothing is read.
    StrayContent {
        /// The first of it.
        found: String,
        /// In how many cells.
        count: usize,
        /// Where.
        cells: String,
    },
    /// A column that the questionnaire does not have.
    ColumnAdded {
        /// Its heading.
        found: String,
        /// How many of its cells are filled.
        count: usize,
    },
    /// A column of a table from which nothing is read.
    ColumnUnread {
        /// Its heading.
        found: String,
    },
    /// A row of a table has content beyond the last heading.
    RowTooLong {
        /// The first of it.
        found: String,
        /// Where.
        cells: String,
    },
    /// Cells carry notes, comments or text boxes of the sender, which are not read.
    NotesUnread {
        /// How many.
        count: usize,
        /// Which cells.
        cells: String,
    },
    /// A sheet with question numbers in which no answers can be found.
    SheetNotRead {
        /// The questions that are nowhere else.
        questions: String,
    },
    /// A formula has no stored result.
    FormulaWithoutResult,
    /// The cell shows something else than it holds.
    CellMasked {
        /// What it holds.
        found: String,
    },
    /// A date stands where none is expected.
    DateUnexpected {
        /// What stands there.
        found: String,
    },
    /// The file's value of an external index differs from the table of external indices.
    ExternalDiffers {
        /// What stands there.
        found: String,
        /// The value in the table, or empty.
        expected: String,
    },
    /// A previous answer was filled in and is neither confirmed nor changed.
    AnswerUnconfirmed {
        /// The answer.
        found: String,
        /// The wave that it is from.
        wave: String,
    },
    /// A previous answer is said to be confirmed, and the answer is another one.
    ConfirmationContradicted {
        /// The answer.
        found: String,
        /// The previous answer.
        previous: String,
        /// The wave that it is from.
        wave: String,
    },
    /// The answer is lower than in the previous wave and no reason is given.
    FallUnexplained {
        /// The answer.
        found: String,
        /// The previous answer.
        previous: String,
        /// The wave that it is from.
        wave: String,
    },
    /// An answer that earns points has no evidence.
    EvidenceMissing {
        /// The answer.
        found: String,
        /// The question at which the evidence belongs.
        target: String,
    },
    /// What stands as evidence is only a placeholder.
    EvidencePlaceholder {
        /// What stands there.
        found: String,
        /// The question at which the evidence belongs.
        target: String,
    },
    /// What stands as evidence is the error of a formula.
    EvidenceError {
        /// The error.
        found: String,
        /// The question at which the evidence belongs.
        target: String,
    },
    /// A reviewer returned the submission.
    ReviewerReturned {
        /// The reviewer's comment.
        found: String,
        /// Who.
        by: String,
    },
    /// A reviewer put another answer in the place of the submitted one.
    Overridden {
        /// What is submitted.
        found: Box<str>,
        /// What counts.
        to: Box<str>,
        /// Who.
        by: Box<str>,
        /// Why.
        reason: Box<str>,
    },
    /// The submitted answer stays, with evidence that a reviewer found.
    EvidenceFound {
        /// What is submitted, and counts.
        found: Box<str>,
        /// The link or document.
        evidence: Box<str>,
        /// Who.
        by: Box<str>,
        /// Why.
        reason: Box<str>,
    },
    /// An override no longer fits what is submitted.
    OverrideStale {
        /// What is submitted now.
        found: Box<str>,
        /// What the override replaces.
        was: Box<str>,
        /// What it would put there.
        to: Box<str>,
        /// Who.
        by: Box<str>,
    },
    /// Two reviewers want different answers.
    OverrideConflict {
        /// What is submitted.
        found: Box<str>,
        /// What one wants, and who.
        one: Box<str>,
        /// What another one wants, and who.
        other: Box<str>,
    },
    /// Several respondents of the economy answered, and no answer has the most votes.
    RespondentsTied {
        /// Every answer with its votes.
        found: String,
        /// The answer in force.
        used: String,
    },
}
