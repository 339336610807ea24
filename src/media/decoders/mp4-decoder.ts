import { BufferSource } from 'mediabunny';
import type { ByteReader } from './byte-reader.ts';
import { notAudio, truncatedFile } from './decode-refusals.ts';
import type { ContainerDecoder, OpenedSound } from './sound-block.ts';
import { openTrackFile } from './track-decoder.ts';

/**
 * M4A, MP4 and QuickTime, films included. The table of contents may come last, so the whole file is held in
 * memory, but never its decoded sound.
 */
export const mp4Decoder: ContainerDecoder = { container: 'mp4', open: openMp4 };

async function openMp4(bytes: ByteReader): Promise<OpenedSound> {
  const file = await bytes.takeRest();
  const { cut, contents } = walkBoxes(file);
  if (!contents) {
    if (cut) throw truncatedFile('MP4', 'its table of contents is missing');
    throw notAudio('The MP4 file has no table of contents.');
  }
  return openTrackFile({
    container: 'mp4',
    label: 'MP4',
    source: new BufferSource(file),
    isCut: () => cut,
    complete: true,
  });
}

/** Goes over the outermost boxes: is the table of contents there, and does the last one end with the file? */
function walkBoxes(file: Uint8Array): { readonly cut: boolean; readonly contents: boolean } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let contents = false;
  let offset = 0;
  while (offset + 8 <= file.length) {
    const short = view.getUint32(offset);
    const type = new TextDecoder('latin1').decode(file.subarray(offset + 4, offset + 8));
    const long = short === 1 && offset + 16 <= file.length;
    const size = long ? Number(view.getBigUint64(offset + 8)) : short;
    if (type === 'moov') contents = offset + size <= file.length;
    if (short === 0) return { cut: false, contents };
    if (size < 8) return { cut: true, contents };
    offset += size;
  }
  return { cut: offset !== file.length, contents };
}
