import { createFileService } from '../files/file-keeping.ts';
import type { FileService } from '../files/file-service.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { MemoryWatch } from '../ports/memory-watch.ts';
import type { Pause } from '../ports/pause.ts';
import type { Signer } from '../ports/signer.ts';
import type { Store } from '../ports/store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { WebhookSender } from '../ports/webhook-sender.ts';
import { createJobService } from './job-keeping.ts';
import type { JobLimits } from './job-limits.ts';
import { createJobNews } from './job-news.ts';
import { createJobRunner, type JobRunner } from './job-runner.ts';
import type { JobHandlers, JobService } from './job-service.ts';
import { createKeptRequests, type KeptRequests } from './kept-request-answers.ts';

/** What jobs are made of. */
export interface JobHouseParts {
  readonly store: Pick<Store, 'jobs' | 'files'>;
  readonly blobs: BlobStore;
  readonly signer: Signer;
  readonly webhooks: WebhookSender;
  readonly authenticator: Pick<Authenticator, 'findAdmitted'>;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly log: Logger;
  readonly memory?: MemoryWatch;
  readonly limits: JobLimits;
  /** Nobody watches when absent. */
  readonly telemetry?: Telemetry;
}

/** Everything about jobs, from the order to the file. */
export interface JobHouse {
  readonly jobs: JobService;
  readonly files: FileService;
  readonly keptRequests: KeptRequests;
  /** Who does the jobs, not started yet. There is one. */
  runner(handlers: JobHandlers): JobRunner;
}

/** Puts it together. */
export function createJobHouse(parts: JobHouseParts): JobHouse {
  const { store, blobs, signer, clock, limits } = parts;
  const news = createJobNews();
  const files = createFileService({
    files: store.files,
    blobs,
    signer,
    clock,
    keepMs: () => limits.resultMs,
  });
  let runner: JobRunner | undefined;
  const onWork = () => runner?.wake();
  return {
    jobs: createJobService({ ...parts, store: store.jobs, files, news, onWork }),
    files,
    keptRequests: createKeptRequests({ files, blobs }),
    runner: (handlers) => {
      runner = createJobRunner({ ...parts, store: store.jobs, files, news, handlers });
      return runner;
    },
  };
}
