//! The one port: TCP, TLS where the first byte says so, HTTP, WebSocket.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

use crate::{
    Emulator,
    connection::{self, ConnectionId, Gate, websocket_config},
    error::EmulatorError,
    http,
    world::Command,
};

/// First byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 0x16;
const TLS_TIMEOUT: Duration = Duration::from_secs(20);

/// Takes the address.
pub(crate) async fn bind(host: &str, port: u16) -> Result<(TcpListener, SocketAddr), EmulatorError> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AddrInUse => EmulatorError::PortInUse { host: host.to_owned(), port },
        _ => EmulatorError::Failed(format!("cannot listen on {host} port {port}: {error}")),
    };
    let listener = TcpListener::bind((host, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Accepts until told to stop; then every connection ends with it.
pub(crate) async fn accept(
    listener: TcpListener,
    tls: TlsAcceptor,
    gate: Arc<Gate<Command>>,
    emulator: Arc<Emulator>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let mut next = 1;
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    let (tls, gate, emulator) = (tls.clone(), gate.clone(), emulator.clone());
                    connections.spawn(greet(socket, ConnectionId(next), tls, gate, emulator));
                    next += 1;
                }
                Err(error) => {
                    // Out of file descriptors, mostly: a moment for some to be closed.
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody is left to say so.
    drop(stop.wait_for(|stop| *stop).await);
}

async fn greet(
    socket: TcpStream,
    id: ConnectionId,
    tls: TlsAcceptor,
    gate: Arc<Gate<Command>>,
    emulator: Arc<Emulator>,
) {
    // Stanzas are small, and each waits for the last one's acknowledgement otherwise.
    let _ = socket.set_nodelay(true);
    let mut first = [0];
    match socket.peek(&mut first).await {
        Ok(1) if first == [TLS_HANDSHAKE] => match timeout(TLS_TIMEOUT, tls.accept(socket)).await {
            Ok(Ok(socket)) => serve(socket, id, gate, emulator).await,
            Ok(Err(error)) => tracing::debug!(connection = id.0, "TLS handshake failed: {error}"),
            Err(_) => tracing::debug!(connection = id.0, "the TLS handshake took too long"),
        },
        Ok(1) => serve(socket, id, gate, emulator).await,
        _ => {}
    }
}

async fn serve<S>(socket: S, id: ConnectionId, gate: Arc<Gate<Command>>, emulator: Arc<Emulator>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (upgrades, mut upgraded) = mpsc::channel::<OnUpgrade>(1);
    let service = service_fn(move |request| http::answer(request, emulator.clone(), upgrades.clone()));
    let served = http1::Builder::new().serve_connection(TokioIo::new(socket), service).with_upgrades().await;
    if let Err(error) = served {
        return tracing::debug!(connection = id.0, "HTTP connection failed: {error}");
    }
    // A connection that was not upgraded is over.
    if let Ok(upgrade) = upgraded.try_recv()
        && let Ok(stream) = upgrade.await
    {
        let socket =
            WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, Some(websocket_config())).await;
        connection::serve(socket, id, gate).await;
    }
}
