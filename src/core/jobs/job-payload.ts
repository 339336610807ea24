import type { AnyJob, JobFacts, JobKind, JobKinds, JobWebhook, PayloadProblem } from './job.ts';

/** How jobs are written down; a change that older or newer programs would misread takes the next number. */
export const PAYLOAD_VERSION = 1;

/** What is written down of a job beside the columns by which it is found. */
export type JobPayload = Pick<JobFacts, 'input' | 'notes' | 'webhook' | 'traceparent' | 'payloadProblem'>;

/** A job as it is written down. */
export function payloadText({ input, notes, webhook, traceparent }: AnyJob): string {
  return JSON.stringify({ version: PAYLOAD_VERSION, input, notes, webhook, traceparent });
}

/**
 * Reads what was written down of a job of some kind. It never fails, or else one row would stop everybody who meets it:
 * what cannot be understood is told in `payloadProblem`, and the input then asks for nothing.
 */
export function readPayload(kind: string, text: string): JobPayload {
  const kept = fieldsOf(parsed(text));
  const known = KINDS.find((one) => one === kind) ?? 'request';
  const payloadProblem = problemOf(kept, kind);
  const { input, notes, webhook, traceparent } = kept;
  return {
    // It has the shape that the kind needs.
    input: payloadProblem === undefined ? (input as JobKinds[JobKind]['input']) : EMPTY_INPUTS[known],
    notes: isTexts(notes) ? notes : {},
    ...(isWebhook(webhook) ? { webhook } : {}),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
    ...(payloadProblem === undefined ? {} : { payloadProblem }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Each kind of job, by what its handler cannot do without. */
const SHAPES: { readonly [Kind in JobKind]: (input: Fields) => boolean } = {
  request: ({ method, url, headers, body }) =>
    isText(method) && isText(url) && isTexts(headers) && (body === undefined || isBody(body)),
  sound: ({ model, prompt, kind, format, asked, spelling }) =>
    isText(model) &&
    isText(prompt) &&
    (kind === 'effect' || kind === 'music') &&
    isText(fieldsOf(format)['id']) &&
    Array.isArray(asked) &&
    isTexts(spelling),
  video: ({ model, wish, asked, spelling, firstFrame, source }) =>
    isText(model) &&
    isText(fieldsOf(wish)['prompt']) &&
    typeof fieldsOf(wish)['seed'] === 'number' &&
    Array.isArray(asked) &&
    isTexts(spelling) &&
    [firstFrame, source].every((file) => file === undefined || isText(fieldsOf(file)['fileId'])),
};

// The names of the shapes are the kinds.
const KINDS = Object.keys(SHAPES) as readonly JobKind[];

/** Stands for what cannot be read, so that the job can be shown. */
const EMPTY_INPUTS: { readonly [Kind in JobKind]: JobKinds[Kind]['input'] } = {
  request: { method: 'POST', url: '/', headers: {} },
  sound: {
    model: '',
    prompt: '',
    kind: 'effect',
    format: { id: 'wav' },
    delivery: 'whole',
    asked: [],
    spelling: { prompt: 'prompt', model: 'model', format: 'format' },
  },
  video: {
    model: '',
    wish: { prompt: '', seed: 0 },
    asked: [],
    strict: false,
    spelling: {
      prompt: 'prompt',
      model: 'model',
      firstFrame: 'first_frame',
      source: 'source',
      size: 'size',
      duration: 'duration',
    },
  },
};

function problemOf(kept: Fields, kind: string): PayloadProblem | undefined {
  if (Object.keys(kept).length === 0) return 'damaged';
  // The first programs wrote no version.
  const { version = PAYLOAD_VERSION, input } = kept;
  if (typeof version !== 'number') return 'damaged';
  if (version > PAYLOAD_VERSION) return 'newer_version';
  const known = KINDS.find((one) => one === kind);
  return version === PAYLOAD_VERSION && known && SHAPES[known](fieldsOf(input)) ? undefined : 'unknown_shape';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.values(value).every(isText);
}

function isBody(value: unknown): boolean {
  const { blob, byteLength } = fieldsOf(value);
  return isText(blob) && typeof byteLength === 'number';
}

function isWebhook(value: unknown): value is JobWebhook {
  return isText(fieldsOf(value)['url']);
}
