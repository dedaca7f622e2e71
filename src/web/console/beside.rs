//! What stands beside a record: the departments' claims next to each other, and the tasks that are counted by such records.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::records::department;
use crate::clock;
use crate::error::Result;
use crate::model::{Kind, Schema};
use crate::store::{Conn, RecordId, StoredClaim, list_plans, load_claims};
use crate::tracking::Tracking;
use crate::tracking::board::{Filter, board};
use crate::tracking::stored::load_tasks;

/// The latest word of each department on each field that more than one department speaks of: `{departments, rows}`, none when
/// every field has a single speaker.
///
/// # Errors
/// What the store says.
pub fn claims(conn: &mut Conn, schema: &Schema, kind: &Kind, id: &RecordId) -> Result<Value> {
    let claims = load_claims(conn, id)?;
    let mut departments: Vec<&str> = claims.iter().map(|it| it.department.as_str()).collect();
    departments.sort_unstable();
    departments.dedup();
    let rows: Vec<Value> = kind.fields.iter().filter_map(|field| row(field, &claims, &departments)).collect();
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    let names: Vec<String> = departments.iter().map(|it| department(schema, it)).collect();
    Ok(json!({ "departments": names, "rows": rows }))
}

fn row(field: &crate::model::Field, claims: &[StoredClaim], departments: &[&str]) -> Option<Value> {
    // Claims come oldest first, so that the last word of a department stays.
    let mut said: BTreeMap<&str, (&StoredClaim, &Value)> = BTreeMap::new();
    for claim in claims {
        if let Some(at) = claim.fields.iter().find(|it| it.field == field.name) {
            said.insert(&claim.department, (claim, &at.value));
        }
    }
    if said.len() < 2 {
        return None;
    }
    let mut values = said.values().map(|(_, value)| *value);
    let first = values.next();
    let differ = values.any(|value| Some(value) != first);
    let cells: Vec<Value> = departments
        .iter()
        .map(|it| match said.get(it) {
            Some((claim, value)) => json!({ "text": text(field, value), "claim": claim.id,
                "authority": field.authority.as_deref() == Some(it) }),
            None => Value::Null,
        })
        .collect();
    Some(json!({ "name": field.name, "title": field.title, "cells": cells, "differ": differ }))
}

fn text(field: &crate::model::Field, value: &Value) -> String {
    let parsed = crate::model::Value::from_json(&field.ty, value);
    parsed.map_or_else(|_| value.to_string(), |value| field.display_masked(&value))
}

/// Tasks whose progress is counted from records of this kind, each with its light.
///
/// # Errors
/// What the store says.
pub fn tasks(conn: &mut Conn, tracking: &Tracking, kind: &str) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    for plan in list_plans(conn)? {
        let bound: Vec<String> = load_tasks(conn, plan.id.as_str())?
            .into_iter()
            .filter(|task| {
                task.spec.evidence.as_ref().is_some_and(|it| it.done.kind == kind || it.of.kind == kind)
            })
            .map(|task| task.spec.no)
            .collect();
        if bound.is_empty() {
            continue;
        }
        let board = board(conn, &tracking.desk(clock::now()), plan.id.as_str(), &Filter::default())?;
        for line in board.lines.iter().filter(|line| bound.contains(&line.no)) {
            found.push(
                json!({ "plan": board.plan, "no": line.no, "title": line.title, "lead": line.lead.name,
                "light": line.light, "counted": line.counted }),
            );
        }
    }
    Ok(found)
}
