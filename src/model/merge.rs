//! Survivorship: how the claims of several departments become one record (一数一源).
//!
//! Per field, the latest word of each department counts. The department that is the authority of the field wins; without it
//! the most recent word wins. What others say differently is a discrepancy, never lost and never averaged. Pure, and its
//! result does not depend on the order of the claims.

use super::body::Body;
use super::claim::{ClaimedField, Source, StoredClaim};
use super::field::{Field, FieldId};
use super::kind::Kind;
use super::value::Value;

/// One record as the claims make it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// Current value of each field.
    pub body: Body,
    /// Where each current value came from, in the order of the fields.
    pub sources: Vec<(FieldId, Source)>,
    /// What departments say differently, in the order of the fields.
    pub discrepancies: Vec<Discrepancy>,
}

/// Two departments say different things about one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Discrepancy {
    /// The field.
    pub field: FieldId,
    /// Whether the winner is the authority of the field; otherwise it is only the most recent.
    pub by_authority: bool,
    /// What counts, and who said it.
    pub winner: Voice,
    /// What is set aside, and who said it.
    pub other: Voice,
}

/// What one department says about one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    /// The value.
    pub value: Value,
    /// Who said it, where and when.
    pub source: Source,
}

/// Merges every claim about one thing into one record. Cost is linear in the values claimed.
#[must_use]
pub fn merge(kind: &Kind, claims: &[StoredClaim]) -> Merged {
    let mut merged = Merged::default();
    let by_field = voices(kind, claims);
    for (field, voices) in kind.fields.iter().zip(by_field) {
        let Some(winner) = winner(field, &voices) else { continue };
        merged.body.set(field.id, winner.said.value.clone());
        merged.sources.push((field.id, winner.source()));
        merged.discrepancies.extend(discrepancies(field, winner, &voices));
    }
    merged
}

/// The latest word of one department on one field.
#[derive(Clone, Copy)]
struct Latest<'a> {
    claim: &'a StoredClaim,
    said: &'a ClaimedField,
}

impl Latest<'_> {
    /// Later claims win; of claims received in the same microsecond, that with the later id.
    fn age(&self) -> (chrono::DateTime<chrono::Utc>, &str) {
        (self.claim.at, &self.claim.claim_id)
    }

    fn source(&self) -> Source {
        let claim = self.claim;
        Source {
            claim_id: claim.claim_id.clone(),
            message_id: claim.message_id.clone(),
            department: claim.department.clone(),
            partner: claim.partner.clone(),
            at: claim.at,
            mapping: claim.mapping.clone(),
            place: self.said.place.clone(),
        }
    }

    fn voice(&self) -> Voice {
        Voice { value: self.said.value.clone(), source: self.source() }
    }
}

/// Per field, the latest word of each department that ever spoke about it.
fn voices<'a>(kind: &Kind, claims: &'a [StoredClaim]) -> Vec<Vec<Latest<'a>>> {
    let mut by_field: Vec<Vec<Latest<'a>>> = vec![Vec::new(); kind.fields.len()];
    for claim in claims {
        for said in &claim.fields {
            let Some(voices) = by_field.get_mut(usize::from(said.field.0)) else { continue };
            let latest = Latest { claim, said };
            match voices.iter_mut().find(|voice| voice.claim.department == claim.department) {
                Some(voice) if voice.age() <= latest.age() => *voice = latest,
                Some(_) => {}
                None => voices.push(latest),
            }
        }
    }
    by_field
}

fn winner<'a>(field: &Field, voices: &[Latest<'a>]) -> Option<Latest<'a>> {
    let authority = voices.iter().find(|voice| is_authority(field, voice));
    authority.or_else(|| voices.iter().max_by(|a, b| a.age().cmp(&b.age()))).copied()
}

fn is_authority(field: &Field, voice: &Latest<'_>) -> bool {
    field.authority.as_deref() == Some(voice.claim.department.as_str())
}

/// Every other department that disagrees, latest first.
fn discrepancies(field: &Field, winner: Latest<'_>, voices: &[Latest<'_>]) -> Vec<Discrepancy> {
    let mut others: Vec<&Latest<'_>> =
        voices.iter().filter(|voice| !voice.said.value.agrees_with(&winner.said.value)).collect();
    others.sort_by(|a, b| b.age().cmp(&a.age()));
    let discrepancy = |other: &Latest<'_>| Discrepancy {
        field: field.id,
        by_authority: is_authority(field, &winner),
        winner: winner.voice(),
        other: other.voice(),
    };
    others.into_iter().map(discrepancy).collect()
}

#[cfg(test)]
mod tests;
