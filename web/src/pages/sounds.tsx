import { useSignal, type Signal } from '@preact/signals';
import { soundSamples } from '../code/sound-code.ts';
import { origin } from '../connection.ts';
import { useEngineModels } from '../engine-models.ts';
import { cancelJob } from '../job-following.ts';
import { outlookOf, type Job } from '../jobs.ts';
import '../media.css';
import { CopyCode } from '../parts/copy-code.tsx';
import { Page } from '../parts/page.tsx';
import { TaskButtons } from '../parts/task-buttons.tsx';
import { PlanEditor } from '../sounds/plan-editor.tsx';
import { SoundFields } from '../sounds/sound-fields.tsx';
import { layOut, makeSound, type MadeSound } from '../sounds/sound-making.ts';
import { SoundView } from '../sounds/sound-view.tsx';
import { callFor, type SoundWish } from '../sounds/sound-wish.ts';
import { useTask } from '../task.ts';

const USUAL: SoundWish = {
  kind: 'effect',
  prompt: 'Heavy rain on a tin roof, distant thunder',
  model: 'auto',
  seconds: '6',
  influence: '0.3',
  loop: false,
  instrumental: false,
  seed: '',
  format: 'mp3_44100_128',
  plan: undefined,
};

/** Makes sounds and music. */
export function Sounds() {
  const wish = useSignal(USUAL);
  const { kind, plan } = wish.value;
  const models = useEngineModels(kind === 'effect' ? 'sound' : 'music');
  const ownModel = models?.[0]?.id;
  const { task, made, progress, make, layItOut, stop } = useSoundMaking(wish, ownModel);
  const shownPlan = kind === 'music' ? plan : undefined;
  return (
    <Page title="Sounds and music" lead="Describe a sound or a piece of music and hear it.">
      <section class="card">
        <SoundFields wish={wish} models={models} />
        {shownPlan && (
          <PlanEditor
            plan={shownPlan}
            onChange={(changed) => (wish.value = { ...wish.peek(), plan: changed })}
          />
        )}
        <TaskButtons
          task={task}
          label={shownPlan ? 'Play the plan' : 'Make it'}
          busyLabel="Making it …"
          onBegin={make}
          onStop={stop}
        >
          {kind === 'music' && !plan && (
            <button type="button" class="quiet" disabled={task.running.value} onClick={() => void layItOut()}>
              Lay it out first
            </button>
          )}
          <span role="status" class="soft">
            {task.running.value ? progress.value : ''}
          </span>
        </TaskButtons>
      </section>
      {made.value && <SoundView key={made.value.sound} made={made.value} title={made.value.title} />}
      <CopyCode samples={soundSamples(callFor(wish.value, ownModel), origin)} />
    </Page>
  );
}

/** The making of one sound after another. */
function useSoundMaking(wish: Signal<SoundWish>, ownModel: string | undefined) {
  const made = useSignal<(MadeSound & { readonly title: string }) | undefined>(undefined);
  const progress = useSignal('');
  const jobId = useSignal('');
  const task = useTask();
  const layOutNow = async (signal: AbortSignal) => {
    progress.value = 'Laying the piece out …';
    const plan = await layOut(wish.peek(), signal);
    wish.value = { ...wish.peek(), plan };
    progress.value = '';
  };
  const make = () =>
    task.begin(async (signal) => {
      made.value = undefined;
      progress.value = '';
      jobId.value = '';
      if (needsPlan(wish.peek())) await layOutNow(signal);
      const onJob = (job: Job) => {
        jobId.value = job.id;
        progress.value = outlookOf(job);
      };
      const { prompt: title } = wish.peek();
      const sound = await makeSound(callFor(wish.peek(), ownModel), { signal, onJob });
      made.value = { ...sound, title };
    });
  const stop = () => {
    task.stop();
    if (jobId.peek() !== '') void cancelJob(jobId.peek()).catch(() => undefined);
  };
  return { task, made, progress, make, layItOut: () => task.begin(layOutNow), stop };
}

/** The vendor takes a seed with a plan only. */
function needsPlan({ kind, plan, seed }: SoundWish): boolean {
  return kind === 'music' && !plan && seed !== '';
}
