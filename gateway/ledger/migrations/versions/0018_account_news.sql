-- What each worker process said last of the breakers of its accounts that are not closed:
-- `{account: {state, since}}`. One that has not been heard of for a while has ended.
CREATE TABLE worker_seen (
    process  uuid        NOT NULL PRIMARY KEY,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    breakers jsonb       NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

-- What each account said last that it has left, in the currency that it told it in.
CREATE TABLE account_balance (
    account  text        NOT NULL PRIMARY KEY,
    amount   numeric     NOT NULL,
    currency text        NOT NULL,
    read_at  timestamptz NOT NULL DEFAULT now()
);
