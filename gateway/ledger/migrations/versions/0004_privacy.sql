-- A worker that was sending while its notification was erased must not bring the text back.
ALTER TABLE attempt ADD COLUMN erased boolean NOT NULL DEFAULT false;

-- The proof that a person was erased; it does not say who it was. The ids serve to erase again what
-- was still on its way, and are dropped some days later.
CREATE TABLE erasure (
    id               uuid        PRIMARY KEY,
    at               timestamptz NOT NULL DEFAULT now(),
    finished_at      timestamptz,
    actor            text        NOT NULL,
    found_by         text        NOT NULL CHECK (found_by IN ('phone', 'name', 'dossier')),
    notification_ids uuid[],
    counts           jsonb       NOT NULL DEFAULT '{}'
);

CREATE INDEX erasure_unsettled ON erasure (at) WHERE notification_ids IS NOT NULL;

-- Whatever sealed was opened for people, and what was done with people's data.
CREATE TABLE audit (
    id              uuid        NOT NULL PRIMARY KEY,
    at              timestamptz NOT NULL DEFAULT now(),
    actor           text        NOT NULL,
    action          text        NOT NULL,
    why             text        NOT NULL DEFAULT '',
    notification_id uuid,
    found           integer     NOT NULL DEFAULT 1
) PARTITION BY RANGE (id);

CREATE INDEX audit_notification ON audit (notification_id) WHERE notification_id IS NOT NULL;

-- Running processes and the keys they know, so that nothing is written under a key which one of
-- them cannot read. A process that is gone falls silent.
CREATE TABLE key_holder (
    holder        text        PRIMARY KEY,
    seal_primary  smallint    NOT NULL,
    seal_versions smallint[]  NOT NULL,
    hash_primary  smallint    NOT NULL,
    hash_versions smallint[]  NOT NULL,
    seen_at       timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
