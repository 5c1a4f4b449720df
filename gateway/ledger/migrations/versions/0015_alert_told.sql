-- Who has been told of which alert. An alert is known by kind, subject and when it was raised; it is
-- to be told that it is open, and once more that it is over, by each way that is configured.
CREATE TABLE alert_told (
    way       text        NOT NULL,
    kind      text        NOT NULL,
    subject   text        NOT NULL,
    since     timestamptz NOT NULL,
    opened_at timestamptz,
    over_at   timestamptz,
    tries     smallint    NOT NULL DEFAULT 0,
    next_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (way, kind, subject, since)
);

CREATE INDEX alert_told_open ON alert_told (next_at) WHERE over_at IS NULL;
