ALTER TABLE pause DROP CONSTRAINT pause_scope_check;
ALTER TABLE pause ADD CONSTRAINT pause_scope_check
    CHECK (scope IN ('everything', 'channel', 'unit', 'pool', 'account'));
