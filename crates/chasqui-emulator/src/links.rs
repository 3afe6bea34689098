//! Links that lead to a person: each account has one, and businesses have more with a text (07 §10.3).

use std::collections::BTreeMap;

use chasqui_proto::{ProtoMessage as _, VerifiedNameCertificate, verified_name_certificate::Details};
use chasqui_wire::node::Node;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::{
    account::{AccountId, DeviceRef},
    error::EmulatorError,
    group::invite_code,
    prekeys::bytes,
    requests::{Answer, Refused},
    world::World,
};

/// Most links that bring a text.
const MAX_MESSAGES: usize = 10_000;

/// Where links lead.
#[derive(Default)]
pub(crate) struct Links {
    /// The one of each account, once somebody wants it.
    own: BTreeMap<AccountId, CompactString>,
    contacts: BTreeMap<CompactString, AccountId>,
    messages: BTreeMap<CompactString, (AccountId, String)>,
}

impl Links {
    fn of(&mut self, account: AccountId, renew: bool) -> CompactString {
        if renew && let Some(old) = self.own.remove(&account) {
            self.contacts.remove(&old);
        }
        let code = self.own.entry(account).or_insert_with(invite_code).clone();
        self.contacts.insert(code.clone(), account);
        code
    }
}

/// Whose link a test wants, and what it brings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedLink {
    account: String,
    text: Option<String>,
}

/// A link.
#[derive(Serialize)]
pub(crate) struct Link {
    code: String,
    url: String,
}

/// The name in a certificate.
fn name_in(certificate: &[u8]) -> Option<String> {
    let details = VerifiedNameCertificate::decode(certificate).ok()?.details?;
    Details::decode(&*details).ok()?.verified_name
}

impl World {
    /// The link of an account as its phone shows it; with a text one of its own.
    pub fn show_link(&mut self, wanted: WantedLink) -> Result<Link, EmulatorError> {
        let unknown = || EmulatorError::NotFound(format!("account {}", wanted.account));
        let account = self.accounts.resolve(&wanted.account).ok_or_else(unknown)?;
        let Some(text) = wanted.text else {
            let code = self.links.of(account, false);
            return Ok(Link { url: format!("https://wa.me/qr/{code}"), code: code.into() });
        };
        if self.links.messages.len() >= MAX_MESSAGES {
            return Err(EmulatorError::option("text", "belongs to one link too many"));
        }
        let code = invite_code();
        self.links.messages.insert(code.clone(), (account, text));
        Ok(Link { url: format!("https://wa.me/message/{code}"), code: code.into() })
    }

    /// Answers `xmlns=w:qr`.
    pub fn answer_links(&mut self, at: DeviceRef, qr: &Node<'static>, set: bool) -> Answer {
        if set {
            let renew = match (qr.get_str("type").as_deref(), qr.get_str("action").as_deref()) {
                (Some("contact"), Some("get")) => false,
                (Some("contact"), Some("revoke")) => true,
                _ => return Answer::BAD_REQUEST,
            };
            return Answer::one(Node::new("qr").attr("code", self.links.of(at.account, renew)));
        }
        let Some(code) = qr.get_str("code") else { return Answer::BAD_REQUEST };
        if let Some(account) = self.links.contacts.get(&*code) {
            return Answer::one(self.named_by_link(*account).attr("type", "contact"));
        }
        let Some((account, text)) = self.links.messages.get(&*code) else { return Refused(404).into() };
        let message = bytes("message", text.as_bytes());
        let verified = self.accounts.get(*account).social.verified.as_deref().map(name_in);
        let business = Node::new("business")
            .attr("is_signed", if verified.is_some() { "true" } else { "false" })
            .attr("verified_level", if verified.is_some() { "high" } else { "unknown" })
            .attr_opt("verified_name", verified.flatten());
        Answer::one(self.named_by_link(*account).children([message, business]))
    }

    fn named_by_link(&self, account: AccountId) -> Node<'static> {
        let account = self.accounts.get(account);
        Node::new("qr").attr("jid", account.jid(false)).attr("notify", account.push_name.clone())
    }
}
