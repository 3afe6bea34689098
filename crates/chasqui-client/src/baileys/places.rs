//! Sessions as 6.x has them: a device is named by whichever address stands in a stanza, by number or by LID, and each name has sessions
//! of its own. Here they are one record.
//!
//! Written back, every name has all sessions and reads in all of them, but each session is open under one name only: two that
//! went on sending in it would use the same keys twice. A session stays where it was open, or was found; one that is
//! new goes to the number, unless there is only a LID.

use chasqui_baileys::session::{self, Names};
use chasqui_signal::SessionRecord;

/// The values of both names, by number and by LID; `None` where there is to be none. They replace those that are given.
///
/// `now`: milliseconds since the epoch.
pub(super) fn sessions(
    record: &SessionRecord,
    by_number: Option<&str>,
    by_lid: Option<&str>,
    now: i64,
) -> [Option<String>; 2] {
    let [number, lid] = [by_number, by_lid].map(|json| json.and_then(session::names));
    let open = |names: &Option<Names>, name: &str| names.as_ref().is_some_and(|it| it.open.as_deref() == Some(name));
    let has = |names: &Option<Names>, name: &str| names.as_ref().is_some_and(|it| it.all.iter().any(|it| it == name));
    let is_of_lid = |name: &str| {
        if open(&number, name) {
            return false;
        }
        open(&lid, name) || (!has(&number, name) && has(&lid, name)) || (number.is_none() && lid.is_some())
    };
    let known = |first: Option<&str>, second: Option<&str>| {
        let known: Vec<String> = first.into_iter().chain(second).map(str::to_owned).collect();
        known
    };
    let write = |known: Vec<String>, of_lid: bool| {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        session::write_sending(record, &known, now, |name| is_of_lid(name) == of_lid)
    };
    [write(known(by_number, by_lid), false), write(known(by_lid, by_number), true)]
}
