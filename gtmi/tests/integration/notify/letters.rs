//! Letters to focal points and reviewers.

use std::fs;

use super::{
    MailServer, configure, desk, focal_points, mail_server_is_there, plain_mail, sha256_of, understood,
};
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
        "Índice de Madurez GovTech 2022: el cuestionario de Peru requiere correcciones"
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
    assert_eq!(accepted["subject"], "Índice de Madurez GovTech 2022: se aceptó el cuestionario de Peru");
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
            assert!(forgot.stderr.contains("the content and address of 1 letters"), "{}", forgot.stderr);
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

#[test]
fn a_connection_is_encrypted_and_signed_in_to_before_anything_is_said() {
    if !mail_server_is_there() {
        return;
    }
    let keys = tempfile::tempdir().unwrap();
    let at = |name: &str| keys.path().join(name).to_str().unwrap().to_owned();
    certificate(keys.path());
    let (certificate, key) = (at("certificate.pem"), at("key.pem"));
    let server =
        MailServer::start(&["--certificate", &certificate, "--key", &key, "--account", "survey:s3cret-word"]);
    let section = |security: &str, trusted: &str, secret: &str| {
        fs::write(keys.path().join("password"), secret).unwrap();
        format!(
            "[notify.mail]\nserver = \"localhost\"\nport = {}\nsecurity = \"{security}\"\n{trusted}user = \"survey\"\n\
             secret_file = \"{}\"\nfrom = \"survey@ministry.example\"\nreviewers = [\"r@x.example\"]",
            server.port,
            at("password")
        )
    };
    let trusted = format!("certificate = \"{certificate}\"\n");
    for (trusted, secret, why) in [
        ("", "s3cret-word", "does not go over to TLS"),
        (trusted.as_str(), "wrong-word", "does not accept the account"),
    ] {
        let desk = desk();
        configure(&desk, &section("starttls", trusted, secret));
        let ran = desk.gtmi(&["run", "-vv"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains(why), "{why}: {}", ran.stderr);
        assert!(!ran.stderr.contains(secret), "the password is shown");
    }
    assert!(server.letters().is_empty());
    let desk = desk();
    configure(&desk, &section("starttls", &trusted, "s3cret-word\n"));
    let ran = desk.gtmi(&["run", "-vv"]);
    let letters = server.letters();
    assert_eq!(letters.len(), 1, "{}", ran.stderr);
    assert_eq!((&letters[0].told["encrypted"], &letters[0].told["user"]), (&true.into(), &"survey".into()));
    let stored = desk.outputs();
    assert!(!stored.values().any(|bytes| bytes.windows(11).any(|window| window == b"s3cret-word")));
}

#[test]
fn a_connection_can_be_encrypted_from_its_first_byte() {
    if !mail_server_is_there() {
        return;
    }
    let keys = tempfile::tempdir().unwrap();
    let at = |name: &str| keys.path().join(name).to_str().unwrap().to_owned();
    certificate(keys.path());
    let (certificate, key) = (at("certificate.pem"), at("key.pem"));
    let server = MailServer::start(&[
        "--direct",
        "--certificate",
        &certificate,
        "--key",
        &key,
        "--account",
        "survey:s3cret-word",
    ]);
    fs::write(keys.path().join("password"), "s3cret-word").unwrap();
    let section = |trusted: &str| {
        format!(
            "[notify.mail]\nserver = \"localhost\"\nport = {}\nsecurity = \"tls\"\n{trusted}user = \"survey\"\n\
             secret_file = \"{}\"\nfrom = \"survey@ministry.example\"\nreviewers = [\"r@x.example\"]",
            server.port,
            at("password")
        )
    };
    {
        let desk = desk();
        configure(&desk, &section(""));
        let ran = desk.gtmi(&["run"]);
        assert_eq!(ran.code, 1, "a letter that cannot be sent fails no run: {}", ran.stderr);
        assert!(server.letters().is_empty(), "a certificate that nobody vouches for is not trusted");
    }
    let desk = desk();
    configure(&desk, &section(&format!("certificate = \"{certificate}\"\n")));
    let ran = desk.gtmi(&["run"]);
    let letters = server.letters();
    assert_eq!(letters.len(), 1, "{}", ran.stderr);
    assert_eq!((&letters[0].told["encrypted"], &letters[0].told["user"]), (&true.into(), &"survey".into()));
}
