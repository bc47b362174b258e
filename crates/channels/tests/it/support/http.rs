//! A web server that gives one prepared answer to every request, over connections it keeps open.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::in_time;

/// What every request is answered with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    /// This status line and these headers, and an empty body.
    Head(&'static str),
    /// 200 and a body of one gigabyte.
    Gigabyte,
    /// 200 and a body that is announced but never comes.
    Unfinished,
    /// Nothing, ever.
    Hang,
    /// Nothing: the connection is closed.
    Close,
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// A running server; it ends with the test's runtime.
pub(crate) struct HttpServer {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    /// Bytes of the one endless answer written so far, once its connection is closed.
    cut_off_at: watch::Receiver<Option<usize>>,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<Request>,
}

struct Shared {
    reply: Reply,
    tls: Option<Arc<ServerConfig>>,
    seen: Arc<Mutex<Seen>>,
    cut_off_at: watch::Sender<Option<usize>>,
}

impl HttpServer {
    pub(crate) async fn start(reply: Reply) -> Self {
        Self::start_with(reply, None).await
    }

    pub(crate) async fn start_with(reply: Reply, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (cut_off_at, watching) = watch::channel(None);
        let shared = Arc::new(Shared { reply, tls, seen: Arc::clone(&seen), cut_off_at });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.seen.lock().unwrap().connections += 1;
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    match &shared.tls {
                        None => serve(stream, &shared).await,
                        Some(tls) => {
                            let acceptor = TlsAcceptor::from(Arc::clone(tls));
                            serve(acceptor.accept(stream).await?, &shared).await
                        }
                    }
                });
            }
        });
        Self { address, seen, cut_off_at: watching }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?key=k", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().requests.clone()
    }

    /// Waits until the client has closed on the endless answer, and says how much of it was written by then.
    pub(crate) async fn wait_for_cut_off(&self) -> usize {
        let mut watching = self.cut_off_at.clone();
        let cut_off = in_time(watching.wait_for(Option::is_some)).await.unwrap();
        cut_off.unwrap()
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(stream: S, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream).await? {
        shared.seen.lock().unwrap().requests.push(request);
        match shared.reply {
            Reply::Head(head) => {
                stream
                    .write_all(format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n").as_bytes())
                    .await?;
            }
            Reply::Gigabyte => {
                write_gigabyte(&mut stream, shared).await;
                return Ok(());
            }
            Reply::Unfinished => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").await?;
                stream.flush().await?;
                std::future::pending::<()>().await;
            }
            Reply::Hang => std::future::pending().await,
            Reply::Close => return Ok(()),
        }
        stream.flush().await?;
    }
    Ok(())
}

async fn read_request<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let request_line = line.trim_end().to_owned();
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(Request { line: request_line, headers, body }))
}

async fn write_gigabyte<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    shared: &Shared,
) {
    const TOTAL: usize = 1 << 30;
    let chunk = vec![b'x'; 64 * 1024];
    let mut written = 0;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {TOTAL}\r\n\r\n");
    if stream.write_all(head.as_bytes()).await.is_ok() {
        while written < TOTAL && stream.write_all(&chunk).await.is_ok() {
            written += chunk.len();
        }
    }
    shared.cut_off_at.send_replace(Some(written));
}
