//! One frame: is it the partner's, into intake, an answer in the partner's form.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::super::said;
use super::Settings;
use crate::clock;
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::format::Frame;
use crate::intake::{self, Inbound, Intake};
use crate::mapping::{Mapping, Said};
use crate::store::{PartnerId, Standing, find_partner};

pub(super) struct Take {
    intake: Intake,
    partner: PartnerId,
    messages: BTreeMap<String, String>,
    tokens: Vec<String>,
}

/// What became of a frame.
pub(super) struct Reply {
    /// None when no answer could be written; the connection is then of no more use.
    pub answer: Option<Vec<u8>>,
    /// The frame was the partner's own.
    pub known: bool,
    /// The connection ends.
    pub ends: bool,
}

impl Take {
    pub fn new(intake: Intake, settings: &Settings) -> Self {
        Self {
            intake,
            partner: PartnerId::from(settings.partner.as_str()),
            messages: settings.messages.clone(),
            tokens: settings.tokens.clone(),
        }
    }

    /// Whether the partner may come in, from there.
    ///
    /// # Errors
    /// `unknown_partner`, `partner_disabled`, `address_not_allowed`, and what the store says.
    pub fn admit(&self, peer: Option<IpAddr>) -> Result<()> {
        let found = self.intake.store.read(|conn| find_partner(conn, &self.partner))?;
        let partner = found.ok_or_else(|| {
            Error::new(codes::transport::UNKNOWN_PARTNER, format!("没有登记对接单位“{}”。", self.partner))
        })?;
        if partner.status != Standing::Active {
            let detail = format!("对接单位“{}”已停用。", partner.title);
            return Err(Error::new(codes::transport::PARTNER_DISABLED, detail));
        }
        partner.admits(peer)
    }

    /// Deals with a frame; whatever is wrong is in the answer.
    pub fn take(&self, bytes: &[u8], peer: Option<IpAddr>) -> Reply {
        if let Err(error) = self.admit(peer) {
            tracing::warn!(?peer, code = %error.code, "frames.refused");
            return Reply { answer: self.refusal(&error), known: false, ends: true };
        }
        let (frame, token) = match self.verify(bytes) {
            Ok(verified) => verified,
            Err(error) => {
                tracing::warn!(?peer, code = %error.code, detail = %error.detail, "frames.refused");
                return Reply { answer: self.refusal(&error), known: false, ends: false };
            }
        };
        let now = clock::now();
        let mapping = self.mapping(frame.message_no);
        let taken = match mapping {
            Some(mapping) => self.receive(mapping, bytes),
            None => Err(Error::new(
                codes::transport::FRAME_UNEXPECTED,
                format!("没有约定接收编号为 {} 的报文。", frame.message_no),
            )),
        };
        let said = match &taken {
            Ok(receipt) => said::of_receipt(receipt, "", now),
            Err(error) => said::of_error(error, "", now),
        };
        let cause = taken.as_ref().err().and_then(|it| it.cause.as_deref());
        tracing::info!(
            ?peer, message_no = frame.message_no, accepted = said.accepted, refused = said.refused, code = %said.code,
            cause, "frames.taken"
        );
        let answer = self.answer(mapping.or_else(|| self.usual()), &said, (bytes, token));
        Reply { answer, known: true, ends: false }
    }

    /// The frame, and the token it was signed with.
    fn verify<'f>(&self, bytes: &'f [u8]) -> Result<(Frame<'f>, &str)> {
        let frame = Frame::split(bytes)
            .map_err(|problem| Error::new(problem.code, format!("{}{}", problem.rule, problem.hint)))?;
        let given = frame.mac.to_ascii_lowercase();
        for token in &self.tokens {
            if crypto::constant_time_eq(mac(token, frame.signed)?.as_bytes(), given.as_bytes()) {
                return Ok((frame, token));
            }
        }
        Err(Error::new(
            codes::transport::FRAME_DIGEST,
            "末尾 64 位校验码不对，应为“约定口令 + XML 原文”的 SHA-256（十六进制）；报文没有入库。",
        ))
    }

    fn receive(&self, mapping: &Mapping, bytes: &[u8]) -> Result<Value> {
        let inbound = Inbound {
            partner: self.partner.clone(),
            name: mapping.message.clone(),
            bytes: bytes.to_vec(),
            content_type: None,
            idempotency_key: None,
            key_id: None,
            nonce: None,
            file_name: None,
            trace_id: clock::fresh_id(),
            at: clock::now(),
        };
        intake::receive(&self.intake, inbound).map(|it| it.receipt)
    }

    fn mapping(&self, message_no: &str) -> Option<&Mapping> {
        self.intake.mappings.get(self.partner.as_str(), self.messages.get(message_no)?)
    }

    /// The message whose form answers a frame that is none of the agreed.
    fn usual(&self) -> Option<&Mapping> {
        self.messages.keys().find_map(|it| self.mapping(it))
    }

    /// The answer to what is not the partner's, or not a frame. Nothing of it is repeated, because the answer is signed: a
    /// stranger would get texts of its own choosing under the token.
    pub fn refusal(&self, error: &Error) -> Option<Vec<u8>> {
        let token = self.tokens.first()?;
        self.answer(self.usual(), &said::of_error(error, "", clock::now()), (b"", token))
    }

    fn answer(
        &self,
        mapping: Option<&Mapping>,
        said: &Said,
        (bytes, token): (&[u8], &str),
    ) -> Option<Vec<u8>> {
        let mapping = mapping?;
        let (body, number) = (mapping.answer(said, bytes)?, mapping.answer_frame()?);
        let written = body.and_then(|xml| {
            let mac = mac(token, &xml)?;
            Ok(Frame::write(number, &xml, |_| mac))
        });
        written
            .inspect_err(|error| tracing::error!(code = %error.code, cause = error.cause.as_deref(), "frames.no_answer"))
            .ok()
    }
}

/// SHA-256 of the token followed by the XML, lower-case hex.
fn mac(token: &str, xml: &[u8]) -> Result<String> {
    crypto::sha256_hex(&[token.as_bytes(), xml].concat())
}
