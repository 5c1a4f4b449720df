-- Posts of sources that were refused, counted. `source` is empty for whoever is no source of ours.
-- `field` is what was wrong with the first field that was; `pointer` is where that was, lately.
CREATE TABLE IF NOT EXISTS refused_post (
    source   text        NOT NULL,
    code     text        NOT NULL,
    field    text        NOT NULL,
    day      date        NOT NULL,
    times    bigint      NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at  timestamptz NOT NULL DEFAULT now(),
    pointer  text        NOT NULL,
    PRIMARY KEY (source, code, field, day)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
