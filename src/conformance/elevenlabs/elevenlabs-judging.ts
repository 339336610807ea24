import { z } from 'zod';
import { nameOf, type Ask, type Reply } from '../kit-asking.ts';
import { expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import type { Probe } from '../kit-row.ts';

/** The voice of nearly all of the vendor's samples. */
export const GEORGE = 'JBFqnCBsd6RMkjVDRZzb';
/** The sentence that rows have spoken. */
export const SENTENCE = 'The quick brown fox jumps over the lazy dog.';

const DETAIL = z.object({
  detail: z.object({
    type: z.string().optional(),
    code: z.string().optional(),
    status: z.string(),
    message: z.string().min(1),
    request_id: z.string().optional(),
    param: z.string().nullish(),
  }),
});
const SCHEMA_DETAIL = z.object({
  detail: z
    .array(
      z.object({ loc: z.array(z.union([z.string(), z.int()])).min(1), msg: z.string(), type: z.string() }),
    )
    .min(1),
});

/** Holds an answer to a refusal for the state of things: one `detail` with words for programs and people. */
export function expectRefusal(
  reply: Reply,
  status: number,
  expected: {
    readonly status?: string;
    readonly code?: string;
    readonly type?: string;
    readonly param?: string;
  } = {},
): z.infer<typeof DETAIL>['detail'] {
  expectStatus(reply, status);
  const { detail } = expectShape(reply, DETAIL);
  for (const [name, value] of Object.entries(expected)) {
    const found = Object.entries(detail).find(([key]) => key === name)?.[1];
    expectThat(found === value, `${nameOf(reply.ask)} refused with detail.${name} ${value}`, reply.text);
  }
  return detail;
}

/** Holds an answer to a refusal of the schema: 422, with the place of what is wrong. */
export function expectSchemaRefusal(reply: Reply, loc?: readonly (string | number)[], type?: string): void {
  expectStatus(reply, 422);
  const { detail } = expectShape(reply, SCHEMA_DETAIL);
  if (loc !== undefined)
    expectThat(
      detail.some((one) => one.loc.join() === loc.join()),
      `a problem at ${loc.join('.')}`,
      reply.text,
    );
  if (type !== undefined)
    expectThat(
      detail.some((one) => one.type === type),
      `a problem of the type ${type}`,
      reply.text,
    );
}

/** What the server says when a model is not there, undefined when it says something else. */
export function unservedByElevenlabs(reply: Reply): string | undefined {
  const { success, data } = DETAIL.safeParse(reply.json);
  if (!success) return undefined;
  const { code, status, message, param } = data.detail;
  const isUnknown = [code, status].some((word) => word === 'model_not_found' || word === 'unsupported_model');
  return isUnknown || (code === 'feature_not_available' && param === 'model_id') ? message : undefined;
}

/** Asks for speech of `GEORGE`, at a route below his. */
export function speak(probe: Probe, given: object = {}, route = ''): Promise<Reply> {
  return probe.post(`/v1/text-to-speech/${GEORGE}${route}`, speechBody(probe, given));
}

/** A body for speech; the model is named only when the caller of the kit names one. */
export function speechBody(probe: Probe, given: object = {}): object {
  const model = probe.model('speech');
  return { text: SENTENCE, ...(model === '' ? {} : { model_id: model }), ...given };
}

/** What an answer shows to have been kept, and how it is taken away. */
export function historyLeftBy({ headers }: Reply): readonly Ask[] {
  const id = headers.get('history-item-id');
  return id === null || id === ''
    ? []
    : [{ method: 'DELETE', path: `/v1/history/${encodeURIComponent(id)}` }];
}
