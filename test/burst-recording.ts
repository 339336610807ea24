/** What a recording is made of: one burst of sound for each entry, as high as it says. */
export interface BurstRecording {
  /** Hertz of the bursts, in order; 0 for a pause. */
  readonly bursts: readonly number[];
  /** Silence at the end; 0.2 s unless told. */
  readonly silenceSeconds?: number;
}

/** Seconds from the start of one burst to the start of the next. */
const BURST_SECONDS = 0.6;

const SAMPLE_RATE = 16_000;
const SOUNDING_SECONDS = 0.4;
const HARMONICS = [1, 0.5, 0.3, 0.2];

/** A WAV file (16 kHz, mono, 16 bit) of bursts that sound enough like a voice to be taken for one. */
export function burstRecording({ bursts: hertzes, silenceSeconds = 0.2 }: BurstRecording): Buffer {
  const samples = hertzes.flatMap((hertz) =>
    Array.from({ length: BURST_SECONDS * SAMPLE_RATE }, (_, index) => burst(hertz, index / SAMPLE_RATE)),
  );
  return wavFile([...samples, ...Array.from({ length: silenceSeconds * SAMPLE_RATE }, () => 0)]);
}

/** So many bursts of one voice. */
export function bursts(count: number, hertz = 150): readonly number[] {
  return Array.from({ length: count }, () => hertz);
}

/** Nothing but silence. */
export function silence(seconds: number): Buffer {
  return burstRecording({ bursts: [], silenceSeconds: seconds });
}

function burst(hertz: number, seconds: number): number {
  if (seconds >= SOUNDING_SECONDS) return 0;
  const swell = Math.min(1, seconds * 50, (SOUNDING_SECONDS - seconds) * 50);
  const tones = HARMONICS.map(
    (level, index) => level * Math.sin(2 * Math.PI * hertz * (index + 1) * seconds),
  );
  return 0.3 * swell * tones.reduce((sum, tone) => sum + tone, 0);
}

function wavFile(samples: readonly number[]): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length * 2, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length * 2, 40);
  const body = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, index) => body.writeInt16LE(Math.round(sample * 32_767), index * 2));
  return Buffer.concat([header, body]);
}
