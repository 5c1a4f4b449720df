-- Whom somebody looks for in the console, sealed, so that no address of a page has to say it. Known
-- to that user alone, and only for a day.
CREATE TABLE IF NOT EXISTS console_search (
    id       uuid        PRIMARY KEY,
    user_id  uuid        NOT NULL REFERENCES console_user ON DELETE CASCADE,
    at       timestamptz NOT NULL DEFAULT now(),
    sealed   bytea       NOT NULL,
    seal_key smallint    NOT NULL
);

CREATE INDEX IF NOT EXISTS console_search_at ON console_search (at);

-- One act on many notifications: on which ones was settled before it began; those up to `done` are
-- dealt with. `tally` counts how it went, by word.
CREATE TABLE IF NOT EXISTS mass_act (
    id               uuid        PRIMARY KEY,
    user_id          uuid        NOT NULL REFERENCES console_user ON DELETE CASCADE,
    actor            text        NOT NULL,
    act              text        NOT NULL CHECK (act IN ('cancel', 'resend')),
    channel          text,
    notification_ids uuid[]      NOT NULL,
    done             integer     NOT NULL DEFAULT 0,
    tally            jsonb       NOT NULL DEFAULT '{}',
    prepared_at      timestamptz NOT NULL DEFAULT now(),
    begun_at         timestamptz,
    ended_at         timestamptz
);

CREATE INDEX IF NOT EXISTS mass_act_user ON mass_act (user_id);
