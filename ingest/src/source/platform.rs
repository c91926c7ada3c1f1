//! What the platforms of online forms have in common: a submission is a document, and the workbooks attached to it lie
//! below its name.

use store::Fetched;

use super::SourceError;
use super::spool::Spool;
use crate::directory::Origin;

/// What the version begins with of what came from another form under the same source's name, which follows. It counts
/// on, but says nothing of the form that is read now.
const ELSEWHERE: &str = "of another form";
/// The version of what came from the form that is read now, before another one was read under the same name.
const AGAIN: &str = "of this form";
/// The version of a submission that the form holds no longer.
const DELETED: &str = "deleted";
/// The version of a submission whose fields have names too long for a table.
const TOO_LONG: &str = "too long";
/// What the version of a workbook begins with that could not be fetched so far.
pub(super) const EXPECTED: &str = "expected";
/// The version of a workbook that is attached no longer.
const REMOVED: &str = "removed";
/// The version of a workbook that is not wanted, because attachments are switched off.
const SWITCHED_OFF: &str = "switched off";

/// The id of a submission as the name of a document. Whoever sends one may choose its id, and what stands behind a slash
/// names a workbook that is attached to another.
pub(super) fn name_of(id: &str) -> String {
    id.replace('%', "%25").replace('/', "%2F")
}

/// The id that a name stands for.
pub(super) fn id_of(name: &str) -> String {
    name.replace("%2F", "/").replace("%25", "%")
}

/// The submission that a document is, or is attached to.
pub(super) fn submission(remote: &str) -> &str {
    remote.split('/').next().unwrap_or_default()
}

/// Whether a document is a submission.
pub(super) fn is_submission(remote: &str) -> bool {
    !remote.contains('/')
}

/// Whether a document is of the form that is read now, whatever became of it there.
pub(super) fn is_of_form(known: &Fetched) -> bool {
    !known.version.starts_with(ELSEWHERE)
}

/// Whether the form still holds a document, wanted or not.
pub(super) fn is_held(known: &Fetched) -> bool {
    is_of_form(known) && known.version != DELETED
}

/// The source's name stood for the form `before` and stands for `now`: what is known of the one counts on, what is known
/// of the other is looked at again.
pub(super) fn change_form(spool: &mut Spool<'_>, before: &str, now: &str) -> Result<(), SourceError> {
    let elsewhere = |form: &str| format!("{ELSEWHERE} {form}");
    for remote in remotes(spool, is_held) {
        spool.mark(&remote, &elsewhere(before))?;
    }
    for remote in remotes(spool, |known| known.version == elsewhere(now)) {
        spool.mark(&remote, AGAIN)?;
    }
    Ok(())
}

/// Notes which known submissions a complete list of the form no longer holds. That nothing is left of several may as
/// well be that the account may not see them any more.
pub(super) fn note_deleted(
    spool: &mut Spool<'_>,
    is_there: impl Fn(&str) -> bool,
) -> Result<(), SourceError> {
    let before = counting(spool);
    for remote in remotes(spool, |known| is_held(known) && !is_there(submission(&known.remote))) {
        spool.lose(&remote, DELETED)?;
    }
    let is_empty = !spool.known().any(|known| is_submission(&known.remote) && is_held(known));
    if is_empty && before > 0 {
        let those = if before == 1 { "1 submission".to_owned() } else { format!("{before} submissions") };
        spool.ask_for_care(format!(
            "the form is empty, where {those} counted before (if nobody deleted them, the account may see less than it did)"
        ));
    }
    Ok(())
}

/// Notes that a submission is not to count, and no more do the workbooks attached to it.
pub(super) fn withdraw(spool: &mut Spool<'_>, name: &str, version: &str) -> Result<(), SourceError> {
    for remote in remotes(spool, |known| submission(&known.remote) == name) {
        spool.lose(&remote, version)?;
    }
    Ok(spool.lose(name, version)?)
}

/// Notes that what a submission says now makes no table. What it said before counts on.
pub(super) fn set_aside(spool: &mut Spool<'_>, name: &str) -> Result<(), SourceError> {
    Ok(spool.expect(name, TOO_LONG)?)
}

/// Says how many submissions make no table.
pub(super) fn tell_set_aside(spool: &mut Spool<'_>) {
    let those = match spool.known().filter(|known| known.version == TOO_LONG).count() {
        0 => return,
        1 => "1 submission has".to_owned(),
        count => format!("{count} submissions have"),
    };
    spool.ask_for_care(format!(
        "{those} fields with names longer than those of any form, and what is there now is not read (look at it on the \
         server)"
    ));
}

/// Whether a workbook of a submission counts, or is still expected.
pub(super) fn awaits_workbooks(spool: &Spool<'_>, name: &str) -> bool {
    let is_open = |known: &Fetched| !known.gone || known.version.starts_with(EXPECTED);
    spool.known().any(|known| {
        is_of_form(known)
            && !is_submission(&known.remote)
            && submission(&known.remote) == name
            && is_open(known)
    })
}

/// Notes which workbooks are attached to a submission no longer.
pub(super) fn note_removed(
    spool: &mut Spool<'_>,
    name: &str,
    is_attached: impl Fn(&str) -> bool,
) -> Result<(), SourceError> {
    // One that never came is not waited for any more.
    let is_open = |known: &Fetched| !known.gone || known.version.starts_with(EXPECTED);
    let is_removed = |known: &Fetched| {
        is_open(known)
            && is_of_form(known)
            && !is_submission(&known.remote)
            && submission(&known.remote) == name
            && !is_attached(&known.remote)
    };
    for remote in remotes(spool, is_removed) {
        spool.lose(&remote, REMOVED)?;
    }
    Ok(())
}

/// Notes that attachments are switched off: workbooks that came before count no more, as they would not in a new store, and
/// people are told so.
pub(super) fn switch_off(spool: &mut Spool<'_>) -> Result<(), SourceError> {
    let is_workbook = |known: &Fetched| is_of_form(known) && !is_submission(&known.remote);
    let is_open = |known: &Fetched| !known.gone || known.version.starts_with(EXPECTED);
    let counted = spool.known().filter(|known| is_workbook(known) && !known.gone).count();
    for remote in remotes(spool, |known| is_workbook(known) && is_open(known)) {
        spool.note(&remote, SWITCHED_OFF)?;
    }
    let those = match counted {
        0 => return Ok(()),
        1 => "1 attached workbook counts".to_owned(),
        count => format!("{count} attached workbooks count"),
    };
    spool.tell(format!("{those} no more: attachments are switched off"));
    Ok(())
}

/// What is known of a document because a platform has it.
pub(super) fn origin(spool: &Spool<'_>, remote: &str) -> Origin {
    if !is_submission(remote) {
        return Origin::Attached;
    }
    let is_attached = |known: &Fetched| {
        !is_submission(&known.remote)
            && submission(&known.remote) == remote
            && (!known.gone || known.version.starts_with(EXPECTED))
    };
    Origin::Form { has_workbook: spool.known().any(is_attached) }
}

/// How many submissions of the form count.
fn counting(spool: &Spool<'_>) -> usize {
    spool.known().filter(|known| is_submission(&known.remote) && !known.gone && is_held(known)).count()
}

fn remotes(spool: &Spool<'_>, is_wanted: impl Fn(&Fetched) -> bool) -> Vec<String> {
    spool.known().filter(|known| is_wanted(known)).map(|known| known.remote.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_is_the_name_of_a_workbook_of_another_submission() {
        for id in ["uuid:KEN", "uuid:KEN/a.xlsx", "/", "a%2Fb", "100%", "%25"] {
            let name = name_of(id);
            assert!(is_submission(&name), "{name}");
            assert_eq!(id_of(&name), id);
        }
        assert_eq!(name_of("uuid:KEN"), "uuid:KEN");
    }
}
