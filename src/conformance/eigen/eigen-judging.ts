import { z } from 'zod';
import type { Reply } from '../kit-asking.ts';
import { expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import type { Probe } from '../kit-row.ts';
import { expectSound, type Sound } from '../kit-sound.ts';

/** The sentence that rows have spoken. */
export const SENTENCE = 'The quick brown fox jumps over the lazy dog.';
/** Where `model` decides what is made. */
export const GENERATE = '/api/v1/generate';

const PROBLEM = z.object({ detail: z.string().min(1), error: z.string().optional() });
const MISSING =
  /unsupported category|\bno (such )?(\w+ )?model\b|\bunknown model\b|\bmodel\b.*\bnot (found|available|served|installed)/i;

/** Holds an answer to a refusal in the only form that was ever seen: a sentence. */
export function expectRefusal(reply: Reply, ...statuses: readonly number[]): string {
  expectStatus(reply, ...statuses);
  return expectShape(reply, PROBLEM).detail;
}

/** What the server says when a model is not there, undefined when it says something else. */
export function unservedByEigen(reply: Reply): string | undefined {
  if (reply.status < 400) return undefined;
  const said = PROBLEM.safeParse(reply.json).data?.detail ?? chatProblem(reply.json);
  return said !== undefined && MISSING.test(said) ? said : undefined;
}

function chatProblem(json: unknown): string | undefined {
  return z.object({ error: z.object({ message: z.string() }) }).safeParse(json).data?.error.message;
}

/** A value of a form. */
export type Parts = Readonly<Record<string, string | File | readonly File[]>>;

/** A form of parts in their order. */
export function formOf(parts: Parts): FormData {
  const form = new FormData();
  for (const [name, given] of Object.entries(parts)) {
    if (typeof given === 'string') form.append(name, given);
    else for (const file of given instanceof File ? [given] : given) form.append(name, file, file.name);
  }
  return form;
}

/** Asks for speech by a form. */
export function speakByForm(probe: Probe, model: string, parts: Parts = {}): Promise<Reply> {
  return probe.ask({ path: GENERATE, form: formOf({ model, text: SENTENCE, ...parts }) });
}

/** Asks for speech by JSON. */
export function speakByJson(probe: Probe, model: string, given: object = {}): Promise<Reply> {
  return probe.post(GENERATE, { model, text: SENTENCE, ...given });
}

/** Holds an answer to speech in WAV. */
export async function expectSpeech(reply: Reply): Promise<Sound> {
  expectStatus(reply, 200);
  const sound = await expectSound('speech', reply.bytes);
  const isRight = sound.container === 'wav' && sound.sampleRate === 24_000 && sound.channels === 1;
  expectThat(isRight, 'WAV, mono at 24000 Hz', sound);
  return sound;
}

/** Holds two answers to the same bytes. */
export function expectSame(what: string, one: Reply, other: Reply): void {
  expectStatus(one, 200);
  expectStatus(other, 200);
  expectThat(
    Buffer.from(one.bytes).equals(other.bytes),
    what,
    `${one.bytes.length} and ${other.bytes.length} bytes that differ`,
  );
}

/** The recording that rows share. */
export async function recordingFile(probe: Probe): Promise<File> {
  return new File([await probe.recording()], 'speech.wav', { type: 'audio/wav' });
}
