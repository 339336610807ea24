import { useSignal } from '@preact/signals';
import { ask } from '../connection.ts';
import { addressOf, filePath, titleOf, type Job } from '../jobs.ts';
import { useTask } from '../task.ts';
import { Failure } from './page.tsx';
import { MadeMedia } from './made-media.tsx';

/** What came of a job: a film or sound at once, the answer of a request when it is asked for. */
export function JobResult({ job }: { readonly job: Job }) {
  const { file, thumbnail } = job.links;
  if (file === undefined) return job.kind === 'request' ? <JobAnswer job={job} /> : null;
  const source = filePath(file);
  return (
    <div class="shown">
      {job.kind === 'video' ? (
        // What was made has no captions.
        <video
          controls
          preload="none"
          src={source}
          poster={thumbnail === undefined ? undefined : filePath(thumbnail)}
          aria-label={`${titleOf(job)}, ${job.model ?? ''}`}
        />
      ) : (
        <audio controls preload="none" src={source} aria-label={`${titleOf(job)}, ${job.model ?? ''}`} />
      )}
      <p>
        <a href={source} download="">
          Download
        </a>
      </p>
    </div>
  );
}

function JobAnswer({ job }: { readonly job: Job }) {
  const answer = useSignal<Blob | undefined>(undefined);
  const task = useTask();
  const show = () =>
    task.begin(async (signal) => {
      answer.value = await (await ask(addressOf(job, '/result'), { signal })).blob();
    });
  if (answer.value) return <MadeMedia made={answer.value} name={`antiphon-${job.id}`} label={titleOf(job)} />;
  return (
    <div class="shown">
      <button type="button" class="quiet slim" disabled={task.running.value} onClick={() => void show()}>
        {task.running.value ? 'Fetching …' : 'Show the result'}
      </button>
      <Failure message={task.failure.value} />
    </div>
  );
}
