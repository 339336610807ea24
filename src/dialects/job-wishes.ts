import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { JobPriority, JobWebhook } from '../core/jobs/job.ts';
import { parseBody } from './parse-body.ts';
import { requestOrigin } from './public-url.ts';

/** The prefix that Standard Webhooks gives a secret in base64. */
const SECRET_PREFIX = 'whsec_';

const wishHeaders = z.object({
  'x-antiphon-webhook': z.url({ protocol: /^https?$/ }).optional(),
  'x-antiphon-webhook-secret': z
    .string()
    .regex(
      /^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/,
      'must be at least 24 bytes in base64, with or without whsec_',
    )
    .optional(),
  'x-antiphon-priority': z.enum(['interactive', 'batch']).optional(),
});

/** What a caller may say in headers about a job, whatever the dialect. */
export interface JobWishes {
  readonly priority?: JobPriority;
  readonly webhook?: JobWebhook;
}

/** Reads the headers. Throws `invalid_request` naming the one that is wrong. */
export function jobWishes(request: Pick<FastifyRequest, 'headers' | 'protocol' | 'host'>): JobWishes {
  const wishes = parseBody(wishHeaders, request.headers);
  const origin = requestOrigin(request);
  const { 'x-antiphon-webhook': url, 'x-antiphon-priority': priority } = wishes;
  const secret = wishes['x-antiphon-webhook-secret']?.replace(SECRET_PREFIX, '');
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(url === undefined ? {} : { webhook: { url, origin, ...(secret === undefined ? {} : { secret }) } }),
  };
}
