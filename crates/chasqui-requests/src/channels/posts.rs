//! What is in a channel: its messages, and how often they were seen and reacted to.

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::MAX_LIST;
use crate::{Result, Session, answer, args, session::iq_to};

const MAX_MESSAGES: u32 = 300;
const MAX_REACTIONS: usize = 256;
/// The number of a channel's first message is at least this.
const FIRST: u64 = 99;
/// Pages of numbers without a message that one call looks through.
const MAX_GAPS: usize = 10;

/// How often an emoji was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reaction {
    emoji: String,
    count: u64,
}

/// The counts of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    server_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    views: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reactions: Option<Vec<Reaction>>,
}

/// Reads the counts of a `<message>` in a list.
pub(crate) fn counts(message: &Node<'_>) -> Option<Counts> {
    let reactions = message.find("reactions").map(|list| {
        let one = |node: &Node<'_>| {
            let emoji = node.get_str("code").filter(|emoji| !emoji.is_empty() && emoji.len() <= 64)?.into_owned();
            Some(Reaction { emoji, count: node.get_u64("count").unwrap_or(1) })
        };
        list.all("reaction").take(MAX_REACTIONS).filter_map(one).collect()
    });
    Some(Counts {
        server_id: message.get_u64("server_id")?,
        id: message.get_str("id").filter(|id| !id.is_empty() && id.len() <= 128).map(|id| id.into_owned()),
        views: message.find("views_count").and_then(|views| views.get_u64("count")),
        reactions,
    })
}

/// Every `<message>` below, `<messages>` in between or not.
pub(crate) fn listed<'n>(node: &'n Node<'n>) -> impl Iterator<Item = &'n Node<'n>> {
    let wrapped = node.all("messages").flat_map(|messages| messages.all("message"));
    node.all("message").chain(wrapped).take(MAX_LIST)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    channel: String,
    limit: Option<u32>,
    before: Option<u64>,
    after: Option<u64>,
}

/// A page of messages, as plain JSON; the bytes of each are base64 under `raw`.
#[derive(Serialize)]
pub(super) struct Messages {
    messages: Vec<Value>,
    /// Where the next page begins; not there when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<u64>,
}

fn size(limit: Option<u32>) -> Result<u32> {
    match limit.unwrap_or(50) {
        limit @ 1..=MAX_MESSAGES => Ok(limit),
        _ => Err(args::invalid("limit", "must be from 1 to 300").with("limit", MAX_MESSAGES)),
    }
}

pub(super) async fn messages(session: &Session, Page { channel, limit, before, after }: Page) -> Result<Messages> {
    let (jid, limit) = (args::channel(&channel)?, size(limit)?);
    if let Some(after) = after {
        return newer(session, &jid, limit, after, before).await;
    }
    let (messages, full) = page(session, &jid, limit, before).await?;
    let oldest = messages.iter().filter_map(number_of).min();
    Ok(Messages { messages, cursor: oldest.filter(|oldest| full && *oldest > 1) })
}

/// The oldest messages above a number. The service gives pages from the newest on, so that one is asked for which begins
/// as far above as a page is long: every message in between is on it.
async fn newer(session: &Session, jid: &Jid, limit: u32, after: u64, before: Option<u64>) -> Result<Messages> {
    let end = before.unwrap_or(u64::MAX);
    let nothing = Messages { messages: Vec::new(), cursor: None };
    let mut from = after.max(FIRST - 1);
    let mut newest = None;
    for _ in 0..MAX_GAPS {
        let next = from.saturating_add(u64::from(limit)).saturating_add(1).min(end);
        if next <= from.saturating_add(1) {
            return Ok(nothing);
        }
        let (mut messages, _) = page(session, jid, limit, Some(next)).await?;
        messages.retain(|message| number_of(message).is_some_and(|number| from < number && number < next));
        if let Some(last) = messages.iter().filter_map(number_of).max() {
            return Ok(Messages { messages, cursor: Some(last).filter(|last| last.saturating_add(1) < end) });
        }
        // Nothing has these numbers: either nothing is newer, or they were not given out.
        let top = match newest {
            Some(top) => top,
            None => page(session, jid, 1, None).await?.0.iter().filter_map(number_of).max().unwrap_or(0),
        };
        newest = Some(top);
        if top < next {
            return Ok(nothing);
        }
        from = next - 1;
    }
    Ok(Messages { messages: Vec::new(), cursor: Some(from) })
}

fn number_of(message: &Value) -> Option<u64> {
    message.get("serverId")?.as_u64()
}

/// The messages below a number, or the newest; and whether there are as many as were wanted.
async fn page(session: &Session, jid: &Jid, limit: u32, before: Option<u64>) -> Result<(Vec<Value>, bool)> {
    let wanted = Node::new("messages").attr("count", limit).attr_opt("before", before);
    let answer = session.query(iq_to(jid, "get", "newsletter").child(wanted)).await?;
    let list = answer.find("messages").ok_or_else(|| answer::lacks("messages"))?;
    let nodes: Vec<&Node<'_>> = list.all("message").take(MAX_LIST).collect();
    let full = nodes.len() >= limit as usize;
    let raws: Vec<Vec<u8>> = nodes.iter().map(|node| plaintext(node)).collect();
    let described = session.describe(raws.clone()).await?;
    let mut found = Vec::with_capacity(nodes.len());
    for ((node, raw), described) in nodes.into_iter().zip(raws).zip(described) {
        let Some(counts) = counts(node) else { continue };
        let mut value = described;
        let fields = serde_json::to_value(&counts).unwrap_or_default();
        if let (Some(value), Value::Object(fields)) = (value.as_object_mut(), fields) {
            value.extend(fields);
            value.insert("channel".into(), jid.to_string().into());
            value.insert("fromMe".into(), node.is("is_sender", "true").into());
            if let Some(seconds) = node.get_u64("t") {
                value.insert("timestamp".into(), seconds.saturating_mul(1000).into());
            }
            if let Some(edited) = node.find("meta").and_then(|meta| meta.get_u64("msg_edit_t")) {
                value.insert("editedAt".into(), edited.into());
            }
            value.insert("raw".into(), STANDARD.encode(&raw).into());
        }
        found.push(value);
    }
    Ok((found, full))
}

fn plaintext(node: &Node<'_>) -> Vec<u8> {
    node.find("plaintext").and_then(Node::content_bytes).unwrap_or_default().to_vec()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Updates {
    channel: String,
    limit: Option<u32>,
    after: Option<u64>,
    /// Milliseconds since the epoch.
    since: Option<u64>,
}

/// The counts of messages that have changed.
pub(super) async fn updates(
    session: &Session,
    Updates { channel, limit, after, since }: Updates,
) -> Result<Vec<Counts>> {
    let wanted = Node::new("message_updates")
        .attr("count", size(limit)?)
        .attr_opt("since", since.map(|ms| ms / 1000))
        .attr_opt("after", after);
    let answer = session.query(iq_to(&args::channel(&channel)?, "get", "newsletter").child(wanted)).await?;
    let list = answer.find("message_updates").ok_or_else(|| answer::lacks("updates"))?;
    Ok(listed(list).filter_map(counts).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct React {
    channel: String,
    server_id: u64,
    emoji: String,
}

pub(super) async fn react(session: &Session, React { channel, server_id, emoji }: React) -> Result<()> {
    if emoji.len() > 64 {
        return Err(args::invalid("emoji", "must be an emoji, or empty"));
    }
    let gone = emoji.is_empty();
    let reaction = Node::new("reaction").attr_opt("code", (!gone).then_some(emoji));
    let message = Node::new("message")
        .attr("to", args::channel(&channel)?)
        .attr_opt("edit", gone.then_some("7"))
        .attr("type", "reaction")
        .attr("server_id", server_id)
        .child(reaction);
    session.query(message.into_owned()).await.map(drop)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Viewed {
    channel: String,
    server_ids: Vec<u64>,
}

pub(super) async fn viewed(session: &Session, Viewed { channel, server_ids }: Viewed) -> Result<()> {
    let jid = args::channel(&channel)?;
    if !(1..=256).contains(&server_ids.len()) {
        return Err(args::invalid("messages", "must be 1 to 256 messages").with("limit", 256));
    }
    let items = server_ids.into_iter().map(|id| Node::new("item").attr("server_id", id));
    let receipt = Node::new("receipt").attr("to", jid).attr("type", "view").child(Node::new("list").children(items));
    session.query(receipt.into_owned()).await.map(drop)
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;
    use serde_json::json;

    use super::{super::testing::JID, *};
    use crate::testing::Service;

    #[tokio::test]
    async fn a_reaction_names_the_number_and_its_end_says_so() {
        let service = Service::new(|_| Node::new("ack").attr("class", "message").into_owned());
        let react = |emoji: &str| json!({ "channel": JID, "serverId": 101, "emoji": emoji });
        crate::call(&service.session, "channels.react", react("👍")).await.expect("given");
        crate::call(&service.session, "channels.react", react("")).await.expect("taken back");
        let sent = service.asked();
        assert!(sent[0].is("server_id", "101") && sent[0].get("edit").is_none());
        assert!(sent[0].find("reaction").is_some_and(|reaction| reaction.is("code", "👍")));
        assert!(
            sent[1].is("edit", "7") && sent[1].find("reaction").is_some_and(|reaction| reaction.get("code").is_none())
        );
        let refused = Service::new(|_| Node::new("ack").attr("class", "message").attr("error", "403").into_owned());
        let error = crate::call(&refused.session, "channels.react", react("👍")).await.expect_err("refused");
        assert_eq!(error.code, ErrorCode::NotAllowed);
    }

    /// A channel with these messages, as the service pages through it.
    fn with_messages(numbers: &'static [u64]) -> Service {
        Service::new(move |asked| {
            let wanted = asked.find("messages").expect("a page");
            let (count, before) =
                (wanted.get_u64("count").expect("a count"), wanted.get_u64("before").unwrap_or(u64::MAX));
            let below: Vec<u64> = numbers.iter().copied().filter(|number| *number < before).collect();
            let page = below[below.len().saturating_sub(count as usize)..].iter();
            let messages = page.map(|number| Node::new("message").attr("server_id", *number));
            Node::new("iq").child(Node::new("messages").children(messages))
        })
    }

    async fn paged(service: &Service, args: Value) -> (Vec<u64>, Option<u64>) {
        let mut all = json!({ "channel": JID });
        all.as_object_mut().expect("an object").extend(args.as_object().expect("an object").clone());
        let page = service.call("channels.messages", all).await.expect("a page");
        let numbers = page["messages"].as_array().expect("messages").iter().filter_map(number_of).collect();
        (numbers, page.get("cursor").and_then(Value::as_u64))
    }

    #[tokio::test]
    async fn messages_are_paged_through_in_both_directions() {
        let service = with_messages(&[100, 101, 102, 103, 104, 105, 106]);
        let mut pages = Vec::new();
        let mut before = None;
        loop {
            let (numbers, cursor) = paged(&service, json!({ "limit": 3, "before": before })).await;
            pages.push(numbers);
            let Some(cursor) = cursor else { break };
            before = Some(cursor);
        }
        assert_eq!(pages, [vec![104, 105, 106], vec![101, 102, 103], vec![100]]);
        let mut pages = Vec::new();
        let mut after = 100;
        while let (numbers, Some(cursor)) = paged(&service, json!({ "limit": 3, "after": after })).await {
            pages.push(numbers);
            after = cursor;
        }
        assert_eq!(pages, [vec![101, 102, 103], vec![104, 105, 106]]);
        let between = paged(&service, json!({ "limit": 3, "after": 101, "before": 104 })).await;
        assert_eq!(between, (vec![102, 103], None));
        let all = paged(&service, json!({ "limit": 2, "after": 101, "before": 106 })).await;
        assert_eq!(all, (vec![102, 103], Some(103)));
        for nothing in [json!({ "after": 106 }), json!({ "after": 103, "before": 104 }), json!({ "after": u64::MAX })] {
            assert_eq!(paged(&service, nothing.clone()).await, (Vec::new(), None), "{nothing}");
        }
    }

    #[tokio::test]
    async fn numbers_that_were_not_given_out_hide_nothing_that_is_newer() {
        let service = with_messages(&[100, 109, 110, 500]);
        assert_eq!(paged(&service, json!({ "limit": 2, "after": 100 })).await, (vec![109, 110], Some(110)));
        // A long gap is more than one call looks through, and then it says where to go on.
        let (mut after, mut calls) = (110, 0);
        let last = loop {
            let (numbers, cursor) = paged(&service, json!({ "limit": 2, "after": after })).await;
            calls += 1;
            if !numbers.is_empty() {
                break numbers;
            }
            after = cursor.expect("more");
        };
        assert!((2..30).contains(&calls) && last == [500], "{calls} {last:?}");
        assert_eq!(paged(&with_messages(&[]), json!({ "after": 0 })).await, (Vec::new(), None));
    }

    #[test]
    fn counts_are_read_wherever_the_messages_stand() {
        let message = Node::new("message").attr("server_id", "101").attr("id", "M1").children([
            Node::new("views_count").attr("count", "7"),
            Node::new("reactions").children([
                Node::new("reaction").attr("code", "👍").attr("count", "2"),
                Node::new("reaction").attr("code", ""),
            ]),
        ]);
        for node in [
            Node::new("live_updates").child(message.clone()),
            Node::new("live_updates").child(Node::new("messages").child(message.clone())),
        ] {
            let read: Vec<_> = listed(&node).filter_map(counts).collect();
            let expected =
                json!([{ "serverId": 101, "id": "M1", "views": 7, "reactions": [{ "emoji": "👍", "count": 2 }] }]);
            assert_eq!(serde_json::to_value(&read).expect("JSON"), expected);
        }
        assert_eq!(counts(&Node::new("message")), None);
    }
}
