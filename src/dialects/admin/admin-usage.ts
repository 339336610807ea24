import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { isUsageWord, USAGE_WORDS, usageCsv, type UsageWord } from '../../core/usage/usage-csv.ts';
import { usageJson } from '../../core/usage/usage-json.ts';
import { parseBody } from '../parse-body.ts';

const WORDS = Object.keys(USAGE_WORDS).join(', ');

/** A comma separates, and a word may come in parameters of its own. */
const words = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((text) => text.split(',')))
  .transform((given) => [...new Set(given.map((word) => word.trim()).filter((word) => word !== ''))]);

export const usageQuery = z.object({
  from: z.string().optional(),
  to: z.string().optional(),
  by: words.default(['day', 'model']),
  key: z.string().min(1).optional(),
  format: z.enum(['json', 'csv']).optional(),
});

/** Registers what tells what was used: everybody's to administrators, their own to others. */
export function usageRoute(scope: FastifyInstance, core: Core): void {
  scope.get('/usage', async (request, reply) => {
    const { from, to, by, key, format } = parseBody(usageQuery, request.query);
    const principalId = whose(key, request.antiphon);
    const order = { from, to, principalId, by: by.map((word) => USAGE_WORDS[knownWord(word)]) };
    const report = await core.usage.reports.report(order);
    reply.header('cache-control', 'no-store').header('vary', 'accept');
    if (format === 'csv' || (format === undefined && wantsCsv(request))) {
      return sendCsv(reply, usageCsv(report), `antiphon-usage-${report.from}-${report.to}.csv`);
    }
    return usageJson(report);
  });
}

/** Absent for everybody's. */
function whose(key: string | undefined, { principal }: RequestContext): string | undefined {
  if (key === 'me' || key === principal.id) return principal.id;
  if (principal.grant.role === 'admin') return key;
  if (key === undefined) return principal.id;
  throw new AppError('permission_denied', 'The usage of other keys needs an API key with the role admin.', {
    param: 'key',
    reason: 'admin_only',
  });
}

function knownWord(word: string): UsageWord {
  if (isUsageWord(word)) return word;
  throw new AppError('invalid_request', `by must be of ${WORDS}, not '${word}'.`, { param: 'by' });
}

/** Only who says so gets something else than JSON: browsers take anything. */
function wantsCsv({ headers }: FastifyRequest): boolean {
  const ranges = (headers.accept ?? '').split(',').map((range) => range.split(';')[0]?.trim().toLowerCase());
  const csv = ranges.indexOf('text/csv');
  const json = ranges.indexOf('application/json');
  return csv >= 0 && (json < 0 || csv < json);
}

function sendCsv(reply: FastifyReply, text: string, filename: string): FastifyReply {
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${filename}"`)
    .send(text);
}
