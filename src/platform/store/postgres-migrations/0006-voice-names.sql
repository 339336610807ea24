-- The name in lower case, by which a voice is found; null for voices from before, which are looked through instead.
ALTER TABLE voices ADD COLUMN name_key text COLLATE "C";

-- Names may be longer than an index takes: they are compared whole once their hash is found.
CREATE INDEX voices_by_name ON voices USING hash (name_key);
CREATE INDEX voices_without_name_key ON voices (id) WHERE name_key IS NULL;
CREATE INDEX voices_by_folded_id ON voices (lower(id));
