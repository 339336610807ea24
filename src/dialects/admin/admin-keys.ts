import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { KEY_LIMITS, requireAdmin, ROLES } from '../../core/access/grant.ts';
import type { MintedKey } from '../../core/access/key-book.ts';
import type { KeyChange } from '../../core/access/key-terms.ts';
import { keyView, toIso } from '../../core/access/key-view.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { KeyRecord } from '../../core/ports/store.ts';
import { parseBody } from '../parse-body.ts';

const entries = z.array(z.string()).nullish();
const limits = Object.fromEntries(KEY_LIMITS.map((limit) => [limit, z.number().nullish()]));
const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'must be a moment (2027-01-31T12:00:00Z) or a day (2027-01-31)',
});

/** A word that is not known may be a limit misspelt, so that nothing is passed over here. */
const terms = {
  role: z.enum(ROLES).optional(),
  scopes: z.strictObject({ dialects: entries, capabilities: entries, models: entries }).nullish(),
  limits: z.strictObject(limits).nullish(),
  expiresAt: moment.transform((text) => Date.parse(text)).nullish(),
};
export const orderBody = z.strictObject({ name: z.string(), ...terms });
export const changeBody = z.strictObject({ name: z.string().optional(), ...terms });
export const rotateBody = z.strictObject({ graceSeconds: z.number().optional() }).nullish();

interface KeyRequest {
  readonly Params: { readonly id: string };
}

/** Registers what makes, shows, changes and ends keys. All but `me` is for administrators. */
export function keyRoutes(scope: FastifyInstance, core: Core): void {
  const view = (record: KeyRecord) => keyView(record, core.clock.now());
  scope.get('/keys/me', (request) => ownView(core, request.antiphon));
  scope.get('/keys', async (request) => {
    requireAdmin(request.antiphon);
    return { keys: (await core.keys.list()).map(view) };
  });
  scope.get<KeyRequest>('/keys/:id', async (request) => {
    requireAdmin(request.antiphon);
    return view(await core.keys.get(request.params.id));
  });
  scope.post('/keys', async (request, reply) => {
    requireAdmin(request.antiphon);
    const order = parseBody(orderBody, request.body);
    if (order.role !== 'admin' && !(await core.authenticator.required())) throw firstIsNoAdmin();
    return sendMinted(core, reply.code(201), await core.keys.create(order));
  });
  scope.patch<KeyRequest>('/keys/:id', async (request) => {
    requireAdmin(request.antiphon);
    const change: KeyChange = parseBody(changeBody, request.body);
    if (change.role === 'user') await core.keys.refuseLastAdmin(request.params.id);
    return view(await core.keys.change(request.params.id, change));
  });
  scope.delete<KeyRequest>('/keys/:id', async (request) => {
    requireAdmin(request.antiphon);
    await core.keys.refuseLastAdmin(request.params.id);
    return view(await core.keys.revoke(request.params.id));
  });
  scope.post<KeyRequest>('/keys/:id/rotate', async (request, reply) => {
    requireAdmin(request.antiphon);
    const { graceSeconds = 0 } = parseBody(rotateBody, request.body) ?? {};
    const minted = await core.keys.rotate(request.params.id, Math.round(graceSeconds * 1000));
    return sendMinted(core, reply, minted);
  });
}

/** The only answer that ever holds the secret. */
function sendMinted(core: Core, reply: FastifyReply, { secret, record }: MintedKey): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .send({ ...keyView(record, core.clock.now()), key: secret });
}

/** What callers may see of themselves; without any key in the installation they have none. */
async function ownView(core: Core, { principal }: RequestContext) {
  const { id, name, anonymous, grant } = principal;
  const record = anonymous ? undefined : await core.keys.find(id);
  return { id, name, anonymous, ...grant, expiresAt: toIso(record?.expiresAt) };
}

function firstIsNoAdmin(): AppError {
  const message =
    'From the first key on every call needs one, so that the first is an admin: without, nobody could make another. Send "role": "admin".';
  return new AppError('invalid_request', message, { param: 'role', reason: 'first_key' });
}
