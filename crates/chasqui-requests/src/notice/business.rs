//! `business` notifications: what a business tells about itself has changed (07 §13.6).

use chasqui_wire::{Jid, Node};
use serde_json::{Value, json};

use super::{Context, Notice, Read};
use crate::business;

pub(super) fn read(node: &Node<'_>, context: &Context) -> Read {
    let Some(child) = node.nodes().first() else { return Read::Malformed("it says nothing") };
    let person = child.get_jid("jid").or_else(|| node.get_jid("from")).filter(Jid::is_user);
    // With no more than a hash it is not known whom it is about.
    let Some(person) = person else { return Read::Unknown };
    let ids = |list: &Node<'_>, tag: &str| -> Vec<String> {
        let ids = list.all(tag).take(1000).filter_map(|one| one.find("id")?.content_str().map(str::to_owned));
        ids.map(|id| id.chars().take(128).collect()).collect()
    };
    let more = match child.tag.as_str() {
        "remove" => json!({ "change": "removed" }),
        "verified_name" => match business::read_verified(child) {
            Some(verified) => json!({ "change": "verified-name", "name": verified.name, "level": verified.level }),
            None => return Read::Malformed("its certificate cannot be read"),
        },
        "profile" => json!({ "change": "profile" }),
        "product_catalog" => {
            json!({ "change": "catalog", "products": ids(child, "product"), "collections": ids(child, "collection") })
        }
        _ => return Read::Unknown,
    };
    let mut value = json!({ "person": { "jid": person.to_bare().to_string() }, "timestamp": context.time_of(node) });
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more.into_iter().filter(|(_, field)| !field.is_null()));
    }
    Read::Told(vec![Notice { event: "business", value }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_tells_what_has_changed() {
        let of = |child: Node<'static>| {
            let node = Node::new("notification").attr("from", Jid::pn("15550002222")).attr("t", "5").child(child);
            read(&node, &Context { me: None, now: 7 })
        };
        let value = |read: Read| match read {
            Read::Told(notices) => notices[0].value.clone(),
            other => panic!("{other:?}"),
        };
        let person = json!({ "jid": "15550002222@s.whatsapp.net" });
        let profile = json!({ "person": person, "timestamp": 5000, "change": "profile" });
        assert_eq!(value(of(Node::new("profile"))), profile);
        let product = Node::new("product").child(Node::new("id").bytes(b"p1".to_vec()));
        let catalog = value(of(Node::new("product_catalog").child(product)));
        assert_eq!(catalog["products"], json!(["p1"]));
        assert_eq!(of(Node::new("subscriptions")), Read::Unknown);
        assert!(matches!(of(Node::new("verified_name")), Read::Malformed(_)));
        assert!(matches!(read(&Node::new("notification"), &Context { me: None, now: 7 }), Read::Malformed(_)));
    }
}
