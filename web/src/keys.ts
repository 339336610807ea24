import { load, post } from './connection.ts';
import type { KeyScopes } from './visitor.ts';

/** A key as the server shows it: without its secret. */
export interface Key {
  readonly id: string;
  readonly name: string;
  readonly role: 'admin' | 'user';
  readonly state: 'active' | 'expired' | 'revoked';
  readonly scopes: KeyScopes;
  readonly limits: Readonly<Record<string, number>>;
  /** How its secret begins. */
  readonly hint: string;
  readonly createdAt: string;
  readonly rotatedAt: string | null;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** A key in the only answer that tells its secret. */
export interface NewKey extends Key {
  readonly key: string;
}

/** What a key may be for, in the words of the server and for people. */
export const APIS = [
  ['openai', 'OpenAI'],
  ['elevenlabs', 'ElevenLabs'],
  ['eigen', 'Eigen AI'],
  ['aiml', 'AI/ML API'],
  ['antiphon', 'Antiphon'],
] as const;

/** What may be made with a key. */
export const CAPABILITIES = [
  ['speech', 'Speech'],
  ['conversion', 'Voice conversion'],
  ['transcription', 'Transcription'],
  ['sound', 'Sound effects'],
  ['music', 'Music'],
  ['image', 'Pictures'],
  ['video', 'Films'],
  ['chat', 'Chat'],
] as const;

/** How much a key may use. */
export const LIMITS = [
  ['concurrency', 'Requests at a time'],
  ['requestsPerMinute', 'Requests per minute'],
  ['charactersPerDay', 'Characters per day'],
  ['charactersPerMonth', 'Characters per month'],
  ['audioSecondsPerDay', 'Seconds of sound per day'],
  ['audioSecondsPerMonth', 'Seconds of sound per month'],
] as const;

/** What is written into the form of a key; everything empty is not narrowed. */
export interface KeyDraft {
  readonly name: string;
  readonly role: 'admin' | 'user';
  readonly dialects: readonly string[];
  readonly capabilities: readonly string[];
  /** Names with commas between them. */
  readonly models: string;
  readonly limits: Readonly<Record<string, string>>;
  /** A day of UTC. */
  readonly expires: string;
}

/** The form of a new key. */
export function emptyDraft(role: KeyDraft['role']): KeyDraft {
  return { name: '', role, dialects: [], capabilities: [], models: '', limits: {}, expires: '' };
}

/** The form of a key that is there. */
export function draftOf({ name, role, scopes, limits, expiresAt }: Key): KeyDraft {
  return {
    name,
    role,
    dialects: scopes.dialects ?? [],
    capabilities: scopes.capabilities ?? [],
    models: (scopes.models ?? []).join(', '),
    limits: Object.fromEntries(Object.entries(limits).map(([limit, value]) => [limit, String(value)])),
    expires: expiresAt?.slice(0, 10) ?? '',
  };
}

/** Makes a key. */
export async function createKey(draft: KeyDraft): Promise<NewKey> {
  const made: NewKey = await (await post('/antiphon/v1/keys', bodyOf(draft))).json();
  return made;
}

/** Changes a key; an end whose day stays keeps its time of day. */
export async function changeKey(key: Key, draft: KeyDraft): Promise<Key> {
  const { expiresAt, ...body } = bodyOf(draft);
  const isSameDay = draft.expires === draftOf(key).expires;
  const changed: Key = await (
    await post(keyPath(key), isSameDay ? body : { ...body, expiresAt }, { method: 'PATCH' })
  ).json();
  return changed;
}

/** Gives a key another secret; the old one is good for some seconds more. */
export async function rotateKey(key: Key, graceSeconds: number): Promise<NewKey> {
  const made: NewKey = await (await post(`${keyPath(key)}/rotate`, { graceSeconds })).json();
  return made;
}

/** Ends a key for ever. */
export function revokeKey(key: Key): Promise<Key> {
  return load<Key>(keyPath(key), { method: 'DELETE' });
}

/** What belongs to whoever used the server while nobody needed a key. */
export const ANONYMOUS = { id: 'anonymous', name: 'made without a key' } as const;

/** How much was removed, by what it was. */
export type RemovedCounts = Readonly<Record<string, number>>;

/** Removes everything that a key has made and left; with the figures of what was used, when they are to go, too. */
export async function purgeKey(key: Pick<Key, 'id'>, usage: 'keep' | 'drop'): Promise<RemovedCounts> {
  const { removed } = await load<{ readonly removed: RemovedCounts }>(`${keyPath(key)}/data?usage=${usage}`, {
    method: 'DELETE',
  });
  return removed;
}

function keyPath({ id }: Pick<Key, 'id'>): string {
  return `/antiphon/v1/keys/${encodeURIComponent(id)}`;
}

/** Everything is told: what is empty is taken away from a key that had it. */
function bodyOf({ name, role, dialects, capabilities, models, limits, expires }: KeyDraft) {
  const names = models
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const orNull = (list: readonly string[]) => (list.length === 0 ? null : list);
  return {
    name: name.trim(),
    role,
    scopes: { dialects: orNull(dialects), capabilities: orNull(capabilities), models: orNull(names) },
    limits: Object.fromEntries(
      LIMITS.map(([limit]) => {
        const value = (limits[limit] ?? '').trim();
        return [limit, value === '' ? null : Number(value)];
      }),
    ),
    expiresAt: expires === '' ? null : expires,
  };
}
