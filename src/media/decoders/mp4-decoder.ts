import { BufferSource } from 'mediabunny';
import type { ByteReader } from './byte-reader.ts';
import { notAudio, tooLargeToHold, truncatedFile } from './decode-refusals.ts';
import { surveyMp4 } from './mp4-tables.ts';
import type { ContainerDecoder, OpenedSound } from './sound-block.ts';
import { openTrackFile } from './track-decoder.ts';

/** Nine hours of sound at 128 kbit/s, longer than anything that is heard: what is larger is a film. */
const MOST_HELD_BYTES = 512 * 1024 * 1024;

/**
 * M4A, MP4 and QuickTime, films included. The table of contents may come last, so the whole file is held in
 * memory, but never its decoded sound.
 */
export const mp4Decoder: ContainerDecoder = { container: 'mp4', open: openMp4 };

async function openMp4(bytes: ByteReader): Promise<OpenedSound> {
  const file = await bytes.take(MOST_HELD_BYTES + 1);
  if (file.length > MOST_HELD_BYTES) throw tooLargeToHold('MP4', MOST_HELD_BYTES);
  const { cut, contents, plausible } = surveyMp4(file);
  if (!contents) {
    if (cut) throw truncatedFile('MP4', 'its table of contents is missing');
    throw notAudio('The MP4 file has no table of contents.');
  }
  if (!plausible) throw notAudio('The MP4 file has a broken table of contents.');
  return openTrackFile({
    container: 'mp4',
    label: 'MP4',
    source: new BufferSource(file),
    isCut: () => cut,
    complete: true,
  });
}
