-- A drained account takes nothing new, but is still asked about what it was given before.
ALTER TABLE pause ADD COLUMN drains boolean NOT NULL DEFAULT false;

-- A list that somebody uploaded by hand: sealed until it was worked off, and gone a day later.
-- `troubles` are numbers of rows with a word for each; `columns` says which column is what.
CREATE TABLE hand_list (
    id         uuid        PRIMARY KEY,
    uploader   text        NOT NULL,
    source     text        NOT NULL,
    unit       text        NOT NULL,
    state      text        NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'done')),
    columns    jsonb       NOT NULL,
    rows       integer     NOT NULL,
    done       integer     NOT NULL DEFAULT 0,
    accepted   integer     NOT NULL DEFAULT 0,
    seen       integer     NOT NULL DEFAULT 0,
    troubles   jsonb       NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    sealed     bytea,
    seal_key   smallint
);

CREATE INDEX hand_list_uploader ON hand_list (uploader, id);
