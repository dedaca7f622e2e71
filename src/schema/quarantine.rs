//! Decisions over messages that wait in quarantine for the same reason.

diesel::table! {
    /// One decision, and how far it has come.
    mending (id) {
        id -> Text,
        partner -> Text,
        name -> Text,
        cause -> Nullable<Text>,
        substitutions -> Text,
        note -> Text,
        state -> Text,
        after_id -> Text,
        until_id -> Text,
        total -> Integer,
        accepted -> Integer,
        refused -> Integer,
        skipped -> Integer,
        created_by -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}
