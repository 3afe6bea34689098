//! Prekey bundles of others: asked for where a session is missing, and read.
//!
//! What several messages need is asked for once. A device that the server gives no usable bundle of is left out for a
//! while. Source: 03-messages §3.6.

use std::{collections::HashMap, time::Duration};

use chasqui_signal::PreKeyBundle;
use chasqui_wire::{Jid, Node, PublicKey, node::NodeError};
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    adv,
    identity::Offer,
    iq::{self, Wait},
};

/// How long a device without a bundle is left out.
const NO_BUNDLE_LIFE: Duration = Duration::from_secs(60);
/// Devices whose bundles are asked for in one request.
const BUNDLES_AT_ONCE: usize = 128;

/// The query of prekey bundles.
pub(crate) fn request(id: &str, devices: &[Jid]) -> Node<'static> {
    let users = devices.iter().map(|device| Node::new("user").attr("jid", device));
    iq::request(id, "get", "encrypt").child(Node::new("key").children(users)).into_owned()
}

impl Actor {
    /// Asks for the bundles of devices without a session; says whether one has to be waited for.
    pub(crate) async fn lacks_sessions(&mut self, devices: impl Iterator<Item = &Jid>) -> Result<bool, Fault> {
        let now = Instant::now();
        let mut candidates = Vec::new();
        for device in devices {
            let canonical = self.canonical(device).await?;
            if self.asking_bundles.contains(&canonical) {
                // What else is missing is found out when this answer is there.
                return Ok(true);
            }
            if self.no_bundle.get(&canonical).is_none_or(|until| *until <= now) {
                candidates.push(canonical);
            }
        }
        let wanted = self.without_session(candidates).await?;
        for wanted in wanted.chunks(BUNDLES_AT_ONCE) {
            self.asking_bundles.extend(wanted.iter().cloned());
            self.query(Wait::Bundles(wanted.to_vec()));
        }
        Ok(!wanted.is_empty())
    }

    /// Bundles, or `None` when there will be none.
    pub(crate) async fn on_bundles(&mut self, asked: Vec<Jid>, answer: Option<&Node<'_>>) -> Result<(), Fault> {
        let list = answer.filter(|answer| !answer.is("type", "error")).and_then(|answer| answer.find("list"));
        let users = list.into_iter().flat_map(|list| list.all("user")).take(asked.len());
        let given: HashMap<Jid, &Node<'_>> = users.filter_map(|user| Some((user.get_jid("jid")?, user))).collect();
        let mut offers = Vec::with_capacity(asked.len());
        let mut without = Vec::new();
        for device in asked {
            self.asking_bundles.remove(&device);
            match given.get(&device).map(|user| (parse_bundle(user), adv::device_identity(user))) {
                Some((Ok(bundle), proof)) => offers.push(Offer { device, bundle, proof: proof.map(<[u8]>::to_vec) }),
                _ => without.push(device),
            }
        }
        let started = self.start_sessions(offers).await?;
        without.extend(started.into_iter().filter_map(|(device, started)| (!started).then_some(device)));
        for device in without {
            tracing::debug!(session = %self.name, "no usable bundle of {device}");
            self.no_bundle.put(device, Instant::now() + NO_BUNDLE_LIFE);
        }
        self.advance_jobs().await
    }
}

/// Reads `<user>` of a bundle answer, or the `<keys>` of a retry receipt with its registration id.
fn parse_bundle(user: &Node<'_>) -> Result<PreKeyBundle, NodeError> {
    let registration = u32::from_be_bytes(user.need("registration")?.need_bytes::<4>()?);
    bundle_keys(user, registration)
}

/// Reads identity and prekeys of a bundle.
pub(crate) fn bundle_keys(node: &Node<'_>, registration_id: u32) -> Result<PreKeyBundle, NodeError> {
    let id = |node: &Node<'_>| node.need("id")?.need_bytes::<3>().map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]));
    let value = |node: &Node<'_>| node.need("value")?.need_bytes::<32>().map(PublicKey::new);
    let signed = node.need("skey")?;
    let prekey = match node.find("key") {
        Some(key) => Some((id(key)?, value(key)?)),
        None => None,
    };
    Ok(PreKeyBundle {
        registration_id,
        identity: PublicKey::new(node.need("identity")?.need_bytes()?),
        signed_prekey_id: id(signed)?,
        signed_prekey: value(signed)?,
        signed_prekey_signature: signed.need("signature")?.need_bytes()?,
        prekey,
    })
}
