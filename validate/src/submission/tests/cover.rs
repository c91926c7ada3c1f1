//! Whose answers these are, and for which wave.

use super::*;

#[test]
fn the_header_is_checked() {
    let long = "x".repeat(300);
    for (pairs, state, expected) in [
        (vec![], State::Returned, "error ECONOMY-001 No economy is named."),
        (
            vec![(HeaderField::Economy, "Kenia")],
            State::Returned,
            "error ECONOMY-002 Cover!C1: The economy \"Kenia\" is not known (KEN?).",
        ),
        (
            vec![(HeaderField::Economy, "kenya")],
            State::Accepted,
            "info ECONOMY-003 Cover!C1: The economy \"kenya\" was read as KEN.",
        ),
        (
            vec![KENYA, (HeaderField::Wave, "2028")],
            State::Returned,
            "error LAYOUT-003 Cover!C2: The answers are for wave 2028, but wave 2030 is being collected.",
        ),
        (
            vec![KENYA, (HeaderField::Wave, "FY2030")],
            State::Returned,
            "error LAYOUT-008 Cover!C2: The year belongs here, and \"FY2030\" is none,",
        ),
        (
            vec![KENYA, (HeaderField::Version, "2030.1"), (HeaderField::InstrumentHash, "00")],
            State::Accepted,
            "warning LAYOUT-007 Cover!C3: The questionnaire is version 2030.1; the current one is 2030.2, and their questions differ.",
        ),
        (
            vec![KENYA, (HeaderField::Collected, "by me")],
            State::Accepted,
            "warning COLLECTED-001 Cover!C2: \"by me\" does not say who collected the answers,",
        ),
        (
            vec![KENYA, (HeaderField::ContactEmail, "jane at treasury")],
            State::Accepted,
            "warning CONTACT-001 Cover!C2: The e-mail address of the focal point is not valid.",
        ),
        (
            vec![KENYA, (HeaderField::ContactName, &long)],
            State::Accepted,
            "warning CONTACT-002 Cover!C2: The text is too long for this field: 300 characters, and at most 200 are kept.",
        ),
    ] {
        let validation = check(&pairs, &[response(8, "Q-1", text("2"))], None);
        let found = lines(&validation);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected), "expected {expected}\nfound    {}", found[0]);
        assert_eq!(validation.state, state, "{expected}");
        assert!(!found[0].contains("jane"), "personal data");
    }
    for (other, expected) in [("kenya", 0), ("Uganda", 1)] {
        let both =
            check(&[KENYA, (HeaderField::OtherEconomy, other)], &[response(8, "Q-1", text("2"))], None);
        assert_eq!(both.findings.len(), expected, "{other}");
        assert!(both.findings.iter().all(|finding| finding.rule() == "ECONOMY-005" && finding.blocks()));
    }
    let doubled = check(&[KENYA], &[response(8, "Q-1", text("2"))], Some("Data!B7, Data!B90"));
    assert_eq!(doubled.state, State::Returned);
    assert!(lines(&doubled)[0].contains("appears more than once in this file (Data!B7, Data!B90)"));
}

#[test]
fn the_wave_is_understood_however_its_year_is_written_and_asked_for_in_a_table() {
    let q1 = [response(8, "Q-1", text("2"))];
    for year in
        ["2030", "2030.0", "2030,0", "\u{662}\u{660}\u{663}\u{660}", "\u{ff12}\u{ff10}\u{ff13}\u{ff10}", ""]
    {
        let validation = check(&[KENYA, (HeaderField::Wave, year)], &q1, None);
        assert_eq!(lines(&validation), Vec::<String>::new(), "{year}");
        assert_eq!(validation.wave, Some(maturity::submission::Wave(2030)), "{year}");
    }
    let table = Received {
        layout: Layout::Dataset,
        place: Place::sheet("D"),
        header: header(&[KENYA, (HeaderField::Wave, "")]),
        responses: q1.to_vec(),
        findings: Vec::new(),
        contests: Vec::new(),
    };
    let (framework, economies) = (framework(), economies());
    let header = header::read(&table, None, &framework, &economies);
    let rules: Vec<_> = header.findings.iter().map(|finding| (finding.rule(), finding.severity)).collect();
    assert_eq!(rules, [("LAYOUT-008", Severity::Error)]);
    assert_eq!(header.wave, None);
}

#[test]
fn a_mark_or_an_answer_is_no_economy_unless_the_name_beside_it_says_so() {
    let economy = |code: &str, iso2: &str, name: &str| Economy {
        code: EconomyCode::new(code),
        name: name.to_owned(),
        iso3: code.to_owned(),
        iso2: iso2.to_owned(),
        ..economies().get(&EconomyCode::new("KEN")).unwrap().clone()
    };
    let known = Economies::new(vec![
        economy("NAM", "NA", "Namibia"),
        economy("NOR", "NO", "Norway"),
        economy("COD", "CD", "Congo, Dem. Rep."),
        economy("COG", "CG", "Congo, Rep."),
        economy("004", "AF", "Afghanistan"),
    ])
    .0;
    let named = |name: &str, beside: &str| {
        let mut pairs = vec![(HeaderField::Economy, name)];
        pairs.extend(Some((HeaderField::OtherEconomy, beside)).filter(|(_, beside)| !beside.is_empty()));
        let mut received = Received {
            layout: Layout::Dataset,
            place: Place::sheet("Cover"),
            header: header(&pairs),
            responses: Vec::new(),
            findings: Vec::new(),
            contests: Vec::new(),
        };
        received.header.push(HeaderValue { field: HeaderField::Wave, ..received.header[0].clone() });
        received.header.last_mut().unwrap().value = CellValue::Number(2030.0);
        let read = header::read(&received, None, &framework(), &known);
        let first = read.findings.first().map(|found| found.message(&Language::english()));
        (read.economy.map(|code| code.to_string()).unwrap_or_default(), first.unwrap_or_default())
    };
    for (name, beside, economy, said) in [
        ("NA", "", "", "No economy is named"),
        ("NA", "Namibia", "NAM", "was read as NAM"),
        ("na", "Norway", "", "No economy is named"),
        ("No", "", "", "\"No\" is not known (NOR?)"),
        ("NO", "Norway", "NOR", "was read as NOR"),
        ("NOR", "", "NOR", ""),
        // What a program made of 004.
        ("4", "Afghanistan", "004", "was read as 004"),
        ("4", "Norway", "", "\"4\" is not known (004?)"),
        ("Congo", "", "", "\"Congo\" is not known (COD, COG?)"),
    ] {
        let (found, message) = named(name, beside);
        assert_eq!(found, economy, "{name} {beside}");
        assert!(message.contains(said), "{name}: {message}");
    }
}
