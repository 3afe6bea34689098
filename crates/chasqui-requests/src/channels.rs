//! Channels ("newsletters"): making, following and keeping them, and what is in them.
//!
//! What a channel is goes by GraphQL ([`crate::mex`]), its messages by `xmlns=newsletter`. Source: 07 §4.

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_thumbnail::Limits;
use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    Result, Session, answer, args, methods, mex,
    session::{iq, iq_to},
};

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

/// The terms that the owner of a channel has agreed to.
const TERMS: (&str, &str) = ("20601218", "5");
const MAX_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 2048;
/// Largest picture that is scaled, in bytes, and the edge that it gets.
const MAX_PICTURE: usize = 16 << 20;
const PICTURE_EDGE: u16 = 640;
const QUALITY: u8 = 80;
/// Most of anything that one answer gives.
const MAX_LIST: usize = 2000;
const MAX_MESSAGES: u32 = 300;
const MAX_REACTIONS: usize = 256;
/// The number of a channel's first message is at least this.
const FIRST: u64 = 99;
/// Pages of numbers without a message that one call looks through.
const MAX_GAPS: usize = 10;

methods! {
    "create" => create,
    "metadata" => metadata,
    "list" => list,
    "follow" => follow,
    "unfollow" => unfollow,
    "mute" => mute,
    "unmute" => unmute,
    "update" => update,
    "delete" => delete,
    "followers" => followers,
    "adminCount" => admin_count,
    "inviteAdmin" => invite_admin,
    "revokeInvite" => revoke_invite,
    "acceptInvite" => accept_invite,
    "demote" => demote,
    "changeOwner" => change_owner,
    "recommended" => recommended,
    "messages" => messages,
    "updates" => updates,
    "react" => react,
    "viewed" => viewed,
    "subscribe" => subscribe,
    "unsubscribe" => unsubscribe,
}

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
fn text(value: Option<&Value>, limit: usize) -> Option<String> {
    let text = value?.as_str().filter(|text| !text.is_empty())?;
    Some(text.chars().take(limit).collect())
}

/// A word of a list of words. Its case has changed over the years.
fn word(value: Option<&Value>) -> Option<String> {
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

fn needed(value: &Value) -> Result<Channel> {
    channel(value).ok_or_else(|| answer::lacks("channel"))
}

/// A square JPEG of what the program gave, in base64; an empty text takes the picture away.
async fn scaled(given: &str) -> Result<String> {
    if given.is_empty() {
        return Ok(String::new());
    }
    let wrong = |why: &str| args::invalid("picture", why);
    let bytes = STANDARD.decode(given).map_err(|_| wrong("must be bytes"))?;
    if bytes.len() > MAX_PICTURE {
        return Err(wrong("has more than 16 MiB").with("limit", MAX_PICTURE));
    }
    // Decoding takes long: not on the thread of the sessions.
    let jpeg = tokio::task::spawn_blocking(move || {
        chasqui_thumbnail::square(std::io::Cursor::new(bytes), PICTURE_EDGE, QUALITY, Limits::default())
    });
    match jpeg.await {
        Ok(Ok(square)) => Ok(STANDARD.encode(square.jpeg)),
        Ok(Err(error)) => Err(wrong(&format!("cannot be used: {error}"))),
        Err(_) => Err(wrong("cannot be used")),
    }
}

fn named(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(args::invalid("name", "must not be empty"));
    }
    args::short("name", name, MAX_NAME)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    description: Option<String>,
    picture: Option<String>,
}

async fn create(session: &Session, Create { name, description, picture }: Create) -> Result<Channel> {
    named(&name)?;
    args::short("description", description.as_deref().unwrap_or_default(), MAX_DESCRIPTION)?;
    let mut input = json!({ "name": name, "description": description });
    if let Some(picture) = picture.filter(|picture| !picture.is_empty()) {
        input["picture"] = scaled(&picture).await?.into();
    }
    // Who has agreed before does so again; a refusal shows with the channel itself.
    let notice = Node::new("notice").attr("id", TERMS.0).attr("stage", TERMS.1);
    session.ask(iq("set", "tos").child(notice)).await?;
    needed(&mex::query(session, id::CREATE, json!({ "input": input }), &["xwa2_newsletter_create"]).await?)
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

async fn metadata(session: &Session, One { channel: given }: One) -> Result<Channel> {
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

async fn list(session: &Session, _: Map<String, Value>) -> Result<Vec<Channel>> {
    let told = mex::query(session, id::SUBSCRIBED, json!({}), &["xwa2_newsletter_subscribed"]).await?;
    Ok(channels_of(&told))
}

async fn follow(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::FOLLOW, one.variables()?, &["xwa2_newsletter_join_v2"]).await.map(drop)
}

async fn unfollow(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::UNFOLLOW, one.variables()?, &["xwa2_newsletter_leave_v2"]).await.map(drop)
}

async fn mute(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::MUTE, one.variables()?, &["xwa2_newsletter_mute_v2"]).await.map(drop)
}

async fn unmute(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::UNMUTE, one.variables()?, &["xwa2_newsletter_unmute_v2"]).await.map(drop)
}

async fn delete(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::DELETE, one.variables()?, &["xwa2_newsletter_delete_v2"]).await.map(drop)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    channel: String,
    name: Option<String>,
    description: Option<String>,
    /// Bytes in base64; an empty text takes it away.
    picture: Option<String>,
    /// Which reactions may be given.
    reactions: Option<String>,
}

async fn update(session: &Session, update: Update) -> Result<Channel> {
    let jid = args::channel(&update.channel)?;
    let mut updates = Map::new();
    if let Some(name) = update.name {
        named(&name)?;
        updates.insert("name".into(), name.into());
    }
    if let Some(description) = update.description {
        args::short("description", &description, MAX_DESCRIPTION)?;
        updates.insert("description".into(), description.into());
    }
    if let Some(picture) = update.picture {
        updates.insert("picture".into(), scaled(&picture).await?.into());
    }
    let settings = match update.reactions.as_deref() {
        None => Value::Null,
        Some(which @ ("all" | "basic" | "none")) => json!({ "reaction_codes": { "value": which.to_uppercase() } }),
        Some(_) => return Err(args::invalid("reactions", "must be \"all\", \"basic\" or \"none\"")),
    };
    if updates.is_empty() && settings.is_null() {
        return Err(args::invalid("what", "names nothing to be changed"));
    }
    updates.insert("settings".into(), settings);
    let variables = json!({ "newsletter_id": jid.to_string(), "updates": updates });
    needed(&mex::query(session, id::UPDATE, variables, &["xwa2_newsletter_update"]).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Followers {
    channel: String,
    limit: Option<u32>,
}

/// Somebody who follows a channel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Follower {
    jid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
}

async fn followers(session: &Session, Followers { channel, limit }: Followers) -> Result<Vec<Follower>> {
    let jid = args::channel(&channel)?;
    let count = limit.unwrap_or(100).clamp(1, 1000);
    let variables = json!({ "input": { "newsletter_id": jid.to_string(), "count": count } });
    let told = mex::query(session, id::FOLLOWERS, variables, &["xwa2_newsletter_followers"]).await?;
    let edges = told.pointer("/followers/edges").and_then(Value::as_array).ok_or_else(|| answer::lacks("followers"))?;
    let mut pairs = Vec::new();
    let followers = edges.iter().take(MAX_LIST).filter_map(|edge| {
        let node = edge.get("node")?;
        let jid = args::person(node.get("id")?.as_str()?).ok()?;
        let pn = node.get("pn").and_then(Value::as_str).and_then(|pn| args::person(pn).ok()).filter(Jid::is_pn);
        if let Some(pn) = pn.clone().filter(|_| jid.is_lid()) {
            pairs.push((jid.clone(), pn));
        }
        Some(Follower {
            jid: jid.to_string(),
            pn: pn.map(|pn| pn.to_string()),
            name: text(node.get("display_name"), 256),
            username: text(node.pointer("/username_info/username"), 64),
            role: word(edge.get("role")),
            since: mex::number(edge.get("follow_time")).and_then(|seconds| seconds.checked_mul(1000)),
        })
    });
    let followers = followers.collect();
    session.learn(pairs);
    Ok(followers)
}

async fn admin_count(session: &Session, one: One) -> Result<u64> {
    let told = mex::query(session, id::ADMINS, one.variables()?, &["xwa2_newsletter_admin"]).await?;
    mex::number(told.get("admin_count")).ok_or_else(|| answer::lacks("number of admins"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Somebody {
    channel: String,
    person: String,
}

impl Somebody {
    /// The variables; people of a channel are named by LID.
    async fn variables(&self, session: &Session) -> Result<Value> {
        let channel = args::channel(&self.channel)?;
        let person = lid_of(session, args::person(&self.person)?).await?;
        Ok(json!({ "newsletter_id": channel.to_string(), "user_id": person.to_string() }))
    }
}

/// The LID of a person; the service is asked where it is not known.
async fn lid_of(session: &Session, person: Jid) -> Result<Jid> {
    let known = session.lids(vec![person.clone()]).await?.into_iter().next().filter(Jid::is_lid);
    if let Some(lid) = known {
        return Ok(lid);
    }
    let usync = Node::new("usync")
        .attr("sid", format!("channel-{}", person.user))
        .attr("index", "0")
        .attr("last", "true")
        .attr("mode", "query")
        .attr("context", "interactive")
        .child(Node::new("query").child(Node::new("lid")))
        .child(Node::new("list").child(Node::new("user").attr("jid", &person)));
    let answer = session.query(iq("get", "usync").child(usync.into_owned())).await?;
    let user = answer.find("usync").and_then(|usync| usync.find("list")).and_then(|list| list.find("user"));
    let lid = user.and_then(|user| user.find("lid")).and_then(|lid| lid.get_jid("val")).filter(Jid::is_lid);
    let lid = lid.ok_or_else(|| PublicError::new(ErrorCode::NotOnWhatsApp, "The person has no account."))?.to_bare();
    session.learn(vec![(person, lid.clone())]);
    Ok(lid)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invited {
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
}

async fn invite_admin(session: &Session, somebody: Somebody) -> Result<Invited> {
    let variables = somebody.variables(session).await?;
    let told = mex::query(session, id::INVITE, variables, &["xwa2_newsletter_admin_invite_create"]).await?;
    let expires = mex::number(told.get("invite_expiration_time"));
    Ok(Invited { expires_at: expires.and_then(|seconds| seconds.checked_mul(1000)) })
}

async fn revoke_invite(session: &Session, somebody: Somebody) -> Result<()> {
    let variables = somebody.variables(session).await?;
    mex::query(session, id::REVOKE, variables, &["xwa2_newsletter_admin_invite_revoke"]).await.map(drop)
}

async fn accept_invite(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::ACCEPT, one.variables()?, &["xwa2_newsletter_admin_invite_accept"]).await.map(drop)
}

async fn demote(session: &Session, somebody: Somebody) -> Result<()> {
    let variables = somebody.variables(session).await?;
    let keys = ["xwa2_newsletter_demote", "xwa2_newsletter_admin_demote"];
    mex::query(session, id::DEMOTE, variables, &keys).await.map(drop)
}

async fn change_owner(session: &Session, somebody: Somebody) -> Result<()> {
    let variables = somebody.variables(session).await?;
    mex::query(session, id::OWNER, variables, &["xwa2_newsletter_change_owner"]).await.map(drop)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recommended {
    limit: Option<u32>,
    country: Option<String>,
}

async fn recommended(session: &Session, Recommended { limit, country }: Recommended) -> Result<Vec<Channel>> {
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
struct Page {
    channel: String,
    limit: Option<u32>,
    before: Option<u64>,
    after: Option<u64>,
}

/// A page of messages, as plain JSON; the bytes of each are base64 under `raw`.
#[derive(Serialize)]
struct Messages {
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

async fn messages(session: &Session, Page { channel, limit, before, after }: Page) -> Result<Messages> {
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
struct Updates {
    channel: String,
    limit: Option<u32>,
    after: Option<u64>,
    /// Milliseconds since the epoch.
    since: Option<u64>,
}

/// The counts of messages that have changed.
async fn updates(session: &Session, Updates { channel, limit, after, since }: Updates) -> Result<Vec<Counts>> {
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
struct React {
    channel: String,
    server_id: u64,
    emoji: String,
}

async fn react(session: &Session, React { channel, server_id, emoji }: React) -> Result<()> {
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
struct Viewed {
    channel: String,
    server_ids: Vec<u64>,
}

async fn viewed(session: &Session, Viewed { channel, server_ids }: Viewed) -> Result<()> {
    let jid = args::channel(&channel)?;
    if !(1..=256).contains(&server_ids.len()) {
        return Err(args::invalid("messages", "must be 1 to 256 messages").with("limit", 256));
    }
    let items = server_ids.into_iter().map(|id| Node::new("item").attr("server_id", id));
    let receipt = Node::new("receipt").attr("to", jid).attr("type", "view").child(Node::new("list").children(items));
    session.query(receipt.into_owned()).await.map(drop)
}

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
struct Subscribed {
    /// Milliseconds.
    duration: u64,
}

async fn subscribe(session: &Session, one: One) -> Result<Subscribed> {
    let jid = one.jid()?;
    let duration = live_for(&session.query(live(&jid)).await?);
    session.live(jid, Some(duration)).await?;
    Ok(Subscribed { duration })
}

async fn unsubscribe(session: &Session, one: One) -> Result<()> {
    session.live(one.jid()?, None).await
}

#[cfg(test)]
mod tests {
    use crate::testing::Service;

    use super::*;

    const JID: &str = "120363000000000009@newsletter";

    fn object() -> Value {
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

    fn graph(key: &'static str, value: Value) -> Service {
        Service::new(move |node| {
            let told = json!({ "data": { key: value } }).to_string().into_bytes();
            let result = Node::new("result").bytes(told);
            if node.is("xmlns", "w:mex") { Node::new("iq").child(result) } else { Node::new("iq") }.into_owned()
        })
    }

    fn asked(service: &Service) -> (String, Value) {
        let node = service.asked().pop().expect("a request");
        let query = node.find("query").cloned().expect("a query");
        let variables = serde_json::from_slice(query.content_bytes().expect("bytes")).expect("JSON");
        (query.get_str("query_id").expect("an id").into_owned(), variables)
    }

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

    #[tokio::test]
    async fn whoever_makes_a_channel_agrees_to_the_terms_first() {
        let service = graph("xwa2_newsletter_create", object());
        crate::call(&service.session, "channels.create", json!({ "name": "News" })).await.expect("made");
        let sent = service.asked();
        assert!(sent[0].is("xmlns", "tos") && sent[0].find("notice").is_some_and(|notice| notice.is("id", TERMS.0)));
        let (id, variables) = asked(&service);
        assert_eq!(id, id::CREATE);
        assert_eq!(variables, json!({ "variables": { "input": { "name": "News", "description": null } } }));
        for wrong in [
            json!({ "name": " " }),
            json!({ "name": "x".repeat(101) }),
            json!({}),
            json!({ "name": "x", "picture": "?" }),
        ] {
            let error = crate::call(&service.session, "channels.create", wrong.clone()).await.expect_err("refused");
            assert_eq!(error.code, ErrorCode::InvalidArgument, "{wrong}");
        }
    }

    #[tokio::test]
    async fn an_update_names_what_changes_and_nothing_else() {
        let service = graph("xwa2_newsletter_update", object());
        let what = json!({ "channel": JID, "description": "", "reactions": "none", "picture": "" });
        crate::call(&service.session, "channels.update", what).await.expect("changed");
        let settings = json!({ "reaction_codes": { "value": "NONE" } });
        let updates = json!({ "description": "", "picture": "", "settings": settings });
        assert_eq!(asked(&service).1["variables"], json!({ "newsletter_id": JID, "updates": updates }));
        let error =
            crate::call(&service.session, "channels.update", json!({ "channel": JID })).await.expect_err("nothing");
        assert_eq!(error.code, ErrorCode::InvalidArgument);
    }

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
