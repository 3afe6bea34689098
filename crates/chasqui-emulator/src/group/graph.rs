//! Settings of groups that are changed by GraphQL (07 §2.11). They are told like those that are changed by request.

use chasqui_wire::jid::Jid;
use serde_json::{Value, json};

use super::{change::Setting, request::FORBIDDEN};
use crate::{account::DeviceRef, channel::graph::Told, requests::Refused, world::World};

/// Reads `update`: one setting with its new position.
fn setting(update: &Value) -> Option<Setting> {
    let text = |key: &str| update.get(key).and_then(Value::as_str);
    if let Some(mode) = text("member_link_mode") {
        return Some(Setting::LinkMode(either(mode, "ALL_MEMBER_LINK", "ADMIN_LINK")?));
    }
    if let Some(mode) = text("member_share_group_history_mode") {
        return Some(Setting::HistoryMode(either(mode, "ALL_MEMBER_SHARE", "ADMIN_SHARE")?));
    }
    let limit = update.get("limit_sharing")?;
    limit.get("limit_sharing_trigger").and_then(Value::as_str)?;
    Some(Setting::LimitSharing(limit.get("limit_sharing_enabled")?.as_bool()?))
}

fn either(text: &str, yes: &str, no: &str) -> Option<bool> {
    if text == yes { Some(true) } else { (text == no).then_some(false) }
}

impl World {
    /// Changes a setting; admins may.
    pub fn set_group_property(&mut self, at: DeviceRef, variables: &Value) -> Told {
        let group = variables.get("group_id").and_then(Value::as_str);
        let group: Jid = group.and_then(|group| group.parse().ok()).ok_or((400, "bad request"))?;
        let known = self.admin_of(at, &group).map_err(|Refused(code)| match Refused(code) {
            FORBIDDEN => (code, "forbidden"),
            _ => (code, "not found"),
        })?;
        let id = known.id.clone();
        let setting = variables.get("update").and_then(setting).ok_or((400, "bad request"))?;
        self.set_setting(at, &id, setting);
        Ok(json!({ "xwa2_group_update_property": { "id": group.to_string(), "state": "ACTIVE" } }))
    }
}
