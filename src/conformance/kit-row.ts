import type { Ask, Reply } from './kit-asking.ts';
import type { KitSocket, SocketAddress } from './kit-socket.ts';

/** What a kind of generation is called on the command line (`--model speech=tts-1`). */
export type ModelKind = 'speech' | 'transcription' | 'sound' | 'music' | 'image' | 'edit' | 'video' | 'chat';

/** Something that a row can be besides a plain check. */
export type RowTag =
  /** Makes pictures, films, music, long texts or voices, or uploads much: done when the caller allows it. */
  | 'costly'
  /** Rests on a choice of ours, where the vendor says nothing or several things. */
  | 'ours'
  /** Asks for a model that nobody has, so an answer that says so is no reason to leave the row out. */
  | 'unknown-model';

/** One requirement of a contract, and how a server is held to it. */
export interface CheckedRow {
  readonly id: string;
  readonly section: string;
  /** One sentence. */
  readonly requires: string;
  readonly tags?: readonly RowTag[];
  /** Throws `Mismatch` for what is wrong, `Unchecked` for what cannot be told. */
  readonly check: (probe: Probe) => Promise<void>;
}

/** A requirement that cannot be seen over plain HTTP. */
export interface UncheckedRow {
  readonly id: string;
  readonly section: string;
  readonly requires: string;
  /** What would be needed. */
  readonly why: string;
}

export type KitRow = CheckedRow | UncheckedRow;

/** What a row has to ask with. */
export interface Probe {
  readonly costly: boolean;
  /** Where the API begins, without a slash at the end. */
  readonly base: string;
  /** Undefined where the server wants no key. */
  readonly key: string | undefined;
  /** Every answer so far, of all rows. */
  readonly replies: readonly Reply[];
  ask(ask: Ask): Promise<Reply>;
  get(path: string): Promise<Reply>;
  post(path: string, json: unknown): Promise<Reply>;
  open(address: SocketAddress): Promise<KitSocket>;
  /** What to ask when the row has ended, however it ends; the last first. That it is gone already is fine. */
  later(ask: Ask): void;
  model(kind: ModelKind): string;
  /** Somebody who speaks: the caller's recording, or what the server itself says, in WAV. */
  recording(): Promise<Uint8Array<ArrayBuffer>>;
  /** Waits between two looks at a job. */
  pause(): Promise<void>;
}

/** The rows of a dialect and what its requests have in common. */
export interface Kit {
  readonly id: string;
  readonly models: Readonly<Partial<Record<ModelKind, string>>>;
  readonly rows: readonly KitRow[];
  /** Where the API begins when the given address has no path. */
  readonly usualPath: string;
  credentials(key: string): Readonly<Record<string, string>>;
  /** Why the server cannot serve what was asked: it has no such model. Undefined where that is not what it says. */
  unserved(reply: Reply): string | undefined;
  /** Requests that take away what an answer shows to have been left behind. */
  leftBy(reply: Reply): readonly Ask[];
  /** Speaks a sentence, in WAV. */
  speak(probe: Probe): Promise<Uint8Array<ArrayBuffer>>;
}
