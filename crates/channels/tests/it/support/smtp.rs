//! A mail server that follows a script: at each step it answers, refuses, hangs, drips or breaks off.
//!
//! With `LHLO` instead of `EHLO` it is an LMTP server as well.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::in_time;

/// What the server does at a step.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Says this, a whole reply without the last line end.
    Say(&'static str),
    /// Says this and closes.
    SayAndClose(&'static str),
    /// Says this one byte at a time, with this pause after each.
    Drip(&'static str, Duration),
    /// Says nothing more, ever.
    Hang,
    /// Closes.
    Close,
}

/// A step of the conversation, named after the client's command. [`Step::Middle`] is the first line of the message,
/// [`Step::Content`] its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Greeting,
    Hello,
    StartTls,
    SignIn,
    Sender,
    Recipient,
    Data,
    Middle,
    Content,
}

/// What the server does where; without anything said it takes every letter.
#[derive(Clone, Default)]
pub(crate) struct Script {
    acts: Vec<(Option<usize>, Step, Act)>,
    tls: Option<Arc<ServerConfig>>,
    is_encrypted_from_start: bool,
}

impl Script {
    /// At every `step`.
    pub(crate) fn on(mut self, step: Step, act: Act) -> Self {
        self.acts.push((None, step, act));
        self
    }

    /// At `step` of the `nth` letter of a connection, from 1.
    pub(crate) fn on_letter(mut self, nth: usize, step: Step, act: Act) -> Self {
        self.acts.push((Some(nth), step, act));
        self
    }

    /// Offers STARTTLS with this certificate.
    pub(crate) fn with_starttls(mut self, tls: Arc<ServerConfig>) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Encrypts from the first byte with this certificate.
    pub(crate) fn encrypted(mut self, tls: Arc<ServerConfig>) -> Self {
        self.tls = Some(tls);
        self.is_encrypted_from_start = true;
        self
    }

    fn find(&self, letter: usize, step: Step) -> Option<Act> {
        let fits = |(nth, at, _): &&(Option<usize>, Step, Act)| {
            *at == step && nth.is_none_or(|nth| nth == letter)
        };
        self.acts.iter().find(fits).map(|(_, _, act)| *act)
    }
}

/// What the server has seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    /// Every command, with `(tls)` before those that came encrypted.
    pub(crate) commands: Vec<String>,
    /// Every letter taken, with dots unstuffed.
    pub(crate) letters: Vec<String>,
}

/// A running server; it ends with the test's runtime.
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    letters: watch::Receiver<usize>,
}

struct Shared {
    script: Script,
    seen: Arc<Mutex<Seen>>,
    letters: watch::Sender<usize>,
}

impl SmtpServer {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (letters, watching) = watch::channel(0);
        let shared = Arc::new(Shared { script, seen: Arc::clone(&seen), letters });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accept(stream, Arc::clone(&shared)));
            }
        });
        Self { address, seen, letters: watching }
    }

    /// The address for `channels.mail.smtp`.
    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until `count` letters have been taken.
    pub(crate) async fn wait_for_letters(&self, count: usize) -> Vec<String> {
        let mut letters = self.letters.clone();
        in_time(letters.wait_for(|taken| *taken >= count)).await.unwrap();
        self.seen().letters
    }
}

/// How a conversation over one stream ended.
enum End<S> {
    Closed,
    StartTls(S),
}

async fn accept(stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    shared.seen.lock().unwrap().connections += 1;
    let script = &shared.script;
    if let (true, Some(tls)) = (script.is_encrypted_from_start, &script.tls) {
        let stream = TlsAcceptor::from(Arc::clone(tls)).accept(stream).await?;
        converse(stream, &shared, true).await?;
        return Ok(());
    }
    if let (End::StartTls(stream), Some(tls)) =
        (converse(stream, &shared, false).await?, &script.tls)
    {
        let stream = TlsAcceptor::from(Arc::clone(tls)).accept(stream).await?;
        converse(stream, &shared, true).await?;
    }
    Ok(())
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    shared: &Shared,
    is_encrypted: bool,
) -> io::Result<End<S>> {
    let script = &shared.script;
    let offers_starttls = script.tls.is_some() && !is_encrypted;
    let hello = if offers_starttls { "250-mx.test\r\n250-STARTTLS\r\n250 HELP" } else { HELLO };
    let mut stream = BufReader::new(stream);
    let mut letter = 1;
    if (!is_encrypted || script.is_encrypted_from_start)
        && !act(&mut stream, script.find(letter, Step::Greeting), "220 mx.test ESMTP").await?
    {
        return Ok(End::Closed);
    }
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(End::Closed);
        }
        let command = line.trim_end();
        let note = if is_encrypted { format!("(tls) {command}") } else { command.to_owned() };
        shared.seen.lock().unwrap().commands.push(note);
        let verb = command.split(' ').next().unwrap_or_default().to_uppercase();
        let (step, usual) = match verb.as_str() {
            "EHLO" | "LHLO" => (Step::Hello, hello),
            "STARTTLS" => (Step::StartTls, "220 2.0.0 go ahead"),
            "AUTH" => (Step::SignIn, "235 2.7.0 welcome"),
            "MAIL" => (Step::Sender, "250 2.1.0 ok"),
            "RCPT" => (Step::Recipient, "250 2.1.5 ok"),
            "DATA" => (Step::Data, "354 go ahead"),
            _ => (Step::Content, "250 2.0.0 ok"),
        };
        if !act(&mut stream, script.find(letter, step), usual).await? {
            return Ok(End::Closed);
        }
        if step == Step::StartTls && offers_starttls {
            return Ok(End::StartTls(stream.into_inner()));
        }
        if step == Step::Data && script.find(letter, Step::Data).is_none() {
            if !take_letter(&mut stream, shared, letter).await? {
                return Ok(End::Closed);
            }
            letter += 1;
        }
    }
}

const HELLO: &str =
    "250-mx.test\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 ENHANCEDSTATUSCODES";

/// Reads a message to its end. False when the conversation is over.
async fn take_letter<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    shared: &Shared,
    letter: usize,
) -> io::Result<bool> {
    let mut content = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(false);
        }
        if let Some(act_in_middle) = shared.script.find(letter, Step::Middle)
            && !act(stream, Some(act_in_middle), "").await?
        {
            return Ok(false);
        }
        if line == ".\r\n" {
            break;
        }
        content.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
    let scripted = shared.script.find(letter, Step::Content);
    if !matches!(scripted, Some(Act::Say(reply)) if !reply.starts_with('2')) {
        shared.seen.lock().unwrap().letters.push(content);
        shared.letters.send_modify(|letters| *letters += 1);
    }
    act(stream, scripted, "250 2.0.0 Ok: queued as 4F1A").await
}

/// Does what the script says, or says what is usual. False when the conversation is over.
async fn act<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    act: Option<Act>,
    usual: &str,
) -> io::Result<bool> {
    match act {
        None => say(stream, usual).await.map(|()| true),
        Some(Act::Say(reply)) => say(stream, reply).await.map(|()| true),
        Some(Act::SayAndClose(reply)) => say(stream, reply).await.map(|()| false),
        Some(Act::Close) => Ok(false),
        Some(Act::Hang) => std::future::pending().await,
        Some(Act::Drip(reply, pause)) => {
            let mut beat = tokio::time::interval(pause);
            for byte in format!("{reply}\r\n").bytes() {
                beat.tick().await;
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
            }
            Ok(true)
        }
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    reply: &str,
) -> io::Result<()> {
    stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    stream.flush().await
}
