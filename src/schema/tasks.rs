//! Plans, their tasks and what happened to them.

diesel::table! {
    /// Plans that are tracked.
    plan (id) {
        id -> Text,
        title -> Text,
        source_number -> Nullable<Text>,
        issuer -> Nullable<Text>,
        division -> Nullable<Text>,
        issued_on -> Nullable<Date>,
        status -> Text,
        detail -> Text,
        created_at -> Timestamp,
        created_by -> Text,
    }
}

diesel::table! {
    /// Their tasks.
    task (id) {
        id -> Text,
        plan_id -> Text,
        parent_id -> Nullable<Text>,
        code -> Text,
        position -> Integer,
        section -> Text,
        title -> Text,
        source_clause -> Nullable<Text>,
        source_text -> Nullable<Text>,
        verb -> Nullable<Text>,
        standard -> Nullable<Text>,
        state -> Text,
        progress -> Integer,
        priority -> Integer,
        start_on -> Nullable<Date>,
        due_on -> Nullable<Date>,
        due_rule -> Nullable<Text>,
        evidence -> Nullable<Text>,
        division -> Nullable<Text>,
        owner -> Nullable<Text>,
        supervisor -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Departments that answer for tasks.
    task_department (task_id, department) {
        task_id -> Text,
        department -> Text,
        role -> Text,
        position -> Integer,
        acknowledged_at -> Nullable<Timestamp>,
        acknowledged_by -> Nullable<Text>,
    }
}

diesel::table! {
    /// What happened to tasks.
    task_event (task_id, n) {
        task_id -> Text,
        n -> Integer,
        at -> Timestamp,
        actor -> Text,
        department -> Nullable<Text>,
        action -> Text,
        from_state -> Nullable<Text>,
        to_state -> Nullable<Text>,
        period -> Nullable<Text>,
        progress -> Nullable<Integer>,
        due_on -> Nullable<Date>,
        answers -> Nullable<Integer>,
        opinion -> Nullable<Text>,
        detail -> Text,
    }
}

diesel::joinable!(task -> plan (plan_id));
diesel::joinable!(task_department -> task (task_id));
diesel::allow_tables_to_appear_in_same_query!(plan, task, task_department, task_event);
