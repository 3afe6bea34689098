//! Linking a companion by a code that is shown on it and typed into the phone (02-pairing §4 and §5.2).
//!
//! Nothing is authenticated until the companion's key bundle opens: a mistyped code shows only there.

use aes::{
    Aes256,
    cipher::{BlockCipherEncrypt, KeyInit},
};
use chasqui_wire::{
    curve::{KeyPair, PrivateKey, PublicKey, random_bytes},
    jid::Jid,
    node::Node,
};
use hkdf::Hkdf;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    pbkdf2,
};
use sha2::Sha256;
use std::num::NonZeroU32;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::{
    account::AccountId, connection::ConnectionId, error::EmulatorError, pairing::Scanned, prekeys::bytes, world::World,
};

/// How long a code can be typed in, in seconds, and how often.
const LIFETIME: u64 = 180;
const ATTEMPTS: u8 = 3;
const ITERATIONS: NonZeroU32 = NonZeroU32::new(131_072).expect("it is not zero");
const CODE_LEN: usize = 8;
/// Salt, initial counter, and the key itself.
const WRAPPED: usize = 32 + 16 + 32;
/// Salt, nonce, two identities and 32 random bytes, tag.
const BUNDLE: usize = 32 + 12 + 96 + 16;

/// A companion that shows a code.
pub(crate) struct CodeRequest {
    phone: Jid,
    wrapped: [u8; WRAPPED],
    reference: Vec<u8>,
    asked: u64,
    attempts: u8,
    attempt: Option<Attempt>,
}

/// The phone has answered, and waits for the companion's keys.
struct Attempt {
    owner: AccountId,
    ephemeral: KeyPair,
    companion: PublicKey,
    reply: oneshot::Sender<Result<Scanned, EmulatorError>>,
}

impl World {
    /// A request about pairing by code.
    pub fn on_code_stanza(&mut self, id: ConnectionId, iq: &Node<'_>, request: &Node<'_>) {
        let reply = Node::new("iq").attr("from", Jid::SERVER).attr_opt("id", iq.get_str("id").map(String::from));
        let stage = request.get_str("stage").unwrap_or_default();
        let answer = match &*stage {
            "companion_hello" => self.on_companion_hello(id, request),
            "companion_finish" => return self.on_companion_finish(id, reply, request),
            "get_country_code" => {
                Some(Node::new("link_code_companion_reg").child(Node::new("country_code").attr("iso", "US")))
            }
            _ => None,
        };
        let reply = match answer {
            Some(child) => reply.attr("type", "result").child(child),
            None => {
                reply.attr("type", "error").child(Node::new("error").attr("code", "400").attr("text", "bad-request"))
            }
        };
        self.send(id, reply);
    }

    fn on_companion_hello(&mut self, id: ConnectionId, request: &Node<'_>) -> Option<Node<'static>> {
        let phone = request.get_jid("jid").filter(Jid::is_pn)?.to_bare();
        let wrapped = request.find("link_code_pairing_wrapped_companion_ephemeral_pub")?.need_bytes().ok()?;
        let noise: [u8; 32] = request.find("companion_server_auth_key_pub")?.need_bytes().ok()?;
        let display = request.find("companion_platform_display")?.content_str()?;
        // "Browser (System)"
        let (browser, system) = display.strip_suffix(')')?.split_once(" (")?;
        let asked = self.clock.now().seconds();
        let pairing = self.waiting_mut(id)?;
        if browser.is_empty() || system.is_empty() || pairing.noise() != PublicKey::new(noise) {
            return None;
        }
        let reference = format!("3@{:016x}", u64::from_be_bytes(random_bytes())).into_bytes();
        let answer = Node::new("link_code_companion_reg")
            .attr("stage", "companion_hello")
            .child(bytes("link_code_pairing_ref", &reference));
        pairing.code = Some(CodeRequest { phone, wrapped, reference, asked, attempts: 0, attempt: None });
        Some(answer)
    }

    /// The phone's owner types in the code of the companion that asked last: of those that gave the number of `account`,
    /// or else of all. The answer comes when the companion has proved that it showed this code.
    pub fn enter_code(
        &mut self,
        code: &str,
        account: Option<&str>,
    ) -> Result<oneshot::Receiver<Result<Scanned, EmulatorError>>, EmulatorError> {
        let code: Zeroizing<String> =
            Zeroizing::new(code.chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()).collect());
        if code.len() != CODE_LEN || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(EmulatorError::option("code", "must be 8 letters and digits"));
        }
        let now = self.clock.now().seconds();
        let named = account.map(|account| match self.accounts.resolve(account) {
            Some(id) => id,
            None => self.accounts.open(Some(account), now),
        });
        let number = named.map(|id| self.accounts.get(id).jid(false));
        let nobody = || EmulatorError::NotFound("connection that waits for a pairing code".to_owned());
        let id = self.newest_request(now, number.as_ref()).ok_or_else(nobody)?;
        let pairing = self.waiting(id).ok_or_else(nobody)?;
        let phone = pairing.code.as_ref().ok_or_else(nobody)?.phone.clone();
        let owner = named.or_else(|| self.accounts.find(&phone));
        let owner = owner.unwrap_or_else(|| self.open_for(id, None));

        let ephemeral = KeyPair::generate();
        let wrapped = wrap(&code, &random_bytes(), &random_bytes(), &ephemeral.public);
        let identity = self.accounts.get(owner).phone.identity().public;
        let (reply, answer) = oneshot::channel();
        let pairing = self.waiting_mut(id).ok_or_else(nobody)?;
        let request = pairing.code.as_mut().ok_or_else(nobody)?;
        if request.attempts >= ATTEMPTS {
            return Err(EmulatorError::WrongCode);
        }
        request.attempts += 1;
        let companion = unwrap(&code, &request.wrapped);
        request.attempt = Some(Attempt { owner, ephemeral, companion, reply });
        let hello = Node::new("link_code_companion_reg").attr("stage", "primary_hello").children([
            bytes("link_code_pairing_wrapped_primary_ephemeral_pub", &wrapped),
            bytes("primary_identity_pub", identity.as_bytes()),
            bytes("link_code_pairing_ref", &request.reference),
        ]);
        let notification = Node::new("notification")
            .attr("from", Jid::SERVER)
            .attr("type", "link_code_companion_reg")
            .attr("id", self.fresh_id())
            .attr("t", now)
            .child(hello);
        self.send(id, notification);
        Ok(answer)
    }

    fn newest_request(&self, now: u64, number: Option<&Jid>) -> Option<ConnectionId> {
        let waiting = |id: &ConnectionId| Some((*id, self.waiting(*id)?.code.as_ref()?));
        let valid: Vec<_> = self
            .connections
            .keys()
            .filter_map(waiting)
            .filter(|(_, request)| request.asked + LIFETIME > now)
            .map(|(id, request)| (Some(&request.phone) == number, id))
            .collect();
        valid.into_iter().max().map(|(_, id)| id)
    }

    fn on_companion_finish(&mut self, id: ConnectionId, reply: Node<'static>, finish: &Node<'_>) {
        let read = || {
            let bundle: [u8; BUNDLE] = finish.find("link_code_pairing_wrapped_key_bundle")?.need_bytes().ok()?;
            let identity: [u8; 32] = finish.find("companion_identity_public")?.need_bytes().ok()?;
            let reference = finish.find("link_code_pairing_ref")?.content_bytes()?;
            Some((bundle, PublicKey::new(identity), reference))
        };
        let known = self.waiting_mut(id).and_then(|pairing| {
            let companion = pairing.identity();
            let request = pairing.code.as_mut()?;
            let read = read().filter(|(_, identity, reference)| {
                *identity == companion && *reference == request.reference.as_slice()
            })?;
            Some((request.attempt.take()?, read.0, companion))
        });
        let Some((attempt, bundle, identity)) = known else {
            let error = Node::new("error").attr("code", "400").attr("text", "bad-request");
            return self.send(id, reply.attr("type", "error").child(error));
        };
        self.send(id, reply.attr("type", "result"));
        let Attempt { owner, ephemeral, companion, reply } = attempt;
        let account = self.accounts.get(owner).phone.identity();
        let secret = adv_secret(&ephemeral.private, &companion, account, &identity, bundle);
        let linked = match secret {
            Some(secret) => self.link(id, &secret, owner),
            None => Err(EmulatorError::WrongCode),
        };
        // Whoever typed the code in may not wait any more.
        let _ = reply.send(linked);
    }
}

/// The key that a code gives with a salt.
fn code_key(code: &str, salt: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt, code.as_bytes(), key.as_mut());
    key
}

/// AES-256-CTR over two blocks, the counter being the whole block.
fn cover(key: &[u8; 32], counter: &[u8; 16], text: &[u8; 32]) -> [u8; 32] {
    let cipher = Aes256::new(key.into());
    let mut out = *text;
    for (index, chunk) in out.chunks_exact_mut(16).enumerate() {
        let counter = u128::from_be_bytes(*counter).wrapping_add(index as u128);
        let mut block = counter.to_be_bytes().into();
        cipher.encrypt_block(&mut block);
        chunk.iter_mut().zip(block.iter()).for_each(|(byte, mask)| *byte ^= mask);
    }
    out
}

fn wrap(code: &str, salt: &[u8; 32], counter: &[u8; 16], key: &PublicKey) -> Vec<u8> {
    let covered = cover(&code_key(code, salt), counter, key.as_bytes());
    [&salt[..], counter, &covered].concat()
}

/// The other side's ephemeral key; with the wrong code any other 32 bytes.
fn unwrap(code: &str, wrapped: &[u8; WRAPPED]) -> PublicKey {
    let (mut counter, mut covered) = ([0; 16], [0; 32]);
    let (salt, rest) = wrapped.split_at(32);
    counter.copy_from_slice(&rest[..16]);
    covered.copy_from_slice(&rest[16..]);
    PublicKey::new(cover(&code_key(code, salt), &counter, &covered))
}

/// Opens the companion's bundle and makes the secret that it will expect; `None` when the code was another one.
fn adv_secret(
    ephemeral: &PrivateKey,
    companion_ephemeral: &PublicKey,
    account: &KeyPair,
    companion: &PublicKey,
    bundle: [u8; BUNDLE],
) -> Option<[u8; 32]> {
    let shared = ephemeral.agree(companion_ephemeral).ok()?;
    let (salt, rest) = bundle.split_at(32);
    let (nonce, sealed) = rest.split_at(12);
    let mut key = Zeroizing::new([0; 32]);
    let info = b"link_code_pairing_key_bundle_encryption_key";
    Hkdf::<Sha256>::new(Some(salt), shared.as_ref()).expand(info, key.as_mut()).ok()?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).ok()?);
    let mut sealed = Zeroizing::new(sealed.to_vec());
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let opened = key.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?;
    let (theirs, rest) = opened.split_at_checked(32)?;
    let (ours, random) = rest.split_at_checked(32)?;
    if theirs != companion.as_bytes() || ours != account.public.as_bytes() {
        return None;
    }
    let identities = account.private.agree(companion).ok()?;
    let ikm = Zeroizing::new([shared.as_ref(), identities.as_ref(), random].concat());
    let mut secret = [0; 32];
    Hkdf::<Sha256>::new(None, &ikm).expand(b"adv_secret", &mut secret).ok()?;
    Some(secret)
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::*;

    fn pair(label: &str) -> KeyPair {
        KeyPair::from_private(PrivateKey::new(Sha256::digest(label.as_bytes()).into()))
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
    }

    fn series(first: u8) -> [u8; 32] {
        std::array::from_fn(|index| first + u8::try_from(index).unwrap())
    }

    #[test]
    fn the_wrapped_keys_are_the_documented_ones() {
        let companion = pair("chasqui companion pairing ephemeral").public;
        let salt = series(0);
        let counter: [u8; 16] = std::array::from_fn(|index| 0xa0 + u8::try_from(index).unwrap());
        let wrapped = wrap("ABCD1234", &salt, &counter, &companion);
        assert_eq!(wrapped[48..], unhex("d61c8321048f8e2b30f16d2212fd3a0d24fc78d01647cbf7369ab629ba205cd8"));
        let wrapped: [u8; WRAPPED] = wrapped.try_into().unwrap();
        assert_eq!(unwrap("ABCD1234", &wrapped), companion);
        assert_ne!(unwrap("ABCD1235", &wrapped), companion);
    }

    #[test]
    fn the_documented_bundle_gives_the_documented_secret_and_no_other_code_opens_it() {
        let (phone, companion) =
            (pair("chasqui primary pairing ephemeral"), pair("chasqui companion pairing ephemeral"));
        let (account, identity) = (pair("chasqui primary identity"), pair("chasqui companion identity"));
        let bundle = unhex(concat!(
            "222222222222222222222222222222222222222222222222222222222222222233333333333333333333333338584de7f375febd",
            "1dd54161dd6d1c90927d3dfb90d773c8d43fac380e3850465fcb95e6b5510d03263c9a737579361732f77ddf5dea48d6408c35fb",
            "0be11e528401e610124b0353f65956745ae2e1e5dcda41d01fc5b550596776474ea7594840aa7df7f4fc4d55bb34293d75dee334",
        ));
        let bundle: [u8; BUNDLE] = bundle.try_into().unwrap();
        let secret = adv_secret(&phone.private, &companion.public, &account, &identity.public, bundle);
        let expected = unhex("5e8ad7f01a29f924d2c40bb9482a3453c46a9b2e99f8a93d82c42bcc48359c39");
        assert_eq!(secret.unwrap().to_vec(), expected);
        let other = pair("another").public;
        assert!(adv_secret(&phone.private, &other, &account, &identity.public, bundle).is_none());
    }
}
