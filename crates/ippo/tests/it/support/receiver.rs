//! A receiver of webhooks. What it does is in the path of the address, so that one receiver serves a whole site:
//! `/ok/…` takes it, `/status/NNN` answers so (`/status/429/SECONDS` with `Retry-After`), `/hang` never answers,
//! `/gigabyte` answers 200 and a body of one gigabyte.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

use super::http::{Connection, Request};
use super::patience::{in_time, until};

const GIGABYTE: usize = 1 << 30;
const PIECE: usize = 64 * 1024;
/// Taken, but not kept.
const MARK: &str = "/mark";

/// One webhook as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    pub(crate) at: Instant,
    pub(crate) path: String,
    /// `webhook-id`.
    pub(crate) id: String,
    /// How many times the server had been killed before.
    pub(crate) kills: u32,
    body: Vec<u8>,
}

impl Hook {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// One field of the body, as text.
    pub(crate) fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    /// The path of the answer link; empty when the message asks for no answer.
    pub(crate) fn answer_path(&self) -> String {
        let url = self.text("answer_url");
        url.split_once("/a/").map(|(_, token)| format!("/a/{token}")).unwrap_or_default()
    }
}

struct Shared {
    hooks: Mutex<Vec<Hook>>,
    count: watch::Sender<usize>,
    connections: AtomicUsize,
    kills: AtomicU32,
}

/// A running receiver; it ends with the runtime.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            hooks: Mutex::default(),
            count: watch::Sender::new(0),
            connections: AtomicUsize::new(0),
            kills: AtomicU32::new(0),
        });
        let here = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&here);
                shared.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let served = serve(stream, &shared).await;
                    shared.connections.fetch_sub(1, Ordering::SeqCst);
                    served
                });
            }
        });
        Self { address, shared }
    }

    /// How many servers have been killed so far.
    pub(crate) fn kills(&self) -> u32 {
        self.shared.kills.load(Ordering::SeqCst)
    }

    /// The address of a contact.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn hooks(&self) -> Vec<Hook> {
        self.shared.hooks.lock().unwrap().clone()
    }

    /// Hooks from the one at `from` on.
    pub(crate) fn hooks_from(&self, from: usize) -> Vec<Hook> {
        self.shared.hooks.lock().unwrap().get(from..).unwrap_or_default().to_vec()
    }

    pub(crate) fn count(&self) -> usize {
        *self.shared.count.borrow()
    }

    /// Waits until there are at least so many hooks.
    pub(crate) async fn wait_for_count(&self, count: usize) {
        let mut watching = self.shared.count.subscribe();
        let waiting = watching.wait_for(|found| *found >= count);
        in_time("webhook", waiting).await.unwrap();
    }

    /// Waits until `find` finds what it looks for among all hooks.
    pub(crate) async fn wait_for<T>(&self, what: &str, find: impl Fn(&[Hook]) -> Option<T>) -> T {
        let mut watching = self.shared.count.subscribe();
        let looking = async {
            loop {
                watching.mark_unchanged();
                if let Some(found) = find(&self.shared.hooks.lock().unwrap()) {
                    return found;
                }
                watching.changed().await.unwrap();
            }
        };
        in_time(what, looking).await
    }

    /// After the server was killed: waits until everything it sent has been read, so that what arrives from now on
    /// is from its successor.
    pub(crate) async fn draw_line(&self) {
        // Connections are taken in order: once this one is answered, all that came before it are taken.
        let mut mark = Connection::open(self.address).await.unwrap();
        mark.send(&Request::post(MARK)).await.unwrap();
        let all_before =
            async || (self.shared.connections.load(Ordering::SeqCst) == 1).then_some(());
        until("end of the old connections", all_before).await;
        drop(mark);
        until("end of the mark", async || {
            (self.shared.connections.load(Ordering::SeqCst) == 0).then_some(())
        })
        .await;
        self.shared.kills.fetch_add(1, Ordering::SeqCst);
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4 * 1024);
    while let Some(path) = take(&mut stream, &mut buffer, shared).await? {
        let mut parts = path.trim_start_matches('/').split('/');
        let said = match (parts.next(), parts.next(), parts.next()) {
            (Some("hang"), ..) => return std::future::pending().await,
            (Some("gigabyte"), ..) => return write_gigabyte(&mut stream).await,
            (Some("status"), Some(status), Some(seconds)) => {
                format!(
                    "HTTP/1.1 {status} So\r\nretry-after: {seconds}\r\ncontent-length: 0\r\n\r\n"
                )
            }
            // Where it leads would take the message, if anybody followed.
            (Some("status"), Some(status), None) => format!(
                "HTTP/1.1 {status} So\r\nlocation: /ok/followed\r\ncontent-length: 0\r\n\r\n"
            ),
            _ => "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned(),
        };
        stream.write_all(said.as_bytes()).await?;
    }
    Ok(())
}

/// Reads one hook, keeps it, and says its path. `None` when the connection has ended.
async fn take(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    shared: &Shared,
) -> io::Result<Option<String>> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let field = |name: &str| {
        let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    let length: usize = field("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    while buffer.len() < end + 4 + length {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let hook = Hook {
        at: Instant::now(),
        path: path.clone(),
        id: field("webhook-id").unwrap_or_default(),
        kills: shared.kills.load(Ordering::SeqCst),
        body: buffer[end + 4..end + 4 + length].to_vec(),
    };
    buffer.drain(..end + 4 + length);
    if path != MARK {
        shared.hooks.lock().unwrap().push(hook);
        shared.count.send_modify(|count| *count += 1);
    }
    Ok(Some(path))
}

async fn write_gigabyte(stream: &mut TcpStream) -> io::Result<()> {
    let piece = vec![b'x'; PIECE];
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {GIGABYTE}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    for _ in 0..GIGABYTE / PIECE {
        stream.write_all(&piece).await?;
    }
    Ok(())
}
