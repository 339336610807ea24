import { present } from '../src/base/assert.ts';
import type { WeightsEntry } from '../src/core/models/weights.ts';
import { weightsCatalog } from '../src/platform/models/weights-catalog.ts';

/** The page whose tables are written. */
export const CHOICE_PAGE = new URL('../docs/choosing-models.md', import.meta.url);

/** A machine by its memory, and models that go on it together. */
interface MachineChoice {
  readonly memoryGigabytes: number;
  readonly speaks: readonly string[];
  readonly hears: readonly string[];
  readonly tellsSpeakers?: readonly string[];
}

/** Speakers are told apart by turns and by voices. */
const SPEAKERS = ['sherpa/pyannote-segmentation-3.0', 'sherpa/3dspeaker-campplus-zh-en'];

const CHOICES: readonly MachineChoice[] = [
  { memoryGigabytes: 1, speaks: [], hears: ['whisper/tiny-q5_1'] },
  { memoryGigabytes: 2, speaks: ['sherpa/kitten-nano-en'], hears: ['whisper/base-q5_1'] },
  { memoryGigabytes: 4, speaks: ['sherpa/kokoro-multi'], hears: ['whisper/small-q5_1'] },
  {
    memoryGigabytes: 8,
    speaks: ['sherpa/kokoro-multi', 'sherpa/pocket-en'],
    hears: ['whisper/large-v3-turbo-q5_0', 'sherpa/parakeet-tdt-0.6b-v3'],
    tellsSpeakers: SPEAKERS,
  },
  {
    memoryGigabytes: 16,
    speaks: ['sherpa/kokoro-multi', 'sherpa/pocket-en', 'sherpa/zipvoice-zh-en'],
    hears: ['whisper/large-v3-turbo', 'sherpa/parakeet-tdt-0.6b-v3'],
    tellsSpeakers: SPEAKERS,
  },
];

/** The share of a machine's memory that models may take: the rest is the server's, the system's and the recordings'. */
const MOST_OF_MEMORY = 0.5;

/** Which models fit which machine, as a table. Throws when some do not fit. */
export function choiceTable(): string {
  const rows = CHOICES.map((choice) => {
    const { memoryGigabytes, speaks, hears, tellsSpeakers = [] } = choice;
    const needed = withNeeds([...speaks, ...hears, ...tellsSpeakers]);
    const bytes = sum(needed.map(({ memoryBytes }) => memoryBytes));
    if (bytes > memoryGigabytes * 1e9 * MOST_OF_MEMORY) throw new Error(`${bytes} bytes do not fit`);
    const named = (ids: readonly string[], none: string) =>
      ids.length === 0 ? none : ids.map((id) => `\`${id}\``).join(', ');
    return [
      `${memoryGigabytes} GB`,
      named(speaks, 'flite and espeak, which come along'),
      named(hears, '–'),
      named(tellsSpeakers, '–'),
      downloadText(needed),
      gigabytes(bytes),
    ];
  });
  return table(
    ['memory', 'speaks', 'hears', 'tells speakers apart', 'to fetch', 'memory of the models'],
    rows,
  );
}

/** The entries of these models and of what they need. */
function withNeeds(ids: readonly string[]): readonly WeightsEntry[] {
  const entries = ids.map((id) =>
    present(
      weightsCatalog.find((entry) => entry.id === id),
      id,
    ),
  );
  const needed = entries.flatMap(({ needs = [] }) => needs);
  const missing = [...new Set(needed)].filter((id) => !ids.includes(id));
  return missing.length === 0 ? entries : withNeeds([...ids, ...missing]);
}

function downloadText(entries: readonly WeightsEntry[]): string {
  const isWhole = entries.every(({ files, folders }) => !folders && files.every(({ bytes }) => bytes));
  const bytes = sum(entries.flatMap(({ files }) => files.map((file) => file.bytes ?? 0)));
  return isWhole ? gigabytes(bytes) : `more than ${gigabytes(bytes)}`;
}

/** Bytes as people read them. */
export function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A page with another text between the two comments that name a part of it. */
export function withPart(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->\n`, `\n<!-- end of ${name} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`The page has no part '${name}'.`);
  return page.slice(0, start + open.length) + text + page.slice(end);
}
