/**
 * Reads flite's own picture of an utterance out of its memory. The program can print words or phone times, but
 * never which phones belong to which stretch of text; the utterance knows. The structures are those of flite
 * 2.3 on a 32-bit machine (`cst_relation`, `cst_item`, `cst_features`, `cst_val` of its headers).
 */

/** A token of the text and when it is heard. Offsets are into the text that flite was given. */
export interface SpokenToken {
  readonly start: number;
  readonly end: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

interface Span {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Offsets of the fields of `cst_relation`, in bytes. */
const RELATION = { utterance: 8, head: 12 } as const;
/** Of `cst_item`. */
const ITEM = { contents: 0, relation: 4, next: 8, firstDaughter: 20 } as const;
/** Of `cst_featvalpair`; a `cst_features` begins with the first one's address. */
const FEATURE = { name: 0, value: 4, next: 8 } as const;
/** Of `cst_val`: its content. */
const VALUE_CONTENT = 4;
/** Of `cst_utterance`: its features, its functions, its relations. */
const UTTERANCE_RELATIONS = 8;

/** Words and tokens that have no sound, such as lone full stops, have no time and are left out. */
export function readSpokenTokens(memory: WebAssembly.Memory, heapStart: number, text: string): SpokenToken[] {
  const reader = createReader(memory);
  const relations = reader.features(reader.word(findUtterance(reader, heapStart) + UTTERANCE_RELATIONS));
  const headOf = (name: string) =>
    reader.word(reader.word((relations.get(name) ?? 0) + VALUE_CONTENT) + RELATION.head);
  const words = timeWords(reader, { segments: headOf('Segment'), words: headOf('SylStructure') });

  const tokens: SpokenToken[] = [];
  let cursor = 0;
  for (const token of reader.items(headOf('Token'))) {
    const name = reader.feature(token, 'name', reader.text) ?? '';
    const start = text.indexOf(name, cursor);
    // Flite rewrites a few tokens; such a one has no place in the text any more.
    if (name === '' || start < 0) continue;
    cursor = start + name.length;
    const spans = reader
      .daughters(token)
      .flatMap((word) => words.get(reader.word(word + ITEM.contents)) ?? []);
    const [first, last] = [spans[0], spans.at(-1)];
    if (!first || !last) continue;
    tokens.push({ start, end: cursor, startSeconds: first.startSeconds, endSeconds: last.endSeconds });
  }
  return tokens;
}

/** When each word sounds, by the address of what its items in all relations share. */
function timeWords(reader: Reader, heads: { segments: number; words: number }): Map<number, Span> {
  const phones = new Map<number, Span>();
  let clock = 0;
  for (const segment of reader.items(heads.segments)) {
    const endSeconds = reader.feature(segment, 'end', reader.float) ?? clock;
    phones.set(reader.word(segment + ITEM.contents), { startSeconds: clock, endSeconds });
    clock = endSeconds;
  }
  const words = new Map<number, Span>();
  for (const word of reader.items(heads.words)) {
    const segments = reader.daughters(word).flatMap((syllable) => reader.daughters(syllable));
    const spans = segments.flatMap((segment) => phones.get(reader.word(segment + ITEM.contents)) ?? []);
    const [first, last] = [spans[0], spans.at(-1)];
    if (!first || !last) continue;
    words.set(reader.word(word + ITEM.contents), {
      startSeconds: first.startSeconds,
      endSeconds: last.endSeconds,
    });
  }
  return words;
}

/**
 * Finds the utterance through the name of one of its relations: whatever points to the name and is pointed back
 * to by its own first item is that relation. Nothing on the heap but the utterance has all of the names.
 */
function findUtterance(reader: Reader, heapStart: number): number {
  for (const name of reader.find(Buffer.from('Segment\0'), heapStart)) {
    const pointer = Buffer.alloc(4);
    pointer.writeUInt32LE(name);
    for (const relation of reader.find(pointer, heapStart)) {
      if (relation % 4 !== 0) continue;
      const head = reader.word(relation + RELATION.head);
      if (head !== 0 && reader.word(head + ITEM.relation) === relation) {
        return reader.word(relation + RELATION.utterance);
      }
    }
  }
  throw new Error('The utterance was not found in the memory of flite.');
}

type Reader = ReturnType<typeof createReader>;

function createReader(memory: WebAssembly.Memory) {
  const bytes = Buffer.from(memory.buffer);
  // An address beyond the memory reads as zero, which ends every walk: only a wrong guess can have one.
  const word = (address: number) =>
    address > 0 && address + 4 <= bytes.length ? bytes.readUInt32LE(address) : 0;
  const text = (value: number) => {
    const address = word(value + VALUE_CONTENT);
    return bytes.toString('latin1', address, bytes.indexOf(0, address));
  };
  const float = (value: number) => bytes.readFloatLE(value + VALUE_CONTENT);
  const features = (list: number) => {
    const found = new Map<string, number>();
    for (let pair = word(list); pair !== 0; pair = word(pair + FEATURE.next)) {
      const name = word(pair + FEATURE.name);
      found.set(bytes.toString('latin1', name, bytes.indexOf(0, name)), word(pair + FEATURE.value));
    }
    return found;
  };
  const items = (head: number) => {
    const found: number[] = [];
    for (let item = head; item !== 0; item = word(item + ITEM.next)) found.push(item);
    return found;
  };
  return {
    word,
    text,
    float,
    features,
    items,
    daughters: (item: number) => items(word(item + ITEM.firstDaughter)),
    feature: <T>(item: number, name: string, read: (value: number) => T): T | undefined => {
      const value = features(word(word(item + ITEM.contents))).get(name);
      return value === undefined ? undefined : read(value);
    },
    *find(needle: Buffer, from: number): Generator<number> {
      for (let place = bytes.indexOf(needle, from); place >= 0; place = bytes.indexOf(needle, place + 1))
        yield place;
    },
  };
}
