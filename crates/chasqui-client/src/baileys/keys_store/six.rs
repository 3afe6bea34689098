//! What records are called at a program's store for Baileys 6, which names devices by number and by LID without saying which.
//!
//! Both names of a device are one record. Names of 7 are read, too, and go when the record is written. The pairs of addresses,
//! of which 6 knows nothing, lie under names of their own: 7 takes what is under its names for a sign that it has moved the
//! sessions itself.

use std::collections::{HashMap, HashSet};

use chasqui_baileys::names::Kind;
use chasqui_signal::SignalAddress;
use chasqui_store::{Key, Namespace};
use chasqui_wire::Jid;

use crate::{
    baileys::{
        records::text,
        twins::{Twin, owner_of},
    },
    lid,
};

/// Before the names of pairs.
const PAIR: &str = "pair-";

/// By either address of a user the other one.
pub(super) type Pairs = HashMap<Jid, Jid>;

/// Whose the record is, where it has names that depend on a pair; of the records of pairs, one address of the pair.
fn user_of(key: &Key) -> Option<Jid> {
    match key.namespace {
        Namespace::LidMapping => match text(&key.bytes)?.split_at_checked(1)? {
            ("l", user) => Some(Jid::lid(user)),
            ("p", user) => Some(Jid::pn(user)),
            _ => None,
        },
        // It is that of the session.
        Namespace::Identity => owner_of(&Key::new(Namespace::Session, &*key.bytes)),
        _ => owner_of(key),
    }
}

/// One address of the pair that a record is.
pub(super) fn of_pair(key: &Key) -> Option<Jid> {
    user_of(key).filter(|_| key.namespace == Namespace::LidMapping)
}

/// Whose pairs have to be known before records are looked for.
pub(super) fn users_of<'a>(keys: impl Iterator<Item = &'a Key>) -> HashSet<Jid> {
    keys.filter_map(user_of).collect()
}

/// The record of a pair, made of what is known.
pub(super) fn pair_row(key: &Key, pairs: &Pairs) -> Option<Vec<u8>> {
    Some(pairs.get(&user_of(key)?)?.user.as_bytes().to_vec())
}

/// The record in which the pair of a user stands.
pub(super) fn pair_key(user: &Jid) -> Key {
    Key::new(Namespace::LidMapping, lid::mapping_key(user))
}

/// What a pair is called here, by its name in 7.
pub(super) fn pair_name(id: &str) -> String {
    format!("{PAIR}{id}")
}

/// The names under which the pair of a user may stand: ours, then that of 7.
pub(super) fn pair_names(user: &Jid) -> [String; 2] {
    let id = if user.is_lid() { format!("{}_reverse", user.user) } else { user.user.to_string() };
    [pair_name(&id), id]
}

/// The addresses under which a device may have records, the name of 7 first. None by a number whose LID is known: the
/// record by LID stands for both.
fn addresses(address: &str, pairs: &Pairs) -> Vec<String> {
    let Some((name, device)) = address.rsplit_once('.') else { return Vec::new() };
    let names = match name.split_once('_') {
        None if pairs.contains_key(&Jid::pn(name)) => Vec::new(),
        None => vec![name.to_owned()],
        Some((user, "1")) => {
            let number = pairs.get(&Jid::lid(user)).map(|pn| pn.user.to_string());
            [name.to_owned(), user.to_owned()].into_iter().chain(number).collect()
        }
        Some(_) => vec![name.to_owned()],
    };
    names.into_iter().map(|name| format!("{name}.{device}")).collect()
}

/// What a record of a session, of an identity or of a sender key may be called.
pub(super) fn names(key: &Key, own: &[Jid; 2], pairs: &Pairs) -> Vec<(Kind, String)> {
    let Some(text) = text(&key.bytes) else { return Vec::new() };
    let sender_keys = |chat: &str, address: &str| -> Vec<(Kind, String)> {
        let name = |address: String| {
            let (name, device) = address.rsplit_once('.')?;
            Some((Kind::SenderKey, format!("{chat}::{name}::{device}")))
        };
        addresses(address, pairs).into_iter().filter_map(name).collect()
    };
    match key.namespace {
        Namespace::Session | Namespace::Identity => {
            addresses(text, pairs).into_iter().map(|id| (Kind::Session, id)).collect()
        }
        Namespace::SenderKey => {
            text.split_once(' ').map(|(chat, address)| sender_keys(chat, address)).unwrap_or_default()
        }
        Namespace::SenderKeyShared => {
            let mut names = sender_keys(text, &SignalAddress::from_jid(&own[1]).to_string());
            names.push((Kind::SenderKeyMemory, text.to_owned()));
            names
        }
        _ => Vec::new(),
    }
}

/// Who else the devices in records are that are written together.
pub(super) fn twins(rows: &[(Key, Option<Vec<u8>>)], pairs: &Pairs) -> HashMap<Key, Twin> {
    let twin = |(key, row): &(Key, Option<Vec<u8>>)| {
        let owner = owner_of(key)?;
        let other = pairs.get(&owner)?;
        let twin = match (owner.is_lid(), row) {
            (true, _) => Twin::User(other.user.to_string()),
            // Whoever is known by LID has lost the record by number to the one by LID; where that is not written, too, what is
            // by number is read with it.
            (false, None) => Twin::Elsewhere,
            (false, Some(_)) if rows.iter().any(|(by_lid, row)| row.is_some() && is_same(by_lid, key, other)) => {
                Twin::Elsewhere
            }
            (false, Some(_)) => Twin::None,
        };
        Some((key.clone(), twin))
    };
    rows.iter().filter_map(twin).collect()
}

/// Whether a record by LID is the one that another one is by number.
fn is_same(by_lid: &Key, by_number: &Key, lid: &Jid) -> bool {
    let device = |key: &Key| Some(text(&key.bytes)?.rsplit_once('.')?.1.to_owned());
    let chat = |key: &Key| text(&key.bytes).and_then(|key| Some(key.split_once(' ')?.0.to_owned()));
    by_lid.namespace == by_number.namespace
        && owner_of(by_lid).as_ref() == Some(lid)
        && device(by_lid) == device(by_number)
        && chat(by_lid) == chat(by_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "15550001001";
    const LID: &str = "200000000000002";

    fn pairs() -> Pairs {
        let (pn, lid) = (Jid::pn(NUMBER), Jid::lid(LID));
        HashMap::from([(pn.clone(), lid.clone()), (lid, pn)])
    }

    fn session(name: &str) -> Key {
        Key::new(Namespace::Session, format!("{name}.3"))
    }

    fn called(key: &Key, pairs: &Pairs) -> Vec<String> {
        let own = [Jid::pn("15550001000").with_device(4), Jid::lid("200000000000001").with_device(4)];
        names(key, &own, pairs).into_iter().map(|(_, id)| id).collect()
    }

    #[test]
    fn a_device_is_found_by_all_its_names() {
        let by_lid = session(&format!("{LID}_1"));
        assert_eq!(called(&by_lid, &Pairs::new()), [format!("{LID}_1.3"), format!("{LID}.3")]);
        assert_eq!(called(&by_lid, &pairs()), [format!("{LID}_1.3"), format!("{LID}.3"), format!("{NUMBER}.3")]);
        assert_eq!(called(&session(NUMBER), &Pairs::new()), [format!("{NUMBER}.3")]);
        assert!(called(&session(NUMBER), &pairs()).is_empty(), "the one by LID stands for both");
        let sender_key = Key::new(Namespace::SenderKey, format!("1-2@g.us {LID}_1.0"));
        let expected =
            [format!("1-2@g.us::{LID}_1::0"), format!("1-2@g.us::{LID}::0"), format!("1-2@g.us::{NUMBER}::0")];
        assert_eq!(called(&sender_key, &pairs()), expected);
    }

    #[test]
    fn a_record_by_number_gives_way_to_the_one_by_lid() {
        let (by_lid, by_number) = (session(&format!("{LID}_1")), session(NUMBER));
        let row = Some(vec![0]);
        let mut found = twins(&[(by_lid.clone(), row.clone()), (by_number.clone(), row.clone())], &pairs());
        assert_eq!(found.remove(&by_lid), Some(Twin::User(NUMBER.to_owned())));
        assert_eq!(found.remove(&by_number), Some(Twin::Elsewhere));
        let mut alone = twins(&[(by_number.clone(), row.clone())], &pairs());
        assert_eq!(alone.remove(&by_number), Some(Twin::None), "nothing that is put is lost");
        let mut deleted = twins(&[(by_number.clone(), None)], &pairs());
        assert_eq!(deleted.remove(&by_number), Some(Twin::Elsewhere), "nor the record by LID under that name");
        assert!(twins(&[(by_lid, row)], &Pairs::new()).is_empty());
    }
}
