-- What was used, added up per day of UTC. Lengths are in milliseconds.
CREATE TABLE usage_sums (
  day          text COLLATE "C" NOT NULL,
  principal_id text COLLATE "C" NOT NULL,
  dialect      text COLLATE "C" NOT NULL,
  capability   text COLLATE "C" NOT NULL,
  model        text COLLATE "C" NOT NULL,
  served_by    text COLLATE "C" NOT NULL,
  requests     bigint NOT NULL,
  failures     bigint NOT NULL,
  characters   bigint NOT NULL,
  audio_ms     bigint NOT NULL,
  pictures     bigint NOT NULL,
  engine_ms    bigint NOT NULL,
  PRIMARY KEY (principal_id, day, dialect, capability, model, served_by)
) WITH (
  -- Rows of the day are changed every second: room on the page keeps that from growing indices.
  fillfactor = 70
);

CREATE INDEX usage_sums_by_day ON usage_sums (day);
