-- What each account said last that it has left, in the currency that it told it in.
CREATE TABLE account_balance (
    account  text        NOT NULL PRIMARY KEY,
    amount   numeric     NOT NULL,
    currency text        NOT NULL,
    read_at  timestamptz NOT NULL DEFAULT now()
);
