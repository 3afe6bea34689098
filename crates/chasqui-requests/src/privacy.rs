//! `client.privacy`: who may see and do what, and who is blocked.
//!
//! Source: 07-requests-and-notifications §7.1, §7.2 and §7.5.

use std::collections::BTreeMap;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};

use crate::{
    Result, Session, answer,
    args::{self, invalid},
    methods,
    session::iq,
};

/// Settings that are read of an answer.
const MAX_SETTINGS: usize = 64;
/// People of a list.
const MAX_PEOPLE: usize = 10_000;

/// The settings: what programs call them, what the service calls them, and what they can be.
const SETTINGS: [(&str, &str, &[&str]); 10] = [
    ("lastSeen", "last", &["all", "contacts", "contacts-except", "none"]),
    ("online", "online", &["all", "match-last-seen"]),
    ("picture", "profile", &["all", "contacts", "contacts-except", "none"]),
    ("about", "status", &["all", "contacts", "contacts-except", "none"]),
    ("readReceipts", "readreceipts", &["all", "none"]),
    ("groupAdd", "groupadd", &["all", "contacts", "contacts-except", "none"]),
    ("calls", "calladd", &["all", "known"]),
    ("messages", "messages", &["all", "contacts"]),
    ("defense", "defense", &["off", "on"]),
    ("stickers", "stickers", &["contacts", "only", "none"]),
];

/// Values whose words differ.
const WORDS: [(&str, &str); 4] = [
    ("contacts-except", "contact_blacklist"),
    ("only", "contact_allowlist"),
    ("match-last-seen", "match_last_seen"),
    ("on", "on_standard"),
];

methods! {
    "get" => get,
    "set" => set,
    "blocked" => blocked,
    "block" => block,
    "unblock" => unblock,
}

fn shown(value: &str) -> String {
    let word = WORDS.iter().find(|(_, theirs)| *theirs == value).map(|(ours, _)| *ours);
    word.unwrap_or(value).chars().take(64).collect()
}

fn theirs(value: &str) -> &str {
    WORDS.iter().find(|(ours, _)| *ours == value).map_or(value, |(_, theirs)| theirs)
}

/// The settings that an element lists, as programs see them. What has no name here keeps that of the service.
pub(crate) fn settings(list: &Node<'_>) -> BTreeMap<String, String> {
    let one = |category: &Node<'_>| {
        let (name, value) = (category.get_str("name")?, category.get_str("value")?);
        let ours = SETTINGS.iter().find(|(_, theirs, _)| *theirs == name).map(|(ours, ..)| (*ours).to_owned());
        Some((ours.unwrap_or_else(|| name.chars().take(64).collect()), shown(&value)))
    };
    list.all("category").take(MAX_SETTINGS).filter_map(one).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn ask(session: &Session) -> Result<Node<'static>> {
    session.query(iq("get", "privacy").child(Node::new("privacy"))).await
}

async fn get(session: &Session, Nothing {}: Nothing) -> Result<BTreeMap<String, String>> {
    let answer = ask(session).await?;
    let found = answer.find("privacy").map(settings).ok_or_else(|| answer::lacks("<privacy>"))?;
    session.keep_privacy(answer).await?;
    Ok(found)
}

/// What a setting is to be.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wanted {
    Value(String),
    /// For everybody in the address book but some, or for some alone.
    List(List),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    value: String,
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    settings: BTreeMap<String, Wanted>,
}

async fn set(session: &Session, Set { settings: wanted }: Set) -> Result<BTreeMap<String, String>> {
    let mut categories = Vec::with_capacity(wanted.len());
    let mut hashes = None;
    for (name, wanted) in wanted {
        let Some((_, theirs_name, values)) = SETTINGS.iter().find(|(ours, ..)| *ours == name) else {
            return Err(invalid("settings", &format!("has \"{name}\", which is no setting")));
        };
        let (value, list) = match wanted {
            Wanted::Value(value) => (value, None),
            Wanted::List(list) => (list.value.clone(), Some(list)),
        };
        let is_list = matches!(&*value, "contacts-except" | "only");
        if !values.contains(&&*value) || list.is_some() && !is_list {
            let why = format!("has \"{name}\" as \"{value}\", and it is one of {}", values.join(", "));
            return Err(invalid("settings", &why).with("setting", name));
        }
        let category = Node::new("category").attr("name", *theirs_name).attr("value", theirs(&value).to_owned());
        let category = match list {
            None => category,
            Some(list) => {
                if hashes.is_none() {
                    hashes = Some(ask(session).await?);
                }
                let hash = hashes.as_ref().and_then(|answer| hash_of(answer, theirs_name, theirs(&value)));
                let hash = hash.unwrap_or_else(|| "none".into());
                category.attr("dhash", hash).children(users(session, list).await?)
            }
        };
        categories.push((name, category));
    }
    let mut now = BTreeMap::new();
    for (name, category) in categories {
        let asked = iq("set", "privacy").child(Node::new("privacy").child(category));
        let answer = session.query(asked).await.map_err(|error| match answer::code_of(&error) {
            Some(409) => PublicError::new(
                ErrorCode::RequestFailed,
                "The list was changed meanwhile on another device (error 409): try again.",
            )
            .with("error", 409)
            .with("setting", name.as_str()),
            _ => error.with("setting", name.as_str()),
        })?;
        now.extend(answer.find("privacy").map(settings).unwrap_or_default());
        session.keep_privacy(answer).await?;
    }
    Ok(now)
}

/// The service's hash of the list of a setting.
fn hash_of(answer: &Node<'_>, name: &str, value: &str) -> Option<String> {
    let privacy = answer.find("privacy")?;
    let category = privacy.all("category").find(|category| category.is("name", name) && category.is("value", value))?;
    category.get_str("dhash").filter(|hash| !hash.is_empty() && hash.len() <= 128).map(String::from)
}

/// `<user action>` of everybody who comes to a list or goes.
async fn users(session: &Session, List { add, remove, .. }: List) -> Result<Vec<Node<'static>>> {
    if add.len() + remove.len() > MAX_PEOPLE {
        return Err(invalid("settings", &format!("names more than {MAX_PEOPLE} people")).with("limit", MAX_PEOPLE));
    }
    let named = add.iter().map(|person| ("add", person)).chain(remove.iter().map(|person| ("remove", person)));
    let named: Vec<_> = named.map(|(action, person)| Ok((action, args::person(person)?))).collect::<Result<_>>()?;
    let others = session.counterparts(named.iter().map(|(_, jid)| jid.clone()).collect()).await?;
    let users = named.into_iter().zip(others).map(|((action, jid), other)| {
        let (jid, pn) = by_lid(jid, other);
        Node::new("user").attr("action", action).attr("jid", jid).attr_opt("pn_jid", pn)
    });
    Ok(users.collect())
}

/// The address to name somebody by, and the phone number beside a LID.
fn by_lid(jid: Jid, other: Option<Jid>) -> (Jid, Option<Jid>) {
    match other {
        Some(lid) if lid.is_lid() => (lid, Some(jid)),
        pn => (jid, pn),
    }
}

#[derive(Serialize)]
struct Person {
    jid: String,
}

/// The people of a list. Older servers list them without a list around them.
fn people_of(answer: &Node<'_>) -> Vec<Person> {
    let list = answer.find("list").unwrap_or(answer);
    let people = list.all("item").take(MAX_PEOPLE).filter_map(|item| item.get_jid("jid")).filter(Jid::is_user);
    people.map(|jid| Person { jid: jid.to_bare().to_string() }).collect()
}

async fn blocked(session: &Session, Nothing {}: Nothing) -> Result<Vec<Person>> {
    let answer = session.query(iq("get", "blocklist")).await?;
    let people = people_of(&answer);
    session.keep_blocklist(answer).await?;
    Ok(people)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    person: String,
}

async fn block(session: &Session, Block { person }: Block) -> Result<()> {
    change(session, &person, "block").await
}

async fn unblock(session: &Session, Block { person }: Block) -> Result<()> {
    change(session, &person, "unblock").await
}

async fn change(session: &Session, person: &str, action: &'static str) -> Result<()> {
    let jid = args::person(person)?;
    if session.is_me(&jid) {
        return Err(PublicError::new(ErrorCode::InvalidRecipient, "An account cannot block itself."));
    }
    let mut other = session.counterparts(vec![jid.clone()]).await?.pop().flatten();
    if other.is_none() && jid.is_pn() {
        other = crate::people::lid_of(session, &jid).await?;
        if other.is_none() {
            let nobody = PublicError::new(ErrorCode::NotOnWhatsApp, "This person has no account.");
            return Err(nobody.with("jid", jid.to_string()));
        }
    }
    let (jid, pn) = by_lid(jid, other);
    let item = Node::new("item").attr("action", action).attr("jid", jid);
    let item = item.attr_opt("pn_jid", pn.filter(|_| action == "block"));
    let answer = session.query(iq("set", "blocklist").child(item)).await?;
    // An answer without the list says nothing about it.
    let answer = if answer.find("list").is_some() { answer } else { session.query(iq("get", "blocklist")).await? };
    session.keep_blocklist(answer).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Service, empty};

    fn category(name: &'static str, value: &'static str) -> Node<'static> {
        Node::new("category").attr("name", name).attr("value", value)
    }

    #[tokio::test]
    async fn settings_have_the_names_of_programs_and_unknown_ones_their_own() {
        let service = Service::new(|_| {
            empty().child(Node::new("privacy").children([
                category("last", "contact_blacklist").attr("dhash", "h"),
                category("calladd", "known"),
                category("holograms", "some"),
                Node::new("category"),
            ]))
        });
        let found = service.call("privacy.get", json!({})).await.expect("settings");
        assert_eq!(found, json!({ "lastSeen": "contacts-except", "calls": "known", "holograms": "some" }));
        let service = Service::new(|_| empty());
        assert_eq!(service.call("privacy.get", json!({})).await.expect_err("none").code, ErrorCode::ProtocolError);
    }

    #[tokio::test]
    async fn each_setting_is_a_request_and_a_list_shows_the_hash_that_it_changes() {
        let service = Service::new(|_| {
            empty().child(Node::new("privacy").child(category("last", "contact_blacklist").attr("dhash", "h1")))
        });
        let list = json!({ "value": "contacts-except", "add": ["15550002222"], "remove": ["100000000000003@lid"] });
        let settings = json!({ "readReceipts": "none", "lastSeen": list });
        service.call("privacy.set", json!({ "settings": settings })).await.expect("set");
        let asked = service.asked();
        assert_eq!(asked.len(), 3);
        let set = |at: usize| asked[at].find("privacy").and_then(|node| node.find("category")).expect("a category");
        assert!(set(1).is("name", "last") && set(1).is("value", "contact_blacklist") && set(1).is("dhash", "h1"));
        let users: Vec<_> = set(1).all("user").map(|user| (user.get_str("action"), user.get_jid("jid"))).collect();
        assert_eq!(
            users,
            [
                (Some("add".into()), Some(Jid::pn("15550002222"))),
                (Some("remove".into()), Some(Jid::lid("100000000000003"))),
            ]
        );
        assert!(set(2).is("name", "readreceipts") && set(2).is("value", "none"));
        for wrong in [
            json!({ "readReceipts": "contacts" }),
            json!({ "x": "all" }),
            json!({ "lastSeen": { "value": "all", "add": [] } }),
            json!({ "lastSeen": { "value": "contacts-except", "add": ["x"] } }),
        ] {
            assert!(service.call("privacy.set", json!({ "settings": wrong })).await.is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn who_is_blocked_is_listed_with_and_without_a_frame() {
        let items = || {
            let item = Node::new("item").attr("jid", Jid::lid("100000000000002"));
            [item, Node::new("item"), Node::new("item").attr("jid", Jid::SERVER)]
        };
        for answer in [empty().children(items()), empty().child(Node::new("list").children(items()))] {
            let people = people_of(&answer);
            assert_eq!(people.iter().map(|person| &*person.jid).collect::<Vec<_>>(), ["100000000000002@lid"]);
        }
        let service = Service::new(|_| empty());
        for person in ["15550001111", "x"] {
            let refused = service.call("privacy.block", json!({ "person": person })).await.expect_err("no");
            assert_eq!(refused.code, ErrorCode::InvalidRecipient);
        }
    }
}
