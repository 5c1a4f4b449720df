-- How one attempt counts. `ending` is what is known of it, the report before the answer.
CREATE TYPE counted_attempt AS (
    channel  text,
    account  text,
    ending   text,
    segments smallint,
    cost_vnd integer
);

-- How each notification is counted at present, so that it can be counted anew once it has changed.
CREATE TABLE counted (
    notification_id uuid     NOT NULL PRIMARY KEY,
    state           text     NOT NULL,
    reason          text     NOT NULL,
    channel         text     NOT NULL,
    account         text     NOT NULL,
    fell_back       boolean  NOT NULL,
    arrived_s       integer,
    cost_vnd        integer  NOT NULL,
    collected       boolean  NOT NULL,
    attempts        counted_attempt[] NOT NULL
) PARTITION BY RANGE (notification_id);

-- Notifications by the day in Vietnam on which they were accepted. `channel` and `account` are those
-- that delivered it, or else of the step where it stands. `arrived_1` to `arrived_7` are those that
-- arrived, by how fast they did (see domain/statistics.py).
CREATE TABLE notice_day (
    day       date   NOT NULL,
    unit      text   NOT NULL,
    kind      text   NOT NULL,
    source    text   NOT NULL,
    mode      text   NOT NULL,
    state     text   NOT NULL,
    reason    text   NOT NULL,
    channel   text   NOT NULL,
    account   text   NOT NULL,
    notices   bigint NOT NULL,
    fell_back bigint NOT NULL,
    collected bigint NOT NULL,
    cost_vnd  bigint NOT NULL,
    arrived_s bigint NOT NULL,
    arrived_1 bigint NOT NULL,
    arrived_2 bigint NOT NULL,
    arrived_3 bigint NOT NULL,
    arrived_4 bigint NOT NULL,
    arrived_5 bigint NOT NULL,
    arrived_6 bigint NOT NULL,
    arrived_7 bigint NOT NULL,
    PRIMARY KEY (day, unit, kind, source, mode, state, reason, channel, account)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- The same in fewer rows, for pages that look at a month every few seconds.
CREATE TABLE unit_day (
    day      date   NOT NULL,
    unit     text   NOT NULL,
    mode     text   NOT NULL,
    state    text   NOT NULL,
    notices  bigint NOT NULL,
    cost_vnd bigint NOT NULL,
    PRIMARY KEY (day, unit, mode, state)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- Their attempts, by the same day.
CREATE TABLE attempt_day (
    day      date   NOT NULL,
    unit     text   NOT NULL,
    kind     text   NOT NULL,
    mode     text   NOT NULL,
    channel  text   NOT NULL,
    account  text   NOT NULL,
    ending   text   NOT NULL,
    attempts bigint NOT NULL,
    segments bigint NOT NULL,
    cost_vnd bigint NOT NULL,
    PRIMARY KEY (day, unit, kind, mode, channel, account, ending)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- Notifications by the five minutes in which they were accepted; kept for little more than a day.
CREATE TABLE notice_slot (
    slot    timestamptz NOT NULL,
    unit    text        NOT NULL,
    mode    text        NOT NULL,
    state   text        NOT NULL,
    notices bigint      NOT NULL,
    PRIMARY KEY (slot, unit, mode, state)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- What was learnt about an attempt while its notification stayed as it is.
CREATE TABLE count_note (
    notification_id uuid        NOT NULL,
    at              timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE INDEX count_note_at ON count_note (at);

-- Everything that happened before `since` is counted. Until `filled_to` is null, notifications from
-- before this table are still being counted, in the order of their ids.
CREATE TABLE count_head (
    only_row  boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    since     timestamptz NOT NULL,
    filled_to uuid
);

INSERT INTO count_head (since, filled_to)
VALUES (now() - interval '10 minutes', '00000000-0000-0000-0000-000000000000');
