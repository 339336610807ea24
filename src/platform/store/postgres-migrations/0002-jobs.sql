CREATE TABLE jobs (
  -- The order of making, for jobs of the same millisecond.
  sequence         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id               text COLLATE "C" NOT NULL UNIQUE,
  owner_id         text COLLATE "C" NOT NULL,
  kind             text COLLATE "C" NOT NULL,
  dialect          text     NOT NULL,
  model            text     NOT NULL,
  -- 0 is interactive, 1 is batch: the smaller goes first.
  priority         smallint NOT NULL,
  state            text COLLATE "C" NOT NULL,
  created_at       bigint   NOT NULL,
  -- When it took its place in the line, and before when nobody claims it.
  queued_at        bigint   NOT NULL,
  available_at     bigint   NOT NULL,
  attempts         integer  NOT NULL DEFAULT 0,
  failures         integer  NOT NULL DEFAULT 0,
  losses           integer  NOT NULL DEFAULT 0,
  started_at       bigint,
  finished_at      bigint,
  expires_at       bigint,
  progress         double precision NOT NULL DEFAULT 0,
  lease_token      text,
  lease_until      bigint,
  engine_reference text,
  -- Input, notes and webhook as JSON.
  record           text     NOT NULL,
  -- Output or error as JSON.
  outcome          text,
  -- Whether the end is announced (1), and when.
  has_webhook      smallint NOT NULL,
  notice_at        bigint,
  notice_attempts  integer  NOT NULL DEFAULT 0
) WITH (
  -- Leases are prolonged every second: room on the page, and no index on their end, keeps that from growing indices.
  fillfactor = 70,
  -- Rows pass through the queue; what they leave in its indices is cleared early.
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 500,
  autovacuum_analyze_scale_factor = 0.05
);

CREATE INDEX jobs_by_owner ON jobs (owner_id, created_at, sequence);
CREATE INDEX jobs_queued ON jobs (owner_id, kind, priority, queued_at, sequence) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (owner_id) WHERE state = 'running';
CREATE INDEX jobs_done ON jobs (kind, finished_at, model) WHERE state = 'succeeded';
CREATE INDEX jobs_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX jobs_notices ON jobs (notice_at) WHERE notice_at IS NOT NULL;

-- Workers are told of every job that waits, whatever made it wait.
CREATE FUNCTION tell_of_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('antiphon_work', '');
  RETURN NULL;
END $$;

CREATE TRIGGER jobs_tell_of_work AFTER INSERT OR UPDATE OF state ON jobs
  FOR EACH ROW WHEN (NEW.state = 'queued') EXECUTE FUNCTION tell_of_work();

-- How many of an owner's jobs wait, "most" at most. Nobody else counts them until this transaction ends. Each statement in
-- such a function sees what others have finished before it, so that the count is of the time after the waiting.
CREATE FUNCTION waiting_jobs(owner text, most integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('jobs of ' || owner, 0));
  RETURN (
    SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 'queued' AND owner_id = owner LIMIT most) AS line
  );
END $$;

-- Begins a job. One is chosen at a time: two choices at once would both count the same running jobs.
-- Owners are found by leaping from one to the next, so that somebody's hundred thousand jobs cost no more than one; of
-- each owner and kind only the first job is looked at. One that is being cancelled at this moment is passed over.
CREATE FUNCTION claim_job(
  new_token text, at bigint, held_until bigint, asked_kinds text, most_per_owner integer, weights text
) RETURNS SETOF jobs LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  PERFORM pg_advisory_xact_lock(5820174963);
  RETURN QUERY
    WITH RECURSIVE
      waiting (owner_id) AS (
        SELECT min(owner_id) FROM jobs WHERE state = 'queued'
        UNION ALL
        SELECT (SELECT min(owner_id) FROM jobs WHERE state = 'queued' AND owner_id > waiting.owner_id)
          FROM waiting WHERE waiting.owner_id IS NOT NULL
      ),
      busy (owner_id, running) AS (
        SELECT owner_id, count(*) FROM jobs WHERE state = 'running' GROUP BY owner_id
      ),
      shares (owner_id, weight) AS (SELECT key, value::double precision FROM json_each_text(weights::json)),
      first (share, sequence) AS MATERIALIZED (
        SELECT coalesce(busy.running, 0) / coalesce(shares.weight, 1.0), head.sequence
          FROM waiting
          CROSS JOIN json_array_elements_text(asked_kinds::json) AS kinds (kind)
          LEFT JOIN busy ON busy.owner_id = waiting.owner_id
          LEFT JOIN shares ON shares.owner_id = waiting.owner_id
          CROSS JOIN LATERAL (
            SELECT sequence FROM jobs
              WHERE state = 'queued' AND owner_id = waiting.owner_id AND kind = kinds.kind AND available_at <= at
              ORDER BY priority, queued_at, sequence LIMIT 1
          ) AS head
          WHERE waiting.owner_id IS NOT NULL AND coalesce(busy.running, 0) < most_per_owner
      ),
      chosen (sequence) AS MATERIALIZED (
        SELECT jobs.sequence FROM first JOIN jobs ON jobs.sequence = first.sequence
          WHERE jobs.state = 'queued'
          ORDER BY first.share, jobs.priority, jobs.queued_at, jobs.sequence LIMIT 1
          FOR UPDATE OF jobs SKIP LOCKED
      )
    UPDATE jobs SET state = 'running', lease_token = new_token, lease_until = held_until, started_at = at,
        progress = 0, attempts = attempts + 1
      FROM chosen WHERE jobs.sequence = chosen.sequence
      RETURNING jobs.*;
END $$;
