import { AppError } from '../src/base/errors.ts';
import type { RequestContext } from '../src/core/context.ts';
import { createJobHouse } from '../src/core/jobs/job-house.ts';
import { USUAL_JOB_LIMITS, type JobLimits } from '../src/core/jobs/job-limits.ts';
import type { JobOrder, JobWork } from '../src/core/jobs/job-service.ts';
import type { AnyJob } from '../src/core/jobs/job.ts';
import type { KeptResponse } from '../src/core/jobs/kept-request.ts';
import { silentLogger } from '../src/core/ports/logger.ts';
import type { MemoryWatch } from '../src/core/ports/memory-watch.ts';
import type { Store } from '../src/core/ports/store.ts';
import type { WebhookMessage } from '../src/core/ports/webhook-sender.ts';
import { createSigner } from '../src/platform/hmac-signer.ts';
import { manualTime } from './manual-time.ts';
import { memoryBlobs, memoryStore, testContext, testPrincipal } from './support.ts';

/** What a handler in a test left. */
export const MADE: KeptResponse = { status: 200, headers: {}, blob: 'files/none', byteLength: 0 };

export interface TestHouseOptions {
  readonly limits?: Partial<JobLimits>;
  readonly store?: Store;
  readonly memory?: MemoryWatch;
  /** Sets the time of day. */
  readonly adjust?: (now: number) => number;
  /** The owners whose keys were revoked. */
  readonly revoked?: ReadonlySet<string>;
  /** The status with which a receiver answers, or `undefined` for one that cannot be reached. */
  readonly receive?: (message: WebhookMessage) => number | undefined;
  readonly handle?: (work: JobWork<'request'>) => Promise<KeptResponse>;
}

/** Jobs on a store in memory, in time that stands still, whose handler is the test's. */
export function testHouse(options: TestHouseOptions = {}) {
  const time = manualTime();
  const store = options.store ?? memoryStore();
  const blobs = memoryBlobs();
  const sent: WebhookMessage[] = [];
  const house = createJobHouse({
    store,
    blobs,
    signer: createSigner(store.secrets),
    webhooks: {
      ownSecret: async () => 'whsec_AAAA',
      send: async (message) => {
        sent.push(message);
        const status = options.receive?.(message) ?? (options.receive ? undefined : 200);
        if (status === undefined) throw new Error('nobody is there');
        return status;
      },
    },
    authenticator: {
      findAdmitted: async (id) => (options.revoked?.has(id) ? undefined : testPrincipal(id)),
    },
    clock: { ...time.clock, now: () => options.adjust?.(time.clock.now()) ?? time.clock.now() },
    pause: time.pause,
    log: silentLogger,
    limits: { ...USUAL_JOB_LIMITS, ...options.limits },
    ...(options.memory ? { memory: options.memory } : {}),
  });
  const refuse = async () => {
    throw new AppError('unsupported_feature', 'Not in this test.');
  };
  const runner = house.runner({
    request: options.handle ?? (async () => MADE),
    sound: refuse,
    video: refuse,
  });
  return { ...house, store, blobs, time, sent, jobRunner: runner };
}

/** A context of somebody. */
export function contextOf(id: string): RequestContext {
  return testContext({ principal: testPrincipal(id) });
}

/** An order for a job. */
export function orderOf(facts: Partial<JobOrder<'request'>> = {}): JobOrder<'request'> {
  const input = { method: 'POST', url: '/openai/v1/audio/speech', headers: {} };
  return { kind: 'request', input, dialect: 'openai', model: '/v1/audio/speech', ...facts };
}

/** A job as far as tests compare it. */
export function stateOf(job: AnyJob | undefined): string {
  if (!job) return 'none';
  return job.state === 'failed' ? `failed ${job.error.code}` : job.state;
}
