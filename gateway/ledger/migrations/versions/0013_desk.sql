-- What is being written: at most one draft of each template. `revision` lets only those change it
-- who have seen its last state. `ends`: the unit gives up its own text and says the common one.
CREATE TABLE template_draft (
    kind       text        NOT NULL,
    channel    text        NOT NULL,
    language   text        NOT NULL,
    unit       text        NOT NULL DEFAULT '',
    body       text        NOT NULL,
    ends       boolean     NOT NULL DEFAULT false,
    based_on   integer     NOT NULL,
    revision   integer     NOT NULL DEFAULT 1,
    authors    text[]      NOT NULL,
    begun_at   timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    asked_by   text,
    asked_at   timestamptz,
    note       text        NOT NULL DEFAULT '',
    waiting    text        NOT NULL DEFAULT 'keep' CHECK (waiting IN ('keep', 'move')),
    PRIMARY KEY (kind, channel, language, unit)
);

-- Every text that staff put in force, and what was chosen for messages that waited then. `version`
-- null: the unit's own text was given up. `settled_at` null: waiting messages are still being moved.
CREATE TABLE template_release (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text        NOT NULL,
    channel     text        NOT NULL,
    language    text        NOT NULL,
    unit        text        NOT NULL DEFAULT '',
    version     integer,
    publication integer     NOT NULL REFERENCES publication,
    authors     text[]      NOT NULL,
    asked_by    text        NOT NULL,
    asked_at    timestamptz NOT NULL,
    released_by text        NOT NULL,
    released_at timestamptz NOT NULL DEFAULT now(),
    note        text        NOT NULL DEFAULT '',
    waiting     text        NOT NULL CHECK (waiting IN ('keep', 'move')),
    moved       integer     NOT NULL DEFAULT 0,
    settled_at  timestamptz
);

CREATE INDEX template_release_template ON template_release (kind, channel, language, unit, id);

CREATE INDEX template_release_open ON template_release (id) WHERE settled_at IS NULL;

-- Where messages that wait go by a release: from the publication they were accepted under to one
-- that has the released text and is otherwise the same.
CREATE TABLE template_move (
    release          bigint  NOT NULL REFERENCES template_release,
    from_publication integer NOT NULL REFERENCES publication,
    to_publication   integer NOT NULL REFERENCES publication,
    PRIMARY KEY (release, from_publication)
);

-- How many messages went out in a template's words, added up by all workers. `unit` is whom the
-- message was from, `own` whether it had a text of its own. Old days are deleted.
CREATE TABLE template_use (
    day      date    NOT NULL,
    kind     text    NOT NULL,
    channel  text    NOT NULL,
    language text    NOT NULL,
    unit     text    NOT NULL,
    own      boolean NOT NULL,
    sent     integer NOT NULL,
    PRIMARY KEY (day, kind, channel, language, unit, own)
) WITH (fillfactor = 50);

-- When they were used last, however long ago.
CREATE TABLE template_last_use (
    kind     text        NOT NULL,
    channel  text        NOT NULL,
    language text        NOT NULL,
    unit     text        NOT NULL,
    own      boolean     NOT NULL,
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (kind, channel, language, unit, own)
) WITH (fillfactor = 50);

-- A message that staff sent to themselves, in invented words, through a real account. It is no
-- notification: nothing counts it, reports it or sends it again. Committed before the account is
-- called. `phone` are the last digits.
CREATE TABLE specimen (
    id          uuid        PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    actor       text        NOT NULL,
    kind        text        NOT NULL,
    channel     text        NOT NULL,
    language    text        NOT NULL,
    unit        text        NOT NULL,
    account     text        NOT NULL,
    reference   text        NOT NULL UNIQUE,
    phone       text        NOT NULL,
    script      jsonb,
    closed_at   timestamptz,
    outcome     text CHECK (outcome IN ('accepted', 'deferred', 'rejected', 'unknown')),
    reason      text,
    code        text,
    provider_id text,
    verdict     text,
    verdict_at  timestamptz
);

CREATE INDEX specimen_actor ON specimen (actor, at);

CREATE INDEX specimen_provider_id ON specimen (account, provider_id) WHERE provider_id IS NOT NULL;
