-- Keys that are here already could do everything, for ever: they become administrators without limits.
ALTER TABLE api_keys ADD COLUMN role TEXT NOT NULL DEFAULT 'admin';
-- JSON.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '{}';
ALTER TABLE api_keys ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
-- When the secret was replaced last.
ALTER TABLE api_keys ADD COLUMN rotated_at INTEGER;

-- Secrets that were replaced, and until when each still counts.
CREATE TABLE former_key_secrets (
  hash        TEXT    PRIMARY KEY,
  key_id      TEXT    NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
  valid_until INTEGER NOT NULL
) STRICT;
