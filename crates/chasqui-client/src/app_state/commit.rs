//! What was worked off becomes durable, and is told: one transaction for each step, with the rows that tell of it.

use chasqui_appstate::{Change, Collection};
use chasqui_store::Namespace;
use chasqui_wire::Jid;
use serde_json::json;

use super::{apply, apply::Step, expired_key, state_key};
use crate::{
    actor::{Actor, Fault},
    event::{ChangeSet, ChangeSource, Told},
};

/// Changes in one row of the inbox.
const CHANGES_PER_ROW: usize = 256;
/// Addresses that are looked up in the store at once.
const LOOKED_UP: usize = 512;
/// The own name is at most so long, in bytes.
const MAX_NAME: usize = 256;

impl Actor {
    pub(super) async fn commit_step(&mut self, collection: Collection, step: Step) -> Result<(), Fault> {
        let Step { state, puts, deletes, told, wire, source, expired } = step;
        // First, since it may submit what the turn holds so far.
        let pairs: Vec<_> = told.iter().filter_map(|told| pair(&told.change)).collect();
        self.learn_all(pairs).await?;
        for told in &told {
            if let Change::PushName { name } = &told.change {
                self.take_own_name(name);
            }
        }
        if self.options.wire {
            for mutations in wire.chunks(CHANGES_PER_ROW) {
                let value = json!({ "collection": collection.name(), "source": source, "mutations": mutations });
                self.deliver_fact("sync", value);
            }
        } else {
            self.tell_changes(collection, source, told).await?;
        }

        let batch = &mut self.turn.batch;
        for (index, record) in puts {
            batch.put(Namespace::AppStateMac, apply::record_key(collection, &index), record);
        }
        for index in deletes {
            batch.delete(Namespace::AppStateMac, apply::record_key(collection, &index));
        }
        batch.put(Namespace::AppState, state_key(collection).bytes, state.to_bytes());
        if let Some(epoch) = expired {
            batch.put(Namespace::Meta, expired_key().bytes, epoch.to_be_bytes());
            std::sync::Arc::make_mut(&mut self.app_state.keys).expire(epoch);
        }
        let slot = self.app_state.slot(collection);
        (slot.state, slot.known) = (state, true);
        self.flush();
        Ok(())
    }

    /// Puts changes into the inbox, with the addresses that programs see.
    async fn tell_changes(
        &mut self,
        collection: Collection,
        source: ChangeSource,
        mut told: Vec<Told>,
    ) -> Result<(), Fault> {
        let mut addresses: Vec<(&mut String, Jid)> = Vec::new();
        for told in &mut told {
            let parsed = told.change.addresses().into_iter().map(|address| (address.parse(), address));
            addresses.extend(parsed.filter_map(|(jid, address)| Some((address, jid.ok()?))));
        }
        for together in addresses.chunks_mut(LOOKED_UP) {
            let lids: Vec<Jid> = together.iter().map(|(_, jid)| jid.to_bare()).filter(Jid::is_lid).collect();
            self.look_up(lids.iter()).await?;
            for (address, jid) in together {
                **address = self.shown(jid).await?.to_string();
            }
        }
        let mut told = told.into_iter().peekable();
        while told.peek().is_some() {
            let changes = told.by_ref().take(CHANGES_PER_ROW).collect();
            self.deliver_changes(ChangeSet { collection: collection.name().to_owned(), source, changes });
        }
        Ok(())
    }

    /// The name that another device has given the account.
    fn take_own_name(&mut self, name: &str) {
        if name.is_empty() || name.len() > MAX_NAME || self.creds.push_name.as_deref() == Some(name) {
            return;
        }
        self.creds.push_name = Some(name.to_owned());
        self.save_creds();
        self.show_user();
        if self.is_open() {
            self.announce_presence();
        }
    }
}

fn pair(change: &Change) -> Option<(Jid, Jid)> {
    let (pn, lid) = change.pair()?;
    let (pn, lid): (Jid, Jid) = (pn.parse().ok()?, lid.parse().ok()?);
    (pn.is_pn() && lid.is_lid()).then_some((pn, lid))
}
