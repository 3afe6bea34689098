//! What a method may want of the session beside which it runs.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node};
use tokio::sync::oneshot;

use crate::{
    Result, answer,
    groups::metadata::Group,
    person::Person,
    signal::{Gift, KeyUse, Keys, Listed, OpenSession, Preparation, Sealing, Unread},
};

/// How often it is looked whether the address book has come, and how long after one another.
const CONTACT_LOOKS: u32 = 100;
const CONTACT_PAUSE: Duration = Duration::from_millis(200);
/// The same for lists of devices.
const DEVICE_LOOKS: u32 = 200;
const DEVICE_PAUSE: Duration = Duration::from_millis(20);

/// Where the outcome of a wish goes.
pub type Outcome<T> = oneshot::Sender<Result<T>>;

type Read = Box<dyn FnOnce(Result<&Node<'_>>) + Send>;

/// Reads an answer in the session's task, as it came: what is large is not copied for it.
pub struct Reader {
    read: Read,
    call: Weak<()>,
}

impl Reader {
    /// Gives it the answer, or says why there is none.
    pub fn read(self, answer: Result<&Node<'_>>) {
        (self.read)(answer);
    }

    /// Whether nobody waits for it any more.
    pub fn is_closed(&self) -> bool {
        self.call.strong_count() == 0
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

/// What a method wants. The session carries it out within its own task, durably where something is changed.
#[derive(Debug)]
pub enum Wish {
    /// A request, without its id: the answer, also when it is an error. A `get` that is refused with 429 is made again
    /// after a pause, as long as the call waits.
    Query(Node<'static>, Outcome<Node<'static>>),
    /// The same; the answer is read where it is, unless it is refused with 429.
    Read(Node<'static>, Reader),
    /// A stanza that nothing answers leaves.
    Send(Node<'static>, Outcome<()>),
    /// The other address of each of these people, as far as known.
    Counterparts(Vec<Jid>, Outcome<Vec<Option<Jid>>>),
    /// What is known of a group and kept current, with its people; `None` when it has to be asked for.
    Group(Jid, Outcome<Option<Group>>),
    /// These are pairs of addresses of one person each, phone number and LID in any order. Without an outcome: it is
    /// known before any later wish is carried out.
    Learn(Vec<(Jid, Jid)>),
    /// What entitles to ask about each of these people, where it is known and still counts (07 §7.4).
    Tokens(Vec<Jid>, Outcome<Vec<Option<Vec<u8>>>>),
    /// The account is there on this device, or not; after the next login, too.
    Available(bool, Outcome<()>),
    /// Whether somebody is there is to be told, or no more; after the next login, too.
    Subscribe(Jid, bool, Outcome<()>),
    /// The service's answer with whom the account has blocked.
    Blocklist(Node<'static>, Outcome<()>),
    /// The service's answer with privacy settings.
    Privacy(Node<'static>, Outcome<()>),
    /// Who is in the address book: `None` while it is on its way, unless what is known is wanted in any case.
    Contacts(bool, Outcome<Option<Vec<Person>>>),
    /// The service's switches as far as they are known.
    Props(Outcome<BTreeMap<String, String>>),
    /// What these protobufs of messages say, as programs see it.
    Describe(Vec<Vec<u8>>, Outcome<Vec<serde_json::Value>>),
    /// Sessions with these devices, set up where there are none; and a message for each, if there is one.
    Seal(Vec<Jid>, Option<Vec<u8>>, Outcome<Sealing>),
    /// What a device has encrypted, as a prekey message or not: its plaintext, padded.
    Open(Jid, bool, Vec<u8>, Outcome<Vec<u8>>),
    /// A use of a key of a chat, of this device or the own one.
    Key(KeyUse, Jid, Option<Jid>, Vec<u8>, Outcome<Vec<u8>>),
    /// Whether there are sessions with these devices; they may be forgotten.
    Sessions(Vec<Jid>, bool, Outcome<Vec<Option<OpenSession>>>),
    /// A session by keys that are given.
    Inject(Jid, Keys, Outcome<()>),
    /// The devices that a message to somebody goes to; `None` while they are not known. They may be asked for.
    Devices(Jid, bool, Outcome<Option<Listed>>),
    /// A message for one device alone.
    Give(Box<Gift>, Outcome<()>),
    /// A message that is to be asked for again: whether it was.
    AskAgain(Box<Unread>, Outcome<bool>),
    /// What a program says of a chat before it writes there.
    Prepare(Jid, Box<Preparation>, Outcome<()>),
    /// So many new prekeys are uploaded.
    Upload(u32, Outcome<()>),
    /// The signed prekey is renewed.
    Rotate(Outcome<()>),
    /// These collections of the account's state are fetched.
    Refresh(Vec<String>, Outcome<()>),
    /// A message to the own phone; its id.
    ToPhone(Vec<u8>, Outcome<String>),
    /// Live updates of a channel are to come from now on, for so many milliseconds at first; or no longer.
    Live(Jid, Option<u64>, Outcome<()>),
}

/// Who the session is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// Phone-number JID with its device.
    pub pn: Jid,
    /// LID with its device.
    pub lid: Jid,
}

/// The session as a method sees it.
#[derive(Clone)]
pub struct Session {
    me: Me,
    wish: Arc<dyn Fn(Wish) -> bool + Send + Sync>,
}

/// The session's task has ended.
fn gone() -> PublicError {
    PublicError::new(ErrorCode::Disconnected, "The session was closed while the call waited.")
}

impl Session {
    /// A session that `wish` takes wishes to; it says whether the session is still there.
    pub fn new(me: Me, wish: impl Fn(Wish) -> bool + Send + Sync + 'static) -> Self {
        Self { me, wish: Arc::new(wish) }
    }

    /// Who the session is.
    pub fn me(&self) -> &Me {
        &self.me
    }

    /// Whether this is the own account.
    pub fn is_me(&self, jid: &Jid) -> bool {
        jid.same_user(&self.me.pn) || jid.same_user(&self.me.lid)
    }

    async fn want<T>(&self, wish: impl FnOnce(Outcome<T>) -> Wish) -> Result<T> {
        let (outcome, told) = oneshot::channel();
        if !(self.wish)(wish(outcome)) {
            return Err(gone());
        }
        told.await.map_err(|_| gone())?
    }

    /// Makes a request; its id is added.
    ///
    /// # Errors
    /// What the service refuses ([`answer::refusal`]); `TIMEOUT`, `NOT_CONNECTED`, `CONNECTION_LOST`.
    pub async fn query(&self, node: Node<'static>) -> Result<Node<'static>> {
        answer::accepted(self.ask(node).await?)
    }

    /// The same; an error of the service is an answer like any other.
    ///
    /// # Errors
    /// `TIMEOUT`, `NOT_CONNECTED`, `CONNECTION_LOST`.
    pub async fn ask(&self, node: Node<'static>) -> Result<Node<'static>> {
        self.want(|outcome| Wish::Query(node, outcome)).await
    }

    /// Makes a request, and reads its answer where it is.
    ///
    /// # Errors
    /// Those of [`Self::query`], and of `read`.
    pub async fn read<T: Send + 'static>(
        &self,
        node: Node<'static>,
        read: impl FnOnce(&Node<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (outcome, told) = oneshot::channel();
        let reader = move |answer: Result<&Node<'_>>| {
            let result = answer.and_then(|answer| answer::accepted_here(answer).and_then(|()| read(answer)));
            let _ = outcome.send(result);
        };
        // It lives as long as this call is waited for.
        let call = Arc::new(());
        let reader = Reader { read: Box::new(reader), call: Arc::downgrade(&call) };
        if !(self.wish)(Wish::Read(node, reader)) {
            return Err(gone());
        }
        let result = told.await.map_err(|_| gone())?;
        drop(call);
        result
    }

    /// Sends a stanza that nothing answers.
    ///
    /// # Errors
    /// `NOT_CONNECTED`.
    pub async fn send(&self, node: Node<'static>) -> Result<()> {
        self.want(|outcome| Wish::Send(node, outcome)).await
    }

    /// The other address of each of these people, as far as known, in their order.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn counterparts(&self, people: Vec<Jid>) -> Result<Vec<Option<Jid>>> {
        self.want(|outcome| Wish::Counterparts(people, outcome)).await
    }

    /// Sets up sessions, and encrypts a message for each device.
    ///
    /// # Errors
    /// `NOT_CONNECTED`; those of the store.
    pub async fn seal(&self, devices: Vec<Jid>, message: Option<Vec<u8>>) -> Result<Sealing> {
        self.want(|outcome| Wish::Seal(devices, message, outcome)).await
    }

    /// Decrypts what a device has encrypted.
    ///
    /// # Errors
    /// `REQUEST_FAILED` where it does not decrypt; those of the store.
    pub async fn open(&self, device: Jid, prekey: bool, ciphertext: Vec<u8>) -> Result<Vec<u8>> {
        self.want(|outcome| Wish::Open(device, prekey, ciphertext, outcome)).await
    }

    /// Uses a key of a chat.
    ///
    /// # Errors
    /// `REQUEST_FAILED` where the key does not do; those of the store.
    pub async fn with_key(&self, what: KeyUse, chat: Jid, device: Option<Jid>, bytes: Vec<u8>) -> Result<Vec<u8>> {
        self.want(|outcome| Wish::Key(what, chat, device, bytes, outcome)).await
    }

    /// Sets up a session with a device by keys that are given.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what are no keys; `REQUEST_FAILED` where the signature is wrong; those of the store.
    pub async fn inject(&self, device: Jid, keys: Keys) -> Result<()> {
        self.want(|outcome| Wish::Inject(device, keys, outcome)).await
    }

    /// The open sessions with these devices; with `forget` there are none afterwards.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn sessions(&self, devices: Vec<Jid>, forget: bool) -> Result<Vec<Option<OpenSession>>> {
        self.want(|outcome| Wish::Sessions(devices, forget, outcome)).await
    }

    /// The devices that a message to somebody goes to; they are asked for where they are not known. `None` where the service
    /// does not tell them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn devices(&self, chat: Jid) -> Result<Option<Listed>> {
        for look in 0..DEVICE_LOOKS {
            if let Some(known) = self.want(|outcome| Wish::Devices(chat.clone(), look == 0, outcome)).await? {
                return Ok(Some(known));
            }
            tokio::time::sleep(DEVICE_PAUSE).await;
        }
        Ok(None)
    }

    /// Sends a message to one device alone.
    ///
    /// # Errors
    /// `NOT_CONNECTED`; what the content is refused for; `REQUEST_FAILED` where the service gives no keys of the device;
    /// `NOT_IN_GROUP`; those of the store.
    pub async fn give(&self, gift: Gift) -> Result<()> {
        self.want(|outcome| Wish::Give(Box::new(gift), outcome)).await
    }

    /// Asks the sender of a message for it once more: whether that was done.
    ///
    /// # Errors
    /// `NOT_CONNECTED`; those of the store.
    pub async fn ask_again(&self, unread: Unread) -> Result<bool> {
        self.want(|outcome| Wish::AskAgain(Box::new(unread), outcome)).await
    }

    /// Takes what a program says of a chat before it writes there.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn prepare(&self, chat: Jid, preparation: Preparation) -> Result<()> {
        self.want(|outcome| Wish::Prepare(chat, Box::new(preparation), outcome)).await
    }

    /// Uploads so many new prekeys.
    ///
    /// # Errors
    /// `NOT_CONNECTED`, `CONNECTION_LOST`; what the service refuses.
    pub async fn upload_prekeys(&self, count: u32) -> Result<()> {
        self.want(|outcome| Wish::Upload(count, outcome)).await
    }

    /// Renews the signed prekey.
    ///
    /// # Errors
    /// `NOT_CONNECTED`, `CONNECTION_LOST`; what the service refuses.
    pub async fn renew_signed_prekey(&self) -> Result<()> {
        self.want(Wish::Rotate).await
    }

    /// Fetches collections of the account's state; it is done when each is complete, or cannot be followed now.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a name that is none; `NOT_CONNECTED`, `CONNECTION_LOST`; those of the store.
    pub async fn refresh(&self, collections: Vec<String>) -> Result<()> {
        self.want(|outcome| Wish::Refresh(collections, outcome)).await
    }

    /// Writes to the own phone.
    ///
    /// # Errors
    /// `NOT_CONNECTED`.
    pub async fn write_to_phone(&self, message: Vec<u8>) -> Result<String> {
        self.want(|outcome| Wish::ToPhone(message, outcome)).await
    }

    /// The LID of each of these people where it is known, otherwise what was given.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn lids(&self, people: Vec<Jid>) -> Result<Vec<Jid>> {
        let known = self.counterparts(people.clone()).await?;
        Ok(people.into_iter().zip(known).map(|(jid, other)| other.filter(Jid::is_lid).unwrap_or(jid)).collect())
    }

    /// What is known of a group and kept current; `None` when it has to be asked for.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn group(&self, group: &Jid) -> Result<Option<Group>> {
        self.want(|outcome| Wish::Group(group.clone(), outcome)).await
    }

    /// What entitles to ask about each of these people, in their order.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn tokens(&self, people: Vec<Jid>) -> Result<Vec<Option<Vec<u8>>>> {
        self.want(|outcome| Wish::Tokens(people, outcome)).await
    }

    /// Tells the service whether the account is there on this device.
    ///
    /// # Errors
    /// `NOT_CONNECTED`.
    pub async fn available(&self, available: bool) -> Result<()> {
        self.want(|outcome| Wish::Available(available, outcome)).await
    }

    /// Has the service tell whether somebody is there, or no more.
    ///
    /// # Errors
    /// `NOT_CONNECTED`.
    pub async fn subscribe(&self, to: Jid, wanted: bool) -> Result<()> {
        self.want(|outcome| Wish::Subscribe(to, wanted, outcome)).await
    }

    /// Takes over whom the account has blocked from an answer.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep_blocklist(&self, answer: Node<'static>) -> Result<()> {
        self.want(|outcome| Wish::Blocklist(answer, outcome)).await
    }

    /// Takes over privacy settings from an answer.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep_privacy(&self, answer: Node<'static>) -> Result<()> {
        self.want(|outcome| Wish::Privacy(answer, outcome)).await
    }

    /// Who is in the account's address book. What is still on its way is waited for, but not forever.
    ///
    /// # Errors
    /// Those of the store; why nothing is known of it.
    pub async fn contacts(&self) -> Result<Vec<Person>> {
        for _ in 0..CONTACT_LOOKS {
            if let Some(known) = self.want(|outcome| Wish::Contacts(false, outcome)).await? {
                return Ok(known);
            }
            tokio::time::sleep(CONTACT_PAUSE).await;
        }
        Ok(self.want(|outcome| Wish::Contacts(true, outcome)).await?.unwrap_or_default())
    }

    /// The service's switches as far as they are known.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn props(&self) -> Result<BTreeMap<String, String>> {
        self.want(Wish::Props).await
    }

    /// What these protobufs of messages say, as programs see it.
    ///
    /// # Errors
    /// `DISCONNECTED`.
    pub async fn describe(&self, messages: Vec<Vec<u8>>) -> Result<Vec<serde_json::Value>> {
        self.want(|outcome| Wish::Describe(messages, outcome)).await
    }

    /// Keeps the live updates of a channel coming, also over reconnections and restarts; or lets them end.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn live(&self, channel: Jid, duration: Option<u64>) -> Result<()> {
        self.want(|outcome| Wish::Live(channel, duration, outcome)).await
    }

    /// The pairs of addresses are those of one person each.
    pub fn learn(&self, pairs: Vec<(Jid, Jid)>) {
        if !pairs.is_empty() {
            (self.wish)(Wish::Learn(pairs));
        }
    }
}

/// A request to the server; the session adds the id.
pub fn iq(kind: &'static str, xmlns: &'static str) -> Node<'static> {
    iq_to(&Jid::SERVER, kind, xmlns)
}

/// A request to somebody else.
pub fn iq_to(to: &Jid, kind: &'static str, xmlns: &'static str) -> Node<'static> {
    Node::new("iq").attr("to", to).attr("type", kind).attr("xmlns", xmlns).into_owned()
}
