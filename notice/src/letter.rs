//! Letters: to the focal point of an economy about its questionnaire, to reviewers about what is new.

use maturity::economy::EconomyCode;
use maturity::language::Language;
use serde::{Deserialize, Serialize};

use crate::news::Submitted;
use crate::page::{Block, Page, one_line};
use crate::summary::Summary;
use crate::words::{Words, spoken};

/// Who gets a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The e-mail address.
    pub address: String,
    /// The language to write in.
    pub language: Language,
}

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occasion {
    /// A questionnaire goes back to its sender.
    Returned,
    /// A questionnaire was accepted.
    Accepted,
    /// There is news.
    News,
}

impl Occasion {
    /// The name used in tables: `returned`, `accepted` or `news`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::News => "news",
        }
    }
}

/// A letter to one address, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// What it is about.
    pub occasion: Occasion,
    /// The economy that it is about, if it is about one.
    pub economy: Option<EconomyCode>,
    /// The address that it goes to.
    pub address: String,
    /// The language that it is in.
    pub language: Language,
    /// The subject: one line.
    pub subject: String,
    /// The letter as plain text.
    pub text: String,
    /// The letter as HTML.
    pub html: String,
    /// The file that goes with it, relative to the folder of outputs.
    pub attachment: Option<String>,
}

impl Letter {
    fn of(
        occasion: Occasion,
        economy: Option<&EconomyCode>,
        to: &Recipient,
        subject: &str,
        page: &Page,
    ) -> Self {
        Self {
            occasion,
            economy: economy.cloned(),
            address: to.address.clone(),
            language: spoken(&to.language),
            subject: one_line(subject),
            text: page.text(),
            html: page.html(),
            attachment: None,
        }
    }
}

/// The letter about a submission that was returned or accepted, with the marked questionnaire at the path
/// `attachment` if it goes with it; nothing for a submission in another state or of an unknown economy.
pub fn to_focal_point(
    summary: &Summary,
    row: &Submitted,
    to: &Recipient,
    deadline: Option<&str>,
    attachment: Option<&str>,
) -> Option<Letter> {
    let economy = row.economy.as_ref()?;
    let words = Words(&to.language);
    let name = row.name.as_deref().unwrap_or(economy.as_str());
    let name = summary.name(economy, name, &to.language);
    let (errors, warnings) = (row.errors.to_string(), row.warnings.to_string());
    let values = [("economy", name), ("file", &row.file), ("errors", &errors), ("warnings", &warnings)];
    let mut said = vec![words.get("letter-greeting"), words.fill("letter-received", &values)];
    let (occasion, subject) = match row.state.as_str() {
        "returned" => {
            said.push(match row.errors {
                0 => words.fill("letter-returned-by-reviewer", &values),
                _ => words.fill("letter-returned", &values),
            });
            if attachment.is_some() {
                said.push(words.get("letter-steps"));
            }
            if let Some(date) = deadline {
                said.push(words.fill("letter-deadline", &[("date", date)]));
            }
            (Occasion::Returned, "letter-subject-returned")
        }
        "accepted" => {
            said.push(words.get("letter-accepted"));
            if attachment.is_some() {
                said.push(match row.warnings {
                    0 => words.get("letter-copy"),
                    _ => words.fill("letter-remarks", &values),
                });
            }
            (Occasion::Accepted, "letter-subject-accepted")
        }
        _ => return None,
    };
    if attachment.is_none() {
        said.push(words.get("letter-no-attachment"));
    }
    said.push(words.get("letter-closing"));
    let wave = summary.wave.to_string();
    let subject =
        words.fill(subject, &[("index", summary.title(&to.language)), ("wave", &wave), ("economy", name)]);
    let blocks = said.into_iter().map(Block::Paragraph).collect();
    let page = Page { language: spoken(&to.language), title: subject.clone(), blocks };
    let letter = Letter::of(occasion, Some(economy), to, &subject, &page);
    Some(Letter { attachment: attachment.map(str::to_owned), ..letter })
}

/// The letter with what is new.
pub fn to_reviewers(summary: &Summary, to: &Recipient) -> Letter {
    let wave = summary.wave.to_string();
    let subject = Words(&to.language)
        .fill("letter-subject-news", &[("index", summary.title(&to.language)), ("wave", &wave)]);
    Letter::of(Occasion::News, None, to, &subject, &summary.page(&to.language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::news::tests::submitted;
    use crate::summary::tests::summary;

    fn recipient(tag: &str) -> Recipient {
        Recipient { address: "a@example.org".to_owned(), language: Language::new(tag) }
    }

    #[test]
    fn a_focal_point_reads_what_to_do_in_its_own_language() {
        for (tag, subject, sentence) in [
            (
                "en",
                "Maturity index 2022: the questionnaire of Land of PER needs corrections",
                "Points to correct: 3.",
            ),
            (
                "fr",
                "Indice de maturité 2022\u{a0}: questionnaire à corriger (Land of PER)",
                "Points à corriger\u{a0}: 3.",
            ),
            (
                "es",
                "Índice de madurez 2022: el cuestionario de Land of PER requiere correcciones",
                "Puntos que corregir: 3.",
            ),
        ] {
            let row = submitted(2, "PER", "returned");
            let letter = to_focal_point(
                &summary(),
                &row,
                &recipient(tag),
                Some("2022-11-30"),
                Some("feedback/PER.xlsx"),
            );
            let letter = letter.unwrap();
            assert_eq!(letter.subject, subject);
            assert!(letter.text.contains(sentence) && letter.text.contains("2022-11-30"), "{}", letter.text);
            assert!(letter.html.contains(&format!("<html lang=\"{tag}\">")));
            assert_eq!(letter.attachment.as_deref(), Some("feedback/PER.xlsx"));
            assert!(!letter.text.contains('{'), "{}", letter.text);
        }
    }

    #[test]
    fn a_letter_does_not_speak_of_a_workbook_that_is_not_attached() {
        let letter =
            |state| to_focal_point(&summary(), &submitted(2, "PER", state), &recipient("en"), None, None);
        for state in ["returned", "accepted"] {
            let text = letter(state).unwrap().text;
            assert!(text.contains("is not attached") && !text.contains("the attached workbook"), "{text}");
        }
        assert_eq!(letter("received"), None);
    }

    #[test]
    fn a_letter_in_a_language_without_words_is_english_and_names_the_index_as_its_reader_does() {
        let mut summary = summary();
        summary.index.insert("ar".to_owned(), "مؤشر النضج".to_owned());
        let letter = to_focal_point(&summary, &submitted(2, "PER", "accepted"), &recipient("ar"), None, None);
        let letter = letter.unwrap();
        assert!(letter.subject.starts_with("مؤشر النضج 2022"), "{}", letter.subject);
        assert!(letter.html.contains("<html lang=\"en\">"), "{}", letter.html);
        assert_eq!(letter.language.tag(), "en");
        let news = to_reviewers(&summary, &recipient("ar"));
        assert!(
            news.html.contains("<html lang=\"en\">") && news.subject.starts_with("مؤشر"),
            "{}",
            news.subject
        );
    }

    #[test]
    fn a_hostile_name_adds_no_line_to_a_subject() {
        let mut row = submitted(2, "PER", "accepted");
        row.name = Some("Peru\r\nBcc: everybody@example.org".to_owned());
        let letter = to_focal_point(&summary(), &row, &recipient("en"), None, None).unwrap();
        assert!(!letter.subject.contains(['\r', '\n']), "{:?}", letter.subject);
        assert!(!letter.text.lines().any(|line| line.starts_with("Bcc")), "{}", letter.text);
    }

    #[test]
    fn reviewers_read_the_summary() {
        let letter = to_reviewers(&summary(), &recipient("fr"));
        assert_eq!(letter.subject, "Indice de maturité 2022\u{a0}: les nouveautés");
        assert!(letter.text.contains("- Land of PER (PER) · PER.xlsx · renvoyé · 3 · 2"), "{}", letter.text);
    }
}
