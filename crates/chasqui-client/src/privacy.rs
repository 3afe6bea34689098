//! The one privacy setting that the session itself has to know: whether others are told what the account has read.
//!
//! Asked for after each login, and stored; `account_sync` and the program's own changes keep it current. Without read receipts
//! only the own devices are told; in groups everybody is, as the apps do. Source: 07-requests-and-notifications §7.1 and §13.2.

use chasqui_store::{Key, Namespace};
use chasqui_wire::Node;

use crate::{
    actor::{Actor, Fault},
    iq::{self, Wait},
};

/// Settings of one answer that are looked at.
const MAX_SETTINGS: usize = 64;

fn key() -> Key {
    Key::new(Namespace::Meta, b"quiet-reader")
}

/// The query of the settings.
pub(crate) fn request(id: &str) -> Node<'static> {
    iq::request(id, "get", "privacy").child(Node::new("privacy"))
}

/// Whether a `<privacy>` says that nobody is told what is read; `None` when it says nothing of it.
fn is_quiet(privacy: &Node<'_>) -> Option<bool> {
    let setting = privacy.all("category").take(MAX_SETTINGS).find(|category| category.is("name", "readreceipts"))?;
    Some(!setting.is("value", "all"))
}

impl Actor {
    pub(crate) async fn load_privacy(&mut self) -> Result<(), Fault> {
        self.quiet_reader = self.read(key()).await?.is_some();
        Ok(())
    }

    pub(crate) fn ask_privacy(&mut self) {
        self.query(Wait::Privacy);
    }

    /// Takes over what an answer or a notification says.
    pub(crate) fn on_privacy(&mut self, node: &Node<'_>) {
        let Some(quiet) = node.find("privacy").and_then(is_quiet) else { return };
        if quiet == self.quiet_reader {
            return;
        }
        self.quiet_reader = quiet;
        if quiet {
            self.turn.batch.put(Namespace::Meta, key().bytes, vec![1]);
        } else {
            self.turn.batch.delete(Namespace::Meta, key().bytes);
        }
    }
}

#[cfg(test)]
#[allow(clippy::ok_expect, reason = "a fault has no Debug: it may hold secrets")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_setting_is_kept_until_another_is_told() {
        let mut actor = Actor::for_tests().await;
        let told = |name: &'static str, value: &'static str| {
            let category = Node::new("category").attr("name", name).attr("value", value);
            Node::new("iq").child(Node::new("privacy").child(category))
        };
        actor.on_privacy(&told("last", "none"));
        assert!(!actor.quiet_reader, "another setting");
        actor.on_privacy(&told("readreceipts", "none"));
        actor.on_privacy(&Node::new("iq").attr("type", "error"));
        actor.settle().await;
        actor.quiet_reader = false;
        actor.load_privacy().await.ok().expect("read");
        assert!(actor.quiet_reader);
        actor.on_privacy(&told("readreceipts", "all"));
        actor.settle().await;
        actor.load_privacy().await.ok().expect("read");
        assert!(!actor.quiet_reader);
    }
}
