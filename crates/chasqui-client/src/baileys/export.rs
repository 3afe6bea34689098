//! The way back: records of a store become the values of an auth state of Baileys.
//!
//! For 6.x every session is by number: where it looks for one by LID, it begins anew.

use std::collections::BTreeMap;

use chasqui_baileys::creds as stored_creds;
use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::SessionStore;

use super::{
    layout::Layout,
    records::{self, Name},
};
use crate::{creds, error};

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exported {
    /// The account's phone number, as a JID with the device.
    pub pn: String,
    /// Its LID.
    pub lid: String,
    /// How many files there are of each type, as Baileys calls it.
    pub counts: BTreeMap<&'static str, usize>,
}

/// The files of a session by name, and what they are.
///
/// # Errors
/// `INVALID_ARGUMENT` for a session that is not paired, `STORE_FAILED`.
pub(super) async fn export(
    store: &dyn SessionStore,
    layout: Option<Layout>,
    now: i64,
) -> Result<(Exported, Vec<(String, String)>), PublicError> {
    let unpaired =
        || PublicError::new(ErrorCode::InvalidArgument, "The session is not paired: there is nothing to go on with.");
    let row = store.get_many(std::slice::from_ref(&creds::key())).await.map_err(error::store)?.pop().flatten();
    let creds = row.as_deref().and_then(creds::Creds::from_bytes).ok_or_else(unpaired)?;
    let paired = creds.paired.ok_or_else(unpaired)?;
    let layout = match layout {
        Some(layout) => layout,
        None => {
            let row = store.get_many(&[Layout::key()]).await.map_err(error::store)?.pop().flatten();
            Layout::from_bytes(row.as_deref())
        }
    };
    let mut exported = Exported { pn: paired.pn.to_string(), lid: paired.lid.to_string(), ..Exported::default() };
    let mut files = Vec::new();
    let mut at = records::first_page();
    while let Some(sources) = records::page_of(store, &mut at).await.map_err(error::store)? {
        let gathered = records::gather(store, &sources, layout).await.map_err(error::store)?;
        for (name, json) in gathered.values(&|_| None, now) {
            let Some(json) = json else { continue };
            if let Name::Value(kind, _) = &name {
                *exported.counts.entry(kind.as_str()).or_default() += 1;
            }
            let json = if name == Name::Creds && layout.by_number { stored_creds::by_number(&json) } else { json };
            files.push((name.file(), json));
        }
    }
    Ok((exported, files))
}
