//! A mail server whose manner is in the name of the mailbox, so that one serves a whole site: `hang`, `refuse`,
//! `later`, `slow`, `endless` and `break` do what they are called; every other mailbox takes its letter.
//!
//! With `LHLO` instead of `EHLO` it is an LMTP server as well.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::patience::in_time;

const HELLO: &str = "250-mx.test\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES";
/// The pause after each byte of a slow answer.
const SLOW: Duration = Duration::from_millis(5);
/// The pause after each byte of one that never comes to its end in time.
const ENDLESS: Duration = Duration::from_millis(200);

/// A running server; it ends with the runtime.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    letters: Arc<Mutex<Vec<String>>>,
    count: watch::Receiver<usize>,
}

struct Shared {
    letters: Arc<Mutex<Vec<String>>>,
    count: watch::Sender<usize>,
}

impl MailServer {
    /// Starts a server; one with `tls` encrypts from the first byte.
    pub(crate) async fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let letters = Arc::new(Mutex::new(Vec::new()));
        let (count, watching) = watch::channel(0);
        let shared = Arc::new(Shared { letters: Arc::clone(&letters), count });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, tls) = (Arc::clone(&shared), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => talk(stream, &shared).await,
                        Some(tls) => {
                            talk(TlsAcceptor::from(tls).accept(stream).await?, &shared).await
                        }
                    }
                });
            }
        });
        Self { address, letters, count: watching }
    }

    /// Waits until so many letters were taken.
    pub(crate) async fn wait_for_letters(&self, count: usize) -> Vec<String> {
        let mut watching = self.count.clone();
        in_time("letter", watching.wait_for(|taken| *taken >= count)).await.unwrap();
        self.letters.lock().unwrap().clone()
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(stream: S, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    say(&mut stream, "220 mx.test ESMTP", None).await?;
    let mut line = String::new();
    let mut mailbox = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_lowercase();
        let verb = command.split(' ').next().unwrap_or_default();
        match verb {
            "ehlo" | "lhlo" => say(&mut stream, HELLO, None).await?,
            "rcpt" => {
                let (_, address) = command.split_once('<').unwrap_or_default();
                address.split('@').next().unwrap_or_default().clone_into(&mut mailbox);
                match mailbox.as_str() {
                    "hang" => std::future::pending().await,
                    "refuse" => say(&mut stream, "550 5.1.1 no such mailbox", None).await?,
                    "later" => say(&mut stream, "451 4.3.0 try again later", None).await?,
                    "endless" => say(&mut stream, "250 2.1.5 ok", Some(ENDLESS)).await?,
                    "slow" => say(&mut stream, "250 2.1.5 ok", Some(SLOW)).await?,
                    _ => say(&mut stream, "250 2.1.5 ok", None).await?,
                }
            }
            "data" => {
                say(&mut stream, "354 go ahead", None).await?;
                let Some(letter) = read_letter(&mut stream, mailbox == "break").await? else {
                    return Ok(());
                };
                shared.letters.lock().unwrap().push(letter);
                shared.count.send_modify(|count| *count += 1);
                say(&mut stream, "250 2.0.0 queued as 4F1A", None).await?;
            }
            "quit" => return say(&mut stream, "221 2.0.0 bye", None).await,
            _ => say(&mut stream, "250 2.0.0 ok", None).await?,
        }
    }
}

/// Reads a letter to its end. `None` when the conversation is over, which `breaks` makes it in the middle.
async fn read_letter<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    breaks: bool,
) -> io::Result<Option<String>> {
    let mut letter = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 || breaks {
            return Ok(None);
        }
        if line == ".\r\n" {
            return Ok(Some(letter));
        }
        letter.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// Says one reply, whole or one byte at a time.
async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    reply: &str,
    pause: Option<Duration>,
) -> io::Result<()> {
    let reply = format!("{reply}\r\n");
    let Some(pause) = pause else {
        stream.write_all(reply.as_bytes()).await?;
        return stream.flush().await;
    };
    let mut beat = tokio::time::interval(pause);
    for byte in reply.bytes() {
        beat.tick().await;
        stream.write_all(&[byte]).await?;
        stream.flush().await?;
    }
    Ok(())
}
