-- What was used, added up per day of UTC. Lengths are in milliseconds.
CREATE TABLE usage_sums (
  day          TEXT    NOT NULL,
  principal_id TEXT    NOT NULL,
  dialect      TEXT    NOT NULL,
  capability   TEXT    NOT NULL,
  model        TEXT    NOT NULL,
  served_by    TEXT    NOT NULL,
  requests     INTEGER NOT NULL,
  failures     INTEGER NOT NULL,
  characters   INTEGER NOT NULL,
  audio_ms     INTEGER NOT NULL,
  pictures     INTEGER NOT NULL,
  engine_ms    INTEGER NOT NULL,
  PRIMARY KEY (principal_id, day, dialect, capability, model, served_by)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_sums_by_day ON usage_sums (day);
