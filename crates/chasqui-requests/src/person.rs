//! People as methods and notices show them.

use chasqui_wire::{Jid, Node};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// Both addresses of somebody, as far as they are known: an object with `jid`, `pn` and `lid`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// One of them, bare.
    pub jid: Jid,
    /// The other one, bare.
    pub twin: Option<Jid>,
}

impl Person {
    /// Somebody with this address; `None` when it is no person's.
    pub fn of(jid: &Jid, twin: Option<Jid>) -> Option<Self> {
        let twin = twin.filter(|twin| twin.is_user() && twin.is_lid() != jid.is_lid()).map(|twin| twin.to_bare());
        jid.is_user().then(|| Self { jid: jid.to_bare(), twin })
    }

    /// Whom an attribute of a node names, with the other address in another one.
    pub fn named(node: &Node<'_>, attr: &str, twins: &[&str]) -> Option<Self> {
        Self::of(&node.get_jid(attr)?, twins.iter().find_map(|twin| node.get_jid(twin)))
    }

    /// A `<participant>` or its like: `jid`, with `phone_number` or `lid`.
    pub fn participant(node: &Node<'_>) -> Option<Self> {
        Self::named(node, "jid", &["phone_number", "lid"])
    }

    /// The address of this kind.
    pub fn address(&self, by_lid: bool) -> Option<&Jid> {
        [Some(&self.jid), self.twin.as_ref()].into_iter().flatten().find(|jid| jid.is_lid() == by_lid)
    }

    /// Whether it is whoever has this address.
    pub fn is(&self, jid: &Jid) -> bool {
        self.jid.same_user(jid) || self.twin.as_ref().is_some_and(|twin| twin.same_user(jid))
    }

    /// The pair of addresses, where both are known.
    pub fn pair(&self) -> Option<(Jid, Jid)> {
        self.twin.clone().map(|twin| (self.jid.clone(), twin))
    }
}

impl Serialize for Person {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (pn, lid) = (self.address(false).map(Jid::to_string), self.address(true).map(Jid::to_string));
        let mut map = serializer.serialize_map(None)?;
        if let Some(shown) = pn.as_ref().or(lid.as_ref()) {
            map.serialize_entry("jid", shown)?;
        }
        for (form, address) in [("pn", &pn), ("lid", &lid)] {
            if let Some(address) = address {
                map.serialize_entry(form, address)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_person_is_shown_by_number_where_it_is_known() {
        let (pn, lid) = (Jid::pn("15550001111"), Jid::lid("100000000000001"));
        let both = json!({ "jid": pn.to_string(), "pn": pn.to_string(), "lid": lid.to_string() });
        for (a, b) in [(&pn, &lid), (&lid, &pn)] {
            let person = Person::of(&a.with_device(7), Some(b.clone())).expect("a person");
            assert_eq!(json!(person), both);
            assert_eq!((person.address(true), person.address(false)), (Some(&lid), Some(&pn)));
            assert!(person.is(&pn.with_device(3)) && person.is(&lid) && !person.is(&Jid::pn("15550002222")));
        }
        let alone = Person::of(&lid, Some(Jid::lid("100000000000002"))).expect("a person");
        assert_eq!(json!(alone), json!({ "jid": lid.to_string(), "lid": lid.to_string() }));
        assert_eq!(Person::of(&Jid::SERVER, None).map(|person| person.jid), None);
    }
}
