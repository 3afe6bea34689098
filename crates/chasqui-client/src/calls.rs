//! Calls of others: each stage is acknowledged and told. Later stages say less than the offer did, so what it said is kept
//! while the call goes on.
//!
//! Source: 07 §9.2.

use chasqui_wire::Node;
use serde_json::{Map, Value};

use crate::{
    actor::{Actor, Fault},
    cache::Cache,
};

/// Calls that go on.
const CAP: usize = 256;
/// What an offer says of the whole call.
const LASTING: [&str; 4] = ["video", "group", "chat", "caller"];

/// What the offers of calls said, by the calls' ids.
pub(crate) struct Calls(Cache<String, Map<String, Value>>);

impl Default for Calls {
    fn default() -> Self {
        Self(Cache::new(CAP))
    }
}

impl Actor {
    /// A stage of a call.
    pub(crate) async fn on_call(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        let action = node.nodes().first();
        if let (Some(id), Some(from)) = (node.get_str("id"), node.get_jid("from")) {
            let ack = Node::new("ack")
                .attr("class", "call")
                .attr("id", id.clone().into_owned())
                .attr("to", &from)
                .attr_opt("participant", node.get_jid("participant"))
                .attr_opt("type", action.map(|action| action.tag.as_str().to_owned()));
            self.send(ack.into_owned());
            if let Some(offer) = action.filter(|action| action.tag == "offer") {
                let named = Node::new("offer")
                    .attr_opt("call-id", offer.get_str("call-id").map(|id| id.into_owned()))
                    .attr_opt("call-creator", offer.get_jid("call-creator"));
                let receipt = Node::new("receipt")
                    .attr("to", &from)
                    .attr("id", id.into_owned())
                    .attr_opt("from", self.own_device(&from))
                    .child(named);
                self.send(receipt.into_owned());
            }
        }
        self.tell_of(node).await
    }

    /// Adds to a stage what the offer of its call said.
    pub(crate) fn complete_call(&mut self, value: &mut Value) {
        let Some(fields) = value.as_object_mut() else { return };
        let field = |fields: &Map<String, Value>, name: &str| {
            fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (id, stage) = (field(fields, "id"), field(fields, "stage"));
        if let Some(offer) = self.calls.0.get(&id) {
            for (name, said) in offer {
                fields.entry(name.clone()).or_insert_with(|| said.clone());
            }
        }
        let person = fields.get("person").and_then(|person| person.get("jid")).cloned();
        if let Some(person) = person {
            fields.entry("chat").or_insert(person);
        }
        match &*stage {
            "offer" | "notice" => {
                let said = LASTING.iter().filter_map(|name| Some(((*name).to_owned(), fields.get(*name)?.clone())));
                self.calls.0.put(id, said.collect());
                self.calls.0.trim();
            }
            // Of an accepted call the end is still to come.
            "reject" | "timeout" | "terminate" => drop(self.calls.0.remove(&id)),
            _ => {}
        }
    }
}
