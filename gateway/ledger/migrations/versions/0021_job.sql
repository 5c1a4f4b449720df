-- What somebody confirmed and workers work off, part by part: a row while it runs. `id` is that of
-- the list, act or decision; `unit` is the only one it concerns, NULL if it may be several.
-- `holder` has it in hand until `leased_until`; `part_since` is when the part was first taken that is
-- not noted yet, and `tries` how often.
CREATE TABLE job (
    id           uuid        PRIMARY KEY,
    kind         text        NOT NULL CHECK (kind IN ('hand_list', 'mass_act', 'held_act')),
    user_id      uuid        NOT NULL REFERENCES console_user ON DELETE CASCADE,
    unit         text,
    begun_at     timestamptz NOT NULL DEFAULT now(),
    moved_at     timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    holder       uuid,
    part_since   timestamptz,
    tries        integer     NOT NULL DEFAULT 0,
    stop_by      text
) WITH (fillfactor = 70, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

-- `stopped` is a word for why it ended before its end.
ALTER TABLE hand_list
    ADD COLUMN stopped text NOT NULL DEFAULT '',
    ADD COLUMN stopped_by text NOT NULL DEFAULT '';
ALTER TABLE mass_act
    ADD COLUMN stopped text NOT NULL DEFAULT '',
    ADD COLUMN stopped_by text NOT NULL DEFAULT '';

-- A decision about held notifications. Those up to `after` were looked at.
CREATE TABLE held_act (
    id              uuid        PRIMARY KEY,
    user_id         uuid        NOT NULL REFERENCES console_user ON DELETE CASCADE,
    act             text        NOT NULL CHECK (act IN ('release', 'discard')),
    also_maybe_sent boolean     NOT NULL,
    source          text,
    unit            text,
    kind            text,
    reason          text,
    until           timestamptz NOT NULL,
    after           uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    total           integer     NOT NULL,
    looked_at       integer     NOT NULL DEFAULT 0,
    done            integer     NOT NULL DEFAULT 0,
    begun_at        timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    stopped         text        NOT NULL DEFAULT '',
    stopped_by      text        NOT NULL DEFAULT ''
);

CREATE INDEX held_act_user ON held_act (user_id);

-- What stood half done while its page was closed goes on by itself from now on.
INSERT INTO job (id, kind, user_id, unit)
SELECT l.id, 'hand_list', u.id, l.unit
FROM hand_list l JOIN console_user u ON u.name = l.uploader WHERE l.state = 'running';
INSERT INTO job (id, kind, user_id)
SELECT id, 'mass_act', user_id FROM mass_act WHERE begun_at IS NOT NULL AND ended_at IS NULL;
