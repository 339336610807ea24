import { post } from '../connection.ts';
import { readEvents } from '../event-reader.ts';
import { linesOf } from '../lines.ts';
import { liveCall, pathHere } from './speech-call.ts';
import { notesOf, type SpeechNotes } from './speech-notes.ts';
import type { SpeechWish } from './speech-wish.ts';
import type { TimedCharacters } from './timed-words.ts';

/** The next bit of a speech: samples of 16 bits, and the characters that begin in what has come so far. */
export interface SpeechPiece {
  readonly pcm: Int16Array<ArrayBuffer>;
  readonly characters?: TimedCharacters;
}

/** A speech that is being made. */
export interface LiveSpeech {
  readonly notes: SpeechNotes;
  readonly pieces: AsyncIterable<SpeechPiece>;
}

/** Asks for a speech and gives its parts as they come. */
export async function openLiveSpeech(wish: SpeechWish, signal: AbortSignal): Promise<LiveSpeech> {
  const call = liveCall(wish);
  const response = await post(pathHere(wish, call), call.body, { signal });
  const readers = { openai: rawPieces, elevenlabs: timedPieces, eigen: eventPieces };
  return { notes: notesOf(response), pieces: wholeSamples(readers[wish.dialect](response)) };
}

interface Bytes {
  readonly bytes: Uint8Array;
  readonly characters?: TimedCharacters;
}

async function* rawPieces(response: Response): AsyncGenerator<Bytes> {
  for await (const bytes of response.body ?? []) yield { bytes };
}

async function* timedPieces(response: Response): AsyncGenerator<Bytes> {
  for await (const line of linesOf(response)) {
    if (line === '') continue;
    const { audio_base64: audio = '', alignment }: TimedLine = JSON.parse(line);
    yield { bytes: bytesOf(audio), ...(alignment ? { characters: alignment } : {}) };
  }
}

interface TimedLine {
  readonly audio_base64?: string;
  readonly alignment?: TimedCharacters | null;
}

async function* eventPieces(response: Response): AsyncGenerator<Bytes> {
  for await (const { data } of readEvents(response)) {
    const { type, data: audio, error }: { type?: string; data?: unknown; error?: string } = JSON.parse(data);
    if (type === 'error') throw new Error(error);
    if (type === 'audio_chunk' && typeof audio === 'string') yield { bytes: bytesOf(audio) };
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** A network cuts anywhere, also within a sample. */
async function* wholeSamples(pieces: AsyncIterable<Bytes>): AsyncGenerator<SpeechPiece> {
  let held: Uint8Array = new Uint8Array();
  for await (const { bytes, characters } of pieces) {
    const all = new Uint8Array(held.length + bytes.length);
    all.set(held);
    all.set(bytes, held.length);
    const whole = all.length - (all.length % 2);
    held = all.slice(whole);
    yield { pcm: new Int16Array(all.buffer, 0, whole / 2), ...(characters ? { characters } : {}) };
  }
}
