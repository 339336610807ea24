import { z } from 'zod';
import { CAPABILITIES } from '../core/access/grant.ts';

const amount = z.number().min(0).max(1e9).optional();

const priceSchema = z.strictObject({
  perMillionCharacters: amount,
  perHour: amount,
  perPicture: amount,
});

/** What things cost, as the configuration file says it. */
export const pricesSchema = z.strictObject({
  currency: z.string().trim().min(1).max(16),
  models: z.record(z.string().min(1), priceSchema).default({}),
  capabilities: z
    .record(
      z.string().refine((name) => CAPABILITIES.some((one) => one === name), {
        error: `must be one of ${CAPABILITIES.join(', ')}`,
      }),
      priceSchema,
    )
    .default({}),
});
