-- The templates registered with Zalo, as the account told them last. `params` is null where it
-- would not tell; `gone_at` is when one was no longer among them.
CREATE TABLE zalo_template (
    account     text             NOT NULL,
    template_id text             NOT NULL,
    name        text             NOT NULL,
    status      text             NOT NULL,
    quality     text             NOT NULL,
    tag         text             NOT NULL,
    timeout_s   double precision,
    price_vnd   integer,
    preview_url text             NOT NULL,
    params      jsonb,
    seen_at     timestamptz      NOT NULL,
    gone_at     timestamptz,
    PRIMARY KEY (account, template_id)
);

-- The account itself. `quota_before` stands while its daily quota is lower than that; `tags_had`
-- are all content types it was ever seen to be allowed; `stale_since` asks for a new look.
CREATE TABLE zalo_account (
    account         text        PRIMARY KEY,
    daily_quota     bigint,
    remaining_quota bigint,
    quota_before    bigint,
    quality         text        NOT NULL DEFAULT '',
    quality_week    text        NOT NULL DEFAULT '',
    tags            text[]      NOT NULL DEFAULT '{}',
    tags_had        text[]      NOT NULL DEFAULT '{}',
    read_at         timestamptz,
    stale_since     timestamptz
);

-- A consent that was asked for: the verifier and the state that its code must come back with.
CREATE TABLE zalo_consent (
    account  text        PRIMARY KEY,
    sealed   bytea       NOT NULL,
    seal_key smallint    NOT NULL,
    ends_at  timestamptz NOT NULL
);
