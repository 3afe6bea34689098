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

#[cfg(test)]
mod tests {
    use chasqui_baileys::session::{merged, names, read};

    use super::*;

    const NOW: i64 = 1_800_000_000_000;
    const ONE: &str =
        include_str!("../../../chasqui-baileys/tests/samples/auth-6.7.21/multi-file/session-15550001001.0.json");
    const OTHER: &str =
        include_str!("../../../chasqui-baileys/tests/samples/auth-6.7.21/multi-file/session-15550001003.0.json");

    fn open(json: &str) -> String {
        names(json).expect("a record").open.expect("an open session")
    }

    fn record(of: &[&str]) -> SessionRecord {
        merged(&of.iter().map(|json| read(json).expect("a record")).collect::<Vec<_>>())
    }

    #[test]
    fn each_session_is_open_under_one_name_and_known_under_both() {
        for (first, second) in [(ONE, OTHER), (OTHER, ONE)] {
            let record = record(&[first, second]);
            let [number, lid] = sessions(&record, Some(ONE), Some(OTHER), NOW).map(|json| json.expect("a value"));
            assert_eq!((open(&number), open(&lid)), (open(first), open(second)), "by number the current one");
            let all = names(ONE).expect("a record").all.len() + names(OTHER).expect("a record").all.len();
            for json in [&number, &lid] {
                assert_eq!(names(json).expect("a record").all.len(), all);
            }
            // Together again they are what they were: what is only read along is left.
            let again = merged(&[read(&number).expect("a record"), read(&lid).expect("a record")]);
            assert_eq!(open(&session::write(&again, None, NOW)), open(first));
            assert_eq!(again.to_parts().1.len(), all);
        }
    }

    #[test]
    fn a_name_that_there_was_not_is_not_made_by_lid() {
        let both = record(&[ONE, OTHER]);
        let [number, lid] = sessions(&both, None, None, NOW);
        assert_eq!((number.map(|json| open(&json)), lid), (Some(open(ONE)), None));
        let [number, lid] = sessions(&both, None, Some(OTHER), NOW);
        assert_eq!((number, lid.map(|json| open(&json))), (None, Some(open(ONE))));
        // With one session only, it is the number's.
        let [number, lid] = sessions(&record(&[ONE]), Some(ONE), Some(OTHER), NOW);
        assert_eq!((number.map(|json| open(&json)), lid), (Some(open(ONE)), None));
    }
}
