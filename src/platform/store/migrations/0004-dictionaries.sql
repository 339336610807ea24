CREATE TABLE dictionaries (
  id         TEXT    PRIMARY KEY,
  owner_id   TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  record     TEXT    NOT NULL
) STRICT;

CREATE INDEX dictionaries_by_owner ON dictionaries (owner_id, created_at);

CREATE TABLE dictionary_versions (
  id            TEXT    PRIMARY KEY,
  dictionary_id TEXT    NOT NULL REFERENCES dictionaries (id) ON DELETE CASCADE,
  created_at    INTEGER NOT NULL,
  record        TEXT    NOT NULL
) STRICT;

CREATE INDEX dictionary_versions_by_dictionary ON dictionary_versions (dictionary_id, created_at);
