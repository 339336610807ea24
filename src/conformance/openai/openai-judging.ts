import { z } from 'zod';
import { nameOf, type Ask, type Reply } from '../kit-asking.ts';
import { expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import type { Probe } from '../kit-row.ts';

/** The sentence that rows have spoken. */
export const SENTENCE = 'The quick brown fox jumps over the lazy dog.';

const ENVELOPE = z.object({
  error: z.object({
    message: z.string().min(1),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

/** Holds an answer to a refusal in the envelope, with all of its four keys. */
export function expectRefusal(
  reply: Reply,
  status: number,
  expected: { readonly type?: string; readonly param?: string | null; readonly code?: string | null } = {},
): void {
  expectStatus(reply, status);
  const { error } = expectShape(reply, ENVELOPE);
  for (const [name, value] of Object.entries(expected)) {
    const found = Object.entries(error).find(([key]) => key === name)?.[1];
    expectThat(
      found === value,
      `${nameOf(reply.ask)} refused with error.${name} ${JSON.stringify(value)}`,
      reply.text,
    );
  }
}

/** What the server says when a model is not there, undefined when it says something else. */
export function unservedByOpenai(reply: Reply): string | undefined {
  const { success, data } = ENVELOPE.safeParse(reply.json);
  return success && data.error.code === 'model_not_found' ? data.error.message : undefined;
}

/** A body for speech. */
export function speechBody(probe: Probe, given: object = {}): object {
  return { model: probe.model('speech'), input: SENTENCE, voice: 'alloy', ...given };
}

/** Asks for speech. */
export function speak(probe: Probe, given: object = {}): Promise<Reply> {
  return probe.post('/audio/speech', speechBody(probe, given));
}

/** Parts of a form; a list stands for one part each. */
export type Parts = Readonly<Record<string, string | Blob | readonly (string | Blob)[]>>;

/** A form of parts in their order. */
export function formOf(parts: Parts): FormData {
  const form = new FormData();
  for (const [name, given] of Object.entries(parts)) {
    for (const part of isList(given) ? given : [given]) {
      if (typeof part === 'string') form.append(name, part);
      else form.append(name, part, part instanceof File ? part.name : 'blob');
    }
  }
  return form;
}

function isList(given: Parts[string]): given is readonly (string | Blob)[] {
  return Array.isArray(given);
}

/** Asks for the text of the recording that rows share. */
export async function transcribe(
  probe: Probe,
  parts: Parts = {},
  path = '/audio/transcriptions',
): Promise<Reply> {
  const file = await recordingFile(probe);
  return probe.ask({ path, form: formOf({ file, model: probe.model('transcription'), ...parts }) });
}

/** The recording that rows share. */
export async function recordingFile(probe: Probe, name = 'speech.wav'): Promise<File> {
  return new File([await probe.recording()], name, { type: 'audio/wav' });
}

/** Where objects live that an answer names, to be taken away when the row has ended. */
export function forget(probe: Probe, path: string): void {
  const ask: Ask = { method: 'DELETE', path };
  probe.later(ask);
}
