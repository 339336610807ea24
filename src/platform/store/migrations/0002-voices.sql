CREATE TABLE voices (
  id         TEXT    PRIMARY KEY,
  owner_id   TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  record     TEXT    NOT NULL
) STRICT;

CREATE INDEX voices_by_owner ON voices (owner_id, created_at);

CREATE TABLE voice_consents (
  id         TEXT    PRIMARY KEY,
  owner_id   TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  record     TEXT    NOT NULL
) STRICT;

CREATE INDEX voice_consents_by_owner ON voice_consents (owner_id, created_at);
