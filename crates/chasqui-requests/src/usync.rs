//! Look-ups of people: `<usync>`, with a bounded number of users in each request and few requests at once.
//!
//! Every user that was asked about is answered, in the order asked; of one that is not known nothing is said. One user's
//! error spoils nothing for the others. Source: 07-requests-and-notifications §6.

use chasqui_error::PublicError;
use chasqui_wire::{Jid, Node, curve};
use futures_util::{StreamExt, future::BoxFuture, stream};

use crate::{Result, Session, answer, session::iq};

/// Requests of one call that are under way at once.
const AT_ONCE: usize = 3;

/// What is asked, of whomever.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// `query` for look-ups, `full` for all that is known of somebody.
    pub mode: &'static str,
    /// `interactive`, `background` or `message`.
    pub context: &'static str,
    /// Elements of `<query>`.
    pub protocols: Vec<Node<'static>>,
}

impl Query {
    /// Asks about users, at most `batch` of them in one request. Each request gives its `<user>` elements, or why it was
    /// refused, in the order of the users.
    pub async fn ask(
        &self,
        session: &Session,
        users: Vec<Node<'static>>,
        batch: usize,
    ) -> Vec<(usize, Result<Vec<Node<'static>>>)> {
        let mut asked: Vec<BoxFuture<'_, _>> = Vec::new();
        for users in users.chunks(batch.max(1)).map(<[_]>::to_vec) {
            let count = users.len();
            asked.push(Box::pin(async move { (count, self.ask_once(session, users).await) }));
        }
        stream::iter(asked).buffered(AT_ONCE).collect().await
    }

    async fn ask_once(&self, session: &Session, users: Vec<Node<'static>>) -> Result<Vec<Node<'static>>> {
        let most = users.len();
        let answer = session.query(self.request(users)).await?;
        let usync = answer.find("usync").ok_or_else(|| answer::lacks("<usync>"))?;
        // An error of the only thing that was asked for is one of the whole.
        if let [only] = &*self.protocols
            && let Some(error) = refused(usync, only.tag.as_str())
        {
            return Err(error);
        }
        let list = usync.find("list").ok_or_else(|| answer::lacks("<list>"))?;
        let users: Vec<Node<'static>> = list.all("user").take(most.saturating_mul(2)).cloned().collect();
        let pair = |user: &Node<'_>| {
            let jid = user.get_jid("jid")?;
            let other = user.get_jid("pn_jid").or_else(|| user.find("lid")?.get_jid("val"))?;
            Some((jid.to_bare(), other.to_bare()))
        };
        session.learn(users.iter().filter_map(pair).collect());
        Ok(users)
    }

    fn request(&self, users: Vec<Node<'static>>) -> Node<'static> {
        let [a, b, c, d, e] = curve::random_bytes();
        let sid = format!("{}.{}-{}", u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]), e);
        let usync = Node::new("usync")
            .attr("sid", sid)
            .attr("mode", self.mode)
            .attr("last", "true")
            .attr("index", "0")
            .attr("context", self.context)
            .children([Node::new("query").children(self.protocols.clone()), Node::new("list").children(users)]);
        iq("get", "usync").child(usync)
    }
}

/// The error of one protocol for everybody.
fn refused(usync: &Node<'_>, protocol: &str) -> Option<PublicError> {
    let error = usync.find("result")?.find(protocol)?.find("error")?;
    Some(answer::refusal(error.get_u64("code").unwrap_or(500), error.get_str("text").as_deref()))
}

/// A user by JID.
pub(crate) fn user(jid: &Jid) -> Node<'static> {
    Node::new("user").attr("jid", jid).into_owned()
}
