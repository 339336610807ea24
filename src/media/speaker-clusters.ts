/** A stretch of speech of one voice, as the clusters are told of it. */
export interface VoiceSample {
  /** Its place among all that were added; the first has 0. */
  readonly id: number;
  readonly embedding: Float32Array;
  /** How much of the voice was heard. A voice that was heard too little is taken for the one that it is most alike. */
  readonly seconds: number;
  /** Ids of samples that are certainly of other voices. */
  readonly unlike?: readonly number[];
}

/** Samples that are of one voice, by their ids. */
export interface VoiceGroup {
  /** Of a voice that was introduced. */
  readonly name?: string;
  readonly samples: ReadonlySet<number>;
}

/** How voices are told apart. */
export interface ClusterOptions {
  /** Cosine similarity, -1..1, from which two voices are the same. */
  readonly threshold: number;
  /** Most unknown voices; when there are more, those that are least missed join others. */
  readonly most?: number;
  /** The threshold instead, where the usual one makes fewer voices than `most`, and this one makes as many. */
  readonly strictThreshold?: number;
}

/** Finds out which stretches of speech are of one voice. */
export interface SpeakerClusters {
  /** Makes a voice known by name. Introduced voices are never taken for one another. */
  introduce(name: string, embedding: Float32Array): void;
  add(sample: VoiceSample): void;
  /** All samples so far, by voices, in order of their first samples; introduced voices that were not heard are left out. */
  groups(): VoiceGroup[];
}

/** What was heard of a voice must be this much in all: less is not reliable enough to be somebody. */
const LEAST_SECONDS = 0.4;
/** So many stretches are compared with each other; before there are more, the most alike become one. */
const MOST_CELLS = 256;
const CELLS_AFTER_MERGING = 128;
/** Longer samples say hardly more about a voice. */
const HEAVIEST_SECONDS = 10;
/** What a clip that introduces a voice counts. */
const REFERENCE_SECONDS = 5;
const NEVER = Number.NEGATIVE_INFINITY;

interface Cell {
  readonly name?: string;
  readonly sum: Float32Array;
  readonly weight: number;
  readonly samples: Set<number>;
  readonly unlike: Set<number>;
}

/**
 * Agglomerative clustering: the two most alike voices become one until no two are alike enough. Memory does not grow
 * with the recording, but for some bytes for each sample.
 */
export function createSpeakerClusters(options: ClusterOptions): SpeakerClusters {
  let cells: Cell[] = [];
  return {
    introduce: (name, embedding) => {
      cells.push({ ...cellOf({ id: -1, embedding, seconds: REFERENCE_SECONDS }), name, samples: new Set() });
    },
    add: (sample) => {
      cells.push(cellOf(sample));
      if (cells.length >= MOST_CELLS) {
        cells = merged(cells, (_, left) => left > CELLS_AFTER_MERGING);
      }
    },
    groups: () =>
      voicesOf(cells, options)
        .filter(({ samples }) => samples.size > 0)
        .map(({ name, samples }) => ({
          group: { samples, ...(name === undefined ? {} : { name }) },
          first: Math.min(...samples),
        }))
        .toSorted((a, b) => a.first - b.first)
        .map(({ group }) => group),
  };
}

function cellOf({ id, embedding, seconds, unlike = [] }: VoiceSample): Cell {
  const weight = Math.min(seconds, HEAVIEST_SECONDS);
  const scale = weight / (Math.hypot(...embedding) || 1);
  return {
    sum: embedding.map((value) => value * scale),
    weight,
    samples: new Set([id]),
    unlike: new Set(unlike),
  };
}

function voicesOf(cells: readonly Cell[], options: ClusterOptions): Cell[] {
  const { threshold, most, strictThreshold } = options;
  const usual = alikeAs(cells, threshold);
  if (most === undefined) return usual;
  const strict =
    strictThreshold !== undefined && unknownIn(usual) < most ? alikeAs(cells, strictThreshold) : usual;
  const found = unknownIn(strict) >= most ? strict : usual;
  const limit = most + found.length - unknownIn(found);
  return merged(found, (_, left) => left > limit, lossOf);
}

function unknownIn(found: readonly Cell[]): number {
  return found.filter(({ name }) => name === undefined).length;
}

function alikeAs(cells: readonly Cell[], threshold: number): Cell[] {
  const found = merged(cells, (likeness) => likeness >= threshold);
  return withoutScraps(found.filter(({ samples }) => samples.size > 0));
}

/** Voices of which too little was heard are taken for those that they are most alike. */
function withoutScraps(heard: readonly Cell[]): Cell[] {
  const isScrap = ({ name, weight }: Cell) => name === undefined && weight < LEAST_SECONDS;
  const [scraps, voices] = [heard.filter(isScrap), heard.filter((cell) => !isScrap(cell))];
  if (voices.length === 0) return merged(scraps, () => true);
  for (const scrap of scraps) {
    const likenesses = voices.map((voice) => likenessOf(voice, scrap));
    const best = likenesses.indexOf(Math.max(...likenesses));
    const voice = voices[best];
    if (voice) voices[best] = join(voice, scrap);
  }
  return voices;
}

/** What is lost when two voices become one: much when both were heard for long. Nobody is made a known voice by force. */
function lossOf(a: Cell, b: Cell): number {
  if (a.name !== undefined || b.name !== undefined) return NEVER;
  const likeness = likenessOf(a, b);
  return likeness === NEVER ? NEVER : -((a.weight * b.weight) / (a.weight + b.weight)) * (1 - likeness);
}

/** Joins the two cells with the highest score again and again, as long as it is wanted. */
function merged(
  cells: readonly Cell[],
  wanted: (score: number, left: number) => boolean,
  score: (a: Cell, b: Cell) => number = likenessOf,
): Cell[] {
  const left = [...cells];
  const scores = left.map((a, row) => left.slice(0, row).map((b) => score(a, b)));
  for (;;) {
    const best = highest(scores);
    if (!best || best.score === NEVER || !wanted(best.score, left.length)) return left;
    const [a, b] = [left[best.column], left[best.row]];
    if (!a || !b) return left;
    const joined = join(a, b);
    left.splice(best.row, 1);
    scores.splice(best.row, 1);
    for (const row of scores.slice(best.row)) row.splice(best.row, 1);
    left[best.column] = joined;
    left.forEach((other, index) => {
      if (index === best.column) return;
      const [row, column] = index > best.column ? [index, best.column] : [best.column, index];
      const line = scores[row];
      if (line) line[column] = score(joined, other);
    });
  }
}

function highest(scores: readonly (readonly number[])[]) {
  let best: { readonly row: number; readonly column: number; readonly score: number } | undefined;
  for (const [row, line] of scores.entries()) {
    let column = 0;
    for (let index = 1; index < line.length; index += 1) {
      if ((line[index] ?? NEVER) > (line[column] ?? NEVER)) column = index;
    }
    const score = line[column] ?? Number.NEGATIVE_INFINITY;
    if (score > (best?.score ?? Number.NEGATIVE_INFINITY)) best = { row, column, score };
  }
  return best;
}

function join(a: Cell, b: Cell): Cell {
  const name = a.name ?? b.name;
  return {
    sum: a.sum.map((value, index) => value + (b.sum[index] ?? 0)),
    weight: a.weight + b.weight,
    samples: new Set([...a.samples, ...b.samples]),
    unlike: new Set([...a.unlike, ...b.unlike]),
    ...(name === undefined ? {} : { name }),
  };
}

/** Cosine similarity; `NEVER` for what is certainly not of one voice. */
function likenessOf(a: Cell, b: Cell): number {
  if (a.name !== undefined && b.name !== undefined) return NEVER;
  if (knowsToBeUnlike(a, b) || knowsToBeUnlike(b, a)) return NEVER;
  let [dot, one, other] = [0, 0, 0];
  // Counted by hand: this line is where the time goes.
  for (let index = 0; index < a.sum.length; index += 1) {
    const value = a.sum[index] ?? 0;
    const second = b.sum[index] ?? 0;
    dot += value * second;
    one += value * value;
    other += second * second;
  }
  return one === 0 || other === 0 ? 0 : dot / Math.sqrt(one * other);
}

function knowsToBeUnlike(a: Cell, b: Cell): boolean {
  for (const id of a.unlike) if (b.samples.has(id)) return true;
  return false;
}
