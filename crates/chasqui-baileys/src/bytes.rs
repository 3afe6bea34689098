//! Bytes in JSON: `{"type":"Buffer","data":"<base64>"}` as Baileys writes them, and what else is found (§12.1, §12.3).

use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeStruct};
use serde_json::Value;

/// Padding may be missing.
const LIBERAL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes, read in any of these forms:
///
/// - `{"type":"Buffer","data":…}` or `{"buffer":true,"data" or "value":…}`, with base64 or a list of numbers;
/// - base64 alone, a list of numbers alone;
/// - `{"0":1,"1":2,…}`: a typed array that went through `JSON.stringify` by itself.
///
/// Written as `{"type":"Buffer","data":"<base64>"}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// From JSON; `None` when these are no bytes.
    pub fn from_value(value: &Value) -> Option<Self> {
        let bytes = match value {
            Value::String(text) => LIBERAL.decode(text).ok()?,
            Value::Array(numbers) => numbers.iter().map(byte).collect::<Option<_>>()?,
            Value::Object(fields) => {
                let marked = fields.get("type").and_then(Value::as_str) == Some("Buffer")
                    || fields.get("buffer").and_then(Value::as_bool) == Some(true);
                if marked {
                    let inside = fields.get("data").or_else(|| fields.get("value"))?;
                    return if inside.is_object() { None } else { Self::from_value(inside) };
                }
                let mut bytes = vec![0; fields.len()];
                for (at, value) in fields {
                    *bytes.get_mut(at.parse::<usize>().ok()?)? = byte(value)?;
                }
                bytes
            }
            _ => return None,
        };
        Some(Self(bytes))
    }

    /// Exactly so many.
    pub fn exactly<const N: usize>(&self) -> Option<[u8; N]> {
        self.0.as_slice().try_into().ok()
    }
}

fn byte(value: &Value) -> Option<u8> {
    value.as_u64().and_then(|number| u8::try_from(number).ok())
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = serializer.serialize_struct("Buffer", 2)?;
        buffer.serialize_field("type", "Buffer")?;
        buffer.serialize_field("data", &STANDARD.encode(&self.0))?;
        buffer.end()
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("no bytes"))
    }
}

/// Bytes that are written as base64 alone, and read as [`Bytes`] are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Bytes::deserialize(deserializer).map(|bytes| Self(bytes.0))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bytes_are_read_in_every_form() {
        for form in [
            json!({ "type": "Buffer", "data": "AQID" }),
            json!({ "type": "Buffer", "data": [1, 2, 3] }),
            json!({ "buffer": true, "value": "AQID" }),
            json!({ "buffer": true, "data": [1, 2, 3] }),
            json!({ "0": 1, "1": 2, "2": 3 }),
            json!([1, 2, 3]),
            json!("AQID"),
        ] {
            assert_eq!(Bytes::from_value(&form), Some(Bytes(vec![1, 2, 3])), "{form}");
        }
        assert_eq!(Bytes::from_value(&json!("AQ")), Some(Bytes(vec![1])));
        assert_eq!(Bytes::from_value(&json!({})), Some(Bytes(Vec::new())));
    }

    #[test]
    fn what_are_no_bytes_is_refused() {
        for form in [
            json!(null),
            json!(7),
            json!(true),
            json!([256]),
            json!([-1]),
            json!(["1"]),
            json!("*"),
            json!({ "type": "Buffer" }),
            json!({ "type": "Buffer", "data": { "type": "Buffer", "data": "AQID" } }),
            json!({ "0": 1, "7": 2 }),
            json!({ "a": 1 }),
        ] {
            assert_eq!(Bytes::from_value(&form), None, "{form}");
        }
    }

    #[test]
    fn bytes_are_written_as_baileys_does() {
        assert_eq!(serde_json::to_string(&Bytes(vec![1])).ok().as_deref(), Some(r#"{"type":"Buffer","data":"AQ=="}"#));
        assert_eq!(serde_json::to_string(&Base64(vec![1])).ok().as_deref(), Some(r#""AQ==""#));
    }
}
