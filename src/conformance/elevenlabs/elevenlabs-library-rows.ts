import { z } from 'zod';
import { expectHeader, expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectSound } from '../kit-sound.ts';
import { expectRefusal, expectSchemaRefusal, speak } from './elevenlabs-judging.ts';

const section = 'voices and history';

const OK = z.object({ status: z.literal('ok') });
const VOICE = z.object({
  voice_id: z.string(),
  name: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
});
const PAGE = z.object({
  voices: z.array(VOICE),
  has_more: z.boolean(),
  total_count: z.int(),
  next_page_token: z.string().nullish(),
});
const ITEM = z.object({
  history_item_id: z.string(),
  date_unix: z.int(),
  character_count_change_from: z.int(),
  character_count_change_to: z.int(),
  content_type: z.string(),
});
const HISTORY = z.object({
  history: z.array(ITEM),
  last_history_item_id: z.string().nullable(),
  has_more: z.boolean(),
});

async function spoken(probe: Probe, text: string): Promise<string> {
  const reply = await speak(probe, { text });
  expectStatus(reply, 200);
  const id = reply.headers.get('history-item-id');
  if (id === null) throw new Unchecked('the server names no item of the history');
  return id;
}

async function historyAfter(probe: Probe, after: string | undefined, size: number) {
  const start = after === undefined ? '' : `&start_after_history_item_id=${after}`;
  const reply = await probe.get(`/v1/history?page_size=${size}${start}`);
  expectStatus(reply, 200);
  return expectShape(reply, HISTORY);
}

/** Voices, the history, models and the account. */
export const ELEVENLABS_LIBRARY_ROWS: readonly KitRow[] = [
  {
    id: 'E29',
    section,
    tags: ['costly'],
    requires: 'A voice is added, told with its labels, given settings and deleted with 200; then it is 404.',
    check: async (probe) => {
      const form = new FormData();
      form.append('name', 'Kit');
      form.append('labels', JSON.stringify({ accent: 'scottish' }));
      form.append('files', new File([await probe.recording()], 'kit.wav'));
      const added = await probe.ask({ path: '/v1/voices/add', form });
      if (added.status === 403)
        throw new Unchecked(`the account may not make voices: ${added.text.slice(0, 200)}`);
      expectStatus(added, 200);
      const { voice_id: id } = expectShape(
        added,
        z.object({ voice_id: z.string().min(1), requires_verification: z.boolean() }),
      );
      probe.later({ method: 'DELETE', path: `/v1/voices/${id}` });
      const voice = await probe.get(`/v1/voices/${id}`);
      expectStatus(voice, 200);
      expectThat(
        expectShape(voice, VOICE).labels?.['accent'] === 'scottish',
        'the label accent: scottish',
        voice.text,
      );
      const settings = await probe.post(`/v1/voices/${id}/settings/edit`, { stability: 0.9 });
      expectStatus(settings, 200);
      expectShape(settings, OK);
      const stability = await probe.get(`/v1/voices/${id}/settings`);
      expectThat(
        expectShape(stability, z.object({ stability: z.number() })).stability === 0.9,
        'a stability of 0.9',
        stability.text,
      );
      const deleted = await probe.ask({ method: 'DELETE', path: `/v1/voices/${id}` });
      expectStatus(deleted, 200);
      expectShape(deleted, OK);
      expectRefusal(await probe.get(`/v1/voices/${id}`), 404, { status: 'voice_not_found' });
    },
  },
  {
    id: 'E30',
    section,
    requires: 'A walk through the pages of voices meets each of them once; total_count is always there.',
    check: async (probe) => {
      const seen: string[] = [];
      for (let token = ''; ;) {
        const next = token === '' ? '' : `&next_page_token=${encodeURIComponent(token)}`;
        const reply = await probe.get(`/v2/voices?page_size=20&include_total_count=false${next}`);
        expectStatus(reply, 200);
        const page = expectShape(reply, PAGE);
        seen.push(...page.voices.map(({ voice_id: id }) => id));
        if (!page.has_more) break;
        if (seen.length > 1000) throw new Unchecked('there are too many voices to walk through');
        token = page.next_page_token ?? '';
        expectThat(token !== '', 'a next_page_token where there is more', reply.text);
      }
      expectThat(new Set(seen).size === seen.length && seen.length > 0, 'each voice once', seen);
    },
  },
  {
    id: 'E31',
    section,
    requires: 'Pages of 0 and of 101 voices are 422.',
    check: async (probe) => {
      for (const size of [0, 101])
        expectSchemaRefusal(await probe.get(`/v2/voices?page_size=${size}`), ['query', 'page_size']);
    },
  },
  {
    id: 'E32',
    section,
    requires:
      'What was spoken is listed, the newest first, page by page; it can be heard, downloaded together, and deleted.',
    check: async (probe) => {
      const ids = [await spoken(probe, 'One.'), await spoken(probe, 'Two.'), await spoken(probe, 'Three.')];
      const first = await historyAfter(probe, undefined, 2);
      const newest = first.history.map(({ history_item_id: id }) => id);
      expectThat(
        newest.join() === [ids[2], ids[1]].join() && first.has_more,
        `${ids[2]}, ${ids[1]} and more`,
        newest,
      );
      const second = await historyAfter(probe, first.last_history_item_id ?? '', 1);
      expectThat(
        second.history[0]?.history_item_id === ids[0],
        `${ids[0]} on the second page`,
        second.history,
      );
      const audio = await probe.get(`/v1/history/${ids[0]}/audio`);
      expectStatus(audio, 200);
      await expectSound('kept speech', audio.bytes);
      const both = await probe.post('/v1/history/download', { history_item_ids: ids.slice(0, 2) });
      expectStatus(both, 200);
      expectHeader(both, 'content-type', /^application\/zip/);
      const entries = Buffer.from(both.bytes).toString('latin1').split('PK\u0001\u0002').length - 1;
      expectThat(entries === 2, 'a ZIP file of two entries', `${entries} entries`);
      const deleted = await probe.ask({ method: 'DELETE', path: `/v1/history/${ids[0]}` });
      expectStatus(deleted, 200);
      expectShape(deleted, OK);
      expectRefusal(await probe.get(`/v1/history/${ids[0]}`), 404);
    },
  },
  {
    id: 'E44',
    section,
    requires: 'Account and subscription have every key that the JavaScript client needs.',
    check: async (probe) => {
      const subscription = {
        tier: z.string(),
        character_count: z.int(),
        character_limit: z.int(),
        can_extend_character_limit: z.boolean(),
        allowed_to_extend_character_limit: z.boolean(),
        voice_slots_used: z.int(),
        professional_voice_slots_used: z.int(),
        voice_limit: z.int(),
        voice_add_edit_counter: z.int(),
        professional_voice_limit: z.int(),
        can_extend_voice_limit: z.boolean(),
        can_use_instant_voice_cloning: z.boolean(),
        can_use_professional_voice_cloning: z.boolean(),
        max_credit_limit_extension: z.union([z.number(), z.literal('unlimited')]),
        status: z.string(),
      };
      const alone = await probe.get('/v1/user/subscription');
      expectStatus(alone, 200);
      const overage = z.object({ amount: z.string(), currency: z.string() });
      expectShape(
        alone,
        z.object({
          ...subscription,
          open_invoices: z.array(z.unknown()),
          has_open_invoices: z.boolean(),
          current_overage: overage,
        }),
      );
      const user = await probe.get('/v1/user');
      expectStatus(user, 200);
      expectShape(
        user,
        z.object({
          user_id: z.string(),
          subscription: z.object(subscription),
          is_new_user: z.boolean(),
          can_use_delayed_payment_methods: z.boolean(),
          is_onboarding_completed: z.boolean(),
          is_onboarding_checklist_completed: z.boolean(),
          created_at: z.int(),
          seat_type: z.string(),
        }),
      );
    },
  },
  {
    id: 'E45',
    section,
    requires: 'Every route is read by the JavaScript client without a complaint.',
    why: 'needs the official client, whose reading it is about',
  },
  {
    id: 'E45 models',
    section,
    requires: 'Models are a bare list, every one with its id.',
    check: async (probe) => {
      const models = await probe.get('/v1/models');
      expectStatus(models, 200);
      expectShape(models, z.array(z.object({ model_id: z.string() })).min(1));
    },
  },
];
