-- How an account fared, in slots of five seconds, added up by all processes. Old slots are deleted.
CREATE TABLE account_tally (
    account  text        NOT NULL,
    slot     timestamptz NOT NULL,
    calls    integer     NOT NULL DEFAULT 0,
    faults   integer     NOT NULL DEFAULT 0,
    accepted integer     NOT NULL DEFAULT 0,
    in_time  integer     NOT NULL DEFAULT 0,
    PRIMARY KEY (account, slot)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- Which part of its weight an account keeps in a pool; none stands here that keeps all of it.
CREATE TABLE account_share (
    pool     text        NOT NULL,
    account  text        NOT NULL,
    kept     double precision NOT NULL CHECK (kept > 0 AND kept <= 1),
    why      text        NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pool, account)
);

-- Numbers and persons that must not be written to. What they are is sealed, so that staff can be
-- shown it and it can be hashed anew. It outlives an erasure: it keeps the person from being
-- written to.
CREATE TABLE suppression (
    id       uuid        PRIMARY KEY,
    channel  text        CHECK (channel IN ('zalo', 'sms', 'voice')),
    reason   text        NOT NULL CHECK (reason IN ('opted_out', 'by_staff', 'wrong_number')),
    origin   text        NOT NULL,
    note     text        NOT NULL DEFAULT '',
    since    timestamptz NOT NULL DEFAULT now(),
    until    timestamptz NOT NULL DEFAULT 'infinity',
    sealed   bytea       NOT NULL,
    seal_key smallint    NOT NULL
);

-- How it is found, once under every live version of the hash key. Without `names` it is about the
-- number; with them about the person, known by a number and all words of the name, on any number.
CREATE TABLE suppression_key (
    suppression uuid     NOT NULL REFERENCES suppression ON DELETE CASCADE,
    hash_key    smallint NOT NULL,
    phone       bytea    NOT NULL,
    phone_token bigint   NOT NULL,
    names       bigint[] NOT NULL DEFAULT '{}',
    dossier     bigint,
    PRIMARY KEY (suppression, hash_key)
);

CREATE INDEX suppression_key_phone ON suppression_key (phone) WHERE names = '{}';

CREATE INDEX suppression_key_person ON suppression_key (phone_token) WHERE names <> '{}';

ALTER TABLE attempt ADD COLUMN estimate_vnd integer;
