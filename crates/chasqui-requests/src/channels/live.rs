//! Live updates of a channel, which come for some minutes at a time.

use chasqui_wire::{Jid, Node};
use serde::Serialize;

use super::One;
use crate::{Result, Session, session::iq_to};

/// The request for live updates; the session makes it again before they end.
pub fn live(channel: &Jid) -> Node<'static> {
    iq_to(channel, "set", "newsletter").child(Node::new("live_updates").children([]))
}

/// Milliseconds for which live updates come.
pub fn live_for(answer: &Node<'_>) -> u64 {
    let seconds = answer.find("live_updates").and_then(|live| live.get_u64("duration"));
    seconds.unwrap_or(300).clamp(10, 86_400) * 1000
}

#[derive(Serialize)]
pub(super) struct Subscribed {
    /// Milliseconds.
    duration: u64,
}

pub(super) async fn subscribe(session: &Session, one: One) -> Result<Subscribed> {
    let jid = one.jid()?;
    let duration = live_for(&session.query(live(&jid)).await?);
    session.live(jid, Some(duration)).await?;
    Ok(Subscribed { duration })
}

pub(super) async fn unsubscribe(session: &Session, one: One) -> Result<()> {
    session.live(one.jid()?, None).await
}
