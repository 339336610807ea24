import { probeAudio } from '../../media/decoders/probe.ts';

/**
 * What kind of file a recording is, by its first bytes and never by its name: `wav`, `mp3`, `flac` and so on; undefined
 * where it is no sound that can be read here.
 */
export function recordingKind(head: Uint8Array): string | undefined {
  return probeAudio(head)?.container;
}
