//! The header of a submission: economy, wave, instrument, contact.

use maturity::economy::{Economies, Economy, EconomyCode, EconomyMatch};
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::Framework;
use maturity::normalize::{matching_key, tidy};
use maturity::submission::{Collected, HeaderField, HeaderValue, Layout, Received, Wave};
use validator::Validate;

/// What the header says, as far as it can be used.
#[derive(Debug, Default)]
pub(crate) struct Header {
    pub(crate) economy: Option<EconomyCode>,
    pub(crate) wave: Option<Wave>,
    pub(crate) collected: Option<Collected>,
    pub(crate) language: Option<String>,
    pub(crate) findings: Vec<Finding>,
}

/// The person to write to. The limits keep a pasted page out of an address list.
#[derive(Debug, Default, Validate)]
struct Contact {
    #[validate(length(max = 200))]
    name: String,
    #[validate(length(max = 200))]
    office: String,
    #[validate(email)]
    email: Option<String>,
}

/// The most characters of a contact's name and office.
const LONGEST_NAME: usize = 200;

/// The economy that a header names, if it is known.
pub(crate) fn economy(
    values: &[HeaderValue],
    framework: &Framework,
    economies: &Economies,
) -> Option<EconomyCode> {
    match named(values, framework, economies) {
        Named::Known(economy, ..) => Some(economy.code.clone()),
        Named::Nothing | Named::Unknown(..) => None,
    }
}

/// Whose answers a header says that these are.
enum Named<'a> {
    /// Nobody's.
    Nothing,
    /// Those of an economy that is not known; the text, where it stands, and what may be meant.
    Unknown(String, &'a HeaderValue, Option<String>),
    /// Those of an economy, as the text says and where it stands.
    Known(&'a Economy, EconomyMatch, String, &'a HeaderValue),
}

/// Reads what names the economy. A mark for what is missing is also a code, as is a word for no; unless the name beside it
/// says the same, it is taken for the mark or the word.
fn named<'a>(values: &'a [HeaderValue], framework: &Framework, economies: &'a Economies) -> Named<'a> {
    let given = values.iter().find(|value| value.field == HeaderField::Economy && !value.value.is_blank());
    let Some(value) = given else { return Named::Nothing };
    let found = tidy(&value.value.display());
    let read = economies.find(&found);
    let is_confirmed = |economy: &Economy| {
        let beside = values.iter().filter(|value| value.field == HeaderField::OtherEconomy);
        beside
            .filter_map(|value| economies.find(&tidy(&value.value.display())).ok())
            .any(|(other, _)| other.code == economy.code)
    };
    // A program that takes a code of digits for a number drops the zeros before it.
    let is_cut = read.is_err() && found.bytes().all(|byte| byte.is_ascii_digit());
    let padded = (found.len() + 1..=LONGEST_NUMBER)
        .filter(|_| is_cut)
        .find_map(|length| economies.find(&format!("{found:0>length$}")).ok().map(|(economy, _)| economy));
    match read {
        Ok((economy, how)) if how == EconomyMatch::Code || is_confirmed(economy) => {
            Named::Known(economy, how, found, value)
        }
        _ if framework.is_missing_mark(&found) => Named::Nothing,
        Ok((economy, _)) if ANSWERS.contains(&matching_key(&found).as_str()) => {
            Named::Unknown(found, value, Some(economy.code.to_string()))
        }
        Ok((economy, how)) => Named::Known(economy, how, found, value),
        Err(unknown) => match padded {
            Some(economy) if is_confirmed(economy) => {
                Named::Known(economy, EconomyMatch::OtherCode, found, value)
            }
            Some(economy) => Named::Unknown(found, value, Some(economy.code.to_string())),
            None => Named::Unknown(found, value, unknown.proposed()),
        },
    }
}

/// The most digits of a code.
const LONGEST_NUMBER: usize = 9;

/// Words that answer a question, and are codes of economies, too.
const ANSWERS: [&str; 6] = ["no", "yes", "si", "oui", "non", "ok"];

/// Reads the header of a submission. `doubled` names the places in which the file holds the same economy again.
pub(crate) fn read(
    received: &Received,
    doubled: Option<&str>,
    framework: &Framework,
    economies: &Economies,
) -> Header {
    let Received { header: values, layout, .. } = received;
    let mut header = Header::default();
    let text = |field: HeaderField| {
        let value = values.iter().find(|value| value.field == field && !value.value.is_blank());
        value.map(|value| (tidy(&value.value.display()), value))
    };
    let mut find = |severity, value: Option<&HeaderValue>, problem| {
        let place = value.map(|value| value.place.clone());
        header.findings.push(Finding::new(severity, problem).at(place));
    };

    match named(values, framework, economies) {
        Named::Nothing => find(
            Severity::Error,
            values.iter().find(|value| value.field == HeaderField::Economy),
            Problem::EconomyMissing,
        ),
        Named::Unknown(found, value, proposed) => {
            let proposal = proposed.map(|codes| format!(" ({codes}?)")).unwrap_or_default();
            find(Severity::Error, Some(value), Problem::EconomyUnknown { found, proposal });
        }
        Named::Known(economy, how, found, value) => {
            let code = economy.code.to_string();
            if let Some(places) = doubled {
                let problem = Problem::EconomyDoubled { code, places: places.to_owned() };
                find(Severity::Error, Some(value), problem);
            } else if how != EconomyMatch::Code {
                find(Severity::Info, Some(value), Problem::EconomyAlias { found, code });
            }
            let others = values.iter().filter(|value| value.field == HeaderField::OtherEconomy);
            let mut others = others.filter(|value| !value.value.is_blank());
            let another = others.find_map(|other| {
                let found = tidy(&other.value.display());
                let known = economies.find(&found).ok().map(|(other, _)| &other.code);
                is_another(known, &economy.code, *layout).then_some((found, other))
            });
            if let Some((found, other)) = another {
                let (code, place) = (economy.code.to_string(), other.place.to_string());
                find(Severity::Error, Some(value), Problem::EconomyContradicted { found, code, place });
            }
            header.economy = Some(economy.code.clone());
        }
    }

    header.wave = Some(framework.wave);
    let of_wave = |value: &&HeaderValue| value.field == HeaderField::Wave;
    let given = values.iter().filter(of_wave).find(|value| !value.value.is_blank());
    // A cover without a wave is one of this wave. The rows of a table may be of several.
    let given = given.or_else(|| values.iter().find(of_wave).filter(|_| *layout == Layout::Dataset));
    if let Some(value) = given {
        let said = Wave::said_by(&value.value);
        if said != header.wave {
            let (found, expected) = (tidy(&value.value.display()), framework.wave.to_string());
            let problem = match said {
                Some(_) => Problem::WaveOther { found, expected },
                None => Problem::WaveUnclear { found, expected },
            };
            find(Severity::Error, Some(value), problem);
            header.wave = None;
        }
    }
    contact(values, &mut find);

    if let Some((said, value)) = text(HeaderField::Collected)
        && !framework.is_missing_mark(&said)
    {
        header.collected = Collected::parse(&said);
        if header.collected.is_none() {
            find(Severity::Warning, Some(value), Problem::CollectedUnclear { found: said });
        }
    }
    header.language = text(HeaderField::Language).map(|(text, _)| text.to_lowercase());
    header
}

/// Whether what else names the economy of a submission names another one. A name in a table may be written in any way, and
/// its code says whose the row is; a second cover, or another column of a form, has a code of its own.
fn is_another(other: Option<&EconomyCode>, code: &EconomyCode, layout: Layout) -> bool {
    other.map_or(layout != Layout::Dataset, |other| other != code)
}

fn contact(values: &[HeaderValue], find: &mut impl FnMut(Severity, Option<&HeaderValue>, Problem)) {
    let given =
        |field: HeaderField| values.iter().find(|value| value.field == field && !value.value.is_blank());
    let text = |field| given(field).map(|value| tidy(&value.value.display()));
    let contact = Contact {
        name: text(HeaderField::ContactName).unwrap_or_default(),
        office: text(HeaderField::ContactOffice).unwrap_or_default(),
        email: text(HeaderField::ContactEmail),
    };
    let Err(errors) = contact.validate() else { return };
    let errors = errors.field_errors();
    for (field, name, text) in [
        (HeaderField::ContactName, "name", &contact.name),
        (HeaderField::ContactOffice, "office", &contact.office),
    ] {
        if errors.contains_key(name) {
            let problem = Problem::HeaderLong { found: text.chars().count(), limit: LONGEST_NAME };
            find(Severity::Warning, given(field), problem);
        }
    }
    if errors.contains_key("email") {
        // The address itself is personal data and stays out of the message.
        find(Severity::Warning, given(HeaderField::ContactEmail), Problem::EmailInvalid);
    }
}
