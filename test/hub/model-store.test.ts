import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ModelStore, PullProgress, WeightsEntry } from '../../src/core/models/weights.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { createModelStore, type ModelStoreParts } from '../../src/platform/models/model-store.ts';
import { weightsCatalog } from '../../src/platform/models/weights-catalog.ts';
import { testClock } from '../support.ts';
import { sha256Of, startModelHub, type HubBehaviour, type HubContent, type ModelHub } from './model-hub.ts';

const REPOSITORY = 'example/voice';
const SIZE = 300_000;

/** Bytes without a pattern that a wrong join could hide in. */
function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

const weights = noise(SIZE);
const files = new Map<string, HubContent>([
  [`${REPOSITORY}/model.onnx`, weights],
  [`${REPOSITORY}/tokens.txt`, new TextEncoder().encode('a 0\nb 1\n')],
  [`${REPOSITORY}/data/lang/en`, new TextEncoder().encode('name English\n')],
  [`${REPOSITORY}/data/phontab`, noise(5000, 2)],
  [`${REPOSITORY}/README.md`, new TextEncoder().encode('not needed')],
]);

function entry(overrides: Partial<WeightsEntry> = {}): WeightsEntry {
  return {
    id: 'sherpa/voice',
    engine: 'sherpa',
    kind: 'speech',
    title: 'A voice',
    description: 'For tests.',
    source: { kind: 'hub', repository: REPOSITORY, revision: 'main' },
    files: [{ path: 'model.onnx', bytes: SIZE, sha256: sha256Of(weights) }],
    licence: 'MIT',
    commercialUse: true,
    languages: ['en'],
    memoryBytes: 1,
    ...overrides,
  };
}

const wholeVoice = entry({ files: [{ path: 'model.onnx' }, { path: 'tokens.txt' }], folders: ['data'] });

interface Bench {
  readonly hub: ModelHub;
  readonly folder: string;
  readonly store: ModelStore;
  /** Another store on the same folder, as another process would have. */
  readonly again: (parts?: Partial<ModelStoreParts>) => ModelStore;
}

interface Setting {
  readonly catalog?: readonly WeightsEntry[];
  readonly behaviour?: HubBehaviour;
  readonly files?: ReadonlyMap<string, HubContent>;
  readonly prefix?: string;
  readonly parts?: Partial<ModelStoreParts>;
}

async function bench(setting: Setting, use: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-models-'));
  const hub = await startModelHub(setting.files ?? files, setting.behaviour, setting.prefix);
  const again = (parts: Partial<ModelStoreParts> = {}) =>
    createModelStore({
      modelsDir: folder,
      endpoint: hub.endpoint,
      offline: false,
      fetch,
      log: silentLogger,
      clock: testClock,
      catalog: setting.catalog ?? [entry()],
      retries: { tries: 3, pauseMs: 1, stallMs: 5000 },
      lockPollMs: 10,
      ...setting.parts,
      ...parts,
    });
  try {
    await use({ hub, folder, store: again(), again });
  } finally {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const IMPATIENT = { tries: 1, pauseMs: 1, stallMs: 5000 };

/** Lets a connection break only once the client has written down what was sent: what is still under way is lost with it. */
function cutsAfter(cutAfterBytes: number, cuts: number) {
  const waiting: { position: number; go: () => void }[] = [];
  let received = 0;
  return {
    behaviour: {
      cutAfterBytes,
      cuts,
      beforeCut: (position: number) =>
        new Promise<void>((go) => {
          if (received >= position) go();
          else waiting.push({ position, go });
        }),
    },
    onProgress: (progress: PullProgress) => {
      received = progress.receivedBytes;
      for (const one of waiting) if (received >= one.position) one.go();
    },
  };
}

function installed(folder: string, name = 'model.onnx'): Uint8Array {
  return readFileSync(join(folder, 'sherpa/voice', name));
}

test('a pull brings the file whole, verified, and under its own name only', () =>
  bench({}, async ({ hub, folder, store }) => {
    assert.equal((await store.status('sherpa/voice')).state, 'absent');
    await assert.rejects(store.path('sherpa/voice'), {
      code: 'not_found',
      reason: 'not_installed',
      message: /antiphon models pull sherpa\/voice/,
    });
    const seen: PullProgress[] = [];
    const status = await store.pull('sherpa/voice', { onProgress: (progress) => seen.push(progress) });
    assert.equal(status.state, 'installed');
    assert.equal(status.pinnedBy, 'catalog');
    assert.equal(status.bytesOnDisk, SIZE);
    assert.equal(Buffer.compare(installed(folder), weights), 0);
    assert.equal(await store.path('sherpa/voice'), join(folder, 'sherpa/voice'));
    assert.deepEqual(readdirSync(join(folder, 'sherpa/voice')).sort(), [
      '.antiphon-weights.json',
      'model.onnx',
    ]);
    assert.deepEqual(seen.at(-1), {
      id: 'sherpa/voice',
      file: 'model.onnx',
      receivedBytes: SIZE,
      totalBytes: SIZE,
    });
    assert.ok(
      seen.every((one, index) => index === 0 || one.receivedBytes >= (seen[index - 1]?.receivedBytes ?? 0)),
    );
    // A file whose length and checksum are in the catalog needs no listing.
    assert.deepEqual(
      hub.requests.map((one) => one.host),
      ['hub', 'cdn'],
    );
    await store.pull('sherpa/voice');
    assert.equal(hub.requests.length, 2, 'an installed model is not asked for again');
  }));

test('a broken connection goes on where it broke, and only what is missing is sent', () => {
  const { behaviour, onProgress } = cutsAfter(100_000, 2);
  return bench({ behaviour }, async ({ hub, folder, store }) => {
    await store.pull('sherpa/voice', { onProgress });
    assert.equal(Buffer.compare(installed(folder), weights), 0);
    assert.deepEqual(
      hub.downloads().map((one) => [one.range, one.sentBytes]),
      [
        [undefined, 100_000],
        ['bytes=100000-', 100_000],
        ['bytes=200000-', 100_000],
      ],
    );
  });
});

test('a pull that gave up is taken up by the next one', () => {
  const { behaviour, onProgress } = cutsAfter(50_000, 1);
  return bench({ behaviour }, async ({ hub, folder, store, again }) => {
    await assert.rejects(again({ retries: IMPATIENT }).pull('sherpa/voice', { onProgress }), {
      code: 'engine_failed',
      message:
        /connection to the hub .*http:\/\/127\.0\.0\.1:\d+\/example\/voice\/resolve\/main\/model\.onnx/,
    });
    assert.equal(statSync(join(folder, 'sherpa/voice/model.onnx.partial')).size, 50_000);
    const status = await store.status('sherpa/voice');
    assert.deepEqual([status.state, status.bytesOnDisk > 50_000], ['partial', true]);
    await store.pull('sherpa/voice');
    assert.equal(hub.downloads().at(-1)?.range, 'bytes=50000-');
    assert.equal(hub.downloads().at(-1)?.sentBytes, SIZE - 50_000);
    assert.equal(Buffer.compare(installed(folder), weights), 0);
  });
});

test('a hub that ignores ranges costs a whole download, not a wrong file', () => {
  const { behaviour, onProgress } = cutsAfter(50_000, 1);
  return bench({ behaviour: { ...behaviour, ignoreRange: true } }, async ({ hub, folder, store }) => {
    await store.pull('sherpa/voice', { onProgress });
    assert.equal(Buffer.compare(installed(folder), weights), 0);
    assert.equal(hub.downloads().at(-1)?.range, 'bytes=50000-');
    assert.equal(hub.downloads().at(-1)?.sentBytes, SIZE);
  });
});

test('a part of another version of the file is not glued to the new one', () => {
  const changing = new Map(files);
  const { behaviour, onProgress } = cutsAfter(50_000, 1);
  const catalog = [entry({ files: [{ path: 'model.onnx' }] })];
  return bench({ files: changing, catalog, behaviour }, async ({ hub, folder, store, again }) => {
    await assert.rejects(again({ retries: IMPATIENT }).pull('sherpa/voice', { onProgress }));
    const newer = noise(SIZE, 9);
    changing.set(`${REPOSITORY}/model.onnx`, newer);
    await store.pull('sherpa/voice');
    assert.equal(Buffer.compare(installed(folder), newer), 0);
    assert.equal(hub.downloads().at(-1)?.range, 'bytes=50000-');
    assert.equal(hub.downloads().at(-1)?.sentBytes, SIZE, 'If-Range made the hub send all of it');
  });
});

test('a file with the wrong checksum is thrown away and named', () =>
  bench({ behaviour: { wrongBytes: true } }, async ({ hub, folder, store }) => {
    await assert.rejects(store.pull('sherpa/voice'), {
      code: 'engine_failed',
      reason: 'wrong_file',
      message: new RegExp(`model\\.onnx is not the right file.*${sha256Of(weights)}.*thrown away`),
    });
    assert.deepEqual(readdirSync(join(folder, 'sherpa/voice')), ['.antiphon-incomplete']);
    assert.equal(hub.downloads().length, 1, 'the same wrong file is not fetched again and again');
    assert.notEqual((await store.status('sherpa/voice')).state, 'installed');
  }));

test('a join of two tries that turned out wrong is fetched whole once', () => {
  const { behaviour, onProgress } = cutsAfter(50_000, 1);
  return bench({ behaviour: { ...behaviour, wrongBytes: true } }, async ({ hub, folder, store, again }) => {
    await assert.rejects(again({ retries: IMPATIENT }).pull('sherpa/voice', { onProgress }));
    hub.behaviour.wrongBytes = false;
    await store.pull('sherpa/voice');
    assert.equal(Buffer.compare(installed(folder), weights), 0);
    assert.deepEqual(
      hub.downloads().map((one) => one.range),
      [undefined, 'bytes=50000-', undefined],
    );
  });
});

test('a hub that offers another file than the catalog pins is refused before a byte is written', () =>
  bench(
    { catalog: [entry({ files: [{ path: 'model.onnx', bytes: SIZE, sha256: 'f'.repeat(64) }] })] },
    async ({ hub, folder, store }) => {
      await assert.rejects(store.pull('sherpa/voice'), { reason: 'wrong_file', message: /must be f{64}/ });
      assert.equal(hub.requests.length, 2);
      assert.deepEqual(readdirSync(join(folder, 'sherpa/voice')), ['.antiphon-incomplete']);
    },
  ));

test('twenty callers at once share one download, and all see its progress', () => {
  const gate = Promise.withResolvers<void>();
  return bench({ behaviour: { hold: gate.promise } }, async ({ hub, store }) => {
    const reports = Array.from({ length: 20 }, () => 0);
    const pulls = reports.map((_, index) =>
      store.pull('sherpa/voice', { onProgress: () => (reports[index] = (reports[index] ?? 0) + 1) }),
    );
    assert.equal((await store.status('sherpa/voice')).state, 'downloading');
    gate.resolve();
    for (const status of await Promise.all(pulls)) assert.equal(status.state, 'installed');
    assert.equal(hub.downloads().length, 1);
    assert.equal(hub.downloads()[0]?.sentBytes, SIZE);
    assert.ok(reports.every((count) => count > 0));
  });
});

test('one caller leaves without stopping the others; when the last leaves, the part is kept and used', () =>
  bench({ behaviour: { stallAfterBytes: 100_000, stalls: 1 } }, async ({ hub, folder, store }) => {
    const first = new AbortController();
    const second = new AbortController();
    const arrived = Promise.withResolvers<void>();
    const onProgress = (progress: PullProgress) => {
      if (progress.receivedBytes >= 90_000) arrived.resolve();
    };
    const pulls = [
      store.pull('sherpa/voice', { signal: first.signal, onProgress }),
      store.pull('sherpa/voice', { signal: second.signal }),
    ];
    await arrived.promise;
    first.abort();
    await assert.rejects(pulls[0] ?? Promise.resolve(), { code: 'cancelled' });
    assert.equal((await store.status('sherpa/voice')).state, 'downloading');
    second.abort();
    await assert.rejects(pulls[1] ?? Promise.resolve(), { code: 'cancelled' });
    const kept = statSync(join(folder, 'sherpa/voice/model.onnx.partial')).size;
    assert.ok(kept >= 90_000);
    assert.equal((await store.status('sherpa/voice')).state, 'partial');
    await store.pull('sherpa/voice');
    assert.equal(hub.downloads().at(-1)?.range, `bytes=${kept}-`);
    assert.equal(Buffer.compare(installed(folder), weights), 0);
  }));

test('two stores on one folder fetch a model once', () => {
  const gate = Promise.withResolvers<void>();
  return bench({ behaviour: { hold: gate.promise } }, async ({ hub, store, again }) => {
    const pulls = [store.pull('sherpa/voice'), again().pull('sherpa/voice')];
    gate.resolve();
    for (const status of await Promise.all(pulls)) assert.equal(status.state, 'installed');
    assert.equal(hub.downloads().length, 1);
  });
});

test('a connection that falls silent is dropped and resumed', () =>
  bench(
    {
      behaviour: { stallAfterBytes: 60_000, stalls: 1 },
      parts: { retries: { tries: 2, pauseMs: 1, stallMs: 150 } },
    },
    async ({ hub, folder, store }) => {
      await store.pull('sherpa/voice');
      assert.equal(hub.downloads().length, 2);
      assert.equal(Buffer.compare(installed(folder), weights), 0);
    },
  ));

test('a connection that is slow but alive is left alone', () =>
  bench(
    { behaviour: { pauseMs: 40 }, parts: { retries: { tries: 1, pauseMs: 1, stallMs: 500 } } },
    async ({ hub, store }) => {
      // 19 pieces take longer than the 500 ms of silence that would end the connection.
      assert.equal((await store.pull('sherpa/voice')).state, 'installed');
      assert.equal(hub.downloads().length, 1);
    },
  ));

test('a hub that is always silent is told apart from one that fails', () =>
  bench(
    {
      behaviour: { stallAfterBytes: 0, stalls: 9 },
      parts: { retries: { tries: 2, pauseMs: 1, stallMs: 60 } },
    },
    async ({ store }) => {
      await assert.rejects(store.pull('sherpa/voice'), {
        code: 'timed_out',
        message: /sent nothing more.*model\.onnx/,
      });
    },
  ));

for (const status of [429, 500, 503])
  test(`a passing ${status} is waited out`, () =>
    bench({ behaviour: { refuseWith: status, refusals: 2, retryAfter: '0' } }, async ({ hub, store }) => {
      assert.equal((await store.pull('sherpa/voice')).state, 'installed');
      assert.equal(hub.requests.filter((one) => one.host === 'hub').length, 3);
    }));

test('a lasting 500 ends after the tries that were allowed, with address and status', () =>
  bench({ behaviour: { refuseWith: 500, refusals: 99 } }, async ({ hub, store }) => {
    await assert.rejects(store.pull('sherpa/voice'), {
      code: 'engine_failed',
      message: `The hub answered 500 for ${hub.endpoint}/example/voice/resolve/main/model.onnx. This was try 3.`,
    });
    assert.equal(hub.requests.length, 3);
  }));

test('a 404 is final', () =>
  bench(
    { catalog: [entry({ files: [{ path: 'gone.onnx', bytes: 1, sha256: 'a'.repeat(64) }] })] },
    async ({ hub, store }) => {
      await assert.rejects(store.pull('sherpa/voice'), {
        code: 'engine_failed',
        message: /answered 404 .*gone\.onnx/,
      });
      assert.equal(hub.requests.length, 1);
    },
  ));

test('folders come whole, checked against what the hub lists, page after page', () =>
  bench({ catalog: [wholeVoice], behaviour: { pageSize: 2 } }, async ({ folder, store }) => {
    const status = await store.pull('sherpa/voice');
    assert.equal(status.pinnedBy, 'hub');
    for (const name of ['model.onnx', 'tokens.txt', 'data/lang/en', 'data/phontab'])
      assert.equal(
        Buffer.compare(installed(folder, name), files.get(`${REPOSITORY}/${name}`) as Uint8Array),
        0,
        name,
      ); // Generated above.
    assert.equal(existsSync(join(folder, 'sherpa/voice/README.md')), false);
    const manifest = JSON.parse(
      readFileSync(join(folder, 'sherpa/voice/.antiphon-weights.json'), 'utf8'),
    ) as { files: { path: string; sha256: string; pinnedBy: string }[] }; // Our own file.
    assert.equal(manifest.files.find((one) => one.path === 'model.onnx')?.sha256, sha256Of(weights));
    assert.ok(manifest.files.every((one) => one.pinnedBy === 'hub'));
  }));

test("a small file that differs from the hub's own listing is refused", () => {
  const lying = new Map(files);
  return bench(
    { files: lying, catalog: [entry({ files: [{ path: 'tokens.txt' }] })], behaviour: { wrongBytes: true } },
    async ({ store }) => {
      await assert.rejects(store.pull('sherpa/voice'), {
        reason: 'wrong_file',
        message: /checksum is git [0-9a-f]{40} and must be git/,
      });
    },
  );
});

test('a mirror that lists nothing and tells no checksums still serves single files, and says that nothing pins them', () =>
  bench(
    {
      catalog: [entry({ files: [{ path: 'model.onnx' }] })],
      behaviour: { noListing: true, noChecksums: true },
    },
    async ({ store }) => {
      assert.equal((await store.pull('sherpa/voice')).pinnedBy, 'nobody');
      assert.deepEqual(await store.verify('sherpa/voice'), {
        id: 'sherpa/voice',
        ok: true,
        files: [{ path: 'model.onnx', state: 'ok' }],
      });
    },
  ));

for (const evil of [
  'data/../../evil',
  'data//x',
  'data/./x',
  'data/a\\..\\b',
  'data/C:/x',
  'data/.antiphon-weights.json',
  'data/x\u0000y',
])
  test(`a listed path like ${JSON.stringify(evil)} is refused and nothing is written`, () =>
    bench({ catalog: [wholeVoice], behaviour: { extraListed: [evil] } }, async ({ hub, folder, store }) => {
      await assert.rejects(store.pull('sherpa/voice'), {
        code: 'engine_failed',
        message: /does not belong in a model's folder/,
      });
      assert.equal(hub.downloads().filter((one) => one.path.includes('resolve')).length, 0);
      assert.deepEqual(readdirSync(join(folder, 'sherpa/voice')), []);
    }));

test('a link inside the folder does not lead a download out of it', () =>
  bench({ catalog: [wholeVoice] }, async ({ folder, store }) => {
    const outside = mkdtempSync(join(tmpdir(), 'antiphon-outside-'));
    try {
      mkdirSync(join(folder, 'sherpa/voice'), { recursive: true });
      symlinkSync(outside, join(folder, 'sherpa/voice/data'));
      await assert.rejects(store.pull('sherpa/voice'), { code: 'conflict', reason: 'unsafe_path' });
      assert.deepEqual(
        readdirSync(outside).filter((name) => name !== 'lang'),
        [],
      );
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  }));

test('offline, nothing is asked for, and the message says what to do', () =>
  bench({ parts: { offline: true } }, async ({ hub, folder, store, again }) => {
    await assert.rejects(store.pull('sherpa/voice'), {
      code: 'unsupported_feature',
      reason: 'offline',
      message: new RegExp(`offline mode.*put model\\.onnx into ${folder}`),
    });
    assert.equal(hub.requests.length, 0);
    await again({ offline: false }).pull('sherpa/voice');
    assert.equal((await store.pull('sherpa/voice')).state, 'installed', 'what is there needs no network');
  }));

test('HF_ENDPOINT may have a path of its own', () =>
  bench({ prefix: '/mirror/hf', catalog: [wholeVoice] }, async ({ hub, store }) => {
    await store.pull('sherpa/voice');
    assert.ok(
      hub.requests.filter((one) => one.host === 'hub').every((one) => one.path.startsWith('/mirror/hf/')),
    );
  }));

test('the token goes to the hub and never to the host that it redirects to', () =>
  bench({ behaviour: { token: 'secret-1234' }, parts: { token: 'secret-1234' } }, async ({ hub, store }) => {
    await store.pull('sherpa/voice');
    assert.deepEqual(
      hub.requests.map((one) => [one.host, one.authorization]),
      [
        ['hub', 'Bearer secret-1234'],
        ['cdn', undefined],
      ],
    );
  }));

test('without the token the error says so, and no message ever holds it', () =>
  bench({ behaviour: { token: 'other' }, parts: { token: 'secret-1234' } }, async ({ store }) => {
    await assert.rejects(store.pull('sherpa/voice'), (error: Error) => {
      assert.match(error.message, /answered 401 .*HF_TOKEN/);
      assert.doesNotMatch(JSON.stringify(error) + error.message + String(error.cause), /secret-1234/);
      return true;
    });
  }));

test('verify finds one flipped bit; the model then counts as damaged, and a pull mends only that file', () =>
  bench({ catalog: [wholeVoice] }, async ({ hub, folder, store }) => {
    await store.pull('sherpa/voice');
    assert.equal((await store.verify('sherpa/voice')).ok, true);
    const file = join(folder, 'sherpa/voice/model.onnx');
    const bytes = readFileSync(file);
    bytes[123_456] = (bytes[123_456] ?? 0) ^ 0b100;
    writeFileSync(file, bytes);
    const verdict = await store.verify('sherpa/voice');
    assert.deepEqual(
      verdict.files.filter((one) => one.state !== 'ok'),
      [{ path: 'model.onnx', state: 'changed' }],
    );
    const status = await store.status('sherpa/voice');
    assert.equal(status.state, 'damaged');
    assert.match(status.problem ?? '', /model\.onnx has changed/);
    await assert.rejects(store.path('sherpa/voice'), { message: /is damaged/ });
    const before = hub.downloads().length;
    assert.equal((await store.pull('sherpa/voice')).state, 'installed');
    assert.deepEqual(
      hub
        .downloads()
        .slice(before)
        .filter((one) => one.path.includes('model.onnx'))
        .map((one) => one.sentBytes),
      [SIZE],
    );
    assert.equal(
      hub
        .downloads()
        .slice(before)
        .filter((one) => one.path.includes('phontab')).length,
      0,
    );
    assert.equal((await store.verify('sherpa/voice')).ok, true);
  }));

test('a truncated file is seen without hashing', () =>
  bench({}, async ({ folder, store }) => {
    await store.pull('sherpa/voice');
    writeFileSync(join(folder, 'sherpa/voice/model.onnx'), 'short');
    const status = await store.status('sherpa/voice');
    assert.equal(status.state, 'damaged');
    assert.equal(status.problem, `model.onnx has 5 bytes and must have ${SIZE}`);
  }));

test('what the hub vouched for at the first install holds for ever after', () => {
  const changing = new Map(files);
  return bench(
    { files: changing, catalog: [entry({ files: [{ path: 'model.onnx' }] })] },
    async ({ folder, store }) => {
      await store.pull('sherpa/voice');
      rmSync(join(folder, 'sherpa/voice/model.onnx'));
      changing.set(`${REPOSITORY}/model.onnx`, noise(SIZE, 5));
      await assert.rejects(store.pull('sherpa/voice'), { code: 'engine_failed', reason: 'wrong_file' });
      await store.remove('sherpa/voice');
      assert.equal((await store.pull('sherpa/voice')).state, 'installed');
    },
  );
});

test('rm deletes what belongs to the model and nothing else', () =>
  bench({ catalog: [wholeVoice] }, async ({ folder, store }) => {
    await store.pull('sherpa/voice');
    const own = join(folder, 'sherpa/voice/notes.txt');
    writeFileSync(own, 'mine');
    const freed = await store.remove('sherpa/voice');
    assert.equal(freed, SIZE + 8 + 13 + 5000);
    assert.deepEqual(readdirSync(join(folder, 'sherpa/voice')), ['notes.txt']);
    rmSync(own);
    assert.equal((await store.status('sherpa/voice')).state, 'absent');
    assert.equal(await store.remove('sherpa/voice'), 0);
  }));

test('rm refuses while the model is being fetched', () => {
  const gate = Promise.withResolvers<void>();
  return bench({ behaviour: { hold: gate.promise } }, async ({ store, again }) => {
    const begun = Promise.withResolvers<void>();
    const pulling = store.pull('sherpa/voice', { onProgress: () => begun.resolve() });
    await begun.promise;
    await assert.rejects(store.remove('sherpa/voice'), { code: 'conflict', reason: 'downloading' });
    assert.equal((await again().status('sherpa/voice')).state, 'downloading', 'another process sees it too');
    gate.resolve();
    await pulling;
  });
});

test('weights placed by hand are accepted when names and sizes fit', () =>
  bench(
    { catalog: [entry(), entry({ id: 'sherpa/other' })], parts: { offline: true } },
    async ({ folder, store }) => {
      mkdirSync(join(folder, 'sherpa/voice'), { recursive: true });
      writeFileSync(join(folder, 'sherpa/voice/model.onnx'), weights);
      const status = await store.status('sherpa/voice');
      assert.deepEqual([status.state, status.placedByHand], ['installed', true]);
      assert.equal((await store.verify('sherpa/voice')).ok, true);
      mkdirSync(join(folder, 'sherpa/other'), { recursive: true });
      writeFileSync(join(folder, 'sherpa/other/model.onnx'), weights.subarray(1));
      assert.equal((await store.status('sherpa/other')).state, 'damaged');
      const changed = Uint8Array.from(weights);
      changed[0] = (changed[0] ?? 0) ^ 1;
      writeFileSync(join(folder, 'sherpa/voice/model.onnx'), changed);
      assert.equal((await store.verify('sherpa/voice')).ok, false);
    },
  ));

test('an interrupted pull of many files never passes for weights placed by hand', () =>
  bench({ catalog: [wholeVoice], behaviour: { refuseWith: 404, refusals: 0 } }, async ({ folder, store }) => {
    const stop = new AbortController();
    const pulling = store.pull('sherpa/voice', {
      signal: stop.signal,
      // By now the small files are there, and the large one is not.
      onProgress: () => existsSync(join(folder, 'sherpa/voice/data/lang/en')) && stop.abort(),
    });
    await pulling.catch(() => undefined);
    const status = await store.status('sherpa/voice');
    if (status.state !== 'installed') assert.equal(status.state, 'partial');
    await store.pull('sherpa/voice');
    assert.equal((await store.verify('sherpa/voice')).ok, true);
  }));

test('a disk without room is noticed before anything is fetched', () =>
  bench({ parts: { freeBytes: async () => 1000 } }, async ({ hub, store }) => {
    await assert.rejects(store.pull('sherpa/voice'), {
      code: 'conflict',
      reason: 'disk_full',
      message: /needs 300000 more bytes.*1000 free/,
    });
    assert.equal(hub.requests.length, 0);
  }));

test('a licence that forbids commerce must be agreed to', () =>
  bench({ catalog: [entry({ commercialUse: false, licence: 'CC-BY-NC-4.0' })] }, async ({ hub, store }) => {
    await assert.rejects(store.pull('sherpa/voice'), {
      code: 'permission_denied',
      reason: 'licence',
      message: /CC-BY-NC-4\.0.*--accept-licence/,
    });
    assert.equal(hub.requests.length, 0);
    assert.equal((await store.pull('sherpa/voice', { acceptLicence: true })).state, 'installed');
  }));

test('what a model needs comes with it', () =>
  bench(
    { catalog: [entry({ needs: ['sherpa/helper'] }), entry({ id: 'sherpa/helper' })] },
    async ({ store }) => {
      await store.pull('sherpa/voice');
      assert.deepEqual(
        (await store.list()).map((one) => one.state),
        ['installed', 'installed'],
      );
    },
  ));

test('a model that lies in archives says where and which files', () =>
  bench(
    { catalog: [entry({ source: { kind: 'by_hand', page: 'https://example.org/page' } })] },
    async ({ store }) => {
      await assert.rejects(store.pull('sherpa/voice'), {
        code: 'unsupported_feature',
        reason: 'by_hand',
        message: /https:\/\/example\.org\/page.*model\.onnx/,
      });
    },
  ));

test('an unknown name is answered with the nearest ones', () =>
  bench({ catalog: weightsCatalog }, async ({ store }) => {
    await assert.rejects(store.pull('whisper/large-v3-trubo'), {
      code: 'not_found',
      message: /Did you mean 'whisper\/large-v3-turbo'/,
    });
    await assert.rejects(store.status('lessac'), { code: 'not_found', message: /piper-en_US-lessac-medium/ });
    await assert.rejects(store.remove('zzzzzzzzzzzzzzzzzzzzzz'), {
      code: 'not_found',
      message: /no model 'z+' in the catalog\.$/,
    });
  }));

test('an endpoint that is no web address is refused at once', () => {
  for (const endpoint of ['ftp://hub', 'hub', 'https://user:pass@hub'])
    assert.throws(
      () =>
        createModelStore({
          modelsDir: 'x',
          endpoint,
          offline: false,
          fetch,
          log: silentLogger,
          clock: testClock,
        }),
      /HF_ENDPOINT must be/,
    );
});

const testData = process.env['ANTIPHON_TEST_DATA'] ?? '../shared/testdata';
const silero = join(testData, 'ggml/for-tests-silero-v6.2.0-ggml.bin');
const recogniser = join(testData, 'ggml/ggml-mini-test.bin');

test(
  'the voice activity model of the real catalog installs from its real bytes',
  { skip: existsSync(silero) ? false : `${silero} is not there` },
  () => {
    const content = new Map([['ggml-org/whisper-vad/ggml-silero-v6.2.0.bin', silero]]);
    const { behaviour, onProgress } = cutsAfter(400_000, 1);
    return bench({ catalog: weightsCatalog, files: content, behaviour }, async ({ hub, folder, store }) => {
      const status = await store.pull('whisper/silero-vad', { onProgress });
      assert.deepEqual(
        [status.state, status.pinnedBy, status.bytesOnDisk],
        ['installed', 'catalog', 885_098],
      );
      const file = join(folder, 'whisper/silero-vad/ggml-silero-v6.2.0.bin');
      assert.equal(Buffer.compare(readFileSync(file), readFileSync(silero)), 0);
      assert.match(hub.requests[0]?.path ?? '', /\/resolve\/9ffd54a1e1ee413ddf265af9913beaf518d1639b\//);
      assert.deepEqual(
        hub.downloads().map((one) => one.sentBytes),
        [400_000, 485_098],
      );
    });
  },
);

test(
  '16 MB of real weights survive three broken connections and are sent once',
  { skip: existsSync(recogniser) ? false : `${recogniser} is not there` },
  () => {
    const size = statSync(recogniser).size;
    const catalog = [entry({ files: [{ path: 'ggml.bin', bytes: size, sha256: sha256Of(recogniser) }] })];
    const content = new Map([[`${REPOSITORY}/ggml.bin`, recogniser]]);
    const { behaviour, onProgress } = cutsAfter(4_000_000, 3);
    return bench({ catalog, files: content, behaviour }, async ({ hub, store }) => {
      assert.equal((await store.pull('sherpa/voice', { onProgress })).state, 'installed');
      assert.deepEqual(
        hub.downloads().map((one) => one.sentBytes),
        [4_000_000, 4_000_000, 4_000_000, size - 12_000_000],
      );
    });
  },
);
