/** Letters by their signs. */
const LETTERS = new Map(
  `A.- B-... C-.-. D-.. E. F..-. G--. H.... I.. J.--- K-.- L.-.. M-- N-. O--- P.--. Q--.- R.-. S... T- U..- V...- W.-- X-..-
  Y-.-- Z--.. ..-.-.- ,--..--`
    .split(/\s+/)
    .map((entry) => [entry.slice(1), entry.charAt(0)]),
);

/** A text that was sent as tones of one pitch. */
export interface HeardMorse {
  readonly text: string;
  /** Of the tone, in hertz. */
  readonly pitch: number;
}

/** A stretch of tone or of silence. */
interface Stretch {
  readonly isTone: boolean;
  readonly start: number;
  readonly length: number;
}

const WINDOW_SECONDS = 0.004;
const LOUD = 0.08;

/** Reads Morse code by ear: how long is a tone against the shortest one, and how long a silence. */
export function hearMorse(samples: Float32Array, sampleRate: number): HeardMorse {
  const stretches = stretchesOf(samples, Math.round(WINDOW_SECONDS * sampleRate));
  const tones = stretches.filter(({ isTone }) => isTone);
  const dot = Math.min(...tones.map(({ length }) => length));
  const first = stretches.findIndex(({ isTone }) => isTone);
  const signs = stretches.slice(first).map(({ isTone, length }) => {
    const dots = length / dot;
    if (isTone) return dots < 2 ? '.' : '-';
    if (dots < 2) return '';
    return dots < 5 ? ' ' : ' / ';
  });
  const words = signs.join('').trim().split(' / ');
  const text = words.map((word) =>
    word
      .split(' ')
      .map((sign) => LETTERS.get(sign) ?? '�')
      .join(''),
  );
  const longest = tones.toSorted((one, other) => other.length - one.length)[0];
  return { text: text.join(' '), pitch: longest ? pitchOf(samples, longest, sampleRate) : 0 };
}

function stretchesOf(samples: Float32Array, window: number): Stretch[] {
  const found: Stretch[] = [];
  for (let start = 0; start + window <= samples.length; start += window) {
    const isTone = samples.subarray(start, start + window).some((sample) => Math.abs(sample) > LOUD);
    const last = found.at(-1);
    if (last?.isTone === isTone) found[found.length - 1] = { ...last, length: last.length + window };
    else found.push({ isTone, start, length: window });
  }
  return found;
}

/** By the way from the first to the last rise through zero. */
function pitchOf(samples: Float32Array, { start, length }: Stretch, sampleRate: number): number {
  const rises: number[] = [];
  for (let index = start + 1; index < start + length; index += 1) {
    const [before = 0, now = 0] = [samples[index - 1], samples[index]];
    if (before < 0 && now >= 0) rises.push(index - now / (now - before));
  }
  return ((rises.length - 1) * sampleRate) / ((rises.at(-1) ?? 0) - (rises[0] ?? 0));
}
