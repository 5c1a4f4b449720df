-- An ending that its source has not taken yet. Rows are deleted once it has; `dead` ones are kept
-- for operators. While a row is `sending`, `next_at` is the end of its lease.
CREATE TABLE callback (
    position        bigint      PRIMARY KEY,
    notification_id uuid        NOT NULL,
    revision        integer     NOT NULL,
    source          text        NOT NULL,
    state           text        NOT NULL,
    reason          text,
    ended_at        timestamptz NOT NULL,
    fate            text        NOT NULL DEFAULT 'waiting'
                    CHECK (fate IN ('waiting', 'sending', 'dead')),
    next_at         timestamptz NOT NULL DEFAULT now(),
    since           timestamptz NOT NULL DEFAULT now(),
    tries           smallint    NOT NULL DEFAULT 0,
    last_ending     text,
    last_at         timestamptz
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);

CREATE INDEX callback_next ON callback (source, next_at, position) WHERE fate <> 'dead';

CREATE INDEX callback_notification ON callback (notification_id);

-- A source that answered 410. It is told nothing until its entry in the directory is newer.
CREATE TABLE callback_stop (
    source             text        PRIMARY KEY,
    directory_revision bigint      NOT NULL,
    since              timestamptz NOT NULL DEFAULT now()
);
