//! Groups as tests make them, change them and look at them. The changes are those of the creator's phone, or of
//! another member's.

use std::collections::BTreeSet;

use chasqui_wire::jid::Jid;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{
    Group, Kinship, MAX_MEMBERS, Role, Settings,
    change::{Plan, Setting},
    mode,
    request::{MAX_DESCRIPTION, MAX_SUBJECT},
};
use crate::{
    account::{AccountId, DeviceRef},
    error::EmulatorError,
    requests::Refused,
    world::World,
};

const TEST_GROUP: &str = "Baileys Group Test";

/// How the members of a group are addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Addressing {
    /// By their privacy ids, as in all newer groups.
    Lid,
    /// By their phone numbers.
    Pn,
}

/// A group to be made. People are named by push name, number or JID; a new name makes a person with a silent phone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewGroup {
    /// Its name.
    pub subject: String,
    /// Everybody in it, the owner included.
    pub members: Vec<String>,
    /// Who makes it; the first member.
    pub owner: Option<String>,
    /// [`Addressing::Lid`].
    pub addressing: Option<Addressing>,
    /// What it is about.
    pub description: Option<String>,
    /// Only admins write.
    #[serde(default)]
    pub announcement: bool,
    /// Only admins edit it.
    #[serde(default)]
    pub locked: bool,
    /// Seconds until messages disappear; 0 is never.
    #[serde(default)]
    pub ephemeral: u32,
}

/// One change of a group; exactly one of the fields besides the first two is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GroupChange {
    /// The group's JID.
    pub group: String,
    /// Who changes it; its owner.
    pub by: Option<String>,
    /// New members.
    pub add: Option<Vec<String>>,
    /// Members to be removed.
    pub remove: Option<Vec<String>>,
    /// Members that become admins.
    pub promote: Option<Vec<String>>,
    /// Admins that become members.
    pub demote: Option<Vec<String>>,
    /// A member that leaves by himself.
    pub leave: Option<String>,
    /// The new name.
    pub subject: Option<String>,
    /// The new description; an empty one removes it.
    pub description: Option<String>,
    /// Whether only admins write.
    pub announcement: Option<bool>,
    /// Whether only admins edit it.
    pub locked: Option<bool>,
    /// Seconds until messages disappear; 0 is never.
    pub ephemeral: Option<u32>,
    /// Whether every member gives the invite link away.
    pub all_members_link: Option<bool>,
    /// Whether every member shares what was written before with those who come.
    pub all_members_share: Option<bool>,
    /// Whether what is written is to stay in the group.
    pub limit_sharing: Option<bool>,
    /// Whether members report messages to the admins.
    pub admin_reports: Option<bool>,
    /// The addressing from now on; nobody is told.
    pub addressing: Option<Addressing>,
    /// Members' devices are not told what has changed, but only that their groups are out of date.
    pub untold: bool,
}

/// A group as the administration shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupInfo {
    /// `ID@g.us`.
    pub jid: String,
    /// Its name.
    pub subject: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How its members are addressed.
    pub addressing: Addressing,
    /// Whether only admins write.
    pub announcement: bool,
    /// Whether only admins edit it.
    pub locked: bool,
    /// Seconds until messages disappear; 0 is never.
    pub ephemeral: u32,
    /// The code of its invite link.
    pub invite: String,
    /// Who is in it.
    pub members: Vec<MemberInfo>,
}

/// A member as the administration shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberInfo {
    /// The push name that chose the account.
    pub name: String,
    /// The phone-number JID, bare.
    pub jid: String,
    /// The LID, bare.
    pub lid: String,
    /// `member`, `admin` or `superadmin`.
    pub role: &'static str,
}

impl World {
    /// Makes a group.
    pub fn new_group(&mut self, new: &NewGroup) -> Result<GroupInfo, EmulatorError> {
        check_subject(&new.subject)?;
        let description = check_description(new.description.as_deref())?;
        let members = self.people("members", &new.members)?;
        let owner = match &new.owner {
            Some(owner) => self.person(owner)?,
            None => *members.first().ok_or_else(|| EmulatorError::option("members", "must name somebody"))?,
        };
        let plan = Plan {
            subject: new.subject.clone(),
            by_lid: new.addressing != Some(Addressing::Pn),
            members: members.into_iter().filter(|member| *member != owner).collect(),
            settings: Settings {
                announcement: new.announcement,
                locked: new.locked,
                ephemeral: new.ephemeral,
                ..Settings::default()
            },
            description: description.map(|text| (fresh_description_id(self), text)),
            kin: Kinship::default(),
        };
        let actor = DeviceRef { account: owner, device: 0 };
        let id = self.create_group(actor, plan, None).map_err(too_many)?;
        self.group_info(&id)
    }

    /// Changes a group.
    pub fn change(&mut self, change: &GroupChange) -> Result<GroupInfo, EmulatorError> {
        let group = self.named_group(&change.group)?;
        let (id, before, queued) = (group.id.clone(), group.accounts(), self.deferred.len());
        let info = self.carry_out(change)?;
        if change.untold {
            self.deferred.truncate(queued);
            let after = self.groups.get(&id).map(Group::accounts).unwrap_or_default();
            let concerned: BTreeSet<AccountId> = before.into_iter().chain(after).collect();
            for account in concerned {
                let devices: Vec<u16> = self.accounts.get(account).devices.keys().copied().collect();
                devices.into_iter().for_each(|device| self.mark_dirty(DeviceRef { account, device }, "groups"));
            }
        }
        Ok(info)
    }

    fn carry_out(&mut self, change: &GroupChange) -> Result<GroupInfo, EmulatorError> {
        let group = self.named_group(&change.group)?;
        let (id, creator) = (group.id.clone(), group.creator);
        let by = match &change.by {
            Some(by) => self.person(by)?,
            None => creator,
        };
        let at = DeviceRef { account: by, device: 0 };
        if let Some(names) = &change.add {
            let who = self.people("add", names)?;
            let room = self.groups.get(&id).map_or(0, |group| MAX_MEMBERS.saturating_sub(group.members.len()));
            if who.len() > room {
                return Err(EmulatorError::option("add", "is more than a group takes"));
            }
            self.add_members(at, &id, &who, None);
        } else if let Some(names) = &change.remove {
            let who = self.people("remove", names)?;
            self.remove_members(at, &id, &who);
        } else if let Some(name) = &change.leave {
            let who = self.person(name)?;
            self.remove_members(DeviceRef { account: who, device: 0 }, &id, &[who]);
        } else if let Some(names) = &change.promote {
            let who = self.people("promote", names)?;
            self.set_roles(at, &id, &who, Role::Admin);
        } else if let Some(names) = &change.demote {
            let who = self.people("demote", names)?;
            self.set_roles(at, &id, &who, Role::Member);
        } else if let Some(subject) = &change.subject {
            check_subject(subject)?;
            self.set_subject(at, &id, subject.clone());
        } else if let Some(text) = &change.description {
            let text = check_description(Some(text))?;
            let description_id = fresh_description_id(self);
            self.set_description(at, &id, description_id, text);
        } else if let Some(addressing) = change.addressing {
            if let Some(group) = self.groups.get_mut(&id) {
                group.by_lid = addressing == Addressing::Lid;
            }
        } else {
            let setting = change
                .announcement
                .map(Setting::Announcement)
                .or(change.locked.map(Setting::Locked))
                .or(change.ephemeral.map(Setting::Ephemeral))
                .or(change.all_members_link.map(Setting::LinkMode))
                .or(change.all_members_share.map(Setting::HistoryMode))
                .or(change.limit_sharing.map(Setting::LimitSharing))
                .or(change.admin_reports.map(Setting::AdminReports))
                .ok_or_else(|| EmulatorError::option("change", "must be given"))?;
            self.set_setting(at, &id, setting);
        }
        self.group_info(&id)
    }

    /// Every group, in the order in which they were made.
    pub fn group_infos(&self) -> Vec<GroupInfo> {
        self.groups.iter().map(|group| self.describe_group(group)).collect()
    }

    /// The group that suites for other clients look for (the contract, §12): nobody is told of it.
    pub fn make_test_group(&mut self, owner: AccountId) {
        let now = self.clock.now().seconds();
        let other = self.accounts.open(None, now);
        if let Some(group) = self.groups.make(TEST_GROUP.to_owned(), true, owner, now) {
            group.join(other, Role::Member);
        }
    }

    fn group_info(&self, id: &str) -> Result<GroupInfo, EmulatorError> {
        let group = self.groups.get(id).ok_or_else(|| EmulatorError::NotFound(format!("group {id}")))?;
        Ok(self.describe_group(group))
    }

    fn describe_group(&self, group: &Group) -> GroupInfo {
        let member = |(who, member): (&AccountId, &super::Member)| {
            let account = self.accounts.get(*who);
            MemberInfo {
                name: account.name.clone(),
                jid: account.jid(false).to_string(),
                lid: account.jid(true).to_string(),
                role: member.role.attr().unwrap_or("member"),
            }
        };
        GroupInfo {
            jid: group.jid().to_string(),
            subject: group.subject.clone(),
            description: group.description.as_ref().map(|description| description.text.clone()),
            addressing: if mode(group.by_lid) == "lid" { Addressing::Lid } else { Addressing::Pn },
            announcement: group.settings.announcement,
            locked: group.settings.locked,
            ephemeral: group.settings.ephemeral,
            invite: group.invite.to_string(),
            members: group.members.iter().map(member).collect(),
        }
    }

    fn named_group(&self, text: &str) -> Result<&Group, EmulatorError> {
        let jid = text.parse::<Jid>().ok();
        let group = jid.as_ref().and_then(|jid| self.groups.find(jid));
        group.ok_or_else(|| EmulatorError::NotFound(format!("group {text}")))
    }

    /// Somebody by push name, number or JID; a name that nobody has makes a person.
    fn person(&mut self, text: &str) -> Result<AccountId, EmulatorError> {
        if let Some(known) = self.accounts.resolve(text) {
            return Ok(known);
        }
        let is_address = text.parse::<Jid>().is_ok() || text.starts_with('+');
        if text.is_empty() || is_address {
            return Err(EmulatorError::UnknownRecipient(text.to_owned()));
        }
        Ok(self.accounts.open(Some(text), self.clock.now().seconds()))
    }

    fn people(&mut self, option: &str, names: &[String]) -> Result<Vec<AccountId>, EmulatorError> {
        if names.len() > MAX_MEMBERS {
            return Err(EmulatorError::option(option, "must name at most 1,024 people"));
        }
        names.iter().map(|name| self.person(name)).collect()
    }
}

fn fresh_description_id(world: &mut World) -> CompactString {
    world.fresh_id().into()
}

fn too_many(Refused(_): Refused) -> EmulatorError {
    EmulatorError::Failed("there are too many groups".to_owned())
}

fn check_subject(subject: &str) -> Result<(), EmulatorError> {
    if subject.is_empty() || subject.chars().count() > MAX_SUBJECT {
        return Err(EmulatorError::option("subject", "must have from 1 to 100 characters"));
    }
    Ok(())
}

/// The description, `None` for an empty one.
fn check_description(text: Option<&str>) -> Result<Option<String>, EmulatorError> {
    match text {
        Some(text) if text.len() > MAX_DESCRIPTION => {
            Err(EmulatorError::option("description", "must have at most 2,048 bytes"))
        }
        text => Ok(text.filter(|text| !text.is_empty()).map(str::to_owned)),
    }
}
