import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Core } from '../../core/core.ts';

/** Nothing is limited here. The vendor's clients need a number, and some read it as a signed one of 32 bits. */
const UNLIMITED = 2_147_483_647;

/** Registers what a key may ask about itself. */
export function userRoutes(scope: FastifyInstance, core: Core): void {
  // Usage is counted from the start of the program, so that is when the account it belongs to begins.
  const startedAt = Math.floor(core.clock.now() / 1000);

  scope.get('/v1/user/subscription', async (request) => ({
    ...(await subscription(core, request)),
    next_invoice: null,
    open_invoices: [],
    has_open_invoices: false,
    pending_change: null,
  }));

  scope.get('/v1/user', async (request) => {
    const { principal } = request.antiphon;
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
      created_at: startedAt,
      seat_type: 'workspace_admin',
    };
  });
}

async function subscription(core: Core, request: FastifyRequest) {
  const { id } = request.antiphon.principal;
  const { characters } = core.usage.totalFor(id);
  const voices = await core.studio.list(request.antiphon);
  const own = voices.filter(({ ownerId }) => ownerId === id).length;
  return {
    tier: 'self_hosted',
    status: 'active',
    character_count: characters,
    character_limit: UNLIMITED,
    max_character_limit_extension: null,
    max_credit_limit_extension: 'unlimited',
    can_extend_character_limit: false,
    allowed_to_extend_character_limit: false,
    next_character_count_reset_unix: null,
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
    character_refresh_period: null,
  };
}
