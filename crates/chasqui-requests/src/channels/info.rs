//! What a channel is, and which there are.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{MAX_LIST, One, id};
use crate::{Result, Session, answer, args, mex};

/// Longest name and description, in characters.
pub(super) const MAX_NAME: usize = 100;
pub(super) const MAX_DESCRIPTION: usize = 2048;

/// A picture of a channel on the media hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    id: String,
    direct_path: String,
}

/// A channel as programs see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    jid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invite: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscribers: Option<u64>,
    verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<Picture>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<Picture>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reactions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<bool>,
}

/// A text of the service, bounded; an empty one is none.
pub(super) fn text(value: Option<&Value>, limit: usize) -> Option<String> {
    let text = value?.as_str().filter(|text| !text.is_empty())?;
    Some(answer::bounded(text, limit))
}

/// A word of a list of words. Its case has changed over the years.
pub(super) fn word(value: Option<&Value>) -> Option<String> {
    text(value, 64).map(|word| word.to_lowercase())
}

fn picture(value: Option<&Value>) -> Option<Picture> {
    let value = value?;
    let direct_path = text(value.get("direct_path"), 4096)?;
    Some(Picture { id: text(value.get("id"), 64).unwrap_or_default(), direct_path })
}

/// Reads a channel; `None` for what has no JID of one.
pub(crate) fn channel(value: &Value) -> Option<Channel> {
    let jid = args::channel(value.get("id")?.as_str()?).ok()?;
    let thread = value.get("thread_metadata").unwrap_or(&Value::Null);
    let viewer = value.get("viewer_metadata").unwrap_or(&Value::Null);
    let invite = text(thread.get("invite"), 128);
    Some(Channel {
        jid: jid.to_string(),
        name: text(thread.pointer("/name/text"), 4 * MAX_NAME),
        description: text(thread.pointer("/description/text"), 4 * MAX_DESCRIPTION),
        link: invite.as_ref().map(|code| format!("https://whatsapp.com/channel/{code}")),
        invite,
        handle: text(thread.get("handle"), 128),
        state: word(value.pointer("/state/type")),
        created_at: mex::number(thread.get("creation_time")).and_then(|seconds| seconds.checked_mul(1000)),
        subscribers: mex::number(thread.get("subscribers_count")),
        verified: word(thread.get("verification")).as_deref() == Some("verified"),
        picture: picture(thread.get("picture")),
        preview: picture(thread.get("preview")),
        reactions: word(thread.pointer("/settings/reaction_codes/value")),
        role: word(viewer.get("role")),
        muted: word(viewer.get("mute")).map(|mute| mute == "on"),
    })
}

pub(super) fn needed(value: &Value) -> Result<Channel> {
    channel(value).ok_or_else(|| answer::lacks("channel"))
}

/// What names a channel: its JID, or the code of its link.
fn key_of(given: &str) -> Result<(String, &'static str)> {
    if given.contains('@') {
        return args::channel(given).map(|jid| (jid.to_string(), "JID"));
    }
    let code = match given.split_once("whatsapp.com/channel/") {
        Some((_, code)) => code.split(['/', '?', '#']).next().unwrap_or_default(),
        None => given,
    };
    let usable = (8..=64).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if usable {
        Ok((code.to_owned(), "INVITE"))
    } else {
        Err(args::invalid("channel", "must be a JID, a link or its code"))
    }
}

pub(super) async fn metadata(session: &Session, One { channel: given }: One) -> Result<Channel> {
    let (key, kind) = key_of(&given)?;
    let variables = json!({
        "fetch_creation_time": true,
        "fetch_full_image": true,
        "fetch_viewer_metadata": true,
        "input": { "key": key, "type": kind },
    });
    match mex::query(session, id::METADATA, variables, &["xwa2_newsletter"]).await? {
        Value::Null => Err(answer::refusal(404, None)),
        told => needed(&told),
    }
}

fn channels_of(told: &Value) -> Vec<Channel> {
    let list = told.as_array().or_else(|| told.get("result").and_then(Value::as_array));
    list.into_iter().flatten().take(MAX_LIST).filter_map(channel).collect()
}

pub(super) async fn list(session: &Session, _: Map<String, Value>) -> Result<Vec<Channel>> {
    let told = mex::query(session, id::SUBSCRIBED, json!({}), &["xwa2_newsletter_subscribed"]).await?;
    Ok(channels_of(&told))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recommended {
    limit: Option<u32>,
    country: Option<String>,
}

pub(super) async fn recommended(
    session: &Session,
    Recommended { limit, country }: Recommended,
) -> Result<Vec<Channel>> {
    let mut input = json!({ "limit": limit.unwrap_or(50).clamp(1, 200) });
    if let Some(country) = country {
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(args::invalid("country", "must have two letters, such as \"co\""));
        }
        input["country_codes"] = json!([country.to_uppercase()]);
    }
    let told =
        mex::query(session, id::RECOMMENDED, json!({ "input": input }), &["xwa2_newsletters_recommended"]).await?;
    Ok(channels_of(&told))
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;

    use super::{
        super::testing::{JID, asked, graph, object},
        *,
    };

    #[tokio::test]
    async fn a_channel_is_read_with_its_numbers_which_are_texts() {
        let service = graph("xwa2_newsletter", object());
        let told = crate::call(&service.session, "channels.metadata", json!({ "channel": JID })).await.expect("told");
        assert_eq!(
            told,
            json!({
                "jid": JID, "name": "News", "invite": "0029VaCODE", "link": "https://whatsapp.com/channel/0029VaCODE",
                "state": "active", "createdAt": 1_700_000_000_000u64, "subscribers": 12, "verified": false,
                "picture": { "id": "3", "directPath": "/v/1" }, "reactions": "all", "role": "owner", "muted": false,
            })
        );
        let (_, variables) = asked(&service);
        assert_eq!(variables["variables"]["input"], json!({ "key": JID, "type": "JID" }));
        let link = json!({ "channel": "https://whatsapp.com/channel/0029VaCODE?x=1" });
        crate::call(&service.session, "channels.metadata", link).await.expect("told");
        assert_eq!(asked(&service).1["variables"]["input"], json!({ "key": "0029VaCODE", "type": "INVITE" }));
        let nothing = graph("xwa2_newsletter", Value::Null);
        let error =
            crate::call(&nothing.session, "channels.metadata", json!({ "channel": JID })).await.expect_err("none");
        assert_eq!(error.code, ErrorCode::NotFound);
        for broken in [json!(5), json!({}), json!({ "id": "x" }), json!({ "id": 5 })] {
            let service = graph("xwa2_newsletter", broken.clone());
            let error = crate::call(&service.session, "channels.metadata", json!({ "channel": JID })).await;
            assert_eq!(error.expect_err("broken").code, ErrorCode::ProtocolError, "{broken}");
        }
    }
}
