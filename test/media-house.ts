import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import type { Core } from '../src/core/core.ts';
import type { Engine } from '../src/core/engine.ts';
import type { ImageTools } from '../src/core/image/image-tools.ts';
import { filmEngine, type FilmEngine } from './film-engine.ts';
import { postTo } from './media-endpoints.ts';
import { paintEngine, startTools, type PaintEngine } from './paint-engine.ts';
import { memoryBlobs, testApp, type TestAppOptions } from './support.ts';
import { toneSounds, type ToneSounds } from './tone-sounds.ts';
import { eventually, watchedUploads } from './upload-support.ts';

/** A server whose every trace of a request can be looked at. */
export interface MediaHouse {
  readonly origin: string;
  readonly core: Core;
  readonly tools: ImageTools;
  /** What the engines were told last. */
  lastPrompt(makes: 'sound' | 'image' | 'video'): string | undefined;
  /** What lies in the upload folder and in the store of blobs. */
  traces(): number;
  /** Resolves when no request is worked at any more. */
  atRest(): Promise<void>;
  /** Waits until a job has ended. */
  ended(id: string, headers?: Readonly<Record<string, string>>): Promise<EndedJob>;
  close(): Promise<void>;
}

/** A job as its last event tells it. */
export interface EndedJob {
  readonly state: string;
  readonly error: { readonly code: string; readonly message: string; readonly param?: string } | null;
}

/** The engines of a house, where they are not the usual ones. */
export interface HouseEngines {
  readonly sound?: ToneSounds;
  readonly image?: PaintEngine;
  readonly video?: FilmEngine;
  readonly more?: readonly Engine[];
}

/** Starts a server with engines that make tones, colours and beginnings of films, and the real tools for pictures. */
export async function openMediaHouse(
  engines: HouseEngines = {},
  options: TestAppOptions = {},
): Promise<MediaHouse> {
  const sharp = await startTools();
  const sound = engines.sound ?? toneSounds();
  const image = engines.image ?? paintEngine({ concurrency: 1 });
  const video =
    engines.video ?? filmEngine({ withoutFrames: true, limits: { sourceUses: ['edit', 'extend', 'remix'] } });
  const undo: (() => void)[] = [];
  const uploads = watchedUploads({ after: (done) => undo.push(done) });
  const blobs = memoryBlobs();
  const { app, core } = await testApp({
    engines: [sound, image, video, ...(engines.more ?? []), sharp],
    uploads: uploads.room,
    blobs,
    ...options,
  });
  const origin = await listeningAt(app);
  // The server's own timers let a program end; here a test waits for what they bring.
  const awake = setInterval(() => undefined, 1000);
  return {
    origin,
    core,
    tools: sharp.imageTools,
    lastPrompt: (makes) => ({ sound, image, video })[makes].asked.at(-1)?.prompt,
    traces: () => uploads.lying().length + blobs.kept.size,
    atRest: () =>
      eventually(
        'nobody works any more',
        () => uploads.lying().length === 0 && sound.open() === 0 && image.open() === 0,
      ),
    ended: (id, headers) => endOf(origin, id, headers),
    close: async () => {
      clearInterval(awake);
      await app.close();
      await sharp.stop?.();
      for (const done of undo) done();
    },
  };
}

async function listeningAt(app: FastifyInstance): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 });
}

async function endOf(origin: string, id: string, headers: Readonly<Record<string, string>> = {}) {
  const events = await fetch(`${origin}/antiphon/v1/jobs/${id}/events`, { headers });
  const text = await events.text();
  const last = /data: (.*)\n\n$/.exec(text)?.[1];
  assert(last !== undefined, text);
  return JSON.parse(last) as EndedJob; // The test looks at the members it needs.
}

/** The job behind the answer of a route that always makes one. */
export function jobIdIn(body: string): string {
  const { id, task_id: task } = JSON.parse(body) as { id?: string; task_id?: string }; // One of them is there.
  const found = task ?? id?.split(':')[0] ?? '';
  const hex = found.replace(/^video_/, '').replaceAll('-', '');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Orders a film from OpenAI's API, waits for it, and returns its id there. */
export async function finishedFilm(house: MediaHouse): Promise<string> {
  const { body } = await postTo(house.origin, { url: '/v1/videos', body: '{"prompt": "A film"}' });
  const { state } = await house.ended(jobIdIn(body));
  assert.equal(state, 'succeeded', body);
  return (JSON.parse(body) as { id: string }).id; // A film has an id.
}
