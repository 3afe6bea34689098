//! Gives a client's log lines to that client's logger, and to nobody else.
//!
//! A client with a logger lives in a span of its own; the one subscriber of the process finds the sink of an event in
//! the span around it. Without a logger anywhere there is no subscriber and a log line costs a load.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Write,
    sync::{
        Arc, LazyLock, Mutex, Once, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use chasqui_error::{ErrorCode, PublicError};
use tokio::sync::Notify;
use tracing::{Event, Level, Metadata, Subscriber, field, level_filters::LevelFilter, span};
use tracing_subscriber::{Layer, Registry, layer::Context, layer::SubscriberExt, registry::LookupSpan};

/// Lines that may wait for JavaScript; further ones are counted and dropped.
const LINES: usize = 1024;
/// Longest line, bytes.
const LINE_BYTES: usize = 4096;
/// Name of the span around a client.
const SPAN: &str = "chasqui_client";

/// Where the log lines of one client wait for its pump.
#[derive(Clone)]
pub(crate) struct LogSink(Arc<Sink>);

struct Sink {
    id: u64,
    level: Level,
    lines: Mutex<Lines>,
    ready: Notify,
}

#[derive(Default)]
struct Lines {
    waiting: VecDeque<String>,
    dropped: u64,
}

/// Sinks by the number in their span. An entry lives as long as its sink.
static SINKS: LazyLock<Mutex<HashMap<u64, Weak<Sink>>>> = LazyLock::new(Mutex::default);

impl LogSink {
    /// The sink that the option `log` asks for, if it is given.
    pub(crate) fn from_options(options_json: &str) -> Result<Option<Self>, PublicError> {
        #[derive(serde::Deserialize)]
        struct Given {
            log: Option<String>,
        }
        let given: Option<Given> = serde_json::from_str(options_json).ok();
        let Some(level) = given.and_then(|given| given.log) else { return Ok(None) };
        let level = level.parse().map_err(|_| {
            PublicError::new(ErrorCode::InvalidOption, "Option \"log\" is not a level.").with("option", "log")
        })?;
        Ok(Some(Self::new(level)))
    }

    fn new(level: Level) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        static SUBSCRIBE: Once = Once::new();
        SUBSCRIBE.call_once(|| {
            // Fails only if there is a subscriber already, and nothing else in the addon sets one.
            let _ = tracing::subscriber::set_global_default(Registry::default().with(Router));
        });
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let sink = Arc::new(Sink { id, level, lines: Mutex::default(), ready: Notify::new() });
        sinks().insert(id, Arc::downgrade(&sink));
        // Log statements remember whether anybody wants them.
        tracing::callsite::rebuild_interest_cache();
        Self(sink)
    }

    /// The span in which the client's work has to run.
    pub(crate) fn span(&self) -> tracing::Span {
        tracing::error_span!(target: "chasqui::client", SPAN, sink = self.0.id)
    }

    /// Waits for a line; for ever without a sink.
    pub(crate) async fn ready(sink: Option<&Self>) {
        match sink {
            Some(sink) => sink.0.ready.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Takes all lines, as `log` events.
    pub(crate) fn drain(&self, mut take: impl FnMut(&str)) {
        let lines = std::mem::take(&mut *self.0.lines.lock().unwrap_or_else(PoisonError::into_inner));
        for line in lines.waiting {
            take(&line);
        }
        if lines.dropped > 0 {
            take(&event_json(Level::WARN, &format!("{} log lines were dropped", lines.dropped)));
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        sinks().remove(&self.id);
    }
}

impl Sink {
    fn push(&self, level: Level, line: &str) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.waiting.len() < LINES {
            lines.waiting.push_back(event_json(level, line));
        } else {
            lines.dropped += 1;
        }
        drop(lines);
        self.ready.notify_one();
    }
}

fn sinks() -> std::sync::MutexGuard<'static, HashMap<u64, Weak<Sink>>> {
    SINKS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn event_json(level: Level, message: &str) -> String {
    serde_json::json!({ "t": "log", "level": level.as_str().to_ascii_lowercase(), "message": message }).to_string()
}

/// The subscriber's only layer.
struct Router;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Router {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        // Only our own lines: those of other crates may show what they carry.
        metadata.target().starts_with("chasqui")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let levels = sinks().values().filter_map(Weak::upgrade).map(|sink| sink.level).max();
        Some(levels.map_or(LevelFilter::OFF, LevelFilter::from_level))
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        if attributes.metadata().name() != SPAN {
            return;
        }
        let mut number = SinkNumber(0);
        attributes.record(&mut number);
        let sink = sinks().get(&number.0).cloned();
        if let (Some(sink), Some(span)) = (sink, context.span(id)) {
            span.extensions_mut().insert(sink);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(scope) = context.event_scope(event) else { return };
        let sink = scope.into_iter().find_map(|span| span.extensions().get::<Weak<Sink>>().cloned());
        let Some(sink) = sink.and_then(|sink| sink.upgrade()) else { return };
        let level = *event.metadata().level();
        if level <= sink.level {
            let mut line = Line::default();
            event.record(&mut line);
            sink.push(level, &line.finish());
        }
    }
}

struct SinkNumber(u64);

impl field::Visit for SinkNumber {
    fn record_u64(&mut self, _: &field::Field, value: u64) {
        self.0 = value;
    }
    fn record_debug(&mut self, _: &field::Field, _: &dyn std::fmt::Debug) {}
}

/// `message key=value key=value`.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Line {
    fn finish(mut self) -> String {
        self.message.push_str(&self.fields);
        if self.message.len() > LINE_BYTES {
            let end = (0..=LINE_BYTES).rev().find(|&at| self.message.is_char_boundary(at)).unwrap_or(0);
            self.message.truncate(end);
        }
        self.message
    }
}

impl field::Visit for Line {
    fn record_debug(&mut self, field: &field::Field, value: &dyn std::fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
    fn record_str(&mut self, field: &field::Field, value: &str) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value}"),
            name => write!(self.fields, " {name}={value}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(sink: &LogSink) -> Vec<String> {
        let mut lines = Vec::new();
        sink.drain(|line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn a_line_reaches_the_logger_of_its_own_client_only_and_from_its_level_on() {
        let (one, other) = (LogSink::new(Level::INFO), LogSink::new(Level::TRACE));
        one.span().in_scope(|| {
            tracing::info!(target: "chasqui_client", attempt = 2, "connecting");
            tracing::debug!(target: "chasqui_client", "too fine");
            tracing::error!(target: "rustls", "of another crate");
        });
        other.span().in_scope(|| tracing::trace!(target: "chasqui_client", "fine"));
        assert_eq!(lines(&one), [r#"{"level":"info","message":"connecting attempt=2","t":"log"}"#]);
        assert_eq!(lines(&other), [r#"{"level":"trace","message":"fine","t":"log"}"#]);
    }

    #[test]
    fn lines_beyond_the_bound_are_counted_and_dropped() {
        let sink = LogSink::new(Level::INFO);
        sink.span().in_scope(|| (0..LINES + 7).for_each(|_| tracing::info!(target: "chasqui_client", "again")));
        let lines = lines(&sink);
        assert_eq!(lines.len(), LINES + 1);
        assert!(lines.last().is_some_and(|line| line.contains("7 log lines were dropped")));
    }
}
