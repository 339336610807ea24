import { z } from 'zod';
import { expectHeader, expectNear, expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Mismatch, Unchecked } from '../kit-mismatch.ts';
import { expectFilm } from '../kit-film.ts';
import { expectPicture, pngOf } from '../kit-picture.ts';
import type { Reply } from '../kit-asking.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectRefusal, forget, formOf, type Parts } from './openai-judging.ts';

const section = 'films';
const tags = ['costly'] as const;

const FILM = z.object({
  id: z.string().min(1),
  object: z.literal('video'),
  model: z.string(),
  status: z.enum(['queued', 'in_progress', 'completed', 'failed']),
  progress: z.int().min(0).max(100),
  created_at: z.int(),
  completed_at: z.int().nullable(),
  expires_at: z.int().nullable(),
  prompt: z.string(),
  size: z.string(),
  seconds: z.string(),
  remixed_from_video_id: z.string().nullable(),
  error: z.object({ code: z.string().nullable(), message: z.string() }).nullable(),
});
type Film = z.infer<typeof FILM>;
const PAGE = z.object({
  object: z.literal('list'),
  data: z.array(z.object({ id: z.string() })),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});

const PROMPT = 'A lighthouse on a cliff at dawn';

/** Takes an answer as a film that was ordered, and forgets it afterwards. */
function ordered(probe: Probe, reply: Reply): Film {
  expectStatus(reply, 200);
  const film = expectShape(reply, FILM);
  forget(probe, `/videos/${film.id}`);
  return film;
}

async function order(probe: Probe, parts: Parts = {}): Promise<Film> {
  const form = formOf({ model: probe.model('video'), prompt: PROMPT, ...parts });
  return ordered(probe, await probe.ask({ path: '/videos', form }));
}

async function finished(probe: Probe, { id }: Film): Promise<Film> {
  const stages = ['queued', 'in_progress', 'completed'];
  for (let reached = 0; ; await probe.pause()) {
    const reply = await probe.get(`/videos/${id}`);
    expectStatus(reply, 200);
    const film = expectShape(reply, FILM);
    if (film.status === 'failed') throw new Mismatch('a film that is made', reply.text);
    const at = stages.indexOf(film.status);
    expectThat(at >= reached, `a state that never goes back from ${stages[reached]}`, film.status);
    if (film.status === 'completed') return film;
    reached = at;
  }
}

function content(probe: Probe, place: string, headers = {}): Promise<Reply> {
  return probe.ask({ path: `/videos/${place}`, headers });
}

/** `/videos`. */
export const OPENAI_VIDEO_ROWS: readonly KitRow[] = [
  {
    id: 'D1',
    section,
    tags,
    requires:
      'A film is ordered by a form with and without a picture, with an object in brackets, and by JSON: 200, queued, every key.',
    check: async (probe) => {
      const picture = pngOf({ width: 720, height: 1280 });
      const image_url = `data:image/png;base64,${Buffer.from(picture).toString('base64')}`;
      const films = [
        await order(probe),
        await order(probe, { input_reference: new File([picture], 'one.png', { type: 'image/png' }) }),
        await order(probe, { 'input_reference[image_url]': image_url }),
        ordered(
          probe,
          await probe.post('/videos', { model: probe.model('video'), prompt: PROMPT, seconds: '4' }),
        ),
      ];
      for (const film of films)
        expectThat(film.status === 'queued' && film.seconds === '4', 'a film of 4 s that is queued', film);
    },
  },
  {
    id: 'D2',
    section,
    tags,
    requires:
      'A film goes from queued to completed and never back; when it is completed its progress is 100.',
    check: async (probe) => {
      const film = await finished(probe, await order(probe));
      expectThat(
        film.progress === 100 && film.completed_at !== null && film.error === null,
        'progress 100 and a time',
        film,
      );
    },
  },
  {
    id: 'D3',
    section,
    tags,
    requires: 'Lists are walked page by page with after, in both orders.',
    check: async (probe) => {
      const made = [(await order(probe)).id, (await order(probe)).id];
      for (const direction of ['desc', 'asc'] as const) {
        const walked: string[] = [];
        for (let after = ''; ;) {
          const page = await probe.get(
            `/videos?limit=1&order=${direction}${after === '' ? '' : `&after=${after}`}`,
          );
          expectStatus(page, 200);
          const { data, has_more, last_id } = expectShape(page, PAGE);
          walked.push(...data.map(({ id }) => id));
          expectThat(
            last_id === (data.at(-1)?.id ?? null),
            'last_id of the last film of the page',
            page.text,
          );
          if (!has_more || walked.length > 50) break;
          after = last_id ?? '';
        }
        const own = walked.filter((id) => made.includes(id));
        const expected = direction === 'asc' ? made : made.toReversed();
        if (walked.length > 50 && own.length < 2) throw new Unchecked('too many films are there already');
        expectThat(own.join() === expected.join(), `${direction}: ${expected.join()}`, own);
      }
    },
  },
  {
    id: 'D4',
    section,
    tags,
    requires:
      'Content is an error before the film is done; then a film that plays, two pictures, and any range of bytes with 206.',
    check: async (probe) => {
      const film = await order(probe);
      const early = await content(probe, `${film.id}/content?variant=video`);
      if (early.status !== 200) expectRefusal(early, early.status);
      expectThat(
        early.status === 200 || early.status < 500,
        'an error of the caller before the film is done',
        early.status,
      );
      await finished(probe, film);
      const whole = await content(probe, `${film.id}/content?variant=video`);
      expectStatus(whole, 200);
      expectHeader(whole, 'content-type', /^video\/mp4/);
      const { frames, framesPerSecond } = await expectFilm('the film', whole.bytes);
      expectNear('seconds', frames / framesPerSecond, { expected: 4, within: 0.5 });
      for (const variant of ['thumbnail', 'spritesheet']) {
        const picture = await content(probe, `${film.id}/content?variant=${variant}`);
        expectStatus(picture, 200);
        expectHeader(picture, 'content-type', /^image\//);
        expectPicture(variant, picture.bytes);
      }
    },
  },
  {
    id: 'D4 range',
    section,
    tags,
    requires: 'A range of a film is answered with 206, its place in the whole, and these bytes only.',
    check: async (probe) => {
      const { id } = await finished(probe, await order(probe));
      const whole = await content(probe, `${id}/content?variant=video`);
      expectStatus(whole, 200);
      const part = await content(probe, `${id}/content?variant=video`, { range: 'bytes=4-11' });
      expectStatus(part, 206);
      expectHeader(part, 'content-range', new RegExp(`^bytes 4-11/${whole.bytes.length}$`));
      expectThat(
        Buffer.from(part.bytes).equals(whole.bytes.subarray(4, 12)),
        'bytes 4 to 11 of the film',
        `${part.bytes.length} bytes`,
      );
    },
  },
  {
    id: 'D5',
    section,
    tags,
    requires:
      'A remix names what it was made from; a film that is deleted is gone, and deleting it again is 404.',
    check: async (probe) => {
      const film = await finished(probe, await order(probe));
      const remix = ordered(
        probe,
        await probe.post(`/videos/${film.id}/remix`, { prompt: 'The same at night' }),
      );
      expectThat(remix.remixed_from_video_id === film.id, `remixed_from_video_id ${film.id}`, remix);
      const deleted = await probe.ask({ method: 'DELETE', path: `/videos/${film.id}` });
      expectStatus(deleted, 200);
      expectShape(
        deleted,
        z.object({ id: z.literal(film.id), object: z.literal('video.deleted'), deleted: z.literal(true) }),
      );
      expectRefusal(await probe.get(`/videos/${film.id}`), 404);
      expectRefusal(await probe.ask({ method: 'DELETE', path: `/videos/${film.id}` }), 404);
    },
  },
  {
    id: 'D refusals',
    section,
    requires:
      'No prompt, a length and a size that do not exist are refused with 400; a film that nobody made is 404.',
    check: async (probe) => {
      const model = probe.model('video');
      expectRefusal(await probe.ask({ path: '/videos', form: formOf({ model }) }), 400);
      expectRefusal(
        await probe.ask({ path: '/videos', form: formOf({ model, prompt: PROMPT, seconds: '5' }) }),
        400,
      );
      expectRefusal(
        await probe.ask({ path: '/videos', form: formOf({ model, prompt: PROMPT, size: '7x7' }) }),
        400,
      );
      expectRefusal(await probe.get('/videos/video_nobody_made_this'), 404);
    },
  },
];
