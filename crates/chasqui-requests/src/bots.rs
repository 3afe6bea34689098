//! The bots that the service offers (07 §12.11).

use chasqui_wire::Node;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Result, Session, answer, methods, session::iq};

const MAX_BOTS: usize = 1000;

methods! {
    "list" => list,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bot {
    jid: String,
    persona_id: String,
    /// The sections that it stands in.
    sections: Vec<String>,
    default: bool,
}

async fn list(session: &Session, _: Map<String, Value>) -> Result<Vec<Bot>> {
    let answer = session.query(iq("get", "bot").child(Node::new("bot").attr("v", "2"))).await?;
    let offered = answer.find("bot").ok_or_else(|| answer::lacks("bots"))?;
    let named = |node: &Node<'_>| {
        let text = |name: &str| node.get_str(name).filter(|text| !text.is_empty() && text.len() <= 128);
        Some((text("jid")?.into_owned(), text("persona_id").unwrap_or_default().into_owned()))
    };
    let mut bots: Vec<Bot> = Vec::new();
    if let Some((jid, persona_id)) = offered.find("default").and_then(named) {
        bots.push(Bot { jid, persona_id, sections: Vec::new(), default: true });
    }
    for section in offered.all("section").take(100) {
        let name = section.get_str("name").or_else(|| section.get_str("type")).unwrap_or_default();
        let name: String = name.chars().take(128).collect();
        for (jid, persona_id) in section.all("bot").take(MAX_BOTS).filter_map(named) {
            if let Some(bot) = bots.iter_mut().find(|bot| bot.jid == jid && bot.persona_id == persona_id) {
                bot.sections.push(name.clone());
            } else if bots.len() < MAX_BOTS {
                bots.push(Bot { jid, persona_id, sections: vec![name.clone()], default: false });
            }
        }
    }
    Ok(bots)
}

#[cfg(test)]
mod tests {
    use chasqui_wire::{Jid, Server};
    use serde_json::json;

    use super::*;
    use crate::testing::Service;

    #[tokio::test]
    async fn a_bot_is_told_once_with_its_sections() {
        let bot = |tag: &'static str| {
            Node::new(tag).attr("jid", Jid::new("867051314767696", Server::Bot)).attr("persona_id", "P1")
        };
        let section = |name: &'static str| Node::new("section").attr("type", "all").attr("name", name);
        let service = Service::new(move |_| {
            let sections = [section("All").child(bot("bot")), section("New").child(bot("bot")).child(Node::new("bot"))];
            Node::new("iq")
                .child(Node::new("bot").child(bot("default")).child(sections[0].clone()).child(sections[1].clone()))
        });
        let told = crate::call(&service.session, "bots.list", json!({})).await.expect("told");
        assert_eq!(
            told,
            json!([{ "jid": "867051314767696@bot", "personaId": "P1", "sections": ["All", "New"], "default": true }])
        );
        let nothing = Service::new(|_| Node::new("iq"));
        assert!(crate::call(&nothing.session, "bots.list", json!({})).await.is_err());
    }
}
