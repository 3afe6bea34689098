//! The store of a folder does what every store does.

use std::sync::Arc;

use chasqui_store::Store;

use super::{FolderStore, Layout};

fn store(session: &'static str) -> (Arc<dyn Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (Arc::new(FolderStore { folder: folder.path().join("auth"), session, layout: Layout::default() }), folder)
}

mod mirrored {
    chasqui_store::conformance_tests!(super::store("a"));
}

mod beside {
    chasqui_store::conformance_tests!(super::store("another"));
}
