//! Accounts and their devices.
//!
//! A push name chooses the account; phone number and LID are pure functions of it, so that they stay the same over
//! restarts (the emulator contract, §3). Device 0 is the virtual phone, companions count from 1 and are never reused.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chasqui_appstate::Collection;
use chasqui_wire::{
    curve::{PublicKey, random_bytes},
    jid::{Jid, Server},
};
use compact_str::CompactString;
use sha2::{Digest, Sha256};

use crate::{
    app_state::Patches,
    connection::ConnectionId,
    key_index::SignedKeyIndexList,
    login::LoginFailure,
    people::Social,
    phone::Phone,
    prekeys::PrekeyBundle,
    queue::{DeviceQueue, Recent, RecentIds},
    status::StatusPrivacy,
};

/// Largest number of companions that one account can have; ids above are refused by some clients.
pub(crate) const MAX_DEVICE: u16 = 98;

const PN_SPACE: u64 = 10_000_000_000;
const LID_BASE: u64 = 100_000_000_000_000;
const LID_SPACE: u64 = 900_000_000_000_000;

/// Which account; an index that stays valid until a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AccountId(usize);

/// One device of one account; device 0 is the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct DeviceRef {
    pub account: AccountId,
    pub device: u16,
}

/// A companion.
pub(crate) struct Device {
    pub number: u16,
    pub key_index: u32,
    pub noise: PublicKey,
    pub bundle: PrekeyBundle,
    /// ADVSignedDeviceIdentity with both signatures and the account key.
    pub identity: Vec<u8>,
    pub queue: DeviceQueue,
    /// Messages that this device has acknowledged: a second copy is not relayed to it.
    pub seen: RecentIds,
    /// Messages that it asked for again and has not acknowledged yet.
    pub asked_again: Recent<CompactString>,
    pub connection: Option<ConnectionId>,
    /// Whether the phone has sent its first messages (app-state key, history).
    pub greeted: bool,
    /// Whether it wants the whole history.
    pub full_history: bool,
    /// The failure that its next logins get, instead of success.
    pub refuse_login: Option<LoginFailure>,
    /// Error number of the ack that its next message gets, instead of being relayed.
    pub refuse_message: Option<u16>,
    /// What it does not know to be out of date: kinds of `<dirty>`. It is told so at each login until it cleans them.
    pub dirty: BTreeSet<CompactString>,
}

/// A person.
pub(crate) struct Account {
    /// The push name that chose the account, prefixes included.
    pub name: String,
    /// The push name that others are shown now.
    pub push_name: String,
    pub pn: CompactString,
    pub lid: CompactString,
    pub phone: Phone,
    /// Identifies the account's device lists; constant.
    pub raw_id: u32,
    next_device: u16,
    next_key_index: u32,
    pub devices: BTreeMap<u16, Device>,
    pub key_index_list: SignedKeyIndexList,
    /// Accounts that asked for this account's devices, and so want to hear of changes.
    pub watchers: HashSet<AccountId>,
    /// Whom it has blocked.
    pub blocked: BTreeSet<AccountId>,
    /// Category to value, as clients set them.
    pub privacy: BTreeMap<CompactString, CompactString>,
    /// What it shows of itself.
    pub social: Social,
    /// Who sees its status posts; nothing while the phone has not set it.
    pub status_privacy: Option<StatusPrivacy>,
    /// The app state, as the service has it.
    collections: HashMap<Collection, Patches>,
}

impl Account {
    fn new(name: &str, push_name: &str, pn: CompactString, lid: CompactString, now: u64) -> Self {
        let phone = Phone::new();
        let raw_id = u32::from_be_bytes(random_bytes()) >> 1;
        let key_index_list = SignedKeyIndexList::sign(phone.identity(), raw_id, now, 0, []);
        Self {
            name: name.to_owned(),
            push_name: push_name.to_owned(),
            pn,
            lid,
            phone,
            raw_id,
            next_device: 1,
            next_key_index: 1,
            devices: BTreeMap::new(),
            key_index_list,
            watchers: HashSet::new(),
            blocked: BTreeSet::new(),
            privacy: BTreeMap::new(),
            social: Social::default(),
            status_privacy: None,
            collections: HashMap::new(),
        }
    }

    /// The phone is set up anew: nothing is left of the app state.
    pub fn forget_app_state(&mut self) {
        self.collections.clear();
    }

    /// The patches of an app-state collection.
    pub fn patches(&mut self, collection: Collection) -> &mut Patches {
        self.collections.entry(collection).or_default()
    }

    /// The account's JID, bare, by phone number or by LID.
    pub fn jid(&self, by_lid: bool) -> Jid {
        if by_lid { Jid::lid(self.lid.clone()) } else { Jid::pn(self.pn.clone()) }
    }

    /// Its companions' numbers, with the phone.
    pub fn all_devices(&self) -> impl Iterator<Item = u16> {
        std::iter::once(0).chain(self.devices.keys().copied())
    }

    /// Whether this device exists (the phone always does).
    pub fn has_device(&self, device: u16) -> bool {
        device == 0 || self.devices.contains_key(&device)
    }

    /// The next free device number and key index; `None` when the account is full.
    pub fn allocate_device(&mut self) -> Option<(u16, u32)> {
        if self.next_device > MAX_DEVICE {
            return None;
        }
        let allocated = (self.next_device, self.next_key_index);
        self.next_device += 1;
        self.next_key_index += 1;
        Some(allocated)
    }

    /// Signs the list of live key indexes anew; after each change of the companions.
    pub fn renew_key_index_list(&mut self, now: u64) {
        // Strictly newer than the last one, or clients would ignore it.
        let timestamp = now.max(self.key_index_list.timestamp + 1);
        let live = self.devices.values().map(|device| device.key_index);
        let current = self.next_key_index - 1;
        self.key_index_list = SignedKeyIndexList::sign(self.phone.identity(), self.raw_id, timestamp, current, live);
    }
}

/// All accounts, found by name, phone number or LID.
#[derive(Default)]
pub(crate) struct Accounts {
    list: Vec<Account>,
    by_name: HashMap<String, AccountId>,
    by_pn: HashMap<CompactString, AccountId>,
    by_lid: HashMap<CompactString, AccountId>,
}

impl Accounts {
    /// The account of a push name, made if it is new. `None` makes an account with a generated name.
    pub fn open(&mut self, name: Option<&str>, now: u64) -> AccountId {
        let generated;
        let name = match name.filter(|name| !name.is_empty()) {
            Some(name) => name,
            None => {
                generated = format!("user-{:08x}", u32::from_be_bytes(random_bytes()));
                &generated
            }
        };
        if let Some(id) = self.by_name.get(name) {
            return *id;
        }
        let mut address = Address::of(name);
        while self.by_pn.contains_key(&*address.pn()) {
            address.number = (address.number + 1) % PN_SPACE;
        }
        while self.by_lid.contains_key(&*address.lid()) {
            address.lid = (address.lid + 1) % LID_SPACE;
        }
        let (pn, lid) = (address.pn(), address.lid());
        let id = AccountId(self.list.len());
        self.list.push(Account::new(name, name, pn.clone(), lid.clone(), now));
        self.by_name.insert(name.to_owned(), id);
        self.by_pn.insert(pn, id);
        self.by_lid.insert(lid, id);
        id
    }

    /// The account that a JID names, in either namespace, whatever the device.
    pub fn find(&self, jid: &Jid) -> Option<AccountId> {
        match jid.server.plain() {
            Server::Pn => self.by_pn.get(&jid.user),
            Server::Lid => self.by_lid.get(&jid.user),
            _ => None,
        }
        .copied()
    }

    /// The account with this push name.
    pub fn named(&self, name: &str) -> Option<AccountId> {
        self.by_name.get(name).copied()
    }

    /// The account that a person would mean by `text`: a JID, a number with or without `+`, or a name.
    pub fn resolve(&self, text: &str) -> Option<AccountId> {
        if let Ok(jid) = text.parse::<Jid>() {
            return self.find(&jid);
        }
        self.named(text).or_else(|| {
            let digits: CompactString = text.chars().filter(char::is_ascii_digit).collect();
            self.by_pn.get(&digits).copied()
        })
    }

    /// The device that a JID names, if its account exists.
    pub fn device_ref(&self, jid: &Jid) -> Option<DeviceRef> {
        Some(DeviceRef { account: self.find(jid)?, device: jid.device })
    }

    /// The account. Ids come only from this collection, and accounts go only all at once.
    pub fn get(&self, id: AccountId) -> &Account {
        &self.list[id.0]
    }

    /// The account, to change it.
    pub fn get_mut(&mut self, id: AccountId) -> &mut Account {
        &mut self.list[id.0]
    }

    /// A companion.
    pub fn device(&self, at: DeviceRef) -> Option<&Device> {
        self.list.get(at.account.0)?.devices.get(&at.device)
    }

    /// A companion, to change it.
    pub fn device_mut(&mut self, at: DeviceRef) -> Option<&mut Device> {
        self.list.get_mut(at.account.0)?.devices.get_mut(&at.device)
    }

    /// All of them with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (AccountId, &Account)> {
        self.list.iter().enumerate().map(|(index, account)| (AccountId(index), account))
    }

    /// The device JID in one namespace.
    pub fn device_jid(&self, at: DeviceRef, by_lid: bool) -> Jid {
        self.get(at.account).jid(by_lid).with_device(at.device)
    }
}

struct Address {
    number: u64,
    lid: u64,
}

impl Address {
    fn of(name: &str) -> Self {
        let hash = Sha256::digest(name.as_bytes());
        let word = |at: usize| hash[at..at + 8].iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        Self { number: word(0) % PN_SPACE, lid: word(8) % LID_SPACE }
    }

    fn pn(&self) -> CompactString {
        compact_str::format_compact!("999{:010}", self.number)
    }

    fn lid(&self) -> CompactString {
        compact_str::format_compact!("{}", LID_BASE + self.lid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_from_the_push_name() {
        for (name, pn, lid) in [
            ("alice", "9991090220207", "637791190049705"),
            ("bob", "9991748178650", "506615424966935"),
            ("restricted:alice", "9997147991215", "547048254356755"),
            ("scenario:restricted,cs_enabled=0:alice", "9999186236659", "633135399453161"),
            ("José 🤖", "9996071021794", "395273821003032"),
        ] {
            let address = Address::of(name);
            assert_eq!((address.pn().as_str(), address.lid().as_str()), (pn, lid), "{name}");
        }
    }

    #[test]
    fn an_account_is_found_in_both_namespaces_with_or_without_device() {
        let mut accounts = Accounts::default();
        let id = accounts.open(Some("alice"), 1);
        assert_eq!(accounts.open(Some("alice"), 2), id);
        for jid in [
            "9991090220207@s.whatsapp.net",
            "9991090220207:3@s.whatsapp.net",
            "637791190049705@lid",
            "637791190049705:7@lid",
        ] {
            assert_eq!(accounts.find(&jid.parse().unwrap()), Some(id), "{jid}");
        }
        assert_eq!(accounts.find(&"637791190049705@s.whatsapp.net".parse().unwrap()), None);
        assert_eq!(accounts.resolve("+999 109 022 0207"), Some(id));
    }

    #[test]
    fn an_account_without_name_gets_one() {
        let mut accounts = Accounts::default();
        let (a, b) = (accounts.open(None, 1), accounts.open(None, 1));
        assert_ne!(a, b);
        assert!(!accounts.get(a).push_name.is_empty());
    }

    #[test]
    fn device_numbers_and_key_indexes_are_never_reused() {
        let mut accounts = Accounts::default();
        let id = accounts.open(Some("alice"), 1);
        let account = accounts.get_mut(id);
        assert_eq!(account.allocate_device(), Some((1, 1)));
        assert_eq!(account.allocate_device(), Some((2, 2)));
        for _ in 3..=MAX_DEVICE {
            assert!(account.allocate_device().is_some());
        }
        assert_eq!(account.allocate_device(), None);
    }
}
