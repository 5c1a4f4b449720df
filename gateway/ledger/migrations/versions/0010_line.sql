-- A call to the line: where it stands, so that any process may go on with it. What was typed, said
-- and who called is sealed, and forgotten soon after the call; `keys` are those of menus alone.
CREATE TABLE IF NOT EXISTS line_call (
    id       uuid        PRIMARY KEY,
    account  text        NOT NULL,
    call_id  text        NOT NULL,
    turn     smallint    NOT NULL DEFAULT 0,
    keys     text        NOT NULL DEFAULT '',
    asked    text[]      NOT NULL DEFAULT '{}',
    sealed   bytea,
    seal_key smallint,
    began_at timestamptz NOT NULL DEFAULT now(),
    last_at  timestamptz NOT NULL DEFAULT now(),
    talked_s integer,
    UNIQUE (account, call_id)
);

CREATE INDEX IF NOT EXISTS line_call_last ON line_call (last_at) WHERE sealed IS NOT NULL;

CREATE INDEX IF NOT EXISTS line_call_began ON line_call (began_at);

-- Wrong tries by the hour, under a keyed hash of who tried, what was tried, or the line as a whole.
CREATE TABLE IF NOT EXISTS line_guess (
    who   bigint      NOT NULL,
    hour  timestamptz NOT NULL,
    tries integer     NOT NULL,
    PRIMARY KEY (who, hour)
);
