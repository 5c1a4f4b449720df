-- Who writes, through what: every change is a new row, so the past stays readable.
CREATE TABLE directory_entry (
    kind       text        NOT NULL,
    code       text        NOT NULL,
    revision   bigint      NOT NULL,
    body       jsonb       NOT NULL,
    sealed     bytea,
    seal_key   smallint,
    removed    boolean     NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text        NOT NULL,
    PRIMARY KEY (kind, code, revision)
);

CREATE TABLE directory_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision bigint  NOT NULL
);

INSERT INTO directory_head (revision) VALUES (0);

CREATE TABLE pause (
    scope  text        NOT NULL CHECK (scope IN ('everything', 'unit', 'pool', 'account')),
    code   text        NOT NULL DEFAULT '',
    since  timestamptz NOT NULL DEFAULT now(),
    actor  text        NOT NULL,
    reason text        NOT NULL DEFAULT '',
    PRIMARY KEY (scope, code)
);

-- Token pairs of accounts whose access runs out. `refreshing_until` lets one process refresh.
CREATE TABLE account_token (
    account          text        PRIMARY KEY,
    sealed           bytea       NOT NULL,
    seal_key         smallint    NOT NULL,
    version          integer     NOT NULL DEFAULT 1,
    expires_at       timestamptz NOT NULL,
    refreshing_until timestamptz,
    lost             boolean     NOT NULL DEFAULT false,
    updated_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE template_version (
    kind       text        NOT NULL,
    channel    text        NOT NULL,
    language   text        NOT NULL,
    unit       text        NOT NULL DEFAULT '',
    version    integer     NOT NULL,
    body       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text        NOT NULL,
    PRIMARY KEY (kind, channel, language, unit, version)
);

CREATE TABLE publication (
    number     integer     PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text        NOT NULL,
    note       text        NOT NULL DEFAULT ''
);

CREATE TABLE publication_item (
    publication integer NOT NULL REFERENCES publication,
    kind        text    NOT NULL,
    channel     text    NOT NULL,
    language    text    NOT NULL,
    unit        text    NOT NULL DEFAULT '',
    version     integer NOT NULL,
    PRIMARY KEY (publication, kind, channel, language, unit),
    FOREIGN KEY (kind, channel, language, unit, version) REFERENCES template_version
);

-- What makes posting again safe. Outlives the notifications and holds no personal data.
CREATE TABLE event_key (
    key              bytea       PRIMARY KEY,
    hash_key         smallint    NOT NULL,
    digest           bytea       NOT NULL,
    event_id         uuid        NOT NULL,
    notification_ids uuid[]      NOT NULL,
    accepted_at      timestamptz NOT NULL DEFAULT now()
);

-- One notice owed to one recipient. No index covers a column that changes while it is sent, so
-- that every change of state stays a heap-only update.
CREATE TABLE notification (
    id               uuid        NOT NULL PRIMARY KEY,
    event_id         uuid        NOT NULL,
    source           text        NOT NULL,
    unit             text        NOT NULL,
    kind             text        NOT NULL,
    class            text        NOT NULL CHECK (class IN ('live', 'bulk')),
    mode             text        NOT NULL CHECK (mode IN ('live', 'test')),
    publication      integer     NOT NULL,
    state            text        NOT NULL,
    reason           text,
    revision         integer     NOT NULL DEFAULT 1,
    step             smallint    NOT NULL DEFAULT 0,
    tries            smallint    NOT NULL DEFAULT 0,
    steps            json        NOT NULL,
    accepted_at      timestamptz NOT NULL DEFAULT now(),
    latest_send_at   timestamptz NOT NULL,
    ended_at         timestamptz,
    reference_seed   bytea       NOT NULL,
    tokens           bigint[]    NOT NULL,
    hash_key         smallint    NOT NULL,
    sealed           bytea,
    seal_key         smallint,
    resend_of        uuid,
    CHECK (state IN ('held', 'waiting', 'sending', 'sent', 'acknowledged', 'delivered',
                     'unconfirmed', 'failed', 'expired', 'cancelled', 'suppressed'))
) PARTITION BY RANGE (id);

CREATE INDEX notification_tokens ON notification USING gin (tokens);

CREATE TABLE attempt (
    notification_id uuid        NOT NULL,
    step            smallint    NOT NULL,
    try             smallint    NOT NULL,
    id              uuid        NOT NULL,
    channel         text        NOT NULL,
    account         text        NOT NULL,
    reference       text        NOT NULL,
    publication     integer     NOT NULL,
    opened_at       timestamptz NOT NULL DEFAULT now(),
    asked           smallint    NOT NULL DEFAULT 1,
    asked_at        timestamptz NOT NULL DEFAULT now(),
    closed_at       timestamptz,
    outcome         text CHECK (outcome IN ('accepted', 'deferred', 'rejected', 'unknown')),
    reason          text,
    code            text,
    provider_id     text,
    segments        smallint,
    cost_vnd        integer,
    verdict         text CHECK (verdict IN
                        ('progress', 'delivered', 'acknowledged', 'failed', 'try_again')),
    verdict_reason  text,
    verdict_code    text,
    verdict_at      timestamptz,
    sealed          bytea,
    seal_key        smallint,
    PRIMARY KEY (notification_id, step, try)
) PARTITION BY RANGE (notification_id);

CREATE INDEX attempt_reference ON attempt (reference);

CREATE INDEX attempt_provider_id ON attempt (provider_id) WHERE provider_id IS NOT NULL;

CREATE TABLE history (
    notification_id uuid        NOT NULL,
    revision        integer     NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    state           text        NOT NULL,
    reason          text,
    step            smallint    NOT NULL,
    try             smallint    NOT NULL,
    actor           text        NOT NULL,
    PRIMARY KEY (notification_id, revision)
) PARTITION BY RANGE (notification_id);

-- A provider's report as it came, stored before it is understood.
CREATE TABLE receipt_raw (
    id          uuid        NOT NULL PRIMARY KEY,
    account     text        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    sealed      bytea       NOT NULL,
    seal_key    smallint    NOT NULL
) PARTITION BY RANGE (id);

-- A report that was understood and matched to an attempt.
CREATE TABLE receipt (
    notification_id uuid        NOT NULL,
    receipt_id      uuid        NOT NULL,
    part            smallint    NOT NULL DEFAULT 0,
    step            smallint    NOT NULL,
    try             smallint    NOT NULL,
    verdict         text        NOT NULL,
    reason          text,
    code            text,
    reported_at     timestamptz,
    matched_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (notification_id, receipt_id, part)
) PARTITION BY RANGE (notification_id);

-- Small, hot, unpartitioned: what is to be done. Rows live for moments and are deleted when taken.
CREATE TABLE due (
    notification_id uuid        PRIMARY KEY,
    pool            text        NOT NULL,
    class           text        NOT NULL,
    due_at          timestamptz NOT NULL,
    unit            text        NOT NULL,
    phone           bytea       NOT NULL,
    latest_at       timestamptz NOT NULL,
    ask_again       text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_threshold = 100000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);

CREATE INDEX due_lane ON due (pool, class, due_at);

CREATE TABLE watch (
    notification_id uuid        NOT NULL,
    step            smallint    NOT NULL,
    try             smallint    NOT NULL,
    kind            text        NOT NULL CHECK (kind IN ('lease', 'query', 'receipt')),
    until           timestamptz NOT NULL,
    PRIMARY KEY (notification_id, step, try)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);

CREATE INDEX watch_until ON watch (until);

CREATE TABLE receipt_todo (
    receipt_id uuid        PRIMARY KEY,
    account    text        NOT NULL,
    next_at    timestamptz,
    tries      smallint    NOT NULL DEFAULT 0
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);

CREATE INDEX receipt_todo_next ON receipt_todo (next_at) WHERE next_at IS NOT NULL;

-- Endings wait here until one numberer gives them positions; only committed rows are seen by it.
CREATE TABLE outbox (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notification_id uuid        NOT NULL,
    revision        integer     NOT NULL,
    source          text        NOT NULL,
    state           text        NOT NULL,
    reason          text,
    at              timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);

CREATE TABLE feed (
    position        bigint      PRIMARY KEY,
    notification_id uuid        NOT NULL,
    revision        integer     NOT NULL,
    source          text        NOT NULL,
    state           text        NOT NULL,
    reason          text,
    at              timestamptz NOT NULL
);

CREATE INDEX feed_source ON feed (source, position);

CREATE TABLE feed_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint  NOT NULL
);

INSERT INTO feed_head (position) VALUES (0);

-- What is remembered of a number, by keyed hash, and for how long.
CREATE TABLE phone_memory (
    phone    bytea       PRIMARY KEY,
    hash_key smallint    NOT NULL,
    fact     text        NOT NULL CHECK (fact IN ('no_zalo')),
    until    timestamptz NOT NULL
);
