import { z } from 'zod';
import { expectBase64, expectEvents, type KitEvent } from '../kit-events.ts';
import { expectShape, expectStatus, expectThat, expectValue } from '../kit-judging.ts';
import { expectPicture, pngOf, sizeOfPng } from '../kit-picture.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectRefusal, formOf, type Parts } from './openai-judging.ts';

const section = 'pictures';
const tags = ['costly'] as const;

const USAGE = z.object({
  input_tokens: z.int(),
  output_tokens: z.int(),
  total_tokens: z.int(),
  input_tokens_details: z.object({ image_tokens: z.int(), text_tokens: z.int() }),
});
const PICTURES = z.object({
  created: z.int(),
  data: z.array(z.object({ b64_json: z.string().optional(), url: z.string().optional() })).min(1),
  output_format: z.string().optional(),
  usage: USAGE.optional(),
});
const PARTIAL = {
  b64_json: z.string(),
  created_at: z.int(),
  size: z.string(),
  quality: z.string(),
  background: z.string(),
  output_format: z.string(),
};

async function firstPicture(probe: Probe, given: object = {}): Promise<Uint8Array> {
  const reply = await probe.post('/images/generations', pictureBody(probe, given));
  expectStatus(reply, 200);
  return expectBase64('the picture', expectShape(reply, PICTURES).data[0]?.b64_json);
}

function pictureBody(probe: Probe, given: object): object {
  const prompt = 'A lighthouse on a cliff at dawn';
  return { model: probe.model('image'), prompt, size: '1024x1024', quality: 'low', ...given };
}

function picture(name: string, leftAlpha = 255): File {
  return new File([pngOf({ width: 256, height: 256, leftAlpha })], name, { type: 'image/png' });
}

async function edited(probe: Probe, parts: Parts): Promise<void> {
  const form = formOf({
    model: probe.model('edit'),
    prompt: 'Make it black and white',
    quality: 'low',
    ...parts,
  });
  const reply = await probe.ask({ path: '/images/edits', form });
  expectStatus(reply, 200);
  expectPicture(
    'the edited picture',
    expectBase64('the picture', expectShape(reply, PICTURES).data[0]?.b64_json),
  );
}

function expectPartials(events: readonly KitEvent[], kind: 'image_generation' | 'image_edit'): void {
  const end = events.findLast(({ data }) => data !== '[DONE]');
  expectThat(
    end?.name === `${kind}.completed` && end.json?.['type'] === end.name,
    `${kind}.completed at the end`,
    end?.name,
  );
  expectValue('the completed event', end.json, z.object({ ...PARTIAL, usage: USAGE }));
  expectPicture('the streamed picture', expectBase64('the picture', end.json['b64_json']));
  const partials = events.filter(({ name }) => name === `${kind}.partial_image`);
  for (const { json } of partials)
    expectValue('a partial event', json, z.object({ ...PARTIAL, partial_image_index: z.int() }));
}

/** `POST /images/generations` and `POST /images/edits`. */
export const OPENAI_IMAGE_ROWS: readonly KitRow[] = [
  {
    id: 'I1',
    section,
    tags,
    requires:
      'Without response_format a picture is bare base64, of the size asked for and the format that is told.',
    check: async (probe) => {
      const { width, height } = sizeOfPng(await firstPicture(probe));
      expectThat(width === 1024 && height === 1024, '1024 × 1024 pixels', { width, height });
      expectPicture('a picture', await firstPicture(probe, { output_format: 'jpeg' }), 'jpeg');
    },
  },
  {
    id: 'I2',
    section,
    tags: ['costly', 'ours'],
    requires:
      'With response_format=url a picture has an address on the server that was asked, and can be fetched there.',
    check: async (probe) => {
      const reply = await probe.post('/images/generations', pictureBody(probe, { response_format: 'url' }));
      expectStatus(reply, 200);
      const url = expectShape(reply, PICTURES).data[0]?.url ?? '';
      expectThat(
        URL.canParse(url) && new URL(url).origin === new URL(probe.base).origin,
        `an address below ${new URL(probe.base).origin}`,
        url,
      );
      const fetched = await probe.ask({ path: url, key: null });
      expectStatus(fetched, 200);
      expectPicture('the fetched picture', fetched.bytes);
    },
  },
  {
    id: 'I3',
    section,
    tags,
    requires:
      'Pictures to edit come as image and as image[] twice, with a mask, also without a type of their own.',
    check: async (probe) => {
      await edited(probe, { image: picture('one.png') });
      await edited(probe, {
        'image[]': [picture('one.png'), picture('two.png')],
        mask: picture('mask.png', 0),
      });
      const untyped = new File([pngOf({ width: 64, height: 64 })], 'blob', {
        type: 'application/octet-stream',
      });
      await edited(probe, { image: untyped });
    },
  },
  {
    id: 'I4',
    section,
    tags,
    requires: 'Pictures to edit come in JSON as data URLs.',
    check: async (probe) => {
      const image_url = `data:image/png;base64,${Buffer.from(pngOf({ width: 64, height: 64 })).toString('base64')}`;
      const json = {
        model: probe.model('edit'),
        prompt: 'Make it black and white',
        quality: 'low',
        images: [{ image_url }],
      };
      const reply = await probe.post('/images/edits', json);
      expectStatus(reply, 200);
      expectPicture(
        'the edited picture',
        expectBase64('the picture', expectShape(reply, PICTURES).data[0]?.b64_json),
      );
    },
  },
  {
    id: 'I5',
    section,
    tags,
    requires:
      'Streamed pictures come as partial events, then a completed one with its usage, for generations and edits.',
    check: async (probe) => {
      const asked = { stream: true, partial_images: 1 };
      const made = await probe.post('/images/generations', pictureBody(probe, asked));
      expectStatus(made, 200);
      expectPartials(expectEvents(made), 'image_generation');
      const parts = {
        model: probe.model('edit'),
        prompt: 'Make it black and white',
        image: picture('one.png'),
      };
      const changed = await probe.ask({
        path: '/images/edits',
        form: formOf({ ...parts, stream: 'true', partial_images: '1', quality: 'low' }),
      });
      expectStatus(changed, 200);
      expectPartials(expectEvents(changed), 'image_edit');
    },
  },
  {
    id: 'I6',
    section,
    requires: 'Three pictures of a model with a name of its own come in three requests of the AI SDK.',
    why: 'needs the official client, which splits the request',
  },
  {
    id: 'I7',
    section,
    tags,
    requires: 'null in optional fields counts as absent.',
    check: async (probe) => {
      const nulls = { n: null, background: null, output_format: null, output_compression: null, user: null };
      expectPicture(
        'a picture',
        await firstPicture(probe, { ...nulls, stream: null, partial_images: null, moderation: null }),
      );
    },
  },
  {
    id: 'I refusals',
    section,
    requires: 'No prompt, 11 pictures, and an edit of what is no picture are refused with 400.',
    check: async (probe) => {
      expectRefusal(await probe.post('/images/generations', { model: probe.model('image') }), 400);
      expectRefusal(await probe.post('/images/generations', pictureBody(probe, { n: 11 })), 400);
      const image = new File(['no picture'], 'one.png', { type: 'image/png' });
      const form = formOf({ model: probe.model('edit'), prompt: 'x', image });
      expectRefusal(await probe.ask({ path: '/images/edits', form }), 400);
    },
  },
];
