import { useSignal } from '@preact/signals';
import type { JobBoard } from '../job-board.ts';
import { isActive, outlookOf, STATES, titleOf, warningWords, type Job } from '../jobs.ts';
import { useTask } from '../task.ts';
import { agoWords, momentWords, spanWords } from '../wording.ts';
import { JobResult } from './job-result.tsx';
import { Failure } from './page.tsx';
import { Question } from './question.tsx';

const TONES = { queued: '', running: 'busy', succeeded: 'good', failed: 'bad', cancelled: '' } as const;

/** One job: how it is, what can be done with it, and what came of it. */
export function JobRow({ job, board }: { readonly job: Job; readonly board: JobBoard }) {
  const title = titleOf(job);
  return (
    <li class="row" aria-label={`${title}, ${STATES[job.state]}`}>
      <div class="row-head">
        <h3>{title}</h3>
        <span class={`badge ${TONES[job.state]}`}>{STATES[job.state]}</span>
        <span class="soft">{outlookOf(job)}</span>
        <JobActs job={job} board={board} />
      </div>
      {job.state === 'running' && <progress value={job.progress} max={1} aria-label={`Progress: ${title}`} />}
      <JobFacts job={job} />
      {job.error && (
        <p class="failure">
          {job.error.message} <code>{job.error.code}</code>
        </p>
      )}
      {job.warnings.map((warning) => (
        <p key={warning.setting} class="soft">
          {warningWords(warning)}
        </p>
      ))}
      {job.state === 'succeeded' && <JobResult job={job} />}
    </li>
  );
}

function JobFacts({ job }: { readonly job: Job }) {
  const { createdAt, startedAt, finishedAt, expiresAt } = job;
  return (
    <div class="facts">
      <span>
        Ordered{' '}
        <time datetime={createdAt} title={momentWords(createdAt)}>
          {agoWords(createdAt)}
        </time>
      </span>
      {startedAt && finishedAt && (
        <span>Took {spanWords((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000)}</span>
      )}
      {expiresAt && <span>Kept until {momentWords(expiresAt)}</span>}
      {job.attempts > 1 && <span>Begun {job.attempts} times</span>}
      <span>
        {job.request ? (
          <code>
            {job.request.method} {job.request.url}
          </code>
        ) : (
          <>
            Model <code>{job.model}</code>
          </>
        )}
      </span>
      {job.servedBy && (
        <span>
          Made by <code>{job.servedBy}</code>
          {job.standIn && ' (a stand-in)'}
        </span>
      )}
      <span>
        <code>{job.id}</code>
      </span>
    </div>
  );
}

function JobActs({ job, board }: { readonly job: Job; readonly board: JobBoard }) {
  const task = useTask();
  const asks = useSignal(false);
  const title = titleOf(job).toLowerCase();
  const act = (label: string, work: () => Promise<void>) => (
    <button
      type="button"
      class="quiet slim"
      disabled={task.running.value}
      aria-label={`${label}: ${title}`}
      onClick={() => void task.begin(work)}
    >
      {label}
    </button>
  );
  return (
    <div class="actions">
      {isActive(job) && act('Cancel', () => board.cancel(job))}
      {(job.state === 'failed' || job.state === 'cancelled') && act('Try again', () => board.retry(job))}
      {!isActive(job) && act('Forget', async () => void (asks.value = true))}
      {task.failure.value !== '' && <Failure message={task.failure.value} />}
      {asks.value && (
        <Question
          title="Forget this job?"
          act="Forget it"
          onYes={() => board.forget(job)}
          onClose={() => (asks.value = false)}
        >
          <p>The job and everything that it made are deleted. This cannot be undone.</p>
        </Question>
      )}
    </div>
  );
}
