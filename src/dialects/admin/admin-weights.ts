import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError, toAppError } from '../../base/errors.ts';
import { requireAdmin } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';
import type { ModelStore, PullProgress, WeightsStatus } from '../../core/models/weights.ts';
import { parseBody } from '../parse-body.ts';
import { sendLines } from '../speech-reply.ts';

export const pullBody = z.object({ acceptLicence: z.boolean().nullish() }).nullish();

interface ModelPath {
  readonly engine: string;
  readonly name: string;
}

/** Lists the weights that exist with their state, and fetches and removes them for administrators. */
export function weightsRoutes(scope: FastifyInstance, core: Core): void {
  scope.get('/models', async () => ({ models: (await storeOf(core).list()).map(statusBody) }));
  scope.get<{ Params: ModelPath }>('/models/:engine/:name', async ({ params }) =>
    statusBody(await storeOf(core).status(`${params.engine}/${params.name}`)),
  );
  // Progress comes as server-sent events to whoever asks for them; everybody else waits for the end.
  scope.post<{ Params: ModelPath }>('/models/:engine/:name/pull', async (request, reply) => {
    requireAdmin(request.antiphon);
    const id = `${request.params.engine}/${request.params.name}`;
    const acceptLicence = parseBody(pullBody, request.body)?.acceptLicence === true;
    const { signal } = request.antiphon;
    const store = storeOf(core);
    if (!request.headers.accept?.includes('text/event-stream')) {
      return statusBody(await store.pull(id, { acceptLicence, signal }));
    }
    await store.status(id);
    const events = pullEvents((onProgress) => store.pull(id, { acceptLicence, signal, onProgress }));
    return sendLines(reply, events, { contentType: 'text/event-stream; charset=utf-8' });
  });
  scope.delete<{ Params: ModelPath }>('/models/:engine/:name', async ({ antiphon, params }) => {
    requireAdmin(antiphon);
    const id = `${params.engine}/${params.name}`;
    return { id, freedBytes: await storeOf(core).remove(id) };
  });
}

function storeOf(core: Core): ModelStore {
  if (core.weights) return core.weights;
  throw new AppError('unsupported_feature', 'This installation keeps no weights.');
}

function statusBody({ entry, ...status }: WeightsStatus) {
  const { id, engine, kind, title, description, licence, commercialUse, languages, memoryBytes } = entry;
  const { implements: names = [], needs = [], source } = entry;
  const facts = { id, engine, kind, title, description, licence, commercialUse, languages, memoryBytes };
  // The archive of that page is unpacked by a person.
  const byHand = source.kind === 'by_hand' ? { page: source.page } : {};
  return { ...facts, implements: names, needs, ...byHand, ...status };
}

interface News {
  progress?: PullProgress | undefined;
  end?: { readonly event: string; readonly data: unknown };
  tell: () => void;
}

/** The newest progress whenever somebody reads, then what came of it. Progress in between is skipped, not queued. */
async function* pullEvents(
  pull: (onProgress: (progress: PullProgress) => void) => Promise<WeightsStatus>,
): AsyncGenerator<string> {
  const news: News = { tell: () => undefined };
  const publish = (changed: Partial<News>) => {
    Object.assign(news, changed);
    news.tell();
  };
  pull((progress) => publish({ progress })).then(
    (status) => publish({ end: { event: 'installed', data: statusBody(status) } }),
    (error: unknown) => publish({ end: { event: 'error', data: errorData(error) } }),
  );
  while (!news.end) {
    await new Promise<void>((resolve) => {
      news.tell = resolve;
      if (news.progress ?? news.end) resolve();
    });
    if (news.progress) yield line('progress', news.progress);
    news.progress = undefined;
  }
  yield line(news.end.event, news.end.data);
}

function line(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function errorData(error: unknown) {
  const { code, message } = toAppError(error);
  return { code, message };
}
