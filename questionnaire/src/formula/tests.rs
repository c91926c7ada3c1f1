//! The text of formulas; that they mean the same as the expressions is shown with `LibreOffice` in `tests/`.

use super::*;

fn offered(column: char, codes: &[&str]) -> Vec<Offered> {
    let offer = |(row, code): (usize, &&str)| Offered {
        code: (*code).to_owned(),
        label: Some(format!("Lists!${column}${}", row + 2)),
    };
    codes.iter().enumerate().map(offer).collect()
}

fn cell(id: &Id) -> Option<AnswerCell> {
    let (at, holds) = match id.as_str() {
        "one" => ("$D$5", Holds::Choice(offered('A', &["0", "1", "2"]))),
        "other" => ("$D$6", Holds::Choice(offered('B', &["0", "2"]))),
        "many" => ("$D$7", Holds::Choices(vec![Offered { code: "1".to_owned(), label: None }])),
        "year" => ("$D$8", Holds::Number),
        "name" => ("$D$9", Holds::Text),
        _ => return None,
    };
    Some(AnswerCell { at: at.to_owned(), holds })
}

fn formula(expression: &str) -> Result<String, Unsupported> {
    let this = cell(&Id::from("one"));
    let marks = ["-".to_owned(), "n/a".to_owned()];
    let cells = Cells { question: &cell, this: this.as_ref(), marks: &marks };
    compile(&Expression::parse(expression).unwrap(), &cells)
}

#[test]
fn a_condition_on_one_choice_is_a_test_for_its_labels_and_codes() {
    for (expression, expected) in [
        ("${one} > 1", r#"OR(TRIM($D$5)=TRIM(Lists!$A$4),TRIM($D$5)="2")"#),
        (". != '2'", r#"NOT(OR(TRIM($D$5)=TRIM(Lists!$A$4),TRIM($D$5)="2"))"#),
        ("regex(., '[2-9]')", r#"OR(TRIM($D$5)=TRIM(Lists!$A$4),TRIM($D$5)="2")"#),
        ("${one} = '7'", "FALSE"),
        (
            "${one} != ''",
            r#"OR(TRIM($D$5)=TRIM(Lists!$A$2),TRIM($D$5)="0",TRIM($D$5)=TRIM(Lists!$A$3),TRIM($D$5)="1",TRIM($D$5)=TRIM(Lists!$A$4),TRIM($D$5)="2")"#,
        ),
        (
            ". != '2' or ${other} = '2'",
            r#"OR(NOT(OR(TRIM($D$5)=TRIM(Lists!$A$4),TRIM($D$5)="2")),OR(TRIM($D$6)=TRIM(Lists!$B$3),TRIM($D$6)="2"))"#,
        ),
        ("1 + 1 = 2", "TRUE"),
    ] {
        assert_eq!(formula(expression).as_deref(), Ok(expected), "{expression}");
    }
}

#[test]
fn what_has_no_equivalent_is_said() {
    for (expression, expected) in [
        ("regex(${name}, '[A-Z].*')", "regex() has no equivalent in a spreadsheet"),
        ("${missing} = 1", "${missing} has no cell in the workbook"),
        ("${name} > 5", "the number in a text would not mean the same in a spreadsheet"),
        ("${year} = ${name}", "the text of a number would not mean the same in a spreadsheet"),
        ("${year} div ${one} + 1 > 2", "reckoning with ${year} div ${one} would not mean the same"),
        ("string-length(${year} + 1) = 4", "the text of ${year} + 1 would not mean the same"),
    ] {
        let message = formula(expression).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{expression}: {message}");
    }
    let long = format!("${{name}} = '{}'", "x".repeat(256));
    assert_eq!(formula(&long), Err(Unsupported::Limit("255 characters of a text")));
    let many = vec!["${year} = ${one}"; 60].join(" and ");
    assert_eq!(formula(&many), Err(Unsupported::Limit("8,192 characters")));
    let deep = format!("{}${{year}} > 1 or ${{name}} = 'a'{}", "not(".repeat(60), ")".repeat(60));
    assert_eq!(formula(&deep), Err(Unsupported::Limit("64 nested functions")));
}
