import { randomHex } from '../../base/ids.ts';
import { toAppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import { genresOf } from '../../core/sound/sound-kind.ts';
import type { MusicPlan, SoundResult } from '../../core/sound/sound.ts';
import { planSeconds, shapeFor, writePlan } from './elevenlabs-music-plan.ts';
import type { MusicCall } from './elevenlabs-music-request.ts';
import type { FastifyRequest } from 'fastify';

/** A piece that is being sent, with all that is told about it. */
export interface DetailedMusic {
  readonly call: MusicCall;
  readonly plan: MusicPlan;
  readonly result: SoundResult;
}

/** Values of the waveform that the vendor shows: from -1000 to 1000. */
const OUTLINE_SCALE = 1000;
/** Words of a title that is made of a prompt. */
const TITLE_WORDS = 6;

/** Lays the piece out first, so that what is told of it is what is played. */
export async function makeDetailed(
  core: Core,
  call: MusicCall,
  { antiphon: context }: FastifyRequest,
): Promise<DetailedMusic> {
  const plan = call.request.plan ?? (await plannedBy(core, call, context)) ?? wholePiece(call);
  const request =
    plan.sections.length > 0
      ? { ...call.request, plan, durationSeconds: call.request.durationSeconds ?? planSeconds(plan) }
      : call.request;
  const result = await core.sound.make(request, context);
  return { call, plan, result: { ...result, warnings: [...call.warnings, ...result.warnings] } };
}

async function plannedBy(core: Core, { request }: MusicCall, context: FastifyRequest['antiphon']) {
  try {
    return await core.sound.plan(request, context);
  } catch (error) {
    // An engine that makes music without a plan still makes it; then there is no more to tell than what was asked.
    if (toAppError(error).code === 'unsupported_feature') return undefined;
    throw error;
  }
}

/** What is known of a piece that nothing laid out. */
function wholePiece({ request: { prompt } }: MusicCall): MusicPlan {
  return { styles: [prompt], avoidedStyles: [], sections: [] };
}

/** The facts about a piece that stand beside its sound. */
export function detailsOf({ call, plan, result }: DetailedMusic) {
  return {
    composition_plan: planToTell({ call, plan, result }),
    song_metadata: songMetadata(call, plan),
    ...(call.wantsTimes ? { words_timestamps: [] } : {}),
    ...(call.wantsOutline ? { waveform_visual: outlineOf(result) } : {}),
  };
}

function planToTell({ call, plan, result }: DetailedMusic): object {
  const shape = shapeFor(call.request.model) ?? 'sections';
  if (plan.sections.length > 0) return writePlan(plan, shape);
  const durationSeconds = result.durationSeconds ?? 3;
  const section = { name: 'Song', durationSeconds, styles: [], avoidedStyles: [], lines: [] };
  return writePlan({ ...plan, sections: [section] }, shape);
}

function outlineOf(result: SoundResult): number[] {
  return result.outline().map((value) => Math.round(Math.max(-1, Math.min(1, value)) * OUTLINE_SCALE));
}

function songMetadata({ request: { prompt } }: MusicCall, { styles, sections }: MusicPlan) {
  const words = prompt.trim() === '' ? styles.join(' ') : prompt;
  return {
    title: titleOf(words),
    description: prompt.trim() === '' ? styles.join(', ') : prompt,
    genres: genresOf([words, ...styles, ...sections.flatMap((section) => section.styles)].join(', ')),
    languages: [],
    is_explicit: false,
  };
}

function titleOf(words: string): string {
  const first = (words.match(/[\p{L}\p{N}][\p{L}\p{N}'’&-]*/gu) ?? []).slice(0, TITLE_WORDS).join(' ');
  return first === '' ? 'Untitled' : first.charAt(0).toUpperCase() + first.slice(1);
}

/** The facts and the sound in one body of two parts, and the header that names what lies between them. */
export function multipartOf(music: DetailedMusic): Pick<SoundResult, 'chunks' | 'byteLength'> & {
  readonly contentType: string;
} {
  const boundary = randomHex(16);
  const { result } = music;
  // One client of the vendor looks for the facts on a line of their own near the beginning.
  const head = [
    `--${boundary}`,
    'Content-Type: application/json',
    '',
    JSON.stringify(detailsOf(music)),
    `--${boundary}`,
    `Content-Type: ${music.call.contentType}`,
    `Content-Disposition: attachment; filename="${filenameOf(music)}"`,
    '',
    '',
  ].join('\r\n');
  const parts = { head: Buffer.from(head), tail: Buffer.from(`\r\n--${boundary}--\r\n`) };
  const { byteLength } = result;
  return {
    contentType: `multipart/mixed; boundary=${boundary}`,
    chunks: between(parts, result.chunks),
    ...(byteLength === undefined ? {} : { byteLength: parts.head.length + byteLength + parts.tail.length }),
  };
}

async function* between(
  { head, tail }: { readonly head: Uint8Array; readonly tail: Uint8Array },
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield head;
  yield* chunks;
  yield tail;
}

const EXTENSIONS: Readonly<Record<string, string>> = { opus: 'ogg', mulaw: 'ulaw' };

function filenameOf({ call, plan, result }: DetailedMusic): string {
  const { title } = songMetadata(call, plan);
  const name = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return `${name || 'song'}.${EXTENSIONS[result.formatId] ?? result.formatId}`;
}

/** The same as events: facts, sound in base64, and a mark at the end. An error takes the place of what is missing. */
export async function* musicEvents(music: DetailedMusic): AsyncGenerator<string> {
  const { composition_plan: plan, song_metadata: metadata } = detailsOf(music);
  yield event('composition_plan', plan);
  yield event('song_metadata', metadata);
  try {
    for await (const chunk of music.result.chunks) yield event('audio_chunk', base64(chunk));
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    if (code !== 'cancelled') yield event('error', { message });
    return;
  }
  if (music.call.wantsTimes) yield event('word_timestamps', { words: [] });
  if (music.call.wantsOutline) yield event('waveform_visual', outlineOf(music.result));
  yield event('completion', { message: 'The song is complete.' });
}

function event(name: string, data: unknown): string {
  return `data: ${JSON.stringify({ event: name, data })}\n`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
