-- A notice that tells the same result as an earlier one: sent again, reminded, corrected, or posted
-- once more. With `first` they are a family, of which one counts as having told the owner.
CREATE TABLE same_result (
    notification_id uuid NOT NULL PRIMARY KEY,
    first           uuid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

CREATE INDEX same_result_first ON same_result (first);

INSERT INTO same_result (notification_id, first)
WITH RECURSIVE up AS (
    SELECT id AS notification_id, resend_of AS first, 1 AS steps FROM notification
    WHERE resend_of IS NOT NULL AND kind = 'result-ready'
    UNION ALL
    SELECT up.notification_id, n.resend_of, up.steps + 1 FROM up JOIN notification n ON n.id = up.first
    WHERE n.resend_of IS NOT NULL
)
SELECT DISTINCT ON (notification_id) notification_id, first FROM up
ORDER BY notification_id, steps DESC;

-- The first notice about the result that waits, and about the one that was handed over last.
ALTER TABLE dossier ADD COLUMN result_notice uuid, ADD COLUMN handed_over uuid;

-- That what it tells of was handed over.
ALTER TABLE count_note ADD COLUMN collected boolean NOT NULL DEFAULT false;

-- How a notification is counted in the two tables below.
ALTER TABLE counted ADD COLUMN told boolean NOT NULL DEFAULT false,
    ADD COLUMN handed_over boolean NOT NULL DEFAULT false,
    ADD COLUMN doubtful_vnd integer NOT NULL DEFAULT 0;

-- Results whose owner was told, by the notice that told them; and how many of these were handed over.
CREATE TABLE result_day (
    day         date   NOT NULL,
    unit        text   NOT NULL,
    kind        text   NOT NULL,
    source      text   NOT NULL,
    mode        text   NOT NULL,
    state       text   NOT NULL,
    reason      text   NOT NULL,
    channel     text   NOT NULL,
    account     text   NOT NULL,
    told        bigint NOT NULL,
    handed_over bigint NOT NULL,
    PRIMARY KEY (day, unit, kind, source, mode, state, reason, channel, account)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- What of `cost_vnd` in `notice_day` and `unit_day` is for attempts that may not have been sent.
CREATE TABLE doubt_day (
    day          date   NOT NULL,
    unit         text   NOT NULL,
    kind         text   NOT NULL,
    source       text   NOT NULL,
    mode         text   NOT NULL,
    state        text   NOT NULL,
    reason       text   NOT NULL,
    channel      text   NOT NULL,
    account      text   NOT NULL,
    doubtful_vnd bigint NOT NULL,
    PRIMARY KEY (day, unit, kind, source, mode, state, reason, channel, account)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- Only earlier releases write and read it.
ALTER TABLE notice_day ALTER COLUMN collected SET DEFAULT 0;

-- Everything is counted once more, beside the traffic. Not by `filled_to`: a clock of the release
-- before would take that for its own work.
ALTER TABLE count_head ADD COLUMN again_to uuid DEFAULT '00000000-0000-0000-0000-000000000000';
