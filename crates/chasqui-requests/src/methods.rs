//! The methods by name. Each area has a table of its own, made by [`methods!`].

use chasqui_error::{ErrorCode, PublicError};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::{
    Result, Session, account, bots, business, calls, channels, groups, links, people, plain, presence, privacy,
    profile, signal, state, status,
};

/// What a table gives: the call under way, or `None` for a name that is not in it.
pub(crate) type Called<'s> = Option<BoxFuture<'s, Result>>;

/// Makes `call` of an area: each method is an `async fn(&Session, Args) -> Result<impl Serialize>` of this module, its
/// arguments are read by serde and its result is written by it.
#[macro_export]
#[doc(hidden)]
macro_rules! methods {
    ($($name:literal => $function:path),* $(,)?) => {
        pub(crate) fn call<'s>(
            session: &'s $crate::Session,
            method: &str,
            args: ::serde_json::Value,
        ) -> $crate::methods::Called<'s> {
            match method {
                $($name => Some(Box::pin(async move {
                    let args = $crate::args::read(args)?;
                    let result = $function(session, args).await?;
                    $crate::args::write(&result)
                })),)*
                _ => None,
            }
        }
    };
}

/// Calls the method with this name, `area.method`.
///
/// # Errors
/// `INVALID_ARGUMENT` for arguments of another shape; what the service refuses; what ends the session.
pub async fn call(session: &Session, name: &str, args: Value) -> Result {
    let (area, method) = name.split_once('.').unwrap_or((name, ""));
    let called = match area {
        "groups" => groups::call(session, method, args),
        "communities" => groups::communities::call(session, method, args),
        "bots" => bots::call(session, method, args),
        "business" => business::call(session, method, args),
        "calls" => calls::call(session, method, args),
        "channels" => channels::call(session, method, args),
        "links" => links::call(session, method, args),
        "node" => plain::call(session, method, args),
        "signal" => signal::call(session, method, args),
        "people" => people::call(session, method, args),
        "presence" => presence::call(session, method, args),
        "profile" => profile::call(session, method, args),
        "privacy" => privacy::call(session, method, args),
        "account" => account::call(session, method, args),
        "state" => state::call(session, method, args),
        "status" => status::call(session, method, args),
        _ => None,
    };
    match called {
        Some(called) => called.await,
        None => Err(PublicError::new(ErrorCode::InvalidArgument, format!("There is no method \"{name}\"."))),
    }
}
