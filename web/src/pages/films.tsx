import { useSignal, type Signal } from '@preact/signals';
import { videoSamples } from '../code/video-code.ts';
import { origin } from '../connection.ts';
import { useEngineModels, type EngineModel } from '../engine-models.ts';
import { makeFilm, type MadeFilm } from '../films/film-making.ts';
import { FilmView } from '../films/film-view.tsx';
import type { FilmWish } from '../films/film-wish.ts';
import { cancelJob } from '../job-following.ts';
import { outlookOf, type Job } from '../jobs.ts';
import '../media.css';
import { useObjectAddress } from '../object-address.ts';
import { CopyCode } from '../parts/copy-code.tsx';
import { Choice, TextArea } from '../parts/field.tsx';
import { FileDrop } from '../parts/file-drop.tsx';
import { ModelChoice } from '../parts/model-choice.tsx';
import { Page } from '../parts/page.tsx';
import { TaskButtons } from '../parts/task-buttons.tsx';
import { hrefOf } from '../route.ts';
import { useTask } from '../task.ts';

const USUAL: FilmWish = {
  prompt: 'A boat on a lake at dusk, pan left',
  model: 'auto',
  seconds: '4',
  size: '1280x720',
  picture: undefined,
};

const SECONDS = ['4', '8', '12', '16', '20'] as const;

const SIZES = [
  ['1280x720', 'Landscape, 1280 × 720'],
  ['720x1280', 'Portrait, 720 × 1280'],
  ['1792x1024', 'Landscape, 1792 × 1024'],
  ['1024x1792', 'Portrait, 1024 × 1792'],
  ['1920x1080', 'Landscape, 1920 × 1080'],
  ['1080x1920', 'Portrait, 1080 × 1920'],
] as const;

/** Makes films. */
export function Films() {
  const wish = useSignal(USUAL);
  const job = useSignal<Job | undefined>(undefined);
  const made = useSignal<(MadeFilm & { readonly title: string }) | undefined>(undefined);
  const task = useTask();
  const models = useEngineModels('video');
  const make = () =>
    task.begin(async (signal) => {
      made.value = undefined;
      job.value = undefined;
      const own = wish.peek();
      const film = await makeFilm(own, { signal, onJob: (now) => (job.value = now) });
      made.value = { ...film, title: own.prompt };
    });
  const stop = () => {
    task.stop();
    const { id } = job.peek() ?? {};
    if (id !== undefined) void cancelJob(id).catch(() => undefined);
  };
  const running = task.running.value;
  return (
    <Page title="Films" lead="Describe a short film, or have a picture begin to move.">
      <section class="card">
        <FilmFields wish={wish} models={models} />
        <TaskButtons task={task} label="Film it" busyLabel="Filming …" onBegin={make} onStop={stop} />
        {running && <FilmProgress job={job.value} />}
      </section>
      {made.value && <FilmView key={made.value.film} made={made.value} title={made.value.title} />}
      <CopyCode samples={videoSamples(wish.value, origin)} />
    </Page>
  );
}

function FilmFields({
  wish,
  models,
}: {
  readonly wish: Signal<FilmWish>;
  readonly models: readonly EngineModel[] | undefined;
}) {
  const { prompt, model, seconds, size, picture } = wish.value;
  const set = (change: Partial<FilmWish>) => {
    wish.value = { ...wish.peek(), ...change };
  };
  return (
    <>
      <TextArea label="Description" rows={3} value={prompt} onValue={(value) => set({ prompt: value })} />
      <div class="fields">
        <ModelChoice models={models} value={model} onChange={(value) => set({ model: value })} />
        <Choice
          label="Seconds"
          options={SECONDS.map((one) => [one, one])}
          value={seconds}
          onChange={(value) => set({ seconds: value })}
        />
        <Choice label="Size" options={SIZES} value={size} onChange={(value) => set({ size: value })} />
      </div>
      <FileDrop
        label="First picture"
        hint="The film begins with it. Leave this empty to begin from words alone."
        accept="image/*"
        onFile={(file) => set({ picture: file })}
      />
      {picture && <FirstPicture picture={picture} onRemove={() => set({ picture: undefined })} />}
    </>
  );
}

function FirstPicture({ picture, onRemove }: { readonly picture: File; readonly onRemove: () => void }) {
  const address = useObjectAddress(picture);
  return (
    <div class="actions first-picture">
      {address !== '' && <img src={address} alt="The first picture" />}
      <span class="soft">{picture.name}</span>
      <button type="button" class="quiet" onClick={onRemove}>
        Without a picture
      </button>
    </div>
  );
}

/** How far the film is; it is made to its end also when the visitor leaves. */
function FilmProgress({ job }: { readonly job: Job | undefined }) {
  const outlook = job ? outlookOf(job) : '';
  return (
    <div class="film-progress">
      <progress aria-label="Progress of the film" max={1} value={job?.progress ?? 0} />
      <p>
        <span role="status">{outlook}</span>{' '}
        <span class="soft">
          You may leave this page: the film goes on, and <a href={hrefOf('jobs')}>Jobs</a> shows it.
        </span>
      </p>
    </div>
  );
}
