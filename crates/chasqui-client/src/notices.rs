//! What stanzas tell the program besides messages and receipts, by `chasqui_requests::notice`.

use chasqui_requests::{
    Plain,
    notice::{self, Context, Read},
    plain::Room,
};
use chasqui_wire::Node;
use serde_json::json;

use crate::{
    actor::{Actor, Fault},
    connection::unix_now_ms,
    event::{Event, Notice},
};

/// At most so many bytes of a stanza that nobody knows are stored for the program ...
const MAX_BYTES: usize = 64 << 10;
/// ... in so many elements.
const MAX_NODES: usize = 1000;

impl Actor {
    /// Tells the program what a stanza says. It is acknowledged already, and what it changes is known.
    pub(crate) async fn tell_of(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        if self.options.wire {
            self.deliver_stanza(node);
            return Ok(());
        }
        let context = Context { me: self.me(), now: unix_now_ms() };
        match notice::read(node, &context) {
            Read::Told(notices) => {
                for notice::Notice { event, value } in notices {
                    self.tell(event, value).await?;
                }
            }
            Read::Malformed(why) => {
                tracing::warn!(session = %self.name, "a malformed <{}> was skipped: {why}", node.tag.as_str());
            }
            Read::Unknown => {
                let Some(plain) = Plain::of(node, &mut Room { nodes: MAX_NODES, bytes: MAX_BYTES }) else {
                    tracing::warn!(session = %self.name, "an unknown <{}> is too large to be given out", node.tag.as_str());
                    return Ok(());
                };
                self.deliver_notice(Notice { event: "raw".into(), value: json!(plain) });
            }
        }
        Ok(())
    }

    /// Tells the program something; the addresses of people in it are completed.
    pub(crate) async fn tell(&mut self, event: &'static str, mut value: serde_json::Value) -> Result<(), Fault> {
        if self.options.wire {
            // It is told by its stanzas.
            return Ok(());
        }
        self.complete(&mut value).await?;
        if event == "presence"
            && let Some(jid) = value["chat"]["jid"].as_str()
        {
            // As everywhere a chat is the form that is shown.
            value["chat"] = jid.into();
        }
        if event == "call" {
            self.complete_call(&mut value);
        }
        let notice = Notice { event: event.into(), value };
        if event == "presence" {
            // Not stored: it is only true now.
            let key =
                |name: &str| notice.value[name]["jid"].as_str().or(notice.value[name].as_str()).unwrap_or_default();
            let key = format!("{} {}", key("chat"), key("person"));
            self.events.pass(Some(key), Event::Passing { notice: Box::new(notice) });
        } else {
            self.deliver_notice(notice);
        }
        Ok(())
    }
}
