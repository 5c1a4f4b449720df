-- Texts that people sent us, by keyed hashes; neither what they wrote nor their number is kept. The
-- hash of account and message is also the reference of a reply that is sent as a message. A reply
-- that answers the provider's request itself is kept sealed, for a provider that asks again.
CREATE TABLE inbound_text (
    message       bytea       PRIMARY KEY,
    account       text        NOT NULL,
    taken_at      timestamptz NOT NULL DEFAULT now(),
    in_hand_until timestamptz NOT NULL,
    answered_at   timestamptz,
    said          bytea,
    provider_id   text,
    sealed        bytea,
    seal_key      smallint
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);

CREATE INDEX inbound_text_taken ON inbound_text (taken_at);

CREATE INDEX inbound_text_said ON inbound_text (said) WHERE said IS NOT NULL;

CREATE INDEX inbound_text_provider_id ON inbound_text (account, provider_id)
WHERE provider_id IS NOT NULL;

-- How many replies a number, known by a keyed hash, had within an hour of the clock.
CREATE TABLE inbound_sender (
    sender  bytea       NOT NULL,
    hour    timestamptz NOT NULL,
    replies integer     NOT NULL,
    PRIMARY KEY (sender, hour)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);
