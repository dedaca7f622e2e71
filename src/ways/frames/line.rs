//! One connection: frames read by their length, every wait with an end.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::error::{Error, Result, codes};
use crate::format::Frame;

/// How long, and how much, a connection that ends is still read, so that its last answer is not torn away with it.
const PARTING: (Duration, usize) = (Duration::from_secs(2), 1 << 20);

pub(super) struct Line {
    stream: TcpStream,
    limit: usize,
    timeout: Duration,
}

/// How reading ended.
enum Got {
    All,
    /// The other side ended, or the connection broke.
    Ended,
    Late,
}

impl Line {
    pub fn new(stream: TcpStream, limit: usize, timeout: Duration) -> Self {
        Self { stream, limit, timeout }
    }

    /// The next frame, of right length but not looked into; none when the other side ended or said nothing for `wait`.
    /// Memory grows with what came, not with what the length claims.
    ///
    /// # Errors
    /// What the sender is told; where the next frame begins is then unknown.
    pub fn frame(&mut self, wait: Duration) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        if !matches!(self.fill(&mut bytes, 1, Instant::now() + wait), Got::All) {
            return Ok(None);
        }
        let until = Instant::now() + self.timeout;
        self.whole(&mut bytes, Frame::LENGTH, until)?;
        let length = Frame::length(&bytes).filter(|it| *it >= Frame::LEAST).ok_or_else(|| {
            let detail =
                format!("报文开头 8 个字符应是整帧字节数（至少 {}），左对齐，空格补足。", Frame::LEAST);
            Error::new(codes::format::FRAME_MALFORMED, detail)
        })?;
        if length > self.limit {
            let detail = format!("报文帧长 {length} 字节，超过上限 {} 字节。", self.limit);
            return Err(Error::new(codes::transport::BODY_TOO_LARGE, detail));
        }
        self.whole(&mut bytes, length, until)?;
        Ok(Some(bytes))
    }

    fn whole(&mut self, bytes: &mut Vec<u8>, length: usize, until: Instant) -> Result<()> {
        match self.fill(bytes, length, until) {
            Got::All => Ok(()),
            Got::Ended => {
                let detail = format!("应有 {length} 字节，收到 {} 字节连接就断了。", bytes.len());
                Err(Error::new(codes::transport::BODY_INCOMPLETE, detail))
            }
            Got::Late => {
                let (came, seconds) = (bytes.len(), self.timeout.as_secs());
                let detail = format!("应有 {length} 字节，{seconds} 秒内只收到 {came} 字节。");
                Err(Error::new(codes::transport::FRAME_LATE, detail))
            }
        }
    }

    /// Reads until there are `length` bytes.
    fn fill(&mut self, bytes: &mut Vec<u8>, length: usize, until: Instant) -> Got {
        let mut piece = [0; 16 * 1024];
        while bytes.len() < length {
            let left = until.saturating_duration_since(Instant::now());
            // No time left is no time-out the system knows.
            if left.is_zero() || self.stream.set_read_timeout(Some(left)).is_err() {
                return Got::Late;
            }
            let room = piece.len().min(length - bytes.len());
            match self.stream.read(piece.get_mut(..room).unwrap_or_default()) {
                Ok(0) => return Got::Ended,
                Ok(n) => bytes.extend(piece.iter().take(n)),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Got::Late;
                }
                Err(_broken) => return Got::Ended,
            }
        }
        Got::All
    }

    /// Writes an answer.
    ///
    /// # Errors
    /// When the other side does not take it in time, or is gone.
    pub fn write(&mut self, answer: &[u8]) -> std::io::Result<()> {
        let until = Instant::now() + self.timeout;
        let mut rest = answer;
        while !rest.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.stream.set_write_timeout(Some(left))?;
            match self.stream.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => rest = rest.get(n..).unwrap_or_default(),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Ends the connection after an answer. A connection closed over bytes nobody read is reset, and a reset takes the answer
    /// from the sender's hands (RFC 9293 §3.10.4); so what still comes is read for a moment and thrown away.
    pub fn part(mut self) {
        let until = Instant::now() + PARTING.0;
        if self.stream.shutdown(Shutdown::Write).is_ok() {
            let _ = self.fill(&mut Vec::new(), PARTING.1, until);
        }
    }
}
