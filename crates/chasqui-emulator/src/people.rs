//! What people show of themselves, and to whom: pictures, abouts, timers, privacy settings, privacy tokens.
//!
//! `all` see what is shown to all; `contacts` are who is in the owner's address book, and who shows the token that the owner
//! gave; `contact_blacklist` are those without the ones on the list; blocked people see nothing, either way.
//! Source: 07-requests-and-notifications §5, §7 and §16.3.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_wire::{
    curve::random_bytes,
    jid::{Jid, Server},
    node::Node,
};
use compact_str::CompactString;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    account::{AccountId, DeviceRef},
    business::certificate,
    error::EmulatorError,
    requests::{Answer, Refused},
    world::World,
};

/// Bytes of a picture, and of an about.
const MAX_PICTURE: usize = 1 << 20;
const MAX_ABOUT: usize = 1024;

/// Privacy settings: what every account starts with, and what they can be.
const PRIVACY: [(&str, &str, &[&str]); 10] = [
    ("last", "all", &["all", "contacts", "contact_blacklist", "none"]),
    ("online", "all", &["all", "match_last_seen"]),
    ("profile", "all", &["all", "contacts", "contact_blacklist", "none"]),
    ("status", "all", &["all", "contacts", "contact_blacklist", "none"]),
    ("groupadd", "all", &["all", "contacts", "contact_blacklist", "none"]),
    ("readreceipts", "all", &["all", "none"]),
    ("calladd", "all", &["all", "known", "contacts"]),
    ("messages", "all", &["all", "contacts"]),
    ("defense", "off", &["off", "on_standard"]),
    ("stickers", "contacts", &["contacts", "contact_allowlist", "none"]),
];

/// A picture that is set.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub id: String,
    /// URL and direct path of the picture and of its preview.
    image: (String, String),
    preview: (String, String),
}

/// What an account shows of itself, and what it gave to whom.
#[derive(Default)]
pub(crate) struct Social {
    about: Option<(String, u64)>,
    pub picture: Option<Picture>,
    /// Who is in its address book.
    pub contacts: BTreeSet<AccountId>,
    /// People on the list of a setting.
    lists: BTreeMap<CompactString, BTreeSet<AccountId>>,
    /// Privacy tokens that it gave, and when.
    given: BTreeMap<AccountId, (Vec<u8>, u64)>,
    /// Seconds of new chats, and since when.
    timer: (u32, u64),
    pub verified: Option<Vec<u8>>,
    /// Whether the phone is there.
    pub phone_available: bool,
    /// When it was there last, seconds.
    pub last_seen: Option<u64>,
}

/// What a test changes about a person, as the person does it on the phone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PersonChange {
    /// Whom it is about: name, number or JID.
    pub account: String,
    /// Text; empty for none.
    pub about: Option<String>,
    /// The file in base64; empty for none.
    pub picture: Option<String>,
    /// Settings by the service's names.
    pub privacy: BTreeMap<String, String>,
    /// Who comes into the address book.
    pub contacts: Vec<String>,
    /// The name that the service vouches for: makes a business of it.
    pub business: Option<String>,
    /// Seconds of new chats.
    pub disappearing: Option<u32>,
    /// Whether the phone shows the app.
    pub available: Option<bool>,
    /// `typing`, `recording` or `paused`, in this chat.
    pub state: Option<String>,
    /// The chat of `state`.
    pub chat: Option<String>,
    /// Who is given a privacy token.
    pub token: Option<String>,
    /// Who is blocked.
    pub block: Option<String>,
}

fn hash_of(people: &BTreeSet<AccountId>, world: &World) -> String {
    if people.is_empty() {
        return "none".into();
    }
    let lids: Vec<_> = people.iter().map(|person| world.accounts.get(*person).lid.as_str()).collect();
    BASE64.encode(&Sha256::digest(lids.join("+").as_bytes())[..9])
}

/// Seconds in which a token that is given again is the one that was given.
const TOKEN_PAUSE: u64 = 60;

impl World {
    /// A setting of an account.
    pub fn privacy_of(&self, account: AccountId, name: &str) -> &str {
        let set = self.accounts.get(account).privacy.get(name).map(CompactString::as_str);
        set.or_else(|| PRIVACY.iter().find(|(known, ..)| *known == name).map(|(_, value, _)| *value)).unwrap_or("all")
    }

    /// Whether somebody counts as a contact: by the address book, or by the token that is shown.
    fn knows(&self, owner: AccountId, who: AccountId, token: Option<&[u8]>) -> bool {
        let social = &self.accounts.get(owner).social;
        social.contacts.contains(&who)
            || token.is_some_and(|shown| social.given.get(&who).is_some_and(|(given, _)| given == shown))
    }

    /// Whether a setting lets somebody.
    pub fn shows(&self, owner: AccountId, who: AccountId, setting: &str, token: Option<&[u8]>) -> bool {
        if owner == who {
            return true;
        }
        if self.has_blocked(owner, who) || self.has_blocked(who, owner) {
            return false;
        }
        match self.privacy_of(owner, setting) {
            "none" => false,
            "contacts" => self.knows(owner, who, token),
            "contact_blacklist" => {
                let list = self.accounts.get(owner).social.lists.get(setting);
                self.knows(owner, who, token) && !list.is_some_and(|list| list.contains(&who))
            }
            _ => true,
        }
    }

    /// Whether an account lets somebody add it to groups, who may show its token.
    pub fn may_add_to_group(&self, account: AccountId, by: AccountId, token: Option<&[u8]>) -> bool {
        self.shows(account, by, "groupadd", token)
    }

    /// Whether a message to somebody is taken; without, it is refused with 463.
    pub fn may_write(&self, to: AccountId, by: AccountId, token: Option<&[u8]>) -> bool {
        to == by || self.privacy_of(to, "messages") == "all" || self.knows(to, by, token)
    }

    /// Whom it concerns what an account shows: who asked for its devices, and the people of its address book.
    fn audience(&self, account: AccountId) -> Vec<AccountId> {
        let about = self.accounts.get(account);
        let known = about.watchers.iter().chain(&about.social.contacts).copied();
        let keep = self.accounts.iter().filter(|(_, other)| other.social.contacts.contains(&account)).map(|(id, _)| id);
        let all: BTreeSet<AccountId> = known.chain(keep).filter(|other| *other != account).collect();
        all.into_iter().collect()
    }

    /// Tells the companions of accounts something about a person.
    fn tell_about(&mut self, about: AccountId, to: &[AccountId], kind: &'static str, child: &Node<'static>) {
        let (pn, lid) = (self.accounts.get(about).jid(false), self.accounts.get(about).jid(true));
        for account in to {
            for device in self.companions(*account) {
                self.notify_with(device, kind, pn.clone(), Some(lid.clone()), child.clone());
            }
        }
    }

    fn companions(&self, account: AccountId) -> Vec<DeviceRef> {
        self.accounts.get(account).devices.keys().map(|device| DeviceRef { account, device: *device }).collect()
    }

    /// Tells the other companions of an account what one of them changed.
    fn sync_account(&mut self, by: DeviceRef, child: &Node<'static>) {
        let from = self.accounts.get(by.account).jid(false);
        for device in self.companions(by.account).into_iter().filter(|device| *device != by) {
            self.notify(device, "account_sync", from.clone(), child.clone());
        }
    }

    /// `<iq xmlns=privacy><privacy>`
    pub fn answer_privacy(&mut self, at: DeviceRef, iq: &Node<'static>, set: bool) -> Answer {
        let mut changed = Vec::new();
        if set {
            let categories = iq.find("privacy").into_iter().flat_map(|privacy| privacy.all("category"));
            for category in categories {
                match self.set_privacy(at.account, category) {
                    Ok(name) => changed.push(name),
                    Err(refused) => return refused.into(),
                }
            }
            let child = Node::new("privacy").children(changed.iter().map(|name| self.category(at.account, name)));
            self.sync_account(at, &child);
        }
        let shown = PRIVACY.iter().filter(|(name, ..)| !set || changed.iter().any(|changed| changed == name));
        let categories: Vec<_> = shown.map(|(name, ..)| self.category(at.account, name)).collect();
        Answer::one(Node::new("privacy").children(categories))
    }

    fn category(&self, account: AccountId, name: &str) -> Node<'static> {
        let value = self.privacy_of(account, name).to_owned();
        let listed = value.starts_with("contact_");
        let list = self.accounts.get(account).social.lists.get(name).cloned().unwrap_or_default();
        Node::new("category")
            .attr("name", name.to_owned())
            .attr("value", value)
            .attr_opt("dhash", listed.then(|| hash_of(&list, self)))
    }

    fn set_privacy(&mut self, account: AccountId, category: &Node<'_>) -> Result<CompactString, Refused> {
        let (name, value) =
            (category.get_str("name").unwrap_or_default(), category.get_str("value").unwrap_or_default());
        let known = PRIVACY.iter().find(|(known, ..)| *known == name).ok_or(Refused(400))?;
        if !known.2.contains(&&*value) {
            return Err(Refused(400));
        }
        let name = CompactString::from(&*name);
        let users: Vec<_> = category.all("user").collect();
        if !users.is_empty() {
            let list = self.accounts.get(account).social.lists.get(&name).cloned().unwrap_or_default();
            if category.get_str("dhash").unwrap_or_default() != hash_of(&list, self) {
                return Err(Refused(409));
            }
            let mut list = list;
            for user in users {
                let jid = user.get_jid("jid").ok_or(Refused(400))?;
                let who = self.accounts.find(&jid).ok_or(Refused(404))?;
                if user.is("action", "remove") {
                    list.remove(&who);
                } else {
                    list.insert(who);
                }
            }
            self.accounts.get_mut(account).social.lists.insert(name.clone(), list);
        }
        self.accounts.get_mut(account).privacy.insert(name.clone(), value.as_ref().into());
        Ok(name)
    }

    /// `<iq xmlns=privacy><tokens>`
    pub fn answer_tokens(&mut self, at: DeviceRef, iq: &Node<'static>) -> Answer {
        let asked: Vec<_> = iq.find("tokens").into_iter().flat_map(|tokens| tokens.all("token")).collect();
        for token in asked.into_iter().filter(|token| token.is("type", "trusted_contact")) {
            let (Some(jid), Some(time)) = (token.get_jid("jid"), token.get_u64("t")) else {
                return Answer::BAD_REQUEST;
            };
            let Some(to) = self.accounts.find(&jid) else { return Refused(404).into() };
            self.give_token(at.account, to, time);
        }
        Answer::one(Node::new("tokens"))
    }

    /// An account gives somebody a token, which his companions are told; not again when it gives one with every message, as
    /// Baileys does.
    fn give_token(&mut self, from: AccountId, to: AccountId, time: u64) {
        let before = self.accounts.get(from).social.given.get(&to);
        if before.is_some_and(|(_, given)| time >= *given && time - given < TOKEN_PAUSE) {
            return;
        }
        let token = random_bytes::<16>().to_vec();
        self.accounts.get_mut(from).social.given.insert(to, (token.clone(), time));
        let own = self.accounts.get(to).jid(true);
        let token = Node::new("token").attr("jid", own).attr("type", "trusted_contact").attr("t", time).bytes(token);
        let child = Node::new("tokens").child(token);
        let (pn, lid) = (self.accounts.get(from).jid(false), self.accounts.get(from).jid(true));
        for device in self.companions(to) {
            let id = self.fresh_id();
            let node = Node::new("notification")
                .attr("from", pn.clone())
                .attr("sender_lid", lid.clone())
                .attr("type", "privacy_token")
                .attr("id", id.clone())
                .attr("t", self.clock.now().seconds())
                .child(child.clone());
            let entry = crate::queue::Entry {
                kind: crate::queue::Kind::Notification,
                id: id.into(),
                author: None,
                own_copy: false,
                expires: None,
                node: node.into(),
            };
            self.deliver(device, entry);
        }
    }

    /// `<iq xmlns=status>`: the about, and the audience of posts, which nobody has set.
    pub fn answer_status(&mut self, at: DeviceRef, iq: &Node<'static>, set: bool) -> Answer {
        if !set {
            return Refused(404).into();
        }
        let Some(text) = iq.find("status").map(|status| status.content_str().unwrap_or_default().to_owned()) else {
            return Answer::BAD_REQUEST;
        };
        if text.len() > MAX_ABOUT {
            return Refused(406).into();
        }
        self.set_about(at, text);
        Answer::Result(Vec::new())
    }

    fn set_about(&mut self, by: DeviceRef, text: String) {
        let now = self.clock.now().seconds();
        self.accounts.get_mut(by.account).social.about = Some((text.clone(), now));
        let child = Node::new("set").bytes(text.clone().into_bytes());
        let mut to = self.audience(by.account);
        to.retain(|who| self.shows(by.account, *who, "status", None));
        self.tell_about(by.account, &to, "status", &child);
        self.sync_account(by, &Node::new("status").bytes(text.into_bytes()));
    }

    /// `<iq xmlns=disappearing_mode>`
    pub fn answer_timer(&mut self, at: DeviceRef, iq: &Node<'static>) -> Answer {
        let seconds = iq.find("disappearing_mode").and_then(|mode| mode.get_u64("duration"));
        let Some(seconds) = seconds.and_then(|seconds| u32::try_from(seconds).ok()) else { return Answer::BAD_REQUEST };
        self.set_timer(at, seconds);
        Answer::Result(Vec::new())
    }

    fn set_timer(&mut self, by: DeviceRef, seconds: u32) {
        let now = self.clock.now().seconds();
        self.accounts.get_mut(by.account).social.timer = (seconds, now);
        let child = Node::new("disappearing_mode").attr("duration", seconds).attr("t", now);
        self.sync_account(by, &child);
        let to = self.audience(by.account);
        self.tell_about(by.account, &to, "disappearing_mode", &child);
    }

    /// `<iq xmlns=w:profile:picture>`
    pub fn answer_picture(&mut self, at: DeviceRef, iq: &Node<'static>, set: bool) -> Answer {
        let target = iq.get_jid("target");
        let group = target.clone().filter(|target| target.server == Server::Group);
        if !set {
            return match (group, target) {
                (Some(group), _) => self.show_group_picture(at, &group, iq),
                (None, Some(target)) => self.show_picture(at, &target, iq),
                _ => Answer::BAD_REQUEST,
            };
        }
        let file = |kind: &str| {
            let found = iq.all("picture").find(|picture| picture.is("type", kind));
            found.and_then(Node::content_bytes).map(<[u8]>::to_vec)
        };
        let picture = match (iq.find("picture").is_some(), file("image")) {
            (false, _) => None,
            (true, Some(image)) => {
                if !image.starts_with(&[0xff, 0xd8, 0xff]) || image.len() > MAX_PICTURE {
                    return Refused(406).into();
                }
                let preview = file("preview").unwrap_or_else(|| image.clone());
                let Some(picture) = self.make_picture(&image, &preview) else { return Refused(500).into() };
                Some(picture)
            }
            (true, None) => return Answer::BAD_REQUEST,
        };
        let child = picture.as_ref().map(|picture| Node::new("picture").attr("id", picture.id.clone()));
        if let Some(group) = group {
            let Some(found) = self.groups.find(&group) else { return Refused(404).into() };
            if !found.is_member(at.account) || found.settings.locked && !found.is_admin(at.account) {
                return Refused(403).into();
            }
            self.set_group_picture(at, &group, picture);
        } else {
            if target.is_some_and(|target| self.accounts.find(&target) != Some(at.account)) {
                return Refused(403).into();
            }
            self.set_picture(at, picture);
        }
        Answer::Result(child.into_iter().collect())
    }

    fn make_picture(&mut self, image: &[u8], preview: &[u8]) -> Option<Picture> {
        self.pictures += 1;
        let id = format!("{}", self.clock.now().seconds() * 1000 + self.pictures % 1000);
        let image = self.media.put_plain(image, self.clock)?;
        let preview = self.media.put_plain(preview, self.clock)?;
        Some(Picture { id, image, preview })
    }

    fn set_picture(&mut self, by: DeviceRef, picture: Option<Picture>) {
        let own = self.accounts.get(by.account).jid(false);
        let change = picture_change(own.clone(), picture.as_ref()).attr("author", own);
        self.accounts.get_mut(by.account).social.picture = picture;
        let mut to = self.audience(by.account);
        to.retain(|who| self.shows(by.account, *who, "profile", None));
        self.tell_about(by.account, &to, "picture", &change);
        let from = self.accounts.get(by.account).jid(false);
        for device in self.companions(by.account).into_iter().filter(|device| *device != by) {
            self.notify(device, "picture", from.clone(), change.clone());
        }
    }

    fn set_group_picture(&mut self, by: DeviceRef, group: &Jid, picture: Option<Picture>) {
        let Some(found) = self.groups.find(group) else { return };
        let (members, by_lid) = (found.accounts(), found.by_lid);
        let author = self.accounts.get(by.account).jid(by_lid);
        let change = picture_change(group.clone(), picture.as_ref()).attr("author", author);
        match picture {
            Some(picture) => self.group_pictures.insert(group.clone(), picture),
            None => self.group_pictures.remove(group),
        };
        let devices: Vec<_> = members.into_iter().flat_map(|member| self.companions(member)).collect();
        for device in devices.into_iter().filter(|device| *device != by) {
            self.notify(device, "picture", group.clone(), change.clone());
        }
    }

    fn show_picture(&self, at: DeviceRef, target: &Jid, iq: &Node<'static>) -> Answer {
        let Some(owner) = self.accounts.find(target) else { return Refused(404).into() };
        // Where the token stands differs from client to client.
        let wanted = iq.find("picture");
        let token = wanted.and_then(|wanted| wanted.find("tctoken")).or_else(|| iq.find("tctoken"));
        if !self.shows(owner, at.account, "profile", token.and_then(Node::content_bytes)) {
            return Refused(401).into();
        }
        shown(self.accounts.get(owner).social.picture.as_ref(), wanted)
    }

    fn show_group_picture(&self, at: DeviceRef, group: &Jid, iq: &Node<'static>) -> Answer {
        match self.groups.find(group) {
            None => Refused(404).into(),
            Some(found) if !found.is_member(at.account) => Refused(401).into(),
            Some(_) => shown(self.group_pictures.get(group), iq.find("picture")),
        }
    }

    /// The attributes of a group's picture, added to `node`; `None` where it has none.
    pub fn group_picture(&self, group: &Jid, preview: bool, node: Node<'static>) -> Option<Node<'static>> {
        let picture = self.group_pictures.get(group)?;
        let (url, path) = if preview { &picture.preview } else { &picture.image };
        Some(node.attr("id", picture.id.clone()).attr("url", url.clone()).attr("direct_path", path.clone()))
    }

    /// What usync tells of somebody, by protocol.
    pub fn usync_about(
        &self,
        asker: AccountId,
        of: AccountId,
        protocol: &str,
        asked: &Node<'_>,
    ) -> Option<Node<'static>> {
        let social = &self.accounts.get(of).social;
        Some(match protocol {
            "status" => {
                let token = asked.find("status").and_then(|status| status.find("tctoken"));
                if !self.shows(of, asker, "status", token.and_then(Node::content_bytes)) {
                    return Some(Node::new("status").attr("code", "401"));
                }
                match &social.about {
                    None => Node::new("status").attr("t", "0"),
                    Some((text, time)) => Node::new("status").attr("t", *time).bytes(text.clone().into_bytes()),
                }
            }
            "disappearing_mode" => {
                Node::new("disappearing_mode").attr("duration", social.timer.0).attr("t", social.timer.1)
            }
            "picture" => {
                let picture = social.picture.as_ref().filter(|_| self.shows(of, asker, "profile", None))?;
                Node::new("picture").attr("id", picture.id.clone())
            }
            "business" => {
                let name = Node::new("verified_name").attr("verified_level", "high").bytes(social.verified.clone()?);
                Node::new("business").child(name)
            }
            _ => return None,
        })
    }

    /// A person does something on the phone.
    pub fn change_person(&mut self, change: PersonChange) -> Result<Value, EmulatorError> {
        let find = |world: &Self, who: &str| {
            world.accounts.resolve(who).ok_or_else(|| EmulatorError::NotFound(format!("account \"{who}\"")))
        };
        let account = find(self, &change.account)?;
        let phone = DeviceRef { account, device: 0 };
        for (name, value) in &change.privacy {
            let category = Node::new("category").attr("name", name.clone()).attr("value", value.clone());
            let name = self.set_privacy(account, &category);
            let name = name.map_err(|_| EmulatorError::option("privacy", "has no such setting or value"))?;
            let child = Node::new("privacy").child(self.category(account, &name));
            self.sync_account(phone, &child);
        }
        for name in &change.contacts {
            let contact = find(self, name)?;
            self.accounts.get_mut(account).social.contacts.insert(contact);
        }
        if let Some(about) = change.about {
            self.set_about(phone, about);
        }
        if let Some(picture) = &change.picture {
            let wrong = |_| EmulatorError::option("picture", "must be base64");
            let file = BASE64.decode(picture).map_err(wrong)?;
            let picture = if file.is_empty() { None } else { self.make_picture(&file, &file) };
            self.set_picture(phone, picture);
        }
        if let Some(name) = change.business {
            let bytes = certificate(&name);
            let child = Node::new("verified_name").attr("verified_level", "high").bytes(bytes.clone());
            self.accounts.get_mut(account).social.verified = Some(bytes);
            let to = self.audience(account);
            self.tell_about(account, &to, "business", &child);
        }
        if let Some(seconds) = change.disappearing {
            self.set_timer(phone, seconds);
        }
        if let Some(who) = &change.block {
            let who = find(self, who)?;
            self.accounts.get_mut(account).blocked.insert(who);
        }
        if let Some(to) = &change.token {
            let (to, now) = (find(self, to)?, self.clock.now().seconds());
            self.give_token(account, to, now);
        }
        if let Some(available) = change.available {
            self.set_phone_available(account, available);
        }
        if let (Some(state), Some(chat)) = (&change.state, &change.chat) {
            let state = match state.as_str() {
                "typing" => Node::new("composing"),
                "recording" => Node::new("composing").attr("media", "audio"),
                "paused" => Node::new("paused"),
                _ => return Err(EmulatorError::option("state", "must be typing, recording or paused")),
            };
            let to = match chat.parse::<Jid>().ok().filter(|jid| jid.server == Server::Group) {
                Some(group) => group,
                None => self.accounts.get(find(self, chat)?).jid(true),
            };
            self.on_chatstate(phone, &Node::new("chatstate").attr("to", to).child(state));
        }
        let social = &self.accounts.get(account).social;
        Ok(json!({
            "about": social.about.as_ref().map(|(text, _)| text),
            "picture": social.picture.as_ref().map(|picture| &picture.id),
            "disappearing": social.timer.0,
            "tokens": social.given.len(),
        }))
    }
}

fn picture_change(of: Jid, picture: Option<&Picture>) -> Node<'static> {
    match picture {
        Some(picture) => Node::new("set").attr("jid", of).attr("id", picture.id.clone()),
        None => Node::new("delete").attr("jid", of),
    }
}

fn shown(picture: Option<&Picture>, wanted: Option<&Node<'_>>) -> Answer {
    let Some(picture) = picture else { return Refused(404).into() };
    let preview = wanted.is_some_and(|wanted| wanted.is("type", "preview"));
    if wanted.is_some_and(|wanted| wanted.is("id", &picture.id)) {
        return Answer::Result(Vec::new());
    }
    let (url, path) = if preview { &picture.preview } else { &picture.image };
    Answer::one(
        Node::new("picture")
            .attr("id", picture.id.clone())
            .attr("type", if preview { "preview" } else { "image" })
            .attr("url", url.clone())
            .attr("direct_path", path.clone()),
    )
}
