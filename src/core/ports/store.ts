import type { Grant } from '../access/grant.ts';
import type { DictionaryRecord, DictionaryVersion } from '../dictionaries/dictionary-record.ts';
import type { StoredFile } from '../files/file-service.ts';
import type { HistoryQuery, HistoryRecord } from '../history/history-record.ts';
import type {
  ConsentRecord,
  PlacedVoice,
  VoicePlace,
  VoiceQuery,
  VoiceRecord,
} from '../voices/voice-record.ts';
import type { JobStore } from './job-store.ts';
import type { UsageStore } from './usage-store.ts';

/** An API key as it is kept: only the hash of its secret. */
export interface KeyRecord extends Grant {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the secret that it has now, 64 hexadecimal digits. */
  readonly hash: string;
  /** The first characters of the secret, to recognise it by. */
  readonly hint: string;
  /** All times are milliseconds since 1970. */
  readonly createdAt: number;
  /** When its secret was replaced last. */
  readonly rotatedAt: number | undefined;
  /** From when on it opens nothing. */
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
}

/** A secret that a key has or had. */
export interface KeySecret {
  readonly key: KeyRecord;
  readonly hash: string;
  /** From when on it does not count any more; undefined for the secret that the key has now. */
  readonly validUntil: number | undefined;
}

/** The secret that takes the place of another one. */
export interface NewSecret {
  readonly hash: string;
  readonly hint: string;
  readonly rotatedAt: number;
  /** Until when the replaced secret counts. */
  readonly formerUntil: number;
}

/** Keeps API keys. */
export interface KeyStore {
  add(record: KeyRecord): Promise<void>;
  /** In the order of making, revoked ones too. */
  list(): Promise<readonly KeyRecord[]>;
  /** Whether there is any, revoked or not. */
  any(): Promise<boolean>;
  find(id: string): Promise<KeyRecord | undefined>;
  /** The secret with a hash, whether it still counts or not. */
  findSecret(hash: string): Promise<KeySecret | undefined>;
  /** Changes what a key is good for; false when there is no such key or it is revoked. */
  change(id: string, terms: Pick<KeyRecord, 'name' | 'expiresAt' | keyof Grant>): Promise<boolean>;
  /** Replaces the secret; false when there is no such key or it is revoked. */
  rotate(id: string, secret: NewSecret): Promise<boolean>;
  /** Marks a key as revoked; false when there is no such key or it is revoked already. */
  revoke(id: string, revokedAt: number): Promise<boolean>;
}

/**
 * Keeps voices that were added, with their samples. `ownerIds` are the owners whose rows the caller may see.
 * Lists are in the order of making.
 */
export interface VoiceStore {
  add(record: VoiceRecord): Promise<void>;
  find(id: string, ownerIds: readonly string[]): Promise<VoiceRecord | undefined>;
  /** Those with this name or id, without regard to case, in the order of making. */
  findNamed(name: string, ownerIds: readonly string[]): Promise<readonly VoiceRecord[]>;
  list(ownerIds: readonly string[]): Promise<readonly VoiceRecord[]>;
  /** A page of them, which costs as much as it holds, not as much as there are. */
  page(query: VoiceQuery): Promise<readonly PlacedVoice[]>;
  /** Where the voice with this id stands. */
  placeOf(id: string, ownerIds: readonly string[]): Promise<VoicePlace | undefined>;
  /** How many there are. */
  count(ownerIds: readonly string[]): Promise<number>;
  /** Puts the record in the place of the one with the same id and owner; false when there is none. */
  replace(record: VoiceRecord): Promise<boolean>;
  remove(id: string, ownerId: string): Promise<boolean>;
}

/** Keeps recorded consents. */
export interface ConsentStore {
  add(record: ConsentRecord): Promise<void>;
  find(id: string, ownerId: string): Promise<ConsentRecord | undefined>;
  list(ownerId: string): Promise<readonly ConsentRecord[]>;
  replace(record: ConsentRecord): Promise<boolean>;
  remove(id: string, ownerId: string): Promise<boolean>;
}

/** Keeps what was spoken. */
export interface HistoryStore {
  add(record: HistoryRecord): Promise<void>;
  find(id: string, ownerId: string): Promise<HistoryRecord | undefined>;
  findByRequest(requestId: string, ownerId: string): Promise<HistoryRecord | undefined>;
  list(query: HistoryQuery): Promise<readonly HistoryRecord[]>;
  /** Of all owners, the oldest first; `before` is in milliseconds since 1970, exclusive. */
  listOldest(query: { readonly limit: number; readonly before?: number }): Promise<readonly HistoryRecord[]>;
  /** Bytes of sound of all owners together. */
  totalBytes(): Promise<number>;
  remove(id: string, ownerId: string): Promise<boolean>;
}

/** Keeps pronunciation dictionaries and all their versions. */
export interface DictionaryStore {
  /** A new dictionary with its first version. */
  add(record: DictionaryRecord, version: DictionaryVersion): Promise<void>;
  find(id: string, ownerId: string): Promise<DictionaryRecord | undefined>;
  list(ownerId: string): Promise<readonly DictionaryRecord[]>;
  /** How many an owner has. */
  count(ownerId: string): Promise<number>;
  /** Puts the record in the place of the one with the same id and owner; false when there is none. */
  replace(record: DictionaryRecord): Promise<boolean>;
  /** The same, and keeps a new version with it, both or neither. */
  replaceWithVersion(record: DictionaryRecord, version: DictionaryVersion): Promise<boolean>;
  findVersion(dictionaryId: string, versionId: string): Promise<DictionaryVersion | undefined>;
  /** How many versions a dictionary has. */
  countVersions(dictionaryId: string): Promise<number>;
  /** Forgets all dictionaries of an owner with all their versions, and says how many dictionaries that was. */
  removeOf(ownerId: string): Promise<number>;
}

/** Keeps what is known about files; their bytes are blobs. */
export interface FileStore {
  /** Takes the place of the file with the same id, unless that is somebody else's: then false, and nothing changes. */
  put(file: StoredFile): Promise<boolean>;
  find(id: string, ownerId: string): Promise<StoredFile | undefined>;
  /** Whoever owns it: for those who hold a signed address. */
  findAnyones(id: string): Promise<StoredFile | undefined>;
  remove(id: string, ownerId: string): Promise<boolean>;
  /** Some of an owner's, expired or not. */
  listOf(ownerId: string, limit: number): Promise<readonly StoredFile[]>;
  /** Of all owners, those that have expired. */
  listExpired(now: number, limit: number): Promise<readonly StoredFile[]>;
}

/** Keeps secrets of the installation, which all its processes share. */
export interface SecretStore {
  /** 32 random bytes, the same for a name for ever. */
  getOrCreate(name: string): Promise<Uint8Array>;
}

/** Everything that outlives the process, in narrow parts. */
export interface Store {
  readonly keys: KeyStore;
  readonly voices: VoiceStore;
  readonly consents: ConsentStore;
  readonly history: HistoryStore;
  readonly dictionaries: DictionaryStore;
  readonly jobs: JobStore;
  readonly files: FileStore;
  readonly secrets: SecretStore;
  readonly usage: UsageStore;
  /** Throws when nothing can be written at this moment. */
  check(): Promise<void>;
  close(): Promise<void>;
}
