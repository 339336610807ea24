-- Who has made how many requests, and who is being answered. Nothing here outlives a minute, so nothing is logged: after a
-- crash of the server the tables are empty, and the processes that still hold places put them back.
CREATE UNLOGGED TABLE request_windows (
  owner_id text COLLATE "C" PRIMARY KEY,
  requests integer          NOT NULL,
  ends_at  timestamptz      NOT NULL
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE request_places (
  id         text COLLATE "C" PRIMARY KEY,
  owner_id   text COLLATE "C" NOT NULL,
  -- Prolonged by the process that answers the request. A process that was killed prolongs nothing.
  held_until timestamptz      NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

CREATE INDEX request_places_by_owner ON request_places (owner_id);

-- Counts a request and takes a place for it; a limit that is null is not asked for. The times are those of this server, so
-- that no machine's clock counts; an end that lies further off than a minute, or a lease, was written before this server's
-- clock was put back, and has no force.
CREATE FUNCTION enter_request(
  owner text, place text, most_per_minute integer, most_at_once integer, lease_ms integer,
  OUT requests integer, OUT reset_ms integer, OUT held integer, OUT is_taken integer
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_variable
DECLARE
  at timestamptz;
  lease interval := make_interval(secs => lease_ms / 1000.0);
  one_minute constant interval := interval '1 minute';
BEGIN
  -- Each statement sees what others have finished before it, so that the count is of the time after the waiting.
  PERFORM pg_advisory_xact_lock(hashtextextended('requests of ' || owner, 0));
  at := clock_timestamp();
  IF most_per_minute IS NOT NULL THEN
    INSERT INTO request_windows AS known (owner_id, requests, ends_at) VALUES (owner, 1, at + one_minute)
      ON CONFLICT (owner_id) DO UPDATE SET
        requests = CASE WHEN known.ends_at > at AND known.ends_at <= at + one_minute
          THEN least(known.requests, 1000000000) + 1 ELSE 1 END,
        ends_at = CASE WHEN known.ends_at > at AND known.ends_at <= at + one_minute
          THEN known.ends_at ELSE at + one_minute END
      RETURNING known.requests, ceil(extract(epoch FROM known.ends_at - at) * 1000)::integer
      INTO requests, reset_ms;
    IF requests > most_per_minute THEN RETURN; END IF;
  END IF;
  IF most_at_once IS NULL THEN RETURN; END IF;
  DELETE FROM request_places AS known
    WHERE known.owner_id = owner AND (known.held_until <= at OR known.held_until > at + lease);
  SELECT count(*) FROM request_places AS known WHERE known.owner_id = owner INTO held;
  is_taken := 0;
  IF held < most_at_once THEN
    INSERT INTO request_places (id, owner_id, held_until) VALUES (place, owner, at + lease);
    held := held + 1;
    is_taken := 1;
  END IF;
END $$;
