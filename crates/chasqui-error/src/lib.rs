//! The one list of public error codes, and the error value that crosses into JavaScript.
//!
//! `docs/errors.md` and the `ErrorCode` type of `index.d.ts` are made from [`ErrorCode::ALL`]; a test keeps them equal.

use std::fmt;

macro_rules! error_codes {
    ($($variant:ident = $code:literal, $when:literal, $action:literal;)*) => {
        /// A stable, public error code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $(#[doc = $when] $variant,)* }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as users see it.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $code,)* } }
            /// When it happens, one sentence.
            pub const fn when(self) -> &'static str { match self { $(Self::$variant => $when,)* } }
            /// What to do, one sentence.
            pub const fn action(self) -> &'static str { match self { $(Self::$variant => $action,)* } }
        }
    };
}

error_codes! {
    InvalidOption = "INVALID_OPTION", "An option is missing, of the wrong type or out of range; `data.option` names it.", "Correct the option.";
    InvalidRecipient = "INVALID_RECIPIENT", "The recipient is not a phone number, JID or chat.", "Give an international number such as +573005550100, or a JID.";
    InvalidContent = "INVALID_CONTENT", "The content of a message is empty, too long or of an unknown kind.", "Correct the content; `data.limit` tells the limit where there is one.";
    InvalidChange = "INVALID_CHANGE", "A change of the account's state is not complete, of an unknown kind, or one that only the phone makes; `data.at` tells which of the list.", "Correct the change.";
    InvalidArgument = "INVALID_ARGUMENT", "An argument of a call is missing, of the wrong type or out of range; `data.argument` names it where it is one, `data.limit` tells the limit.", "Correct the argument.";
    InvalidQr = "INVALID_QR", "The text is not a pairing QR code.", "Pass the whole `text` of the `qr` event.";
    QrExpired = "QR_EXPIRED", "The QR code is not (or no longer) waited for by any connection.", "Scan the newest `qr` event.";
    NotOnWhatsApp = "NOT_ON_WHATSAPP", "The number has no account.", "Check the number; do not retry.";
    NotFound = "NOT_FOUND", "What a request is about does not exist, or the account may not see it.", "Check the JID, the id or the code; do not retry.";
    NotInGroup = "NOT_IN_GROUP", "The account is not a member of the group, or there is no such group; `data.jid` names it.", "Have the account added to the group; do not retry.";
    Blocked = "BLOCKED", "The account itself has blocked the recipient; `data.jid` names it.", "Unblock the person on the phone first; do not retry.";
    RecipientLimit = "RECIPIENT_LIMIT", "A message would go to nobody, or to more than 1,024 people; `data.count` tells how many.", "Write to a group or an audience within the limit.";
    NotConnected = "NOT_CONNECTED", "The call needs an open connection.", "Call connect() and await opened() first.";
    AlreadyConnected = "ALREADY_CONNECTED", "connect() was called on a client that is connected or connecting.", "Use the running connection, or disconnect() first.";
    AlreadyPaired = "ALREADY_PAIRED", "A pairing code was asked for in a session that is paired.", "Nothing: the session needs no code; logout() first to pair it with another phone.";
    Disconnected = "DISCONNECTED", "disconnect() or logout() ended the connection while the call waited.", "Connect again and repeat the call if it is still wanted.";
    SendUnconfirmed = "SEND_UNCONFIRMED", "The server did not acknowledge the message in time; it stays in the outbox and is sent again after a reconnect.", "Wait for its `sent` receipt, or call send() again with `data.id` as id.";
    SendRejected = "SEND_REJECTED", "The server refused the message; `data.error` is its number.", "Do not resend unchanged; see docs/errors.md on the server's numbers.";
    NotAllowed = "NOT_ALLOWED", "The account may not do this, such as write to a group where only admins may, or change a group of which it is no admin; `data.error` is the service's number.", "Do not retry; look at the rights of the account.";
    ChatRestricted = "CHAT_RESTRICTED", "The service does not let the account start this chat now; `data.error` is its number.", "Do not retry; wait until the person writes, or for another day.";
    RateLimited = "RATE_LIMITED", "The service asked to slow down, also after several attempts.", "Send less at a time, later.";
    QueueFull = "QUEUE_FULL", "Too many calls of this client wait for their answer.", "Await earlier calls before making new ones.";
    Aborted = "ABORTED", "The caller's AbortSignal fired.", "Nothing, it was asked for; a message already handed to the outbox may still be delivered.";
    Timeout = "TIMEOUT", "The server or a peer did not answer in time.", "Try again later.";
    RequestFailed = "REQUEST_FAILED", "The server answered a request with an error; `data.error` is its number.", "Act on the number.";
    PairingFailed = "PAIRING_FAILED", "The phone's answer did not verify, so the session was not paired.", "Scan again; if it repeats, the QR was altered on its way.";
    PairingTimeout = "PAIRING_TIMEOUT", "No phone scanned the QR code, or took the pairing code, in time.", "Call connect() again for new codes.";
    PasskeyUnsupported = "PASSKEY_UNSUPPORTED", "The service asks for a passkey, which this version cannot give.", "Pair by QR code.";
    LoggedOut = "LOGGED_OUT", "The session was unlinked; its keys are worthless.", "Pair again.";
    Replaced = "REPLACED", "The same session was opened by another connection.", "Find the other program; connect() takes the session back.";
    Banned = "BANNED", "The account is banned or locked.", "Look at the phone; do not reconnect.";
    TemporarilyBanned = "TEMPORARILY_BANNED", "The account is banned for some time; `data.expiresInSeconds` tells how long.", "Wait for the stated time.";
    ClientOutdated = "CLIENT_OUTDATED", "The service refuses this client version.", "Pass a newer `version`, or update chasqui.";
    ConnectionFailed = "CONNECTION_FAILED", "The server could not be reached, or refused the connection for a reason of its own.", "The client retries by itself where that can help; see `data`.";
    ConnectionLost = "CONNECTION_LOST", "The connection broke or fell silent.", "Nothing: the client reconnects.";
    ProxyFailed = "PROXY_FAILED", "The proxy could not be reached, or refused the connection; `data.proxy` names it, and `data.status` is its answer where it is an HTTP proxy.", "Correct the option \"proxy\" when the credentials were refused; otherwise the client retries by itself.";
    ServerNotTrusted = "SERVER_NOT_TRUSTED", "The server's Noise certificate chain or TLS certificate does not lead to the trusted root.", "Against an emulator pass its endpoint object; against the real service, look for a proxy that breaks TLS.";
    ProtocolError = "PROTOCOL_ERROR", "The server sent something that is not the protocol; the connection was ended.", "Nothing: the client reconnects. Report it if it repeats.";
    InboxFull = "INBOX_FULL", "JavaScript did not take its events and the store cannot hold more of them.", "Make the handlers faster, or use a durable store.";
    MediaCorrupt = "MEDIA_CORRUPT", "A downloaded file is not the one that was sent: its hash, its MAC or its length is wrong; nothing of it was kept.", "Ask the sender to send it again.";
    MediaGone = "MEDIA_GONE", "The media hosts do not have the file any more, and the phone that was asked for it did not upload it again; `data.status` is the hosts' answer.", "Ask the sender to send it again.";
    MediaTooLarge = "MEDIA_TOO_LARGE", "A file is larger than allowed; `data.limit` tells the limit where it is ours.", "Send a smaller file, or raise the limit of the download.";
    MediaFailed = "MEDIA_FAILED", "A file could not be uploaded or downloaded, also after several attempts at every host.", "Try again later.";
    FfmpegMissing = "FFMPEG_MISSING", "A voice note is not Opus in an Ogg file, and ffmpeg, which would make it so, is not on the PATH or switched off.", "Install ffmpeg, name it by the option \"ffmpeg\", or give Ogg/Opus.";
    UrlNotAllowed = "URL_NOT_ALLOWED", "A URL is not http: or https:, or leads into a private network.", "Fetch the file yourself, or allow private networks by the option \"allowPrivateUrls\" if the URLs are your own.";
    FileFailed = "FILE_FAILED", "A file of this computer could not be read or written; `data.path` names it, and `data.cause` is the system's reason.", "Correct the path, its permissions, or the space on the disk.";
    SessionHeld = "SESSION_HELD", "Another process or client has this session open; `data.holder` names it.", "Close the other one, or call connect({ takeOver: true }).";
    SessionTakenOver = "SESSION_TAKEN_OVER", "Another process or client took the session over with connect({ takeOver: true }); everything was stored, and what handlers had not finished comes again there.", "Let this client go; connecting it again would fail with SESSION_HELD.";
    LeaseLost = "LEASE_LOST", "The session's lease was taken by another process.", "Stop this client; the other one owns the session now.";
    StoreCorrupt = "STORE_CORRUPT", "The store is damaged or was not made by chasqui; it was left untouched.", "Restore a backup, or give another path and pair again.";
    StoreFailed = "STORE_FAILED", "The store could not be read or written; `data.cause` tells why.", "Check disk space and permissions.";
    ArchiveOff = "ARCHIVE_OFF", "The archive was asked, and the client was made without the option `archive`.", "Give `archive: true` and a store that lasts.";
    ArchiveNewer = "ARCHIVE_NEWER", "The archive in the store was written by a newer version of chasqui: `data.found`, where this one knows up to `data.supported`. It was left untouched.", "Update chasqui, or use the session without `archive`.";
    WrongKey = "WRONG_KEY", "The session is sealed with an `encryptionKey` that was not given; it was left untouched.", "Give the key that it was sealed with, as `current` or among `previous`.";
    AppStateBroken = "APP_STATE_BROKEN", "A part of the account's settings could not be verified, also when it was fetched anew: `data.collection` names it, `data.cause` tells why. Nothing unverified was taken.", "Nothing: it is tried again at the next login, and the other parts go on. Report it if it repeats.";
    AppStateKeyMissing = "APP_STATE_KEY_MISSING", "The phone has not shared a key that the account's settings are encrypted with.", "Open WhatsApp on the phone; the client goes on by itself when the key comes.";
    HandlerFailed = "HANDLER_FAILED", "A handler of onMessage() threw as often as it may, or the process ended too often while it had the message; the message was let go. `data` has its `id`, `chat` and `attempts`, `cause` what was thrown.", "Correct the handler; keep what it needs to try again later.";
    HistoryFailed = "HISTORY_FAILED", "A blob of the history could not be had or read, and is left out: `data.type` and `data.order` name it. `data.askedAgain` tells whether the phone was asked for it once more; then it comes as another blob.", "Nothing, if the phone was asked; otherwise fetchHistory() asks for the messages of one chat.";
    UnsupportedFolder = "UNSUPPORTED_FOLDER", "The folder holds a session in a format that this version cannot read; it was left untouched.", "Use another folder.";
    PortInUse = "PORT_IN_USE", "The port is taken.", "Choose another port, or 0 for a free one.";
    EmulatorFailed = "EMULATOR_FAILED", "The emulator could not do what was asked; the message tells why.", "Correct the call.";
    NotImplemented = "NOT_IMPLEMENTED", "This version does not have the named feature yet.", "See docs/ for what is there.";
    Internal = "INTERNAL", "A fault in chasqui itself; the session was stopped, its store is consistent.", "Report it with the message.";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An error as JavaScript gets it: a stable code, a sentence for people, and what is needed to act on it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PublicError {
    /// The stable code.
    pub code: ErrorCode,
    /// A sentence for people; it never holds key material.
    pub message: String,
    /// What a program needs to act; an object.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub data: serde_json::Map<String, serde_json::Value>,
}

impl PublicError {
    /// An error without data.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: serde_json::Map::new() }
    }

    /// Adds a datum.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }
}

impl fmt::Display for PublicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for PublicError {}
