//! Messages that members report to the admins, where admins allow it (07 §2.14).

use chasqui_wire::{jid::Jid, node::Node};
use compact_str::CompactString;

use super::request::{BAD, FORBIDDEN, Reply};
use crate::{
    account::{AccountId, DeviceRef},
    requests::Refused,
    world::World,
};

/// Most reported messages of one group.
const MAX_REPORTS: usize = 1000;
/// Longest id of a message.
const MAX_ID: usize = 128;

impl World {
    /// A member reports messages; admins are told.
    pub fn report(&mut self, at: DeviceRef, jid: &Jid, reports: &Node<'static>) -> Reply {
        let group = self.own_group(at, jid)?;
        if !group.settings.admin_reports {
            return Err(FORBIDDEN);
        }
        let id = group.id.clone();
        let asked = reports.all("report").filter_map(|report| report.get_str("message_id"));
        let asked: Vec<CompactString> = asked.map(|id| CompactString::from(&*id)).collect();
        if asked.is_empty() || asked.iter().any(|id| id.is_empty() || id.len() > MAX_ID) {
            return Err(BAD);
        }
        let now = self.clock.now().seconds();
        let Some(group) = self.groups.get_mut(&id) else { return Err(BAD) };
        if group.reports.len() + asked.len() > MAX_REPORTS {
            return Err(Refused(429));
        }
        let admins: Vec<AccountId> = group.accounts().into_iter().filter(|who| group.is_admin(*who)).collect();
        let mut told = Vec::new();
        for message in asked {
            // Whoever says it again says nothing new.
            if group.reports.entry(message.clone()).or_default().insert(at.account, now).is_none() {
                told.push(Node::new("report").attr("message_id", message));
            }
        }
        if !told.is_empty() {
            self.notify_group(&id, at, &admins, Node::new("reports").children(told));
        }
        Ok(Vec::new())
    }

    /// What was reported, for admins.
    pub fn list_reports(&self, at: DeviceRef, jid: &Jid) -> Reply {
        let group = self.admin_of(at, jid)?;
        let reports = group.reports.iter().map(|(message, reporters)| {
            let reporters = reporters.iter().map(|(who, since)| {
                let who = self.accounts.get(*who);
                Node::new("reporter")
                    .attr("jid", who.jid(group.by_lid))
                    .attr_opt("phone_number", group.by_lid.then(|| who.jid(false)))
                    .attr("timestamp", *since)
            });
            Node::new("report").attr("message_id", message.clone()).children(reporters)
        });
        Ok(vec![Node::new("reports").children(reports)])
    }
}
