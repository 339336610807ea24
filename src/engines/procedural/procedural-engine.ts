import type { EngineModule } from '../../core/engine.ts';
import type { ModelCard } from '../../core/models/model.ts';
import { createWorkerPool } from '../worker-pool.ts';
import { createProceduralVideos, FILMS_CARD } from './films/film-videos.ts';
import { createProceduralImages, PICTURES_CARD } from './pictures/picture-images.ts';
import { createProceduralSound } from './procedural-sound.ts';
import type { SoundMessage, SoundTask } from './sound-task.ts';

const LICENCE = 'Apache-2.0';

/** Requests that share the workers. */
const CONCURRENCY = 16;

/** Between two looks at whether it is still wanted, a worker computes a block, or the first look at a piece of music. */
const CANCEL_GRACE_MS = 1500;

const SOUNDS_CARD: ModelCard = {
  id: 'procedural/sounds',
  name: 'Procedural sounds',
  capability: 'sound',
  description:
    'Computes sound effects from a vocabulary of more than a hundred kinds of sound. A stand-in: it knows no sound that is not in its vocabulary.',
  languages: ['en'],
  implements: [],
  licence: LICENCE,
};

const MUSIC_CARD: ModelCard = {
  id: 'procedural/music',
  name: 'Procedural music',
  capability: 'music',
  description:
    'Composes and plays instrumental music in the genres that it knows. A stand-in: it does not sing.',
  languages: ['en'],
  implements: [],
  licence: LICENCE,
};

/** Sounds, music, pictures and films that are computed from what the prompt says: seeded, with nothing to download. */
export const proceduralEngine: EngineModule = {
  id: 'procedural',
  title: 'Procedural media',
  // The encoder of films brings the other two.
  licence: 'Apache-2.0 AND MIT AND MPL-1.1',
  create: ({ workers, keepWarmMs: idleMs }) => {
    const pool = createWorkerPool<SoundTask, SoundMessage>({
      engine: 'procedural',
      script: new URL('procedural-worker.ts', import.meta.url),
      size: workers,
      cancelGraceMs: CANCEL_GRACE_MS,
      idleMs,
    });
    const pictures = createProceduralImages({ workers, idleMs });
    const films = createProceduralVideos({ workers, idleMs });
    return Promise.resolve({
      id: 'procedural',
      concurrency: CONCURRENCY,
      models: [SOUNDS_CARD, MUSIC_CARD, PICTURES_CARD, FILMS_CARD],
      sound: createProceduralSound(pool),
      image: pictures.image,
      video: films.video,
      stop: async () => {
        await Promise.all([pool.stop(), pictures.stop(), films.stop()]);
      },
    });
  },
};
