import type { Fetched } from '../fetched.ts';
import { countWords } from '../wording.ts';
import { Problem } from './problem.tsx';

/** The engines of the server. */
export interface EngineList {
  readonly engines: readonly EngineState[];
}

interface EngineState {
  readonly id: string;
  readonly state: 'up' | 'down';
  /** Why it is down, for administrators. */
  readonly reason?: string;
  readonly models?: readonly {
    readonly id: string;
    readonly name: string;
    readonly capability: string;
    readonly licence: string;
    readonly languages: readonly string[] | 'any';
  }[];
  readonly voices?: number;
  readonly running?: number;
  readonly waiting?: number;
  /** Of those elsewhere. */
  readonly health?: { readonly state: 'healthy' | 'unhealthy' | 'unknown'; readonly reason?: string };
}

/** What makes the media: which engines are there, what they do just now, and why others are not. */
export function Engines({
  list,
  isAdmin,
}: {
  readonly list: Fetched<EngineList>;
  readonly isAdmin: boolean;
}) {
  return (
    <section class="card" aria-labelledby="engines">
      <div class="card-head">
        <h2 id="engines">Engines</h2>
      </div>
      <Problem problem={list.problem.value} />
      <ul class="rows">
        {list.value.value?.engines.map((engine) => (
          <EngineRow key={engine.id} engine={engine} isAdmin={isAdmin} />
        ))}
      </ul>
    </section>
  );
}

function EngineRow({ engine, isAdmin }: { readonly engine: EngineState; readonly isAdmin: boolean }) {
  const { id, models = [] } = engine;
  const [tone, word] = stateOf(engine);
  const reason = engine.reason ?? engine.health?.reason;
  return (
    <li class="row" aria-label={`${id}: ${word}`}>
      <div class="row-head">
        <h3>{id}</h3>
        <span class={`badge ${tone}`}>{word}</span>
        {engine.state === 'up' && <span class="soft">{contentsOf(engine)}</span>}
      </div>
      {reason !== undefined && <p>{reason}</p>}
      {tone === 'bad' && !isAdmin && <p class="soft">Why is told to keys with the role admin.</p>}
      {models.length > 0 && (
        <details>
          <summary>Models of {id}</summary>
          {models.map((model) => (
            <p key={model.id}>
              <code>{model.id}</code> {model.name}{' '}
              <span class="soft">
                for {model.capability}, {model.licence}
              </span>
            </p>
          ))}
        </details>
      )}
    </li>
  );
}

function contentsOf({ models = [], voices = 0, running = 0, waiting = 0 }: EngineState): string {
  return [
    ...(models.length > 0 ? [countWords(models.length, 'model')] : []),
    ...(voices > 0 ? [countWords(voices, 'voice')] : []),
    ...(running + waiting > 0 ? [`${running} running, ${waiting} waiting`] : []),
  ].join(', ');
}

function stateOf({ state, health, models = [] }: EngineState): readonly [tone: string, word: string] {
  if (state === 'down') return ['bad', 'Down'];
  if (health?.state === 'unhealthy') return ['bad', 'Does not answer'];
  if (health?.state === 'unknown') return ['', 'Not needed yet'];
  return models.length === 0 ? ['', 'Up, without a model'] : ['good', 'Up'];
}
