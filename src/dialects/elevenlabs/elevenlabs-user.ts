import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { dayEnd, monthEnd } from '../../core/usage/usage-days.ts';

/** Where nothing is limited the vendor's clients need a number all the same, and some read it as a signed one of 32 bits. */
const UNLIMITED = 2_147_483_647;

/** Registers what a key may ask about itself. */
export function userRoutes(scope: FastifyInstance, core: Core): void {
  // Nobody has noted when those without a key came first.
  const startedAt = core.clock.now();

  scope.get('/v1/user/subscription', async (request) => ({
    ...(await subscription(core, request)),
    next_invoice: null,
    open_invoices: [],
    has_open_invoices: false,
    pending_change: null,
  }));

  scope.get('/v1/user', async (request) => {
    const { principal } = request.antiphon;
    const key = await core.keys.find(principal.id);
    return {
      user_id: principal.id,
      workspace_id: 'antiphon',
      subscription: await subscription(core, request),
      is_new_user: false,
      can_use_delayed_payment_methods: false,
      is_onboarding_completed: true,
      is_onboarding_checklist_completed: true,
      show_compliance_terms: false,
      first_name: principal.name,
      is_api_key_hashed: true,
      xi_api_key: null,
      xi_api_key_preview: null,
      referral_link_code: null,
      partnerstack_partner_default_link: null,
      created_at: Math.floor((key?.createdAt ?? startedAt) / 1000),
      seat_type: principal.grant.role === 'admin' ? 'workspace_admin' : 'workspace_member',
    };
  });
}

async function subscription(core: Core, request: FastifyRequest) {
  const { principal } = request.antiphon;
  const { used, limit, resetAt, perDay } = await characterAccount(core, principal);
  const own = await core.studio.count('own', request.antiphon);
  return {
    tier: 'self_hosted',
    status: 'active',
    character_count: used,
    character_limit: limit ?? UNLIMITED,
    max_character_limit_extension: null,
    max_credit_limit_extension: 'unlimited',
    can_extend_character_limit: false,
    allowed_to_extend_character_limit: false,
    next_character_count_reset_unix: Math.floor(resetAt / 1000),
    voice_slots_used: own,
    professional_voice_slots_used: 0,
    professional_voice_slots_used_in_workspace: 0,
    voice_limit: UNLIMITED,
    max_voice_add_edits: null,
    voice_add_edit_counter: own,
    professional_voice_limit: 0,
    can_extend_voice_limit: false,
    can_use_instant_voice_cloning: true,
    can_use_professional_voice_cloning: false,
    currency: null,
    current_overage: { amount: '0', currency: 'usd' },
    billing_period: null,
    // The vendor knows no accounts of a day.
    character_refresh_period: perDay ? null : 'monthly_period',
  };
}

/** The vendor counts by the month; a key that has an allowance for the day alone is told of its day. */
async function characterAccount({ usage, clock }: Core, { id, grant }: Principal) {
  const { charactersPerDay, charactersPerMonth } = grant.limits;
  const { day, month } = await usage.allowances.usedBy(id);
  const perDay = charactersPerMonth === undefined && charactersPerDay !== undefined;
  const now = clock.now();
  return perDay
    ? { used: day.characters, limit: charactersPerDay, resetAt: dayEnd(now), perDay }
    : { used: month.characters, limit: charactersPerMonth, resetAt: monthEnd(now), perDay };
}
