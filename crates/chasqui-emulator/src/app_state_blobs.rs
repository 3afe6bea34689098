//! App state as files: snapshots that a phone makes, and patches whose mutations are in a file of their own
//! (04-app-state §6, §8.1, §16.2).

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_appstate::{
    Collection,
    build::{take_mutations, with_reference},
};
use chasqui_proto::{ExternalBlobReference, ProtoMessage as _};

use crate::{
    Emulator,
    account::AccountId,
    error::EmulatorError,
    media::{MediaOptions, StoredMedia},
};

/// What an account has of each collection, with versions.
type Numbered = (AccountId, Vec<(Collection, u64, Vec<u8>)>);

/// The kind of these files.
const KIND: &str = "appState";

impl Emulator {
    /// The phone of an account writes its settings down as they are: from now on devices that ask from the beginning get
    /// that, and the patches behind it are gone.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`], [`EmulatorError::Failed`].
    pub async fn phone_snapshots(&self, account: &str) -> Result<(), EmulatorError> {
        let named = account.to_owned();
        let (id, snapshots) = self.ask(move |world| world.phone_snapshots(&named)).await??;
        for (collection, version, bytes) in snapshots {
            let reference = self.put_blob(bytes).await?;
            self.ask(move |world| {
                world.accounts.get_mut(id).patches(collection).compact(version, reference.encode_to_vec());
            })
            .await?;
        }
        Ok(())
    }

    /// The mutations of the patches that are there go into files. Gives how many patches those are.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`], [`EmulatorError::Failed`].
    pub async fn external_patches(&self, account: &str) -> Result<usize, EmulatorError> {
        let named = account.to_owned();
        let (id, patches) = self.ask(move |world| world.inline_patches(&named)).await??;
        let count = patches.len();
        for (collection, version, patch) in patches {
            let (rest, mutations) = take_mutations(&patch).map_err(|error| EmulatorError::Failed(error.to_string()))?;
            let patch = with_reference(rest, &self.put_blob(mutations).await?);
            self.ask(move |world| world.accounts.get_mut(id).patches(collection).replace(version, patch)).await?;
        }
        Ok(count)
    }

    async fn put_blob(&self, bytes: Vec<u8>) -> Result<ExternalBlobReference, EmulatorError> {
        reference(self.media_put(KIND, bytes, MediaOptions::default()).await?)
    }
}

fn reference(stored: StoredMedia) -> Result<ExternalBlobReference, EmulatorError> {
    let bytes = |text: String| BASE64.decode(text).map_err(|error| EmulatorError::Failed(error.to_string()));
    Ok(ExternalBlobReference {
        media_key: stored.media_key.map(bytes).transpose()?,
        direct_path: Some(stored.direct_path),
        handle: Some(String::new()),
        file_size_bytes: Some(stored.file_length),
        file_sha256: Some(bytes(stored.file_sha256)?),
        file_enc_sha256: stored.file_enc_sha256.map(bytes).transpose()?,
    })
}

impl crate::world::World {
    fn phone_snapshots(&mut self, account: &str) -> Result<Numbered, EmulatorError> {
        let id = self.account_named(account)?;
        self.seed_app_state(id);
        let account = self.accounts.get_mut(id);
        let mut snapshots = Vec::new();
        for collection in Collection::ALL {
            let head = account.patches(collection).head();
            if let Some((version, bytes)) = account.phone.state.snapshot(collection)?.filter(|(at, _)| *at == head) {
                snapshots.push((collection, version, bytes));
            }
        }
        Ok((id, snapshots))
    }

    fn inline_patches(&mut self, account: &str) -> Result<Numbered, EmulatorError> {
        let id = self.account_named(account)?;
        self.seed_app_state(id);
        let account = self.accounts.get_mut(id);
        let mut inline = Vec::new();
        for collection in Collection::ALL {
            inline.extend(account.patches(collection).inline().map(|(version, patch)| (collection, version, patch)));
        }
        Ok((id, inline))
    }
}
