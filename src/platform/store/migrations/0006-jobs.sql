CREATE TABLE jobs (
  -- The order of making, for jobs of the same millisecond.
  sequence         INTEGER PRIMARY KEY AUTOINCREMENT,
  id               TEXT    NOT NULL UNIQUE,
  owner_id         TEXT    NOT NULL,
  kind             TEXT    NOT NULL,
  dialect          TEXT    NOT NULL,
  model            TEXT    NOT NULL,
  -- 0 is interactive, 1 is batch: the smaller goes first.
  priority         INTEGER NOT NULL,
  state            TEXT    NOT NULL,
  created_at       INTEGER NOT NULL,
  -- When it took its place in the line, and before when nobody claims it.
  queued_at        INTEGER NOT NULL,
  available_at     INTEGER NOT NULL,
  attempts         INTEGER NOT NULL DEFAULT 0,
  failures         INTEGER NOT NULL DEFAULT 0,
  losses           INTEGER NOT NULL DEFAULT 0,
  started_at       INTEGER,
  finished_at      INTEGER,
  expires_at       INTEGER,
  progress         REAL    NOT NULL DEFAULT 0,
  lease_token      TEXT,
  lease_until      INTEGER,
  engine_reference TEXT,
  -- Input, notes and webhook as JSON.
  record           TEXT    NOT NULL,
  -- Output or error as JSON.
  outcome          TEXT,
  -- When the end is to be announced.
  notice_at        INTEGER,
  notice_attempts  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX jobs_by_owner ON jobs (owner_id, created_at, sequence);
CREATE INDEX jobs_queued ON jobs (owner_id, kind, priority, queued_at, sequence) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (owner_id) WHERE state = 'running';
CREATE INDEX jobs_leases ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_done ON jobs (kind, finished_at, model) WHERE state = 'succeeded';
CREATE INDEX jobs_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX jobs_notices ON jobs (notice_at) WHERE notice_at IS NOT NULL;

CREATE TABLE files (
  id          TEXT    PRIMARY KEY,
  owner_id    TEXT    NOT NULL,
  media_type  TEXT    NOT NULL,
  filename    TEXT    NOT NULL,
  byte_length INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX files_expiry ON files (expires_at);

CREATE TABLE secrets (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;
