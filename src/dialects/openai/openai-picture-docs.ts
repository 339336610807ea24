import { form, json, type OperationDocs } from '../operation-docs.ts';
import { references } from './openai-image-body.ts';
import { editFields, generationFields, variationFields } from './openai-image-fields.ts';
import { change, creation, extension, remix } from './openai-video-request.ts';
import { contentQuery, listQuery } from './openai-videos.ts';

const PICTURES = { tag: 'Pictures' };
const FILMS = { tag: 'Films' };
const EVENTS = ['text/event-stream'];

const DOT =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mOQs6kgCTGMahjVMHw1AABL39IBzHWNKAAAAABJRU5ErkJggg==';

const FILM = {
  video_id: { about: 'What making it answered.', example: 'video_0123456789abcdef0123456789abcdef' },
};
const SOURCE = { holds: 'recording', about: 'The film, where it was not made here.' } as const;

/** Pictures and films. */
export const pictureDocs: Readonly<Record<string, OperationDocs>> = {
  'POST /images/generations': {
    ...PICTURES,
    summary: 'Make pictures',
    about:
      'With `stream: true` previews and pictures arrive as events. Beside the fields of the vendor, `seed`, `steps`, `guidance_scale` and `negative_prompt` reach models that know them.',
    bodies: [
      json(generationFields, {
        picture: { prompt: 'A lighthouse at dusk', size: '1024x1024', output_format: 'png' },
        events: { prompt: 'A lighthouse at dusk', stream: true, partial_images: 1 },
      }),
    ],
    gives: EVENTS,
  },
  'POST /images/edits': {
    ...PICTURES,
    summary: 'Change pictures',
    about:
      'Up to 16 pictures, as files (`image`, `image[]`) or, in JSON, by address or data URL. What the mask leaves transparent is changed, and the rest is kept.',
    bodies: [
      form({
        schema: editFields,
        files: {
          image: { holds: 'picture', about: 'The picture, or `image[]` for several.', required: true },
          mask: { holds: 'picture', about: 'Of the same size as the first picture.' },
        },
        examples: { form: { prompt: 'Make it night' } },
      }),
      json(editFields.extend(references.shape), {
        address: { prompt: 'Make it night', images: [{ image_url: DOT }] },
      }),
    ],
    gives: EVENTS,
  },
  'POST /images/variations': {
    ...PICTURES,
    summary: 'Make pictures like one',
    bodies: [
      form({
        schema: variationFields,
        files: { image: { holds: 'picture', about: 'The picture.', required: true } },
        examples: { form: { n: '1', size: '256x256' } },
      }),
    ],
  },
  'POST /videos': {
    ...FILMS,
    summary: 'Order a film',
    about:
      'Films are made in jobs: ask for the film by its id until `status` is `completed`, then fetch its content.',
    bodies: [
      json(creation, { film: { prompt: 'Waves on a beach', seconds: '4', size: '720x1280' } }),
      form({
        schema: creation,
        files: { input_reference: { holds: 'picture', about: 'The first frame, of the size of the film.' } },
        examples: { form: { prompt: 'Waves on a beach' } },
      }),
    ],
  },
  'GET /videos': { ...FILMS, summary: 'List films', query: listQuery },
  'GET /videos/:video_id': { ...FILMS, summary: 'Show how a film is coming along', path: FILM },
  'GET /videos/:video_id/content': {
    ...FILMS,
    summary: 'Fetch a film, its thumbnail or a sheet of its frames',
    path: FILM,
    query: contentQuery,
    gives: ['video/mp4', 'image/webp', 'image/jpeg'],
  },
  'DELETE /videos/:video_id': { ...FILMS, summary: 'Delete a film, or end its making', path: FILM },
  'POST /videos/:video_id/remix': {
    ...FILMS,
    summary: 'Make a film again, with a change',
    path: FILM,
    bodies: [json(remix, { remix: { prompt: 'The same, in winter' } })],
  },
  'POST /videos/edits': {
    ...FILMS,
    summary: 'Change a film',
    about: '`video` is a file of yours, or the film that was made here: `{"id": "video_…"}`.',
    bodies: [
      json(change, { edit: { prompt: 'Make it night', video: { id: FILM.video_id.example } } }),
      form({ schema: change, files: { video: SOURCE }, examples: {} }),
    ],
  },
  'POST /videos/extensions': {
    ...FILMS,
    summary: 'Let a film go on',
    bodies: [
      json(extension, {
        extension: { prompt: 'The tide comes in', seconds: '4', video: { id: FILM.video_id.example } },
      }),
      form({ schema: extension, files: { video: SOURCE }, examples: {} }),
    ],
  },
  'POST /videos/characters': {
    ...FILMS,
    summary: 'Keep a character (refused)',
    about: 'No model here keeps characters from film to film.',
    refuses: true,
  },
  'GET /videos/characters/:character_id': {
    ...FILMS,
    summary: 'Show a character (refused)',
    path: { character_id: { about: 'There are none.', example: 'char_123' } },
    refuses: true,
  },
};
