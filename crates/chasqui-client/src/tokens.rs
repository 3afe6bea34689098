//! Privacy tokens: what people give to those whom they write to, as proof that they know them.
//!
//! A token that somebody gave us goes with what we send them, and with what we ask about them, as long as it counts: this
//! week and the three before. We give ours after the first message of a week. Both are kept in one row for each person,
//! by LID where that is known. Where there is none, and the service wants it, a hash over the LID takes its place.
//! Source: 07-requests-and-notifications §7.4.

use std::collections::HashSet;

use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Node};
use compact_str::CompactString;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    actor::{Actor, Fault},
    cache::Cache,
    connection::unix_now,
    iq::{self, Wait},
    props,
};

/// Seconds of which a token's time is counted, and how many such weeks it counts.
const WEEK: u64 = 604_800;
const WEEKS: u64 = 4;
/// Longest token.
const MAX_TOKEN: usize = 4096;
/// Tokens of one notification.
const MAX_TOKENS: usize = 16;
/// People whose tokens are in memory.
pub(crate) const CAP: usize = 10_000;

/// A row. The token is secret: it has no `Debug`.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
pub(crate) struct Token {
    /// Empty when only ours was given.
    #[prost(bytes = "vec", tag = "1")]
    token: Vec<u8>,
    /// When it was made, in seconds.
    #[prost(uint64, tag = "2")]
    timestamp: u64,
    /// When ours was given, in seconds.
    #[prost(uint64, optional, tag = "3")]
    sent: Option<u64>,
}

impl Token {
    /// What is in a row: the token, when it was made, when ours was given.
    pub fn parts(row: &[u8]) -> Option<(Vec<u8>, u64, Option<u64>)> {
        Self::decode(row).ok().map(|token| (token.token, token.timestamp, token.sent))
    }

    /// A row.
    pub fn stored(token: Vec<u8>, timestamp: u64, sent: Option<u64>) -> Vec<u8> {
        Self { token, timestamp, sent }.encode_to_vec()
    }

    /// What counts at this time.
    fn usable(&self, now: u64) -> Option<&[u8]> {
        (!self.token.is_empty() && self.timestamp >= oldest(now)).then_some(&*self.token)
    }

    /// Whether ours is to be given again.
    fn is_due(&self, now: u64) -> bool {
        self.sent.is_none_or(|sent| now / WEEK > sent / WEEK)
    }
}

/// The oldest token that counts.
fn oldest(now: u64) -> u64 {
    (now / WEEK).saturating_sub(WEEKS - 1) * WEEK
}

/// What stands for a token where there is none.
fn stand_in(salt: &[u8], lid: &Jid) -> Option<Vec<u8>> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(salt).ok()?;
    mac.update(lid.to_bare().to_string().as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

/// What is known of tokens.
pub(crate) struct Tokens {
    known: Cache<Jid, Option<Token>>,
    /// Whom ours is being given.
    giving: HashSet<Jid>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { known: Cache::new(CAP), giving: HashSet::new() }
    }
}

impl Tokens {
    pub fn connection_ended(&mut self) {
        self.giving.clear();
    }

    /// People whose tokens are in memory.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn trim(&mut self) {
        self.known.trim();
    }

    /// What is in memory may be ahead of the store.
    pub fn forget(&mut self) {
        self.known.clear();
    }
}

/// Robots and the service's own announcements have none.
fn has_token(jid: &Jid) -> bool {
    let user = jid.user.as_str();
    let is_bot = user.starts_with("1313555") && user.len() == 11 || user.starts_with("131655500") && user.len() == 11;
    jid.is_user() && user != "0" && !user.is_empty() && !(jid.is_pn() && is_bot)
}

impl Actor {
    fn service_now(&self) -> u64 {
        unix_now().saturating_add_signed(self.clock_offset)
    }

    async fn token_of(&mut self, who: &Jid) -> Result<(Jid, Token), Fault> {
        let who = self.canonical(&who.to_bare()).await?;
        if let Some(known) = self.tokens.known.get(&who) {
            return Ok((who.clone(), known.clone().unwrap_or_default()));
        }
        let stored = self.read(Key::new(Namespace::PrivacyToken, who.to_string())).await?;
        let mut token = stored.and_then(|bytes| Token::decode(bytes.as_slice()).ok());
        // What was kept under the phone number before the LID was known.
        if token.is_none()
            && let Some(pn) = self.counterpart(&who).await?.filter(Jid::is_pn)
        {
            let stored = self.read(Key::new(Namespace::PrivacyToken, pn.to_string())).await?;
            token = stored.and_then(|bytes| Token::decode(bytes.as_slice()).ok());
        }
        self.tokens.known.put(who.clone(), token.clone());
        Ok((who, token.unwrap_or_default()))
    }

    fn put_token(&mut self, who: Jid, token: Token) {
        self.turn.batch.put(Namespace::PrivacyToken, who.to_string(), token.encode_to_vec());
        self.tokens.known.put(who, Some(token));
    }

    /// Keeps what somebody gave us, if it is newer than what is known.
    pub(crate) async fn keep_token(
        &mut self,
        of: &Jid,
        token: &[u8],
        timestamp: u64,
        sent: Option<u64>,
    ) -> Result<(), Fault> {
        if !has_token(of) || self.is_own(of) || !(1..=MAX_TOKEN).contains(&token.len()) {
            return Ok(());
        }
        let (who, known) = self.token_of(of).await?;
        if known.token.is_empty() || known.timestamp < timestamp {
            let sent = known.sent.max(sent);
            self.put_token(who, Token { token: token.to_vec(), timestamp, sent });
        }
        Ok(())
    }

    /// `<notification type=privacy_token>`: somebody gave us a token.
    pub(crate) async fn on_privacy_token(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        let sender = node.get_jid("sender_lid").filter(Jid::is_lid).or_else(|| node.get_jid("from"));
        let Some(sender) = sender.filter(Jid::is_user) else { return Ok(()) };
        self.keep_tokens(&sender, node).await
    }

    async fn keep_tokens(&mut self, of: &Jid, node: &Node<'_>) -> Result<(), Fault> {
        let tokens = node.find("tokens").into_iter().flat_map(|tokens| tokens.all("token")).take(MAX_TOKENS);
        for token in tokens.filter(|token| token.is("type", "trusted_contact")) {
            if let (Some(bytes), Some(timestamp)) = (token.content_bytes(), token.get_u64("t")) {
                self.keep_token(of, bytes, timestamp, None).await?;
            }
        }
        Ok(())
    }

    /// What somebody gave us, as long as it counts.
    pub(crate) async fn usable_token(&mut self, of: &Jid) -> Result<Option<Vec<u8>>, Fault> {
        if !has_token(of) || self.is_own(of) {
            return Ok(None);
        }
        let now = self.service_now();
        let (_, token) = self.token_of(of).await?;
        Ok(token.usable(now).map(<[u8]>::to_vec))
    }

    /// `<tctoken>` beside a message to somebody, or what stands for it.
    pub(crate) async fn token_node(&mut self, to: &Jid) -> Result<Option<Node<'static>>, Fault> {
        if self.props.is_off(props::TOKEN_WITH_MESSAGES) {
            return Ok(None);
        }
        if let Some(token) = self.usable_token(to).await? {
            return Ok(Some(Node::new("tctoken").bytes(token)));
        }
        let lid = self.canonical(&to.to_bare()).await?;
        if !self.props.is_on(props::STAND_IN_WITH_MESSAGES) || !lid.is_lid() || !has_token(to) || self.is_own(to) {
            return Ok(None);
        }
        let salt = self.read(Key::new(Namespace::Meta, "nct-salt")).await?;
        let hash = salt.filter(|salt| !salt.is_empty()).and_then(|salt| stand_in(&salt, &lid));
        Ok(hash.map(|hash| Node::new("cstoken").bytes(hash)))
    }

    /// Gives somebody ours, once a week; or at once, when the service says that it is missing.
    pub(crate) async fn give_token(&mut self, to: &Jid, at_once: bool) -> Result<(), Fault> {
        if !self.is_open() || !has_token(to) || self.is_own(to) {
            return Ok(());
        }
        let now = self.service_now();
        let (who, known) = self.token_of(to).await?;
        if !(at_once || known.is_due(now)) || !self.tokens.giving.insert(who.clone()) {
            return Ok(());
        }
        let by_lid = self.props.is_on(props::TOKENS_TO_LIDS);
        let other = if by_lid { None } else { self.counterpart(&who).await? };
        let id = self.requests.id();
        let node = request(&id, other.as_ref().unwrap_or(&who), now);
        self.request(id, node, Wait::Token(who, now));
        Ok(())
    }

    /// Whether somebody was ever given ours.
    pub(crate) async fn has_given_token(&mut self, to: &Jid) -> Result<bool, Fault> {
        Ok(self.token_of(to).await?.1.sent.is_some())
    }

    /// Our token was given, or not: then the next message gives it.
    pub(crate) async fn on_token_given(&mut self, to: Jid, when: u64, answer: Option<&Node<'_>>) -> Result<(), Fault> {
        self.tokens.giving.remove(&to);
        let Some(answer) = answer.filter(|answer| iq::error_code(answer).is_none()) else { return Ok(()) };
        self.keep_tokens(&to, answer).await?;
        let (who, known) = self.token_of(&to).await?;
        self.put_token(who, Token { sent: known.sent.max(Some(when)), ..known });
        Ok(())
    }
}

fn request(id: &str, to: &Jid, now: u64) -> Node<'static> {
    let token = Node::new("token")
        .attr("jid", to)
        .attr("t", CompactString::from(now.to_string()))
        .attr("type", "trusted_contact");
    iq::request(id, "set", "privacy").child(Node::new("tokens").child(token)).into_owned()
}

#[cfg(test)]
#[allow(clippy::ok_expect, reason = "a fault has no Debug: it may hold secrets")]
mod tests {
    use super::*;

    #[test]
    fn a_token_counts_this_week_and_the_three_before_and_ours_is_given_once_a_week() {
        let now = 1_700_000_000;
        assert_eq!((now / WEEK, oldest(now)), (2810, 1_697_673_600));
        let token = |timestamp| Token { token: vec![1], timestamp, sent: Some(timestamp) };
        assert!(token(1_697_673_600).usable(now).is_some() && token(1_697_673_599).usable(now).is_none());
        assert!(Token { token: Vec::new(), ..token(now) }.usable(now).is_none());
        let week = now / WEEK * WEEK;
        assert!(!token(week).is_due(now) && token(week - 1).is_due(now) && Token::default().is_due(now));
    }

    #[test]
    fn what_stands_for_a_token_is_a_hash_over_the_lid() {
        let salt: Vec<u8> = (0..32).collect();
        let hash = stand_in(&salt, &Jid::lid("100000000000002").with_device(3)).expect("a hash");
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5ea49d818de8d8e4d0cfac2e2f9adbe81aea56000658b6adc44af663147106f3");
    }

    #[tokio::test]
    async fn the_newest_token_is_kept_by_lid_and_nothing_else_of_a_notification() {
        let mut actor = Actor::for_tests().await;
        let (pn, lid) = (Jid::pn("15550002222"), Jid::lid("100000000000002"));
        let token = |kind: &'static str, t: u64, bytes: &'static [u8]| {
            Node::new("token").attr("type", kind).attr("t", t).bytes(bytes)
        };
        let notification = |tokens: Vec<Node<'static>>| {
            Node::new("notification")
                .attr("from", &pn)
                .attr("sender_lid", &lid)
                .child(Node::new("tokens").children(tokens))
                .into_owned()
        };
        let now = unix_now();
        let (new, old) = (token("trusted_contact", now, b"new"), token("trusted_contact", now - 1, b"old"));
        let others = vec![token("other", now + 9, b"x"), token("trusted_contact", now + 9, b""), Node::new("token")];
        actor.learn(&pn, &lid).await.ok().expect("learnt");
        for tokens in [vec![new], vec![old], others] {
            actor.on_privacy_token(&notification(tokens)).await.ok().expect("kept");
        }
        for who in [&pn, &lid] {
            assert_eq!(actor.usable_token(who).await.ok().flatten().as_deref(), Some(&b"new"[..]));
        }
        actor.settle().await;
        actor.tokens.forget();
        assert_eq!(actor.usable_token(&pn).await.ok().flatten().as_deref(), Some(&b"new"[..]), "from the store");
        actor
            .on_token_given(lid.clone(), now, Some(&Node::new("iq").attr("type", "result")))
            .await
            .ok()
            .expect("noted");
        let (_, kept) = actor.token_of(&lid).await.ok().expect("known");
        assert!(!kept.is_due(now) && kept.usable(now).is_some());
        actor
            .on_token_given(lid.clone(), now + WEEK, Some(&Node::new("iq").attr("type", "error")))
            .await
            .ok()
            .expect("noted");
        let (_, kept) = actor.token_of(&lid).await.ok().expect("known");
        assert!(kept.is_due(now + WEEK), "what was refused is not noted");
        assert!(!has_token(&Jid::pn("0")) && !has_token(&Jid::pn("13135550002")) && has_token(&lid));
    }
}
