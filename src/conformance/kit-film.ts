import { AppError } from '../base/errors.ts';
import { readFilm, type FilmFacts } from '../media/films/film-facts.ts';
import { Mismatch } from './kit-mismatch.ts';

/** Holds bytes to a film that browsers play, and tells its facts. */
export async function expectFilm(what: string, bytes: Uint8Array): Promise<FilmFacts> {
  try {
    return await readFilm(bytes);
  } catch (error) {
    if (error instanceof AppError)
      throw new Mismatch(`${what} in MP4 with H.264`, `${bytes.length} bytes: ${error.message}`);
    throw error;
  }
}
