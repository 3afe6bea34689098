//! Events: something to come together for, and the answers to it (03-messages §12 and §18).

use chasqui_error::PublicError;
use chasqui_proto::{
    Message, ProtoMessage,
    message::{EncEventResponseMessage, EventMessage, EventResponseMessage, event_response_message::EventResponseType},
};
use serde_json::Value;

use super::{
    compose::{Chat, Refusal, now_ms},
    parse::{Target, flag, integer, invalid, is_set, limit, need_text},
    place::{self, Location},
    resolve::secret_of,
};
use crate::{
    actor::Actor,
    addon::{Binding, UseCase},
    message::Occasion,
};

/// Field number of `Message`.
pub(super) const EVENT: u64 = 75;
const MAX_NAME_CHARS: usize = 100;
const MAX_DESCRIPTION_CHARS: usize = 2048;
const MAX_LINK: usize = 2048;
/// Further people that an answer may bring.
pub(super) const MAX_GUESTS: u32 = 1024;

/// Something to come together for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    name: String,
    description: Option<String>,
    /// Seconds since the epoch.
    starts_at: i64,
    ends_at: Option<i64>,
    place: Option<Location>,
    link: Option<String>,
    guests: bool,
    canceled: bool,
}

pub(crate) use chasqui_proto::message::event_response_message::EventResponseType as Answer;

/// Reads `{ name, startsAt, endsAt?, description?, place?, link?, guests?, canceled? }`.
pub(super) fn parse(value: &Value) -> Result<Event, PublicError> {
    let fields = value.as_object().ok_or_else(|| invalid("An event must be { name, startsAt }."))?;
    let name = need_text(fields, "name")?.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
        let message = format!("The name of an event must have 1 to {MAX_NAME_CHARS} characters.");
        return Err(limit(message, MAX_NAME_CHARS));
    }
    let text = |name: &str, most: usize| match fields.get(name).filter(|text| !text.is_null()) {
        None => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text.clone())),
        Some(_) => Err(limit(format!("\"{name}\" must be a text of at most {most} characters."), most)),
    };
    let time = |name: &str| match fields.get(name).filter(|time| !time.is_null()) {
        None => Ok(None),
        Some(time) => {
            // Also times with a fraction of a millisecond, as clocks give them.
            let millis = integer(time).or_else(|| time.as_f64().filter(|time| *time >= 0.0).map(|time| time as u64));
            let seconds = millis.and_then(|millis| i64::try_from(millis / 1000).ok());
            let seconds = seconds.filter(|seconds| *seconds <= i64::from(u32::MAX));
            let wrong = || invalid(format!("\"{name}\" must be a time in milliseconds since the epoch."));
            seconds.map(Some).ok_or_else(wrong)
        }
    };
    let starts_at = time("startsAt")?.ok_or_else(|| invalid("An event needs the time \"startsAt\"."))?;
    let ends_at = time("endsAt")?;
    if ends_at.is_some_and(|ends_at| ends_at < starts_at) {
        return Err(invalid("The event ends before it begins."));
    }
    let place = if is_set(fields, "place") { Some(place::parse(&fields["place"])?) } else { None };
    if place.as_ref().is_some_and(|place| place.live.is_some()) {
        return Err(invalid("The place of an event does not move."));
    }
    Ok(Event {
        name: name.to_owned(),
        description: text("description", MAX_DESCRIPTION_CHARS)?,
        starts_at,
        ends_at,
        place,
        link: text("link", MAX_LINK)?,
        guests: flag(fields, "guests")?,
        canceled: flag(fields, "canceled")?,
    })
}

/// Reads `going`, `not-going` or `maybe`.
pub(super) fn answer(text: &str) -> Result<Answer, PublicError> {
    match text {
        "going" => Ok(Answer::Going),
        "not-going" => Ok(Answer::NotGoing),
        "maybe" => Ok(Answer::Maybe),
        _ => Err(invalid("The answer to an event is \"going\", \"not-going\" or \"maybe\".")),
    }
}

impl Event {
    /// The message of it, without `contextInfo`.
    pub fn to_message(&self) -> Vec<u8> {
        let event = EventMessage {
            name: Some(self.name.clone()),
            description: self.description.clone(),
            location: self.place.as_ref().map(|place| Box::new(place.plain())),
            join_link: self.link.clone(),
            start_time: Some(self.starts_at),
            end_time: self.ends_at,
            extra_guests_allowed: Some(self.guests),
            is_canceled: Some(self.canceled),
            ..Default::default()
        };
        event.encode_to_vec()
    }
}

/// A received event, as a program sees it.
pub(super) fn occasion(event: &EventMessage) -> Occasion {
    let millis = |seconds: Option<i64>| u64::try_from(seconds?).ok()?.checked_mul(1000);
    Occasion {
        name: event.name.clone().unwrap_or_default(),
        description: event.description.clone(),
        starts_at: millis(event.start_time),
        ends_at: millis(event.end_time),
        place: event.location.as_deref().map(|place| Box::new(super::shown::place(place))),
        link: event.join_link.clone(),
        guests: event.extra_guests_allowed == Some(true),
        canceled: event.is_canceled == Some(true),
    }
}

impl Actor {
    /// An encrypted answer to an event.
    pub(super) async fn attend(
        &mut self,
        chat: &Chat,
        target: &Target,
        answer: EventResponseType,
        guests: u32,
    ) -> Result<Vec<u8>, Refusal> {
        let author = self.author(chat, target).await?;
        let mut authors = vec![author.clone()];
        authors.extend(self.counterpart(&author).await?);
        let secret = match self.kept(&chat.jid, &authors, &target.id).await? {
            Some(kept) => Some(kept.secret),
            None => target.raw.as_deref().and_then(secret_of),
        };
        let Some(secret) = secret else {
            return Err(invalid("The event is not known here (any more): give the message as it was received.").into());
        };
        let response = EventResponseMessage {
            response: Some(answer.into()),
            timestamp_ms: now_ms(),
            extra_guest_count: i32::try_from(guests).ok(),
        };
        let (target_sender, sender) = (author.to_string(), chat.own.to_string());
        let binding = Binding {
            use_case: UseCase::EventResponse,
            target_id: &target.id,
            target_sender: &target_sender,
            sender: &sender,
        };
        let (payload, iv) = binding.seal(&secret, &response.encode_to_vec());
        let response = EncEventResponseMessage {
            event_creation_message_key: self.key(chat, target).await?,
            enc_payload: Some(payload),
            enc_iv: Some(iv.to_vec()),
        };
        Ok(Message { enc_event_response_message: Some(Box::new(response)), ..Default::default() }.encode_to_vec())
    }
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_has_a_name_and_a_time_and_ends_after_it_begins() {
        for event in [
            json!("Party"),
            json!({ "name": "Party" }),
            json!({ "name": " ", "startsAt": 1 }),
            json!({ "name": "x".repeat(101), "startsAt": 1 }),
            json!({ "name": "Party", "startsAt": "tomorrow" }),
            json!({ "name": "Party", "startsAt": -1 }),
            json!({ "name": "Party", "startsAt": 1e300 }),
            json!({ "name": "Party", "startsAt": 5000, "endsAt": 3000 }),
            json!({ "name": "Party", "startsAt": 1, "place": { "latitude": 1 } }),
            json!({ "name": "Party", "startsAt": 1, "place": { "latitude": 1, "longitude": 1, "live": true } }),
            json!({ "name": "Party", "startsAt": 1, "guests": "two" }),
        ] {
            assert_eq!(parse(&event).expect_err(&event.to_string()).code, ErrorCode::InvalidContent);
        }
        assert!(answer("perhaps").is_err());
    }

    #[test]
    fn what_is_sent_is_what_the_other_side_is_shown() {
        let place = json!({ "latitude": 4.5, "longitude": -74.0, "name": "Plaza" });
        let event = json!({
            "name": "Party", "description": "Bring cake", "startsAt": 1_800_000_000_500_u64, "endsAt": 1_800_003_600_000_u64,
            "place": place, "link": "https://call.example/video/x", "guests": true,
        });
        let message = EventMessage::decode(parse(&event).expect("an event").to_message().as_slice()).expect("decodes");
        let shown = serde_json::to_value(occasion(&message)).expect("is plain");
        let mut expected = event;
        expected["startsAt"] = json!(1_800_000_000_000_u64);
        expected["canceled"] = json!(false);
        assert_eq!(shown, expected);
    }
}
