import type { OperationDocs, RecordedAnswer } from '../dialects/operation-docs.ts';
import type { CollectedRoute } from './route-collection.ts';
import { schemaOfExample, type JsonSchema } from './wire-schemas.ts';

/** What an operation answers, by status; failures are told once for the whole document. */
export function answersOf(
  docs: OperationDocs,
  recorded: Readonly<Record<string, RecordedAnswer>>,
  { generates }: Pick<CollectedRoute, 'generates'>,
): JsonSchema {
  const failures = {
    '4XX': { $ref: '#/components/responses/Refused' },
    '5XX': { $ref: '#/components/responses/Failed' },
  };
  if (docs.refuses) return failures;
  if (docs.socket) return { '101': { description: 'The WebSocket is open.' }, ...failures };
  const later = generates ? { '202': { $ref: '#/components/responses/Accepted' } } : {};
  return { ...goodAnswers(docs, recorded, generates), ...later, ...failures };
}

function goodAnswers(
  { gives = [] }: OperationDocs,
  recorded: Readonly<Record<string, RecordedAnswer>>,
  generates: boolean,
): JsonSchema {
  const answers = Object.entries(recorded);
  const statuses = [...new Set(answers.map(([, { status }]) => status))];
  const told = (status: number) => {
    const here = answers.filter(([, answer]) => answer.status === status);
    return [status, goodAnswer(here, gives, generates)];
  };
  return Object.fromEntries((statuses.length > 0 ? statuses : [200]).map(told));
}

function goodAnswer(
  answers: readonly (readonly [string, RecordedAnswer])[],
  gives: readonly string[],
  generates: boolean,
): JsonSchema {
  const types = [...new Set([...answers.map(([, { mediaType }]) => mediaType), ...gives])];
  const content = types
    .filter((type) => type !== '')
    .map((type) => [
      type,
      contentOf(
        type,
        answers.filter(([, { mediaType }]) => mediaType === type),
      ),
    ]);
  const text = types.every((type) => type === '') ? 'Done; there is nothing to say.' : describe(types);
  return {
    description: text,
    ...(generates ? { headers: MAKING_HEADERS } : {}),
    ...(content.length > 0 ? { content: Object.fromEntries(content) } : {}),
  };
}

function describe(types: readonly string[]): string {
  const [first = ''] = types;
  if (/^(audio|video)\//.test(first)) return 'The sound or film itself, sent while it is made.';
  if (first.startsWith('image/')) return 'The picture itself.';
  if (first === 'application/json') return 'What was asked for. Members may be added later.';
  return 'What was asked for.';
}

/** Text is text; everything else that is not JSON is bytes. */
function contentOf(type: string, answers: readonly (readonly [string, RecordedAnswer])[]): JsonSchema {
  if (type === 'application/json') {
    const [first] = answers;
    const examples = answers.map(([name, { body }]) => [name, { value: body }]);
    if (first?.[1].body === undefined) return { schema: { type: 'object' } };
    const schemas = new Map(
      answers.map(([, { body }]) => schemaOfExample(body)).map((one) => [JSON.stringify(one), one]),
    );
    const [only, ...others] = schemas.values();
    return {
      schema: others.length === 0 ? only : { anyOf: [...schemas.values()] },
      examples: Object.fromEntries(examples),
    };
  }
  if (type === 'text/event-stream') {
    return { schema: { type: 'string', description: 'Server-sent events, one after the other.' } };
  }
  if (/^text\/|ndjson|jsonl|xml$/.test(type)) return { schema: { type: 'string' } };
  return { schema: { type: 'string', format: 'binary' } };
}

const HEADER_REFS = {
  'x-antiphon-model': { $ref: '#/components/headers/AntiphonModel' },
  'x-antiphon-voice': { $ref: '#/components/headers/AntiphonVoice' },
  'x-antiphon-stand-in': { $ref: '#/components/headers/AntiphonStandIn' },
  'x-antiphon-warnings': { $ref: '#/components/headers/AntiphonWarnings' },
};

const MAKING_HEADERS: JsonSchema = HEADER_REFS;
