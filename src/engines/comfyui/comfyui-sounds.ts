import type { RequestContext } from '../../core/context.ts';
import type { SoundEngine, SoundGeneration, SoundOutput } from '../../core/sound/sound-engine.ts';
import type { SoundSetting } from '../../core/sound/sound.ts';
import { withinTime } from '../remote-jobs.ts';
import { runGraph } from './comfyui-runs.ts';
import type { SlotName } from './graph-template.ts';
import {
  slotSettings,
  slotValues,
  templateOf,
  type SlotWords,
  type TemplatePart,
} from './template-settings.ts';

const WORDS: SlotWords<SoundSetting> = {
  seed: 'seed',
  steps: 'steps',
  seconds: 'duration',
  start: 'start',
  influence: 'prompt_influence',
  negative: 'negative_prompt',
  lyrics: 'lyrics',
};

const SOUNDS = /\.(flac|mp3|wav|opus|ogg)$/i;
/** Where neither the template nor the operator says more. */
const USUAL_SECONDS = { most: 47, wanted: 10 };
const USUAL_TIMEOUT_SECONDS = 30 * 60;

/** Sounds and music of a server of ComfyUI. */
export function createComfyuiSounds(part: TemplatePart): SoundEngine {
  const { prompt_influence: influence, ...settings } = slotSettings(part, WORDS);
  return {
    // Callers give it from 0 to 1; the range of the slot is that of the guidance that it becomes.
    settings: influence === undefined ? settings : { ...settings, prompt_influence: 'any' },
    maxSeconds: (card) => {
      const { model, template } = templateOf(part, card);
      return model.limits.maxSeconds ?? template.slots.get('seconds')?.maximum ?? USUAL_SECONDS.most;
    },
    generate: (request, context) => generate(request, context, part),
  };
}

async function generate(
  request: SoundGeneration,
  context: RequestContext,
  part: TemplatePart,
): Promise<SoundOutput> {
  const chosen = templateOf(part, request.model);
  const { template, model } = chosen;
  const values = slotValues(chosen, {
    prompt: request.prompt,
    negative: request.negativePrompt,
    lyrics: request.lyrics,
    seed: request.seed,
    steps: request.steps,
    seconds: request.durationSeconds ?? USUAL_SECONDS.wanted,
    start: request.startSeconds,
    influence: guidanceFor(request.promptInfluence, template.slots.get('influence')),
  });
  const { timeoutSeconds = USUAL_TIMEOUT_SECONDS } = model;
  const bytes = await withinTime(timeoutSeconds, context.signal, (signal) =>
    runGraph(
      {
        template,
        values,
        files: new Map(),
        wordOf: (slot: SlotName) => WORDS[slot] ?? slot,
        accepts: SOUNDS,
        signal,
        span: context.span,
        tell: (fraction) => context.report?.(fraction),
      },
      part.runs,
    ),
  );
  return { kind: 'file', bytes };
}

/** A straight line from the least to the most guidance of the slot; 1 to 13 where it has none. */
function guidanceFor(
  influence: number | undefined,
  slot: { readonly minimum?: number | undefined; readonly maximum?: number | undefined } | undefined,
): number | undefined {
  if (influence === undefined || !slot) return undefined;
  const least = slot.minimum ?? 1;
  return least + influence * ((slot.maximum ?? least + 12) - least);
}
