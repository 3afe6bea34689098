//! PN and LID of one person: the mapping, and the one function that chooses a Signal address.
//!
//! Stored both ways, users without server and device. Sessions live under the LID as soon as the mapping is known; when
//! it is learnt, the sessions under the PN move in the same commit. Source: 03-messages §1.7 and §2.

use std::collections::HashSet;

use chasqui_signal::SignalAddress;
use chasqui_store::{Key, Namespace, SessionStore, StoreError};
use chasqui_wire::{Jid, Node, Server};
use compact_str::CompactString;
use futures_util::future::join_all;

use crate::actor::{Actor, Fault};

/// A user has fewer devices than this.
const MAX_MOVED: usize = 128;
/// Pairs that the phone tells at once.
const MAX_PAIRS: usize = 100_000;
/// Pairs learnt in one commit: as many as the largest group has members.
const PAIRS_AT_ONCE: usize = 1024;
/// Pairs that are learnt of one stanza: people of the largest group may be named twice.
const MAX_PAIRS_OF_STANZA: usize = 2 * PAIRS_AT_ONCE;
/// Levels of nodes in which members are looked for.
const MEMBER_DEPTH: usize = 4;
/// Attributes that name somebody, and those that name the same one in the other form (03-messages §2.1).
const TWINS: [(&str, &[&str]); 3] = [
    ("from", &["sender_pn", "sender_lid", "lid"]),
    ("participant", &["participant_pn", "participant_lid"]),
    ("recipient", &["peer_recipient_pn", "peer_recipient_lid", "recipient_pn", "recipient_lid"]),
];

/// Both addresses of a person, as far as known. Bare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub pn: Option<Jid>,
    pub lid: Option<Jid>,
}

impl Person {
    /// The form that is shown: the phone number where known.
    pub fn shown(&self) -> Option<&Jid> {
        self.pn.as_ref().or(self.lid.as_ref())
    }
}

pub(crate) fn mapping_key(jid: &Jid) -> Vec<u8> {
    let mark = if jid.is_lid() { b'l' } else { b'p' };
    [&[mark], jid.user.as_bytes()].concat()
}

impl Actor {
    /// The other form of a user's JID, if known. Bare.
    pub(crate) async fn counterpart(&mut self, jid: &Jid) -> Result<Option<Jid>, Fault> {
        if !jid.is_user() {
            return Ok(None);
        }
        if let Some(paired) = &self.creds.paired {
            if jid.same_user(&paired.pn) {
                return Ok(Some(paired.lid.to_bare()));
            }
            if jid.same_user(&paired.lid) {
                return Ok(Some(paired.pn.to_bare()));
            }
        }
        let other = if jid.is_lid() { Server::Pn } else { Server::Lid };
        let bare = jid.to_bare();
        if let Some(known) = self.mappings.get(&bare) {
            return Ok(known.as_ref().map(|user| Jid::new(user.clone(), other)));
        }
        let stored = self.read(Key::new(Namespace::LidMapping, mapping_key(&bare))).await?;
        let user: Option<CompactString> = stored.and_then(|bytes| CompactString::from_utf8(bytes).ok());
        self.mappings.put(bare, user.clone());
        Ok(user.map(|user| Jid::new(user, other)))
    }

    /// Both forms of a user.
    pub(crate) async fn person(&mut self, jid: &Jid) -> Result<Person, Fault> {
        if !jid.is_user() {
            return Ok(Person::default());
        }
        let other = self.counterpart(jid).await?;
        let bare = jid.to_bare();
        Ok(if jid.is_lid() { Person { pn: other, lid: Some(bare) } } else { Person { pn: Some(bare), lid: other } })
    }

    /// The form of a chat or person that programs see: the phone number where known.
    pub(crate) async fn shown(&mut self, jid: &Jid) -> Result<Jid, Fault> {
        if jid.is_user() && jid.is_lid() {
            return Ok(self.counterpart(jid).await?.unwrap_or_else(|| jid.to_bare()));
        }
        Ok(jid.to_bare())
    }

    /// The device's JID under which its Signal session lives: by LID where the mapping is known.
    pub(crate) async fn canonical(&mut self, device: &Jid) -> Result<Jid, Fault> {
        if !device.is_pn() {
            return Ok(device.clone());
        }
        let server = if device.server == Server::Hosted { Server::HostedLid } else { Server::Lid };
        Ok(match self.counterpart(device).await? {
            Some(lid) => Jid { user: lid.user, server, ..device.clone() },
            None => device.clone(),
        })
    }

    /// Learns that both are one person, and moves what is kept under the PN to the LID.
    pub(crate) async fn learn(&mut self, a: &Jid, b: &Jid) -> Result<(), Fault> {
        self.learn_many([(a.clone(), b.clone())]).await
    }

    /// [`Self::learn`] for many: a group's members are looked up and committed together, and not one by one.
    pub(crate) async fn learn_many(&mut self, pairs: impl IntoIterator<Item = (Jid, Jid)>) -> Result<(), Fault> {
        let mut together = Vec::new();
        let mut named = HashSet::new();
        for (pn, lid) in pairs.into_iter().filter_map(|(a, b)| as_pair(&a, &b)) {
            if self.is_own(&pn) || self.is_own(&lid) {
                continue;
            }
            if named.contains(&pn) || named.contains(&lid) || together.len() == PAIRS_AT_ONCE {
                self.learn_new(std::mem::take(&mut together)).await?;
                named.clear();
            }
            named.extend([pn.clone(), lid.clone()]);
            together.push((pn, lid));
        }
        self.learn_new(together).await
    }

    /// Learns pairs of which no two name the same one.
    async fn learn_new(&mut self, mut pairs: Vec<(Jid, Jid)>) -> Result<(), Fault> {
        self.look_up(pairs.iter().map(|(pn, _)| pn)).await?;
        pairs.retain(|(pn, lid)| !matches!(self.mappings.get(pn), Some(Some(known)) if *known == lid.user));
        if pairs.is_empty() {
            return Ok(());
        }
        tracing::debug!(session = %self.name, "learnt {} LID mappings", pairs.len());
        // The scans see what was submitted, so what this turn changed is submitted first. From there to the end of
        // the turn everything is one batch: mappings and sessions never part.
        self.flush();
        let store = self.store()?;
        let prefixes: Vec<_> = pairs.iter().map(|(pn, _)| format!("{}.", SignalAddress::from_jid(pn).name)).collect();
        let devices_of = |namespace| join_all(prefixes.iter().map(|prefix| devices_in(&*store, namespace, prefix)));
        let (sessions, identities) = (devices_of(Namespace::Session).await, devices_of(Namespace::Identity).await);
        for (((pn, lid), sessions), identities) in pairs.into_iter().zip(sessions).zip(identities) {
            store.expect_pair(&pn.user, &lid.user);
            self.keep_pair(&pn, &lid);
            for device in sessions? {
                self.move_session(&pn.with_device(device), &lid.with_device(device)).await?;
            }
            for device in identities? {
                self.move_identity(&pn.with_device(device), &lid.with_device(device)).await?;
            }
            // The list is the same under both, but it is asked for under the LID from now on.
            self.devices.remove(&pn);
            self.turn.batch.delete(Namespace::DeviceList, pn.to_string());
        }
        Ok(())
    }

    /// Brings the mappings of these users into memory, as far as they are stored.
    pub(crate) async fn look_up(&mut self, users: impl Iterator<Item = &Jid>) -> Result<(), Fault> {
        let unread: Vec<Jid> = users.filter(|user| self.mappings.get(*user).is_none()).cloned().collect();
        if unread.is_empty() {
            return Ok(());
        }
        let keys: Vec<Key> = unread.iter().map(|user| Key::new(Namespace::LidMapping, mapping_key(user))).collect();
        for (user, stored) in unread.into_iter().zip(self.read_many(&keys).await?) {
            self.mappings.put(user, stored.and_then(|bytes| CompactString::from_utf8(bytes).ok()));
        }
        Ok(())
    }

    /// Learns many pairs, as the own phone tells them.
    pub(crate) async fn learn_all(&mut self, pairs: impl IntoIterator<Item = (Jid, Jid)>) -> Result<(), Fault> {
        let mut pairs = pairs.into_iter().take(MAX_PAIRS).peekable();
        while pairs.peek().is_some() {
            self.learn_many(pairs.by_ref().take(PAIRS_AT_ONCE)).await?;
            self.settle().await;
            self.mappings.trim();
        }
        Ok(())
    }

    /// Learns every pair that the attributes of a stanza name: the sender's, the participant's, the recipient's.
    pub(crate) async fn learn_from(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        for (named, others) in TWINS {
            let Some(jid) = node.get_jid(named).filter(Jid::is_user) else { continue };
            for other in others.iter().filter_map(|other| node.get_jid(other)) {
                self.learn(&jid, &other).await?;
            }
        }
        for offer in node.nodes().iter().filter(|_| node.tag == "call") {
            if let (Some(caller), Some(pn)) = (offer.get_jid("call-creator"), offer.get_jid("caller_pn")) {
                self.learn(&caller, &pn).await?;
            }
        }
        Ok(())
    }

    /// Learns the pairs of everybody whom a group's metadata or one of its notifications names.
    pub(crate) async fn learn_members(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        let mut pairs = Vec::new();
        collect_members(node, MEMBER_DEPTH, &mut pairs);
        pairs.truncate(MAX_PAIRS_OF_STANZA);
        self.learn_many(pairs).await
    }

    /// Whether it is the own account.
    pub(crate) fn is_own(&self, jid: &Jid) -> bool {
        self.creds.paired.as_ref().is_some_and(|me| jid.same_user(&me.pn) || jid.same_user(&me.lid))
    }

    fn keep_pair(&mut self, pn: &Jid, lid: &Jid) {
        self.archive_pair(pn, lid);
        self.turn.batch.put(Namespace::LidMapping, mapping_key(pn), lid.user.as_bytes());
        self.turn.batch.put(Namespace::LidMapping, mapping_key(lid), pn.user.as_bytes());
        self.mappings.put(pn.clone(), Some(lid.user.clone()));
        self.mappings.put(lid.clone(), Some(pn.user.clone()));
    }

    /// The session by PN becomes the current one; messages that are under way in the one by LID still decrypt.
    async fn move_session(&mut self, pn: &Jid, lid: &Jid) -> Result<(), Fault> {
        let (from, to) = (SignalAddress::from_jid(pn), SignalAddress::from_jid(lid));
        let Some(mut record) = self.session(&from).await? else { return Ok(()) };
        if let Some(other) = self.session(&to).await? {
            record.absorb(other);
        }
        self.drop_session(&from);
        self.keep_session(to, record);
        Ok(())
    }

    /// An identity that is known by LID stays.
    async fn move_identity(&mut self, pn: &Jid, lid: &Jid) -> Result<(), Fault> {
        let [from, to] = [pn, lid].map(|jid| Key::new(Namespace::Identity, SignalAddress::from_jid(jid).to_string()));
        if self.read(to.clone()).await?.is_none()
            && let Some(identity) = self.read(from.clone()).await?
        {
            self.turn.batch.put(Namespace::Identity, to.bytes, identity);
        }
        self.turn.batch.delete(Namespace::Identity, from.bytes);
        Ok(())
    }
}

/// Device numbers that have a record under an address with this prefix.
async fn devices_in(store: &dyn SessionStore, namespace: Namespace, prefix: &str) -> Result<Vec<u16>, StoreError> {
    let stored = store.scan(namespace, Some(prefix.as_bytes()), MAX_MOVED).await?;
    let device = |key: &[u8]| std::str::from_utf8(key).ok()?.strip_prefix(prefix)?.parse().ok();
    Ok(stored.iter().map_while(|(key, _)| device(key)).collect())
}

/// PN and LID of one person, bare, whichever came first. `None` when it is no such pair.
fn as_pair(a: &Jid, b: &Jid) -> Option<(Jid, Jid)> {
    let (pn, lid) = if a.is_lid() { (b, a) } else { (a, b) };
    let digits = |jid: &Jid| jid.user.bytes().all(|byte| byte.is_ascii_digit());
    let is_pair = pn.is_user() && pn.is_pn() && lid.is_user() && lid.is_lid() && digits(pn) && digits(lid);
    is_pair.then(|| (pn.to_bare(), lid.to_bare()))
}

/// Nodes that name a person in `jid`, with the other form in `phone_number`, `lid` or `pn_jid`.
fn collect_members(node: &Node<'_>, depth: usize, pairs: &mut Vec<(Jid, Jid)>) {
    if pairs.len() >= MAX_PAIRS_OF_STANZA {
        return;
    }
    if let Some(jid) = node.get_jid("jid") {
        let others = ["phone_number", "lid", "pn_jid"].into_iter().filter_map(|other| node.get_jid(other));
        pairs.extend(others.map(|other| (jid.clone(), other)));
    }
    for (named, other) in [("creator", "creator_pn"), ("s_o", "s_o_pn"), ("participant", "participant_pn")] {
        pairs.extend(node.get_jid(named).zip(node.get_jid(other)));
    }
    if depth > 0 {
        node.nodes().iter().for_each(|child| collect_members(child, depth - 1, pairs));
    }
}

#[cfg(test)]
#[allow(clippy::ok_expect, reason = "a fault has no Debug: it may hold secrets")]
mod tests {
    use chasqui_signal::{PreKeyBundle, SessionRecord, SignedPreKey, initiate};
    use chasqui_wire::KeyPair;

    use super::*;

    fn started(ours: &KeyPair, theirs: &KeyPair) -> SessionRecord {
        let signed = SignedPreKey::generate(1, theirs);
        let bundle = PreKeyBundle {
            registration_id: 1,
            identity: theirs.public,
            signed_prekey_id: signed.id,
            signed_prekey: signed.pair.public,
            signed_prekey_signature: signed.signature,
            prekey: None,
        };
        let mut record = SessionRecord::new();
        initiate(ours, &bundle, &mut record).expect("a session");
        record
    }

    async fn keys(actor: &Actor, namespace: Namespace) -> Vec<String> {
        let store = actor.store().ok().expect("open");
        let rows = store.scan(namespace, None, 100).await.expect("read");
        rows.into_iter().map(|(key, _)| String::from_utf8(key).expect("text")).collect()
    }

    #[tokio::test]
    async fn what_is_kept_under_a_phone_number_moves_to_the_lid_in_the_commit_of_the_mapping() {
        let mut actor = Actor::for_tests().await;
        let (pn, lid) = (Jid::pn("15550001111"), Jid::lid("100000000000001"));
        let (ours, theirs) = (KeyPair::generate(), KeyPair::generate());
        let mut current = None;
        for device in [0, 12, 3] {
            let address = SignalAddress::from_jid(&pn.with_device(device));
            let record = started(&ours, &theirs);
            current = record.base_key().copied();
            assert!(!actor.trust(&address, &theirs.public).await.ok().expect("trusted"));
            actor.keep_session(address, record);
        }
        // A neighbour in the order of keys, and a session under the LID itself.
        let neighbour = SignalAddress::from_jid(&Jid::pn("155500011112"));
        actor.keep_session(neighbour.clone(), started(&ours, &theirs));
        let by_lid = SignalAddress::from_jid(&lid.with_device(3));
        actor.keep_session(by_lid.clone(), started(&ours, &theirs));
        actor.settle().await;

        actor.learn(&pn, &lid).await.ok().expect("learnt");
        assert_eq!(keys(&actor, Namespace::LidMapping).await.len(), 0, "submitted with the sessions, not before");
        actor.settle().await;
        assert_eq!(keys(&actor, Namespace::LidMapping).await.len(), 2);
        let moved = ["100000000000001_1.0", "100000000000001_1.12", "100000000000001_1.3"];
        assert_eq!(keys(&actor, Namespace::Session).await, [&moved[..], &[&*neighbour.to_string()]].concat());
        assert_eq!(keys(&actor, Namespace::Identity).await, moved);

        let merged = actor.session(&by_lid).await.ok().flatten().expect("moved");
        assert_eq!(merged.base_key().copied(), current, "the session by phone number goes on");
        actor.mappings.clear();
        assert_eq!(actor.counterpart(&lid).await.ok().flatten(), Some(pn.clone()), "also from the store");
        assert_eq!(actor.counterpart(&pn).await.ok().flatten(), Some(lid));
    }

    #[tokio::test]
    async fn many_pairs_are_learnt_in_one_commit_and_whoever_is_named_twice_ends_with_the_last() {
        let mut actor = Actor::for_tests().await;
        let pair =
            |n: u64| (Jid::pn((15_550_000_000 + n).to_string()), Jid::lid((100_000_000_000_000 + n).to_string()));
        let (ours, theirs) = (KeyPair::generate(), KeyPair::generate());
        for n in [0, 39] {
            actor.keep_session(SignalAddress::from_jid(&pair(n).0), started(&ours, &theirs));
        }
        actor.settle().await;

        let twice = (0..40).chain(0..40).map(pair).map(|(pn, lid)| (lid, pn));
        actor.learn_many(twice).await.ok().expect("learnt");
        assert_eq!(keys(&actor, Namespace::LidMapping).await.len(), 0, "not submitted yet: one commit");
        actor.settle().await;
        assert_eq!(keys(&actor, Namespace::LidMapping).await.len(), 80);
        assert_eq!(keys(&actor, Namespace::Session).await, ["100000000000000_1.0", "100000000000039_1.0"]);

        let (pn, _) = pair(7);
        actor.learn_many([(pn.clone(), pair(8).1), (pn.clone(), pair(9).1)]).await.ok().expect("learnt");
        actor.settle().await;
        actor.mappings.clear();
        assert_eq!(actor.counterpart(&pn).await.ok().flatten(), Some(pair(9).1));
    }

    #[tokio::test]
    async fn of_one_stanza_a_bounded_number_of_people_are_learnt() {
        let mut actor = Actor::for_tests().await;
        let member = |n: usize| {
            let jid = Jid::lid((100_000_000_000_000 + n).to_string());
            Node::new("participant").attr("jid", jid).attr("phone_number", Jid::pn((15_550_000_000 + n).to_string()))
        };
        let group = Node::new("group").children((0..2 * MAX_PAIRS_OF_STANZA).map(member));
        let stanza = Node::new("notification").child(Node::new("create").child(group));
        actor.learn_members(&stanza).await.ok().expect("learnt");
        actor.settle().await;
        let store = actor.store().ok().expect("open");
        let rows = store.scan(Namespace::LidMapping, None, 4 * MAX_PAIRS_OF_STANZA).await.expect("read");
        assert_eq!(rows.len(), 2 * MAX_PAIRS_OF_STANZA);
    }

    #[test]
    fn a_pair_is_one_phone_number_and_one_lid_in_any_order() {
        let (pn, lid) = (Jid::pn("15550001111"), Jid::lid("100000000000001"));
        let pair = Some((pn.clone(), lid.clone()));
        assert_eq!(as_pair(&pn, &lid), pair);
        assert_eq!(as_pair(&lid.with_device(4), &pn.with_device(9)), pair);
        for (a, b) in [(&pn, &pn), (&lid, &lid), (&pn, &Jid::SERVER), (&lid, &Jid::STATUS)] {
            assert_eq!(as_pair(a, b), None);
        }
        assert_eq!(as_pair(&Jid::pn("status"), &lid), None);
    }

    #[test]
    fn everybody_named_in_a_group_is_found() {
        let member = |jid: Jid| Node::new("participant").attr("jid", jid);
        let (pn, lid) = (|n: u8| Jid::pn(format!("1555000000{n}")), |n: u8| Jid::lid(format!("10000000000000{n}")));
        let group = Node::new("group").attr("creator", lid(1)).attr("creator_pn", pn(1)).children([
            member(lid(2)).attr("phone_number", pn(2)),
            member(pn(3)).attr("lid", lid(3)),
            member(pn(4)),
            Node::new("description").attr("participant", lid(5)).attr("participant_pn", pn(5)),
        ]);
        let mut pairs = Vec::new();
        collect_members(&Node::new("create").child(group), MEMBER_DEPTH, &mut pairs);
        let found: Vec<_> = pairs.iter().filter_map(|(a, b)| as_pair(a, b)).map(|(pn, _)| pn).collect();
        assert_eq!(found.len(), 4);
        for number in [1, 2, 3, 5] {
            assert!(found.contains(&pn(number)), "{number}");
        }
    }
}
