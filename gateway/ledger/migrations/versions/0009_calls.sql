-- What a report tells of a call. The sound of it is nowhere kept.
ALTER TABLE receipt ADD COLUMN keys text;
ALTER TABLE receipt ADD COLUMN talked_s integer;
