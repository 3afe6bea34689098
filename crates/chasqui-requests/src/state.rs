//! The account's state, beyond what its changes tell.

use serde::Deserialize;

use crate::{Result, Session, args::invalid, methods};

/// More than there are collections.
const MAX_COLLECTIONS: usize = 16;

methods! {
    "refresh" => refresh,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refresh {
    collections: Vec<String>,
}

/// Fetches what has changed in these collections, those too that could not be followed so far.
async fn refresh(session: &Session, Refresh { collections }: Refresh) -> Result<()> {
    if collections.len() > MAX_COLLECTIONS {
        let why = format!("has more than {MAX_COLLECTIONS} entries");
        return Err(invalid("collections", &why).with("limit", MAX_COLLECTIONS));
    }
    session.refresh(collections).await
}
