//! What a method may want of the session beside which it runs.

use std::{collections::BTreeMap, sync::Arc};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node};
use tokio::sync::oneshot;

use crate::{Result, answer};

/// Where the outcome of a wish goes.
pub type Outcome<T> = oneshot::Sender<Result<T>>;

/// What a method wants. The session carries it out within its own task, durably where something is changed.
#[derive(Debug)]
pub enum Wish {
    /// A request, without its id: the answer, also when it is an error. A `get` that is refused with 429 is made again
    /// after a pause, as long as the call waits.
    Query(Node<'static>, Outcome<Node<'static>>),
    /// A stanza that nothing answers leaves.
    Send(Node<'static>, Outcome<()>),
    /// The other address of each of these people, as far as known.
    Counterparts(Vec<Jid>, Outcome<Vec<Option<Jid>>>),
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
    /// The service's switches as far as they are known.
    Props(Outcome<BTreeMap<String, String>>),
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

    /// The LID of each of these people where it is known, otherwise what was given.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn lids(&self, people: Vec<Jid>) -> Result<Vec<Jid>> {
        let known = self.counterparts(people.clone()).await?;
        Ok(people.into_iter().zip(known).map(|(jid, other)| other.filter(Jid::is_lid).unwrap_or(jid)).collect())
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

    /// The service's switches as far as they are known.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn props(&self) -> Result<BTreeMap<String, String>> {
        self.want(Wish::Props).await
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
