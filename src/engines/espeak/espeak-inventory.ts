import { plainIpa } from '../../media/text/ipa-sounds.ts';
import type { EspeakProgram } from './espeak-program.ts';

/** The sounds of a voice: IPA, as `plainIpa` spells it, and the letters with which espeak is asked for it. */
export interface EspeakInventory {
  readonly sounds: readonly (readonly [ipa: string, mnemonic: string])[];
  /** The vowels that are heard where the stress is. */
  readonly stressed: readonly (readonly [ipa: string, mnemonic: string])[];
}

/** The layout of espeak's table of sounds (`phontab`, espeak-ng 1.51), in bytes. */
const TABLE = { header: 4, tableHeader: 36, name: 4, entry: 16, mnemonic: 4, type: 11 } as const;
/** Types of entries that are sounds: vowels, then consonants up to nasals. */
const VOWEL = 2;
const LAST_CONSONANT = 8;

/** One thing that is said to find out what is heard. */
interface Trial {
  readonly mnemonic: string;
  readonly spelled: string;
  readonly kind: 'stressed' | 'unstressed' | 'consonant';
}

/**
 * Finds out which sounds a voice has, by letting it say every sound of its table and listening to what it reports:
 * the same letters are other sounds in other languages, with or without stress. Consonants are said before a
 * vowel, as some languages change them at the end of a word, and vowels before a consonant.
 */
export function takeInventory(espeak: EspeakProgram, voice: string): EspeakInventory {
  const trials = soundsOf(espeak.soundTable, espeak.tableOf(voice)).flatMap(trialsOf);
  let markup = '<prosody rate="x-fast">';
  const starts: number[] = [];
  for (const { spelled } of trials) {
    // Positions count from one, and are those of the sounds inside the brackets or of the brackets.
    starts.push(markup.length + 1);
    markup += `[[${spelled}]] `;
  }
  const heard: string[][] = trials.map(() => []);
  espeak.speak({ voice, markup: `${markup}</prosody>` }, (_, events) => {
    for (const event of events) {
      if (event.type !== 'phoneme' || typeof event.id !== 'string' || event.id === '') continue;
      heard[entryAt(starts, event.text_position)]?.push(event.id);
    }
    return false;
  });
  const results = trials.map((trial, index) => ({ ...trial, heard: heard[index] ?? [] }));
  return {
    sounds: chooseMnemonics(results.filter(({ kind }) => kind !== 'stressed')),
    stressed: chooseMnemonics(results.filter(({ kind }) => kind === 'stressed')),
  };
}

function trialsOf({ mnemonic, vowel }: Sound): Trial[] {
  const letters = mnemonic.replace(/[&<>]/gu, (mark) => ENTITIES[mark] ?? mark);
  if (!vowel) return [{ mnemonic, kind: 'consonant', spelled: `${letters}|@` }];
  return [
    { mnemonic, kind: 'unstressed', spelled: `${letters}|s` },
    { mnemonic, kind: 'stressed', spelled: `'${letters}|s` },
  ];
}

interface Sound {
  readonly mnemonic: string;
  readonly vowel: boolean;
}

interface SoundTable {
  readonly name: string;
  /** Number of the table that it adds to, from one; 0 for none. */
  readonly base: number;
  readonly sounds: readonly Sound[];
}

/** The sounds of a table and of those that it adds to; of all tables where there is none of that name. */
function soundsOf(bytes: Uint8Array, name: string): Sound[] {
  const tables = readTables(bytes);
  const own = tables.findIndex((table) => table.name === name);
  const chain: SoundTable[] = [];
  for (let table = tables[own]; table && !chain.includes(table); table = tables[table.base - 1])
    chain.push(table);
  const sounds = (own < 0 ? tables : chain).flatMap((table) => table.sounds);
  return [...new Map(sounds.map((sound) => [sound.mnemonic, sound])).values()];
}

function readTables(table: Uint8Array): SoundTable[] {
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.byteLength);
  const nameAt = (at: number, length: number) =>
    bytes.toString('latin1', at, at + length).replace(/\0.*$/su, '');
  let at = TABLE.header;
  return Array.from({ length: bytes.readUInt8(0) }, () => {
    const count = bytes.readUInt8(at);
    const base = bytes.readUInt8(at + 1);
    const name = nameAt(at + TABLE.name, TABLE.tableHeader - TABLE.name);
    at += TABLE.tableHeader;
    const entries = Array.from({ length: count }, (_, index) => at + index * TABLE.entry);
    at += count * TABLE.entry;
    const sounds = entries.flatMap((entry) => {
      const mnemonic = nameAt(entry, TABLE.mnemonic);
      const type = bytes.readUInt8(entry + TABLE.type);
      // A bar would part the letters of one sound.
      const usable = type >= VOWEL && type <= LAST_CONSONANT && /^[!-{}~]+$/u.test(mnemonic);
      return usable ? [{ mnemonic, vowel: type === VOWEL }] : [];
    });
    return { name, base, sounds };
  });
}

function entryAt(starts: readonly number[], position: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** For each sound the shortest letters that gave it and nothing else. */
function chooseMnemonics(
  trials: readonly (Trial & { readonly heard: readonly string[] })[],
): [ipa: string, mnemonic: string][] {
  const chosen = new Map<string, string>();
  for (const { mnemonic, kind, heard } of trials) {
    const [first = ''] = heard;
    // The sound itself and the one that it was said beside.
    if (heard.length !== 2 || (kind === 'stressed') !== /^[ˈˌ]/u.test(first)) continue;
    const ipa = plainIpa(first.replace(/[ˈˌ-]/gu, ''));
    const known = chosen.get(ipa);
    if (/\p{L}/u.test(ipa) && (known === undefined || mnemonic.length < known.length))
      chosen.set(ipa, mnemonic);
  }
  return [...chosen];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
