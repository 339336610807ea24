-- Ids are compared byte by byte ("C"), so that an update of the system's locales never spoils an index.
-- Documents are text, not jsonb: jsonb refuses characters that JSON has, and changes numbers.

CREATE TABLE api_keys (
  id         text COLLATE "C" PRIMARY KEY,
  name       text   NOT NULL,
  hash       text COLLATE "C" NOT NULL UNIQUE,
  hint       text   NOT NULL,
  created_at bigint NOT NULL,
  revoked_at bigint
);

CREATE TABLE voices (
  id         text COLLATE "C" PRIMARY KEY,
  -- The order of making, for rows of the same millisecond.
  sequence   bigint GENERATED ALWAYS AS IDENTITY,
  owner_id   text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  record     text   NOT NULL
);

CREATE INDEX voices_by_owner ON voices (owner_id, created_at, sequence);

CREATE TABLE voice_consents (
  id         text COLLATE "C" PRIMARY KEY,
  sequence   bigint GENERATED ALWAYS AS IDENTITY,
  owner_id   text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  record     text   NOT NULL
);

CREATE INDEX voice_consents_by_owner ON voice_consents (owner_id, created_at, sequence);

CREATE TABLE history (
  id          text COLLATE "C" PRIMARY KEY,
  sequence    bigint GENERATED ALWAYS AS IDENTITY,
  owner_id    text COLLATE "C" NOT NULL,
  created_at  bigint NOT NULL,
  request_id  text COLLATE "C" NOT NULL,
  source      text   NOT NULL,
  model       text   NOT NULL,
  voice_id    text   NOT NULL,
  byte_length bigint NOT NULL,
  search      text   NOT NULL,
  record      text   NOT NULL
);

CREATE INDEX history_by_owner ON history (owner_id, created_at, sequence);
CREATE INDEX history_by_request ON history (owner_id, request_id);
CREATE INDEX history_by_age ON history (created_at, sequence);

CREATE TABLE dictionaries (
  id         text COLLATE "C" PRIMARY KEY,
  sequence   bigint GENERATED ALWAYS AS IDENTITY,
  owner_id   text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  record     text   NOT NULL
);

CREATE INDEX dictionaries_by_owner ON dictionaries (owner_id, created_at, sequence);

CREATE TABLE dictionary_versions (
  id            text COLLATE "C" PRIMARY KEY,
  dictionary_id text COLLATE "C" NOT NULL REFERENCES dictionaries (id) ON DELETE CASCADE,
  created_at    bigint NOT NULL,
  record        text   NOT NULL
);

CREATE INDEX dictionary_versions_by_dictionary ON dictionary_versions (dictionary_id, created_at);

CREATE TABLE files (
  id          text COLLATE "C" PRIMARY KEY,
  owner_id    text COLLATE "C" NOT NULL,
  media_type  text   NOT NULL,
  filename    text   NOT NULL,
  byte_length bigint NOT NULL,
  created_at  bigint NOT NULL,
  expires_at  bigint NOT NULL
);

CREATE INDEX files_expiry ON files (expires_at);

CREATE TABLE secrets (
  name  text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL
);
