//! One plaintext for many devices, and many new sessions at once: work that uses every core.
//!
//! The records leave the actor for the time of the work and come back before anything else is looked at, so a record
//! never exists twice. Source: 03-messages §3.4 and §5.

use std::thread::available_parallelism;

use base64::Engine;
use chasqui_signal::{Kind, SessionRecord, SignalAddress, SignalError, initiate, padding};
use chasqui_wire::{Jid, Node, PublicKey};
use sha2::{Digest, Sha256};

use crate::{
    actor::{Actor, Fault},
    adv::AdvError,
    identity::Offer,
};

/// Fewer items than this are not worth another thread.
const WORTH_SPREADING: usize = 16;

/// What a device gets.
pub(crate) struct Sealed {
    pub device: Jid,
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// `<to>` with the `<enc>` in it.
    pub fn to(&self) -> Node<'static> {
        let enc = Node::new("enc").attr("v", "2").attr("type", self.kind.as_str()).bytes(self.bytes.clone());
        Node::new("to").attr("jid", &self.device).child(enc).into_owned()
    }
}

/// The `phash` over these devices (03-messages §3.4).
pub(crate) fn phash<'a>(devices: impl IntoIterator<Item = &'a Jid>) -> String {
    let rendered = |jid: &Jid| format!("{}.0:{}@{}", jid.user, jid.device, jid.server.as_str());
    let mut rendered: Vec<String> = devices.into_iter().map(rendered).collect();
    rendered.sort_unstable();
    let digest = Sha256::digest(rendered.concat());
    format!("2:{}", base64::engine::general_purpose::STANDARD.encode(&digest[..6]))
}

/// Does `work` for every item, on all cores when there are many. Gives the items back in their order.
pub(crate) async fn on_all_cores<T: Send + 'static>(
    mut items: Vec<T>,
    work: impl Fn(&mut T) + Clone + Send + 'static,
) -> Vec<T> {
    if items.len() < WORTH_SPREADING {
        items.iter_mut().for_each(work);
        return items;
    }
    let cores = available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores);
    let mut running = Vec::with_capacity(cores);
    while !items.is_empty() {
        let rest = items.split_off(share.min(items.len()));
        let mut share = std::mem::replace(&mut items, rest);
        let work = work.clone();
        running.push(tokio::task::spawn_blocking(move || {
            share.iter_mut().for_each(work);
            share
        }));
    }
    let mut done = Vec::new();
    for task in running {
        match task.await {
            Ok(mut share) => done.append(&mut share),
            Err(failure) => match failure.try_into_panic() {
                // It is this session's fault, and ends as one.
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => tracing::debug!("the runtime is shutting down"),
            },
        }
    }
    done
}

impl Actor {
    /// Encrypts one message for many devices. Those without a session are left out.
    pub(crate) async fn encrypt_for_all(&mut self, devices: &[Jid], plaintext: &[u8]) -> Result<Vec<Sealed>, Fault> {
        struct Work {
            device: Jid,
            address: SignalAddress,
            record: SessionRecord,
            sealed: Result<chasqui_signal::Ciphertext, SignalError>,
        }
        let taken = self.take_sessions(devices).await?;
        let work = taken.into_iter().filter_map(|(device, address, record)| {
            let sealed = Err(SignalError::NoSession);
            Some(Work { device: device.clone(), address, record: record?, sealed })
        });
        let (identity, registration) = (self.creds.identity.public, self.creds.registration_id);
        let plaintext = std::sync::Arc::<[u8]>::from(plaintext);
        let done = on_all_cores(work.collect(), move |work: &mut Work| {
            let mut padded = plaintext.to_vec();
            padding::pad(&mut padded);
            work.sealed = chasqui_signal::encrypt(&mut work.record, &identity, registration, &padded);
        })
        .await;
        let mut all = Vec::with_capacity(done.len());
        for Work { device, address, record, sealed } in done {
            match sealed {
                Ok(sealed) => {
                    self.keep_session(address, record);
                    all.push(Sealed { device, kind: sealed.kind, bytes: sealed.bytes });
                }
                Err(failure) => {
                    tracing::warn!(session = %self.name, "{device} is left out: {failure}");
                    self.return_session(address, record);
                }
            }
        }
        Ok(all)
    }

    /// Sets up sessions from bundles; their signatures are verified, and those of the accounts about their companions.
    /// Says of each device whether it has one now.
    pub(crate) async fn start_sessions(&mut self, offers: Vec<Offer>) -> Result<Vec<(Jid, bool)>, Fault> {
        struct Work {
            device: Jid,
            address: SignalAddress,
            record: SessionRecord,
            offer: Offer,
            account: Option<PublicKey>,
            proven: Result<(), AdvError>,
            started: Result<(), SignalError>,
        }
        let accounts = self.account_keys(&offers).await?;
        let devices: Vec<Jid> = offers.iter().map(|offer| offer.device.clone()).collect();
        let taken = self.take_sessions(&devices).await?;
        let work =
            taken.into_iter().zip(offers).zip(accounts).map(|(((device, address, record), offer), account)| Work {
                device: device.clone(),
                address,
                record: record.unwrap_or_default(),
                offer,
                account,
                proven: Ok(()),
                started: Err(SignalError::InvalidSignature),
            });
        let identity = self.creds.identity.clone();
        let done = on_all_cores(work.collect(), move |work: &mut Work| {
            work.proven = work.offer.prove(work.account.as_ref());
            if work.proven.is_ok() {
                work.started = initiate(&identity, &work.offer.bundle, &mut work.record);
            }
        })
        .await;
        let known = done.iter().filter(|work| work.started.is_ok());
        let known: Vec<_> = known.map(|work| (&work.address, &work.offer.bundle.identity)).collect();
        let replaced = self.trust_all(known).await?;
        let known = done.iter().filter(|work| work.started.is_ok());
        let changed: Vec<Jid> =
            known.zip(replaced).filter(|(_, replaced)| *replaced).map(|(work, _)| work.device.clone()).collect();
        let foreign = done.iter().filter(|work| work.proven == Err(AdvError::OtherAccount));
        let foreign: Vec<Jid> = foreign.map(|work| work.device.clone()).collect();
        let mut outcomes = Vec::with_capacity(done.len());
        for Work { device, address, record, started, .. } in done {
            match started {
                Ok(()) => self.keep_session(address, record),
                Err(failure) => {
                    tracing::warn!(session = %self.name, "the bundle of {device} is not usable: {failure}");
                    self.return_session(address, record);
                }
            }
            outcomes.push((device, started.is_ok()));
        }
        for device in changed {
            self.on_other_identity(&device).await?;
        }
        for device in foreign {
            self.ask_phone_s_identity(&device).await?;
        }
        Ok(outcomes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phash_is_that_of_the_vectors() {
        let jids = |texts: &[&str]| texts.iter().map(|text| text.parse().expect("a JID")).collect::<Vec<Jid>>();
        for (devices, hash) in [
            (&[][..], "2:47DEQpj8"),
            (&["15550001111@s.whatsapp.net"], "2:QrBd9lE9"),
            (
                &[
                    "15550002222:12@s.whatsapp.net",
                    "15550001111@s.whatsapp.net",
                    "15550002222@s.whatsapp.net",
                    "15550001111:5@s.whatsapp.net",
                ],
                "2:AsXlZqAD",
            ),
            (&["15550001111:2@s.whatsapp.net", "15550001111:10@s.whatsapp.net"], "2:csf5Veh7"),
            (&["5511999999999:3@s.whatsapp.net"], "2:5s+YxCff"),
        ] {
            assert_eq!(phash(&jids(devices)), hash, "{devices:?}");
        }
    }

    #[tokio::test]
    async fn many_items_are_all_worked_on_and_stay_in_order() {
        for count in [0, 1, 15, 16, 17, 1001] {
            let items: Vec<(usize, usize)> = (0..count).map(|at| (at, 0)).collect();
            let done = on_all_cores(items, |(at, square)| *square = *at * *at).await;
            assert_eq!(done, (0..count).map(|at| (at, at * at)).collect::<Vec<_>>());
        }
    }

    #[tokio::test]
    async fn a_panic_in_the_work_is_the_callers() {
        let work = |item: &mut usize| assert_ne!(*item, 20);
        let run = tokio::spawn(async move { on_all_cores((0..40).collect(), work).await.len() });
        assert!(run.await.expect_err("panics").is_panic());
    }
}
