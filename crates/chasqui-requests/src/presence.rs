//! `client.presence`: who is there, who types. Nothing answers these stanzas.
//!
//! Source: 07-requests-and-notifications §8.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node};
use serde::Deserialize;

use crate::{Result, Session, args, methods, people};

methods! {
    "available" => available,
    "unavailable" => unavailable,
    "subscribe" => subscribe,
    "unsubscribe" => unsubscribe,
    "typing" => typing,
    "recording" => recording,
    "paused" => paused,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chat {
    chat: String,
}

fn chat(text: &str) -> Result<Jid> {
    if text.ends_with("@g.us") { args::group(text) } else { args::person(text) }
}

async fn available(session: &Session, Nothing {}: Nothing) -> Result<()> {
    session.available(true).await
}

async fn unavailable(session: &Session, Nothing {}: Nothing) -> Result<()> {
    session.available(false).await
}

async fn subscribe(session: &Session, Chat { chat: to }: Chat) -> Result<()> {
    let to = chat(&to)?;
    // By the LID is kept what entitles to know.
    people::find_lid(session, &to).await?;
    session.subscribe(to, true).await
}

async fn unsubscribe(session: &Session, Chat { chat: to }: Chat) -> Result<()> {
    session.subscribe(chat(&to)?, false).await
}

async fn typing(session: &Session, Chat { chat }: Chat) -> Result<()> {
    tell(session, &chat, Node::new("composing")).await
}

async fn recording(session: &Session, Chat { chat }: Chat) -> Result<()> {
    tell(session, &chat, Node::new("composing").attr("media", "audio")).await
}

async fn paused(session: &Session, Chat { chat }: Chat) -> Result<()> {
    tell(session, &chat, Node::new("paused")).await
}

async fn tell(session: &Session, to: &str, state: Node<'static>) -> Result<()> {
    let to = chat(to)?;
    if session.is_me(&to) {
        return Err(PublicError::new(ErrorCode::InvalidRecipient, "Nobody else is in the chat with oneself."));
    }
    let to = session.lids(vec![to.clone()]).await?.pop().unwrap_or(to);
    let me = session.me();
    let from = if to.is_lid() { me.lid.clone() } else { me.pn.clone() };
    session.send(Node::new("chatstate").attr("from", from).attr("to", to).child(state)).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Service, empty};

    #[tokio::test]
    async fn chat_states_name_the_own_device_in_the_addressing_of_the_chat() {
        let service = Service::new(|_| empty());
        for (method, chat) in
            [("typing", "15550002222"), ("recording", "100000000000002@lid"), ("paused", "120363000000000001@g.us")]
        {
            service.call(&format!("presence.{method}"), json!({ "chat": chat })).await.expect("sent");
        }
        let shown: Vec<_> = service
            .sent()
            .iter()
            .map(|node| {
                let (from, to) = (node.get_jid("from").expect("from"), node.get_jid("to").expect("to"));
                let state = node.nodes()[0].clone();
                format!("{from} {to} {} {}", state.tag.as_str(), state.get_str("media").unwrap_or_default())
            })
            .collect();
        assert_eq!(
            shown,
            [
                "15550001111:1@s.whatsapp.net 15550002222@s.whatsapp.net composing ",
                "100000000000001:1@lid 100000000000002@lid composing audio",
                "15550001111:1@s.whatsapp.net 120363000000000001@g.us paused ",
            ]
        );
        for chat in ["x", "15550001111", "status@broadcast"] {
            let refused = service.call("presence.typing", json!({ "chat": chat })).await.expect_err(chat);
            assert_eq!(refused.code, ErrorCode::InvalidRecipient);
        }
    }
}
