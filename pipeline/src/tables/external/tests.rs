//! Editions, scales, publishers' arrangements, and what is refused.

use std::fs;

use maturity::economy::Economy;
use tempfile::TempDir;

use super::*;

fn economies() -> Economies {
    let economy = |code: &str, iso3: &str, name: &str, other: &[&str]| Economy {
        code: EconomyCode::new(code),
        name: name.to_owned(),
        names: BTreeMap::new(),
        iso3: iso3.to_owned(),
        iso2: String::new(),
        other_codes: other.iter().map(|code| (*code).to_owned()).collect(),
        other_names: Vec::new(),
        region: "R".to_owned(),
        income: "H".to_owned(),
    };
    let (all, doubled) = Economies::new(vec![
        economy("KEN", "KEN", "Kenya", &[]),
        economy("KSV", "XKX", "Kosovo", &["XKK"]),
        economy("ROU", "ROU", "Romania", &["ROM"]),
        economy("WBG", "PSE", "West Bank and Gaza", &[]),
    ]);
    assert!(doubled.is_empty());
    all
}

/// A desk with files; gives what reading them leads to, or the message.
struct Desk {
    folder: TempDir,
    table: Option<PathBuf>,
    editions: Option<PathBuf>,
    files: Vec<ExternalFile>,
    choices: BTreeMap<String, ExternalChoice>,
    wave: u16,
    range: Scale,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            table: None,
            editions: None,
            files: Vec::new(),
            choices: BTreeMap::new(),
            wave: 2022,
            range: (0.0, 1.0),
        }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn table(mut self, text: &str) -> Self {
        self.table = Some(self.write("table.csv", &format!("index,edition,economy,value\n{text}")));
        self
    }

    fn editions(mut self, text: &str) -> Self {
        let text = format!("index,edition,low,high,source,licence\n{text}");
        self.editions = Some(self.write("editions.csv", &text));
        self
    }

    fn file(mut self, text: &str, called: Option<&str>, scale: Option<Scale>, edition: Option<u16>) -> Self {
        let path = self.write(&format!("file{}.csv", self.files.len()), text);
        self.files.push(ExternalFile {
            index: "TII".to_owned(),
            path,
            called: called.map(str::to_owned),
            scale,
            edition,
            source: Some("A publisher".to_owned()),
            licence: None,
            place: "pipeline.toml:9".to_owned(),
        });
        self
    }

    fn pin(mut self, index: &str, edition: u16) -> Self {
        self.choices.insert(index.to_owned(), ExternalChoice { edition });
        self
    }

    fn read(&self) -> Result<ExternalIndices, String> {
        let ranges = BTreeMap::from([("TII", self.range), ("OSI", (0.0, 1.0))]);
        let economies = economies();
        external_indices(&ExternalInputs {
            table: self.table.as_deref(),
            editions: self.editions.as_deref(),
            files: &self.files,
            choices: &self.choices,
            wave: Wave(self.wave),
            economies: &economies,
            ranges: &ranges,
        })
        .map_err(|error| error.to_string().replace(&format!("{}/", self.folder.path().display()), ""))
    }

    fn value(&self, economy: &str) -> Option<f64> {
        self.read().unwrap().value("TII", &EconomyCode::new(economy))
    }

    fn refused(&self, expected: &str) {
        let message = self.read().map(|_| ()).unwrap_err();
        assert!(message.contains(expected), "expected {expected:?}, found {message:?}");
    }
}

#[test]
fn the_newest_edition_that_is_not_later_than_the_wave_is_used_unless_one_is_pinned() {
    let rows = "TII,2020,KEN,0.2\nTII,2022,KEN,0.4\nTII,2024,KEN,0.6\n";
    let desk = Desk::new().table(rows);
    let read = desk.read().unwrap();
    let used = read.of("TII").unwrap();
    assert_eq!((read.edition("TII"), used.pinned), (Some(2022), false));
    assert_eq!(used.available, [2020, 2022, 2024]);
    assert_eq!(desk.value("KEN"), Some(0.4));
    assert_eq!(Desk::new().table(rows).pin("TII", 2024).value("KEN"), Some(0.6));
    Desk::new()
        .table(rows)
        .pin("TII", 2021)
        .refused("[external.TII]: there is no edition 2021 of TII (there is: 2020, 2022, 2024)");
    Desk::new()
        .table(rows)
        .pin("TIX", 2022)
        .refused("the framework has no external index \"TIX\", did you mean \"TII\"?");
    let early = Desk { wave: 2018, ..Desk::new() }.table(rows);
    assert_eq!(early.read().unwrap().edition("TII"), None);
    assert_eq!(early.value("KEN"), None, "no edition, no value; it is not 0");
}

#[test]
fn economies_without_a_value_are_named_and_codes_of_other_lists_are_known() {
    let desk = Desk::new().table("TII,2022,XKX,0.5\nTII,2022,PSE,0\nTII,2022,ROM,1\n");
    let read = desk.read().unwrap();
    assert_eq!(read.of("TII").unwrap().missing, [EconomyCode::new("KEN")]);
    assert_eq!(desk.value("WBG"), Some(0.0), "0 is a value");
    assert_eq!(desk.value("KSV"), Some(0.5));
    assert_eq!(desk.value("ROU"), Some(1.0));
    assert_eq!(read.of("OSI").unwrap().missing.len(), 4, "an index without any value has none for anyone");
}

#[test]
fn a_scale_is_stated_and_checked_never_guessed() {
    let percent = "Country,Year,Score\nKEN,2022,40\nROU,2022,75.5\n";
    Desk::new()
        .file(percent, Some("Score"), None, None)
        .refused("pipeline.toml:9: the scale of TII is not stated; its values run from 40 to 75.5 (write scale = [0, 1] or scale = [0, 100]");
    Desk::new()
        .file(percent, Some("Score"), Some((0.0, 1.0)), None)
        .refused("file0.csv:2: TII of KEN is 40, outside its scale of 0 to 1 (state the scale that the file is on: scale = [0, 100]");
    let shares = "Country,Year,Score\nKEN,2022,0.40\nROU,2022,0.755\n";
    Desk::new()
        .file(shares, Some("Score"), Some((0.0, 100.0)), None)
        .refused("no value of TII 2022 is above 0.755, though its scale is said to be 0 to 100 (if the file is on 0 to 1, write scale = [0, 1]");
    Desk::new().file(percent, Some("Score"), Some((100.0, 0.0)), None).refused("the scale 100 to 0 is none");
    let desk = Desk::new().file(percent, Some("Score"), Some((0.0, 100.0)), None);
    assert_eq!(desk.value("ROU"), Some(0.755), "brought to the framework's scale of 0 to 1");
    let desk =
        Desk { range: (0.0, 100.0), ..Desk::new() }.file(shares, Some("Score"), Some((0.0, 1.0)), None);
    assert_eq!(desk.value("KEN"), Some(40.0));
}

#[test]
fn the_table_of_editions_states_scale_source_and_licence() {
    let rows = "TII,2020,KEN,50\nTII,2022,KEN,0.4\n";
    let known = "TII,2020,0,100,The publisher,CC0\nTII,2022,0,1,The publisher,\n";
    let desk = Desk::new().table(rows).editions(known).pin("TII", 2020);
    assert_eq!(desk.value("KEN"), Some(0.5));
    let edition = desk.read().unwrap().of("TII").unwrap().edition.clone().unwrap();
    assert_eq!((edition.source.as_deref(), edition.licence.as_deref()), (Some("The publisher"), Some("CC0")));
    Desk::new().table(rows).editions("TII,2022,0,1,,\n").refused(
        "editions.csv:1: TII 2020 stands in table.csv but not here (add a row with its scale, source and licence)",
    );
    Desk::new().table(rows).editions(&format!("{known}{known}")).refused("TII 2020 stands there twice");
    Desk::new()
        .table(rows)
        .editions("TII,2020,0,1%,,\n")
        .refused("editions.csv:2: high is \"1%\", which is no number");
}

#[test]
fn the_survey_of_the_un_is_read_by_its_headings() {
    let survey = "\u{feff}Survey Year,Country Name,E-Government Rank,E-Government Index,Telecommunication Infrastructure Index\n\
                  2022,Kenya,113,0.5589,0.4305\n2022,Romania,57,0.7619,0.7954\n2022,Atlantis,1,1,1\n";
    let desk =
        Desk::new().file(survey, Some("Telecommunication Infrastructure Index"), Some((0.0, 1.0)), None);
    let read = desk.read().unwrap();
    assert_eq!(desk.value("KEN"), Some(0.4305));
    assert_eq!(read.of("TII").unwrap().unmatched, BTreeSet::from(["Atlantis".to_owned()]));
    Desk::new()
        .file(survey, Some("Telecommunication Infrastructur Index"), Some((0.0, 1.0)), None)
        .refused("did you mean \"Telecommunication Infrastructure Index\"?");
    let no_year = "Country Name,Overall Score\nKenya,81.7\n";
    Desk::new()
        .file(no_year, Some("Overall Score"), Some((0.0, 100.0)), None)
        .refused("pipeline.toml:9: file0.csv has no column of years");
    let desk = Desk::new().file(no_year, Some("Overall Score"), Some((0.0, 100.0)), Some(2020));
    assert_eq!(desk.read().unwrap().edition("TII"), Some(2020));
}

#[test]
fn data360_files_are_read_wide_and_long() {
    let wide = "\u{feff}FREQ,REF_AREA,REF_AREA_LABEL,INDICATOR,INDICATOR_LABEL,2020,2022\n\
                A,KEN,Kenya,UN_EGDI_TII,Infrastructure,0.3148,0.4305\nA,WLD,World,UN_EGDI_TII,Infrastructure,0.5,0.6\n\
                A,XKX,Kosovo,UN_EGDI_TII,Infrastructure,,..\nA,KEN,Kenya,UN_EGDI_OSI,Online,0.7,0.8\n";
    let desk = Desk::new().file(wide, Some("UN_EGDI_TII"), Some((0.0, 1.0)), None);
    let read = desk.read().unwrap();
    assert_eq!((desk.value("KEN"), desk.value("KSV")), (Some(0.4305), None));
    assert_eq!(read.of("TII").unwrap().available, [2020, 2022]);
    assert_eq!(read.of("TII").unwrap().unmatched, BTreeSet::from(["WLD".to_owned()]));
    Desk::new()
        .file(wide, None, Some((0.0, 1.0)), None)
        .refused("no row is of the indicator \"TII\" (called = one of: UN_EGDI_OSI, UN_EGDI_TII)");
    let long = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,UN_EGDI_TII,2022,0.4305\n";
    assert_eq!(
        Desk::new().file(long, Some("UN_EGDI_TII"), Some((0.0, 1.0)), None).value("KEN"),
        Some(0.4305)
    );
}

#[test]
fn two_places_for_one_edition_and_two_values_for_one_economy_are_refused() {
    let file = "Country,Year,Score\nKEN,2022,0.5\n";
    Desk::new()
        .table("TII,2022,KEN,0.4\n")
        .file(file, Some("Score"), Some((0.0, 1.0)), None)
        .refused("the edition 2022 of TII stands in table.csv and in file0.csv (keep one of them)");
    Desk::new().table("TII,2022,KSV,0.4\nTII,2022,XKX,0.4\n").refused("TII 2022 of KSV stands there twice");
    Desk::new().table("TII,2022,KEN,NaN\n").refused("outside its scale");
    Desk::new().table("TII,2022,ATL,0.4\n").refused("\"ATL\" is not in the table of economies");
    Desk::new().table("TII,2022,KEN,high\n").refused("table.csv:2: value is \"high\", which is no number");
}

#[test]
fn an_index_that_is_written_otherwise_is_told_and_not_missed_by_everybody() {
    for index in ["tii", "T.I.I", "Tii "] {
        let told = format!("the framework has no external index \"{}\", did you mean \"TII\"?", index.trim());
        Desk::new()
            .table(&format!("OSI,2022,KEN,0.1\n{index},2022,KEN,0.5\n"))
            .refused(&format!("table.csv:3: {told}"));
    }
    // Others are for other frameworks.
    assert!(Desk::new().table("HCI,2022,KEN,0.5\n").read().is_ok());
}

#[test]
fn all_wrong_rows_are_told_at_once() {
    let desk = Desk::new().table("TII,2022,KEN,\"0,5\"\nTII,22x,ATL,0.5\nTII,2022,ROU,0.5\n");
    desk.refused(
        "3 problems in table.csv\n  line 2: value is \"0,5\", which is no number (decimals stand behind a point: 0.5)\n  \
         line 3: the economy \"ATL\" is not in the table of economies\n  line 3: edition is \"22x\"",
    );
}
