import { Counter, Histogram, type Registry } from 'prom-client';
import type { Telemetry } from '../../core/ports/telemetry.ts';
import type { UsageRecord } from '../../core/usage/usage-record.ts';
import { createLabelGuard } from './label-guard.ts';

/** Counts what is made. */
export interface WorkMetrics extends Omit<Telemetry, 'beginJob'> {
  storageFailed(part: string): void;
}

/** Names of models that this installation has now, and only they become labels. */
export type KnownModel = (name: string) => boolean;

/** Seconds from the wish to the first sound. */
const FIRST_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30];

/** Seconds of sound for each second that passes; below 1 whoever listens waits. */
const SPEEDS = [0.25, 0.5, 0.8, 1, 1.2, 1.5, 2, 5, 10, 25, 100];

const SLOT_SECONDS = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/** Shorter flows say nothing of a speed. */
const SHORTEST_FLOW_MS = 1;

/** Makes the counters. */
export function createWorkMetrics(registry: Registry, isKnown: KnownModel): WorkMetrics {
  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
  const ended = counter('antiphon_jobs_ended_total', 'Jobs that have ended, by how.', ['kind', 'state']);
  const storage = counter(
    'antiphon_storage_errors_total',
    'Calls of the database or of the blobs that failed.',
    ['part'],
  );
  return {
    ...usageMetrics(registry, isKnown),
    ...engineMetrics(registry),
    jobEnded: ({ kind, state }) => ended.inc({ kind, state }),
    storageFailed: (part) => storage.inc({ part }),
  };
}

function engineMetrics(registry: Registry): Pick<WorkMetrics, 'engineUsed'> {
  const histogram = (name: string, help: string) =>
    new Histogram({ name, help, labelNames: ['engine'], buckets: SLOT_SECONDS, registers: [registry] });
  const waited = histogram(
    'antiphon_engine_wait_seconds',
    'How long requests waited for a slot of an engine.',
  );
  const held = histogram('antiphon_engine_work_seconds', 'How long requests held a slot of an engine.');
  const failures = new Counter({
    name: 'antiphon_engine_failures_total',
    help: 'Requests that an engine broke at, by the code of the error; another engine may have served them.',
    labelNames: ['engine', 'code'],
    registers: [registry],
  });
  return {
    engineUsed: ({ engine, waitedMs, heldMs, failure }) => {
      waited.observe({ engine }, waitedMs / 1000);
      held.observe({ engine }, heldMs / 1000);
      if (failure !== undefined) failures.inc({ engine, code: failure });
    },
  };
}

const BY_MODEL = ['dialect', 'capability', 'model'] as const;

function usageMetrics(registry: Registry, isKnown: KnownModel): Pick<WorkMetrics, 'used'> {
  const modelOf = createLabelGuard(isKnown);
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: [...BY_MODEL], registers: [registry] });
  const requests = counter('antiphon_generations_total', 'Requests for which something was made or heard.');
  const failures = counter('antiphon_generations_failed_total', 'Those of them in which our side failed.');
  const characters = counter('antiphon_usage_characters_total', 'Characters of text that were taken in.');
  const seconds = counter('antiphon_usage_audio_seconds_total', 'Seconds of sound and film, heard or made.');
  const pictures = counter('antiphon_usage_pictures_total', 'Pictures that were made.');
  const pace = paceMetrics(registry);
  return {
    used: (record) => {
      const { dialect, capability } = record;
      const labels = { dialect, capability, model: modelOf(record.model) };
      requests.inc(labels);
      if (record.failed) failures.inc(labels);
      if (record.characters) characters.inc(labels, record.characters);
      if (record.audioSeconds) seconds.inc(labels, record.audioSeconds);
      if (record.pictures) pictures.inc(labels, record.pictures);
      pace(labels, record);
    },
  };
}

type ModelLabels = Readonly<Record<(typeof BY_MODEL)[number], string>>;

/** Measured at the ends of what flows, so that nothing is done for each piece of it. */
function paceMetrics(registry: Registry): (labels: ModelLabels, record: UsageRecord) => void {
  const firsts = new Histogram({
    name: 'antiphon_first_playable_seconds',
    help: 'From the wish to the first sound that can be played, waiting for an engine included.',
    labelNames: [...BY_MODEL],
    buckets: FIRST_SECONDS,
    registers: [registry],
  });
  const speeds = new Histogram({
    name: 'antiphon_audio_speed_ratio',
    help: 'Seconds of sound that came for each second that passed after the first; below 1 a listener waits.',
    labelNames: [...BY_MODEL],
    buckets: SPEEDS,
    registers: [registry],
  });
  const late = new Counter({
    name: 'antiphon_audio_late_total',
    help: 'Streams of sound that came more slowly than they play.',
    labelNames: [...BY_MODEL],
    registers: [registry],
  });
  return (labels, { pace, audioSeconds = 0, failed }) => {
    if (!pace || failed) return;
    firsts.observe(labels, pace.firstMs / 1000);
    if (audioSeconds === 0) return;
    const ratio = (audioSeconds * 1000) / Math.max(SHORTEST_FLOW_MS, pace.flowMs);
    speeds.observe(labels, ratio);
    late.inc(labels, ratio < 1 ? 1 : 0);
  };
}
