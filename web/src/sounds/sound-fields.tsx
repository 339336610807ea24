import type { Signal } from '@preact/signals';
import type { EngineModel } from '../engine-models.ts';
import { Choice, NumberInput, TextArea } from '../parts/field.tsx';
import { ModelChoice } from '../parts/model-choice.tsx';
import { Tick } from '../parts/tick.tsx';
import { FORMATS, type SoundWish } from './sound-wish.ts';

const KINDS = [
  ['effect', 'A sound'],
  ['music', 'Music'],
] as const;

/** Shortest and longest, in seconds, as the vendors have it. */
const LENGTHS = { effect: ['0.5', '30', '0.5'], music: ['3', '600', '1'] } as const;

interface FieldsProps {
  readonly wish: Signal<SoundWish>;
  readonly models: readonly EngineModel[] | undefined;
}

/** What a sound is to be. */
export function SoundFields({ wish, models }: FieldsProps) {
  const { kind, prompt, model, format, plan } = wish.value;
  const isPlanned = kind === 'music' && plan !== undefined;
  const set = (change: Partial<SoundWish>) => {
    wish.value = { ...wish.peek(), ...change };
  };
  return (
    <>
      {!isPlanned && (
        <TextArea label="Description" rows={3} value={prompt} onValue={(value) => set({ prompt: value })} />
      )}
      <div class="fields">
        <Choice
          label="Make"
          options={KINDS}
          value={kind}
          onChange={(value) =>
            set(
              value === 'music'
                ? { kind: 'music', seconds: '20', model: 'auto' }
                : { kind: 'effect', seconds: '6', model: 'auto' },
            )
          }
        />
        <ModelChoice models={models} value={model} onChange={(value) => set({ model: value })} />
        <Choice
          label="Format"
          options={FORMATS}
          value={format}
          onChange={(value) => set({ format: value })}
        />
      </div>
      <Numbers wish={wish.value} isPlanned={isPlanned} set={set} />
      <Switches wish={wish.value} isPlanned={isPlanned} set={set} />
    </>
  );
}

interface PartProps {
  readonly wish: SoundWish;
  readonly isPlanned: boolean;
  readonly set: (change: Partial<SoundWish>) => void;
}

function Numbers({ wish: { kind, seconds, influence, seed }, isPlanned, set }: PartProps) {
  const [min, max, step] = LENGTHS[kind];
  const seedHint =
    kind === 'effect'
      ? 'With a seed the sound goes through AI/ML API: always WAV, without loop and influence.'
      : 'The same number gives the same piece. It needs a plan, which is made first.';
  return (
    <div class="fields">
      {!isPlanned && (
        <NumberInput
          label="Seconds"
          hint="Empty: as the description asks."
          min={min}
          max={max}
          step={step}
          value={seconds}
          onValue={(value) => set({ seconds: value })}
        />
      )}
      {kind === 'effect' && seed === '' && (
        <NumberInput
          label="Influence of the words"
          hint="0 is free, 1 is to the letter."
          min="0"
          max="1"
          step="0.05"
          value={influence}
          onValue={(value) => set({ influence: value })}
        />
      )}
      <NumberInput
        label="Seed"
        hint={seedHint}
        min="0"
        step="1"
        placeholder="another each time"
        value={seed}
        onValue={(value) => set({ seed: value })}
      />
    </div>
  );
}

function Switches({ wish: { kind, loop, seed, instrumental }, isPlanned, set }: PartProps) {
  if (kind === 'effect' && seed === '') {
    return (
      <Tick
        label="Can be looped"
        hint="Its end goes over into its beginning."
        checked={loop}
        onChange={(value) => set({ loop: value })}
      />
    );
  }
  if (kind === 'effect' || isPlanned || seed !== '') return null;
  return (
    <Tick
      label="Instruments only"
      checked={instrumental}
      onChange={(value) => set({ instrumental: value })}
    />
  );
}
