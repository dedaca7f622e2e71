//! Business keys nobody has used yet, of the same shape as a given one.

use crate::model::{FieldType, Value};

/// So many digits at the end are counted up; more would reach into divisions and years.
const COUNTED: usize = 9;

/// Whether values of a type can be counted up: texts and identifiers. A code, a day or an area means something else when changed.
pub(super) fn can_vary(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Text | FieldType::Ident(_))
}

/// The `serial`-th neighbour of a value, valid for its type; none where the digits do not suffice or the value is of another kind.
pub(super) fn neighbour(ty: &FieldType, value: &Value, serial: u64) -> Option<Value> {
    let (Value::Text(text), true) = (value, can_vary(ty)) else { return None };
    let as_value = |text: &str| ty.parse(text).ok().filter(|it| it.warning.is_none()).map(|it| it.value);
    if let Some(found) = counted(text, serial, false).and_then(|it| as_value(&it)) {
        return Some(found);
    }
    // Many identifiers end in a check character: the rest is counted and the one that fits is found.
    let stem = counted(text, serial, true)?;
    let (end, _) = stem.char_indices().next_back()?;
    let stem = stem.get(..end)?;
    ('0'..='9').chain('A'..='Z').find_map(|check| as_value(&format!("{stem}{check}")))
}

/// A text counted up by `serial`: in its last digits, or behind it where it has none. `but_last` leaves the last character alone.
pub(super) fn counted(text: &str, serial: u64, but_last: bool) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let end = chars.len().saturating_sub(usize::from(but_last));
    let mut places: Vec<usize> =
        (0..end).rev().filter(|at| chars.get(*at).is_some_and(char::is_ascii_digit)).take(COUNTED).collect();
    if places.is_empty() {
        return (!but_last).then(|| format!("{text}{serial}"));
    }
    let mut left = serial;
    places.sort_unstable();
    for at in places.into_iter().rev() {
        if let Some(place) = chars.get_mut(at) {
            let sum = u64::from(place.to_digit(10)?) + left % 10;
            left = left / 10 + sum / 10;
            *place = char::from_digit(u32::try_from(sum % 10).ok()?, 10)?;
        }
        if left == 0 {
            break;
        }
    }
    (left == 0).then(|| chars.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::IdentKind;

    #[test]
    fn texts_are_counted_up_in_their_last_digits() {
        assert_eq!(counted("JX-0099", 1, false).as_deref(), Some("JX-0100"));
        assert_eq!(counted("A8B9", 1, false).as_deref(), Some("A9B0"));
        assert_eq!(counted("花园", 7, false).as_deref(), Some("花园7"));
        assert_eq!(counted("7", 3, false), None, "no room for a carry");
    }

    #[test]
    fn identifiers_stay_valid_and_differ() {
        let ty = FieldType::Ident(IdentKind::Uscc);
        let value = ty.parse("91330402MA2B7K3X5Q").map(|it| it.value);
        let value = value.unwrap_or(Value::Text("91330402MA2B7K3X5Q".to_owned()));
        let found: Vec<Value> = (1..=50).filter_map(|serial| neighbour(&ty, &value, serial)).collect();
        assert!(found.len() >= 45, "{found:?}");
        for (at, it) in found.iter().enumerate() {
            assert!(
                ty.parse(&it.plain_text()).is_ok() && *it != value && !found[..at].contains(it),
                "{it:?}"
            );
        }
        assert_eq!(neighbour(&FieldType::Date, &value, 1), None);
    }
}
