//! Who sees the account's status posts, as the phone has set it (07 §7.5).

use std::collections::HashSet;

use chasqui_wire::{Jid, Node};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Result, Session, answer, methods, people, person as contact, session::iq};

/// Most people of one list.
const MAX_PEOPLE: usize = 10_000;

methods! {
    "privacy" => privacy,
    "audience" => audience,
}

#[derive(Debug, PartialEq, Serialize)]
struct Person {
    jid: String,
}

#[derive(Debug, PartialEq, Serialize)]
struct Privacy {
    /// `contacts`, `allow` or `deny`.
    audience: &'static str,
    allow: Vec<Person>,
    deny: Vec<Person>,
}

async fn privacy(session: &Session, _: Map<String, Value>) -> Result<Privacy> {
    let answer = session.ask(iq("get", "status").child(Node::new("privacy"))).await?;
    match answer::error_code(&answer) {
        // Nothing was ever set.
        Some(404) => Ok(Privacy { audience: "contacts", allow: Vec::new(), deny: Vec::new() }),
        Some(_) => answer::accepted(answer).map(|answer| read(&answer)),
        None => Ok(read(&answer)),
    }
}

/// Whom a post goes to that names nobody.
#[derive(Debug, PartialEq, Serialize)]
struct Audience {
    /// As in [`Privacy`].
    audience: &'static str,
    people: Vec<Person>,
}

/// The people whom the settings of the account name, itself left out.
async fn audience(session: &Session, _: Map<String, Value>) -> Result<Audience> {
    let Privacy { audience, allow, deny } = privacy(session, Map::new()).await?;
    let allowed = match audience {
        "allow" => allow.iter().filter_map(|person| person.jid.parse().ok()).collect(),
        _ => without(session, session.contacts().await?, &deny).await?,
    };
    let people = allowed.into_iter().filter(|jid: &Jid| !session.is_me(jid));
    Ok(Audience { audience, people: people.map(|jid| Person { jid: jid.to_string() }).collect() })
}

/// The contacts but those who are not to see it. The book has phone numbers where the list has LIDs: where it is
/// not known whose one is, they are asked for, so that nobody is shown what is not for him.
async fn without(session: &Session, contacts: Vec<contact::Person>, deny: &[Person]) -> Result<Vec<Jid>> {
    if deny.is_empty() {
        return Ok(contacts.into_iter().map(|contact| contact.jid).collect());
    }
    session.learn(contacts.iter().filter_map(contact::Person::pair).collect());
    let denied: Vec<Jid> = deny.iter().filter_map(|person| person.jid.parse().ok()).collect();
    let jids: Vec<Jid> = contacts.into_iter().map(|contact| contact.jid).collect();
    let mut others = session.counterparts(denied.clone()).await?;
    if others.contains(&None) {
        people::find_lids(session, jids.iter().chain(&denied).cloned().collect()).await?;
        others = session.counterparts(denied.clone()).await?;
    }
    let denied: HashSet<Jid> =
        denied.into_iter().chain(others.into_iter().flatten()).map(|jid| jid.to_bare()).collect();
    let others = session.counterparts(jids.clone()).await?;
    let is_denied = |jid: &Jid| denied.contains(&jid.to_bare());
    let people = jids.into_iter().zip(others);
    let people = people.filter(|(jid, other)| !is_denied(jid) && !other.as_ref().is_some_and(is_denied));
    Ok(people.map(|(jid, _)| jid).collect())
}

fn read(answer: &Node<'_>) -> Privacy {
    let mut privacy = Privacy { audience: "contacts", allow: Vec::new(), deny: Vec::new() };
    for list in answer.find("privacy").into_iter().flat_map(|privacy| privacy.all("list")).take(16) {
        let people = list.all("user").take(MAX_PEOPLE).filter_map(|user| user.get_jid("jid"));
        let people = people.filter(chasqui_wire::Jid::is_user).map(|jid| Person { jid: jid.to_bare().to_string() });
        let audience = match list.get_str("type").unwrap_or_default().as_ref() {
            "whitelist" => {
                privacy.allow = people.collect();
                "allow"
            }
            "blacklist" => {
                privacy.deny = people.collect();
                "deny"
            }
            _ => "contacts",
        };
        if list.is("default", "true") {
            privacy.audience = audience;
        }
    }
    privacy
}

#[cfg(test)]
mod tests {
    use chasqui_wire::Jid;
    use serde_json::json;

    use super::*;
    use crate::testing::{Service, empty, error};

    async fn told(answer: Node<'static>) -> Result {
        let service = Service::new(move |_| answer.clone());
        crate::call(&service.session, "status.privacy", json!({})).await
    }

    #[tokio::test]
    async fn a_post_is_for_whom_the_settings_name_whichever_address_they_name_them_by() {
        let (pn, lid) = (|user: &str| Jid::pn(user), |user: &str| Jid::lid(user));
        let contact = |user: &str, twin: Option<Jid>| contact::Person::of(&pn(user), twin).expect("a person");
        let book = vec![
            contact("15550002222", None),
            contact("15550003333", Some(lid("3"))),
            contact("15550004444", None),
            contact("15550001111", None),
        ];
        let list = |kind: &'static str, people: &[Jid]| {
            let users: Vec<_> = people.iter().map(|jid| Node::new("user").attr("jid", jid.clone())).collect();
            let list = Node::new("list").attr("type", kind).attr("default", "true").children(users);
            empty().child(Node::new("privacy").child(list))
        };
        let service = |told: Node<'static>, can_look_up: bool| {
            Service::with_contacts(book.clone(), move |asked| {
                let user = Node::new("user").attr("jid", Jid::pn("15550004444"));
                let found = user.child(Node::new("lid").attr("val", Jid::lid("4")));
                match (asked.is("xmlns", "usync"), can_look_up) {
                    (false, _) => told.clone(),
                    (true, true) => empty().child(Node::new("usync").child(Node::new("list").child(found))),
                    (true, false) => error(500),
                }
            })
        };
        let audience = |told: Node<'static>| {
            let service = service(told, true);
            async move { service.call("status.audience", json!({})).await.expect("told") }
        };
        let people = |users: &[&str]| -> Vec<Value> {
            users.iter().map(|user| json!({ "jid": format!("{user}@s.whatsapp.net") })).collect()
        };
        let contacts =
            json!({ "audience": "contacts", "people": people(&["15550002222", "15550003333", "15550004444"]) });
        assert_eq!(audience(error(404)).await, contacts);
        assert_eq!(audience(list("contacts", &[])).await, contacts);
        let denied = list("blacklist", &[lid("3"), lid("4"), lid("9")]);
        assert_eq!(audience(denied.clone()).await, json!({ "audience": "deny", "people": people(&["15550002222"]) }));
        let by_number = list("blacklist", &[pn("15550003333")]);
        let left = json!({ "audience": "deny", "people": people(&["15550002222", "15550004444"]) });
        assert_eq!(audience(by_number).await, left.clone());
        let allowed = list("whitelist", &[lid("7"), lid("100000000000001")]);
        assert_eq!(audience(allowed).await, json!({ "audience": "allow", "people": [{ "jid": "7@lid" }] }));
        // Of whom both addresses are known nothing is asked.
        let known = service(list("blacklist", &[lid("3")]), false);
        assert_eq!(known.call("status.audience", json!({})).await, Ok(left));
        assert_eq!(known.asked().len(), 1);
        // Who is meant cannot be found out: then nobody sees it.
        assert!(service(denied, false).call("status.audience", json!({})).await.is_err());
    }

    #[tokio::test]
    async fn the_list_that_counts_is_named_and_the_others_are_kept() {
        let user = |user: &'static str| Node::new("user").attr("jid", Jid::lid(user));
        let allow = Node::new("list").attr("type", "whitelist").child(user("1")).child(Node::new("user"));
        let deny = Node::new("list").attr("type", "blacklist").attr("default", "true").child(user("2"));
        let privacy = Node::new("privacy").children([Node::new("list").attr("type", "contacts"), allow, deny]);
        let answer = Node::new("iq").attr("type", "result").child(privacy);
        let expected = json!({ "audience": "deny", "allow": [{ "jid": "1@lid" }], "deny": [{ "jid": "2@lid" }] });
        assert_eq!(told(answer).await.expect("told"), expected);
        let nothing = json!({ "audience": "contacts", "allow": [], "deny": [] });
        assert_eq!(told(Node::new("iq").attr("type", "result")).await.expect("told"), nothing);
        let unset = Node::new("iq").attr("type", "error").child(Node::new("error").attr("code", "404"));
        assert_eq!(told(unset).await.expect("told"), nothing);
        let refused = Node::new("iq").attr("type", "error").child(Node::new("error").attr("code", "500"));
        assert!(told(refused).await.is_err());
    }
}
