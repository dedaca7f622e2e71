//! Batches: documents of one kind that are issued together.

diesel::table! {
    /// Batches of documents.
    document_batch (id) {
        id -> Text,
        kind -> Text,
        template_version -> Text,
        source -> Text,
        name -> Text,
        heads -> Text,
        ignored -> Text,
        sha256 -> Nullable<Text>,
        state -> Text,
        version -> Integer,
        department -> Nullable<Text>,
        division -> Nullable<Text>,
        signed_on -> Nullable<Date>,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        demo -> Bool,
        created_by -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    /// The documents of a batch, one row each.
    document_batch_item (batch_id, row) {
        batch_id -> Text,
        row -> Integer,
        title -> Text,
        cells -> Text,
        form -> Text,
        record_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        pages -> Nullable<Integer>,
        state -> Text,
        fault -> Nullable<Text>,
        problems -> Text,
        document_id -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// What was done to a batch.
    document_batch_event (batch_id, n) {
        batch_id -> Text,
        n -> Integer,
        at -> Timestamp,
        actor -> Text,
        action -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        opinion -> Nullable<Text>,
        detail -> Text,
    }
}

diesel::joinable!(document_batch_item -> document_batch (batch_id));
