CREATE TABLE plan (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    source_number TEXT,
    issuer TEXT,
    division TEXT,
    issued_on DATE,
    status TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL
);

CREATE TABLE task (
    id TEXT NOT NULL PRIMARY KEY,
    plan_id TEXT NOT NULL REFERENCES plan (id),
    parent_id TEXT REFERENCES task (id),
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    section TEXT NOT NULL,
    title TEXT NOT NULL,
    source_clause TEXT,
    source_text TEXT,
    verb TEXT,
    standard TEXT,
    state TEXT NOT NULL,
    progress INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    start_on DATE,
    due_on DATE,
    due_rule TEXT,
    evidence TEXT,
    division TEXT,
    owner TEXT,
    supervisor TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);
CREATE UNIQUE INDEX task_code ON task (plan_id, code);
CREATE INDEX task_parent_id ON task (parent_id);
CREATE INDEX task_state ON task (state, due_on);

CREATE TABLE task_department (
    task_id TEXT NOT NULL REFERENCES task (id),
    department TEXT NOT NULL,
    role TEXT NOT NULL,
    position INTEGER NOT NULL,
    acknowledged_at TIMESTAMP,
    acknowledged_by TEXT,
    PRIMARY KEY (task_id, department)
);
CREATE INDEX task_department_department ON task_department (department);

CREATE TABLE task_event (
    task_id TEXT NOT NULL REFERENCES task (id),
    n INTEGER NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    department TEXT,
    action TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT,
    period TEXT,
    progress INTEGER,
    due_on DATE,
    answers INTEGER,
    opinion TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (task_id, n)
);
