import { ask } from '../connection.ts';
import { followJob } from '../job-following.ts';
import { warningWords, type Job } from '../jobs.ts';
import { jobIdOf, openaiFields, type FilmWish } from './film-wish.ts';
import { fittedPicture } from './fitted-picture.ts';

/** A film that was made. */
export interface MadeFilm {
  readonly film: Blob;
  /** Absent where the engine gives none. */
  readonly thumbnail: Blob | undefined;
  readonly notes: {
    readonly model: string;
    readonly isStandIn: boolean;
    readonly warnings: readonly string[];
  };
}

/** How its making goes. */
export interface FilmReports {
  readonly signal: AbortSignal;
  readonly onJob: (job: Job) => void;
}

/** Orders a film, follows its job and fetches what came of it. */
export async function makeFilm(wish: FilmWish, { signal, onJob }: FilmReports): Promise<MadeFilm> {
  const form = new FormData();
  for (const [name, value] of Object.entries(openaiFields(wish))) form.set(name, value);
  if (wish.picture) form.set('input_reference', await fittedPicture(wish.picture, wish.size), 'picture.png');
  const video: { id: string } = await (
    await ask('/v1/videos', { method: 'POST', body: form, signal })
  ).json();
  const {
    servedBy: model = '',
    standIn: isStandIn = false,
    warnings,
    links,
  } = await followJob(jobIdOf(video), { signal, onJob });
  const content = `/v1/videos/${video.id}/content`;
  return {
    film: await (await ask(content, { signal })).blob(),
    thumbnail: links.thumbnail
      ? await (await ask(`${content}?variant=thumbnail`, { signal })).blob()
      : undefined,
    notes: { model, isStandIn, warnings: warnings.map(warningWords) },
  };
}
