//! People have two addresses, and 6.x has files under both, without saying which is which. Here a device has one row, as soon as both
//! are known.

use std::collections::HashMap;

use chasqui_signal::{SenderKeyRecord, SessionRecord, parts::Receiving};
use chasqui_store::{Key, Namespace, SessionStore, StoreError};
use chasqui_wire::Jid;

use super::records;
use crate::lid;

/// The other address of the device that a session or a sender key is of, where 6.x goes by both.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) enum Twin {
    /// It is not known, or of no use.
    #[default]
    None,
    /// The user of the number, or of the LID.
    User(String),
    /// Another row stands for the device.
    Elsewhere,
}

/// Whose a session or a sender key is, as its address names him.
pub(super) fn owner_of(key: &Key) -> Option<Jid> {
    let address = match key.namespace {
        Namespace::Session => records::text(&key.bytes)?,
        Namespace::SenderKey => records::text(&key.bytes)?.split_once(' ')?.1,
        _ => return None,
    };
    let (name, _) = address.rsplit_once('.')?;
    match name.split_once('_') {
        None => Some(Jid::pn(name)),
        Some((user, "1")) => Some(Jid::lid(user)),
        Some(_) => None,
    }
}

/// Who else the devices in keys are. Where both addresses are known, the row by LID stands for the device; a row by an address that
/// is of the other kind was one reading of a name that 6.x has for both kinds, and stands for nobody.
pub(super) async fn of_six(store: &dyn SessionStore, keys: &[Key]) -> Result<HashMap<Key, Twin>, StoreError> {
    let owners: Vec<(&Key, Jid)> = keys.iter().filter_map(|key| Some((key, owner_of(key)?))).collect();
    let mapping = |jid: &Jid| Key::new(Namespace::LidMapping, lid::mapping_key(jid));
    let other_kind = |jid: &Jid| if jid.is_lid() { Jid::pn(jid.user.clone()) } else { Jid::lid(jid.user.clone()) };
    let mappings: Vec<Key> =
        owners.iter().flat_map(|(_, owner)| [mapping(owner), mapping(&other_kind(owner))]).collect();
    let mut found = store.get_many(&mappings).await?.into_iter();
    let mut twins = HashMap::new();
    let mut by_number = Vec::new();
    let mut unknown = Vec::new();
    for (key, owner) in owners {
        let (twin, is_other_kind) = (found.next().flatten(), found.next().flatten().is_some());
        let twin = match twin.and_then(|user| String::from_utf8(user).ok()) {
            Some(user) if !owner.is_lid() => {
                by_number.push((key, user.clone()));
                Twin::User(user)
            }
            Some(user) => Twin::User(user),
            None if is_other_kind => Twin::Elsewhere,
            None => {
                let user = owner.user.as_str();
                unknown.push((key, if owner.is_lid() { user.to_owned() } else { format!("{user}_1") }));
                Twin::None
            }
        };
        twins.insert(key.clone(), twin);
    }
    // A sender key may still be by number only.
    let by_lid: Vec<Key> = by_number.iter().filter_map(|(key, lid)| renamed(key, &format!("{lid}_1"))).collect();
    let mut known = store.get_many(&by_lid).await?.into_iter();
    for (key, _) in by_number {
        let is_known = known.next().flatten().is_some();
        if key.namespace == Namespace::Session || is_known {
            twins.insert(key.clone(), Twin::Elsewhere);
        }
    }
    // Both readings are there until it is known which one is right: the one that has gone on is.
    let unknown: Vec<_> =
        unknown.into_iter().filter_map(|(key, name)| Some((key, renamed(key, &name)?, name))).collect();
    let both: Vec<Key> = unknown.iter().flat_map(|(key, other, _)| [(*key).clone(), other.clone()]).collect();
    let mut rows = store.get_many(&both).await?.into_iter();
    for (key, _, name) in unknown {
        let (row, other) = (rows.next().flatten(), rows.next().flatten());
        let (Some(row), Some(other)) = (row, other) else { continue };
        let (ours, theirs) = (progress(key.namespace, &row), progress(key.namespace, &other));
        if theirs > ours || (theirs == ours && name.ends_with("_1")) {
            twins.insert(key.clone(), Twin::Elsewhere);
        }
    }
    Ok(twins)
}

/// Of 7, only senders' numbers are of use.
pub(super) async fn of_seven(store: &dyn SessionStore, keys: &[Key]) -> Result<HashMap<Key, Twin>, StoreError> {
    let senders = keys.iter().filter(|key| key.namespace == Namespace::SenderKey);
    let senders: Vec<(&Key, Jid)> =
        senders.filter_map(|key| Some((key, owner_of(key)?))).filter(|(_, owner)| owner.is_lid()).collect();
    if senders.is_empty() {
        return Ok(HashMap::new());
    }
    let mappings: Vec<Key> =
        senders.iter().map(|(_, owner)| Key::new(Namespace::LidMapping, lid::mapping_key(owner))).collect();
    let found = store.get_many(&mappings).await?;
    let twin = |((key, _), user): ((&Key, Jid), Option<Vec<u8>>)| {
        Some((key.clone(), Twin::User(String::from_utf8(user?).ok()?)))
    };
    Ok(senders.into_iter().zip(found).filter_map(twin).collect())
}

/// How far a row is: of two that began as one, the one that was used is further.
fn progress(namespace: Namespace, row: &[u8]) -> (usize, usize, u64) {
    let chain = |chain: &Receiving| u64::from(chain.next.index);
    if namespace == Namespace::SenderKey {
        let keys = SenderKeyRecord::from_bytes(row).map(|record| record.to_parts()).unwrap_or_default();
        return (keys.len(), 0, keys.iter().map(|key| chain(&key.chain)).sum());
    }
    let sessions = SessionRecord::from_bytes(row).map(|record| record.to_parts().1).unwrap_or_default();
    let chains = sessions.iter().map(|session| session.receivers.len()).sum();
    let counters = sessions.iter().map(|session| {
        u64::from(session.sending.index) + session.receivers.iter().map(|(_, it)| chain(it)).sum::<u64>()
    });
    (sessions.len(), chains, counters.sum())
}

/// The key of the same row by another name.
fn renamed(key: &Key, name: &str) -> Option<Key> {
    let address = records::text(&key.bytes)?;
    let (chat, address) = address.split_once(' ').map_or((None, address), |(chat, address)| (Some(chat), address));
    let (_, device) = address.rsplit_once('.')?;
    let address = format!("{name}.{device}");
    Some(Key::new(key.namespace, chat.map_or(address.clone(), |chat| format!("{chat} {address}"))))
}

#[cfg(test)]
mod tests {
    use chasqui_store::{Batch, Holder, Namespace, open_store};

    use super::*;

    const NUMBER: &str = "15550001001";
    const LID: &str = "200000000000002";

    async fn twins(rows: &[(Namespace, String)], asked: &[(Namespace, String)]) -> Vec<Twin> {
        let store = open_store("memory:").expect("a store");
        let store = store.take_over("one", Holder::current(), None).await.expect("a session");
        let mut batch = Batch::new();
        batch.put(Namespace::LidMapping, lid::mapping_key(&Jid::pn(NUMBER)), LID);
        batch.put(Namespace::LidMapping, lid::mapping_key(&Jid::lid(LID)), NUMBER);
        for (namespace, key) in rows {
            batch.put(*namespace, key, [0]);
        }
        store.apply(batch).await.expect("a commit");
        let keys: Vec<Key> = asked.iter().map(|(namespace, key)| Key::new(*namespace, key)).collect();
        let mut found = of_six(&*store, &keys).await.expect("an answer");
        store.close().await.expect("a store");
        keys.iter().map(|key| found.remove(key).unwrap_or_default()).collect()
    }

    #[tokio::test]
    async fn where_both_addresses_are_known_the_row_by_lid_stands_for_the_device() {
        let session = |name: String| (Namespace::Session, format!("{name}.3"));
        let names = [LID.to_owned() + "_1", NUMBER.to_owned(), LID.to_owned(), NUMBER.to_owned() + "_1"];
        let asked = names.map(session);
        // Whether there are such rows or not: one that was deleted by number must not take the file of the other one.
        for rows in [&asked[..], &[]] {
            let found = twins(rows, &asked).await;
            assert_eq!(found[0], Twin::User(NUMBER.to_owned()));
            assert_eq!(found[1..], [Twin::Elsewhere, Twin::Elsewhere, Twin::Elsewhere]);
        }
    }

    #[tokio::test]
    async fn a_sender_key_by_number_counts_until_there_is_one_by_lid() {
        let key = |name: &str| (Namespace::SenderKey, format!("120363000000000001@g.us {name}.0"));
        let (by_number, by_lid) = (key(NUMBER), key(&format!("{LID}_1")));
        let one = std::slice::from_ref(&by_number);
        assert_eq!(twins(one, one).await, [Twin::User(LID.to_owned())]);
        let both = [by_number, by_lid];
        assert_eq!(twins(&both, &both).await, [Twin::Elsewhere, Twin::User(NUMBER.to_owned())]);
    }

    #[tokio::test]
    async fn of_two_readings_of_a_name_one_counts() {
        let readings = ["7700", "7700_1"].map(|name| (Namespace::Session, format!("{name}.0")));
        assert_eq!(twins(&readings, &readings).await, [Twin::Elsewhere, Twin::None]);
        for alone in &readings {
            let alone = std::slice::from_ref(alone);
            assert_eq!(twins(alone, alone).await, [Twin::None]);
        }
    }
}
