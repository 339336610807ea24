import { z } from 'zod';
import type { Reply } from '../kit-asking.ts';
import { expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectSound } from '../kit-sound.ts';
import { expectRefusal, forget, formOf, recordingFile, speak } from './openai-judging.ts';

const section = 'voices';

const CONSENT = z.object({
  object: z.literal('audio.voice_consent'),
  id: z.string(),
  name: z.string(),
  language: z.string(),
  created_at: z.int(),
});
const PAGE = z.object({
  object: z.literal('list'),
  data: z.array(CONSENT),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});
const VOICE = z.object({
  object: z.literal('audio.voice'),
  id: z.string(),
  name: z.string(),
  created_at: z.int(),
});

async function giveConsent(probe: Probe): Promise<string> {
  const recording = await recordingFile(probe);
  const form = formOf({ name: 'Kit', language: 'en-GB', recording });
  const reply = await probe.ask({ path: '/audio/voice_consents', form });
  if (isClosed(reply)) throw new Unchecked(`the account may not make voices: ${reply.text.slice(0, 200)}`);
  expectStatus(reply, 200);
  const { id } = expectShape(reply, CONSENT);
  forget(probe, `/audio/voice_consents/${id}`);
  return id;
}

/** The vendor lets few accounts make voices. */
function isClosed({ status }: Reply): boolean {
  return status === 403;
}

/** Consents, voices of a caller's own, and the list that other servers have. */
export const OPENAI_VOICE_ROWS: readonly KitRow[] = [
  {
    id: 'V1',
    section,
    tags: ['costly'],
    requires:
      'Consents are given, listed page by page, renamed and deleted; a voice is made, speaks, and is deleted once.',
    check: async (probe) => {
      const [first, second] = [await giveConsent(probe), await giveConsent(probe)];
      const walked: string[] = [];
      for (let after = ''; ;) {
        const page = await probe.get(`/audio/voice_consents?limit=1${after === '' ? '' : `&after=${after}`}`);
        expectStatus(page, 200);
        const { data, has_more, last_id } = expectShape(page, PAGE);
        walked.push(...data.map(({ id }) => id));
        if (!has_more || walked.length > 50) break;
        after = last_id ?? '';
      }
      expectThat(walked.includes(first) && walked.includes(second), 'both consents in the pages', walked);
      const renamed = await probe.post(`/audio/voice_consents/${first}`, { name: 'Other' });
      expectStatus(renamed, 200);
      expectThat(expectShape(renamed, CONSENT).name === 'Other', 'the new name', renamed.text);
      expectThat(
        expectShape(await probe.get(`/audio/voice_consents/${first}`), CONSENT).name === 'Other',
        'the new name',
        'the old one',
      );
      const form = formOf({ name: 'Kit', consent: first, audio_sample: await recordingFile(probe) });
      const made = await probe.ask({ path: '/audio/voices', form });
      expectStatus(made, 200);
      const { id } = expectShape(made, VOICE);
      forget(probe, `/audio/voices/${id}`);
      const spoken = await speak(probe, { voice: { id } });
      expectStatus(spoken, 200);
      await expectSound('speech in the new voice', spoken.bytes);
      const deleted = await probe.ask({ method: 'DELETE', path: `/audio/voices/${id}` });
      expectStatus(deleted, 200);
      expectShape(deleted, z.object({ id: z.literal(id), deleted: z.literal(true) }));
      expectRefusal(await probe.ask({ method: 'DELETE', path: `/audio/voices/${id}` }), 404);
    },
  },
  {
    id: 'V2',
    section,
    tags: ['ours'],
    requires: 'Voices and speech models are listed where Open WebUI looks for them.',
    check: async (probe) => {
      const voices = await probe.get('/audio/voices');
      expectStatus(voices, 200);
      expectShape(
        voices,
        z.object({ voices: z.array(z.object({ id: z.string(), name: z.string() })).min(1) }),
      );
      const models = await probe.get('/audio/models');
      expectStatus(models, 200);
      expectShape(models, z.object({ models: z.array(z.object({ id: z.string() })).min(1) }));
    },
  },
];
