//! The tables as diesel sees them, the same for SQLite and PostgreSQL; a test compares them with both.
//!
//! Column rules that keep the two equal: ids are text, money is fen and area 0.01 ㎡ in `BigInt`, instants are UTC
//! without zone, days are `Date`, JSON is text, flags are `Bool`, fixed words are text, no table is wider than 32 columns.
#![expect(missing_docs, reason = "columns are described where people meet them: at the row types of `store`")]

mod batch;
mod outgoing;
mod quarantine;
mod tasks;

pub use batch::*;
pub use outgoing::*;
pub use quarantine::*;
pub use tasks::*;

// --- exchange: who sends, what came ---------------------------------------------------------------------------------

diesel::table! {
    /// Partner systems.
    partner (id) {
        id -> Text,
        title -> Text,
        department -> Text,
        division -> Nullable<Text>,
        status -> Text,
        ip_allow -> Text,
        quota_per_minute -> Nullable<Integer>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    /// Keys of partners, without secrets.
    partner_key (id) {
        id -> Text,
        partner -> Text,
        scheme -> Text,
        status -> Text,
        public_key -> Nullable<Text>,
        created_by -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Nonces seen, until their clock window closes.
    nonce (partner, value) {
        partner -> Text,
        value -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    /// Messages as received.
    message (id) {
        id -> Text,
        partner -> Text,
        name -> Text,
        mapping_version -> Nullable<Integer>,
        message_key -> Nullable<Text>,
        idempotency_key -> Nullable<Text>,
        key_id -> Nullable<Text>,
        digest -> Text,
        state -> Text,
        cause -> Nullable<Text>,
        received_at -> Timestamp,
        content_type -> Nullable<Text>,
        charset -> Nullable<Text>,
        file_name -> Nullable<Text>,
        division -> Nullable<Text>,
        trace_id -> Nullable<Text>,
        size -> BigInt,
        record_count -> Integer,
        receipt -> Text,
        problems -> Text,
        replayed_from -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
        settled_by -> Nullable<Text>,
        settled_note -> Nullable<Text>,
        raw -> Binary,
    }
}

diesel::table! {
    /// Bytes of bulk files, in parts.
    message_part (message_id, n) {
        message_id -> Text,
        n -> Integer,
        bytes -> Binary,
    }
}

diesel::table! {
    /// Verdicts of bulk rows that were not simply accepted.
    message_row (message_id, row) {
        message_id -> Text,
        row -> Integer,
        state -> Text,
        problems -> Text,
    }
}

// --- records: one per real thing, with where every value came from ---------------------------------------------------

diesel::table! {
    /// Records as they stand now.
    record (id) {
        id -> Text,
        kind -> Text,
        title -> Text,
        division -> Nullable<Text>,
        version -> Integer,
        revision -> Integer,
        body -> Text,
        sources -> Text,
        message_id -> Nullable<Text>,
        created_at -> Timestamp,
        valid_from -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    /// Versions no longer current.
    record_version (record_id, version) {
        record_id -> Text,
        version -> Integer,
        title -> Text,
        division -> Nullable<Text>,
        body -> Text,
        sources -> Text,
        message_id -> Nullable<Text>,
        valid_from -> Timestamp,
        valid_to -> Timestamp,
    }
}

diesel::table! {
    /// Business keys.
    record_key (kind, name, value) {
        kind -> Text,
        name -> Text,
        value -> Text,
        record_id -> Text,
    }
}

diesel::table! {
    /// What a search reads.
    record_search (record_id) {
        record_id -> Text,
        kind -> Text,
        division -> Nullable<Text>,
        updated_at -> Timestamp,
        text -> Text,
    }
}

diesel::table! {
    /// What a record refers to, by the business key it names.
    record_link (record_id, field) {
        record_id -> Text,
        field -> Text,
        kind -> Text,
        target_kind -> Text,
        target_key -> Text,
        target_value -> Text,
    }
}

diesel::table! {
    /// What departments say.
    claim (id) {
        id -> Text,
        record_id -> Text,
        message_id -> Text,
        kind -> Text,
        department -> Text,
        partner -> Text,
        mapping -> Text,
        row -> Nullable<Integer>,
        current -> Bool,
        claimed_at -> Timestamp,
        fields -> Text,
    }
}

diesel::table! {
    /// Differences between departments.
    discrepancy (id) {
        id -> Text,
        record_id -> Text,
        kind -> Text,
        field -> Text,
        division -> Nullable<Text>,
        winner_department -> Text,
        winner_value -> Text,
        winner_claim_id -> Text,
        other_department -> Text,
        other_value -> Text,
        other_claim_id -> Text,
        state -> Text,
        opened_at -> Timestamp,
        due_on -> Nullable<Date>,
        assignee -> Nullable<Text>,
        closed_at -> Nullable<Timestamp>,
        resolution -> Nullable<Text>,
    }
}

diesel::table! {
    /// What changed, in order.
    change (seq) {
        seq -> BigInt,
        record_id -> Text,
        kind -> Text,
        version -> Integer,
        division -> Nullable<Text>,
        message_id -> Nullable<Text>,
        fields -> Text,
        at -> Timestamp,
        position -> Nullable<BigInt>,
    }
}

// --- work and account of it ------------------------------------------------------------------------------------------

diesel::table! {
    /// The queue.
    job (id) {
        id -> Text,
        kind -> Text,
        payload -> Text,
        order_key -> Nullable<Text>,
        order_n -> Nullable<BigInt>,
        dedup_key -> Nullable<Text>,
        state -> Text,
        priority -> Integer,
        run_at -> Timestamp,
        tries -> Integer,
        max_tries -> Integer,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Last number under each order key.
    job_order (order_key) {
        order_key -> Text,
        last_n -> BigInt,
    }
}

diesel::table! {
    /// Who did what; append-only.
    audit (lane, seq) {
        lane -> Integer,
        seq -> BigInt,
        at -> Timestamp,
        actor -> Text,
        action -> Text,
        object_kind -> Text,
        object_id -> Text,
        detail -> Text,
        trace_id -> Nullable<Text>,
        prev_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    /// Ends of the audit chains.
    audit_head (lane) {
        lane -> Integer,
        seq -> BigInt,
        hash -> Text,
    }
}

// --- people and settings ---------------------------------------------------------------------------------------------

diesel::table! {
    /// People.
    account (id) {
        id -> Text,
        login -> Text,
        name -> Text,
        department -> Nullable<Text>,
        division -> Nullable<Text>,
        phone -> Nullable<Text>,
        password_hash -> Text,
        status -> Text,
        must_change_password -> Bool,
        password_changed_at -> Timestamp,
        failed_tries -> Integer,
        locked_until -> Nullable<Timestamp>,
        last_login_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        created_by -> Text,
    }
}

diesel::table! {
    /// What they may do.
    role_assignment (account_id, role) {
        account_id -> Text,
        role -> Text,
        granted_at -> Timestamp,
        granted_by -> Text,
    }
}

diesel::table! {
    /// Who is signed in.
    session (id) {
        id -> Text,
        account_id -> Text,
        csrf -> Text,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    /// Settings changed while running.
    setting (key) {
        key -> Text,
        value -> Text,
        updated_at -> Timestamp,
        updated_by -> Text,
    }
}

// --- documents -------------------------------------------------------------------------------------------------------

diesel::table! {
    /// Official documents.
    document (id) {
        id -> Text,
        kind -> Text,
        title -> Text,
        state -> Text,
        version -> Integer,
        template_version -> Text,
        form -> Text,
        record_kind -> Nullable<Text>,
        record_id -> Nullable<Text>,
        department -> Nullable<Text>,
        division -> Nullable<Text>,
        holder -> Nullable<Text>,
        series -> Nullable<Text>,
        number -> Nullable<Text>,
        signer -> Nullable<Text>,
        signed_on -> Nullable<Date>,
        issued_at -> Nullable<Timestamp>,
        served_at -> Nullable<Timestamp>,
        archived_at -> Nullable<Timestamp>,
        verify_code -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        replaces -> Nullable<Text>,
        replaced_by -> Nullable<Text>,
        void_reason -> Nullable<Text>,
        voided_at -> Nullable<Timestamp>,
        demo -> Bool,
        created_by -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    /// Steps of their lives.
    document_event (document_id, n) {
        document_id -> Text,
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

diesel::table! {
    /// What they printed, and from where.
    document_value (document_id, name) {
        document_id -> Text,
        name -> Text,
        printed -> Text,
        value -> Text,
        record_kind -> Nullable<Text>,
        record_id -> Nullable<Text>,
        record_version -> Nullable<Integer>,
        field -> Nullable<Text>,
        claim_id -> Nullable<Text>,
        message_id -> Nullable<Text>,
        place -> Nullable<Text>,
        department -> Nullable<Text>,
        source_at -> Nullable<Timestamp>,
        overridden -> Bool,
        override_reason -> Nullable<Text>,
        override_by -> Nullable<Text>,
    }
}

diesel::table! {
    /// Their files.
    document_file (id) {
        id -> Text,
        document_id -> Text,
        role -> Text,
        name -> Text,
        media_type -> Text,
        sha256 -> Text,
        size -> BigInt,
        pages -> Nullable<Integer>,
        created_at -> Timestamp,
        created_by -> Text,
        bytes -> Binary,
        service_id -> Nullable<Text>,
    }
}

diesel::table! {
    /// Series of document numbers.
    number_series (id) {
        id -> Text,
        title -> Text,
        pattern -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    /// Last number of each series and year.
    number_counter (series, year) {
        series -> Text,
        year -> Integer,
        last -> Integer,
    }
}

diesel::table! {
    /// The register of numbers.
    number_register (series, year, n) {
        series -> Text,
        year -> Integer,
        n -> Integer,
        number -> Text,
        state -> Text,
        document_id -> Nullable<Text>,
        manual -> Bool,
        reason -> Nullable<Text>,
        taken_at -> Timestamp,
        taken_by -> Text,
    }
}

diesel::table! {
    /// Who is served, how, and the receipt.
    document_service (id) {
        id -> Text,
        document_id -> Text,
        recipient -> Text,
        method -> Text,
        place -> Text,
        state -> Text,
        started_on -> Date,
        due_on -> Nullable<Date>,
        due_rule -> Nullable<Text>,
        served_at -> Nullable<Timestamp>,
        receipt -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        settled_by -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(partner_key -> partner (partner));
diesel::joinable!(message -> partner (partner));
diesel::joinable!(claim -> record (record_id));
diesel::joinable!(claim -> message (message_id));
diesel::joinable!(record_key -> record (record_id));
diesel::joinable!(record_search -> record (record_id));
diesel::joinable!(record_link -> record (record_id));
diesel::joinable!(discrepancy -> record (record_id));
diesel::joinable!(change -> record (record_id));
diesel::joinable!(subscription -> partner (partner));
diesel::joinable!(delivery -> subscription (subscription_id));
diesel::joinable!(delivery_try -> delivery (delivery_id));
diesel::joinable!(session -> account (account_id));
diesel::joinable!(role_assignment -> account (account_id));
diesel::joinable!(document_event -> document (document_id));
diesel::joinable!(document_value -> document (document_id));
diesel::joinable!(document_service -> document (document_id));

diesel::allow_tables_to_appear_in_same_query!(
    partner,
    partner_key,
    message,
    record,
    record_version,
    record_key,
    record_search,
    record_link,
    claim,
    discrepancy,
    change,
    subscription,
    delivery,
    delivery_try,
    outlet,
    document,
    document_event,
    document_value,
    document_file,
    document_service,
    document_batch,
    document_batch_item,
    number_register,
);
diesel::allow_tables_to_appear_in_same_query!(session, account, role_assignment);
