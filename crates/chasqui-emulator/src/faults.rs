//! Faults on demand: connections that end in every way there is, and bytes that no sound service sends
//! (01-connection §9 and §13).

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_wire::{
    frame::MAX_FRAME,
    jid::Jid,
    node::{Content, Node, Text, Value},
};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::{
    account::DeviceRef, connection::Outbound, error::EmulatorError, greeting::deflate, login::LoginFailure,
    world::World,
};

/// How a connection is ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "how", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Disconnect {
    /// In order: `<xmlstreamend/>`, then a WebSocket close.
    Clean,
    /// The socket goes away without a word.
    Abrupt,
    /// It stays open, but nothing is sent or heard any more.
    Silence,
    /// `<stream:error>` with a code, a conflict, or both.
    StreamError {
        /// The `code` attribute.
        code: Option<u16>,
        /// The `type` of a `<conflict>` child.
        conflict: Option<String>,
    },
    /// The next logins of the device are answered with `<failure>`; a connection it has is dropped.
    Failure {
        /// The `reason` attribute.
        reason: u16,
        /// The `code` attribute: why the account is banned.
        code: Option<u16>,
        /// The `expire` attribute: seconds until a ban ends.
        expire: Option<u64>,
        /// How many logins; 1.
        times: Option<u32>,
    },
}

/// What is sent to a client out of turn.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Injection {
    /// A stanza as `{ tag, attrs, content }`; texts that are JIDs are sent as JIDs.
    Stanza(Json),
    /// The plaintext of a frame, flags included, in base64.
    Plaintext(String),
    /// One of the broken frames.
    Frame(BrokenFrame),
    /// A notification that waits in the queue like every other: the device may be away.
    Notification(Notification),
    /// Nothing now: the next message of the device is answered with this error number instead of being relayed.
    Refuse(u16),
}

/// A notification of the service.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Notification {
    /// The `type` attribute: `encrypt`, `devices`, `account_sync`, …
    pub r#type: String,
    /// The `from` attribute, a JID; the service itself.
    pub from: Option<String>,
    /// The child, as a stanza.
    pub child: Json,
}

/// Frames that a client must survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BrokenFrame {
    /// Announces more bytes than follow; then the socket ends.
    Truncated,
    /// Announces the largest frame there can be and sends none of it.
    Oversized,
    /// Nodes nested ten thousand levels deep.
    Deep,
    /// A small frame that inflates to 256 MiB.
    Bomb,
    /// Does not decrypt.
    WrongTag,
    /// Decrypts to bytes that are no stanza.
    Garbage,
}

const DEPTH: usize = 10_000;
const BOMB: usize = 256 << 20;

impl World {
    /// Ends the connections of the named devices; tells how many.
    pub fn disconnect(
        &mut self,
        account: Option<&str>,
        device: Option<u16>,
        how: &Disconnect,
    ) -> Result<usize, EmulatorError> {
        let devices = self.named_devices(account, device)?;
        let mut ended = 0;
        for at in devices {
            ended += usize::from(self.disconnect_one(at, how));
        }
        Ok(ended)
    }

    fn disconnect_one(&mut self, at: DeviceRef, how: &Disconnect) -> bool {
        let Some(device) = self.accounts.device_mut(at) else { return false };
        if let Disconnect::Failure { reason, code, expire, times } = *how {
            device.refuse_login = Some(LoginFailure { reason, code, expire, times: times.unwrap_or(1) });
        }
        let Some(id) = device.connection else { return false };
        match how {
            Disconnect::Clean => self.end(id, None),
            Disconnect::Abrupt | Disconnect::Failure { .. } => self.abort(id),
            Disconnect::Silence => {
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.silent = true;
                }
            }
            Disconnect::StreamError { code, conflict } => {
                let error = Node::new("stream:error").attr_opt("code", *code);
                let error = match conflict {
                    Some(kind) => error.child(Node::new("conflict").attr("type", kind.clone())),
                    None => error,
                };
                self.end(id, Some(error));
            }
        }
        true
    }

    /// Sends something out of turn to those of the named devices that are connected; a stanza for all also to clients that
    /// show a code.
    pub fn inject(
        &mut self,
        account: Option<&str>,
        device: Option<u16>,
        what: &Injection,
    ) -> Result<usize, EmulatorError> {
        let devices = self.named_devices(account, device)?;
        if let Injection::Notification(notification) = what {
            return self.inject_notification(&devices, notification);
        }
        let connected = devices.iter().filter_map(|at| Some((*at, self.accounts.device(*at)?.connection?)));
        let connections: Vec<_> = connected.collect();
        let mut count = connections.len();
        if let (Injection::Stanza(json), None, None) = (what, account, device) {
            let pairing: Vec<_> = self.connections.keys().copied().filter(|id| self.waiting(*id).is_some()).collect();
            count += pairing.len();
            for id in pairing {
                self.send(id, node_from_json(json)?);
            }
        }
        for (at, id) in &connections {
            match what {
                Injection::Stanza(json) => self.send(*id, node_from_json(json)?),
                Injection::Plaintext(text) => {
                    let plaintext =
                        BASE64.decode(text).map_err(|_| EmulatorError::option("plaintext", "must be base64"))?;
                    self.transmit_raw(*id, Outbound::Plaintext(plaintext));
                }
                Injection::Frame(frame) => {
                    self.transmit_raw(*id, broken(*frame));
                    if *frame == BrokenFrame::Truncated {
                        self.transmit_raw(*id, Outbound::Abort);
                    }
                }
                Injection::Notification(_) => {}
                Injection::Refuse(code) => {
                    if let Some(device) = self.accounts.device_mut(*at) {
                        device.refuse_message = Some(*code);
                    }
                }
            }
        }
        Ok(count)
    }
}

impl World {
    fn inject_notification(
        &mut self,
        devices: &[DeviceRef],
        notification: &Notification,
    ) -> Result<usize, EmulatorError> {
        let from = match &notification.from {
            Some(text) => text.parse().map_err(|_| EmulatorError::option("notification.from", "must be a JID"))?,
            None => Jid::SERVER,
        };
        let child = node_from_json(&notification.child)?;
        for at in devices {
            self.notify(*at, notification.r#type.clone(), from.clone(), child.clone());
        }
        Ok(devices.len())
    }
}

fn broken(frame: BrokenFrame) -> Outbound {
    match frame {
        BrokenFrame::Truncated => Outbound::Stream(vec![0, 4, 0, 1, 2, 3]),
        BrokenFrame::Oversized => {
            let [_, a, b, c] = u32::try_from(MAX_FRAME).unwrap_or(u32::MAX).to_be_bytes();
            Outbound::Stream(vec![a, b, c])
        }
        BrokenFrame::Deep => {
            // A list of two: the tag "a", then a list of one that is the next level.
            let level = [0xf8, 2, 0xfc, 1, b'a', 0xf8, 1];
            let mut plaintext = vec![0];
            plaintext.extend(level.iter().copied().cycle().take(level.len() * DEPTH));
            plaintext.extend([0xf8, 1, 0xfc, 1, b'a']);
            Outbound::Plaintext(plaintext)
        }
        BrokenFrame::Bomb => {
            let mut plaintext = vec![2];
            plaintext.extend(deflate(&vec![0; BOMB]));
            Outbound::Plaintext(plaintext)
        }
        BrokenFrame::WrongTag => Outbound::Stream([&[0, 0, 32][..], &[0x5a; 32]].concat()),
        BrokenFrame::Garbage => Outbound::Plaintext(vec![0, 0xf0, 0xf1, 0xf2]),
    }
}

/// Reads `{ tag, attrs, content }`, the form in which captured stanzas are given.
pub(crate) fn node_from_json(json: &Json) -> Result<Node<'static>, EmulatorError> {
    let wrong = |reason: &str| EmulatorError::option("stanza", reason);
    let tag =
        json.get("tag").and_then(Json::as_str).filter(|tag| !tag.is_empty()).ok_or_else(|| wrong("has no tag"))?;
    let mut node = Node::new(tag.to_owned());
    if let Some(attrs) = json.get("attrs") {
        for (key, value) in attrs.as_object().ok_or_else(|| wrong("attrs must be an object"))? {
            let text = value.as_str().ok_or_else(|| wrong("attribute values must be strings"))?;
            let value = match text.parse::<Jid>() {
                Ok(jid) if jid.to_string() == text => Value::Jid(jid),
                _ => Value::Text(Text::from(text.to_owned())),
            };
            node.attrs.push((Text::from(key.clone()), value));
        }
    }
    node.content = match json.get("content") {
        None | Some(Json::Null) => Content::None,
        Some(Json::String(text)) => Content::Text(Text::from(text.clone())),
        Some(Json::Array(nodes)) => Content::Nodes(nodes.iter().map(node_from_json).collect::<Result<_, _>>()?),
        Some(bytes) => {
            let text =
                bytes.get("base64").and_then(Json::as_str).ok_or_else(|| wrong("has content of no known kind"))?;
            Content::Bytes(BASE64.decode(text).map_err(|_| wrong("holds what is not base64"))?.into())
        }
    };
    Ok(node)
}

#[cfg(test)]
mod tests {
    use chasqui_wire::codec;
    use proptest::prelude::*;

    use super::*;
    use crate::capture::node_to_json;

    fn plaintext(frame: BrokenFrame) -> Vec<u8> {
        match broken(frame) {
            Outbound::Plaintext(plaintext) => plaintext,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn broken_frames_are_broken_in_the_way_they_say() {
        let deep = plaintext(BrokenFrame::Deep);
        assert_eq!(codec::decode(&deep[1..]).unwrap_err(), codec::DecodeError::TooDeep);
        let garbage = plaintext(BrokenFrame::Garbage);
        assert!(codec::decode(&garbage[1..]).is_err());
    }

    #[test]
    fn a_stanza_survives_json() {
        let node = Node::new("message")
            .attr("id", "3EB0")
            .attr("to", Jid::lid("637791190049705").with_device(3))
            .children([Node::new("enc").bytes(vec![1, 2, 3]), Node::new("x").text("hello")]);
        let json = node_to_json(&node, false);
        // The order of attributes means nothing.
        assert_eq!(node_to_json(&node_from_json(&json).unwrap(), false), json);
    }

    proptest! {
        #[test]
        fn no_json_makes_the_reader_panic(text in r#"[{}\[\]":,a-z0-9@]{0,80}"#) {
            if let Ok(json) = serde_json::from_str::<Json>(&text) {
                let _ = node_from_json(&json);
                let _ = serde_json::from_value::<Injection>(json.clone());
                let _ = serde_json::from_value::<Disconnect>(json);
            }
        }
    }
}
