//! Calls: how one is refused, and links by which people join one. The sound itself is not here.
//!
//! Source: 07 §9.

use chasqui_wire::{Jid, Node, Server};
use serde::{Deserialize, Serialize};

use crate::{Result, Session, answer, args, methods};

/// Most characters of a call's id.
const MAX_ID: usize = 128;

methods! {
    "reject" => reject,
    "createLink" => create_link,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reject {
    id: String,
    from: String,
}

/// Tells the calling device that the call is not taken.
async fn reject(session: &Session, Reject { id, from }: Reject) -> Result<()> {
    if id.is_empty() || id.chars().count() > MAX_ID {
        return Err(args::invalid("call", "must be a call as the event \"call\" tells it"));
    }
    session.query(rejection(&caller(&from)?, &id, session)).await.map(drop)
}

/// The device that calls; a group call may be named by its group.
fn caller(text: &str) -> Result<Jid> {
    let jid: Option<Jid> = text.parse().ok();
    jid.filter(|jid| (jid.is_user() || jid.is_group() || jid.server == Server::Call) && !jid.user.is_empty())
        .ok_or_else(|| args::invalid("call", "must be a call as the event \"call\" tells it"))
}

fn rejection(caller: &Jid, id: &str, session: &Session) -> Node<'static> {
    let me = session.me();
    let own = if caller.is_lid() { &me.lid } else { &me.pn };
    let reject =
        Node::new("reject").attr("call-id", id.to_owned()).attr("call-creator", caller).attr("count", "0").into_owned();
    Node::new("call").attr("from", own).attr("to", caller).child(reject).into_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CreateLink {
    #[serde(default)]
    video: bool,
    /// Milliseconds since the epoch.
    starts_at: Option<u64>,
}

#[derive(Serialize)]
struct Link {
    token: String,
    url: String,
}

async fn create_link(session: &Session, CreateLink { video, starts_at }: CreateLink) -> Result<Link> {
    let media = if video { "video" } else { "audio" };
    let event = starts_at.map(|ms| Node::new("event").attr("start_time", ms / 1000));
    let create = Node::new("link_create").attr("media", media).children(event);
    let to = Jid::new("", Server::Call);
    let answer = session.query(Node::new("call").attr("to", to).child(create).into_owned()).await?;
    let token = answer.find("link_create").and_then(|link| link.get_str("token")).filter(|token| token.len() <= 256);
    let token = token.ok_or_else(|| answer::lacks("token of the call's link"))?.into_owned();
    let kind = if video { "video" } else { "voice" };
    Ok(Link { url: format!("https://call.whatsapp.com/{kind}/{token}"), token })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{args, testing::Service};

    use super::*;

    #[tokio::test]
    async fn a_call_is_refused_to_the_device_that_makes_it() {
        let service = Service::new(|_| Node::new("ack").attr("class", "call").into_owned());
        let call = json!({ "id": "CID", "from": "100000000000002:7@lid" });
        crate::call(&service.session, "calls.reject", call).await.expect("refused");
        let sent = service.asked();
        let reject = sent[0].find("reject").expect("a rejection");
        assert!(sent[0].tag == "call" && sent[0].is("from", "100000000000001:1@lid"));
        assert!(reject.is("call-id", "CID") && reject.is("count", "0"));
        assert_eq!(reject.get_jid("call-creator"), sent[0].get_jid("to"));
        for wrong in
            [json!({ "id": "", "from": "1@lid" }), json!({ "id": "x", "from": "nobody" }), json!({ "id": "x" })]
        {
            let error = crate::call(&service.session, "calls.reject", wrong).await.expect_err("refused");
            assert_eq!(error.code, args::invalid("", "").code);
        }
    }

    #[tokio::test]
    async fn a_link_is_made_of_the_token_that_the_service_gives() {
        let service = Service::new(|_| {
            Node::new("ack").attr("class", "call").child(Node::new("link_create").attr("token", "TOK")).into_owned()
        });
        let args = json!({ "video": true, "startsAt": 1_700_000_000_000u64 });
        let link = crate::call(&service.session, "calls.createLink", args).await.expect("a link");
        assert_eq!(link, json!({ "token": "TOK", "url": "https://call.whatsapp.com/video/TOK" }));
        let create = service.asked()[0].find("link_create").cloned().expect("the request");
        assert!(
            create.is("media", "video")
                && create.find("event").is_some_and(|event| event.is("start_time", "1700000000"))
        );
        let mute = Service::new(|_| Node::new("ack").attr("class", "call").into_owned());
        assert!(crate::call(&mute.session, "calls.createLink", json!({})).await.is_err());
        let refused = Service::new(|_| Node::new("ack").attr("class", "call").attr("error", "403").into_owned());
        let error = crate::call(&refused.session, "calls.createLink", json!({})).await.expect_err("refused");
        assert_eq!(answer::code_of(&error), Some(403));
    }
}
