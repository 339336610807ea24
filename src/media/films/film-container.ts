import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  Mp4OutputFormat,
  Output,
  type EncodedPacket,
} from 'mediabunny';

/** What a film of ours says of itself to us, so that another can be made from it: nothing here unpacks H.264. */
export interface FilmNote {
  readonly prompt: string;
  readonly negativePrompt?: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  /** JPEG of the picture that it began with; absent where the prompt was drawn. */
  readonly picture?: Uint8Array<ArrayBuffer>;
  /** JPEG of its last frame. */
  readonly lastFrame: Uint8Array<ArrayBuffer>;
}

/** Every film is written with these colours: those of standard television, which the encoder has. */
const COLOURS = {
  primaries: 'smpte170m',
  transfer: 'smpte170m',
  matrix: 'smpte170m',
  fullRange: false,
} as const;

/** Joins films of one codec configuration into one file that begins to play before it is there. */
export async function joinFilms(
  films: readonly Uint8Array<ArrayBuffer>[],
  framesPerSecond: number,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly frames: number }> {
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target });
  const source = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(source, { frameRate: framesPerSecond });
  await output.start();
  let frames = 0;
  let description: string | undefined;
  for (const film of films) {
    const { config, packets } = await openFilm(film);
    const own = JSON.stringify(Array.from(bytesOf(config.description)));
    if (description !== undefined && own !== description) throw new Error('The films are not encoded alike.');
    description = own;
    for await (const packet of packets) {
      const moved = packet.clone({
        timestamp: frames / framesPerSecond,
        duration: 1 / framesPerSecond,
        sequenceNumber: frames,
      });
      await source.add(moved, { decoderConfig: { ...config, colorSpace: COLOURS } });
      frames += 1;
    }
  }
  source.close();
  await output.finalize();
  if (!target.buffer) throw new Error('The film was not written.');
  const bytes = new Uint8Array(target.buffer);
  forgetTimes(bytes, [0, bytes.length]);
  return { bytes, frames };
}

/** Boxes that hold others on the way to those that say when a film was made (ISO/IEC 14496-12, 8.2, 8.3 and 8.4). */
const OUTER_BOXES: readonly string[] = ['moov', 'trak', 'mdia'];
const TIMED_BOXES: readonly string[] = ['mvhd', 'tkhd', 'mdhd'];

/** Clears when a film was made, so that the same film is the same file. All its boxes are of version 0. */
function forgetTimes(bytes: Uint8Array<ArrayBuffer>, [from, to]: readonly [number, number]): void {
  const file = Buffer.from(bytes.buffer);
  for (let at = from; at + 8 <= to; at += Math.max(8, file.readUInt32BE(at))) {
    const kind = file.toString('latin1', at + 4, at + 8);
    if (OUTER_BOXES.includes(kind)) forgetTimes(bytes, [at + 8, at + file.readUInt32BE(at)]);
    else if (TIMED_BOXES.includes(kind) && file[at + 8] === 0) bytes.fill(0, at + 12, at + 20);
  }
}

async function openFilm(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ readonly config: VideoDecoderConfig; readonly packets: AsyncIterable<EncodedPacket> }> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const track = await input.getPrimaryVideoTrack();
  const config = await track?.getDecoderConfig();
  if (!track || !config) throw new Error('There is no film in the file.');
  return { config, packets: new EncodedPacketSink(track).packets() };
}

function bytesOf(data: VideoDecoderConfig['description']): Uint8Array {
  if (data === undefined) return new Uint8Array();
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** The kind of box that is everybody's own (ISO/IEC 14496-12, 11.1), and the name of ours. Players pass over it. */
const BOX_KIND = 'uuid';
const BOX_NAME = '3f0c2d4e7b6148a59a1dc0f86e52b974';
const HEADER_BYTES = 24;

/** Adds a note at the end of a film. */
export function withNote(
  film: Uint8Array,
  { picture, lastFrame, ...facts }: FilmNote,
): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(
    JSON.stringify({ ...facts, pictureBytes: picture?.length ?? 0, lastFrameBytes: lastFrame.length }),
  );
  const head = Buffer.alloc(HEADER_BYTES + 4);
  const length = head.length + text.length + (picture?.length ?? 0) + lastFrame.length;
  head.writeUInt32BE(length, 0);
  head.write(BOX_KIND, 4, 'latin1');
  head.write(BOX_NAME, 8, 'hex');
  head.writeUInt32BE(text.length, HEADER_BYTES);
  return Uint8Array.from(Buffer.concat([film, head, text, picture ?? new Uint8Array(), lastFrame]));
}

/** Takes the note out of a film; undefined for a film that was not made here, or has been rewritten since. */
export function readNote(
  film: Uint8Array,
): { readonly note: FilmNote; readonly film: Uint8Array<ArrayBuffer> } | undefined {
  const file = Buffer.from(film.buffer, film.byteOffset, film.byteLength);
  let at = 0;
  while (at + HEADER_BYTES + 4 <= file.length) {
    const length = file.readUInt32BE(at);
    if (length < 8 || at + length > file.length) return undefined;
    const isOurs =
      file.toString('latin1', at + 4, at + 8) === BOX_KIND &&
      file.toString('hex', at + 8, at + HEADER_BYTES) === BOX_NAME;
    if (isOurs) {
      const note = parseNote(file.subarray(at + HEADER_BYTES, at + length));
      return (
        note && {
          note,
          film: Uint8Array.from(Buffer.concat([file.subarray(0, at), file.subarray(at + length)])),
        }
      );
    }
    at += length;
  }
  return undefined;
}

function parseNote(body: Buffer): FilmNote | undefined {
  const textBytes = body.readUInt32BE(0);
  const facts = parseJson(body.toString('utf8', 4, 4 + textBytes));
  const number = (name: string) =>
    typeof facts[name] === 'number' && Number.isFinite(facts[name]) ? facts[name] : undefined;
  const [seed, width, height, frames, framesPerSecond, pictureBytes, lastFrameBytes] = [
    'seed',
    'width',
    'height',
    'frames',
    'framesPerSecond',
    'pictureBytes',
    'lastFrameBytes',
  ].map(number);
  if (
    typeof facts['prompt'] !== 'string' ||
    seed === undefined ||
    !width ||
    !height ||
    !frames ||
    !framesPerSecond ||
    !lastFrameBytes
  ) {
    return undefined;
  }
  const pictureEnd = 4 + textBytes + (pictureBytes ?? 0);
  if (pictureEnd + lastFrameBytes > body.length) return undefined;
  return {
    prompt: facts['prompt'],
    ...(typeof facts['negativePrompt'] === 'string' ? { negativePrompt: facts['negativePrompt'] } : {}),
    seed,
    width,
    height,
    frames,
    framesPerSecond,
    ...(pictureBytes ? { picture: Uint8Array.from(body.subarray(4 + textBytes, pictureEnd)) } : {}),
    lastFrame: Uint8Array.from(body.subarray(pictureEnd, pictureEnd + lastFrameBytes)),
  };
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    // An object that JSON makes has strings for keys and anything for values.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Anybody can write a box of this name; what it holds is then no note.
    return {};
  }
}
