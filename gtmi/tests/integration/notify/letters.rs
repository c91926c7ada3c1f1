//! Letters to focal points and reviewers.

use std::fs;

use tempfile::TempDir;

use super::{
    MailServer, configure, desk, focal_points, listed, mail_server_is_there, plain_mail, sha256_of,
    understood,
};
use crate::desk::Ran;
use crate::dirty::altered;
use crate::tools::certificate;

#[test]
fn focal_points_get_their_marked_questionnaire_and_reviewers_what_is_new_each_once() {
    if !mail_server_is_there() {
        return;
    }
    let server = MailServer::start(&[]);
    let desk = desk();
    focal_points(&desk, "KEN,pm@ict.example,en\nPER,enlace@pcm.example,es\nSEN,dg@adie.example,fr\n");
    let more = "addresses = \"focal-points.csv\"\nreviewers = [\"review@ministry.example\"]";
    configure(&desk, &plain_mail(server.port, more));
    let dry = desk.gtmi(&["run", "--dry-run"]);
    assert_eq!(dry.code, 1, "{}", dry.stderr);
    assert!(server.letters().is_empty(), "a dry run sends nothing");
    for line in ["would send to pm@ict.example (mail, accepted, KEN)", "  + feedback/PER.xlsx, "] {
        assert!(dry.stderr.contains(line), "{line}: {}", dry.stderr);
    }

    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("notify    messages: 3 sent"), "{}", ran.stderr);
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("out/run.json")).unwrap()).unwrap();
    let run = format!("  Run {}", record["id"].as_str().unwrap());
    assert!(dry.stderr.contains(&run), "the dry run says what the run sends: {}", dry.stderr);
    let letters = server.letters();
    // What waits for its sender goes first.
    assert_eq!(server.recipients(), ["enlace@pcm.example", "pm@ict.example", "review@ministry.example"]);
    let [returned, accepted, news] = [0, 1, 2].map(|index| understood(&letters[index].text));
    for letter in [&accepted, &returned, &news] {
        assert_eq!(letter["defects"], serde_json::json!([]));
        assert_eq!(letter["from"], "Équipe de l'enquête <survey@ministry.example>");
    }
    assert_eq!(accepted["subject"], "GovTech Maturity Index 2022: the questionnaire of Kenya was accepted");
    assert_eq!(
        returned["subject"],
        "Índice de Madurez GovTech 2022: el cuestionario de Perú requiere correcciones"
    );
    assert!(returned["text"].as_str().unwrap().contains("Puntos que corregir: 1."), "{returned}");
    assert!(returned["html"].as_str().unwrap().contains("<html lang=\"es\">"), "{returned}");
    let workbook = sha256_of(&desk.path("out/feedback/PER.xlsx"));
    assert_eq!(returned["files"], serde_json::json!([["PER.xlsx", workbook]]));
    assert_eq!(news["files"], serde_json::json!([]));
    assert!(news["text"].as_str().unwrap().contains("- Peru (PER) · PER.xlsx · returned · 1 · "), "{news}");

    // Nothing new, nothing said, no byte changed.
    let before = desk.outputs();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert!(before == desk.outputs());
    // Peru corrects its questionnaire.
    fs::write(desk.path("inbox/PER.xlsx"), altered(&desk, "PER", &[("CGSI", "D6", "1")])).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(server.recipients()[3..], ["enlace@pcm.example", "review@ministry.example"]);
    let accepted = understood(&server.letters()[3].text);
    assert_eq!(accepted["subject"], "Índice de Madurez GovTech 2022: se aceptó el cuestionario de Perú");
}

#[test]
fn the_address_on_a_cover_is_written_to_only_if_that_is_allowed_and_goes_when_it_is_to_be_forgotten() {
    if !mail_server_is_there() {
        return;
    }
    for respondents in [false, true] {
        let server = MailServer::start(&[]);
        let desk = desk();
        let (sheet, cell) = crate::decisions::cover_cell(&desk, "contact-email");
        fs::write(
            desk.path("inbox/KEN.xlsx"),
            altered(&desk, "KEN", &[(&sheet, &cell, "wanjiku@ict.example")]),
        )
        .unwrap();
        configure(&desk, &plain_mail(server.port, &format!("respondents = {respondents}")));
        assert_eq!(desk.gtmi(&["run"]).code, 1);
        let expected: &[&str] = if respondents { &["wanjiku@ict.example"] } else { &[] };
        assert_eq!(server.recipients(), expected);
        if respondents {
            let forgot = desk.gtmi(&["forget", "KEN"]);
            assert!(forgot.stderr.contains("the content and address of 1 letter"), "{}", forgot.stderr);
            assert_eq!(super::listed(&desk), [(String::new(), "sent".to_owned())]);
            fs::remove_file(desk.path("inbox/KEN.xlsx")).unwrap();
            assert_eq!(desk.gtmi(&["run"]).code, 1);
            for (path, bytes) in desk.outputs() {
                let found = bytes.windows(7).any(|window| window == b"wanjiku");
                assert!(!found, "{path} still names the respondent");
            }
            assert_eq!(server.recipients().len(), 1, "nobody is told twice");
        }
    }
}

#[test]
fn names_from_strangers_add_no_header_and_no_recipient() {
    if !mail_server_is_there() {
        return;
    }
    let server = MailServer::start(&[]);
    let desk = desk();
    let hostile = "x\nBcc: everybody@example.org\r\n.\r\nMAIL FROM:<a@b.example><script>.xlsx";
    fs::rename(desk.path("inbox/PER.xlsx"), desk.path("inbox").join(hostile)).unwrap();
    focal_points(&desk, "PER,enlace@pcm.example,es\n");
    configure(
        &desk,
        &plain_mail(server.port, "addresses = \"focal-points.csv\"\nreviewers = [\"r@x.example\"]"),
    );
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(server.recipients(), ["enlace@pcm.example", "r@x.example"]);
    for letter in server.letters() {
        assert_eq!(letter.told["to"].as_array().unwrap().len(), 1);
        let letter = understood(&letter.text);
        let headers: Vec<&str> =
            letter["headers"].as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
        assert!(!headers.contains(&"Bcc"), "{headers:?}");
        assert!(letter["text"].as_str().unwrap().contains("Bcc: everybody"), "the name is told as text");
        assert!(!letter["html"].as_str().unwrap().contains("<script>"));
    }
    // An address with a line end is no address.
    focal_points(&desk, "PER,\"enlace@pcm.example\r\nBcc: everybody@example.org\",es\n");
    let refused = desk.gtmi(&["run"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("is not an e-mail address"), "{}", refused.stderr);
}

const PASSWORD: &str = "s3cret-word";

/// A server that encrypts connections and asks for an account, with its certificate, for which nobody vouches.
struct Guarded {
    server: MailServer,
    keys: TempDir,
}

impl Guarded {
    fn start(more: &[&str]) -> Self {
        let keys = tempfile::tempdir().unwrap();
        let (certificate, key) = certificate(keys.path());
        let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
        let account = format!("survey:{PASSWORD}");
        let arguments = ["--certificate", certificate, "--key", key, "--account", &account];
        Self { server: MailServer::start(&[more, &arguments].concat()), keys }
    }

    /// The section for it, which trusts the certificate or not, and gives a password.
    fn section(&self, security: &str, trusts: bool, password: &str) -> String {
        let at = |name: &str| self.keys.path().join(name).display().to_string();
        fs::write(at("password"), password).unwrap();
        let trusted =
            if trusts { format!("certificate = \"{}\"\n", at("certificate.pem")) } else { String::new() };
        format!(
            "[notify.mail]\nserver = \"localhost\"\nport = {}\nsecurity = \"{security}\"\n{trusted}user = \"survey\"\n\
             secret_file = \"{}\"\nfrom = \"survey@ministry.example\"\nreviewers = [\"r@x.example\"]",
            self.server.port,
            at("password")
        )
    }

    /// Runs with this section; the run is none the worse, and the password is shown to nobody.
    fn run(section: &str, password: &str) -> Ran {
        let desk = desk();
        configure(&desk, section);
        let ran = desk.gtmi(&["run", "-vv"]);
        assert_eq!(ran.code, 1, "a letter that cannot be sent fails no run: {}", ran.stderr);
        assert!(!ran.stderr.contains(password), "the password is shown");
        let holds = |bytes: &[u8]| bytes.windows(password.len()).any(|window| window == password.as_bytes());
        assert!(!desk.outputs().values().any(|bytes| holds(bytes)), "the password is stored");
        ran
    }

    /// One letter came, encrypted, from the account.
    fn assert_came(&self, ran: &Ran) {
        let letters = self.server.letters();
        assert_eq!(letters.len(), 1, "{}", ran.stderr);
        let told = &letters[0].told;
        assert_eq!((&told["encrypted"], &told["user"]), (&true.into(), &"survey".into()));
    }
}

#[test]
fn a_connection_is_encrypted_and_signed_in_to_before_anything_is_said() {
    if !mail_server_is_there() {
        return;
    }
    let guarded = Guarded::start(&[]);
    for (trusts, password, why) in
        [(false, PASSWORD, "does not go over to TLS"), (true, "wrong-word", "does not accept the account")]
    {
        let ran = Guarded::run(&guarded.section("starttls", trusts, password), password);
        assert!(ran.stderr.contains(why), "{why}: {}", ran.stderr);
    }
    assert!(guarded.server.letters().is_empty());
    let section = guarded.section("starttls", true, &format!("{PASSWORD}\n"));
    guarded.assert_came(&Guarded::run(&section, PASSWORD));
}

#[test]
fn a_connection_can_be_encrypted_from_its_first_byte() {
    if !mail_server_is_there() {
        return;
    }
    let guarded = Guarded::start(&["--direct"]);
    Guarded::run(&guarded.section("tls", false, PASSWORD), PASSWORD);
    assert!(guarded.server.letters().is_empty(), "a certificate that nobody vouches for is not trusted");
    guarded.assert_came(&Guarded::run(&guarded.section("tls", true, PASSWORD), PASSWORD));
}

#[test]
fn a_letter_that_waits_is_not_sent_when_what_it_says_is_over() {
    let desk = desk();
    focal_points(&desk, "PER,enlace@pcm.example,es\n");
    // No server is there.
    configure(&desk, &plain_mail(1, "addresses = \"focal-points.csv\"\naccepted = false"));
    let state = || listed(&desk).into_iter().map(|(_, state)| state).collect::<Vec<_>>();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(state(), ["waiting"]);
    assert_eq!(desk.gtmi(&["demo", "--out", "corrected", "--economy", "PER"]).code, 0);
    fs::copy(desk.path("corrected/PER.xlsx"), desk.path("inbox/PER.xlsx")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(state(), ["superseded"]);
}

#[test]
fn what_counts_again_because_a_later_questionnaire_was_taken_away_is_said_again() {
    let desk = desk();
    focal_points(&desk, "PER,enlace@pcm.example,es\n");
    // No server is there.
    configure(&desk, &plain_mail(1, "addresses = \"focal-points.csv\""));
    let states = || listed(&desk).into_iter().map(|(_, state)| state).collect::<Vec<_>>();
    let broken = fs::read(desk.path("inbox/PER.xlsx")).unwrap();
    assert_eq!(desk.gtmi(&["demo", "--out", "good", "--economy", "PER"]).code, 0);
    fs::copy(desk.path("good/PER.xlsx"), desk.path("inbox/PER.xlsx")).unwrap();
    desk.gtmi(&["run"]);
    assert_eq!(states(), ["waiting"]);
    fs::write(desk.path("inbox/PER-2.xlsx"), broken).unwrap();
    desk.gtmi(&["run"]);
    assert_eq!(states(), ["superseded", "waiting"]);
    fs::remove_file(desk.path("inbox/PER-2.xlsx")).unwrap();
    desk.gtmi(&["run"]);
    assert_eq!(states(), ["waiting", "superseded"]);
}

#[test]
fn a_letter_is_in_the_language_of_the_questionnaire_and_asks_for_nothing_by_a_day_that_passed() {
    let desk = crate::desk::Desk::empty().returning();
    assert_eq!(
        desk.gtmi(&["template", "--economy", "SEN", "--language", "fr", "--out", "inbox/SEN.xlsx"]).code,
        0
    );
    focal_points(&desk, "SEN,dg@adie.example,\n");
    configure(&desk, &plain_mail(1, "addresses = \"focal-points.csv\""));
    let text = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    for (deadline, is_said) in [("2022-11-30", false), ("9000-11-30", true)] {
        let dated = text.replace("wave = 2022", &format!("wave = 2022\ndeadline = \"{deadline}\""));
        fs::write(desk.path("pipeline.toml"), dated).unwrap();
        let dry = desk.gtmi(&["run", "--dry-run"]);
        assert!(dry.stderr.contains("would send to dg@adie.example (mail, returned, SEN)"), "{}", dry.stderr);
        assert!(dry.stderr.contains("Madame, Monsieur,"), "{}", dry.stderr);
        assert_eq!(dry.stderr.contains(deadline), is_said, "{}", dry.stderr);
    }
}

#[test]
fn a_letter_waits_for_a_marked_questionnaire_that_is_not_made_yet() {
    let desk = desk();
    focal_points(&desk, "KEN,pm@ict.example,en\n");
    configure(&desk, &plain_mail(1, "addresses = \"focal-points.csv\""));
    for stage in ["ingest", "validate", "notify"] {
        desk.gtmi(&[stage]);
    }
    let rows = desk.gtmi(&["notify", "--list", "--json"]).json();
    assert_eq!(rows[0]["state"], "waiting", "{rows}");
    assert!(rows[0]["outcome"].as_str().unwrap().contains("is not there as it is to be now"), "{rows}");
    for stage in ["score", "report"] {
        desk.gtmi(&[stage]);
    }
    let shown = desk.gtmi(&["notify", "--dry-run", "--json"]).json();
    assert_eq!(shown["messages"][0]["attachment"]["path"], "feedback/KEN.xlsx", "{shown}");
}
