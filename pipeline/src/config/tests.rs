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
        ("path = \"frame\"", "", "pipeline.toml:3: missing field `path`"),
        (
            "path = \"out/gtmi.db\"",
            "path = \"inbox\"",
            "pipeline.toml:13: [store] path \"inbox\" is a folder, and the store is a file (write e.g. \"inbox/gtmi.db\")",
        ),
        (
            "path = \"out/gtmi.db\"",
            "path = \"out/gtmi.known\"",
            "pipeline.toml:13: [store] path \"out/gtmi.known\" ends as what lies beside a store does: \"known\" (write e.g. \
             \"out/gtmi.db\")",
        ),
        (
            "path = \"out/gtmi.db\"",
            "path = \"economies.csv/gtmi.db\"",
            "pipeline.toml:13: [store] path \"economies.csv/gtmi.db\" cannot be made: ",
        ),
        (
            "dir = \"out\"",
            "dir = \"economies.csv\"",
            "pipeline.toml:15: [output] dir \"economies.csv\" cannot be the folder of outputs: ",
        ),
        (
            "[store]",
            "[review]\ndir = \"inbax\"\n[store]",
            "pipeline.toml:13: the folder of reviews \"inbax\" does not exist, did you mean \"inbox\"?",
        ),
        (
            "[store]",
            "[review]\ndir = \"economies.csv\"\n[store]",
            "pipeline.toml:13: [review] dir \"economies.csv\" is a file (name the folder",
        ),
        ("path = \"inbox\"", "path = \"out/sent\"", "pipeline.toml:10: the source \"inbox\" lies in "),
        ("dir = \"out\"", "dir = \"inbox\"", "pipeline.toml:10: the source \"inbox\" lies in "),
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
        ("GTMI_RUNS__WAVE", "2025", "GTMI_RUNS__WAVE: unknown field `runs`, expected one of `run`, "),
        ("GTMI_RUNS__WAVE", "2025", ", did you mean \"run\"?"),
        ("GTMI_RUN__WAVE", "soon", "GTMI_RUN__WAVE: invalid type: string \"soon\""),
        (
            "GTMI_NOTIFY__MAIL__SERVR",
            "x",
            "GTMI_NOTIFY__MAIL__SERVR: unknown field `servr`, expected one of `server`, ",
        ),
        ("GTMI_NOTIFY__MAIL__SERVER", "smtp.example", "GTMI_NOTIFY__MAIL__SERVER: missing field `from`"),
        ("GTMI_RUN__WAVE__X", "1", "GTMI_RUN__WAVE__X: \"run.wave\" is a value, not a section"),
        ("GTMI_SOURCE__MAIL__PATH", "x", "GTMI_SOURCE__MAIL__PATH: there is no entry \"MAIL\" of [[source]]"),
    ] {
        // Beside one that is right.
        let error =
            parse(SOUND, &[("GTMI_OUTPUT__FEEDBACK", "false"), (variable, value)]).unwrap_err().to_string();
        assert!(error.contains(expected), "expected {expected:?}, found {error:?}");
    }
    let broken = SOUND.replace("wave = 2022", "wave = \"soon\"");
    let error = parse(&broken, &[("GTMI_OUTPUT__FEEDBACK", "false")]).unwrap_err().to_string();
    assert!(error.starts_with("pipeline.toml:2: invalid type: string \"soon\""), "{error}");
}

#[test]
fn what_a_variable_makes_wrong_is_told_with_it_and_a_path_is_never_empty() {
    let told = |overrides: &[(&str, &str)]| parse(SOUND, overrides).unwrap_err().to_string();
    let error = told(&[("GTMI_FRAMEWORK__PATH", "nope")]);
    assert!(
        error.starts_with("pipeline.toml with GTMI_FRAMEWORK__PATH: the framework's folder \"nope\""),
        "{error}"
    );
    for variable in [
        "GTMI_OUTPUT__DIR",
        "GTMI_STORE__PATH",
        "GTMI_REVIEW__DIR",
        "GTMI_FRAMEWORK__PATH",
        "GTMI_DATA__ECONOMIES",
        "GTMI_METRICS__TEXTFILE",
        "GTMI_SOURCE__INBOX__PATH",
    ] {
        let error = told(&[(variable, "")]);
        assert!(error.contains(variable) && error.contains("it is empty (name one"), "{variable}: {error}");
    }
}

#[test]
fn the_environment_makes_sections_and_reaches_into_nested_ones() {
    let config = parse(
        SOUND,
        &[
            ("GTMI_NOTIFY__MAIL__SERVER", "smtp.example"),
            ("GTMI_NOTIFY__MAIL__FROM", "gtmi@ministry.example"),
            ("GTMI_NOTIFY__MAIL__PORT", "2525"),
            ("GTMI_EXTERNAL__TII__EDITION", "2022"),
            ("GTMI_COMPARATORS__PEERS__east", "[\"KEN\", \"UGA\"]"),
            ("GTMI_RUN__DEADLINE", "2022-11-30"),
            ("GTMI_SOURCE__INBOX__NAME", "post"),
        ],
    )
    .unwrap();
    let mail = config.notify.mail.unwrap();
    assert_eq!((mail.server.as_str(), mail.port), ("smtp.example", 2525));
    assert_eq!(config.external["TII"].edition, 2022);
    assert_eq!(config.comparators.peers["east"], ["KEN", "UGA"]);
    assert_eq!(config.deadline.unwrap().to_string(), "2022-11-30");
    assert_eq!(config.sources[0].name, "post");

    // What the file has is found whatever the case, and with hyphens; a value is a text where one is wanted.
    let text = format!(
        "{SOUND}[external.tii]\nedition = 2020\n[comparators.peers]\neast-africa = [\"KEN\"]\n[notify.mail]\nserver = \"a.example\"\nfrom = \"a@b.example\"\n"
    );
    let config = parse(
        &text,
        &[
            ("GTMI_EXTERNAL__TII__EDITION", "2022"),
            ("GTMI_COMPARATORS__PEERS__EAST_AFRICA", "[\"UGA\"]"),
            ("GTMI_NOTIFY__MAIL__SERVER", "b.example"),
            ("GTMI_OUTPUT__DIR", "2025"),
            ("GTMI_SOURCE__1__NAME", "post"),
        ],
    )
    .unwrap();
    assert_eq!((config.external.len(), config.external["tii"].edition), (1, 2022));
    assert_eq!(config.comparators.peers["east-africa"], ["UGA"]);
    assert_eq!(config.notify.mail.unwrap().server, "b.example");
    assert!(config.output.ends_with("2025"));
    assert_eq!(config.sources[0].name, "post");

    // Folders may be called by years, several of them.
    let years = [("GTMI_OUTPUT__DIR", "2025"), ("GTMI_STORE__PATH", "2026"), ("GTMI_RUN__WAVE", "2027")];
    let config = parse(SOUND, &years).unwrap();
    assert!(config.output.ends_with("2025") && config.store.ends_with("2026"));
    assert_eq!(config.wave, Wave(2027));

    // Also what the file must have and has not.
    let config = parse(&SOUND.replace("wave = 2022", ""), &[("GTMI_RUN__WAVE", "2025")]).unwrap();
    assert_eq!(config.wave, Wave(2025));
}

#[test]
fn store_and_outputs_have_their_places_without_a_word_about_them() {
    let without = SOUND.split("[store]").next().unwrap();
    let config = parse(without, &[]).unwrap();
    assert!(config.store.ends_with("out/gtmi.db") && config.output.ends_with("out"));
    assert!(config.store.parent().unwrap().parent() == config.path.parent());
    assert!(config.feedback && config.language == Language::english());
    let config = parse(&format!("{without}[output]\ndir = \"elsewhere\"\n"), &[]).unwrap();
    assert!(config.store.ends_with("out/gtmi.db") && config.output.ends_with("elsewhere"));
}
