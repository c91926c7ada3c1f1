//! Opens the web addresses of the wave politely: one request at a time for a host, with a pause, HEAD before GET,
//! and not again while the last look is young. Strangers write these addresses: none of them may hold up the look at the
//! others, and a wish to stop is heard while a server is waited for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fetch::{Client, FetchError, Policy, Request, Retries, Seen};
use jiff::civil::Date;
use maturity::link::{LinkOutcome, addresses, is_web};
use maturity::submission::Field;
use pipeline::config::LinkChoice;
use pipeline::{Context, Progress, Stopped};
use serde::Serialize;
use store::{CheckedLink, Store, StoreError};
use tokio::sync::mpsc;
use tokio::time::Instant;
use url::Url;

/// How many hosts are asked at the same time.
const HOSTS_AT_ONCE: usize = 8;
/// The longest wait that a host may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// After so many addresses in a row to which there was no answer, a host is not asked for the others.
const MOST_SILENT: usize = 3;
/// How long one host is asked for one address after the other.
const LONGEST_HOST: Duration = Duration::from_secs(900);
/// The most addresses of one submission that are opened: some for each question.
pub(crate) const MOST_OF_SUBMISSION: usize = 1000;

/// Links could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The store failed.
    #[error("failed to keep what became of links")]
    Store(#[from] StoreError),
    /// No request can be made at all.
    #[error(transparent)]
    Client(#[from] FetchError),
    /// Whoever watches asked to stop. What was known by then is recorded.
    #[error(transparent)]
    Stopped(#[from] Stopped),
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
    /// Those that are left for the next look, because their hosts are silent, busy or slow.
    pub left: usize,
    /// Those that are never opened, because there are too many in one submission.
    pub beyond: usize,
    /// Whether no server at all could be reached, so that nothing was recorded.
    pub offline: bool,
}

/// What one host is asked.
type Host = (String, Vec<String>);

/// What came of an address.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    /// What became of the link.
    Known(LinkOutcome),
    /// The server only said that it is too busy to tell.
    Busy,
    /// It was not opened, because its host is silent, busy or slow.
    Left,
}

/// Opens every address of the latest submissions of the wave that was not opened lately, and records what became
/// of it. The findings are made by the next validation.
pub fn check_links(
    context: &Context,
    store: &mut Store,
    progress: &dyn Progress,
) -> Result<LookedAt, LinkError> {
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    let (all, beyond) = addresses_of(context, store)?;
    let known = store.links()?;
    let mut due: Vec<&String> = all
        .iter()
        .filter(|url| known.get(*url).is_none_or(|link| is_due(link, today, &context.config.links)))
        .collect();
    // First what was never opened: a host that is given up would else be asked for the same addresses each time.
    due.sort_by_key(|url| known.get(*url).map(|link| &link.checked));
    let mut hosts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for url in &due {
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        hosts.entry(host.unwrap_or_default()).or_default().push((*url).clone());
    }
    let mut policy = Policy::any_public();
    policy.allow_private = context.config.links.allow_private;
    let client = Client::new(policy, Retries::default())?;
    let pause = Duration::from_millis(context.config.links.pause_ms.into());
    let mut looked = LookedAt { addresses: all.len(), beyond, ..LookedAt::default() };
    progress.start("links", due.len());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(LinkError::Runtime)?;
    let day = today.to_string();
    let recorded = runtime.block_on(async {
        let mut outcomes = ask(&client, hosts.into_iter().collect(), pause);
        // A machine without a network reaches nobody. That says nothing about the links.
        let mut silent = Vec::new();
        let mut reached = false;
        let host = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let stopped = loop {
            let (url, came) = match next(&mut outcomes, progress).await {
                Ok(Some(came)) => came,
                Ok(None) => break Ok(()),
                Err(stopped) => break Err(stopped),
            };
            progress.advance();
            match came {
                Came::Busy => reached = true,
                Came::Left => looked.left += 1,
                Came::Known(LinkOutcome::Silent) if !reached => silent.push(url),
                Came::Known(outcome) => {
                    // What is not public was not asked.
                    let asked = outcome != LinkOutcome::NotPublic;
                    reached |= asked && outcome != LinkOutcome::Silent;
                    store.record_link(&url, &outcome, &day)?;
                    looked.opened += usize::from(asked);
                }
            }
        };
        if !reached && silent.iter().map(|url| host(url)).collect::<BTreeSet<_>>().len() > 1 {
            looked.offline = true;
            return Ok(stopped?);
        }
        for url in silent {
            store.record_link(&url, &LinkOutcome::Silent, &day)?;
            looked.opened += 1;
        }
        Ok::<(), LinkError>(stopped?)
    });
    // Not waiting for names that are still being looked up.
    runtime.shutdown_background();
    recorded?;
    progress.finish();
    let now = store.links()?;
    looked.failing =
        all.iter().filter(|url| now.get(*url).is_some_and(|link| !link.state.outcome.works())).count();
    Ok(looked)
}

/// The next thing that comes, or the wish to stop.
async fn next<T>(coming: &mut mpsc::Receiver<T>, progress: &dyn Progress) -> Result<Option<T>, Stopped> {
    /// How soon a wish to stop is seen.
    const EVERY: Duration = Duration::from_millis(100);
    loop {
        progress.checkpoint()?;
        if let Ok(came) = tokio::time::timeout(EVERY, coming.recv()).await {
            return Ok(came);
        }
    }
}

/// The addresses in the latest submission of every economy, or of each of its respondents that are heard, and how many
/// more there are than are opened of one submission.
fn addresses_of(context: &Context, store: &Store) -> Result<(BTreeSet<String>, usize), StoreError> {
    let (wave, choice) = (context.framework.wave, &context.config.respondents);
    let mut looked_at = BTreeSet::new();
    for (economy, (latest, _)) in store.latest_submissions(wave)? {
        looked_at.insert(latest);
        if choice.rule.merges() {
            let all = store.told_respondents(wave, &economy, &choice.offices)?;
            looked_at.extend(all.into_values().map(|row| row.id));
        }
    }
    let (mut all, mut beyond) = (BTreeSet::new(), 0);
    for submission in looked_at {
        let responses = store.responses(submission)?.into_iter();
        let told = responses
            .filter(|response| matches!(response.field, Field::Answer | Field::Evidence))
            .map(|response| response.value.display());
        beyond += take_addresses(told, &mut all);
    }
    Ok((all, beyond))
}

/// Adds the addresses in the texts of one submission, the first of them; gives how many more there are.
fn take_addresses(texts: impl Iterator<Item = String>, all: &mut BTreeSet<String>) -> usize {
    let (mut own, mut beyond) = (BTreeSet::new(), BTreeSet::new());
    for text in texts {
        for word in addresses(&text).filter(|word| is_web(word)) {
            if own.len() < MOST_OF_SUBMISSION {
                own.insert(word.to_owned());
            } else if !own.contains(word) {
                beyond.insert(word.to_owned());
            }
        }
    }
    all.append(&mut own);
    beyond.len()
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

/// Asks the hosts, some at once, and gives what came of each address as it is known.
fn ask(client: &Client, hosts: VecDeque<Host>, pause: Duration) -> mpsc::Receiver<(String, Came)> {
    let (sender, receiver) = mpsc::channel(64);
    let hosts = Arc::new(Mutex::new(hosts));
    for _ in 0..HOSTS_AT_ONCE {
        let (client, hosts, sender) = (client.clone(), Arc::clone(&hosts), sender.clone());
        tokio::spawn(async move {
            loop {
                let next = hosts.lock().ok().and_then(|mut hosts| hosts.pop_front());
                let Some((_, urls)) = next else { return };
                let (mut silent, begun) = (0, Instant::now());
                for (at, url) in urls.into_iter().enumerate() {
                    let came = if silent >= MOST_SILENT || begun.elapsed() >= LONGEST_HOST {
                        Came::Left
                    } else {
                        if at > 0 {
                            tokio::time::sleep(pause).await;
                        }
                        let (outcome, answered) = open(&client, &url, pause).await;
                        silent = if answered { 0 } else { silent + 1 };
                        outcome.map_or(Came::Busy, Came::Known)
                    };
                    if sender.send((url, came)).await.is_err() {
                        return;
                    }
                }
            }
        });
    }
    receiver
}

/// Opens one address: HEAD, and GET where HEAD does not say that all is well, since many servers answer it wrong. Gives
/// what became of it, nothing where the server is too busy to tell, and whether the server answered at all.
async fn open(client: &Client, url: &str, pause: Duration) -> (Option<LinkOutcome>, bool) {
    let (Ok(head), Ok(get)) = (Request::head(url), Request::get(url)) else {
        return (Some(LinkOutcome::Silent), true);
    };
    if let Ok(seen) = client.look(&head).await
        && (200..300).contains(&seen.status)
    {
        return (outcome(url, Ok(seen)), true);
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
    let answered = match &seen {
        Ok(seen) => !matches!(seen.status, 429 | 503),
        Err(error) => !error.may_pass() || error.is_certificate(),
    };
    (outcome(url, seen), answered)
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

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn a_host_that_does_not_answer_is_given_up() {
        // Nobody listens there any more.
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let policy = Policy { allow_private: true, ..Policy::any_public() };
        let client = Client::new(policy, Retries::default()).unwrap();
        let urls = (0..6).map(|at| format!("http://{closed}/{at}")).collect();
        let came: Vec<Came> = block_on(async {
            let mut coming = ask(&client, [(String::new(), urls)].into(), Duration::ZERO);
            let mut all = Vec::new();
            while let Some((_, came)) = next(&mut coming, &pipeline::Silent).await.unwrap() {
                all.push(came);
            }
            all
        });
        let silent = || Came::Known(LinkOutcome::Silent);
        assert_eq!(came, [silent(), silent(), silent(), Came::Left, Came::Left, Came::Left]);
    }

    #[test]
    fn a_wish_to_stop_is_heard_while_a_server_is_silent() {
        struct Stopping(std::sync::atomic::AtomicUsize);
        impl Progress for Stopping {
            fn start(&self, _stage: &str, _total: usize) {}
            fn advance(&self) {}
            fn finish(&self) {}
            fn stopped(&self) -> bool {
                self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0
            }
        }
        let (sender, mut coming) = mpsc::channel::<()>(1);
        let heard = block_on(async { next(&mut coming, &Stopping(0.into())).await });
        assert!(heard.is_err());
        drop(sender);
    }

    #[test]
    fn of_one_submission_no_more_than_some_addresses_for_each_question_are_opened() {
        let cell = |from: usize, to: usize| -> String {
            (from..to).map(|at| format!("https://example.org/{at}")).collect::<Vec<_>>().join(" ")
        };
        let mut all = BTreeSet::new();
        assert_eq!(take_addresses([cell(0, 900), cell(800, 1100)].into_iter(), &mut all), 100);
        assert_eq!(all.len(), MOST_OF_SUBMISSION);
        assert_eq!(take_addresses([cell(1090, 1100)].into_iter(), &mut all), 0);
        assert_eq!(all.len(), MOST_OF_SUBMISSION + 10);
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
