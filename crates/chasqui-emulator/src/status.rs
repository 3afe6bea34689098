//! Who sees the status posts of an account, as its phone sets it (07 §7.5).

use chasqui_wire::node::Node;
use serde::Deserialize;

use crate::{
    account::{AccountId, DeviceRef},
    error::EmulatorError,
    requests::{Answer, Refused},
    world::World,
};

/// Which of the lists counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Audience {
    Contacts,
    Allow,
    Deny,
}

/// What is set.
pub(crate) struct StatusPrivacy {
    audience: Audience,
    people: Vec<AccountId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    account: String,
    audience: Audience,
    #[serde(default)]
    people: Vec<String>,
}

impl World {
    /// The phone sets it.
    pub fn set_status_privacy(&mut self, setting: &Setting) -> Result<(), EmulatorError> {
        let unknown = |name: &str| EmulatorError::NotFound(format!("account {name}"));
        let find = |name: &String| self.accounts.resolve(name).ok_or_else(|| unknown(name));
        let account = find(&setting.account)?;
        let people = setting.people.iter().map(find).collect::<Result<_, _>>()?;
        self.accounts.get_mut(account).status_privacy = Some(StatusPrivacy { audience: setting.audience, people });
        Ok(())
    }

    /// Answers a device that asks for it.
    pub fn answer_status_privacy(&self, at: DeviceRef) -> Answer {
        let Some(set) = &self.accounts.get(at.account).status_privacy else { return Refused(404).into() };
        let kinds = [(Audience::Contacts, "contacts"), (Audience::Allow, "whitelist"), (Audience::Deny, "blacklist")];
        let lists = kinds.into_iter().map(|(audience, kind)| {
            let counts = audience == set.audience;
            let people = set.people.iter().filter(|_| counts && audience != Audience::Contacts);
            let users: Vec<_> =
                people.map(|person| Node::new("user").attr("jid", self.accounts.get(*person).jid(true))).collect();
            let list = Node::new("list").attr("type", kind).attr_opt("default", counts.then_some("true"));
            if users.is_empty() { list } else { list.children(users) }
        });
        let lists: Vec<_> = lists.collect();
        Answer::one(Node::new("privacy").children(lists))
    }
}
