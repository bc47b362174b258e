-- The ledger and what is drawn from it.

CREATE TABLE ledger_event (
    incident_id TEXT NOT NULL,
    seq {int8} NOT NULL CHECK (seq > 0),
    at_ms {int8} NOT NULL,
    kind TEXT NOT NULL,
    version {int8} NOT NULL,
    actor TEXT NOT NULL,
    salt {bytes},
    body_json TEXT,
    digest {bytes} NOT NULL,
    prev {bytes} NOT NULL,
    hash {bytes} NOT NULL,
    PRIMARY KEY (incident_id, seq)
) {strict};

CREATE TABLE incident (
    id TEXT PRIMARY KEY NOT NULL,
    reporter_id TEXT NOT NULL,
    project_id TEXT,
    kind TEXT,
    opened_at_ms {int8} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    escalation TEXT NOT NULL CHECK (escalation IN ('calling', 'promised', 'accepted', 'stood_down')),
    lead_id TEXT,
    seq_last {int8} NOT NULL,
    updated_at_ms {int8} NOT NULL,
    is_drill {int8} NOT NULL CHECK (is_drill IN (0, 1))
) {keyed};
CREATE INDEX incident_by_state ON incident (state, opened_at_ms, id);
CREATE INDEX incident_by_reporter ON incident (reporter_id, opened_at_ms, id);

CREATE TABLE incident_member (
    incident_id TEXT NOT NULL REFERENCES incident (id),
    person_id TEXT NOT NULL,
    PRIMARY KEY (incident_id, person_id)
) {keyed};
CREATE INDEX incident_member_by_person ON incident_member (person_id, incident_id);

CREATE TABLE wake_up (
    incident_id TEXT PRIMARY KEY NOT NULL REFERENCES incident (id),
    due_at_ms {int8} NOT NULL,
    lease_owner TEXT,
    lease_until_ms {int8}
) {keyed};

-- Rows of the outbox and the keys are written in the same transaction as their incident, which is never deleted;
-- a reference would cost each report a search and an index, and could never fail.
CREATE TABLE outbox (
    attempt_id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    due_at_ms {int8} NOT NULL,
    lease_owner TEXT,
    lease_until_ms {int8}
) {keyed};

-- The key comes first, so that keys that begin with the time, as our own clients make them, lie side by side.
CREATE TABLE idempotency_key (
    person_id TEXT NOT NULL,
    key TEXT NOT NULL,
    incident_id TEXT NOT NULL,
    text_digest {bytes} NOT NULL,
    at_ms {int8} NOT NULL,
    PRIMARY KEY (key, person_id)
) {keyed};

-- Settings and the directory.

CREATE TABLE setting (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) {keyed};
INSERT INTO setting (key, value) VALUES ('directory_version', '0');

CREATE TABLE person (
    id TEXT PRIMARY KEY NOT NULL,
    position {int8} NOT NULL,
    body_json TEXT NOT NULL,
    version {int8} NOT NULL
) {strict};

CREATE TABLE team (
    id TEXT PRIMARY KEY NOT NULL,
    position {int8} NOT NULL,
    body_json TEXT NOT NULL,
    version {int8} NOT NULL
) {strict};

CREATE TABLE project (
    id TEXT PRIMARY KEY NOT NULL,
    position {int8} NOT NULL,
    body_json TEXT NOT NULL,
    version {int8} NOT NULL
) {strict};

CREATE TABLE rota (
    id TEXT PRIMARY KEY NOT NULL,
    position {int8} NOT NULL,
    body_json TEXT NOT NULL,
    version {int8} NOT NULL
) {strict};

-- Who may come in. A person here may have left the directory; that is looked at where they come in.

CREATE TABLE account (
    person_id TEXT PRIMARY KEY NOT NULL,
    password_hash TEXT,
    created_at_ms {int8} NOT NULL,
    password_changed_at_ms {int8}
) {keyed};

CREATE TABLE session (
    token_hash {bytes} PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL,
    created_at_ms {int8} NOT NULL,
    seen_at_ms {int8} NOT NULL,
    expires_at_ms {int8} NOT NULL,
    device TEXT NOT NULL
) {keyed};
CREATE INDEX session_by_person ON session (person_id, seen_at_ms);
CREATE INDEX session_by_expiry ON session (expires_at_ms);

CREATE TABLE api_token (
    token_hash {bytes} PRIMARY KEY NOT NULL,
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at_ms {int8} NOT NULL,
    revoked_at_ms {int8},
    used_at_ms {int8}
) {keyed};
CREATE UNIQUE INDEX api_token_by_id ON api_token (id);
CREATE INDEX api_token_by_person ON api_token (person_id, created_at_ms);

CREATE TABLE invitation (
    token_hash {bytes} PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL,
    is_admin {int8} NOT NULL CHECK (is_admin IN (0, 1)),
    created_at_ms {int8} NOT NULL,
    expires_at_ms {int8} NOT NULL,
    used_at_ms {int8}
) {keyed};
CREATE INDEX invitation_by_person ON invitation (person_id);
CREATE INDEX invitation_by_expiry ON invitation (expires_at_ms);
