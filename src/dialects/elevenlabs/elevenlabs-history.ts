import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Core } from '../../core/core.ts';
import type { HistoryQuery, HistoryRecord } from '../../core/history/history-record.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { IN_QUERY, looseNumber, parseFields, queryValue } from './elevenlabs-fields.ts';
import { downloadHistory } from './elevenlabs-history-download.ts';
import { AppError } from '../../base/errors.ts';

const PATH = '/v1/history';
const SOURCES = { TTS: 'speech', STS: 'speech_conversion', Flows: undefined } as const;

const unixSeconds = queryValue(looseNumber(z.int().optional()));
const word = queryValue(z.string().optional());

export const listQuery = z.object({
  page_size: queryValue(looseNumber(z.int().min(1).max(1000).default(100))),
  start_after_history_item_id: word,
  voice_id: word,
  model_id: word,
  date_before_unix: unixSeconds,
  date_after_unix: unixSeconds,
  sort_direction: queryValue(z.enum(['asc', 'desc']).default('desc')),
  search: word,
  source: queryValue(z.enum(['TTS', 'STS', 'Flows']).optional()),
});

type ListQuery = z.output<typeof listQuery>;

const itemParams = z.object({ history_item_id: z.string() });

/** Registers the history: what the caller had spoken, with its sound. */
export function historyRoutes(scope: FastifyInstance, core: Core): void {
  const itemOf = (request: FastifyRequest): Promise<HistoryRecord> => {
    const { history_item_id: id } = parseBody(itemParams, request.params);
    return core.history.get(id, request.antiphon.principal.id);
  };

  scope.get(PATH, (request) => {
    const query = parseFields('query', listQuery, request.query);
    return listItems(core, query, request.antiphon.principal.id);
  });

  scope.get(`${PATH}/:history_item_id`, async (request) => toItem(await itemOf(request)));

  scope.delete(`${PATH}/:history_item_id`, async (request) => {
    const { id, ownerId } = await itemOf(request);
    await core.history.remove(id, ownerId);
    return { status: 'ok' };
  });

  scope.get(`${PATH}/:history_item_id/audio`, async (request, reply: FastifyReply) => {
    const item = await itemOf(request);
    const blob = await core.history.open(item);
    reply.headers({ 'content-type': item.mediaType, 'content-length': blob.byteLength });
    return reply.send(Readable.from(blob.open(), { objectMode: false }));
  });

  scope.post(`${PATH}/download`, (request, reply) => downloadHistory(core, request, reply));
}

async function listItems(core: Core, query: ListQuery, ownerId: string) {
  if (query.search !== undefined && query.source === undefined) throw sourceNeeded();
  const afterId = query.start_after_history_item_id;
  // The item after which a page begins must be there: an empty page would look like the end.
  if (afterId !== undefined) await core.history.get(afterId, ownerId);
  const found = await findItems(core, query, ownerId);
  const page = found.slice(0, query.page_size);
  const last = page.at(-1);
  return {
    history: page.map(toItem),
    last_history_item_id: last?.id ?? null,
    has_more: found.length > page.length,
    scanned_until: last ? unix(last.createdAt) : null,
  };
}

/** One item more than the page has, so that it is known whether another page follows. */
async function findItems(core: Core, query: ListQuery, ownerId: string): Promise<readonly HistoryRecord[]> {
  const source = query.source && SOURCES[query.source];
  if (query.source !== undefined && source === undefined) return [];
  const wishes: Partial<HistoryQuery> = {
    ...optional('source', source),
    ...optional('afterId', query.start_after_history_item_id),
    ...optional('voiceId', query.voice_id),
    ...optional('model', query.model_id),
    ...optional('before', milliseconds(query.date_before_unix)),
    ...optional('notBefore', milliseconds(query.date_after_unix)),
    ...optional('search', query.search),
  };
  return core.history.list({
    ...wishes,
    ownerId,
    limit: query.page_size + 1,
    direction: query.sort_direction === 'asc' ? 'oldest_first' : 'newest_first',
  });
}

function optional<Name extends keyof HistoryQuery>(
  name: Name,
  value: HistoryQuery[Name] | undefined,
): Partial<HistoryQuery> {
  return value === undefined ? {} : { [name]: value };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function unix(ms: number): number {
  return Math.floor(ms / 1000);
}

function sourceNeeded(): AppError {
  const issue = { path: ['source'], kind: 'missing', message: 'a search needs a source' } as const;
  const { message } = invalidFields([issue]);
  return new AppError('invalid_request', message, { param: 'source', issues: [issue], reason: IN_QUERY });
}

function toItem(record: HistoryRecord) {
  return {
    history_item_id: record.id,
    request_id: record.requestId,
    voice_id: record.voiceId,
    model_id: record.model,
    voice_name: record.voiceName,
    voice_category: record.voiceCategory ?? null,
    text: record.text,
    date_unix: unix(record.createdAt),
    character_count_change_from: 0,
    character_count_change_to: record.characters,
    content_type: record.mediaType,
    state: 'created',
    settings: record.settings,
    feedback: null,
    share_link_id: null,
    source: record.source === 'speech' ? 'TTS' : 'STS',
    alignments: null,
    dialogue: null,
    output_format: record.format,
  };
}
