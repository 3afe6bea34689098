//! `resolve()`: both addresses of a person, from what is known or from the server.
//!
//! Source: 03-messages §2.3 and §3.1, 07-requests-and-notifications on usync.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node};
use serde_json::{Value, json};

use crate::{
    Reply,
    actor::{Actor, Fault},
    error,
    iq::{self, Wait},
    send::{Target, target},
};

/// The usync about a person.
pub(crate) fn request(id: &str, jid: &Jid) -> Node<'static> {
    let (asked, user) = if jid.is_lid() {
        let asked = vec![Node::new("devices").attr("version", "2"), Node::new("lid")];
        (asked, Node::new("user").attr("jid", jid).into_owned())
    } else {
        let number = Node::new("contact").bytes(format!("+{}", jid.user).into_bytes());
        (vec![Node::new("contact"), Node::new("lid")], Node::new("user").child(number))
    };
    let usync = Node::new("usync")
        .attr("sid", id.to_owned())
        .attr("mode", "query")
        .attr("last", "true")
        .attr("index", "0")
        .attr("context", "interactive")
        .children([Node::new("query").children(asked), Node::new("list").child(user)]);
    iq::request(id, "get", "usync").child(usync)
}

impl Actor {
    /// Finds the phone number and the LID behind a number, JID or chat.
    pub(crate) async fn on_resolve(&mut self, reply: Reply, who: &str) -> Result<(), Fault> {
        let jid = match target(who) {
            Ok(Target::Number(number)) => Jid::pn(number),
            Ok(Target::Jid(jid)) if jid.is_user() => jid,
            Err(error) if error.code == ErrorCode::InvalidRecipient => {
                self.answer(reply, Err(error));
                return Ok(());
            }
            _ => {
                let error = PublicError::new(ErrorCode::InvalidRecipient, "Only people have two addresses.");
                self.answer(reply, Err(error));
                return Ok(());
            }
        };
        if !self.has_store() {
            self.answer(reply, Err(error::not_connected()));
            return Ok(());
        }
        if self.counterpart(&jid).await?.is_some() {
            let found = self.found(&jid).await?;
            self.answer(reply, Ok(Some(found)));
        } else if self.is_open() {
            self.query(Wait::Resolve(reply, jid));
        } else {
            self.answer(reply, Err(error::not_connected()));
        }
        Ok(())
    }

    /// The server's answer, or `None` when there will be none.
    pub(crate) async fn on_resolved(
        &mut self,
        reply: Reply,
        asked: &Jid,
        answer: Option<&Node<'_>>,
    ) -> Result<(), Fault> {
        let Some(answer) = answer else {
            let error = PublicError::new(ErrorCode::Timeout, "The server did not tell who that is in time.");
            self.answer(reply, Err(error));
            return Ok(());
        };
        if let Some(code) = iq::error_code(answer) {
            let error = PublicError::new(
                ErrorCode::RequestFailed,
                format!("The server refused to tell who that is with error {code}."),
            );
            self.answer(reply, Err(error.with("error", code)));
            return Ok(());
        }
        let list = answer.find("usync").and_then(|usync| usync.find("list"));
        let user = list.and_then(|list| list.find("user"));
        let exists = user.is_some_and(|user| match user.find("contact") {
            Some(contact) => contact.is("type", "in"),
            None => user.find("devices").is_some_and(|devices| devices.find("device-list").is_some()),
        });
        let jid = user.and_then(|user| user.get_jid("jid")).map(|jid| jid.to_bare()).filter(Jid::is_user);
        let jid = jid.filter(|_| exists);
        if asked.is_pn() {
            self.keep_number(asked.user.clone(), jid.clone());
        }
        let (Some(user), Some(jid)) = (user, jid) else {
            let error = PublicError::new(ErrorCode::NotOnWhatsApp, "The number or LID has no account.");
            self.answer(reply, Err(error.with("jid", asked.to_string())));
            return Ok(());
        };
        let others = [user.get_jid("pn_jid"), user.find("lid").and_then(|lid| lid.get_jid("val"))];
        for other in others.into_iter().flatten() {
            self.learn(&jid, &other).await?;
        }
        let found = self.found(&jid).await?;
        self.reply(reply, Ok(Some(found)));
        Ok(())
    }

    async fn found(&mut self, jid: &Jid) -> Result<Value, Fault> {
        let person = self.person(jid).await?;
        let mut found = json!({ "jid": person.shown().unwrap_or(jid).to_string() });
        for (name, address) in [("pn", &person.pn), ("lid", &person.lid)] {
            if let Some(address) = address {
                found[name] = address.to_string().into();
            }
        }
        Ok(found)
    }
}
