//! Channels ("newsletters"): making, following and keeping them, and what is in them.
//!
//! What a channel is goes by GraphQL ([`crate::mex`]), its messages by `xmlns=newsletter`. Source: 07 §4.

mod info;
mod keep;
mod live;
mod people;
mod posts;

use chasqui_wire::Jid;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Result, args, methods};

pub(crate) use info::channel;
pub use info::{Channel, Picture};
pub use live::{live, live_for};
pub(crate) use posts::{counts, listed};

/// Numbers of the queries, which change with the service's clients.
mod id {
    pub const CREATE: &str = "8823471724422422";
    pub const METADATA: &str = "6563316087068696";
    pub const SUBSCRIBED: &str = "25399611239711790";
    pub const FOLLOW: &str = "24404358912487870";
    pub const UNFOLLOW: &str = "9767147403369991";
    pub const MUTE: &str = "29766401636284406";
    pub const UNMUTE: &str = "9864994326891137";
    pub const UPDATE: &str = "24250201037901610";
    pub const FOLLOWERS: &str = "27472091235714801";
    pub const ADMINS: &str = "7130823597031706";
    pub const OWNER: &str = "7341777602580933";
    pub const DEMOTE: &str = "6551828931592903";
    pub const DELETE: &str = "30062808666639665";
    pub const INVITE: &str = "9387141988078609";
    pub const ACCEPT: &str = "9580828702035549";
    pub const REVOKE: &str = "9656078347839416";
    pub const RECOMMENDED: &str = "25806748772361516";
}

/// Most of anything that one answer gives.
const MAX_LIST: usize = 2000;

methods! {
    "create" => keep::create,
    "metadata" => info::metadata,
    "list" => info::list,
    "follow" => keep::follow,
    "unfollow" => keep::unfollow,
    "mute" => keep::mute,
    "unmute" => keep::unmute,
    "update" => keep::update,
    "delete" => keep::delete,
    "followers" => people::followers,
    "adminCount" => people::admin_count,
    "inviteAdmin" => people::invite_admin,
    "revokeInvite" => people::revoke_invite,
    "acceptInvite" => people::accept_invite,
    "demote" => people::demote,
    "changeOwner" => people::change_owner,
    "recommended" => info::recommended,
    "messages" => posts::messages,
    "updates" => posts::updates,
    "react" => posts::react,
    "viewed" => posts::viewed,
    "subscribe" => live::subscribe,
    "unsubscribe" => live::unsubscribe,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    channel: String,
}

impl One {
    fn jid(&self) -> Result<Jid> {
        args::channel(&self.channel)
    }

    /// The variables that most queries take.
    fn variables(&self) -> Result<Value> {
        Ok(json!({ "newsletter_id": self.jid()?.to_string() }))
    }
}

#[cfg(test)]
mod testing {
    use chasqui_wire::Node;

    use super::*;
    use crate::testing::Service;

    pub const JID: &str = "120363000000000009@newsletter";

    pub fn object() -> Value {
        json!({
            "id": JID, "state": { "type": "ACTIVE" },
            "thread_metadata": {
                "creation_time": "1700000000", "invite": "0029VaCODE", "handle": null,
                "name": { "id": "1", "text": "News", "update_time": "1700000000000000" },
                "description": { "id": "2", "text": "", "update_time": "0" },
                "picture": { "id": "3", "type": "IMAGE", "direct_path": "/v/1" },
                "preview": { "id": "4", "type": "PREVIEW", "direct_path": "" },
                "settings": { "reaction_codes": { "value": "ALL" } },
                "subscribers_count": "12", "verification": "UNVERIFIED",
            },
            "viewer_metadata": { "mute": "OFF", "role": "OWNER" },
        })
    }

    pub fn graph(key: &'static str, value: Value) -> Service {
        Service::new(move |node| {
            let told = json!({ "data": { key: value } }).to_string().into_bytes();
            let result = Node::new("result").bytes(told);
            if node.is("xmlns", "w:mex") { Node::new("iq").child(result) } else { Node::new("iq") }.into_owned()
        })
    }

    pub fn asked(service: &Service) -> (String, Value) {
        let node = service.asked().pop().expect("a request");
        let query = node.find("query").cloned().expect("a query");
        let variables = serde_json::from_slice(query.content_bytes().expect("bytes")).expect("JSON");
        (query.get_str("query_id").expect("an id").into_owned(), variables)
    }
}
