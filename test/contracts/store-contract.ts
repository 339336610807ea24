import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DictionaryRecord, DictionaryVersion } from '../../src/core/dictionaries/dictionary-record.ts';
import type { HistoryQuery, HistoryRecord } from '../../src/core/history/history-record.ts';
import type { KeyRecord, Store } from '../../src/core/ports/store.ts';
import type {
  ConsentRecord,
  VoicePlace,
  VoiceQuery,
  VoiceRecord,
} from '../../src/core/voices/voice-record.ts';

/** A place where a store lives: it can be opened several times, also at once. */
export interface StorePlace {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

function key(id: string, createdAt: number, facts: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id,
    name: `name of ${id}`,
    role: 'user',
    scopes: {},
    limits: {},
    hash: id.repeat(64).slice(0, 64),
    hint: 'ant_1234…',
    createdAt,
    rotatedAt: undefined,
    expiresAt: undefined,
    revokedAt: undefined,
    ...facts,
  };
}

function voice(id: string, ownerId: string, facts: Partial<VoiceRecord> = {}): VoiceRecord {
  return {
    id,
    ownerId,
    name: `name of ${id}`,
    description: 'A “quoted” voice\nin two lines',
    labels: { accent: 'Scottish', emoji: '🎙' },
    origin: 'cloned',
    traits: { stability: 0.25, speakerBoost: false },
    samples: [
      {
        id: `sample-${id}`,
        filename: 'ré"su%mé.wav',
        mediaType: 'audio/flac',
        byteLength: 12,
        sha256: 'a'.repeat(64),
        durationSeconds: 3.5,
        blobId: `voices/${id}`,
        measure: { pitchHertz: 118.5, pitchRangeSemitones: 7.25 },
      },
    ],
    createdAt: 1,
    ...facts,
  };
}

function consent(id: string, ownerId: string, createdAt: number): ConsentRecord {
  return { id, ownerId, name: id, language: 'en-GB', blobId: `b-${id}`, mediaType: 'audio/wav', createdAt };
}

function spoken(id: string, createdAt: number, facts: Partial<HistoryRecord> = {}): HistoryRecord {
  return {
    id,
    ownerId: 'ann',
    requestId: `request-${id}`,
    createdAt,
    source: 'speech',
    model: 'm1',
    voiceId: 'v1',
    voiceName: 'George',
    text: `Text of ${id}`,
    characters: 9,
    mediaType: 'audio/mpeg',
    format: 'mp3_44100_128',
    settings: { stability: 0.5 },
    durationSeconds: 1.25,
    blobId: `history/${id}`,
    byteLength: 1000,
    ...facts,
  };
}

function dictionary(id: string, facts: Partial<DictionaryRecord> = {}): DictionaryRecord {
  return {
    id,
    ownerId: 'ann',
    name: `name of ${id}`,
    description: '',
    createdAt: 1,
    latestVersionId: `${id}-1`,
    latestRuleCount: 1,
    ...facts,
  };
}

function version(dictionaryId: string, number: number): DictionaryVersion {
  return {
    id: `${dictionaryId}-${number}`,
    dictionaryId,
    rules: [
      { type: 'alias', grapheme: 'UN', alias: 'United Nations', caseSensitive: true, wordBoundaries: true },
    ],
    createdAt: number,
  };
}

type OnStore = (use: (store: Store, place: StorePlace) => Promise<void>) => Promise<void>;

const NEW_SECRET = { hash: 'f'.repeat(64), hint: 'ant_5678…', rotatedAt: 50, formerUntil: 60 } as const;

function describeKeys(onStore: OnStore): void {
  test('keys are listed in the order they were made, and come back as they were kept', () =>
    onStore(async ({ keys }) => {
      const narrow = key('b', 2, {
        role: 'admin',
        scopes: {
          dialects: ['openai'],
          capabilities: ['speech'],
          models: ['tts-1', 'flite/slt', 'Übung "1"'],
        },
        limits: { concurrency: 2, audioSecondsPerMonth: 900_000_000_000 },
        expiresAt: 8_640_000_000_000_000,
      });
      assert.equal(await keys.any(), false);
      await keys.add(narrow);
      await keys.add(key('a', 1));
      assert.equal(await keys.any(), true);
      assert.deepEqual(await keys.list(), [key('a', 1), narrow]);
      assert.deepEqual(await keys.find('b'), narrow);
      assert.equal(await keys.find('c'), undefined);
    }));

  test('a key is found by the hash of its secret, and by nothing else', () =>
    onStore(async ({ keys }) => {
      await keys.add(key('a', 1));
      const { hash } = key('a', 1);
      assert.deepEqual(await keys.findSecret(hash), { key: key('a', 1), hash, validUntil: undefined });
      for (const other of ['nothing', 'a', '', hash.slice(1)]) {
        assert.equal(await keys.findSecret(other), undefined);
      }
    }));

  test('a key is revoked once, stays known as revoked, and is changed no more', () =>
    onStore(async ({ keys }) => {
      await keys.add(key('a', 1));
      assert.equal(await keys.revoke('a', 5), true);
      assert.equal(await keys.revoke('a', 6), false);
      assert.equal(await keys.revoke('nobody', 6), false);
      assert.equal(await keys.change('a', key('b', 1)), false);
      assert.equal(await keys.rotate('a', NEW_SECRET), false);
      assert.deepEqual(await keys.list(), [key('a', 1, { revokedAt: 5 })]);
      assert.equal((await keys.findSecret(key('a', 1).hash))?.key.revokedAt, 5);
      assert.equal(await keys.findSecret(NEW_SECRET.hash), undefined);
    }));

  test('what a key is good for is changed, and nothing else of it or of others', () =>
    onStore(async ({ keys }) => {
      await keys.add(key('a', 1));
      await keys.add(key('b', 2));
      const terms = {
        name: 'new',
        role: 'admin',
        scopes: { models: ['m'] },
        limits: { requestsPerMinute: 9 },
        expiresAt: 70,
      } as const;
      assert.equal(await keys.change('a', terms), true);
      assert.deepEqual(await keys.list(), [key('a', 1, terms), key('b', 2)]);
      assert.equal(await keys.change('nobody', terms), false);
      const cleared = { ...terms, scopes: {}, limits: {}, expiresAt: undefined };
      assert.equal(await keys.change('a', cleared), true);
      assert.deepEqual(await keys.find('a'), key('a', 1, cleared));
    }));

  test('a key gets another secret, and each one that it had is known with its own end', () =>
    onStore(async ({ keys }) => {
      await keys.add(key('a', 1));
      assert.equal(await keys.rotate('nobody', NEW_SECRET), false);
      assert.equal(await keys.rotate('a', NEW_SECRET), true);
      const third = { hash: 'e'.repeat(64), hint: 'ant_9999…', rotatedAt: 55, formerUntil: 90 };
      assert.equal(await keys.rotate('a', third), true);
      const now = key('a', 1, { hash: third.hash, hint: third.hint, rotatedAt: 55 });
      assert.deepEqual(await keys.list(), [now]);
      const secrets = await Promise.all(
        [key('a', 1).hash, NEW_SECRET.hash, third.hash].map((hash) => keys.findSecret(hash)),
      );
      assert.deepEqual(
        secrets.map((secret) => secret?.validUntil),
        [60, 90, undefined],
      );
      for (const secret of secrets) assert.deepEqual(secret?.key, now);
    }));

  test('of secrets that are given to a key at the same time, one counts and none is lost', () =>
    onStore(async ({ keys }, place) => {
      await keys.add(key('a', 1));
      const other = await place.open();
      const hashes = Array.from({ length: 8 }, (_, index) => String(index).repeat(64));
      const done = await Promise.all(
        hashes.map((hash, index) =>
          (index % 2 === 0 ? keys : other.keys).rotate('a', { ...NEW_SECRET, hash }),
        ),
      );
      assert.deepEqual(new Set(done), new Set([true]));
      const all = [key('a', 1).hash, ...hashes];
      const secrets = await Promise.all(all.map((hash) => keys.findSecret(hash)));
      assert.equal(secrets.filter((secret) => secret?.validUntil === 60).length, 8);
      assert.equal(secrets.filter((secret) => secret && secret.validUntil === undefined).length, 1);
      await other.close();
    }));

  test('two keys never share a hash', () =>
    onStore(async ({ keys }) => {
      await keys.add(key('a', 1));
      await assert.rejects(keys.add({ ...key('a', 1), id: 'other' }));
    }));
}

/** What every store backend promises. */
export function describeStoreContract(name: string, makePlace: () => Promise<StorePlace>): void {
  const onStore: OnStore = async (use) => {
    const place = await makePlace();
    const store = await place.open();
    try {
      await use(store, place);
    } finally {
      await store.close();
      await place.remove();
    }
  };

  describe(`${name} store`, () => {
    describeKeys(onStore);

    test('a voice comes back as it was kept, and only to its owners', () =>
      onStore(async (store) => {
        await store.voices.add(voice('b', 'ann', { createdAt: 2 }));
        await store.voices.add(voice('a', 'ann'));
        await store.voices.add(voice('c', 'everybody', { createdAt: 3 }));
        assert.deepEqual(await store.voices.find('a', ['ann']), voice('a', 'ann'));
        assert.equal(await store.voices.find('a', ['bob', 'everybody']), undefined);
        const seen = await store.voices.list(['ann', 'everybody']);
        assert.deepEqual(
          seen.map(({ id }) => id),
          ['a', 'b', 'c'],
        );
        assert.deepEqual(await store.voices.list([]), []);
        await assert.rejects(store.voices.add(voice('a', 'bob')));
      }));

    test('voices are read page by page in both directions, of one owner or several, also where times are equal', () =>
      onStore(async (store) => {
        for (const [at, id] of ['a', 'b', 'c', 'd', 'e', 'f', 'g'].entries()) {
          const owner = at % 3 === 1 ? 'bob' : 'ann';
          await store.voices.add(voice(id, owner, { createdAt: Math.floor(at / 4), name: `Näme ${id}XY` }));
        }
        const walk = async (query: Omit<VoiceQuery, 'after'>) => {
          const seen: string[] = [];
          let after: VoicePlace | undefined;
          do {
            const page = await store.voices.page({ ...query, after });
            assert.ok(page.length <= query.limit);
            seen.push(...page.map(({ record }) => record.id));
            after = page.at(-1)?.place;
          } while (after);
          return seen.join('');
        };
        for (const limit of [1, 2, 3, 7, 50]) {
          const both = { ownerIds: ['ann', 'bob'], limit } as const;
          assert.equal(await walk({ ...both, direction: 'oldest_first' }), 'abcdefg');
          assert.equal(await walk({ ...both, direction: 'newest_first' }), 'gfedcba');
          assert.equal(await walk({ ownerIds: ['ann'], limit, direction: 'oldest_first' }), 'acdfg');
          assert.equal(await walk({ ...both, direction: 'oldest_first', mentioning: ['me', 'exy'] }), 'e');
        }
        assert.equal(await walk({ ownerIds: [], limit: 5, direction: 'oldest_first' }), '');
        assert.deepEqual(
          await Promise.all(
            [['ann'], ['ann', 'bob'], ['eve'], []].map((owners) => store.voices.count(owners)),
          ),
          [5, 7, 0, 0],
        );
      }));

    test('a page of voices goes on behind one that was removed, and behind one that is named', () =>
      onStore(async (store) => {
        for (const id of ['a', 'b', 'c', 'd']) await store.voices.add(voice(id, 'ann'));
        const place = await store.voices.placeOf('b', ['ann']);
        assert.ok(place);
        assert.equal(await store.voices.placeOf('b', ['bob']), undefined);
        await store.voices.remove('b', 'ann');
        const page = await store.voices.page({
          ownerIds: ['ann'],
          limit: 2,
          direction: 'oldest_first',
          after: place,
        });
        assert.deepEqual(
          page.map(({ record }) => record.id),
          ['c', 'd'],
        );
        assert.deepEqual(page[0]?.record, voice('c', 'ann'));
      }));

    test('a voice is changed and removed by its owner only', () =>
      onStore(async (store) => {
        await store.voices.add(voice('a', 'ann'));
        assert.equal(await store.voices.replace(voice('a', 'bob', { name: 'stolen' })), false);
        assert.equal(await store.voices.remove('a', 'bob'), false);
        assert.equal(await store.voices.replace(voice('a', 'ann', { name: 'new', samples: [] })), true);
        const changed = await store.voices.find('a', ['ann']);
        assert.deepEqual([changed?.name, changed?.samples], ['new', []]);
        assert.equal(await store.voices.remove('a', 'ann'), true);
        assert.equal(await store.voices.remove('a', 'ann'), false);
        assert.equal(await store.voices.find('a', ['ann']), undefined);
      }));

    test('a voice is found by its name or id without regard to case, whatever the name is made of, and by its new name once it has one', () =>
      onStore(async (store) => {
        const names = ['Élodie "the" Voice', 'nul\0 and \ud800', 'x'.repeat(20_000)];
        await Promise.all(
          names.map((one, at) => store.voices.add(voice(`Voice${at}`, 'ann', { name: one, createdAt: at }))),
        );
        await store.voices.add(voice('other', 'bob', { name: names[0] ?? '', createdAt: 9 }));
        const idsOf = async (called: string, owners: readonly string[]) =>
          (await store.voices.findNamed(called, owners)).map(({ id }) => id);
        for (const [at, given] of names.entries()) {
          assert.deepEqual(await idsOf(given.toUpperCase(), ['ann']), [`Voice${at}`]);
        }
        assert.deepEqual(await idsOf('VOICE1', ['ann']), ['Voice1']);
        assert.deepEqual(await idsOf(names[0] ?? '', ['ann', 'bob']), ['Voice0', 'other']);
        assert.deepEqual(await idsOf('élodie', ['ann']), []);
        await store.voices.replace(voice('Voice0', 'ann', { name: 'Renamed' }));
        assert.deepEqual(await idsOf('renamed', ['ann']), ['Voice0']);
        assert.deepEqual(await idsOf(names[0] ?? '', ['ann']), []);
      }));

    test('consents are kept, renamed, listed in order and removed, each owner for itself', () =>
      onStore(async (store) => {
        await store.consents.add(consent('b', 'ann', 2));
        await store.consents.add(consent('a', 'ann', 1));
        await store.consents.add(consent('c', 'bob', 3));
        assert.deepEqual(await store.consents.list('ann'), [consent('a', 'ann', 1), consent('b', 'ann', 2)]);
        assert.equal(await store.consents.replace({ ...consent('a', 'ann', 1), name: 'new' }), true);
        assert.equal((await store.consents.find('a', 'ann'))?.name, 'new');
        assert.equal(await store.consents.find('c', 'ann'), undefined);
        assert.equal(await store.consents.remove('c', 'ann'), false);
        assert.equal(await store.consents.remove('a', 'ann'), true);
      }));

    test('a history is walked page by page from either end, also where times are equal', () =>
      onStore(async (store) => {
        for (const [id, at] of [
          ['a', 1],
          ['b', 2],
          ['c', 2],
          ['d', 3],
        ] as const)
          await store.history.add(spoken(id, at));
        await store.history.add(spoken('z', 9, { ownerId: 'bob' }));
        const walk = async (direction: HistoryQuery['direction']) => {
          const seen: string[] = [];
          for (;;) {
            const last = seen.at(-1);
            const page = await store.history.list({
              ownerId: 'ann',
              limit: 1,
              direction,
              ...(last === undefined ? {} : { afterId: last }),
            });
            if (page.length === 0) return seen.join('');
            seen.push(...page.map(({ id }) => id));
          }
        };
        assert.equal(await walk('newest_first'), 'dcba');
        assert.equal(await walk('oldest_first'), 'abcd');
      }));

    test('a history is found by request, voice, model, source, time and words', () =>
      onStore(async (store) => {
        await store.history.add(spoken('a', 1));
        await store.history.add(spoken('b', 2, { voiceId: 'v2', voiceName: 'Rachel', text: 'Ärger 100%' }));
        await store.history.add(spoken('c', 3, { model: 'm2', source: 'speech_conversion' }));
        const ids = async (query: Partial<HistoryQuery>) => {
          const rows = await store.history.list({
            ownerId: 'ann',
            limit: 10,
            direction: 'oldest_first',
            ...query,
          });
          return rows.map(({ id }) => id).join('');
        };
        assert.deepEqual(
          await store.history.findByRequest('request-b', 'ann'),
          await store.history.find('b', 'ann'),
        );
        assert.equal(await store.history.findByRequest('request-b', 'bob'), undefined);
        assert.equal(await ids({ voiceId: 'v2' }), 'b');
        assert.equal(await ids({ model: 'm2' }), 'c');
        assert.equal(await ids({ source: 'speech' }), 'ab');
        assert.equal(await ids({ notBefore: 2, before: 3 }), 'b');
        assert.equal(await ids({ search: 'ÄRGER' }), 'b');
        assert.equal(await ids({ search: '0%' }), 'b');
        assert.equal(await ids({ search: 'rachel' }), 'b');
        assert.equal(await store.history.remove('b', 'bob'), false);
        assert.equal(await store.history.remove('b', 'ann'), true);
        assert.equal(await ids({}), 'ac');
      }));

    test('the oldest rows of all owners are found, and all sound is counted', () =>
      onStore(async (store) => {
        assert.equal(await store.history.totalBytes(), 0);
        for (const [id, at, ownerId] of [
          ['c', 3, 'ann'],
          ['a', 1, 'bob'],
          ['b', 2, 'ann'],
        ] as const)
          await store.history.add(spoken(id, at, { ownerId, byteLength: at }));
        const ids = async (query: { limit: number; before?: number }) =>
          (await store.history.listOldest(query)).map(({ id }) => id).join('');
        assert.equal(await ids({ limit: 2 }), 'ab');
        assert.equal(await ids({ limit: 9, before: 3 }), 'ab');
        assert.equal(await store.history.totalBytes(), 6);
      }));

    test('every version of a dictionary stays as it was', () =>
      onStore(async (store) => {
        await store.dictionaries.add(dictionary('d'), version('d', 1));
        const next = dictionary('d', { latestVersionId: 'd-2', archivedAt: 5 });
        assert.equal(await store.dictionaries.replaceWithVersion(next, version('d', 2)), true);
        assert.deepEqual(await store.dictionaries.find('d', 'ann'), next);
        assert.deepEqual(await store.dictionaries.findVersion('d', 'd-1'), version('d', 1));
        assert.deepEqual(await store.dictionaries.findVersion('d', 'd-2'), version('d', 2));
        assert.equal(await store.dictionaries.findVersion('other', 'd-2'), undefined);
        assert.deepEqual(await store.dictionaries.list('ann'), [next]);
        assert.deepEqual(await store.dictionaries.list('bob'), []);
        assert.deepEqual(
          [await store.dictionaries.count('ann'), await store.dictionaries.count('bob')],
          [1, 0],
        );
        const versions = [
          await store.dictionaries.countVersions('d'),
          await store.dictionaries.countVersions('x'),
        ];
        assert.deepEqual(versions, [2, 0]);
      }));

    test('dictionaries of one owner are forgotten together with their versions, and files of one are told', () =>
      onStore(async ({ dictionaries, files }) => {
        for (const [id, ownerId] of [
          ['d', 'ann'],
          ['e', 'ann'],
          ['f', 'bob'],
        ] as const) {
          await dictionaries.add(dictionary(id, { ownerId }), version(id, 1));
          const kept = {
            id,
            ownerId,
            mediaType: 'a/b',
            filename: 'c',
            byteLength: 1,
            createdAt: 1,
            expiresAt: 2,
          };
          assert.equal(await files.put(kept), true);
        }
        assert.equal(await dictionaries.removeOf('ann'), 2);
        assert.equal(await dictionaries.removeOf('ann'), 0);
        assert.deepEqual([await dictionaries.count('ann'), await dictionaries.count('bob')], [0, 1]);
        assert.deepEqual(
          [await dictionaries.countVersions('d'), await dictionaries.countVersions('f')],
          [0, 1],
        );
        assert.deepEqual((await files.listOf('ann', 5)).map(({ id }) => id).sort(), ['d', 'e']);
        assert.equal((await files.listOf('ann', 1)).length, 1);
        assert.deepEqual(await files.listOf('eve', 5), []);
      }));

    test('a version of a dictionary that somebody else owns is not kept', () =>
      onStore(async (store) => {
        await store.dictionaries.add(dictionary('d'), version('d', 1));
        const stolen = dictionary('d', { ownerId: 'bob', latestVersionId: 'd-2' });
        assert.equal(await store.dictionaries.replaceWithVersion(stolen, version('d', 2)), false);
        assert.equal(await store.dictionaries.findVersion('d', 'd-2'), undefined);
        assert.equal((await store.dictionaries.find('d', 'ann'))?.latestVersionId, 'd-1');
      }));

    test('a check passes as often as it is made, by several processes at once', async () => {
      const place = await makePlace();
      try {
        const store = await place.open();
        const second = await place.open();
        await store.check();
        await Promise.all([store.check(), second.check()]);
        await store.close();
        await second.check();
        await second.close();
      } finally {
        await place.remove();
      }
    });

    test('what one opening wrote, another one sees, at once and after both are closed', () =>
      onStore(async (store, place) => {
        const second = await place.open();
        await store.keys.add(key('a', 1));
        assert.equal((await second.keys.list()).length, 1);
        await second.close();
        const third = await place.open();
        assert.equal((await third.keys.list()).length, 1);
        await third.close();
      }));
  });
}
