//! Faults of a configuration are told with line, value and near spelling.

use super::*;

const SOUND: &str = r#"[run]
wave = 2022
[framework]
path = "frame"
[data]
economies = "economies.csv"
[[source]]
name = "inbox"
kind = "directory"
path = "inbox"
include = ["*.xlsx"]
[store]
path = "out/gtmi.db"
[output]
dir = "out"
language = "en"
"#;

fn parse(text: &str, overrides: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("frame")).unwrap();
    fs::create_dir(folder.path().join("inbox")).unwrap();
    fs::write(folder.path().join("economies.csv"), "").unwrap();
    let overrides = overrides.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Config::parse(&folder.path().join(FILE_NAME), text, &overrides)
}

#[test]
fn a_sound_file_is_read() {
    let config = parse(SOUND, &[]).unwrap();
    assert_eq!(config.wave, Wave(2022));
    assert!(config.store.ends_with("out/gtmi.db"));
    assert!(config.lock_path().ends_with("out/gtmi.lock"));
}

#[test]
fn each_fault_names_line_value_and_near_spelling() {
    for (from, to, expected) in [
        (
            "wave = 2022",
            "wawe = 2022",
            "pipeline.toml:2: unknown field `wawe`, expected `wave` or `deadline`, did you mean \"wave\"?",
        ),
        ("wave = 2022", "wave = \"soon\"", "pipeline.toml:2: invalid type: string \"soon\", expected u16"),
        (
            "path = \"frame\"",
            "path = \"frames\"",
            "pipeline.toml:4: the framework's folder \"frames\" does not exist, did you mean \"frame\"?",
        ),
        ("path = \"inbox\"", "path = \"outbox\"", "pipeline.toml:10: the folder \"outbox\" does not exist"),
        ("\"directory\"", "\"directry\"", "did you mean \"directory\"?"),
        ("\"*.xlsx\"", "\"[\"", "pipeline.toml:11: error parsing glob"),
        ("\"directory\"", "\"odk\"", "pipeline.toml:10: a source of the kind \"odk\" has no key \"path\""),
        ("path = \"inbox\"\n", "", "pipeline.toml:9: a source of the kind \"directory\" needs \"path\""),
        ("[store]", "[stores]", "unknown field `stores`"),
        (
            "wave = 2022",
            "wave = 2022\ndeadline = \"30 June\"",
            "pipeline.toml:3: \"30 June\" is not a date (write it as in 2022-11-30)",
        ),
        (
            "economies = \"economies.csv\"",
            "economies = \"economies.csv\"\nprevious_answers = { path = \"economies.csv\", wave = 2022, date = \"2022-11-30\" }",
            "pipeline.toml:7: the previous answers are of wave 2022, which is not before wave 2022",
        ),
        (
            "economies = \"economies.csv\"",
            "economies = \"economies.csv\"\nprevious_answers = { path = \"economies.csv\", wave = 2020, dat = \"\" }",
            "pipeline.toml:7: unknown field `dat`, expected one of `path`, `wave`, `date`, did you mean \"date\"?",
        ),
        ("dir = \"out\"", "", "pipeline.toml:14: missing field `dir`"),
        (
            "[store]",
            "[review]\ndir = \"inbax\"\n[store]",
            "pipeline.toml:13: the folder of reviews \"inbax\" does not exist, did you mean \"inbox\"?",
        ),
        ("[store]", "[review]\ndri = \"inbox\"\n[store]", "pipeline.toml:13: unknown field `dri`"),
    ] {
        assert!(SOUND.contains(from));
        let error = parse(&SOUND.replace(from, to), &[]).unwrap_err().to_string();
        assert!(error.contains(expected), "expected {expected:?}, found {error:?}");
    }
}

#[test]
fn the_environment_overrides_values() {
    let config = parse(SOUND, &[("GTMI_RUN__WAVE", "2025"), ("GTMI_OUTPUT__DIR", "elsewhere")]).unwrap();
    assert_eq!(config.wave, Wave(2025));
    assert!(config.output.ends_with("elsewhere"));
}

#[test]
fn a_wrong_override_is_named() {
    for (variable, value, expected) in [
        ("GTMI_RUN__WAWE", "2025", "GTMI_RUN__WAWE: unknown field `wawe`"),
        ("GTMI_RUNS__WAVE", "2025", "GTMI_RUNS__WAVE: there is no section [runs] to override"),
        ("GTMI_RUN__WAVE", "soon", "GTMI_RUN__WAVE: invalid type: string \"soon\""),
    ] {
        let error = parse(SOUND, &[(variable, value)]).unwrap_err().to_string();
        assert!(error.contains(expected), "expected {expected:?}, found {error:?}");
    }
}
