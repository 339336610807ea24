import { z } from 'zod';
import { nameOf, type Reply } from '../kit-asking.ts';
import { expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Mismatch } from '../kit-mismatch.ts';
import type { Probe } from '../kit-row.ts';

/** The one path of the vendor. */
export const PATH = '/v2/generate/audio';

const PROBLEM = z.object({
  requestId: z.string().min(1),
  statusCode: z.int(),
  timestamp: z.iso.datetime(),
  path: z.string(),
  message: z.string().min(1),
});

/** Holds an answer to a refusal with all of its five keys. */
export function expectRefusal(reply: Reply, status: number, message = /\S/): string {
  expectStatus(reply, status);
  const problem = expectShape(reply, PROBLEM);
  const isRight = problem.statusCode === status && problem.path.endsWith(PATH);
  expectThat(isRight, `${nameOf(reply.ask)} with statusCode ${status} and its path`, reply.text);
  expectThat(message.test(problem.message), `a message like ${message}`, problem.message);
  return problem.message;
}

/** What the server says when a model is not there, undefined when it says something else. */
export function unservedByAiml(reply: Reply): string | undefined {
  const said = reply.status < 400 ? undefined : PROBLEM.safeParse(reply.json).data?.message;
  return said !== undefined &&
    /no model|no engine|not installed|not available|invalid enum value|makes no/i.test(said)
    ? said
    : undefined;
}

const SUBMITTED = z.object({ id: z.string(), generation_id: z.string(), status: z.literal('queued') });
const STATE = z.object({
  id: z.string(),
  status: z.enum(['queued', 'generating', 'completed', 'error']),
  audio_file: z
    .object({ url: z.url(), content_type: z.string(), file_name: z.string(), file_size: z.int() })
    .nullish(),
  error: z.object({ name: z.string(), message: z.string() }).nullish(),
});

/** What a poll tells. */
export type GenerationState = z.infer<typeof STATE>;

/** Orders a sound. */
export function submit(probe: Probe, given: object = {}): Promise<Reply> {
  return probe.post(PATH, {
    model: probe.model('sound'),
    prompt: 'Rain on a roof',
    seconds_total: 1,
    ...given,
  });
}

/** Takes an answer as an order that was taken. */
export function expectTaken(reply: Reply): string {
  expectStatus(reply, 201);
  const { id, generation_id: other } = expectShape(reply, SUBMITTED);
  expectThat(id === other, 'id and generation_id that are equal', reply.text);
  return id;
}

/** Looks at a generation. */
export async function look(probe: Probe, id: string): Promise<GenerationState> {
  const reply = await probe.get(`${PATH}?generation_id=${encodeURIComponent(id)}`);
  expectStatus(reply, 200);
  return expectShape(reply, STATE);
}

/** Looks until a generation has ended, and gives every state that was seen. */
export async function watch(probe: Probe, id: string): Promise<readonly GenerationState[]> {
  const seen: GenerationState[] = [];
  for (;;) {
    const state = await look(probe, id);
    seen.push(state);
    if (state.status === 'error') throw new Mismatch('a sound that is made', JSON.stringify(state.error));
    if (state.status === 'completed') return seen;
    await probe.pause();
  }
}
