import { BufferSource, Input, MP4 } from 'mediabunny';
import { AppError } from '../../base/errors.ts';

/** What a film in MP4 says of itself. */
export interface FilmFacts {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly framesPerSecond: number;
}

/** Reads a film's facts. Throws `engine_failed` for what is no MP4 with H.264, which browsers could not play. */
export async function readFilm(bytes: Uint8Array): Promise<FilmFacts> {
  const input = new Input({ source: new BufferSource(bytes), formats: [MP4] });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw noFilm('it has no pictures');
    if (track.codec !== 'avc')
      throw noFilm(`its pictures are in ${track.codec ?? 'an unknown codec'}, not in H.264`);
    const { packetCount, averagePacketRate } = await track.computePacketStats();
    if (packetCount === 0) throw noFilm('it has no frames');
    return {
      width: track.displayWidth,
      height: track.displayHeight,
      frames: packetCount,
      framesPerSecond: Math.round(averagePacketRate * 100) / 100,
    };
  } catch (error) {
    throw error instanceof AppError ? error : noFilm('it is no MP4 file', error);
  } finally {
    input.dispose();
  }
}

function noFilm(why: string, cause?: unknown): AppError {
  return new AppError('engine_failed', `The engine's film cannot be used: ${why}.`, {
    cause,
    reason: 'no_film',
  });
}
