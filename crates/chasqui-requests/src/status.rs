//! Who sees the account's status posts, as the phone has set it (07 §7.5).

use chasqui_wire::Node;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Result, Session, answer, methods, session::iq};

/// Most people of one list.
const MAX_PEOPLE: usize = 10_000;

methods! {
    "privacy" => privacy,
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
    use crate::testing::Service;

    async fn told(answer: Node<'static>) -> Result {
        let service = Service::new(move |_| answer.clone());
        crate::call(&service.session, "status.privacy", json!({})).await
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
