//! Expressions: what parses, what it means, and that writing and reading agree.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn answers(pairs: &[(&str, &str)]) -> HashMap<Id, String> {
    pairs.iter().map(|(id, value)| (Id::from(*id), (*value).to_owned())).collect()
}

fn holds(expression: &str, this: &str, pairs: &[(&str, &str)]) -> bool {
    Expression::parse(expression).unwrap().holds(this, &answers(pairs))
}

#[test]
fn a_blank_answer_is_neither_above_nor_equal_to_a_number() {
    assert!(holds("${I-6} > 0", "", &[("I-6", "1")]));
    assert!(!holds("${I-6} > 0", "", &[("I-6", "0")]));
    assert!(!holds("${I-6} > 0", "", &[]));
    assert!(!holds("${I-6} = 0", "", &[]));
}

#[test]
fn the_consistency_rules_of_the_codebook_can_be_said() {
    let rule = ". != '2' or ${I-4} = '2'";
    assert!(holds(rule, "1", &[("I-4", "0")]));
    assert!(holds(rule, "2", &[("I-4", "2")]));
    assert!(!holds(rule, "2", &[("I-4", "1")]));
    let whole = ". != '2' or (${I-2} = '2' and ${I-3} = '2' and ${I-4} = '2')";
    assert!(!holds(whole, "2", &[("I-2", "2"), ("I-3", "2"), ("I-4", "0")]));
    assert!(holds(whole, "2", &[("I-2", "2"), ("I-3", "2"), ("I-4", "2")]));
}

#[test]
fn binds_as_in_xpath() {
    for (expression, expected) in [
        ("1 + 2 * 3 = 7", true),
        ("(1 + 2) * 3 = 7", false),
        ("7 mod 4 = 3 and 8 div 2 = 4", true),
        ("1 = 1 or 1 = 2 and 1 = 3", true),
        ("-2 + 3 = 1", true),
        ("2 < 3 = true()", true),
        ("not(selected('1 2 5', '5'))", false),
        ("selected('12 5', '1')", false),
        ("count-selected('1 2  5') = 3", true),
        ("string-length('été') = 3", true),
        ("if(1 > 2, 'a', 'b') = 'b'", true),
        ("coalesce('', 'x') = \"x\"", true),
        ("'10' > '9'", true),
        ("regex('2016', '[0-9]{4}') and not(regex('20160', '[0-9]{4}'))", true),
        ("string-length('😀') = 2", true),
        ("'1e3' > 5 or '+7' > 5 or 'inf' > 5 or 'nan' != 'nan'", false),
        ("' -7.50 ' = -7.5 and '.5' = 0.5 and '5.' = 5", true),
        ("-7 mod 3 = -1 and 7 mod -3 = 1", true),
        ("1 div 0 > 1000 and not(0 div 0 = 0 div 0)", true),
        ("string-length(-1 div 0) = 9", true),
        ("string-length(0 * -1) = 1", true),
        ("selected('a b', ' b ')", true),
    ] {
        assert_eq!(holds(expression, "", &[]), expected, "{expression}");
    }
}

#[test]
fn says_where_an_expression_is_wrong() {
    for (expression, expected) in [
        ("", "at character 1: the expression ends too early"),
        ("${I-1} >", "at character 9: the expression ends too early"),
        ("pulldata('x')", "at character 1: the function \"pulldata\" is not supported"),
        ("1 + 'abc", "at character 5: the text is not closed"),
        ("${} = 1", "at character 1: the reference names no question"),
        ("$I = 1", "at character 1: a reference is written ${question}"),
        ("selected(., '1'", "at character 16: \")\" is missing here"),
        ("selected(.)", "at character 1: selected() takes 2 argument(s), 1 given"),
        ("1 2", "at character 3: unexpected number 2"),
        ("1 # 2", "at character 3: the character \"#\" is not supported"),
        ("regex(., ${I-1})", "at character 10: the pattern of regex() must be a text in quotes"),
        ("regex(., '\\d+(a')", "at character 14: the pattern cannot be used: unclosed group"),
        ("regex(., 'a(?=b)')", "at character 12: the pattern cannot be used: look-around"),
        ("regex(.)", "at character 1: regex() takes 2 argument(s), 1 given"),
        ("é & 1", "at character 3: the character \"&\" is not supported"),
    ] {
        let message = Expression::parse(expression).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{expression}: {message}");
    }
}

#[test]
fn deep_nesting_is_refused_not_a_stack_overflow() {
    let deep = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(Expression::parse(&deep).unwrap_err().problem.contains("nested"));
    let minus = "-".repeat(100_000);
    assert!(Expression::parse(&minus).is_err());
}

#[test]
fn long_chains_are_no_nesting() {
    let chain = vec!["1 = 1"; 200].join(" and ");
    assert!(holds(&chain, "", &[]));
}

#[test]
fn names_the_references() {
    let expression = Expression::parse("${I-2} = '2' and (. > ${I-10} or ${I-2} = 1)").unwrap();
    let ids: Vec<_> = expression.references().into_iter().map(Id::as_str).collect();
    assert_eq!(ids, ["I-2", "I-10"]);
}

#[test]
fn an_answer_alone_is_no_condition() {
    for (expression, bare) in [
        ("${I-1}", Some("${I-1}")),
        ("not(.)", Some(".")),
        ("${I-1} = 1 and ${I-2}", Some("${I-2}")),
        ("if(${I-1}, 1, 2) = 1", Some("${I-1}")),
        ("if(${I-1} = 1, ${I-2}, 2)", Some("${I-2}")),
        ("if(${I-1} = 1, ${I-2}, 2) = 3", None),
        ("coalesce(${I-1}, ${I-2}) = 3", None),
        ("coalesce(${I-1}, ${I-2})", Some("${I-1}")),
        ("${I-1} = true()", Some("${I-1}")),
        ("${I-1} = 1 and (. > 2 or selected(${I-2}, '1'))", None),
        ("regex(., 'a') and -${I-1} < 2", None),
    ] {
        let expression = Expression::parse(expression).unwrap();
        assert_eq!(expression.bare_condition().map(ToString::to_string).as_deref(), bare, "{expression}");
    }
}

fn any_expression() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        (0_u16..3000).prop_map(|n| Expression::Number(f64::from(n) / 4.0)),
        "[a-z \"]{0,6}".prop_map(Expression::Text),
        Just(Expression::This),
        (1_u8..50).prop_map(|n| Expression::Reference(Id::from(format!("I-{n}.1")))),
        Just(Expression::Call(Function::True, vec![])),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let operator = prop_oneof![
            Just(Operator::Or),
            Just(Operator::And),
            Just(Operator::Equal),
            Just(Operator::Less),
            Just(Operator::GreaterOrEqual),
            Just(Operator::Add),
            Just(Operator::Subtract),
            Just(Operator::Divide),
        ];
        prop_oneof![
            inner.clone().prop_map(|e| Expression::Negate(Box::new(e))),
            (operator, inner.clone(), inner.clone()).prop_map(|(o, a, b)| Expression::Binary(
                o,
                Box::new(a),
                Box::new(b)
            )),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| Expression::Call(Function::If, vec![a, b, c])),
            (inner.clone(), prop_oneof![Just("[0-9]+"), Just("a|b'"), Just("\\w \"?")]).prop_map(|(e, p)| {
                Expression::parse(&format!("regex({e}, {})", Expression::Text(p.to_owned()))).unwrap()
            }),
            inner.prop_map(|e| Expression::Call(Function::Not, vec![e])),
        ]
    })
}

/// Each argument is worked out once: else the work would double with each call within a call.
#[test]
fn calls_within_calls_take_no_longer_than_calls_beside_each_other() {
    let (mut first, mut condition) = ("${a}".to_owned(), "${a}".to_owned());
    for _ in 0..50 {
        first = format!("coalesce({first}, '')");
        condition = format!("if({condition} = '', '', 'x')");
    }
    for text in [first, condition] {
        let expression = Expression::parse(&format!("{text} = ''")).unwrap();
        assert!(expression.holds("", &answers(&[])));
    }
}

proptest! {
    #[test]
    fn written_and_read_again_is_the_same_expression(expression in any_expression()) {
        let text = expression.to_string();
        prop_assert_eq!(Expression::parse(&text), Ok(expression), "{}", text);
    }

    #[test]
    fn any_text_parses_or_is_refused_without_panic(text in "\\PC{0,60}") {
        let _ = Expression::parse(&text).map(|e| e.holds("1", &answers(&[])));
    }
}
