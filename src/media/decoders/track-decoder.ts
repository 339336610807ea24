import { ALL_FORMATS, EncodedPacketSink, Input } from 'mediabunny';
import type { EncodedPacket, InputAudioTrack, Source } from 'mediabunny';
import { noSoundTrack, notAudio, truncatedFile, unsupportedCodec } from './decode-refusals.ts';
import { dropFrames, framesOf, keepFrames } from './sound-block.ts';
import type { OpenedSound, SoundBlock } from './sound-block.ts';
import { openTrackCodec } from './track-codecs.ts';
import type { TrackCodec } from './track-codecs.ts';

/** A file whose packets mediabunny finds. */
export interface TrackFile {
  readonly container: string;
  /** As a message names it. */
  readonly label: string;
  readonly source: Source;
  /** Whether the file ends before its own tables say, as far as it was read. */
  isCut(): boolean;
  /** Whether all of the file is at hand, so that its tables tell the duration. */
  readonly complete: boolean;
}

/** Opens the main sound track of a file with tracks, be it a film. */
export async function openTrackFile(file: TrackFile): Promise<OpenedSound> {
  const input = new Input({ source: file.source, formats: ALL_FORMATS });
  try {
    const track = await findTrack(input, file);
    const codec = await openCodec(track, file.label);
    const opened = {
      container: file.container,
      codec: codec.name,
      blocks: decodeTrack(file, { input, track, codec }),
    };
    if (!file.complete || file.isCut()) return opened;
    return { ...opened, durationSeconds: await track.computeDuration() };
  } catch (error) {
    input.dispose();
    throw error;
  }
}

async function findTrack(input: Input, file: TrackFile): Promise<InputAudioTrack> {
  let track: InputAudioTrack | null;
  try {
    track = await input.getPrimaryAudioTrack();
  } catch (cause) {
    if (file.isCut()) throw truncatedFile(file.label);
    throw notAudio(`The ${file.label} file is broken and cannot be read.`, cause);
  }
  if (track) return track;
  throw file.isCut() ? truncatedFile(file.label) : noSoundTrack(file.label);
}

async function openCodec(track: InputAudioTrack, label: string): Promise<TrackCodec> {
  const name = await track.getCodec();
  const config: TrackConfig | null = name === null ? null : await track.getDecoderConfig();
  if (name === null || !config) throw unsupportedCodec(label, 'a codec that is not known');
  const { numberOfChannels: channels, sampleRate } = config;
  return openTrackCodec({ name, channels, sampleRate, description: toBytes(config.description) }, label);
}

/** The part that is read of a configuration, as WebCodecs defines it. */
interface TrackConfig {
  readonly description?: ArrayBuffer | ArrayBufferView;
  readonly numberOfChannels: number;
  readonly sampleRate: number;
}

function toBytes(source: ArrayBuffer | ArrayBufferView | undefined): Uint8Array | undefined {
  if (!source) return undefined;
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return new Uint8Array(source);
}

async function* decodeTrack(
  file: TrackFile,
  open: { readonly input: Input; readonly track: InputAudioTrack; readonly codec: TrackCodec },
): AsyncGenerator<SoundBlock> {
  const { decoder, preSkip, perBlock } = open.codec;
  const trim = createTrim(preSkip);
  let batch: EncodedPacket[] = [];
  const flush = async (final: boolean): Promise<SoundBlock[]> => {
    const packets = batch;
    batch = [];
    const block = await decoder.decode(packets.map(({ data }) => data));
    const [last] = packets.slice(-1);
    return block ? trim(block, final && last ? last : undefined) : [];
  };
  try {
    for await (const packet of new EncodedPacketSink(open.track).packets()) {
      if (batch.length >= perBlock) yield* await flush(false);
      trim.begin(packet);
      batch.push(packet);
    }
    yield* await flush(file.complete && !file.isCut());
  } catch (error) {
    yield* await flush(false);
    throw error;
  } finally {
    decoder.free();
    open.input.dispose();
  }
  if (file.isCut()) throw truncatedFile(file.label, 'the end of its sound is missing');
}

interface Trim {
  (block: SoundBlock, last: EncodedPacket | undefined): SoundBlock[];
  begin(packet: EncodedPacket): void;
}

/** Sound before time 0 is the encoder's preparation, and sound after the last packet's end is its padding. */
function createTrim(preSkip: number): Trim {
  let firstTimestamp: number | undefined;
  let position: number | undefined;
  const trim = (block: SoundBlock, last: EncodedPacket | undefined): SoundBlock[] => {
    const lead = Math.max(preSkip, Math.round(-(firstTimestamp ?? 0) * block.sampleRate));
    position ??= -Math.max(0, lead);
    const end = last
      ? Math.round((last.timestamp + last.duration) * block.sampleRate)
      : Number.POSITIVE_INFINITY;
    const shift = Math.max(0, Math.round((firstTimestamp ?? 0) * block.sampleRate));
    const kept = last && last.duration > 0 ? keepFrames(block, end - shift - position) : block;
    const placed = dropFrames(kept, -position);
    position += framesOf(block);
    return framesOf(placed) > 0 ? [placed] : [];
  };
  return Object.assign(trim, {
    begin: (packet: EncodedPacket) => {
      firstTimestamp ??= packet.timestamp;
    },
  });
}
