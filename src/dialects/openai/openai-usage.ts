import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { requireAdmin } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';
import type { Capability } from '../../core/models/model.ts';
import { addAmounts, NOTHING_USED } from '../../core/usage/usage-amounts.ts';
import type { UsageAmounts } from '../../core/ports/usage-store.ts';
import { DAY_MS, dayOf, parseDay } from '../../core/usage/usage-days.ts';
import type { UsageReportRow } from '../../core/usage/usage-report.ts';
import { parseBody } from '../parse-body.ts';

/** Seconds at which no date is beyond the year 9999. */
const moment = z.coerce.number().int().min(0).max(253_402_300_799);

const GROUPS = ['project_id', 'user_id', 'api_key_id', 'model'] as const;

export const usageQuery = z.object({
  start_time: moment,
  end_time: moment.optional(),
  bucket_width: z.enum(['1m', '1h', '1d']).default('1d'),
  group_by: z.array(z.enum(GROUPS)).default([]),
  models: z.array(z.string()).optional(),
  api_key_ids: z.array(z.string()).optional(),
  project_ids: z.array(z.string()).optional(),
  user_ids: z.array(z.string()).optional(),
  limit: z.coerce.number().int().min(1).max(31).default(7),
  page: z.string().optional(),
});

type UsageQuery = z.output<typeof usageQuery>;

const LISTS = ['group_by', 'models', 'api_key_ids', 'project_ids', 'user_ids'] as const;

/** One of the vendor's views of usage: whose capability it is, and what it counts. */
interface UsageView {
  readonly name: string;
  readonly capability: Capability;
  amounts(sum: UsageAmounts): Readonly<Record<string, number>>;
}

const VIEWS: readonly UsageView[] = [
  { name: 'audio_speeches', capability: 'speech', amounts: ({ characters }) => ({ characters }) },
  {
    name: 'audio_transcriptions',
    capability: 'transcription',
    amounts: ({ audioMs }) => ({ seconds: Math.round(audioMs / 1000) }),
  },
  { name: 'images', capability: 'image', amounts: ({ pictures }) => ({ images: pictures }) },
];

/** Registers what tells administrators what everybody used, in buckets of a day. */
export function usageRoutes(scope: FastifyInstance, core: Core): void {
  for (const view of VIEWS) {
    scope.get(`/organization/usage/${view.name}`, async (request) => {
      requireAdmin(request.antiphon);
      const query = parseBody(usageQuery, withLists(request.query));
      refuseWhatIsNotCounted(query);
      return usagePage(core, query, view);
    });
  }
}

/** The vendor's clients write `models[]=`, people `models=`; one value is a list as well. */
function withLists(query: unknown): object {
  const given: Record<string, unknown> = { ...(typeof query === 'object' ? query : {}) };
  for (const name of LISTS) {
    const values = [given[name] ?? [], given[`${name}[]`] ?? []].flat();
    if (values.length > 0) given[name] = values;
  }
  return given;
}

function refuseWhatIsNotCounted({ bucket_width: width, project_ids, user_ids }: UsageQuery): void {
  const refuse = (param: string, message: string) => {
    throw new AppError('unsupported_feature', message, { param });
  };
  if (width !== '1d') refuse('bucket_width', `Usage is counted by the day, so that ${width} cannot be told.`);
  if (project_ids) refuse('project_ids', 'There are no projects here.');
  if (user_ids) refuse('user_ids', 'There are no users here but API keys; ask by api_key_ids.');
}

async function usagePage(core: Core, query: UsageQuery, view: UsageView) {
  const days = daysOf(query, core.clock.now());
  const shown = days.slice(0, query.limit);
  const next = days[query.limit];
  const rows = await rowsOf(core, query, { shown, capability: view.capability });
  return {
    object: 'page',
    data: shown.map((day) => ({
      object: 'bucket',
      start_time: Date.parse(day) / 1000,
      end_time: (Date.parse(day) + DAY_MS) / 1000,
      results: resultsOf(
        rows.filter((row) => row.day === day),
        query,
        view,
      ),
    })),
    has_more: next !== undefined,
    next_page: next === undefined ? null : PAGE + next,
  };
}

const PAGE = 'page_';

/** The days that are still to be told, one more than fit onto the page. */
function daysOf(
  { start_time: start, end_time: end, page, limit }: UsageQuery,
  now: number,
): readonly string[] {
  const from = page === undefined ? start * 1000 : parseDay(page.slice(PAGE.length));
  if (from === undefined) {
    throw new AppError('invalid_request', 'page must be the next_page of an answer.', { param: 'page' });
  }
  const until = end === undefined ? now + 1 : end * 1000;
  if (until <= start * 1000) {
    throw new AppError('invalid_request', 'end_time must be after start_time.', { param: 'end_time' });
  }
  const first = Math.floor(from / DAY_MS) * DAY_MS;
  const count = Math.min(limit + 1, Math.ceil((until - first) / DAY_MS));
  return Array.from({ length: Math.max(0, count) }, (_, index) => dayOf(first + index * DAY_MS));
}

async function rowsOf(
  core: Core,
  { models, api_key_ids: keys }: UsageQuery,
  { shown, capability }: { readonly shown: readonly string[]; readonly capability: Capability },
): Promise<readonly UsageReportRow[]> {
  const [from, to] = [shown[0], shown.at(-1)];
  if (from === undefined || to === undefined) return [];
  const by = ['day', 'capability', 'model', 'principalId'] as const;
  const { rows } = await core.usage.reports.report({ from, to, by });
  return rows.filter(
    (row) =>
      row.capability === capability &&
      (models?.includes(row.model ?? '') ?? true) &&
      (keys?.includes(row.principalId ?? '') ?? true),
  );
}

function resultsOf(rows: readonly UsageReportRow[], { group_by: groups }: UsageQuery, view: UsageView) {
  const found = new Map<string, { place: object; sum: UsageAmounts }>();
  for (const row of rows) {
    const place = {
      project_id: null,
      user_id: null,
      api_key_id: groups.includes('api_key_id') ? (row.principalId ?? null) : null,
      model: groups.includes('model') ? (row.model ?? null) : null,
    };
    const name = JSON.stringify(place);
    const sum = addAmounts(found.get(name)?.sum ?? NOTHING_USED, row);
    found.set(name, { place, sum });
  }
  return [...found.values()].map(({ place, sum }) => ({
    object: `organization.usage.${view.name}.result`,
    ...view.amounts(sum),
    num_model_requests: sum.requests,
    ...place,
  }));
}
