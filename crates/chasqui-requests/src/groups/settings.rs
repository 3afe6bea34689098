//! Making a group, leaving it, and what it is set to (07 §2.5 to §2.8, §2.11).
//!
//! The newer settings are changed by GraphQL, and told like the others.

use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    TOKENS_AT_CREATION, check_description, check_subject, fetch, fresh_id, iq_to_group, iq_to_service,
    metadata::{self, Group, MAX_PEOPLE, Who},
    named, newcomers,
    people::{Action, Outcome, outcomes},
    query, refused, text,
};
use crate::{Result, Session, answer, args, mex};

/// The query that changes a setting.
const UPDATE_PROPERTY: &str = "9418211574894172";
/// Longest variables of such a query that are read again.
const MAX_VARIABLES: usize = 4096;

/// What a new group is set to.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Options {
    description: Option<String>,
    announcement: bool,
    locked: bool,
    disappearing: u32,
    member_add_mode: Option<Who>,
    member_link_mode: Option<Who>,
    join_approval: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    subject: String,
    people: Vec<String>,
    #[serde(default)]
    options: Options,
    /// Of this community.
    parent: Option<String>,
}

/// A new group, and what came of adding each person to it.
#[derive(Debug, Serialize)]
pub(super) struct Created {
    group: Group,
    people: Vec<Outcome>,
}

impl Options {
    /// As children of `<create>`.
    fn nodes(&self) -> Result<Vec<Node<'static>>> {
        let mut nodes = Vec::new();
        if let Some(written) = self.description.as_deref().filter(|text| !text.is_empty()) {
            check_description(written)?;
            nodes.push(Node::new("description").attr("id", fresh_id()).child(text("body", written)));
        }
        nodes.extend(self.announcement.then(|| Node::new("announcement")));
        nodes.extend(self.locked.then(|| Node::new("locked")));
        nodes.extend((self.disappearing > 0).then(|| Node::new("ephemeral").attr("expiration", self.disappearing)));
        nodes.extend(self.member_add_mode.map(add_mode));
        nodes.extend(self.member_link_mode.map(link_mode));
        nodes.extend(self.join_approval.then(|| approval(true)));
        Ok(nodes)
    }
}

fn add_mode(who: Who) -> Node<'static> {
    text("member_add_mode", if who == Who::Admins { "admin_add" } else { "all_member_add" })
}

fn link_mode(who: Who) -> Node<'static> {
    text("member_link_mode", if who == Who::Admins { "admin_link" } else { "all_member_link" })
}

fn history_mode(who: Who) -> Node<'static> {
    text("member_share_group_history_mode", if who == Who::Admins { "admin_share" } else { "all_member_share" })
}

fn approval(on: bool) -> Node<'static> {
    let state = if on { "on" } else { "off" };
    Node::new("membership_approval_mode").child(Node::new("group_join").attr("state", state))
}

/// Makes a group.
pub(super) async fn create(session: &Session, args: Create) -> Result<Created> {
    let Create { subject, people, options, parent } = args;
    check_subject(&subject)?;
    let parent = parent.map(|parent| args::group(&parent)).transpose()?;
    let (asked, unknown) = if people.is_empty() { Default::default() } else { named("people", &people)? };
    let options = options.nodes()?;
    let children = newcomers(session, &asked, TOKENS_AT_CREATION).await?.into_iter().chain(options);
    let parent = parent.map(|parent| Node::new("linked_parent").attr("jid", parent));
    let create = Node::new("create").attr("subject", subject).attr("key", fresh_id()).children(children.chain(parent));
    let answer = session.query(iq_to_service("set").child(create)).await?;
    let made = answer.find("group").ok_or_else(|| answer::lacks("group"))?;
    let group = metadata::read(made, MAX_PEOPLE).ok_or_else(|| answer::lacks("group's id"))?;
    let mut people = outcomes(made, &group.jid, Action::Add, &asked);
    people.retain(|outcome| outcome.person().is_none_or(|person| !session.is_me(&person.jid)));
    people.extend(unknown);
    Ok(Created { group, people })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leave {
    group: String,
    /// All groups of a community, and it.
    #[serde(default)]
    community: bool,
}

/// Leaves a group.
pub(super) async fn leave(session: &Session, Leave { group, community }: Leave) -> Result<()> {
    let group = args::group(&group)?;
    let left = if community {
        Node::new("linked_groups").attr("parent_group_jid", &group).into_owned()
    } else {
        Node::new("group").attr("id", &group).into_owned()
    };
    let answer = session.query(iq_to_service("set").child(Node::new("leave").child(left))).await?;
    let nodes = answer.find("leave").into_iter().flat_map(|leave| leave.nodes().iter());
    match nodes.filter_map(|node| node.get_u64("error")).find(|number| *number != 200) {
        Some(number) => Err(refused(&group, answer::refusal(number, None))),
        None => Ok(()),
    }
}

/// One of the switches.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Set {
    group: String,
    announcement: Option<bool>,
    locked: Option<bool>,
    disappearing: Option<u32>,
    member_add_mode: Option<Who>,
    join_approval: Option<bool>,
    admin_reports: Option<bool>,
    member_link_mode: Option<Who>,
    member_history_mode: Option<Who>,
    limit_sharing: Option<bool>,
}

/// Turns a switch.
pub(super) async fn set(session: &Session, args: Set) -> Result<()> {
    let group = args::group(&args.group)?;
    let flag =
        |on: Option<bool>, yes: &'static str, no: &'static str| on.map(|on| Node::new(if on { yes } else { no }));
    let timer = |seconds: u32| match seconds {
        0 => Node::new("not_ephemeral"),
        seconds => Node::new("ephemeral").attr("expiration", seconds),
    };
    let children = [
        flag(args.announcement, "announcement", "not_announcement"),
        flag(args.locked, "locked", "unlocked"),
        args.disappearing.map(timer),
        args.member_add_mode.map(add_mode),
        args.join_approval.map(approval),
        flag(args.admin_reports, "allow_admin_reports", "not_allow_admin_reports"),
    ];
    // A request changes one thing.
    for child in children.into_iter().flatten() {
        query(session, &group, "set", child).await?;
    }
    let link = |who| if who == Who::Admins { "ADMIN_LINK" } else { "ALL_MEMBER_LINK" };
    let share = |who| if who == Who::Admins { "ADMIN_SHARE" } else { "ALL_MEMBER_SHARE" };
    let limit = |on| json!({ "limit_sharing_enabled": on, "limit_sharing_trigger": "CHAT_SETTING" });
    let updates = [
        args.member_link_mode.map(|who| json!({ "member_link_mode": link(who) })),
        args.member_history_mode.map(|who| json!({ "member_share_group_history_mode": share(who) })),
        args.limit_sharing.map(|on| json!({ "limit_sharing": limit(on) })),
    ];
    for update in updates.into_iter().flatten() {
        update_property(session, &group, update).await?;
    }
    Ok(())
}

/// Changes a setting that is changed by GraphQL.
async fn update_property(session: &Session, group: &Jid, update: Value) -> Result<()> {
    let variables = json!({ "group_id": group.to_string(), "update": update });
    let told = mex::query(session, UPDATE_PROPERTY, variables, &["xwa2_group_update_property"]).await;
    let told = told.map_err(|error| refused(group, error))?;
    match told.is_object() {
        true => Ok(()),
        false => Err(answer::lacks("group")),
    }
}

/// What a query that was made has changed in a group, as notifications say it; `None` when it is no such query, or when
/// the service refused it.
pub fn changed_property(asked: &Node<'_>, answer: &Node<'_>) -> Option<(Jid, Vec<Node<'static>>)> {
    let query = asked.find("query").filter(|query| query.is("query_id", UPDATE_PROPERTY))?;
    let told: Value = serde_json::from_slice(answer.find("result")?.content_bytes()?).ok()?;
    told.pointer("/data/xwa2_group_update_property").filter(|told| told.is_object())?;
    if told.get("errors").and_then(Value::as_array).is_some_and(|errors| !errors.is_empty()) {
        return None;
    }
    let asked = query.content_bytes().filter(|bytes| bytes.len() <= MAX_VARIABLES)?;
    let asked: Value = serde_json::from_slice(asked).ok()?;
    let group = args::group(asked.pointer("/variables/group_id")?.as_str()?).ok()?;
    let update = asked.pointer("/variables/update")?;
    let mode = |key: &str| Some(Who::allowed(Some(&update.get(key)?.as_str()?.to_ascii_lowercase())));
    let limit = update.pointer("/limit_sharing/limit_sharing_enabled").and_then(Value::as_bool);
    let changes = [
        mode("member_link_mode").map(link_mode),
        mode("member_share_group_history_mode").map(history_mode),
        limit.map(|on| Node::new(if on { "limit_sharing_enabled" } else { "limit_sharing_disabled" })),
    ];
    Some((group, changes.into_iter().flatten().collect()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetText {
    group: String,
    text: String,
}

/// Names a group.
pub(super) async fn set_subject(session: &Session, SetText { group, text: subject }: SetText) -> Result<()> {
    let group = args::group(&group)?;
    check_subject(&subject)?;
    query(session, &group, "set", text("subject", &subject)).await?;
    Ok(())
}

/// Describes a group; an empty text takes the description away. The service wants to be told which one is replaced, so that
/// nobody overwrites what he has not seen.
pub(super) async fn set_description(session: &Session, SetText { group, text: written }: SetText) -> Result<()> {
    let group = args::group(&group)?;
    check_description(&written)?;
    let mut known = match session.group(&group).await? {
        Some(known) => known,
        None => fetch(session, &group).await?,
    };
    for again in [true, false] {
        let current = known.description.as_ref().map(|description| description.id.clone()).filter(|id| !id.is_empty());
        let child = Node::new("description").attr("id", fresh_id()).attr_opt("prev", current);
        let child = match written.is_empty() {
            true => child.attr("delete", "true"),
            false => child.child(text("body", &written)),
        };
        match session.query(iq_to_group(&group, "set").child(child)).await {
            // Somebody else was quicker, and his notification is still under way.
            Err(error) if again && answer::code_of(&error) == Some(409) => known = fetch(session, &group).await?,
            Err(error) => return Err(refused(&group, error)),
            Ok(_) => break,
        }
    }
    Ok(())
}
