//! What goes out: subscriptions, deliveries, the ways to partners.

diesel::table! {
    /// The last position given to a change.
    feed_head (id) {
        id -> Integer,
        position -> BigInt,
    }
}

diesel::table! {
    /// Who gets which change.
    subscription (id) {
        id -> Text,
        partner -> Text,
        title -> Text,
        kind -> Text,
        fields -> Text,
        personal -> Text,
        purpose -> Text,
        division -> Nullable<Text>,
        watched -> Text,
        message -> Nullable<Text>,
        answer -> Nullable<Text>,
        mode -> Text,
        url -> Nullable<Text>,
        status -> Text,
        stopped -> Nullable<Text>,
        cursor -> BigInt,
        deadline_seconds -> BigInt,
        expires_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        created_by -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    /// One change for one subscription.
    delivery (id) {
        id -> Text,
        subscription_id -> Text,
        partner -> Text,
        position -> BigInt,
        record_id -> Text,
        kind -> Text,
        version -> Integer,
        fields -> Text,
        state -> Text,
        tries -> Integer,
        next_at -> Timestamp,
        deadline_at -> Timestamp,
        status -> Nullable<Integer>,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Every try of a delivery.
    delivery_try (delivery_id, n) {
        delivery_id -> Text,
        n -> Integer,
        at -> Timestamp,
        ms -> Integer,
        status -> Nullable<Integer>,
        request -> Text,
        answer -> Text,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// The way to one partner.
    outlet (partner) {
        partner -> Text,
        owner -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        circuit -> Text,
        failures -> Integer,
        opened -> Integer,
        open_until -> Nullable<Timestamp>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    /// Processes that deliver.
    courier (id) {
        id -> Text,
        seen_at -> Timestamp,
    }
}
