CREATE TABLE history (
  id         TEXT    PRIMARY KEY,
  owner_id   TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  request_id TEXT    NOT NULL,
  source     TEXT    NOT NULL,
  model      TEXT    NOT NULL,
  voice_id   TEXT    NOT NULL,
  search     TEXT    NOT NULL,
  record     TEXT    NOT NULL
) STRICT;

CREATE INDEX history_by_owner ON history (owner_id, created_at);
CREATE INDEX history_by_request ON history (owner_id, request_id);
