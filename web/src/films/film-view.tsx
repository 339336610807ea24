import { useObjectAddress } from '../object-address.ts';
import { MadeBy } from '../parts/made-by.tsx';
import { saveFile } from '../sound/save-file.ts';
import type { MadeFilm } from './film-making.ts';

/** A film to be seen. */
export function FilmView({ made, title }: { readonly made: MadeFilm; readonly title: string }) {
  const film = useObjectAddress(made.film);
  const thumbnail = useObjectAddress(made.thumbnail);
  const picture = made.thumbnail;
  return (
    <section class="card" aria-label="What was made">
      {film !== '' && (
        <video
          class="film"
          controls
          loop
          playsInline
          src={film}
          aria-label={title}
          {...(thumbnail === '' ? {} : { poster: thumbnail })}
        />
      )}
      <div class="actions">
        <button type="button" class="quiet" onClick={() => saveFile(made.film, 'film.mp4')}>
          Download the film
        </button>
        {picture && (
          <button type="button" class="quiet" onClick={() => saveFile(picture, 'thumbnail.webp')}>
            Download its picture
          </button>
        )}
      </div>
      <MadeBy notes={made.notes} />
    </section>
  );
}
