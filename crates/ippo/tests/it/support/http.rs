//! A small HTTP/1.1 client that keeps its connection open. It judges nothing: every answer is handed back as it is.

use std::io;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// From this size on, a body is written while the answer is read: a server may refuse it half-way.
const LARGE_BYTES: usize = 64 * 1024;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    head: Vec<u8>,
    body: Vec<u8>,
    has_answer_body: bool,
}

impl Request {
    /// Any method on any path, with an empty body.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: ippo.example.test\r\n").into_bytes();
        Self { head, body: Vec::new(), has_answer_body: method != "HEAD" }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    /// Adds a header with a value of any bytes.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        for part in [name.as_bytes(), b": ", value.as_ref(), b"\r\n"] {
            self.head.extend_from_slice(part);
        }
        self
    }

    /// As the person whose token it is.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").bytes(body.to_string())
    }

    /// A form, already encoded.
    pub(crate) fn form(self, encoded: &str) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").bytes(encoded)
    }

    pub(crate) fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn head(&self) -> Vec<u8> {
        let length = format!("content-length: {}\r\n\r\n", self.body.len());
        [&self.head, length.as_bytes()].concat()
    }
}

/// What was answered.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Asks and reads the whole answer.
    pub(crate) async fn send(&mut self, request: &Request) -> io::Result<Response> {
        let mut message = request.head();
        if request.body.len() < LARGE_BYTES {
            message.extend_from_slice(&request.body);
            self.stream.write_all(&message).await?;
            return read_response(&mut self.stream, &mut self.buffer, request).await;
        }
        let (mut reader, mut writer) = self.stream.split();
        let writing = async {
            writer.write_all(&message).await?;
            writer.write_all(&request.body).await
        };
        // A server that refuses the body closes while it is being written; what counts is its answer.
        let reading = read_response(&mut reader, &mut self.buffer, request);
        let (_, answered) = tokio::join!(writing, reading);
        answered
    }

    /// Asks for a stream: reads the head of the answer, and leaves what follows to [`Self::read_until`].
    pub(crate) async fn open_stream(&mut self, request: &Request) -> io::Result<Response> {
        self.stream.write_all(&request.head()).await?;
        read_head(&mut self.stream, &mut self.buffer).await
    }

    /// Reads a stream until it has said `wanted`; `false` when it ends before.
    pub(crate) async fn read_until(&mut self, wanted: &str) -> io::Result<bool> {
        while !String::from_utf8_lossy(&self.buffer).contains(wanted) {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// One question on a connection of its own.
pub(crate) async fn send(address: SocketAddr, request: &Request) -> io::Result<Response> {
    Connection::open(address).await?.send(request).await
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

async fn more<S: AsyncReadExt + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> io::Result<()> {
    match stream.read_buf(buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// Reads the head and takes it out of the buffer.
async fn read_head<S: AsyncReadExt + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> io::Result<Response> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at;
        }
        more(stream, buffer).await?;
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.drain(..end + 4);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let status = status.ok_or_else(|| broken("an answer without a status"))?;
    Ok(Response { status, headers, body: Vec::new() })
}

async fn read_response<S: AsyncReadExt + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    request: &Request,
) -> io::Result<Response> {
    let mut response = read_head(stream, buffer).await?;
    if !request.has_answer_body || matches!(response.status, 204 | 304) {
        return Ok(response);
    }
    if response.header("transfer-encoding").is_some_and(|value| value == "chunked") {
        response.body = read_chunks(stream, buffer).await?;
    } else if let Some(length) = response.header("content-length") {
        let length: usize = length.parse().map_err(|_| broken("a length that is no number"))?;
        while buffer.len() < length {
            more(stream, buffer).await?;
        }
        response.body = buffer.drain(..length).collect();
    } else {
        while stream.read_buf(buffer).await? > 0 {}
        response.body = std::mem::take(buffer);
    }
    Ok(response)
}

async fn read_chunks<S: AsyncReadExt + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = buffer.windows(2).position(|bytes| bytes == b"\r\n") {
                break at;
            }
            more(stream, buffer).await?;
        };
        let size = String::from_utf8_lossy(&buffer[..end]).into_owned();
        let size = usize::from_str_radix(size.trim(), 16);
        let size = size.map_err(|_| broken("a chunk whose size is no number"))?;
        while buffer.len() < end + 2 + size + 2 {
            more(stream, buffer).await?;
        }
        body.extend_from_slice(&buffer[end + 2..end + 2 + size]);
        buffer.drain(..end + 2 + size + 2);
        if size == 0 {
            return Ok(body);
        }
    }
}
