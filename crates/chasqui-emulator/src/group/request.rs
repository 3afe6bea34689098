//! Requests about groups, `xmlns=w:g2` (07 §2).

use chasqui_wire::{curve::random_bytes, jid::Jid, node::Node};
use compact_str::{CompactString, format_compact};

use super::{
    Group, Kinship, MAX_MEMBERS, Role, Settings, Waiting,
    change::{Plan, Setting, may_edit},
    invite_code,
};
use crate::{
    account::{AccountId, DeviceRef},
    requests::{Answer, Refused},
    world::World,
};

/// Longest subject in characters, and longest description in bytes.
pub(super) const MAX_SUBJECT: usize = 100;
pub(super) const MAX_DESCRIPTION: usize = 2048;
/// Most pictures of one request.
const MAX_PICTURES: usize = 1000;
/// How long a personal invitation holds, in seconds.
const INVITATION: u64 = 3 * 86_400;
/// For how long nobody adds who has left, in seconds.
const RECENTLY: u64 = 86_400;

pub(super) type Reply = Result<Vec<Node<'static>>, Refused>;

pub(super) const FORBIDDEN: Refused = Refused(403);
pub(super) const NOT_FOUND: Refused = Refused(404);
pub(super) const BAD: Refused = Refused(400);

impl World {
    /// Answers a request about one group, about all of the asker's, or about one that is to be.
    pub fn answer_groups(&mut self, at: DeviceRef, iq: &Node<'static>) -> Answer {
        let Some(child) = iq.nodes().first() else { return BAD.into() };
        let group = iq.get_jid("to").filter(|to| to.is_group() && !to.user.is_empty());
        let reply = match (group, iq.is("type", "set")) {
            (None, false) => self.ask_groups(at, child),
            (None, true) => self.act_on_groups(at, child),
            (Some(group), false) => self.ask_group(at, &group, child),
            (Some(group), true) => self.change_group(at, &group, child),
        };
        match reply {
            Ok(nodes) => Answer::Result(nodes),
            Err(refused) => refused.into(),
        }
    }

    /// A group that the asker is in.
    pub(super) fn own_group(&self, at: DeviceRef, jid: &Jid) -> Result<&Group, Refused> {
        let group = self.groups.find(jid).ok_or(NOT_FOUND)?;
        if group.is_member(at.account) { Ok(group) } else { Err(FORBIDDEN) }
    }

    pub(super) fn admin_of(&self, at: DeviceRef, jid: &Jid) -> Result<&Group, Refused> {
        self.own_group(at, jid).and_then(|group| if group.is_admin(at.account) { Ok(group) } else { Err(FORBIDDEN) })
    }

    fn ask_groups(&self, at: DeviceRef, child: &Node<'static>) -> Reply {
        match child.tag.as_str() {
            "participating" => {
                let (people, text) = (child.find("participants").is_some(), child.find("description").is_some());
                let own = self.groups.iter().filter(|group| group.is_member(at.account));
                let groups = own.map(|group| group.element(&self.accounts, people, text));
                Ok(vec![Node::new("groups").children(groups)])
            }
            "query" => {
                let groups = child.all("group").filter_map(|asked| asked.get_jid("jid")).map(|jid| {
                    self.own_group(at, &jid)
                        .map(|group| group.element(&self.accounts, true, true))
                        .unwrap_or_else(|Refused(code)| Node::new("group").attr("id", jid.user).attr("error", code))
                });
                Ok(vec![Node::new("groups").children(groups)])
            }
            "invite" => {
                let code = child.get_str("code").ok_or(BAD)?;
                let group = self.groups.invited(&code).ok_or(Refused(410))?;
                Ok(vec![group.element(&self.accounts, true, true)])
            }
            "pictures" => {
                let pictures = child.all("picture").take(MAX_PICTURES).filter_map(|asked| {
                    let jid = asked.get_jid("jid")?;
                    let node = Node::new("picture").attr("jid", &jid);
                    Some(match self.own_group(at, &jid) {
                        Ok(_) => self.group_picture(&jid, asked.is("type", "preview"), node)?,
                        Err(Refused(code)) => node.attr("error", code),
                    })
                });
                Ok(vec![Node::new("pictures").children(pictures)])
            }
            _ => Err(Refused(501)),
        }
    }

    fn act_on_groups(&mut self, at: DeviceRef, child: &Node<'static>) -> Reply {
        match child.tag.as_str() {
            "create" => self.request_group(at, child),
            "leave" => {
                let named = |node: &Node<'static>| node.get_jid("id").or_else(|| node.get_jid("parent_group_jid"));
                let jids: Vec<Jid> = child.nodes().iter().filter_map(named).collect();
                let left = jids.into_iter().map(|jid| {
                    let community = self.own_group(at, &jid).map(|group| group.kin.community);
                    let node = Node::new("group").attr("id", &jid);
                    match community {
                        Ok(true) => self.remove_everywhere(at, &jid.user, &[at.account]),
                        Ok(false) => self.remove_members(at, &jid.user, &[at.account]),
                        Err(Refused(code)) => return node.attr("error", code),
                    }
                    node
                });
                let left: Vec<_> = left.collect();
                Ok(vec![Node::new("leave").children(left)])
            }
            "invite" => {
                let code = child.get_str("code").ok_or(BAD)?;
                let group = self.groups.invited(&code).ok_or(Refused(410))?;
                if group.removed.contains(&at.account) {
                    return Err(Refused(405));
                }
                let jid = group.jid();
                self.enter(at, &jid)
            }
            _ => Err(Refused(501)),
        }
    }

    /// Joins by an invitation, or asks to where an admin has to agree.
    fn enter(&mut self, at: DeviceRef, jid: &Jid) -> Reply {
        let now = self.clock.now().seconds();
        let group = self.groups.get_mut(&jid.user).ok_or(NOT_FOUND)?;
        if group.is_member(at.account) {
            return Err(Refused(304));
        }
        if group.members.len() >= MAX_MEMBERS {
            return Err(Refused(419));
        }
        if !group.settings.approval {
            self.add_members(at, &jid.user, &[at.account], Some("invite"));
            return Ok(vec![Node::new("group").attr("jid", jid)]);
        }
        self.ask_admins(at, &jid.user, at.account, "invite_link", now);
        Ok(vec![Node::new("membership_approval_request").attr("jid", jid)])
    }

    /// Somebody is to come in where admins have to agree.
    fn ask_admins(&mut self, at: DeviceRef, id: &str, who: AccountId, method: &'static str, since: u64) {
        let Some(group) = self.groups.get_mut(id) else { return };
        group.requests.insert(who, Waiting { since, method, requestor: at.account });
        let admins: Vec<AccountId> = group.accounts().into_iter().filter(|who| group.is_admin(*who)).collect();
        let person = self.accounts.get(who);
        let asks = Node::new("created_membership_requests").attr("request_method", method).child(
            Node::new("requested_user").attr("jid", person.jid(group.by_lid)).attr("phone_number", person.jid(false)),
        );
        self.notify_group(id, at, &admins, asks);
    }

    fn request_group(&mut self, at: DeviceRef, create: &Node<'static>) -> Reply {
        let subject = create.get_str("subject").filter(|subject| !subject.is_empty()).ok_or(BAD)?.into_owned();
        if subject.chars().count() > MAX_SUBJECT {
            return Err(Refused(406));
        }
        let mut settings = Settings::default();
        create.nodes().iter().filter_map(Setting::read_new).for_each(|setting| setting.apply(&mut settings));
        let description = create.find("description").and_then(|node| {
            let text = node.find("body")?.content_str().filter(|text| text.len() <= MAX_DESCRIPTION)?;
            Some((description_id(node), text.to_owned()))
        });
        let (mut members, mut failed) = (Vec::new(), Vec::new());
        for asked in create.all("participant").take(MAX_MEMBERS) {
            let Some(jid) = asked.get_jid("jid") else { continue };
            match self.accounts.find(&jid) {
                Some(who) if who == at.account => {}
                Some(who) if !self.may_add_to_group(who, at.account, token_of(asked)) => {
                    failed.push((jid, 403, Some(who)));
                }
                Some(who) => members.push(who),
                None => failed.push((jid, 404, None)),
            }
        }
        let key = create.get_str("key").map(String::from);
        let community = create.find("parent");
        let kin = Kinship {
            community: community.is_some(),
            closed: community.is_some_and(|parent| parent.get("default_membership_approval_mode").is_some()),
            open: create.find("allow_non_admin_sub_group_creation").is_some(),
            parent: match create.find("linked_parent") {
                Some(linked) => Some(self.may_found_in(at, &linked.get_jid("jid").ok_or(BAD)?)?),
                None => None,
            },
            ..Kinship::default()
        };
        let plan = Plan { subject, by_lid: true, members, settings, description, kin };
        let id = self.create_group(at, plan, key.as_deref())?;
        if community.is_some() {
            self.furnish_community(at, &id, create.find("create_general_chat").is_some())?;
        }
        let mut refusals = Vec::with_capacity(failed.len());
        for (jid, code, who) in failed {
            let node = Node::new("participant").attr("jid", jid).attr("error", code);
            refusals.push(match who {
                Some(who) => node.child(self.invite_personally(&id, who)),
                None => node,
            });
        }
        let group = self.groups.get(&id).ok_or(NOT_FOUND)?;
        Ok(vec![refusals.into_iter().fold(group.element(&self.accounts, true, true), Node::child)])
    }

    /// `<add_request>`: what the admin can send to somebody who may not be added.
    fn invite_personally(&mut self, id: &str, who: AccountId) -> Node<'static> {
        let (code, expiration) = (invite_code(), self.clock.now().seconds() + INVITATION);
        if let Some(group) = self.groups.get_mut(id) {
            group.invitations.insert(who, (code.clone(), expiration));
        }
        Node::new("add_request").attr("code", code).attr("expiration", expiration)
    }

    fn ask_group(&self, at: DeviceRef, jid: &Jid, child: &Node<'static>) -> Reply {
        match child.tag.as_str() {
            "query" => {
                if let Some(asked) = child.find("add_request") {
                    let group = self.groups.find(jid).ok_or(NOT_FOUND)?;
                    let code = asked.get_str("code").unwrap_or_default();
                    return match group.invitations.get(&at.account) {
                        Some((known, end)) if *known == *code && *end > self.clock.now().seconds() => {
                            Ok(vec![group.element(&self.accounts, true, true)])
                        }
                        _ => Err(Refused(410)),
                    };
                }
                let group = self.own_group(at, jid)?;
                Ok(vec![group.element(&self.accounts, true, true)])
            }
            "invite" => {
                let group = self.own_group(at, jid)?;
                let may = group.settings.all_link || group.is_admin(at.account);
                let code = may.then(|| group.invite.clone()).ok_or(FORBIDDEN)?;
                Ok(vec![Node::new("invite").attr("code", code)])
            }
            "sub_groups" | "linked_groups_participants" | "query_linked" => self.ask_community(at, jid, child),
            "reports" => self.list_reports(at, jid),
            "membership_approval_requests" => {
                let group = self.admin_of(at, jid)?;
                let waiting = group.requests.iter().map(|(who, waiting)| {
                    let requestor =
                        (waiting.requestor != *who).then(|| self.accounts.get(waiting.requestor).jid(group.by_lid));
                    let who = self.accounts.get(*who);
                    Node::new("membership_approval_request")
                        .attr("jid", who.jid(group.by_lid))
                        .attr("phone_number", who.jid(false))
                        .attr("request_time", waiting.since)
                        .attr("request_method", waiting.method)
                        .attr_opt("requestor", requestor)
                });
                Ok(vec![Node::new("membership_approval_requests").children(waiting)])
            }
            _ => Err(Refused(501)),
        }
    }

    fn change_group(&mut self, at: DeviceRef, jid: &Jid, child: &Node<'static>) -> Reply {
        let id = jid.user.clone();
        match child.tag.as_str() {
            "reports" => return self.report(at, jid, child),
            "add" | "remove" | "promote" | "demote" => return self.change_members(at, jid, child),
            "accept" => {
                let group = self.groups.find(jid).ok_or(NOT_FOUND)?;
                let code = child.get_str("code").unwrap_or_default();
                let now = self.clock.now().seconds();
                let valid =
                    group.invitations.get(&at.account).is_some_and(|(known, end)| *known == *code && *end > now);
                return if valid { self.enter(at, jid) } else { Err(Refused(410)) };
            }
            "cancel_membership_requests" => return self.decide(at, jid, child, Decision::Cancel),
            _ => {}
        }
        if let Some(reply) = self.change_community(at, jid, child) {
            return reply;
        }
        let group = self.own_group(at, jid)?;
        let (edits, admin) = (may_edit(group, at.account), group.is_admin(at.account));
        let allowed = |may: bool| if may { Ok(()) } else { Err(FORBIDDEN) };
        match child.tag.as_str() {
            "subject" => {
                allowed(edits)?;
                let subject = child.content_str().filter(|subject| !subject.is_empty()).ok_or(BAD)?.to_owned();
                if subject.chars().count() > MAX_SUBJECT {
                    return Err(Refused(406));
                }
                self.set_subject(at, &id, subject);
            }
            "description" => {
                allowed(edits)?;
                let current = group.description.as_ref().map(|description| description.id.clone());
                let named = child.get_str("prev").map(|prev| CompactString::from(&*prev));
                if current != named {
                    return Err(Refused(409));
                }
                let text = match child.is("delete", "true") {
                    true => None,
                    false => Some(child.find("body").and_then(Node::content_str).ok_or(BAD)?.to_owned()),
                };
                if text.as_ref().is_some_and(|text| text.len() > MAX_DESCRIPTION) {
                    return Err(Refused(406));
                }
                self.set_description(at, &id, description_id(child), text);
            }
            "invite" => {
                allowed(admin)?;
                let code = self.renew_invite(at, &id).ok_or(NOT_FOUND)?;
                return Ok(vec![Node::new("invite").attr("code", code)]);
            }
            "revoke" => {
                allowed(admin)?;
                let who: Vec<AccountId> = self.named(child).into_iter().filter_map(|(_, who)| who).collect();
                if let Some(group) = self.groups.get_mut(&id) {
                    who.iter().for_each(|who| drop(group.invitations.remove(who)));
                }
            }
            "membership_requests_action" => {
                allowed(admin)?;
                let decision = child.nodes().first().ok_or(BAD)?;
                let kind = if decision.tag == "approve" { Decision::Approve } else { Decision::Reject };
                let done = self.decide(at, jid, decision, kind)?;
                return Ok(vec![Node::new("membership_requests_action").children(done)]);
            }
            _ => {
                let setting = Setting::read(child).ok_or(Refused(501))?;
                allowed(if matches!(setting, Setting::Ephemeral(_)) { edits } else { admin })?;
                self.set_setting(at, &id, setting);
            }
        }
        Ok(Vec::new())
    }

    /// The people that a request names, with their accounts.
    fn named(&self, node: &Node<'static>) -> Vec<(Jid, Option<AccountId>)> {
        let jids = node.all("participant").take(MAX_MEMBERS).filter_map(|participant| participant.get_jid("jid"));
        jids.map(|jid| (jid.clone(), self.accounts.find(&jid))).collect()
    }

    fn change_members(&mut self, at: DeviceRef, jid: &Jid, child: &Node<'static>) -> Reply {
        let group = self.own_group(at, jid)?;
        let tag = child.tag.clone();
        let adds = tag == "add";
        if !group.is_admin(at.account) && (!adds || group.settings.admin_add) {
            return Err(FORBIDDEN);
        }
        let by_lid = group.by_lid;
        let everywhere = group.kin.community && tag == "remove" && child.is("linked_groups", "true");
        // A member may only ask for somebody to be let in.
        let asks = adds && group.settings.approval && !group.is_admin(at.account);
        let mut room = MAX_MEMBERS.saturating_sub(group.members.len());
        let (mut done, mut results) = (Vec::new(), Vec::new());
        let named = child.all("participant").take(MAX_MEMBERS);
        let verdicts: Vec<(Jid, Option<AccountId>, u16)> = named
            .filter_map(|node| {
                let jid = node.get_jid("jid")?;
                let who = self.accounts.find(&jid);
                let (by, token) = (at.account, token_of(node));
                let verdict = who.map_or(404, |who| self.verdict(group, tag.as_str(), (by, token), who, &mut room));
                Some((jid, who, verdict))
            })
            .collect();
        let now = self.clock.now().seconds();
        for (asked, who, verdict) in verdicts {
            let node = Node::new("participant");
            let node = match who.map(|who| self.accounts.get(who)) {
                Some(account) => node
                    .attr("jid", account.jid(by_lid))
                    .attr(if by_lid { "phone_number" } else { "lid" }, account.jid(!by_lid)),
                None => node.attr("jid", asked),
            };
            results.push(match (verdict, who) {
                (200, Some(who)) if asks => {
                    self.ask_admins(at, &jid.user, who, "non_admin_add", now);
                    node.attr("error", "421").child(Node::new("membership_approval_request"))
                }
                (200, Some(who)) => {
                    done.push(who);
                    node.attr("type", "200")
                }
                (403, Some(who)) if adds => node.attr("error", verdict).child(self.invite_personally(&jid.user, who)),
                _ => node.attr("error", verdict),
            });
        }
        match tag.as_str() {
            "add" => self.add_members(at, &jid.user, &done, None),
            "remove" if everywhere => self.remove_everywhere(at, &jid.user, &done),
            "remove" => self.remove_members(at, &jid.user, &done),
            "promote" => self.set_roles(at, &jid.user, &done, Role::Admin),
            _ => self.set_roles(at, &jid.user, &done, Role::Member),
        }
        Ok(vec![Node::new(tag).children(results)])
    }

    fn verdict(
        &self,
        group: &Group,
        tag: &str,
        (by, token): (AccountId, Option<&[u8]>),
        who: AccountId,
        room: &mut usize,
    ) -> u16 {
        let role = group.members.get(&who).map(|member| member.role);
        match (tag, role) {
            ("add", Some(_)) => 409,
            ("add", None) if *room == 0 => 419,
            ("add", None) if group.left.get(&who).is_some_and(|at| at + RECENTLY > self.clock.now().seconds()) => 408,
            ("add", None) if !self.may_add_to_group(who, by, token) => 403,
            ("add", None) => {
                *room -= 1;
                200
            }
            (_, None) => 404,
            ("promote", Some(role)) if role > Role::Member => 409,
            ("demote", Some(Role::Member)) => 409,
            ("remove" | "demote", Some(Role::SuperAdmin)) => 406,
            _ => 200,
        }
    }

    /// Lets people in who asked, or not; or somebody takes his own request back.
    fn decide(&mut self, at: DeviceRef, jid: &Jid, named: &Node<'static>, decision: Decision) -> Reply {
        let people = self.named(named);
        let group = self.groups.get_mut(&jid.user).filter(|_| jid.is_group()).ok_or(NOT_FOUND)?;
        let (mut done, mut results) = (Vec::new(), Vec::new());
        for (asked, who) in people {
            let own = decision != Decision::Cancel || who == Some(at.account);
            let waits = who.filter(|who| own && group.requests.remove(who).is_some());
            let node = Node::new("participant").attr("jid", asked);
            results.push(if waits.is_some() { node } else { node.attr("error", "404") });
            done.extend(waits);
        }
        if decision == Decision::Approve {
            self.add_members(at, &jid.user, &done, None);
            return Ok(vec![Node::new("approve").children(results)]);
        }
        let mut told: Vec<AccountId> = group.accounts().into_iter().filter(|who| group.is_admin(*who)).collect();
        told.extend(&done);
        let people: Vec<_> = done.iter().map(|who| group.participant(&self.accounts, *who)).collect();
        if !people.is_empty() {
            self.notify_group(&jid.user, at, &told, Node::new("revoked_membership_requests").children(people));
        }
        match decision {
            Decision::Cancel => Ok(Vec::new()),
            _ => Ok(vec![Node::new("reject").children(results)]),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    Approve,
    Reject,
    Cancel,
}

/// The token that somebody shows whom he adds: its bytes.
fn token_of<'n>(participant: &'n Node<'_>) -> Option<&'n [u8]> {
    participant.find("privacy").and_then(Node::content_bytes)
}

/// The id that a description is given, or a fresh one.
fn description_id(node: &Node<'_>) -> CompactString {
    match node.get_str("id") {
        Some(id) => CompactString::from(&*id),
        None => format_compact!("3EB0{:016X}", u64::from_be_bytes(random_bytes())),
    }
}
