import type { MusicPlan } from './music-plan.ts';

/** A sound or a piece of music, as the page has it; texts of numbers are as somebody wrote them. */
export interface SoundWish {
  readonly kind: 'effect' | 'music';
  readonly prompt: string;
  /** `auto`, or the model of an engine. */
  readonly model: string;
  readonly seconds: string;
  readonly influence: string;
  readonly loop: boolean;
  readonly instrumental: boolean;
  readonly seed: string;
  readonly format: string;
  readonly plan: MusicPlan | undefined;
}

/** A value in a body. */
export type BodyValue = string | number | boolean | MusicPlan;

/** What is sent for a wish, and to whom. */
export interface SoundCall {
  readonly vendor: 'ElevenLabs' | 'AI/ML API';
  readonly path: string;
  /** What stands in the address; empty for AI/ML API, whose files are always WAV. */
  readonly format: string;
  readonly body: Readonly<Record<string, BodyValue>>;
}

/** Formats that browsers play, in the words of the vendor. */
export const FORMATS: readonly (readonly [name: string, title: string])[] = [
  ['mp3_44100_128', 'MP3, 128 kbit/s'],
  ['mp3_44100_192', 'MP3, 192 kbit/s'],
  ['opus_48000_128', 'Opus, 128 kbit/s'],
  ['opus_48000_192', 'Opus, 192 kbit/s'],
];

/** Effects with a seed go through the vendor that has one; music needs a plan for it. */
export function callFor(wish: SoundWish, ownModel: string | undefined): SoundCall {
  if (wish.kind === 'music') return musicCall(wish);
  return wish.seed === '' ? effectCall(wish) : seededCall(wish, ownModel);
}

function effectCall({ prompt, model, seconds, influence, loop, format }: SoundWish): SoundCall {
  return {
    vendor: 'ElevenLabs',
    path: '/v1/sound-generation',
    format,
    body: {
      text: prompt,
      ...(seconds === '' ? {} : { duration_seconds: Number(seconds) }),
      ...(influence === '' ? {} : { prompt_influence: Number(influence) }),
      ...(loop ? { loop } : {}),
      ...(model === 'auto' ? {} : { model_id: model }),
    },
  };
}

function seededCall({ prompt, model, seconds, seed }: SoundWish, ownModel = 'stable-audio'): SoundCall {
  return {
    vendor: 'AI/ML API',
    path: '/v2/generate/audio',
    format: '',
    body: {
      model: model === 'auto' ? ownModel : model,
      prompt,
      ...(seconds === '' ? {} : { seconds_total: Math.max(1, Math.round(Number(seconds))) }),
      seed: Number(seed),
    },
  };
}

function musicCall({ prompt, model, seconds, instrumental, seed, format, plan }: SoundWish): SoundCall {
  const named: SoundCall['body'] = model === 'auto' ? {} : { model_id: model };
  const seeded: SoundCall['body'] = seed === '' ? {} : { seed: Number(seed) };
  const body: SoundCall['body'] = plan
    ? { composition_plan: plan, ...seeded, ...named }
    : { prompt, ...lengthOf(seconds), ...(instrumental ? { force_instrumental: true } : {}), ...named };
  return { vendor: 'ElevenLabs', path: '/v1/music', format, body };
}

function lengthOf(seconds: string): { music_length_ms?: number } {
  return seconds === '' ? {} : { music_length_ms: Math.round(Number(seconds) * 1000) };
}

/** What is sent to have a piece laid out. */
export function planBody({ prompt, seconds, model }: SoundWish) {
  return { prompt, ...lengthOf(seconds), ...(model === 'auto' ? {} : { model_id: model }) };
}
