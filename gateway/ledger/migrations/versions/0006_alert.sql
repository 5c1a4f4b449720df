-- What operators must hear of. One open row per kind and subject, however often it happens.
CREATE TABLE alert (
    kind       text        NOT NULL,
    subject    text        NOT NULL,
    detail     text        NOT NULL DEFAULT '',
    since      timestamptz NOT NULL DEFAULT now(),
    last_at    timestamptz NOT NULL DEFAULT now(),
    times      bigint      NOT NULL DEFAULT 1,
    cleared_at timestamptz,
    cleared_by text
);

CREATE UNIQUE INDEX alert_open ON alert (kind, subject) WHERE cleared_at IS NULL;

CREATE INDEX alert_since ON alert (since);
