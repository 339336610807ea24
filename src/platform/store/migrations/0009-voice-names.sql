-- The name in lower case, by which a voice is found; null for voices from before, which are looked through instead.
ALTER TABLE voices ADD COLUMN name_key TEXT;

CREATE INDEX voices_by_name ON voices (name_key);
CREATE INDEX voices_by_folded_id ON voices (lower(id));
