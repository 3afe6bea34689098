//! Who is in the account's address book, as the collection of its settings has it.

use chasqui_appstate::{Change, Collection, Mutation, Operation};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_requests::{Result, person::Person, session::Outcome};
use chasqui_store::{Namespace, SessionStore};
use chasqui_wire::Jid;
use tokio::time::Instant;

use super::apply;
use crate::{
    actor::{Actor, Fault},
    error,
};

/// Where contacts are.
const COLLECTION: Collection = Collection::CriticalUnblockLow;
/// Most people that are told.
const MAX_CONTACTS: usize = 50_000;
/// Records that are read at once.
const PAGE: usize = 1024;

impl Actor {
    /// Tells who is in the address book: `None` while it is on its way, unless what is known is wanted in any case.
    pub(crate) async fn on_contacts(
        &mut self,
        anyway: bool,
        outcome: Outcome<Option<Vec<Person>>>,
    ) -> std::result::Result<(), Fault> {
        self.load_app_state().await?;
        let slot = self.app_state.slot(COLLECTION);
        let settled = slot.can_be_changed(Instant::now()) || slot.broken.is_some();
        if !settled && !anyway {
            let _ = outcome.send(Ok(None));
            return Ok(());
        }
        if !slot.known {
            let unknown = || {
                let message = "The account's address book has not come from the phone yet.";
                PublicError::new(ErrorCode::AppStateKeyMissing, message).with("collection", COLLECTION.name())
            };
            let _ = outcome.send(Err(slot.broken.clone().unwrap_or_else(unknown)));
            return Ok(());
        }
        self.flush();
        let store = self.store()?;
        // Reading a large one takes a while: not in the session's task.
        tokio::spawn(async move {
            let _ = outcome.send(read(&*store).await.map(Some));
        });
        Ok(())
    }
}

async fn read(store: &dyn SessionStore) -> Result<Vec<Person>> {
    let mut found = Vec::new();
    let mut after = apply::first_key(COLLECTION);
    loop {
        let page = store.scan(Namespace::AppStateMac, Some(&after), PAGE).await.map_err(error::store)?;
        for (key, record) in &page {
            let Some(index_mac) = apply::index_of(COLLECTION, key) else { return Ok(found) };
            let Some(data) = apply::data_of(record) else { continue };
            found.extend(contact(&Change::of(&Mutation { operation: Operation::Set, index_mac, data })));
            if found.len() >= MAX_CONTACTS {
                return Ok(found);
            }
        }
        match page.last() {
            Some((last, _)) if page.len() == PAGE => after.clone_from(last),
            _ => return Ok(found),
        }
    }
}

/// Whom a record puts into the address book. One without a name is there for something else.
fn contact(change: &Change) -> Option<Person> {
    let Change::Contact { jid, lid, name, first_name, removed: false, .. } = change else { return None };
    let is_named = [name, first_name].into_iter().flatten().any(|name| !name.is_empty());
    let twin = lid.as_ref().and_then(|lid| lid.parse::<Jid>().ok());
    Person::of(&jid.parse().ok()?, twin).filter(|_| is_named)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_has_a_name_is_a_contact() {
        let of = |change: serde_json::Value| contact(&serde_json::from_value(change).expect("a change"));
        let (pn, lid) = ("15550001111@s.whatsapp.net", "100000000000001@lid");
        let both = of(json!({ "type": "contact", "jid": pn, "lid": lid, "name": "Ana A." })).expect("a contact");
        assert_eq!(
            (both.address(false), both.address(true)),
            (Some(&Jid::pn("15550001111")), Some(&Jid::lid("100000000000001")))
        );
        let alone = of(json!({ "type": "contact", "jid": lid, "firstName": "Ana" })).expect("a contact");
        assert_eq!((alone.address(false), &alone.twin), (None, &None));
        for nobody in [
            json!({ "type": "contact", "jid": pn }),
            json!({ "type": "contact", "jid": pn, "name": "" }),
            json!({ "type": "contact", "jid": pn, "name": "Ana", "removed": true }),
            json!({ "type": "contact", "jid": "120363000000000001@g.us", "name": "Ana" }),
            json!({ "type": "contact", "jid": "?", "name": "Ana" }),
            json!({ "type": "pushName", "name": "Ana" }),
        ] {
            assert_eq!(of(nobody.clone()), None, "{nobody}");
        }
    }
}
