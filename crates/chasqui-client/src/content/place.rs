//! Cards of people and places, as a program gives them, and the messages of them (03-messages §18).

use chasqui_error::PublicError;
use chasqui_proto::{
    ProtoMessage,
    message::{ContactMessage, ContactsArrayMessage, LiveLocationMessage, LocationMessage},
};
use serde_json::{Map, Value};

use super::parse::{Action, MAX_QUESTION_CHARS, flag, integer, invalid, is_set, limit, need_text, whole_number};
use crate::connection::unix_now_ms;

/// Field numbers of `Message`.
const CONTACT: u64 = 4;
const LOCATION: u64 = 5;
const CONTACTS: u64 = 13;
const LIVE_LOCATION: u64 = 18;

const MAX_CONTACTS: usize = 257;
const MAX_VCARD: usize = 64 << 10;
/// Longest text about a place.
const MAX_TEXT: usize = 1024;
/// Metres, and seconds.
const MAX_ACCURACY: u32 = 40_075_000;
const MAX_OFFSET: u32 = 31_536_000;
/// What JavaScript's numbers tell apart.
const MAX_SEQUENCE: u64 = 1 << 53;

/// A place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Location {
    pub latitude: f64,
    pub longitude: f64,
    pub name: Option<String>,
    pub address: Option<String>,
    pub url: Option<String>,
    /// Metres.
    pub accuracy: Option<u32>,
    /// Metres per second.
    pub speed: Option<f32>,
    /// Degrees clockwise from north.
    pub heading: Option<u32>,
    /// Where the sender is now, and will be.
    pub live: Option<Live>,
}

/// What a live location has beside its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Live {
    pub caption: Option<String>,
    /// Each update has a higher one.
    pub sequence: i64,
    /// Seconds since the first one.
    pub offset: Option<u32>,
}

fn text(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, PublicError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= MAX_TEXT => Ok(Some(text.clone())),
        Some(_) => Err(invalid(format!("\"{name}\" must be a text of at most {MAX_TEXT} characters."))),
    }
}

/// Reads `{ latitude, longitude, name?, address?, url?, accuracy?, speed?, heading?, live?, caption?, sequence?, offset? }`.
pub(super) fn parse(value: &Value) -> Result<Location, PublicError> {
    let fields = value.as_object().ok_or_else(|| invalid("A location must be { latitude, longitude }."))?;
    let degrees = |name: &str, most: f64| {
        let degrees = fields.get(name).and_then(Value::as_f64).filter(|degrees| degrees.abs() <= most);
        degrees.ok_or_else(|| invalid(format!("\"{name}\" must be degrees, from -{most} to {most}.")))
    };
    let speed = match fields.get("speed").filter(|speed| !speed.is_null()) {
        Some(speed) => {
            let speed = speed.as_f64().filter(|speed| (0.0..=1000.0).contains(speed));
            Some(speed.ok_or_else(|| invalid("\"speed\" must be metres per second, from 0 to 1000."))? as f32)
        }
        None => None,
    };
    Ok(Location {
        latitude: degrees("latitude", 90.0)?,
        longitude: degrees("longitude", 180.0)?,
        name: text(fields, "name")?,
        address: text(fields, "address")?,
        url: text(fields, "url")?,
        accuracy: whole_number(fields, "accuracy", MAX_ACCURACY)?,
        speed,
        heading: whole_number(fields, "heading", 359)?,
        live: live(fields)?,
    })
}

fn live(fields: &Map<String, Value>) -> Result<Option<Live>, PublicError> {
    if !flag(fields, "live")? {
        return match ["caption", "sequence", "offset"].into_iter().find(|name| is_set(fields, name)) {
            Some(name) => Err(invalid(format!("Only a live location has \"{name}\"."))),
            None => Ok(None),
        };
    }
    let sequence = match fields.get("sequence").filter(|sequence| !sequence.is_null()) {
        Some(sequence) => integer(sequence).filter(|number| *number <= MAX_SEQUENCE),
        None => Some(unix_now_ms()),
    };
    let sequence = sequence.and_then(|number| i64::try_from(number).ok());
    let sequence = sequence.ok_or_else(|| invalid("\"sequence\" must be a whole number."))?;
    let offset = whole_number(fields, "offset", MAX_OFFSET)?;
    Ok(Some(Live { caption: text(fields, "caption")?, sequence, offset }))
}

impl Location {
    /// The message of it: the number of its field in `Message`, and its bytes without `contextInfo`.
    pub fn to_message(&self) -> (u64, Vec<u8>) {
        let Some(live) = &self.live else { return (LOCATION, self.plain().encode_to_vec()) };
        let live = LiveLocationMessage {
            degrees_latitude: Some(self.latitude),
            degrees_longitude: Some(self.longitude),
            accuracy_in_meters: self.accuracy,
            speed_in_mps: self.speed,
            degrees_clockwise_from_magnetic_north: self.heading,
            caption: live.caption.clone(),
            sequence_number: Some(live.sequence),
            time_offset: live.offset,
            ..Default::default()
        };
        (LIVE_LOCATION, live.encode_to_vec())
    }

    pub(super) fn plain(&self) -> LocationMessage {
        LocationMessage {
            degrees_latitude: Some(self.latitude),
            degrees_longitude: Some(self.longitude),
            name: self.name.clone(),
            address: self.address.clone(),
            url: self.url.clone(),
            accuracy_in_meters: self.accuracy,
            speed_in_mps: self.speed,
            degrees_clockwise_from_magnetic_north: self.heading,
            ..Default::default()
        }
    }
}

/// One card or several, as a message.
pub(super) fn contacts_message(cards: Vec<(String, String)>) -> (u64, Vec<u8>) {
    let mut contacts: Vec<_> = cards
        .into_iter()
        .map(|(name, vcard)| ContactMessage { display_name: Some(name), vcard: Some(vcard), ..Default::default() })
        .collect();
    if contacts.len() == 1
        && let Some(contact) = contacts.pop()
    {
        return (CONTACT, contact.encode_to_vec());
    }
    let display_name = Some(format!("{} contacts", contacts.len()));
    (CONTACTS, ContactsArrayMessage { display_name, contacts, ..Default::default() }.encode_to_vec())
}

pub(super) fn contacts(value: &Value) -> Result<Action, PublicError> {
    let one;
    let list = match value {
        Value::Array(list) => list.as_slice(),
        value => {
            one = [value.clone()];
            &one
        }
    };
    if list.is_empty() || list.len() > MAX_CONTACTS {
        return Err(limit(format!("A message has 1 to {MAX_CONTACTS} contacts."), MAX_CONTACTS));
    }
    let card = |value: &Value| {
        let fields =
            value.as_object().ok_or_else(|| invalid("A contact must be { name, phone } or { name, vcard }."))?;
        let name = need_text(fields, "name")?.trim();
        if name.is_empty() || name.chars().count() > MAX_QUESTION_CHARS {
            let message = format!("The name of a contact must have 1 to {MAX_QUESTION_CHARS} characters.");
            return Err(limit(message, MAX_QUESTION_CHARS));
        }
        if is_set(fields, "vcard") {
            let vcard = need_text(fields, "vcard")?;
            let is_card = vcard.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD"));
            if !is_card || vcard.len() > MAX_VCARD {
                return Err(limit(format!("\"vcard\" must be a vCard of at most {MAX_VCARD} bytes."), MAX_VCARD));
            }
            return Ok((name.to_owned(), vcard.to_owned()));
        }
        let phone: String = need_text(fields, "phone")?.chars().filter(char::is_ascii_digit).collect();
        if !(5..=15).contains(&phone.len()) {
            return Err(invalid("\"phone\" must be an international number."));
        }
        Ok((name.to_owned(), vcard(name, &phone)))
    };
    Ok(Action::Contacts { cards: list.iter().map(card).collect::<Result<_, _>>()? })
}

/// The vCard of a person with an account (RFC 2426, and `waid` as the service's clients have it).
fn vcard(name: &str, phone: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '\n' | '\r' => escaped.push(' '),
            ',' | ';' | '\\' => escaped.extend(['\\', character]),
            character => escaped.push(character),
        }
    }
    format!("BEGIN:VCARD\nVERSION:3.0\nN:;{escaped};;;\nFN:{escaped}\nTEL;type=CELL;waid={phone}:+{phone}\nEND:VCARD")
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;
    use serde_json::json;

    use super::*;

    #[test]
    fn places_off_the_globe_and_what_only_a_live_one_has_are_refused() {
        for place in [
            json!({ "latitude": 90.1, "longitude": 0 }),
            json!({ "latitude": 0, "longitude": -180.5 }),
            json!({ "latitude": "0", "longitude": 0 }),
            json!({ "latitude": 0, "longitude": 0, "heading": 360 }),
            json!({ "latitude": 0, "longitude": 0, "speed": -1 }),
            json!({ "latitude": 0, "longitude": 0, "accuracy": 0.5 }),
            json!({ "latitude": 0, "longitude": 0, "sequence": 1 }),
            json!({ "latitude": 0, "longitude": 0, "live": true, "sequence": 1e300 }),
            json!({ "latitude": 0, "longitude": 0, "name": "x".repeat(MAX_TEXT + 1) }),
        ] {
            assert_eq!(parse(&place).expect_err(&place.to_string()).code, ErrorCode::InvalidContent);
        }
    }

    #[test]
    fn a_live_location_has_a_field_of_its_own_and_a_number_that_grows() {
        let place = parse(&json!({ "latitude": 4.5, "longitude": -74, "live": true, "speed": 1.5 })).expect("a place");
        let (field, bytes) = place.to_message();
        let live = LiveLocationMessage::decode(bytes.as_slice()).expect("decodes");
        assert_eq!((field, live.degrees_latitude, live.speed_in_mps), (LIVE_LOCATION, Some(4.5), Some(1.5)));
        let later = parse(&json!({ "latitude": 4.5, "longitude": -74, "live": true })).expect("a place");
        assert!(later.live.expect("live").sequence >= live.sequence_number.expect("a number"));
        let (field, _) = parse(&json!({ "latitude": 4.5, "longitude": -74 })).expect("a place").to_message();
        assert_eq!(field, LOCATION);
    }
}
