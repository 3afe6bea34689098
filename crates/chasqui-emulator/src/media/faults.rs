//! What goes wrong with files on request: rules that stand until they are cleared or used up (05-media §12).

use std::time::Duration;

use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::error::EmulatorError;

/// Most rules at a time.
const MAX_RULES: usize = 1000;

/// What happens to a request that a rule strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Bend {
    /// It is refused with an HTTP status.
    Status,
    /// It begins late, or goes on slowly.
    Slow,
    /// The file is shorter than it was, and seems whole. Downloads.
    Truncate,
    /// The connection ends after so many bytes.
    Cut,
    /// A byte of the file is wrong. Downloads.
    Flip,
    /// Zeros follow the file, without end and without an announced length. Downloads.
    Endless,
    /// The answer is a page of HTML with status 200.
    Page,
    /// The phone does not answer. Media retries.
    NoAnswer,
    /// The phone does not have the file either. Media retries.
    NotFound,
    /// The phone's answer does not decrypt. Media retries.
    WrongTag,
}

/// Which requests a rule concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// What clients send.
    Upload,
    /// What clients get.
    Download,
    /// What phones are asked for again.
    Retry,
}

/// A rule. What is left out fits everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MediaFaultRule {
    /// What it does.
    pub what: Bend,
    /// Downloads, unless `what` is about retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Side>,
    /// A part of the path: a direct path, a token, `/mms/image/`; of a retry, the message's id. The query of a direct path
    /// is not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many fitting requests are left alone first; 0.
    #[serde(default)]
    pub skip: u64,
    /// How often it strikes at most; without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// With `status`: 4xx or 5xx.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// With `status`: the `Retry-After` header, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// With `slow`: the speed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_per_second: Option<u64>,
    /// With `slow`: how long nothing happens at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// With `truncate` and `cut`: after how many bytes, 0; with `flip`: which byte of the file, the first one sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

impl MediaFaultRule {
    fn side(&self) -> Side {
        match self.what {
            Bend::NoAnswer | Bend::NotFound | Bend::WrongTag => Side::Retry,
            _ => self.direction.unwrap_or(Side::Download),
        }
    }

    /// Why a request is refused, if it is.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        if self.what == Bend::Page {
            return Some(Refusal::new(StatusCode::OK, "<html><body>Please log in to this network.</body></html>"));
        }
        let status = StatusCode::from_u16(self.code.filter(|_| self.what == Bend::Status)?).ok()?;
        Some(Refusal { status, reason: "refused on request", retry_after: self.retry_after })
    }

    /// How long nothing happens at first.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.milliseconds.map(Duration::from_millis)
    }

    fn check(&self) -> Result<(), EmulatorError> {
        use Bend::{Cut, Endless, Flip, NoAnswer, NotFound, Page, Slow, Status, Truncate, WrongTag};
        let refuse = |option: &str, reason: &str| Err(EmulatorError::option(option, reason));
        let side = self.side();
        let possible = match self.what {
            Status | Slow | Cut | Page => side != Side::Retry,
            Truncate | Flip | Endless => side == Side::Download,
            NoAnswer | NotFound | WrongTag => self.direction.is_none_or(|direction| direction == Side::Retry),
        };
        if !possible {
            return refuse("direction", "is none that this can happen to");
        }
        if (self.what == Status) != self.code.is_some_and(|code| (400..600).contains(&code)) {
            return refuse("code", "is from 400 to 599, goes with status, and only with it");
        }
        if self.retry_after.is_some() && self.what != Status {
            return refuse("retryAfter", "goes with status");
        }
        let timed = self.bytes_per_second.is_some() || self.milliseconds.is_some();
        if (self.what == Slow) != timed || self.bytes_per_second == Some(0) {
            return refuse("bytesPerSecond", "or milliseconds goes with slow, and only with it");
        }
        if self.after.is_some() && !matches!(self.what, Cut | Truncate | Flip) {
            return refuse("after", "goes with cut, truncate and flip");
        }
        Ok(())
    }
}

/// A rule as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaFaultInfo {
    /// Names it.
    pub id: u64,
    /// What it says.
    pub rule: MediaFaultRule,
    /// How many requests fitted it.
    pub seen: u64,
    /// How many it struck.
    pub hits: u64,
}

/// The rules.
#[derive(Default)]
pub(crate) struct MediaFaults {
    rules: Vec<MediaFaultInfo>,
    next: u64,
}

impl MediaFaults {
    /// Adds a rule; gives the number that names it.
    pub fn add(&mut self, mut rule: MediaFaultRule) -> Result<u64, EmulatorError> {
        if rule.what == Bend::Cut {
            rule.after.get_or_insert(0);
        }
        rule.check()?;
        if self.rules.len() >= MAX_RULES {
            return Err(EmulatorError::Failed("there are too many faults".to_owned()));
        }
        self.next += 1;
        self.rules.push(MediaFaultInfo { id: self.next, rule, seen: 0, hits: 0 });
        Ok(self.next)
    }

    /// Takes one away, or all of them.
    pub fn clear(&mut self, id: Option<u64>) {
        self.rules.retain(|rule| id.is_some_and(|id| rule.id != id));
    }

    /// The rules as they stand.
    pub fn list(&self) -> Vec<MediaFaultInfo> {
        self.rules.clone()
    }

    /// The rule that strikes a request, if one does: the first of those that fit.
    pub fn strike(&mut self, side: Side, path: &str) -> Option<MediaFaultRule> {
        let fits = |rule: &MediaFaultRule| {
            let part = rule.path.as_deref().map(|path| path.split('?').next().unwrap_or(path));
            rule.side() == side && part.is_none_or(|part| path.contains(part))
        };
        self.rules.iter_mut().filter(|info| fits(&info.rule)).find_map(|info| {
            info.seen += 1;
            let spent = info.rule.times.is_some_and(|times| info.hits >= times);
            if info.seen <= info.rule.skip || spent {
                return None;
            }
            info.hits += 1;
            Some(info.rule.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(json: &str) -> MediaFaults {
        let mut faults = MediaFaults::default();
        faults.add(serde_json::from_str(json).unwrap()).unwrap();
        faults
    }

    #[test]
    fn a_rule_strikes_its_paths_so_many_times() {
        let mut faults = rules(r#"{"what":"status","code":404,"path":"/v/a.enc?ccb=1","skip":1,"times":1}"#);
        let mut struck = |side, path| faults.strike(side, path).is_some();
        assert!(!struck(Side::Download, "/v/b.enc") && !struck(Side::Upload, "/v/a.enc"));
        assert!(!struck(Side::Download, "/v/a.enc") && struck(Side::Download, "/v/a.enc"));
        assert!(!struck(Side::Download, "/v/a.enc"));
        assert_eq!((faults.list()[0].seen, faults.list()[0].hits), (3, 1));
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_refused() {
        for json in [
            r#"{"what":"status"}"#,
            r#"{"what":"status","code":200}"#,
            r#"{"what":"cut","code":404}"#,
            r#"{"what":"slow"}"#,
            r#"{"what":"slow","bytesPerSecond":0}"#,
            r#"{"what":"flip","direction":"upload"}"#,
            r#"{"what":"endless","direction":"upload"}"#,
            r#"{"what":"notFound","direction":"download"}"#,
            r#"{"what":"status","code":404,"after":1}"#,
            r#"{"what":"cut","retryAfter":1}"#,
        ] {
            assert!(MediaFaults::default().add(serde_json::from_str(json).unwrap()).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<MediaFaultRule>(r#"{"what":"cut","afer":1}"#).is_err());
    }
}
