import { useSignal } from '@preact/signals';
import '../board.css';
import { useJobBoard } from '../job-board.ts';
import { isActive } from '../jobs.ts';
import { JobRow } from '../parts/job-row.tsx';
import { Choice } from '../parts/field.tsx';
import { Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { countWords } from '../wording.ts';

const KINDS = [
  ['', 'All'],
  ['request', 'Answers that come later'],
  ['sound', 'Sounds'],
  ['video', 'Films'],
] as const;

/** What the server does, has done and will do for the visitor. */
export function Jobs() {
  const kind = useSignal('');
  const board = useJobBoard(kind.value);
  const jobs = board.jobs.value;
  return (
    <Page
      title="Jobs"
      lead="Films, sounds and whatever else was ordered for later. Only the jobs of your own key are shown."
    >
      <section class="card" aria-labelledby="your-jobs">
        <div class="card-head">
          <h2 id="your-jobs">Your jobs</h2>
        </div>
        <div class="fields">
          <Choice
            label="Show"
            options={KINDS}
            value={kind.value}
            onChange={(value) => (kind.value = value)}
          />
        </div>
        <Problem problem={board.problem.value} />
        <p class="visually-hidden" role="status">
          {board.news.value}
        </p>
        {jobs && <p class="soft">{summaryOf(jobs.length, jobs.filter(isActive).length)}</p>}
        {jobs?.length === 0 && <NothingYet />}
        <ul class="rows">
          {jobs?.map((job) => (
            <JobRow key={job.id} job={job} board={board} />
          ))}
        </ul>
        {board.hasMore.value && (
          <button type="button" class="quiet more" onClick={board.more}>
            Show more
          </button>
        )}
      </section>
    </Page>
  );
}

function summaryOf(all: number, active: number): string {
  if (all === 0) return 'There are no jobs.';
  return `${countWords(all, 'job')}, ${active === 0 ? 'none under way' : `${active} under way`}.`;
}

function NothingYet() {
  return (
    <p>
      Films are always made in jobs. Any other request becomes one when it is sent with the header{' '}
      <code>prefer: respond-async</code>.
    </p>
  );
}
