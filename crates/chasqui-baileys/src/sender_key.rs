//! Sender keys as Baileys writes them (§12.7): a list of up to five, the newest last, in one of two forms.

use chasqui_signal::{
    SenderKeyRecord,
    parts::{Chain, Receiving, SenderKey},
};
use chasqui_wire::{PrivateKey, PublicKey};
use serde_json::{Value, json};

use crate::{FormatError, bytes::Bytes};

/// How a version writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Form {
    /// Up to 6.7.18, and 6.17.16: the list itself, bytes in base64. It has lost the keys of messages that were skipped.
    List,
    /// From 6.7.19 on, and 7: bytes that are the list in JSON, in which bytes are lists of numbers.
    #[default]
    Buffer,
    /// No version's own: the list itself, bytes as the auth state has them elsewhere. Every 6 reads it, 7 does not.
    Either,
}

/// Reads a record, in either form.
///
/// # Errors
/// [`FormatError`] when it is no such value.
pub fn read(json: &str) -> Result<(SenderKeyRecord, Form), FormatError> {
    let value: Value = serde_json::from_str(json).map_err(|error| FormatError::json(&error))?;
    let (form, list) = match &value {
        Value::Array(list) if list.iter().all(Value::is_object) => {
            let is_either = list.iter().any(|key| key["senderChainKey"]["seed"].is_object());
            (if is_either { Form::Either } else { Form::List }, list.clone())
        }
        other => {
            let inner = Bytes::from_value(other).ok_or_else(|| FormatError::lacks("list of keys"))?;
            (Form::Buffer, serde_json::from_slice(&inner.0).map_err(|error| FormatError::json(&error))?)
        }
    };
    // The newest first.
    let keys: Vec<SenderKey> = list.iter().rev().filter_map(key_of).collect();
    if keys.is_empty() && !list.is_empty() {
        return Err(FormatError::lacks("key"));
    }
    Ok((SenderKeyRecord::from_parts(&keys), form))
}

fn secret(value: &Value) -> Option<[u8; 32]> {
    Bytes::from_value(value)?.exactly()
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}

fn key_of(value: &Value) -> Option<SenderKey> {
    let chain = value.get("senderChainKey")?;
    let signing = value.get("senderSigningKey")?;
    let public = Bytes::from_value(signing.get("public")?)?;
    let signing_key = if public.0.len() == 32 {
        PublicKey::from_raw(&public.0).ok()?
    } else {
        PublicKey::from_djb(&public.0).ok()?
    };
    let skipped = value.get("senderMessageKeys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let skipped = skipped.iter().filter_map(|key| Some((number(key.get("iteration")?)?, secret(key.get("seed")?)?)));
    Some(SenderKey {
        key_id: number(value.get("senderKeyId")?)?,
        chain: Receiving {
            next: Chain { key: secret(chain.get("seed")?)?, index: number(chain.get("iteration")?)? },
            skipped: skipped.collect(),
        },
        signing_key,
        signing_private: signing.get("private").and_then(secret).map(PrivateKey::new),
    })
}

/// One record of two that a version has of one sender, under two addresses: all keys, and of one that both have the one that is
/// further. The newest is that of `record`.
pub fn merged(record: &SenderKeyRecord, other: &SenderKeyRecord) -> SenderKeyRecord {
    let mut keys: Vec<SenderKey> = Vec::new();
    let (mut ours, mut theirs) = (record.to_parts().into_iter(), other.to_parts().into_iter());
    loop {
        let pair = [ours.next(), theirs.next()];
        if pair.iter().all(Option::is_none) {
            return SenderKeyRecord::from_parts(&keys);
        }
        for key in pair.into_iter().flatten() {
            let same = keys.iter_mut().find(|same| same.key_id == key.key_id && same.signing_key == key.signing_key);
            match same {
                Some(same) if same.chain.next.index < key.chain.next.index => same.chain = key.chain,
                Some(_) => {}
                None => keys.push(key),
            }
        }
    }
}

/// Writes a record in a form.
pub fn write(record: &SenderKeyRecord, form: Form) -> String {
    let bytes = |bytes: &[u8]| match form {
        Form::List => json!(crate::bytes::Base64(bytes.to_vec())),
        Form::Buffer => json!({ "type": "Buffer", "data": bytes }),
        Form::Either => json!(Bytes(bytes.to_vec())),
    };
    let key = |key: &SenderKey| {
        let mut signing = json!({ "public": bytes(&key.signing_key.to_djb()) });
        match &key.signing_private {
            Some(private) => signing["private"] = bytes(private.as_bytes()),
            None if form == Form::Buffer => signing["private"] = bytes(&[]),
            None => {}
        }
        let skipped = key.chain.skipped.iter();
        json!({
            "senderKeyId": key.key_id,
            "senderChainKey": { "iteration": key.chain.next.index, "seed": bytes(&key.chain.next.key) },
            "senderSigningKey": signing,
            "senderMessageKeys": skipped
                .map(|(iteration, seed)| json!({ "iteration": iteration, "seed": bytes(seed) }))
                .collect::<Vec<_>>(),
        })
    };
    let list: Vec<Value> = record.to_parts().iter().rev().map(key).collect();
    let text = Value::from(list).to_string();
    match form {
        Form::List | Form::Either => text,
        Form::Buffer => serde_json::to_string(&Bytes(text.into_bytes())).unwrap_or_default(),
    }
}
