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

-- Who is at work: every worker, and the clock that leads, each time it has ended a round.
CREATE TABLE heartbeat (
    holder text        NOT NULL PRIMARY KEY,
    kind   text        NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
