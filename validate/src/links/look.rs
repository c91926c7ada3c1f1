//! Opens the web addresses of the wave politely: one request at a time for a host, with a pause, HEAD before GET,
//! and not again while the last look is young.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fetch::{Client, FetchError, Policy, Request, Retries, Seen};
use jiff::civil::Date;
use maturity::link::{LinkOutcome, addresses, is_web};
use maturity::submission::Field;
use pipeline::config::LinkChoice;
use pipeline::{Context, Progress};
use serde::Serialize;
use store::{CheckedLink, Store, StoreError};
use tokio::sync::mpsc;
use url::Url;

/// How many hosts are asked at the same time.
const HOSTS_AT_ONCE: usize = 8;
/// The longest wait that a host may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Links could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The store failed.
    #[error("failed to keep what became of links")]
    Store(#[from] StoreError),
    /// No request can be made at all.
    #[error(transparent)]
    Client(#[from] FetchError),
    /// The machine refuses what asking needs.
    #[error("failed to prepare for asking servers")]
    Runtime(#[source] std::io::Error),
}

/// What looking at links did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LookedAt {
    /// Addresses in the latest submissions of the wave.
    pub addresses: usize,
    /// Those that were opened now; the others were looked at lately.
    pub opened: usize,
    /// All that do not work now, opened now or lately.
    pub failing: usize,
    /// Whether no server at all could be reached, so that nothing was recorded.
    pub offline: bool,
}

/// What one host is asked.
type Host = (String, Vec<String>);

/// Opens every address of the latest submissions of the wave that was not opened lately, and records what became
/// of it. The findings are made by the next validation.
pub fn check_links(
    context: &Context,
    store: &mut Store,
    progress: &dyn Progress,
) -> Result<LookedAt, LinkError> {
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    let all = addresses_of(context, store)?;
    let known = store.links()?;
    let due: Vec<&String> = all
        .iter()
        .filter(|url| known.get(*url).is_none_or(|link| is_due(link, today, &context.config.links)))
        .collect();
    let mut hosts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for url in &due {
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        hosts.entry(host.unwrap_or_default()).or_default().push((*url).clone());
    }
    let mut policy = Policy::any_public();
    policy.allow_private = context.config.links.allow_private;
    let client = Client::new(policy, Retries::default())?;
    let pause = Duration::from_millis(context.config.links.pause_ms.into());
    let mut looked = LookedAt { addresses: all.len(), ..LookedAt::default() };
    progress.start("links", due.len());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let day = today.to_string();
    runtime.map_err(LinkError::Runtime)?.block_on(async {
        let mut outcomes = ask(&client, hosts.into_iter().collect(), pause);
        // A machine without a network reaches nobody. That says nothing about the links.
        let mut silent = Vec::new();
        let mut reached = false;
        let host = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        while let Some((url, outcome)) = outcomes.recv().await {
            progress.advance();
            match outcome {
                None => {}
                Some(LinkOutcome::Silent) if !reached => silent.push(url),
                Some(outcome) => {
                    // What is not public was not asked.
                    let asked = outcome != LinkOutcome::NotPublic;
                    reached |= asked && outcome != LinkOutcome::Silent;
                    store.record_link(&url, &outcome, &day)?;
                    looked.opened += usize::from(asked);
                }
            }
        }
        if !reached && silent.iter().map(|url| host(url)).collect::<BTreeSet<_>>().len() > 1 {
            looked.offline = true;
            return Ok::<(), StoreError>(());
        }
        for url in silent {
            store.record_link(&url, &LinkOutcome::Silent, &day)?;
            looked.opened += 1;
        }
        Ok(())
    })?;
    progress.finish();
    let now = store.links()?;
    looked.failing =
        all.iter().filter(|url| now.get(*url).is_some_and(|link| !link.state.outcome.works())).count();
    Ok(looked)
}

/// The addresses in the latest submission of every economy, or of each of its respondents that are heard.
fn addresses_of(context: &Context, store: &Store) -> Result<BTreeSet<String>, StoreError> {
    let (wave, choice) = (context.framework.wave, &context.config.respondents);
    let mut looked_at = BTreeSet::new();
    for (economy, (latest, _)) in store.latest_submissions(wave)? {
        looked_at.insert(latest);
        if choice.rule.merges() {
            let all = store.told_respondents(wave, &economy, &choice.offices)?;
            looked_at.extend(all.into_values().map(|row| row.id));
        }
    }
    let mut all = BTreeSet::new();
    for submission in looked_at {
        for response in store.responses(submission)? {
            if matches!(response.field, Field::Answer | Field::Evidence) {
                all.extend(
                    addresses(&response.value.display()).filter(|word| is_web(word)).map(str::to_owned),
                );
            }
        }
    }
    Ok(all)
}

/// An address that did not work is looked at again on another day; one that worked, when its look is old. One that was not
/// asked because it is not public is asked as soon as that is allowed.
fn is_due(link: &CheckedLink, today: Date, choice: &LinkChoice) -> bool {
    if link.state.outcome == LinkOutcome::NotPublic && choice.allow_private {
        return true;
    }
    let Ok(checked) = link.checked.parse::<Date>() else { return true };
    let days = today.since(checked).map_or(i32::MAX, |span| span.get_days());
    days >= if link.state.outcome.works() { i32::from(choice.max_age_days) } else { 1 }
}

/// Asks the hosts, some at once, and gives what became of each address as it is known: nothing where the server
/// only said that it is too busy to tell.
fn ask(
    client: &Client,
    hosts: VecDeque<Host>,
    pause: Duration,
) -> mpsc::Receiver<(String, Option<LinkOutcome>)> {
    let (sender, receiver) = mpsc::channel(64);
    let hosts = Arc::new(Mutex::new(hosts));
    for _ in 0..HOSTS_AT_ONCE {
        let (client, hosts, sender) = (client.clone(), Arc::clone(&hosts), sender.clone());
        tokio::spawn(async move {
            loop {
                let next = hosts.lock().ok().and_then(|mut hosts| hosts.pop_front());
                let Some((_, urls)) = next else { return };
                for (at, url) in urls.into_iter().enumerate() {
                    if at > 0 {
                        tokio::time::sleep(pause).await;
                    }
                    let outcome = open(&client, &url, pause).await;
                    if sender.send((url, outcome)).await.is_err() {
                        return;
                    }
                }
            }
        });
    }
    receiver
}

/// Opens one address: HEAD, and GET where HEAD does not say that all is well, since many servers answer it wrong.
async fn open(client: &Client, url: &str, pause: Duration) -> Option<LinkOutcome> {
    let (Ok(head), Ok(get)) = (Request::head(url), Request::get(url)) else {
        return Some(LinkOutcome::Silent);
    };
    if let Ok(seen) = client.look(&head).await
        && (200..300).contains(&seen.status)
    {
        return outcome(url, Ok(seen));
    }
    tokio::time::sleep(pause).await;
    let mut seen = client.look(&get).await;
    if let Ok(Seen { status: 429 | 503, retry_after: Some(wait), .. }) = &seen
        && *wait <= LONGEST_WAIT
    {
        tokio::time::sleep(*wait).await;
        seen = client.look(&get).await;
    }
    if let Err(error) = &seen {
        tracing::debug!(%error, "a link could not be opened");
    }
    outcome(url, seen)
}

fn outcome(url: &str, seen: Result<Seen, FetchError>) -> Option<LinkOutcome> {
    Some(match seen {
        Ok(Seen { status: 200..300, moved: Some(to), .. }) if is_elsewhere(url, &to) => {
            LinkOutcome::Moved { to: to.into() }
        }
        Ok(Seen { status: 200..300, .. }) => LinkOutcome::Works,
        Ok(Seen { status: 404 | 410, .. }) => LinkOutcome::Gone,
        Ok(Seen { status: status @ (401 | 402 | 403 | 407 | 451), .. }) => LinkOutcome::Closed { status },
        Ok(Seen { status: 429, .. }) => return None,
        Err(FetchError::NotPublic { .. }) => LinkOutcome::NotPublic,
        Err(error) if error.is_certificate() => LinkOutcome::Certificate,
        Ok(_) | Err(_) => LinkOutcome::Silent,
    })
}

/// Whether a permanent redirect leads to another page: https for http, `www.` or a slash at the end are the same.
fn is_elsewhere(url: &str, to: &Url) -> bool {
    let bare = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_prefix("www.").unwrap_or(host).to_owned();
        (host, url.path().trim_end_matches('/').to_owned(), url.query().map(str::to_owned))
    };
    Url::parse(url).is_ok_and(|url| bare(&url) != bare(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16) -> Seen {
        Seen { status, moved: None, retry_after: None }
    }

    #[test]
    fn statuses_say_what_became_of_a_link() {
        let of = |status| outcome("https://example.org/a", Ok(seen(status)));
        assert_eq!(of(200), Some(LinkOutcome::Works));
        assert_eq!(of(206), Some(LinkOutcome::Works));
        assert_eq!(of(404), Some(LinkOutcome::Gone));
        assert_eq!(of(410), Some(LinkOutcome::Gone));
        assert_eq!(of(403), Some(LinkOutcome::Closed { status: 403 }));
        assert_eq!(of(500), Some(LinkOutcome::Silent));
        assert_eq!(of(429), None, "busy is no verdict");
    }

    #[test]
    fn a_permanent_redirect_counts_only_if_it_leads_elsewhere() {
        let moved = |to: &str| {
            let seen = Seen { status: 200, moved: Some(Url::parse(to).unwrap()), retry_after: None };
            outcome("http://example.org/a", Ok(seen)).unwrap()
        };
        assert_eq!(moved("https://www.example.org/a/"), LinkOutcome::Works);
        assert!(matches!(moved("https://example.org/b"), LinkOutcome::Moved { .. }));
        assert!(matches!(moved("https://other.example/a"), LinkOutcome::Moved { .. }));
    }

    #[test]
    fn what_failed_is_looked_at_again_sooner_than_what_worked() {
        let link = |outcome, checked: &str| CheckedLink {
            state: maturity::link::LinkState { outcome, since: checked.to_owned() },
            checked: checked.to_owned(),
        };
        let today = "2026-11-25".parse().unwrap();
        let mut choice = LinkChoice { max_age_days: 30, ..LinkChoice::default() };
        assert!(!is_due(&link(LinkOutcome::Works, "2026-10-27"), today, &choice));
        assert!(is_due(&link(LinkOutcome::Works, "2026-10-26"), today, &choice));
        assert!(!is_due(&link(LinkOutcome::Gone, "2026-11-25"), today, &choice));
        assert!(is_due(&link(LinkOutcome::Gone, "2026-11-24"), today, &choice));
        assert!(!is_due(&link(LinkOutcome::NotPublic, "2026-11-25"), today, &choice));
        choice.allow_private = true;
        assert!(is_due(&link(LinkOutcome::NotPublic, "2026-11-25"), today, &choice));
    }
}
