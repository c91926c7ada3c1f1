//! What only the parts of the file show: protection, dropdowns, messages.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use maturity::framework::{Framework, FrameworkSources};
use maturity::language::Language;
use questionnaire::{Entered, Request, write};

use crate::support::{answers, economy, framework, previous, request, sources};

/// The parts of a workbook by name.
pub(crate) fn parts_of(bytes: Vec<u8>) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let name = part.name().unwrap().into_owned();
        parts.insert(name, String::from_utf8_lossy(&bytes).into_owned());
    }
    parts
}

/// The parts of a filled-in questionnaire, with the previous wave's answers beside them.
fn parts(language: &str) -> BTreeMap<String, String> {
    let (framework, economy) = (framework(), economy("KEN", "Kenya"));
    let (answers, evidence) = (answers(&framework), Entered::default());
    let previous = previous(&framework, &answers);
    let request =
        Request { previous: Some(&previous), ..request(&framework, &economy, language, &answers, &evidence) };
    parts_of(write(&request).unwrap())
}

/// The values of an attribute, in order.
pub(crate) fn attributes<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
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
    for sheet in 1..=6 {
        let xml = &parts[&format!("xl/worksheets/sheet{sheet}.xml")];
        let lock = xml.split("<sheetProtection").nth(1).unwrap().split("/>").next().unwrap();
        assert!(!lock.contains("password") && !lock.contains("hash"), "{lock}");
        for allowed in ["formatCells", "formatColumns", "formatRows", "sort", "autoFilter"] {
            assert_eq!(attributes(lock, allowed), ["0"], "{allowed} on sheet {sheet}");
        }
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
    assert!(parts["xl/workbook.xml"].contains("name=\"Lists\" sheetId=\"7\" state=\"veryHidden\""));
}

#[test]
fn dropdowns_are_ranges_and_messages_short_in_every_language() {
    for language in ["en", "fr", "es"] {
        let parts = parts(language);
        let mut lists = 0;
        let framework = framework();
        let confirmed = previous(&framework, &answers(&framework)).answers.len();
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
            assert!(!attributes(xml, "error").iter().any(|text| too_long(text, 255)), "{name}");
            assert!(!attributes(xml, "errorTitle").iter().any(|text| too_long(text, 32)), "{name}");
            let messages = attributes(xml, "prompt").len();
            let inputs = xml.matches("<dataValidation ").count();
            assert_eq!(messages, inputs, "each input cell says what is expected: {name} in {language}");
        }
        assert_eq!(
            lists,
            197 + confirmed,
            "one-choice questions, confirmations, and who collected the answers"
        );
    }
}

#[test]
fn several_choices_are_asked_for_by_codes_where_these_are_no_numbers() {
    let of_first = |choices: &str| {
        let framework =
            Framework::load(&FrameworkSources { choices: choices.to_owned(), ..sources() }).unwrap();
        let economy = economy("KEN", "Kenya");
        let (answers, entered) = (BTreeMap::new(), Entered::default());
        let parts = parts_of(write(&request(&framework, &economy, "en", &answers, &entered)).unwrap());
        let text = "separated by commas:&#xA;1 = Artificial";
        let coded = text.replace('1', "ai");
        let prompts: Vec<String> = parts
            .iter()
            .filter(|(name, _)| name.starts_with("xl/worksheets/sheet"))
            .flat_map(|(_, xml)| attributes(xml, "prompt"))
            .filter(|prompt| prompt.contains(text) || prompt.contains(&coded))
            .map(|prompt| prompt.split(" of all").next().unwrap().to_owned())
            .collect();
        prompts
    };
    let choices = sources().choices;
    assert_eq!(of_first(&choices), ["Enter the numbers"]);
    assert_eq!(of_first(&choices.replace("\ntechnologies,1,", "\ntechnologies,ai,")), ["Enter the codes"]);
}

/// The heights of the rows of a sheet that say so, by their numbers.
fn heights(xml: &str) -> BTreeMap<u32, f64> {
    let rows = xml.split("<row ").skip(1).filter_map(|row| row.split('>').next());
    let height = |row: &str| {
        let row = format!(" {row}");
        Some((attributes(&row, "r").first()?.parse().ok()?, attributes(&row, "ht").first()?.parse().ok()?))
    };
    rows.filter_map(height).collect()
}

#[test]
fn the_row_of_who_collected_the_answers_has_room_for_each_of_the_choices() {
    let row = |language: &str| {
        let xml = parts(language)["xl/worksheets/sheet1.xml"].clone();
        let list = xml.split("type=\"list\"").nth(1).unwrap();
        let cell = attributes(list, "sqref")[0].trim_start_matches(char::is_alphabetic).parse().unwrap();
        heights(&xml)[&cell]
    };
    assert!(row("en") < 20.0, "one line");
    assert!(row("fr") > 26.0 && row("es") > 26.0, "two lines: {}, {}", row("fr"), row("es"));
}

#[test]
fn properties_name_nobody_and_no_clock() {
    let core = &parts("en")["docProps/core.xml"];
    assert!(core.contains("2022-11-30T00:00:00Z"), "{core}");
    assert!(core.contains("GovTech Maturity Index 2022: questionnaire, Kenya"), "{core}");
    assert!(core.contains("<dc:creator></dc:creator>") || !core.contains("creator"), "{core}");
}

#[test]
fn a_language_that_runs_from_right_to_left_turns_the_sheets_around() {
    let mirrored = FrameworkSources {
        framework: include_str!("../../../frameworks/gtmi-2022/framework.toml")
            .replace("fr = \"Français\"", "fr = { name = \"Mirror\", direction = \"rtl\" }"),
        ..sources()
    };
    let (framework, economy) = (Framework::load(&mirrored).unwrap(), economy("KEN", "Kenya"));
    let (answers, entered) = (answers(&framework), Entered::default());
    let parts =
        |language| parts_of(write(&request(&framework, &economy, language, &answers, &entered)).unwrap());
    let (turned, straight) = (parts("fr"), parts("en"));
    for sheet in 1..=6 {
        let name = format!("xl/worksheets/sheet{sheet}.xml");
        assert_eq!(attributes(&turned[&name], "rightToLeft"), ["1"], "{name}");
        assert!(!straight[&name].contains("rightToLeft"), "{name}");
    }
    // There, a condition and a hint stand in lines of their own: none runs within the other.
    for (parts, tag, expected) in [(&turned, "fr", '\n'), (&straight, "en", ' ')] {
        let hint = framework.question(&"I-1.3".into()).unwrap().hint.get(&Language::new(tag));
        let (before, _) = parts["xl/sharedStrings.xml"].split_once(hint).unwrap();
        assert_eq!(before.chars().last(), Some(expected), "{tag}");
    }
    // Texts that are left in English run as English does: no format says which way.
    assert!(!turned["xl/styles.xml"].contains("readingOrder"));
    assert!(!straight["xl/styles.xml"].contains("readingOrder"));
}
