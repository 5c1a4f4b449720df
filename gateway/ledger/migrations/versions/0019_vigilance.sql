-- Endings by the quarter of an hour in which they came, so that an hour can be held against the same
-- hour a week before; kept for little more than a week.
CREATE TABLE ended_slot (
    slot    timestamptz NOT NULL,
    mode    text        NOT NULL,
    channel text        NOT NULL,
    account text        NOT NULL,
    state   text        NOT NULL,
    reason  text        NOT NULL,
    notices bigint      NOT NULL,
    PRIMARY KEY (slot, mode, channel, account, state, reason)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- In which of them a notification is counted.
ALTER TABLE counted ADD COLUMN ended_slot timestamptz;

-- Who is at work: every worker, with its breakers that are not closed (`{account: {state, since}}`),
-- and the clock that leads, each time it has ended a round. Who is silent for a while is gone.
CREATE TABLE heartbeat (
    process  uuid        NOT NULL PRIMARY KEY,
    kind     text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    breakers jsonb       NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
