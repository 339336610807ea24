import { useObjectAddress } from '../object-address.ts';
import { MadeBy } from '../parts/made-by.tsx';
import { saveFile } from '../sound/save-file.ts';
import type { SpeechNotes } from '../speech/speech-notes.ts';
import type { Picture } from './picture-making.ts';

interface GalleryProps {
  readonly pictures: readonly Picture[];
  /** The newest unfinished picture. */
  readonly preview: Picture | undefined;
  /** How many are still to come. */
  readonly missing: number;
  readonly prompt: string;
  readonly notes: SpeechNotes | undefined;
  readonly onChange: (picture: File) => void;
}

/** Pictures as they come. */
export function PictureGallery({ pictures, preview, missing, prompt, notes, onChange }: GalleryProps) {
  return (
    <section class="card" aria-label="What was made" aria-busy={missing > 0}>
      <ul class="gallery">
        {pictures.map((picture, at) => (
          <li key={picture.blob}>
            <Finished picture={picture} alt={`${prompt}, picture ${at + 1}`} at={at} onChange={onChange} />
          </li>
        ))}
        {Array.from({ length: missing }, (_, at) => (
          <li key={`missing ${at}`}>
            {at === 0 && preview ? (
              <Unfinished picture={preview} />
            ) : (
              <div class="picture-place" role="img" aria-label="A picture that is still to come" />
            )}
          </li>
        ))}
      </ul>
      <MadeBy notes={notes} />
    </section>
  );
}

function Unfinished({ picture }: { readonly picture: Picture }) {
  const address = useObjectAddress(picture.blob);
  return address === '' ? null : (
    <img class="unfinished" src={address} alt="A picture that is not finished yet" />
  );
}

function Finished({
  picture,
  alt,
  at,
  onChange,
}: {
  readonly picture: Picture;
  readonly alt: string;
  readonly at: number;
  readonly onChange: GalleryProps['onChange'];
}) {
  const { blob, size } = picture;
  const address = useObjectAddress(blob);
  const name = `picture-${at + 1}.${blob.type.replace('image/', '').replace('jpeg', 'jpg')}`;
  if (address === '') return null;
  return (
    <figure>
      <img src={address} alt={alt} />
      <figcaption class="actions">
        <span class="soft">{size.replace('x', ' × ')}</span>
        <button type="button" class="quiet" onClick={() => saveFile(blob, name)}>
          Download<span class="visually-hidden"> picture {at + 1}</span>
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => onChange(new File([blob], name, { type: blob.type }))}
        >
          Change<span class="visually-hidden"> picture {at + 1}</span>
        </button>
      </figcaption>
    </figure>
  );
}
