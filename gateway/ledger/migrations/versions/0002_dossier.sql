-- What was last reported about a dossier. An older report is kept, but nobody is written to.
CREATE TABLE dossier (
    key               bytea       PRIMARY KEY,
    hash_key          smallint    NOT NULL,
    last_kind         text        NOT NULL,
    last_at           timestamptz NOT NULL,
    last_event        uuid        NOT NULL,
    last_notification uuid,
    reminders         smallint    NOT NULL DEFAULT 0,
    updated_at        timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX dossier_updated ON dossier (updated_at);

-- One notice per dossier, kind, recipient and occurrence, however often a source reports it.
CREATE TABLE notice_once (
    key             bytea       PRIMARY KEY,
    hash_key        smallint    NOT NULL,
    notification_id uuid        NOT NULL,
    at              timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX notice_once_at ON notice_once (at);

-- How many notices a source asked for in an hour; only kept for sources with a storm guard.
CREATE TABLE source_hour (
    source text        NOT NULL,
    hour   timestamptz NOT NULL,
    asked  integer     NOT NULL,
    PRIMARY KEY (source, hour)
);
