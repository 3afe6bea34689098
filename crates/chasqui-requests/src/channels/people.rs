//! Who follows a channel, and who keeps it.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::Jid;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    MAX_LIST, One, id,
    info::{text, word},
};
use crate::{Result, Session, answer, args, mex, people};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Followers {
    channel: String,
    limit: Option<u32>,
}

/// Somebody who follows a channel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Follower {
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

pub(super) async fn followers(session: &Session, Followers { channel, limit }: Followers) -> Result<Vec<Follower>> {
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

pub(super) async fn admin_count(session: &Session, one: One) -> Result<u64> {
    let told = mex::query(session, id::ADMINS, one.variables()?, &["xwa2_newsletter_admin"]).await?;
    mex::number(told.get("admin_count")).ok_or_else(|| answer::lacks("number of admins"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Somebody {
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
    let lid = if known.is_some() { known } else { people::lid_of(session, &person).await? };
    lid.ok_or_else(|| PublicError::new(ErrorCode::NotOnWhatsApp, "The person has no account."))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invited {
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
}

pub(super) async fn invite_admin(session: &Session, somebody: Somebody) -> Result<Invited> {
    let variables = somebody.variables(session).await?;
    let told = mex::query(session, id::INVITE, variables, &["xwa2_newsletter_admin_invite_create"]).await?;
    let expires = mex::number(told.get("invite_expiration_time"));
    Ok(Invited { expires_at: expires.and_then(|seconds| seconds.checked_mul(1000)) })
}

pub(super) async fn revoke_invite(session: &Session, somebody: Somebody) -> Result<()> {
    let variables = somebody.variables(session).await?;
    mex::query(session, id::REVOKE, variables, &["xwa2_newsletter_admin_invite_revoke"]).await.map(drop)
}

pub(super) async fn accept_invite(session: &Session, one: One) -> Result<()> {
    mex::query(session, id::ACCEPT, one.variables()?, &["xwa2_newsletter_admin_invite_accept"]).await.map(drop)
}

pub(super) async fn demote(session: &Session, somebody: Somebody) -> Result<()> {
    let variables = somebody.variables(session).await?;
    let keys = ["xwa2_newsletter_demote", "xwa2_newsletter_admin_demote"];
    mex::query(session, id::DEMOTE, variables, &keys).await.map(drop)
}

pub(super) async fn change_owner(session: &Session, somebody: Somebody) -> Result<()> {
    let variables = somebody.variables(session).await?;
    mex::query(session, id::OWNER, variables, &["xwa2_newsletter_change_owner"]).await.map(drop)
}
