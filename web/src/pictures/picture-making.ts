import { ask, post } from '../connection.ts';
import { readEvents } from '../event-reader.ts';
import { notesOf, type SpeechNotes } from '../speech/speech-notes.ts';
import { openaiFields, type PictureSource, type PictureWish } from './picture-wish.ts';

/** How many unfinished pictures are asked for, where the engine shows any. */
const PREVIEWS = 2;

/** A picture, finished or not, as the page shows it. */
export interface Picture {
  readonly blob: Blob;
  readonly size: string;
}

/** What becomes known while pictures are made. */
export interface PictureReports {
  readonly signal: AbortSignal;
  readonly onNotes: (notes: SpeechNotes) => void;
  readonly onPreview: (picture: Picture) => void;
  readonly onPicture: (picture: Picture) => void;
}

interface WireEvent {
  readonly type?: string;
  readonly b64_json?: string;
  readonly output_format?: string;
  readonly size?: string;
  readonly error?: { readonly message?: string };
}

/** Has pictures made, or changed, and tells of them as they come. */
export async function makePictures(
  wish: PictureWish,
  source: PictureSource,
  reports: PictureReports,
): Promise<void> {
  const fields = { ...openaiFields(wish), stream: true, partial_images: PREVIEWS };
  const { signal } = reports;
  const answer =
    source.pictures.length === 0
      ? await post('/v1/images/generations', fields, { signal })
      : await ask('/v1/images/edits', { method: 'POST', body: formOf(fields, source), signal });
  reports.onNotes(withoutOurs(notesOf(answer)));
  for await (const { data } of readEvents(answer)) {
    const event: WireEvent = JSON.parse(data);
    if (event.error) throw new Error(event.error.message ?? 'The picture could not be made.');
    const { type = '', b64_json: base64 = '', output_format: format = 'png', size = '' } = event;
    const picture = { blob: blobOf(base64, `image/${format}`), size };
    if (type.endsWith('.completed')) reports.onPicture(picture);
    else reports.onPreview(picture);
  }
}

function formOf(
  fields: Readonly<Record<string, string | number | boolean>>,
  { pictures, mask }: PictureSource,
): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  for (const picture of pictures) form.append('image[]', picture);
  if (mask) form.set('mask', mask, 'mask.png');
  return form;
}

function blobOf(base64: string, type: string): Blob {
  const text = atob(base64);
  return new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))], { type });
}

/** Unfinished pictures are asked for by the page, not by the visitor: nobody needs to know that there are none. */
function withoutOurs(notes: SpeechNotes): SpeechNotes {
  return { ...notes, warnings: notes.warnings.filter((warning) => !warning.includes('partial_images')) };
}
