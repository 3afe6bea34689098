//! The emulator for JavaScript: a class that starts, stops and is called by method name, JSON in and out, and one
//! threadsafe function for what happens to contacts.
//!
//! All emulators of the process share one runtime. A promise keeps Node alive only while it is pending; the function
//! for events never does. An emulator that JavaScript has forgotten, also by `worker.terminate()`, stops by itself.

use std::{
    future::Future,
    io,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, Once, OnceLock, PoisonError},
};

use chasqui_emulator::{Emulator, EmulatorError, Options, Running};
use chasqui_error::{ErrorCode, PublicError};
use napi::{
    Env, JsDeferred,
    bindgen_prelude::{Function, Object},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
};

/// Events that JavaScript may have in hand before the pump waits for it.
const EVENTS_AHEAD: usize = 256;

type OnEvent = ThreadsafeFunction<String, (), String, napi::Status, false, true>;
type Resolver = Box<dyn FnOnce(Env) -> napi::Result<String> + Send>;

/// A service, before, while and after it runs.
#[napi]
pub struct NativeEmulator {
    options: Options,
    on_event: Arc<OnEvent>,
    running: Arc<Mutex<Option<Running>>>,
}

#[napi]
impl NativeEmulator {
    /// Takes the options as JSON, and the function that is called with each event as JSON.
    #[napi(constructor)]
    pub fn new(options_json: String, on_event: Function<'_, String, ()>) -> napi::Result<Self> {
        let on_event = on_event.build_threadsafe_function().weak::<true>().callee_handled::<false>().build()?;
        guard(|| {
            let options = Options::from_json(&options_json)?;
            Ok(Self { options, on_event: Arc::new(on_event), running: Arc::default() })
        })
    }

    /// Listens; resolves with where, as JSON.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn start<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (options, slot, on_event) = (self.options.clone(), self.running.clone(), self.on_event.clone());
        promise(env, async move {
            if lock(&slot).is_some() {
                return Err(EmulatorError::Failed("the emulator runs already".to_owned()));
            }
            let running = Emulator::start(options).await?;
            let info = running.call("info", "").await?;
            tokio::spawn(pump(running.handle(), on_event));
            *lock(&slot) = Some(running);
            Ok(info.to_string())
        })
    }

    /// Ends every connection and frees the port. Again, or before a start, it does nothing.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn stop<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let slot = self.running.clone();
        promise(env, async move {
            let running = lock(&slot).take();
            if let Some(running) = running {
                running.stop().await;
            }
            Ok(String::new())
        })
    }

    /// Calls a method by name; arguments and result are JSON.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn call<'env>(&self, env: &'env Env, method: String, arguments: String) -> napi::Result<Object<'env>> {
        let emulator = lock(&self.running).as_ref().map(Running::handle);
        promise(env, async move {
            let emulator = emulator.ok_or(EmulatorError::Stopped)?;
            Ok(emulator.call(&method, &arguments).await?.to_string())
        })
    }
}

/// Hands every event to JavaScript, at most [`EVENTS_AHEAD`] before it has taken them, until either side is gone.
async fn pump(emulator: Arc<Emulator>, on_event: Arc<OnEvent>) {
    let window = Arc::new(Semaphore::new(EVENTS_AHEAD));
    let Ok(mut latest) = emulator.subscribe().await else { return };
    let emulator = {
        // A handle would keep the service's state alive after it was stopped.
        let weak = Arc::downgrade(&emulator);
        drop(emulator);
        weak
    };
    let mut seen = 0;
    while latest.wait_for(|newest| *newest > seen).await.is_ok() {
        let Some(strong) = emulator.upgrade() else { return };
        let Ok(events) = strong.events(seen, None).await else { return };
        drop(strong);
        for event in events {
            seen = event.sequence;
            let Ok(json) = serde_json::to_string(&event) else { continue };
            let Ok(permit) = window.clone().acquire_owned().await else { return };
            let taken = move |_: napi::Result<()>, _: Env| {
                drop(permit);
                Ok(())
            };
            let status = on_event.call_with_return_value(json, ThreadsafeFunctionCallMode::NonBlocking, taken);
            if status != napi::Status::Ok {
                return;
            }
        }
    }
}

fn lock(slot: &Mutex<Option<Running>>) -> std::sync::MutexGuard<'_, Option<Running>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` on the shared runtime and settles a promise with its end; a panic is an end too.
fn promise<'env>(
    env: &'env Env,
    work: impl Future<Output = Result<String, EmulatorError>> + Send + 'static,
) -> napi::Result<Object<'env>> {
    let runtime = guard(runtime)?;
    let (deferred, promise): (JsDeferred<String, Resolver>, _) = env.create_deferred()?;
    runtime.spawn(async move {
        let result = match tokio::spawn(work).await {
            Ok(result) => result.map_err(PublicError::from),
            Err(_) => Err(fault()),
        };
        match result {
            Ok(json) => deferred.resolve(Box::new(move |_| Ok(json))),
            Err(error) => deferred.reject(to_js(&error)),
        }
    });
    Ok(promise)
}

/// The runtime, started at the first call and never shut down: a worker's end must not end other threads' emulators.
fn runtime() -> Result<&'static Runtime, PublicError> {
    static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();
    RUNTIME
        .get_or_init(|| Builder::new_multi_thread().worker_threads(2).thread_name("chasqui-emu").enable_all().build())
        .as_ref()
        .map_err(|error| PublicError::new(ErrorCode::Internal, format!("no threads could be started: {error}")))
}

/// Runs one entry from JavaScript. A panic becomes an error of the call and is not printed.
fn guard<T>(entry: impl FnOnce() -> Result<T, PublicError>) -> napi::Result<T> {
    static SILENCE: Once = Once::new();
    SILENCE.call_once(|| panic::set_hook(Box::new(|_| {})));
    panic::catch_unwind(AssertUnwindSafe(entry)).unwrap_or_else(|_| Err(fault())).map_err(|error| to_js(&error))
}

fn fault() -> PublicError {
    PublicError::new(ErrorCode::Internal, "a fault in the emulator itself")
}

/// An error whose message is the JSON of [`PublicError`].
fn to_js(error: &PublicError) -> napi::Error {
    napi::Error::from_reason(serde_json::to_string(error).unwrap_or_else(|_| error.message.clone()))
}
