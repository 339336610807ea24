-- Keys that are here already could do everything, for ever: they become administrators without limits.
ALTER TABLE api_keys
  ADD COLUMN role       text NOT NULL DEFAULT 'admin',
  -- JSON.
  ADD COLUMN scopes     text NOT NULL DEFAULT '{}',
  ADD COLUMN limits     text NOT NULL DEFAULT '{}',
  ADD COLUMN expires_at bigint,
  -- When the secret was replaced last.
  ADD COLUMN rotated_at bigint;

-- Secrets that were replaced, and until when each still counts.
CREATE TABLE former_key_secrets (
  hash        text COLLATE "C" PRIMARY KEY,
  key_id      text COLLATE "C" NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
  valid_until bigint NOT NULL
);
