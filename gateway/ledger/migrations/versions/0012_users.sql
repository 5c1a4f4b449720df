-- Who may use the console. Without `units` somebody is limited to none and sees all.
CREATE TABLE console_user (
    id          uuid        PRIMARY KEY,
    name        text        NOT NULL UNIQUE CHECK (name = lower(name)),
    password    text        NOT NULL,
    must_change boolean     NOT NULL DEFAULT false,
    roles       text[]      NOT NULL,
    units       text[],
    disabled    boolean     NOT NULL DEFAULT false,
    revision    integer     NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    signed_in_at timestamptz
);

-- A session is known by the hash of its token only, so that a copy of the ledger opens none.
CREATE TABLE console_session (
    token    bytea       PRIMARY KEY,
    user_id  uuid        NOT NULL REFERENCES console_user ON DELETE CASCADE,
    began_at timestamptz NOT NULL DEFAULT now(),
    seen_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);

CREATE INDEX console_session_user ON console_session (user_id);

-- Failures to sign in in a row, by a keyed hash of the name or of the address they came from.
CREATE TABLE sign_in_failure (
    whom    bigint      PRIMARY KEY,
    times   integer     NOT NULL,
    last_at timestamptz NOT NULL DEFAULT now(),
    until   timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);

-- What an act was about, and what of it changed. Neither names a citizen.
ALTER TABLE audit
    ADD COLUMN subject text NOT NULL DEFAULT '',
    ADD COLUMN detail  text NOT NULL DEFAULT '';

-- What staff did, among the many looks of dossier systems. Months that are there already are left
-- alone, because building their index would hold up whoever writes into them.
CREATE INDEX audit_staff ON ONLY audit (actor, id) WHERE actor LIKE 'user:%';
