-- Every restore this ledger went through: what is older than its backup may have been sent since.
CREATE TABLE restore (
    restored_at timestamptz PRIMARY KEY DEFAULT now(),
    backup_at   timestamptz NOT NULL,
    actor       text        NOT NULL
);
