//! Sessions as 6.x has them: a device is named by whichever address stands in a stanza, by number or by LID, and each name has sessions
//! of its own. Here they are one record.
//!
//! Written back, every name has all sessions and reads in all of them, but each session is open under one name only: two that
//! went on sending in it would use the same keys twice. The number, by which people are written to, has the current one; the
//! LID, by which 6 only hands out keys of groups, another one. Where there was only a LID there is only a LID again.

use chasqui_baileys::session;
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
    let known: Vec<&str> = by_lid.into_iter().chain(by_number).collect();
    if by_number.is_none() && by_lid.is_some() {
        return [None, Some(session::write(record, by_lid, now))];
    }
    let known_by_number: Vec<&str> = by_number.into_iter().chain(by_lid).collect();
    let number = session::write_sending(record, &known_by_number, now, |at, _| at == 0);
    // Where there is none left, 6 begins anew.
    let lid = by_lid.and_then(|json| {
        let own = session::names(json).map(|names| names.all).unwrap_or_default();
        let is_own = |at, name: &str| at > 0 && own.iter().any(|own| own == name);
        session::write_sending(record, &known, now, is_own)
            .or_else(|| session::write_sending(record, &known, now, |at, _| at > 0))
    });
    [number, lid]
}
