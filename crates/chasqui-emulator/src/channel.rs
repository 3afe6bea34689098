//! Channels ("newsletters"): who owns, keeps and follows them, what is in them, and who is told (07 §16.5).
//!
//! | module | keeps |
//! |---|---|
//! | `graph` | what is asked by GraphQL (`xmlns=w:mex`) |
//! | `post` | posts, reactions, views, live updates (`xmlns=newsletter`) |

pub(crate) mod graph;
mod post;

use std::collections::{BTreeMap, BTreeSet};

use chasqui_wire::jid::{Jid, Server};
use compact_str::{CompactString, format_compact};
use serde_json::{Value, json};

use crate::{
    account::{AccountId, DeviceRef},
    group::invite_code,
};

/// Most channels, and posts of one, that are kept.
const MAX_CHANNELS: u64 = 10_000;
const MAX_POSTS: usize = 10_000;
/// Official clients take no smaller number of a post.
const FIRST_POST: u64 = 100;

/// What somebody is in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Subscriber,
    Admin,
    Owner,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Subscriber => "SUBSCRIBER",
            Self::Admin => "ADMIN",
            Self::Owner => "OWNER",
        }
    }
}

/// Somebody who follows.
struct Follower {
    role: Role,
    muted: bool,
    since: u64,
}

/// A post.
struct Post {
    id: CompactString,
    author: AccountId,
    at: u64,
    kind: String,
    mediatype: Option<String>,
    /// Nothing of what was taken back.
    plaintext: Vec<u8>,
    /// Milliseconds.
    edited: Option<u64>,
    reactions: BTreeMap<AccountId, String>,
    views: BTreeSet<AccountId>,
}

/// A channel.
struct Channel {
    id: CompactString,
    name: (String, u64),
    description: (String, u64),
    /// How often the picture was set, and where it is.
    picture: (u64, String),
    reactions: String,
    invite: CompactString,
    created: u64,
    followers: BTreeMap<AccountId, Follower>,
    /// Who may become an admin, and until when.
    invited: BTreeMap<AccountId, u64>,
    posts: BTreeMap<u64, Post>,
    next: u64,
    /// Which devices want live updates, and until when.
    live: BTreeMap<DeviceRef, u64>,
}

impl Channel {
    fn jid(&self) -> Jid {
        Jid::new(self.id.clone(), Server::Newsletter)
    }

    fn role(&self, who: AccountId) -> Option<Role> {
        self.followers.get(&who).map(|follower| follower.role)
    }

    fn keeps(&self, who: AccountId) -> bool {
        self.role(who) >= Some(Role::Admin)
    }

    /// The object that tells of it, as this account sees it.
    fn object(&self, viewer: AccountId) -> Value {
        let named = |id: u64, (text, at): &(String, u64)| json!({ "id": id.to_string(), "text": text, "update_time": (at * 1_000_000).to_string() });
        let (version, path) = &self.picture;
        let subscribers = self.followers.values().filter(|follower| follower.role < Role::Owner).count();
        let follower = self.followers.get(&viewer);
        json!({
            "id": self.jid().to_string(),
            "state": { "type": "ACTIVE" },
            "thread_metadata": {
                "creation_time": self.created.to_string(),
                "invite": self.invite.as_str(),
                "handle": null,
                "name": named(1, &self.name),
                "description": named(2, &self.description),
                "picture": { "id": version.to_string(), "type": "IMAGE", "direct_path": path },
                "preview": { "id": version.to_string(), "type": "PREVIEW", "direct_path": path },
                "settings": { "reaction_codes": { "value": self.reactions } },
                "subscribers_count": subscribers.to_string(),
                "verification": "UNVERIFIED",
            },
            "viewer_metadata": {
                "mute": if follower.is_some_and(|follower| follower.muted) { "ON" } else { "OFF" },
                "role": follower.map_or("GUEST", |follower| follower.role.name()),
            },
        })
    }
}

/// All channels.
#[derive(Default)]
pub(crate) struct Channels {
    list: BTreeMap<CompactString, Channel>,
    made: u64,
}

impl Channels {
    fn make(&mut self, name: String, description: String, owner: AccountId, now: u64) -> Option<&mut Channel> {
        if self.made >= MAX_CHANNELS {
            return None;
        }
        self.made += 1;
        let id = format_compact!("120363{:011}9", self.made);
        let owner = (owner, Follower { role: Role::Owner, muted: false, since: now });
        let channel = Channel {
            id: id.clone(),
            name: (name, now),
            description: (description, now),
            picture: (0, String::new()),
            reactions: "ALL".to_owned(),
            invite: invite_code(),
            created: now,
            followers: BTreeMap::from([owner]),
            invited: BTreeMap::new(),
            posts: BTreeMap::new(),
            next: FIRST_POST,
            live: BTreeMap::new(),
        };
        Some(self.list.entry(id).or_insert(channel))
    }

    fn find(&mut self, jid: &Jid) -> Option<&mut Channel> {
        self.list.get_mut(&jid.user).filter(|_| jid.server == Server::Newsletter)
    }

    /// Forgets all; ids are not given out again.
    pub fn clear(&mut self) {
        self.list.clear();
    }
}
