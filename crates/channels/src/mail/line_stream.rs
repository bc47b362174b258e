//! A connection that is read one line at a time.
//!
//! Before STARTTLS everything is clear text, and whoever sits in between can add answers of their own to the
//! server's "go ahead". A reader that buffers would keep those and take them for answers given under encryption.
//! This stream never hands out more than one line in one read, so nothing behind the "go ahead" reaches the
//! buffer of the SMTP client: what was added comes up in the TLS handshake instead and makes it fail.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much is asked of the socket at once.
const CHUNK_BYTES: usize = 4096;
/// The most that is read between two writes. No answer of a mail server comes near it.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A TCP connection that gives at most one line, up to and with its line feed, in each read.
pub(super) struct LineStream {
    inner: TcpStream,
    waiting: BytesMut,
    read_since_write: usize,
}

impl LineStream {
    pub(super) fn new(inner: TcpStream) -> Self {
        Self { inner, waiting: BytesMut::new(), read_since_write: 0 }
    }

    /// Waits until there is something to give, or the other side has closed.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.waiting.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let mut chunk = [0; CHUNK_BYTES];
        let mut chunk = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut self.inner).poll_read(cx, &mut chunk))?;
        self.read_since_write += chunk.filled().len();
        if self.read_since_write > ANSWER_BYTES_MAX {
            let error = io::Error::new(io::ErrorKind::InvalidData, "the answer has no end");
            return Poll::Ready(Err(error));
        }
        self.waiting.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncTokioStream for LineStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }
}

impl fmt::Debug for LineStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LineStream")
    }
}

impl AsyncRead for LineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_fill(cx))?;
        let line_end = self.waiting.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let count = line_end.unwrap_or(self.waiting.len()).min(out.remaining());
        if let Some(line) = self.waiting.get(..count) {
            out.put_slice(line);
        }
        self.waiting.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.read_since_write = 0;
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
