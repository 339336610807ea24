import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { SoundParameterTables } from '../../core/sound/sound-capabilities.ts';
import type { MusicPlan, SoundRequest, SoundSetting } from '../../core/sound/sound.ts';
import type { Warning } from '../../core/warning.ts';
import { looseBoolean, looseNumber, parseFields, queryValue } from './elevenlabs-fields.ts';
import {
  isMonoOnly,
  outputFormat,
  outputFormats,
  soundFormatNames,
  type OutputFormat,
} from './elevenlabs-formats.ts';
import { PIECE_MS, planSeconds, readPlan, shapeFor } from './elevenlabs-music-plan.ts';
import { askedSettings } from './elevenlabs-sound-generation.ts';

/** The model that makes music when none is named. */
const DEFAULT_MUSIC_MODEL = 'music_v1';

/** Formats that only music has. */
const MUSIC_FORMATS = {
  mp3_48000_128: outputFormat('mp3', 48_000, 128),
  mp3_48000_192: outputFormat('mp3', 48_000, 192),
  // A constant rate of 240 does not exist in MP3; this is the next.
  mp3_48000_240: outputFormat('mp3', 48_000, 256),
  mp3_48000_320: outputFormat('mp3', 48_000, 320),
} as const;

const musicOnly = ['mp3_48000_128', 'mp3_48000_192', 'mp3_48000_240', 'mp3_48000_320'] as const;

export const musicQuery = z.object({
  output_format: queryValue(z.enum(['auto', ...soundFormatNames, ...musicOnly]).optional()),
});

const flag = looseBoolean(z.boolean().nullish());
const text = z.string().nullish();
const milliseconds = looseNumber(z.int().min(PIECE_MS.least).max(PIECE_MS.most).nullish());

export const musicBody = z.object({
  prompt: text,
  composition_plan: z.unknown().optional(),
  music_prompt: z.unknown().optional(),
  music_length_ms: milliseconds,
  model_id: text,
  seed: looseNumber(z.int().min(0).max(4_294_967_295).nullish()),
  force_instrumental: flag,
  respect_sections_durations: flag,
  store_for_inpainting: flag,
  sign_with_c2pa: flag,
  finetune_id: text,
  with_timestamps: flag,
  with_waveform_visual: flag,
});

export const planBody = z.object({
  prompt: z.string(),
  music_length_ms: milliseconds,
  source_composition_plan: z.unknown().optional(),
  model_id: text,
});

type MusicBody = z.output<typeof musicBody>;

const parameters = {
  composition_plan: 'plan',
  music_length_ms: 'duration',
  seed: 'seed',
  force_instrumental: 'instrumental',
  respect_sections_durations: 'section_durations',
} as const satisfies Readonly<Record<string, SoundSetting>>;

/** How the vendor spells our settings of music. */
export const musicParameters: SoundParameterTables = Object.fromEntries(
  ['music_v1', 'music_v2', 'music_v2_5'].map((model) => [model, parameters]),
);

const SPELLING = { prompt: 'prompt', model: 'model_id', format: 'output_format' } as const;

/** A call that makes music, in our words. */
export interface MusicCall {
  readonly request: SoundRequest;
  readonly contentType: string;
  /** What the vendor lets a caller set and nothing here can do. */
  readonly warnings: readonly Warning[];
  readonly wantsTimes: boolean;
  readonly wantsOutline: boolean;
}

/** Reads a call. Throws `invalid_request` naming the field. */
export function readMusicCall(
  { query, body }: { readonly query: unknown; readonly body: unknown },
  delivery: SoundRequest['delivery'],
): MusicCall {
  const { output_format: named = 'auto' } = parseFields('query', musicQuery, query);
  const sent = parseFields('body', musicBody, body);
  const model = sent.model_id || DEFAULT_MUSIC_MODEL;
  const { plan, warnings } = planOf(sent, model);
  checkCombination(sent, plan);
  const format = formatOf(named, model);
  return {
    contentType: format.contentType,
    wantsTimes: sent.with_timestamps ?? false,
    wantsOutline: sent.with_waveform_visual ?? false,
    warnings: [...warnings, ...deprecatedPlan(sent), ...formatWarnings(named), ...unservedWarnings(sent)],
    request: {
      kind: 'music',
      model,
      prompt: sent.prompt ?? '',
      format: format.format,
      delivery,
      ...lengthOf(sent, plan),
      ...(plan ? { plan, exactSections: isExact(sent, model) } : {}),
      ...(typeof sent.seed === 'number' ? { seed: sent.seed } : {}),
      ...(sent.force_instrumental ? { instrumental: true } : {}),
      ...(isMono(format) ? { channels: 1 } : {}),
      asked: askedSettings({ ...sent, composition_plan: plan && 'a plan' }, parameters),
      spelling: SPELLING,
    },
  };
}

/** A call that lays out music, in our words. */
export interface PlanCall {
  /** The length of the result is that of the plan, so it has no format. */
  readonly request: SoundRequest;
  /** A plan that the new one is to be made of. */
  readonly source: MusicPlan | undefined;
}

/** Reads such a call. Throws `invalid_request` naming the field. */
export function readPlanCall(body: unknown): PlanCall {
  const sent = parseFields('body', planBody, body);
  const model = sent.model_id || DEFAULT_MUSIC_MODEL;
  const { source_composition_plan: given, music_length_ms: length } = sent;
  const source = isGiven(given)
    ? readPlan(given, { field: 'source_composition_plan', model }).plan
    : undefined;
  const seconds = typeof length === 'number' ? length / 1000 : source && planSeconds(source);
  const request: SoundRequest = {
    kind: 'music',
    model,
    prompt: sent.prompt,
    format: { id: 'pcm' },
    delivery: 'stream',
    ...(seconds === undefined ? {} : { durationSeconds: seconds }),
    asked: askedSettings(sent, { music_length_ms: 'duration' }),
    spelling: SPELLING,
  };
  return { request, source };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function planOf(sent: MusicBody, model: string) {
  const field = isGiven(sent.composition_plan) ? 'composition_plan' : 'music_prompt';
  const value = sent[field];
  if (!isGiven(value)) return { plan: undefined, warnings: [] };
  return readPlan(value, { field, model });
}

/** A prompt and a plan exclude each other, and some fields are for one of them. */
function checkCombination(sent: MusicBody, plan: MusicPlan | undefined): void {
  if (!plan && typeof sent.prompt !== 'string')
    throw combination('prompt', 'Either prompt or composition_plan is needed.');
  if (!plan) {
    if (typeof sent.seed !== 'number') return;
    throw combination('seed', 'seed goes with a composition_plan, not with a prompt.');
  }
  if (typeof sent.prompt === 'string') {
    throw combination('composition_plan', 'prompt and composition_plan cannot be used together.');
  }
  if (typeof sent.music_length_ms === 'number') {
    throw combination('music_length_ms', 'music_length_ms goes with a prompt; a plan has its own lengths.');
  }
  if (sent.force_instrumental) {
    throw combination(
      'force_instrumental',
      'force_instrumental goes with a prompt, not with a composition_plan.',
    );
  }
  if (planSeconds(plan) * 1000 > PIECE_MS.most) {
    throw combination('composition_plan', `A piece lasts at most ${PIECE_MS.most} ms.`);
  }
}

function combination(param: string, message: string): AppError {
  return new AppError('invalid_request', message, { param, reason: 'invalid_parameters' });
}

function lengthOf(sent: MusicBody, plan: MusicPlan | undefined): Pick<SoundRequest, 'durationSeconds'> {
  if (plan) return { durationSeconds: planSeconds(plan) };
  return typeof sent.music_length_ms === 'number' ? { durationSeconds: sent.music_length_ms / 1000 } : {};
}

/** Only the first model may be told that the whole length is enough. */
function isExact(sent: MusicBody, model: string): boolean {
  return shapeFor(model) === 'chunks' || (sent.respect_sections_durations ?? true);
}

type FormatName = NonNullable<z.output<typeof musicQuery>['output_format']>;

function formatOf(name: FormatName, model: string): OutputFormat {
  if (name === 'auto')
    return shapeFor(model) === 'chunks' ? MUSIC_FORMATS.mp3_48000_192 : outputFormats.mp3_44100_128;
  return isMusicOnly(name) ? MUSIC_FORMATS[name] : outputFormats[name];
}

function isMusicOnly(name: FormatName): name is (typeof musicOnly)[number] {
  return musicOnly.some((one) => one === name);
}

function isMono({ format }: OutputFormat): boolean {
  return soundFormatNames.some((name) => isMonoOnly(name) && outputFormats[name].format.id === format.id);
}

function formatWarnings(name: FormatName): Warning[] {
  if (name !== 'mp3_48000_240') return [];
  return [{ type: 'adjusted', setting: 'output_format', from: name, to: 'mp3_48000_256' }];
}

function deprecatedPlan(sent: MusicBody): Warning[] {
  if (!isGiven(sent.music_prompt)) return [];
  return [{ type: 'deprecated', setting: 'music_prompt', instead: 'composition_plan' }];
}

/** What is not done. A finetune cannot be left out without making something else. */
function unservedWarnings(sent: MusicBody): Warning[] {
  if (sent.finetune_id) {
    throw new AppError('unsupported_feature', 'There are no finetunes here.', { param: 'finetune_id' });
  }
  const ignored = [
    ['store_for_inpainting', 'songs are sent and not kept here'],
    ['sign_with_c2pa', 'nothing is signed here'],
    ['with_timestamps', 'nothing that runs here tells when words are sung'],
  ] as const;
  return ignored.flatMap(([setting, reason]) =>
    sent[setting] ? [{ type: 'ignored', setting, reason }] : [],
  );
}
