//! What an answer cell says: which choice is taken, the number, the text.

use super::{AnswerCell, Cells, Holds, Offered, Unsupported, any_of, quoted};

/// What separates the marks in the text that is searched for one. No mark may hold it.
const BETWEEN: char = '|';
/// The most digits before the first blank of a number that is written in groups.
pub(crate) const LONGEST_GROUP: usize = 3;

/// Whether the cell of a single choice holds one of the choices that `wanted` picks.
pub(super) fn is_one_of(
    at: &str,
    choices: &[Offered],
    wanted: impl Fn(&str) -> bool,
) -> Result<String, Unsupported> {
    let mut tests = Vec::new();
    for choice in choices.iter().filter(|choice| wanted(&choice.code)) {
        tests.extend(choice.label.as_ref().map(|label| is_label(at, label)));
        tests.push(format!("TRIM({at})={}", quoted(&choice.code)?));
    }
    any_of(&tests)
}

/// Whether the cell holds a label, whatever blanks stand around it.
fn is_label(at: &str, label: &str) -> String {
    format!("TRIM({at})=TRIM({label})")
}

/// Whether the cell of several choices holds `choice`: its code among the codes, or its label alone.
pub(super) fn is_selected(at: &str, choice: &Offered) -> Result<String, Unsupported> {
    let code = quoted(&format!(" {} ", choice.code))?;
    let codes =
        format!("\" \"&SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({at},\",\",\" \"),\";\",\" \"),\"|\",\" \")&\" \"");
    let by_code = format!("ISNUMBER(FIND({code},{codes}))");
    let by_label = choice.label.as_ref().map(|label| is_label(at, label));
    any_of(&std::iter::once(by_code).chain(by_label).collect::<Vec<_>>())
}

/// The number in the cell of a number, or an error.
pub(super) fn number(at: &str) -> String {
    // NUMBERVALUE takes an empty text for 0, and two years with a blank between them for one number: no group of
    // thousands is longer than three digits. A point is always the decimal point, whatever the system's language.
    format!(
        "IF(ISNUMBER({at}),{at},IF(OR(TRIM({at})=\"\",IFERROR(FIND(\" \",TRIM({at})),0)>{}),NA(),\
         _xlfn.NUMBERVALUE({at},\".\",\" \")))",
        LONGEST_GROUP + 1
    )
}

/// Whether the cell of a whole number holds none.
pub(crate) fn is_not_whole(at: &str) -> String {
    let number = number(at);
    format!("IFERROR({number}<>INT({number}),TRUE)")
}

/// Whether the cell of a number holds one.
pub(super) fn is_number(at: &str) -> String {
    format!("ISNUMBER({})", number(at))
}

/// The text in a cell of text: nothing where a mark for "no answer" stands.
pub(super) fn text(at: &str, marks: &[String]) -> Result<String, Unsupported> {
    let trimmed = format!("TRIM({at})");
    if marks.is_empty() {
        return Ok(trimmed);
    }
    if marks.iter().any(|mark| mark.contains(BETWEEN)) {
        return Err(Unsupported::Meaning("a mark for \"no answer\" that holds a bar".to_owned()));
    }
    let among = quoted(&format!("{BETWEEN}{}{BETWEEN}", marks.join("|").to_lowercase()))?;
    let found = format!("FIND(\"{BETWEEN}\"&LOWER({trimmed})&\"{BETWEEN}\",{among})");
    Ok(format!("IF(ISNUMBER({found}),\"\",{trimmed})"))
}

/// The answer in a cell as a text.
pub(super) fn as_text(cell: &AnswerCell, cells: &Cells<'_>) -> Result<String, Unsupported> {
    let at = &cell.at;
    match &cell.holds {
        // The tests exclude each other, so that joining what they give needs no nesting.
        Holds::Choice(choices) => {
            let parts: Result<Vec<_>, Unsupported> = choices
                .iter()
                .map(|choice| {
                    let test = is_one_of(at, std::slice::from_ref(choice), |_| true)?;
                    Ok(format!("IF({test},{},\"\")", quoted(&choice.code)?))
                })
                .collect();
            Ok(joined(&parts?))
        }
        Holds::Choices(choices) => {
            let parts: Result<Vec<_>, Unsupported> = choices
                .iter()
                .map(|choice| {
                    let code = quoted(&format!("{} ", choice.code))?;
                    Ok(format!("IF({},{code},\"\")", is_selected(at, choice)?))
                })
                .collect();
            Ok(format!("TRIM({})", joined(&parts?)))
        }
        // With a decimal comma in half of the world.
        Holds::Number => Err(Unsupported::Meaning("the text of a number".to_owned())),
        Holds::Text => text(at, cells.marks),
    }
}

fn joined(parts: &[String]) -> String {
    if parts.is_empty() { "\"\"".to_owned() } else { format!("({})", parts.join("&")) }
}

/// The answer in a cell as a number, or an error.
pub(super) fn as_number(cell: &AnswerCell) -> Result<String, Unsupported> {
    match &cell.holds {
        Holds::Choice(choices) => {
            let mut formula = "NA()".to_owned();
            for choice in choices.iter().rev() {
                let Some(number) = super::number::of_text(&choice.code) else { continue };
                let test = is_one_of(&cell.at, std::slice::from_ref(choice), |_| true)?;
                formula = format!("IF({test},{number},{formula})");
            }
            Ok(formula)
        }
        Holds::Number => Ok(number(&cell.at)),
        Holds::Choices(_) => Err(Unsupported::Meaning("the number of several choices".to_owned())),
        Holds::Text => Err(Unsupported::Meaning("the number in a text".to_owned())),
    }
}
