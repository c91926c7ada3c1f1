//! From facts to messages: what is new since people were last told, whom it concerns, and one transaction that notes
//! both. A process that is killed before it has told nothing; one that is killed after has everything in the outbox.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use jiff::Timestamp;
use jiff::tz::Offset;
use maturity::framework::Date;
use maturity::language::Language;
use maturity::submission::HeaderField;
use notice::{Facts, Known, Letter, News, Outputs, Recipient, Submitted, Summary};
use pipeline::Context;
use pipeline::config::{MailChoice, mail_address};
use pipeline::hash::Fingerprint;
use pipeline::stage::Failure;
use store::{Message, NewMessage, Settled, Store, SubmissionRow, Told};

use super::facts;
use crate::outputs;
use crate::run::record;

/// Now, as the store writes times.
pub(super) fn now() -> String {
    Timestamp::now().to_string()
}

/// Notes what is new since the run that started then, with the messages about it. Writes nothing if nothing is new. Where
/// the id of the run is not known, it is worked out. `unreachable` are the sources that it could not read to their end,
/// where it looked at sources.
pub(super) fn tell(
    context: &Context,
    store: &mut Store,
    started: Timestamp,
    run: Option<&str>,
    unreachable: Option<&BTreeMap<String, String>>,
) -> Result<(), Failure> {
    let wave = context.framework.wave;
    let mut facts = facts::facts(context, store)?;
    let told = store.told(wave).map_err(Failure::stage)?;
    let known: Known = match &told {
        None => Known::default(),
        Some(Told { known: Some(known), .. }) => serde_json::from_str(known).map_err(Failure::stage)?,
        // The wave was at work before there were notices: only what came with this run is new.
        Some(Told { known: None, .. }) => before(&facts, started),
    };
    facts.unreachable = match unreachable {
        Some(unreachable) => unreachable.clone(),
        None => known.unreachable.iter().map(|source| (source.clone(), String::new())).collect(),
    };
    follow_exports(context, store)?;
    correct_addresses(context, store, &facts)?;
    let mut news = facts.news(&known, |code| facts::name(context, code));
    let now_known = facts.known(&known);
    if news.is_empty() && now_known == known && told.as_ref().is_some_and(|told| told.known.is_some()) {
        return Ok(());
    }
    let known = Some(serde_json::to_string(&now_known).map_err(Failure::stage)?);
    if news.is_empty() {
        let summary = told.and_then(|told| told.summary);
        store.tell(wave, &Told { known, summary }, &[], &[], &now()).map_err(Failure::stage)?;
        return Ok(());
    }
    facts::count_findings(context, store, &mut facts, &mut news)?;
    let run = run.map_or_else(|| record::run_id(context, store), |run| Ok(run.to_owned()))?;
    let summary = summary(context, run, &facts, news);
    drop(facts);
    let messages = messages(context, store, &summary, started)?;
    identify(context, store)?;
    let settled = settled(context, store, &summary.new)?;
    let summary = Some(serde_json::to_string(&summary).map_err(Failure::stage)?);
    store.tell(wave, &Told { known, summary }, &messages, &settled, &now()).map_err(Failure::stage)?;
    Ok(())
}

/// Whose letters that wait are over: what waits about an economy was written before this, and the workbook that it goes with
/// is another one now. Where several respondents are heard, what came from one is no news for another.
fn settled(context: &Context, store: &Store, new: &[Submitted]) -> Result<Vec<Settled>, Failure> {
    let (wave, choice) = (context.framework.wave, &context.config.respondents);
    let mut settled = Vec::new();
    for submitted in new.iter().filter(|row| row.latest) {
        let Some(economy) = submitted.economy.clone() else { continue };
        if !choice.rule.merges() {
            settled.push(Settled { economy, submissions: None });
            continue;
        }
        let all = store.identified(wave, &economy, &choice.offices).map_err(Failure::stage)?;
        let sender = all.iter().find(|known| known.row.id.number() == submitted.id);
        let number = sender.map(|known| known.respondent.number);
        let of_sender = all.into_iter().filter(|known| Some(known.respondent.number) == number);
        let submissions = Some(of_sender.map(|known| known.row.sha256).collect());
        settled.push(Settled { economy, submissions });
    }
    Ok(settled)
}

fn before(facts: &Facts, started: Timestamp) -> Known {
    let mut old = facts.clone();
    let is_old = |row: &Submitted| {
        row.received_at.parse::<Timestamp>().is_ok_and(|at| at.as_second() < started.as_second())
    };
    old.submissions.retain(is_old);
    old.known(&Known::default())
}

fn summary(context: &Context, run: String, facts: &Facts, news: News) -> Summary {
    let index = &context.framework.composite.title;
    // A letter whose words are in another language names the index as its reader does.
    let index: BTreeMap<String, String> = facts::languages(context)
        .chain(context.framework.languages.iter().map(|(language, _)| language))
        .chain([&context.config.language])
        .map(|language| (language.tag().to_owned(), index.get(language).to_owned()))
        .collect();
    let count = |folder: &str| {
        let entries = fs::read_dir(context.config.output.join(folder)).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| outputs::is_output(&context.economies, folder, name)).count()
    };
    let outputs = Outputs {
        reports: count("reports"),
        global: usize::from(context.config.output.join("global.xlsx").exists()),
        feedback: count("feedback"),
        refused: count("refused"),
    };
    let economies = context.economies.iter().count();
    let wave = context.framework.wave.0;
    Summary::of(index, wave, Some(run), economies, facts, news, outputs).with_names(&context.economies)
}

/// The date where a day lasts longest: what is due on that day can be sent for so long.
fn last_today(now: Timestamp) -> Option<Date> {
    Date::parse(&Offset::constant(-12).to_datetime(now).date().to_string())
}

fn messages(
    context: &Context,
    store: &Store,
    summary: &Summary,
    now: Timestamp,
) -> Result<Vec<NewMessage>, Failure> {
    let mut messages = Vec::new();
    if let Some(mail) = &context.config.notify.mail {
        let rows: BTreeMap<i64, SubmissionRow> = store
            .submissions()
            .map_err(Failure::stage)?
            .into_iter()
            .map(|row| (row.id.number(), row))
            .collect();
        let returns = report::returns(context, store).map_err(Failure::stage)?;
        let units: BTreeMap<i64, &String> =
            returns.iter().map(|(unit, row)| (row.id.number(), unit)).collect();
        for submitted in
            summary.new.iter().filter(|row| row.latest && (mail.accepted || row.state != "accepted"))
        {
            let Some(row) = rows.get(&submitted.id) else { continue };
            let attachment = attachment(context, mail, units.get(&submitted.id).copied());
            // Nobody is asked for something by a day that has passed.
            let is_ahead = |deadline: &Date| last_today(now).is_none_or(|today| *deadline >= today);
            let deadline = context.config.deadline.filter(is_ahead);
            let deadline = deadline.map(|deadline| deadline.to_string());
            for to in focal_points(context, store, mail, row)? {
                let letter = notice::to_focal_point(
                    summary,
                    submitted,
                    &to,
                    deadline.as_deref(),
                    attachment.as_deref(),
                );
                let about = Some(&row.sha256);
                messages.extend(letter.map(|letter| of_letter(&letter, about, &row.sha256)).transpose()?);
            }
        }
        // The same letter about another outage of a source, or about a file that was sent once more, is another one.
        let again = summary.unreachable.iter().map(|source| (&source.source, source.again));
        let again = again.chain(summary.refused.iter().map(|file| (&file.sha256, file.again)));
        let again: Vec<String> =
            again.filter(|(_, again)| *again > 0).map(|(what, again)| format!("{what} {again}")).collect();
        for address in &mail.reviewers {
            let to = Recipient { address: address.clone(), language: context.config.language.clone() };
            messages.push(of_letter(&notice::to_reviewers(summary, &to), None, &again.join("\n"))?);
        }
    }
    if let Some(webhook) = &context.config.notify.webhook {
        let body = serde_json::to_string(summary).map_err(Failure::stage)?;
        let address = post::shown_url(&webhook.url);
        messages.push(NewMessage {
            key: Fingerprint::new().with("webhook").with(&webhook.url).with(&body).finish(),
            way: "webhook".to_owned(),
            occasion: "news".to_owned(),
            economy: None,
            submission: None,
            address,
            content: body,
        });
    }
    Ok(messages)
}

/// The marked questionnaire of that name, if it may be sent. One that is not made yet is: the letter waits for it.
fn attachment(context: &Context, mail: &MailChoice, unit: Option<&String>) -> Option<String> {
    let path = format!("feedback/{}.xlsx", unit?);
    let size = match fs::metadata(context.config.output.join(&path)) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(_) => return None,
    };
    (context.config.feedback && size <= mail.most_attached).then_some(path)
}

/// Who is written to about a submission: the economy's focal points of the table; where it has none there, the
/// respondent, if that is allowed and the cover names an address.
fn focal_points(
    context: &Context,
    store: &Store,
    mail: &MailChoice,
    row: &SubmissionRow,
) -> Result<Vec<Recipient>, Failure> {
    let Some(economy) = &row.economy else { return Ok(Vec::new()) };
    let usual = || row.language.as_deref().map_or_else(|| context.config.language.clone(), Language::new);
    if let Some(points) = context.focal_points.get(economy) {
        let recipient = |point: &pipeline::tables::FocalPoint| Recipient {
            address: point.address.clone(),
            language: point.language.clone().unwrap_or_else(usual),
        };
        return Ok(points.iter().map(recipient).collect());
    }
    if !mail.respondents {
        return Ok(Vec::new());
    }
    let header = store.header(row.id).map_err(Failure::stage)?;
    let given = header.iter().find(|header| header.field == HeaderField::ContactEmail);
    // What is no address was told to the sender as a finding.
    let address = given.and_then(|header| mail_address(&header.value.display()).ok());
    Ok(address.map(|address| Recipient { address, language: usual() }).into_iter().collect())
}

/// Names a letter by everything that stands in it and what tells it apart: the file of the submission that it is about.
fn key_of(letter: &Letter, about: &str) -> String {
    Fingerprint::new()
        .with("mail")
        .with(&letter.address)
        .with(&letter.subject)
        .with(&letter.text)
        .with(&letter.html)
        .with(about)
        .finish()
}

/// Notes what the letters that wait are about, where an earlier version of the program took them in without noting it: their
/// names tell. Those that no submission fits stay as they are.
pub(super) fn identify(context: &Context, store: &mut Store) -> Result<(), Failure> {
    let open = store.open_messages(context.framework.wave).map_err(Failure::stage)?;
    for (number, row) in subjects(store, &open)? {
        store.note_subject(number, row.wave, &row.sha256).map_err(Failure::stage)?;
    }
    Ok(())
}

/// The submissions that letters are about which do not say it themselves, by the numbers of these.
pub(super) fn subjects(store: &Store, open: &[Message]) -> Result<BTreeMap<i64, SubmissionRow>, Failure> {
    let silent = |row: &&Message| {
        let message = &row.message;
        message.way == "mail" && message.submission.is_none() && message.economy.is_some()
    };
    let silent: Vec<&Message> = open.iter().filter(silent).collect();
    if silent.is_empty() {
        return Ok(BTreeMap::new());
    }
    let submissions = store.submissions().map_err(Failure::stage)?;
    let mut found = BTreeMap::new();
    for row in silent {
        let Ok(letter) = serde_json::from_str::<Letter>(&row.message.content) else { continue };
        let fits = |about: &&SubmissionRow| {
            about.economy == row.message.economy && key_of(&letter, &about.sha256) == row.message.key
        };
        found.extend(submissions.iter().find(fits).map(|about| (row.number, about.clone())));
    }
    Ok(found)
}

/// Lets letters that wait go with the latest export of a form that holds the submission which they are about: the marked
/// questionnaire is made for that one.
fn follow_exports(context: &Context, store: &mut Store) -> Result<(), Failure> {
    let open = store.open_messages(context.framework.wave).map_err(Failure::stage)?;
    let exported =
        if open.is_empty() { BTreeMap::new() } else { store.exported_before().map_err(Failure::stage)? };
    if exported.is_empty() {
        return Ok(());
    }
    let rows = store.submissions().map_err(Failure::stage)?;
    for Message { number, message, .. } in &open {
        let Some(file) = &message.submission else { continue };
        let is_about = |row: &&SubmissionRow| row.sha256 == *file && row.economy == message.economy;
        let Some(about) = rows.iter().rfind(is_about) else { continue };
        let first = |row: &SubmissionRow| exported.get(&row.id).copied().unwrap_or(row.id);
        let latest = rows.iter().rfind(|row| first(row) == first(about));
        if let Some(latest) = latest.filter(|latest| latest.sha256 != *file) {
            store.note_subject(*number, None, &latest.sha256).map_err(Failure::stage)?;
        }
    }
    Ok(())
}

/// Lets what did not come to an address that is not among those of its economy any more go to those that stand there now, as
/// far as it holds still.
fn correct_addresses(context: &Context, store: &mut Store, facts: &Facts) -> Result<(), Failure> {
    let (mut outbox, wave) = (store.outbox().map_err(Failure::stage)?, context.framework.wave);
    let did_not_come = |row: &&Message| matches!(row.state.as_str(), "waiting" | "refused" | "given-up");
    let open: Vec<Message> = outbox.iter().filter(did_not_come).cloned().collect();
    if open.is_empty() {
        return Ok(());
    }
    let rows = store.submissions().map_err(Failure::stage)?;
    let holds = |message: &NewMessage, row: &SubmissionRow| {
        let number = row.id.number();
        facts
            .submissions
            .iter()
            .any(|told| told.id == number && told.latest && told.state == message.occasion)
    };
    for row in &open {
        if let Some(letters) = elsewhere((context, store), row, (&rows, &outbox), &holds)? {
            store.send_elsewhere(wave, row.number, &letters, &now()).map_err(Failure::stage)?;
            outbox = store.outbox().map_err(Failure::stage)?;
        }
    }
    Ok(())
}

/// The same letter to the addresses of now that do not have it yet; absent where its address is among these, nobody else is
/// written to about the economy, or it does not hold.
pub(super) fn elsewhere(
    (context, store): (&Context, &Store),
    row: &Message,
    (rows, outbox): (&[SubmissionRow], &[Message]),
    holds: &dyn Fn(&NewMessage, &SubmissionRow) -> bool,
) -> Result<Option<Vec<NewMessage>>, Failure> {
    let message = &row.message;
    let (Some(mail), Some(economy), Some(file)) =
        (&context.config.notify.mail, &message.economy, &message.submission)
    else {
        return Ok(None);
    };
    if message.way != "mail" || message.address.is_empty() || row.wave != Some(context.framework.wave) {
        return Ok(None);
    }
    let about = rows.iter().rfind(|row| row.sha256 == *file && row.economy.as_ref() == Some(economy));
    let Some(about) = about.filter(|about| holds(message, about)) else { return Ok(None) };
    let recipients = focal_points(context, store, mail, about)?;
    let is_same = |to: &Recipient, address: &str| to.address.eq_ignore_ascii_case(address);
    if recipients.is_empty() || recipients.iter().any(|to| is_same(to, &message.address)) {
        return Ok(None);
    }
    let letter: Letter = serde_json::from_str(&message.content).map_err(Failure::stage)?;
    let has = |to: &Recipient| {
        outbox.iter().filter(|other| other.state != "superseded").any(|Message { message: other, .. }| {
            is_same(to, &other.address)
                && (&other.economy, &other.submission, &other.occasion)
                    == (&message.economy, &message.submission, &message.occasion)
        })
    };
    let letters = recipients.iter().filter(|to| !has(to)).map(|to| {
        let letter = Letter { address: to.address.clone(), ..letter.clone() };
        of_letter(&letter, Some(file), file)
    });
    Ok(Some(letters.collect::<Result<_, _>>()?))
}

/// A letter for the outbox, with the file of the submission that it is about, if it is about one, and what tells it apart from
/// others with the same words.
fn of_letter(letter: &Letter, about: Option<&String>, apart: &str) -> Result<NewMessage, Failure> {
    Ok(NewMessage {
        key: key_of(letter, apart),
        way: "mail".to_owned(),
        occasion: letter.occasion.as_str().to_owned(),
        economy: letter.economy.clone(),
        submission: about.cloned(),
        address: letter.address.clone(),
        content: serde_json::to_string(letter).map_err(Failure::stage)?,
    })
}
