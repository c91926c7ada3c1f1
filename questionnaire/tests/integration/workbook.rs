//! What only the parts of the file show: protection, dropdowns, messages.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use questionnaire::{Entered, write};

use crate::support::{answers, economy, framework, request};

/// The parts of a questionnaire by name.
fn parts(language: &str) -> BTreeMap<String, String> {
    let (framework, economy) = (framework(), economy("KEN", "Kenya"));
    let (answers, evidence) = (answers(&framework), Entered::default());
    let bytes = write(&request(&framework, &economy, language, &answers, &evidence)).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        let name = part.name().unwrap().into_owned();
        parts.insert(name, text);
    }
    parts
}

/// The values of an attribute, in order.
fn attributes<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    xml.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// An attribute as people read it.
fn shown(text: &str) -> String {
    [("&#xA;", "\n"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (code, character)| text.replace(code, character))
}

#[test]
fn sheets_are_locked_without_password_and_stay_workable() {
    let parts = parts("en");
    for sheet in 1..=5 {
        let xml = &parts[&format!("xl/worksheets/sheet{sheet}.xml")];
        let lock = xml.split("<sheetProtection").nth(1).unwrap().split("/>").next().unwrap();
        assert!(!lock.contains("password") && !lock.contains("hash"), "{lock}");
        for allowed in ["formatColumns", "formatRows", "sort", "autoFilter"] {
            assert_eq!(attributes(lock, allowed), ["0"], "{allowed} on sheet {sheet}");
        }
        assert!(!xml.contains("<f>"), "no formulas");
    }
    for sheet in 2..=5 {
        let xml = &parts[&format!("xl/worksheets/sheet{sheet}.xml")];
        for needed in [
            "<autoFilter",
            "topLeftCell=\"A5\"",
            "orientation=\"landscape\"",
            "fitToHeight=\"0\"",
            "&amp;P / &amp;N",
        ] {
            assert!(xml.contains(needed), "{needed} on sheet {sheet}");
        }
    }
    assert!(parts["xl/workbook.xml"].contains("Print_Titles"));
    assert!(parts["xl/workbook.xml"].contains("name=\"Lists\" sheetId=\"6\" state=\"veryHidden\""));
}

#[test]
fn dropdowns_are_ranges_and_messages_short_in_every_language() {
    for language in ["en", "fr", "es"] {
        let parts = parts(language);
        let mut lists = 0;
        for (name, xml) in parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")) {
            for list in xml.split("type=\"list\"").skip(1) {
                let formula =
                    list.split("<formula1>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
                assert!(formula.starts_with("Lists!$"), "{formula} in {name}");
                lists += 1;
            }
            let too_long = |text: &&str, most| shown(text).chars().count() > most;
            assert!(!attributes(xml, "prompt").iter().any(|text| too_long(text, 255)), "{name}");
            assert!(!attributes(xml, "promptTitle").iter().any(|text| too_long(text, 32)), "{name}");
        }
        assert_eq!(lists, 197, "each asked question with one choice, and who collected the answers");
    }
}

#[test]
fn properties_name_nobody_and_no_clock() {
    let core = &parts("en")["docProps/core.xml"];
    assert!(core.contains("2022-11-30T00:00:00Z"), "{core}");
    assert!(core.contains("GovTech Maturity Index 2022: questionnaire, Kenya"), "{core}");
    assert!(core.contains("<dc:creator></dc:creator>") || !core.contains("creator"), "{core}");
}
