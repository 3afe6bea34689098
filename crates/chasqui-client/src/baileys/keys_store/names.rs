//! What records are called at the program's store.

use std::collections::HashMap;

use chasqui_baileys::names::Kind;
use chasqui_store::{Key, Namespace};
use chasqui_wire::Jid;

use super::nobody;
use crate::lid;

/// Which of those that are asked for are LIDs: 6.x does not say so in their names.
pub(super) fn lids_of(keys: &[Key]) -> HashMap<Jid, Jid> {
    let lid = |key: &Key| {
        let text = std::str::from_utf8(&key.bytes).ok()?;
        let address = text.rsplit(' ').next()?;
        Some((Jid::lid(address.rsplit_once('.')?.0.strip_suffix("_1")?), nobody()[0].clone()))
    };
    keys.iter().filter_map(lid).collect()
}

pub(super) fn own_mapping(key: &Key, [pn, lid]: &[Jid; 2]) -> Option<Vec<u8>> {
    let is = |jid: &Jid| key.namespace == Namespace::LidMapping && *key.bytes == *lid::mapping_key(jid);
    if is(pn) {
        Some(lid.user.as_bytes().to_vec())
    } else if is(lid) {
        Some(pn.user.as_bytes().to_vec())
    } else {
        None
    }
}

/// What a record may be called.
pub(super) fn names(key: &Key, own: &[Jid; 2]) -> Vec<(Kind, String)> {
    if let (Namespace::PreKey, [a, b, c]) = (key.namespace, &*key.bytes) {
        return vec![(Kind::PreKey, u32::from_be_bytes([0, *a, *b, *c]).to_string())];
    }
    let Ok(text) = std::str::from_utf8(&key.bytes) else { return Vec::new() };
    // The way that 6.x names LIDs comes second.
    let addresses = |address: &str| {
        let legacy = address.contains("_1.").then(|| address.replacen("_1.", ".", 1));
        std::iter::once(address.to_owned()).chain(legacy).collect::<Vec<_>>()
    };
    match key.namespace {
        Namespace::LidMapping => match text.split_at_checked(1) {
            Some(("l", user)) => vec![(Kind::LidMapping, format!("{user}_reverse"))],
            Some(("p", user)) => vec![(Kind::LidMapping, user.to_owned())],
            _ => Vec::new(),
        },
        Namespace::Identity => vec![(Kind::IdentityKey, text.to_owned())],
        Namespace::PrivacyToken => vec![(Kind::TcToken, text.to_owned())],
        Namespace::Session => addresses(text).into_iter().map(|id| (Kind::Session, id)).collect(),
        Namespace::SenderKey => match text.split_once(' ') {
            Some((chat, address)) => sender_key_names(chat, address, own),
            None => Vec::new(),
        },
        Namespace::SenderKeyShared => {
            let address = chasqui_signal::SignalAddress::from_jid(&own[1]).to_string();
            let mut names = sender_key_names(text, &address, own);
            names.push((Kind::SenderKeyMemory, text.to_owned()));
            names
        }
        _ => Vec::new(),
    }
}

fn sender_key_names(chat: &str, address: &str, [pn, lid]: &[Jid; 2]) -> Vec<(Kind, String)> {
    let mut addresses = vec![address.to_owned()];
    if address == chasqui_signal::SignalAddress::from_jid(lid).to_string() {
        addresses.push(chasqui_signal::SignalAddress::from_jid(pn).to_string());
    }
    let name = |address: String| {
        let (name, device) = address.rsplit_once('.')?;
        Some((Kind::SenderKey, format!("{chat}::{name}::{device}")))
    };
    addresses.into_iter().filter_map(name).collect()
}
