//! Linking a companion by QR code: refs, the phone's scan, pair-success, the companion's answer, 515 (02-pairing §5.1,
//! the contract §6).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chasqui_proto::{ClientPairingProps, ProtoMessage as _, client_payload::DevicePairingRegistrationData};
use chasqui_wire::{
    curve::{PublicKey, random_bytes},
    jid::Jid,
    node::Node,
};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::{
    account::{AccountId, Device, DeviceRef},
    connection::{ConnectionId, Hello, Outbound},
    error::EmulatorError,
    history::wants_full,
    key_index::HalfSignedIdentity,
    pairing_code::CodeRequest,
    prekeys::{PrekeyBundle, SignedKey, bytes},
    qr::QrCode,
    queue::{DeviceQueue, Recent, RecentIds},
    world::{Stage, World},
};

const REFS: usize = 6;

/// A connection that wants to become a companion.
pub(crate) struct Pairing {
    push_name: Option<String>,
    noise: PublicKey,
    bundle: PrekeyBundle,
    full_history: bool,
    pub refs: Vec<String>,
    /// It shows a code, too.
    pub code: Option<CodeRequest>,
    scanned: Option<Scan>,
}

impl Pairing {
    /// The static key of its handshake.
    pub fn noise(&self) -> PublicKey {
        self.noise
    }

    /// Its Signal identity.
    pub fn identity(&self) -> PublicKey {
        self.bundle.identity
    }

    /// Which device it becomes, once its code is scanned.
    pub fn device(&self) -> Option<DeviceRef> {
        self.scanned.as_ref().map(|scan| scan.at)
    }
}

/// What the phone decided when it scanned.
struct Scan {
    request: String,
    at: DeviceRef,
    key_index: u32,
    identity: HalfSignedIdentity,
}

/// Who a companion became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scanned {
    /// The push name that chose the account.
    pub name: String,
    /// The account's phone-number JID, bare.
    pub jid: String,
    /// The account's LID, bare.
    pub lid: String,
    /// The companion's device number.
    pub device: u16,
}

impl World {
    /// A handshake is done: somebody wants to pair, or to log in.
    pub fn on_opened(&mut self, id: ConnectionId, hello: Hello, out: mpsc::Sender<Outbound>) {
        match hello.payload.device_pairing_data.as_deref().map(read_registration) {
            None => self.on_login(id, &hello, out),
            Some(Some(bundle)) if !self.is_outdated(&hello.payload) => self.start_pairing(id, &hello, bundle, out),
            Some(Some(_)) => self.refuse(id, &hello, out, 405),
            Some(None) => self.refuse(id, &hello, out, 400),
        }
    }

    fn start_pairing(&mut self, id: ConnectionId, hello: &Hello, bundle: PrekeyBundle, out: mpsc::Sender<Outbound>) {
        let refs: Vec<String> =
            (0..REFS).map(|_| format!("2@{}", URL_SAFE_NO_PAD.encode(random_bytes::<48>()))).collect();
        let data = hello.payload.device_pairing_data.as_deref();
        let props = data.and_then(|data| data.device_props.as_deref());
        let pairing = Pairing {
            push_name: hello.payload.push_name.clone().filter(|name| !name.is_empty()),
            noise: hello.noise,
            bundle,
            full_history: props.is_some_and(wants_full),
            refs: refs.clone(),
            code: None,
            scanned: None,
        };
        self.attach(id, Stage::Pairing(Box::new(pairing)), out);
        self.capture_hello(id, None, hello);
        for reference in &refs {
            self.refs.insert(reference.clone(), id);
        }
        let refs = refs.iter().map(|reference| bytes("ref", reference.as_bytes()));
        let request = self.fresh_id();
        let iq = server_iq(request).child(Node::new("pair-device").children(refs));
        self.send(id, iq);
    }

    /// A stanza on a connection that pairs: only the answers to our two requests matter.
    pub fn on_pairing_stanza(&mut self, id: ConnectionId, node: &Node<'_>) {
        if node.tag != "iq" {
            return;
        }
        if let Some(answer) = node.find("pair-device-sign") {
            return self.on_pair_device_sign(id, node, answer);
        }
        if let Some(request) = node.find("link_code_companion_reg") {
            self.on_code_stanza(id, node, request);
        } else if node.is("type", "error") {
            self.end(id, None);
        } else if self.options.auto_pair && self.waiting(id).is_some_and(|pairing| pairing.scanned.is_none()) {
            let secret = self.options.adv_secret.unwrap_or_default();
            let owner = self.open_for(id, None);
            if let Err(error) = self.link(id, &secret, owner) {
                tracing::warn!("automatic pairing failed: {error}");
            }
        } else if node.is("type", "get") {
            self.send(
                id,
                Node::new("iq")
                    .attr("from", Jid::SERVER)
                    .attr("type", "result")
                    .attr_opt("id", node.get_str("id").map(String::from)),
            );
        }
    }

    /// The phone of `account` (default: the one of the connection's push name) scans a QR code.
    pub fn scan(&mut self, text: &str, account: Option<&str>) -> Result<Scanned, EmulatorError> {
        let code = QrCode::parse(text)?;
        let id = *self.refs.get(&code.reference).ok_or(EmulatorError::QrExpired)?;
        let pairing = self.waiting(id).ok_or(EmulatorError::QrExpired)?;
        if pairing.scanned.is_some() {
            return Err(EmulatorError::QrScanned);
        }
        if pairing.noise != code.noise || pairing.bundle.identity != code.identity {
            return Err(EmulatorError::QrForged);
        }
        let owner = self.open_for(id, account);
        self.link(id, &code.adv_secret, owner)
    }

    /// The account of a name, or of the push name that a connection gave.
    pub fn open_for(&mut self, id: ConnectionId, account: Option<&str>) -> AccountId {
        let given = self.waiting(id).and_then(|pairing| pairing.push_name.clone());
        self.accounts.open(account.or(given.as_deref()), self.clock.now().seconds())
    }

    /// Makes the connection's client a companion of an account: the phone has accepted it.
    pub fn link(&mut self, id: ConnectionId, secret: &[u8; 32], owner: AccountId) -> Result<Scanned, EmulatorError> {
        let pairing = self.waiting(id).ok_or(EmulatorError::QrExpired)?;
        if pairing.scanned.is_some() {
            return Err(EmulatorError::QrScanned);
        }
        let companion = pairing.bundle.identity;
        let now = self.clock.now().seconds();
        let account = self.accounts.get_mut(owner);
        let (device, key_index) = account
            .allocate_device()
            .ok_or_else(|| EmulatorError::Failed("the account has too many devices".into()))?;
        let identity = HalfSignedIdentity::sign(account.phone.identity(), account.raw_id, now, key_index, companion);
        let (name, pn, lid) = (account.name.clone(), account.jid(false), account.jid(true));

        let request = self.fresh_id();
        let migrated = Some(self.options.lid_migrated);
        let props = ClientPairingProps { is_chat_db_lid_migrated: migrated, ..Default::default() }.encode_to_vec();
        let success = Node::new("pair-success").children([
            bytes("device-identity", &identity.seal(secret)),
            Node::new("device").attr("jid", pn.with_device(device)).attr("lid", lid.with_device(device)),
            Node::new("platform").attr("name", "android"),
            bytes("client-props", &props),
        ]);
        let at = DeviceRef { account: owner, device };
        if let Some(pairing) = self.waiting_mut(id) {
            pairing.scanned = Some(Scan { request: request.clone(), at, key_index, identity });
        }
        self.capture.assign(id, at);
        self.send(id, server_iq(request).attr("t", now).child(success));
        Ok(Scanned { name, jid: pn.to_string(), lid: lid.to_string(), device })
    }

    fn on_pair_device_sign(&mut self, id: ConnectionId, iq: &Node<'_>, answer: &Node<'_>) {
        let Some(pairing) = self.waiting(id) else { return };
        let Some(scan) = pairing.scanned.as_ref().filter(|scan| iq.is("id", &scan.request)) else { return };
        let signed = answer.find("device-identity").and_then(|identity| {
            let index = identity.get_u64("key-index")?;
            (index == u64::from(scan.key_index)).then_some(identity.content_bytes()?)
        });
        let Some(identity) = signed.and_then(|signed| scan.identity.complete(signed)) else {
            tracing::debug!(connection = id.0, "the companion's signature does not verify");
            return self.end(id, Some(Node::new("stream:error").attr("code", "401")));
        };
        let (at, key_index) = (scan.at, scan.key_index);
        let device = Device {
            number: at.device,
            key_index,
            noise: pairing.noise,
            bundle: pairing.bundle.clone(),
            identity,
            queue: DeviceQueue::default(),
            seen: RecentIds::default(),
            asked_again: Recent::default(),
            connection: None,
            greeted: false,
            full_history: pairing.full_history,
            refuse_login: None,
            refuse_message: None,
            dirty: Default::default(),
        };
        self.register(at.account, device);
        self.end(id, Some(Node::new("stream:error").attr("code", "515")));
    }

    fn register(&mut self, owner: AccountId, device: Device) {
        let (number, now) = (device.number, self.clock.now().seconds());
        let account = self.accounts.get_mut(owner);
        account.devices.insert(number, device);
        account.renew_key_index_list(now);
        self.announce_devices(owner, number, true);
        if number == 1 && self.options.test_group {
            self.make_test_group(owner);
        }
    }

    /// A connection that is not a device's yet.
    pub fn waiting(&self, id: ConnectionId) -> Option<&Pairing> {
        match &self.connections.get(&id)?.stage {
            Stage::Pairing(pairing) => Some(pairing),
            Stage::Session(_) => None,
        }
    }

    /// The same, to change it.
    pub fn waiting_mut(&mut self, id: ConnectionId) -> Option<&mut Pairing> {
        match &mut self.connections.get_mut(&id)?.stage {
            Stage::Pairing(pairing) => Some(pairing),
            Stage::Session(_) => None,
        }
    }
}

fn server_iq(id: String) -> Node<'static> {
    Node::new("iq").attr("from", Jid::SERVER).attr("type", "set").attr("id", id).attr("xmlns", "md")
}

/// The keys in a registration; `None` when one is missing, malformed or not signed.
fn read_registration(data: &DevicePairingRegistrationData) -> Option<PrekeyBundle> {
    let identity = PublicKey::from_raw(data.e_ident.as_deref()?).ok()?;
    let signed = SignedKey {
        id: data.e_skey_id.as_deref()?.try_into().ok()?,
        public: PublicKey::from_raw(data.e_skey_val.as_deref()?).ok()?,
        signature: data.e_skey_sig.as_deref()?.try_into().ok()?,
    };
    let registration = data.e_regid.as_deref()?.try_into().ok()?;
    signed.is_signed_by(&identity).then(|| PrekeyBundle::new(registration, identity, signed))
}
