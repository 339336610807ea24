import { z } from 'zod';
import type { Reply } from '../kit-asking.ts';
import { expectBase64 } from '../kit-events.ts';
import { expectFilm } from '../kit-film.ts';
import { expectHeader, expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Mismatch } from '../kit-mismatch.ts';
import { expectPicture, pngOf, sizeOfPng } from '../kit-picture.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectRefusal, expectSame, formOf, GENERATE, type Parts } from './eigen-judging.ts';

const section = 'pictures';
const films = 'films';
const costly = ['costly'] as const;

const PROMPT = 'A lighthouse on a cliff at dawn';
const FILM_MODEL = 'wan2p2-i2v-14b-turbo';

function make(probe: Probe, given: object = {}): Promise<Reply> {
  return probe.post(GENERATE, { model: 'eigen-image', prompt: PROMPT, ...given });
}

function edit(probe: Probe, parts: Parts, model = 'qwen-image-edit-2511'): Promise<Reply> {
  return probe.ask({
    path: GENERATE,
    form: formOf({ model, prompt: 'Make it black and white', num_inference_steps: '4', ...parts }),
  });
}

function picture(side = 512): File {
  return new File([pngOf({ width: side, height: side })], 'one.png', { type: 'image/png' });
}

function pictureIn(reply: Reply, key: string): Uint8Array {
  expectStatus(reply, 200);
  return expectBase64(key, expectShape(reply, z.record(z.string(), z.unknown()))[key]);
}

const SUBMITTED = z.object({ task_id: z.string().min(1), task_status: z.literal('pending') });
const STATE = z.object({
  task_id: z.string(),
  status: z.enum(['pending', 'processing', 'completed', 'failed']),
  start_time: z.string().nullable(),
  end_time: z.string().nullable(),
  error: z.string().nullable(),
});

async function submit(probe: Probe, path = GENERATE): Promise<string> {
  const parts = { prompt: PROMPT, image: picture(), infer_steps: '5', seed: '42' };
  const form = formOf(path === GENERATE ? { model: FILM_MODEL, ...parts } : parts);
  const reply = await probe.ask({ path, form });
  expectStatus(reply, 200);
  return expectShape(reply, SUBMITTED).task_id;
}

async function ended(probe: Probe, path: string): Promise<void> {
  const order = ['pending', 'processing', 'completed'];
  for (let reached = 0; ; await probe.pause()) {
    const reply = await probe.get(path);
    expectStatus(reply, 200);
    const { status, error } = expectShape(reply, STATE);
    if (status === 'failed') throw new Mismatch('a film that is made', error ?? reply.text);
    expectThat(
      order.indexOf(status) >= reached,
      `a state that never goes back from ${order[reached]}`,
      status,
    );
    reached = order.indexOf(status);
    if (status === 'completed') return;
  }
}

/** `POST /api/v1/generate` with a model of pictures or films. */
export const EIGEN_PICTURE_ROWS: readonly KitRow[] = [
  {
    id: 'R1 eigen-image prompt',
    section,
    requires: 'A picture without a prompt is 400.',
    check: async (probe) => {
      expectRefusal(await make(probe, { prompt: undefined }), 400);
    },
  },
  {
    id: 'R1 eigen-image size',
    section,
    tags: costly,
    requires: 'A picture has the asked size, as turbo_image_base64, or in bytes when these are asked for.',
    check: async (probe) => {
      const asked = { width: 768, height: 512, real_time: false, guidance_scale: 1 };
      const { width, height } = sizeOfPng(pictureIn(await make(probe, asked), 'turbo_image_base64'));
      expectThat(width === 768 && height === 512, '768 × 512 pixels', { width, height });
      const binary = await make(probe, { ...asked, binary_response: true });
      expectStatus(binary, 200);
      expectHeader(binary, 'content-type', /^image\/(png|jpeg)/);
      expectPicture('the picture', binary.bytes);
    },
  },
  {
    id: 'R1 eigen-image limits',
    section,
    requires: 'Sides of 511 and 2049 pixels are 400.',
    tags: ['ours'],
    check: async (probe) => {
      for (const given of [{ width: 511 }, { height: 2049 }]) expectRefusal(await make(probe, given), 400);
    },
  },
  {
    id: 'R1 eigen-image seed',
    section,
    tags: costly,
    requires: 'The same seed gives the same picture.',
    check: async (probe) => {
      const again = () => make(probe, { seed: 7, width: 512, height: 512, binary_response: true });
      expectSame('the same picture', await again(), await again());
    },
  },
  {
    id: 'R1 eigen-image mode',
    section,
    tags: costly,
    requires: 'With mode=image-editing the picture is edited_image_base64; up to nine pictures may be given.',
    check: async (probe) => {
      const reply = await edit(probe, { mode: 'image-editing', image_file: picture() }, 'eigen-image');
      expectPicture('the picture', pictureIn(reply, 'edited_image_base64'));
      expectRefusal(
        await edit(probe, { images: Array.from({ length: 10 }, () => picture(16)) }, 'eigen-image'),
        400,
      );
    },
  },
  {
    id: 'R1 qwen-image-edit-2511',
    section,
    tags: costly,
    requires:
      'A picture to edit comes as images, image_file or image; the answer tells use_lightning and its time.',
    check: async (probe) => {
      for (const name of ['images', 'image_file', 'image']) {
        const reply = await edit(probe, { [name]: picture(), seed: '3', guidance_scale: '4.0' });
        expectPicture('the picture', pictureIn(reply, 'image_base64'));
        expectShape(reply, z.object({ use_lightning: z.boolean(), processing_time_seconds: z.number() }));
      }
    },
  },
  {
    id: 'R1 any image edit',
    section,
    tags: costly,
    requires: 'output_format is obeyed, and the settings of single models are never an error.',
    check: async (probe) => {
      const rare = { downsizing_mp: '1', lora_strength: '0.5', rank: '8', offloading: 'false', weight: 'x' };
      const steps = { true_cfg_scale: '1', sample_steps: '4', sample_guide_scale: '1' };
      for (const [format, kind] of [
        ['jpg', 'jpeg'],
        ['png', 'png'],
      ] as const) {
        const reply = await edit(probe, { image: picture(), output_format: format, ...rare, ...steps });
        expectPicture('the picture', pictureIn(reply, 'image_base64'), kind);
      }
    },
  },
  {
    id: 'R1 any image',
    section,
    tags: costly,
    requires: 'negative_prompt, size and s3_output_path are taken.',
    check: async (probe) => {
      const given = {
        negative_prompt: 'people',
        size: '512x512',
        s3_output_path: 's3://nobody/has/this.png',
      };
      pictureIn(await make(probe, given), 'turbo_image_base64');
    },
  },
  {
    id: 'R1 flux-1-kontext',
    section,
    tags: ['costly', 'ours'],
    requires: 'flux-1-kontext answers in JSON with image_base64.',
    check: async (probe) => {
      const given = { model: 'flux-1-kontext', width: 512, height: 512 };
      expectPicture('the picture', pictureIn(await make(probe, given), 'image_base64'));
    },
  },
  {
    id: `R1 ${FILM_MODEL}`,
    section: films,
    requires: 'A film without a prompt or a picture, and 0 or 21 steps, are 400.',
    check: async (probe) => {
      const whole = { model: FILM_MODEL, prompt: PROMPT, image: picture(64) };
      for (const parts of [
        { ...whole, infer_steps: '0' },
        { ...whole, infer_steps: '21' },
      ])
        expectRefusal(await probe.ask({ path: GENERATE, form: formOf(parts) }), 400);
      expectRefusal(
        await probe.ask({ path: GENERATE, form: formOf({ model: FILM_MODEL, prompt: PROMPT }) }),
        400,
      );
      expectRefusal(
        await probe.ask({ path: GENERATE, form: formOf({ model: FILM_MODEL, image: picture(64) }) }),
        400,
      );
    },
  },
  {
    id: 'R4',
    section: films,
    tags: costly,
    requires: 'A film is pending at first; its state has five fields and never goes back.',
    check: async (probe) => {
      const id = await submit(probe);
      await ended(probe, `/api/v1/generate/status?jobId=${id}&model=${FILM_MODEL}`);
    },
  },
  {
    id: 'R4 unknown',
    section: films,
    tags: ['ours'],
    requires: 'A film that nobody ordered is 404; no id is 400.',
    check: async (probe) => {
      const path = `/api/v1/generate/status?model=${FILM_MODEL}`;
      expectRefusal(await probe.get(`${path}&jobId=00000000-0000-4000-8000-000000000000`), 404);
      expectRefusal(await probe.get(path), 400);
    },
  },
  {
    id: 'R5',
    section: films,
    tags: costly,
    requires: 'The result is refused before the film is done, and then is a film that plays.',
    check: async (probe) => {
      const id = await submit(probe);
      const path = `/api/v1/generate/result?jobId=${id}&model=${FILM_MODEL}`;
      const early = await probe.get(path);
      if (early.status !== 200) expectRefusal(early, 409);
      await ended(probe, `/api/v1/generate/status?jobId=${id}&model=${FILM_MODEL}`);
      const film = await probe.get(path);
      expectStatus(film, 200);
      await expectFilm('the film', film.bytes);
    },
  },
  {
    id: 'L6',
    section: 'older paths',
    tags: costly,
    requires: 'The older paths of films order, tell the state, and give the film.',
    check: async (probe) => {
      const id = await submit(probe, `/api/${FILM_MODEL}`);
      await ended(probe, `/api/${FILM_MODEL}-status?jobId=${id}`);
      const film = await probe.get(`/api/${FILM_MODEL}-result?jobId=${id}`);
      expectStatus(film, 200);
      await expectFilm('the film', film.bytes);
    },
  },
];
