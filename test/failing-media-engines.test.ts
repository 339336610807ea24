/** What callers get when whoever makes sounds, pictures or films breaks, hangs or answers nothing, over HTTP. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { present } from '../src/base/assert.ts';
import { AppError, cancelledError } from '../src/base/errors.ts';
import type { RequestContext } from '../src/core/context.ts';
import { filmEngine } from './film-engine.ts';
import { mediaEndpoints, postTo, problemOf, type MediaEndpoint } from './media-endpoints.ts';
import { finishedFilm, jobIdIn, openMediaHouse, type MediaHouse } from './media-house.ts';
import { plainPng } from './odd-pictures.ts';
import { paintEngine } from './paint-engine.ts';
import { toneSounds, type ToneSounds } from './tone-sounds.ts';
import { eventually } from './upload-support.ts';

const LATER = { prefer: 'respond-async' };
const NAMES = mediaEndpoints({ picture: '', film: '' });
const WEB_PAGE = Buffer.from('<html><body>502 Bad Gateway</body></html>');

/** What an engine does instead of its work. */
type Trouble = 'none' | 'breaks' | 'breaks late' | 'answers nothing' | 'answers a web page' | 'hangs';

/** Engines with one slot each that are in trouble, or not, as a test says. */
function troubledEngines() {
  let trouble: Trouble = 'none';
  let tries = 0;
  let hanging = 0;
  const failure = () => new AppError('engine_failed', 'The engine broke, as it was told to.');
  const hang = async ({ signal }: RequestContext) => {
    hanging += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (!signal.aborted) await promise;
    hanging -= 1;
    throw cancelledError();
  };
  const meet = async (context: RequestContext) => {
    tries += 1;
    if (trouble === 'breaks') throw failure();
    if (trouble === 'hangs') await hang(context);
  };
  return {
    sound: troubledTones(() => trouble, meet),
    image: troubledPaint(() => trouble, meet),
    video: troubledFilms(() => trouble, meet),
    meets: (next: Trouble) => {
      trouble = next;
      tries = 0;
    },
    tries: () => tries,
    hanging: () => hanging,
  };
}

type Meeting = (context: RequestContext) => Promise<void>;

function troubledTones(trouble: () => Trouble, meet: Meeting): ToneSounds {
  const well = toneSounds({ concurrency: 1 });
  const late = toneSounds({ concurrency: 1, failAfterChunks: 10 });
  const sound = present(well.sound, 'sounds');
  return {
    ...well,
    sound: {
      ...sound,
      plan: async (request, context) => {
        await meet(context);
        if (['answers nothing', 'answers a web page'].includes(trouble())) {
          throw new AppError('engine_failed', 'The engine laid out nothing.');
        }
        return present(await sound.plan?.(request, context), 'a plan');
      },
      generate: async (request, context) => {
        await meet(context);
        if (trouble() === 'answers a web page') return { kind: 'file', bytes: WEB_PAGE };
        if (trouble() === 'breaks late') return present(late.sound, 'sounds').generate(request, context);
        const output = await sound.generate(request, context);
        if (trouble() !== 'answers nothing' || output.kind !== 'pcm') return output;
        return { ...output, pcm: { ...output.pcm, chunks: nothing() } };
      },
    },
  };
}

async function* nothing(): AsyncGenerator<never> {}

function troubledPaint(trouble: () => Trouble, meet: Meeting): ReturnType<typeof paintEngine> {
  const well = paintEngine({ concurrency: 1 });
  const late = paintEngine({ breaksLate: true });
  const page = paintEngine({ answers: WEB_PAGE });
  const image = present(well.image, 'pictures');
  return {
    ...well,
    image: {
      ...image,
      async *generate(request, context) {
        await meet(context);
        if (trouble() === 'answers nothing') return;
        const painter = trouble() === 'breaks late' ? late : trouble() === 'answers a web page' ? page : well;
        yield* present(painter.image, 'pictures').generate(request, context);
      },
    },
  };
}

function troubledFilms(trouble: () => Trouble, meet: Meeting): ReturnType<typeof filmEngine> {
  const well = filmEngine({ withoutFrames: true, limits: { sourceUses: ['edit', 'extend', 'remix'] } });
  const video = present(well.video, 'films');
  return {
    ...well,
    concurrency: 1,
    video: {
      ...video,
      generate: async (request, context) => {
        await meet(context);
        const made = await video.generate(request, context);
        if (trouble() === 'none') return made;
        throw new AppError('engine_failed', `The engine ${trouble()}.`);
      },
    },
  };
}

describe('engines in trouble', () => {
  const engines = troubledEngines();
  let house: MediaHouse;
  let endpoints: readonly MediaEndpoint[] = [];
  before(async () => {
    house = await openMediaHouse(engines);
    const film = await finishedFilm(house);
    const picture = Buffer.from(await plainPng(house.tools, [64, 64])).toString('base64');
    endpoints = mediaEndpoints({ film, picture: `data:image/png;base64,${picture}` });
  });
  after(() => house.close());

  const send = (endpoint: MediaEndpoint, headers = {}, extra = {}) =>
    postTo(house.origin, {
      url: endpoint.url,
      body: JSON.stringify({ ...endpoint.body, ...extra }),
      headers,
    });

  /** The engine has one slot, so that an answer also tells that nobody else holds it. */
  async function assertWell(endpoint: MediaEndpoint): Promise<void> {
    engines.meets('none');
    const { status, body } = await send(endpoint);
    assert.ok(status === 200 || status === 201, body.slice(0, 500));
    if (endpoint.isJob) assert.equal((await house.ended(jobIdIn(body))).state, 'succeeded');
    await house.atRest();
  }

  for (const [index, { name, vendor, isJob, url, makes }] of NAMES.entries()) {
    if (isJob) continue;
    const troubles: readonly Trouble[] = ['breaks', 'answers nothing', 'answers a web page'];
    test(`${name} says of an engine that gives nothing that it failed, and that another try may help`, async () => {
      const endpoint = present(endpoints[index], name);
      const start = house.traces();
      for (const trouble of troubles) {
        engines.meets(trouble);
        const answer = await send(endpoint);
        assert.equal(answer.status, vendor === 'elevenlabs' ? 500 : 502, `${trouble}: ${answer.body}`);
        const { message } = problemOf(vendor, answer.body);
        assert.match(message, /engine/i);
        assert.ok(!message.includes('<html'), message);
        assert.ok(Number(answer.headers.get('retry-after')) >= 1, 'it does not say when to try again');
      }
      await house.atRest();
      assert.equal(house.traces(), start);
      await assertWell(endpoint);
    });

    // A plan comes in one piece.
    if (!name.endsWith('/plan'))
      test(`${name} breaks off what is already on its way, so that nobody takes a half for the whole`, async () => {
        const endpoint = present(endpoints[index], name);
        engines.meets('breaks late');
        // A sound of which the caller has no byte yet can still be refused.
        if (makes === 'image' || name.endsWith('detailed')) {
          const answer = await send(endpoint);
          assert.equal(answer.status, vendor === 'elevenlabs' ? 500 : 502, answer.body.slice(0, 300));
          problemOf(vendor, answer.body);
        } else if (name.endsWith('detailed/stream')) {
          const { status, body } = await send(endpoint);
          assert.equal(status, 200);
          const last = body.trimEnd().split('\n\n').at(-1) ?? '';
          assert.match(last, /"event":"error".*broke, as they were told to/);
        } else {
          await assert.rejects(send(endpoint), 'the whole answer came');
        }
        await house.atRest();
        await assertWell(endpoint);
      });

    test(`${name} gives the engine back when its caller leaves one that hangs`, async () => {
      const endpoint = present(endpoints[index], name);
      const start = house.traces();
      engines.meets('hangs');
      const leave = new AbortController();
      const answer = fetch(house.origin + url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(endpoint.body),
        signal: leave.signal,
      });
      await eventually('the engine hangs', () => engines.hanging() === 1);
      leave.abort();
      await assert.rejects(answer);
      await eventually('the engine has heard of it', () => engines.hanging() === 0);
      assert.equal(house.traces(), start);
      await assertWell(endpoint);
    });
  }

  test('OpenAI’s stream of pictures tells of an engine that breaks between them, and ends', async () => {
    engines.meets('breaks late');
    const endpoint = present(endpoints[0], 'pictures');
    const { status, body } = await send(endpoint, {}, { stream: true, partial_images: 2 });
    assert.equal(status, 200);
    assert.match(body, /event: image_generation.partial_image/);
    const error = /event: error\ndata: (.*)\n\n$/.exec(body)?.[1];
    assert.match(problemOf('openai', present(error, body)).message, /broke/);
    assert.ok(!body.includes('completed'));
    await assertWell(endpoint);
  });

  test('every job whose engine breaks fails after three tries, with the reason, in every API', async () => {
    engines.meets('breaks');
    const start = house.traces();
    const jobs = await Promise.all(
      endpoints.map(async (endpoint) => {
        const { status, body } = await send(endpoint, endpoint.isJob ? {} : LATER);
        assert.ok([200, 201, 202].includes(status), body);
        return { endpoint, id: jobIdIn(body), body };
      }),
    );
    for (const { endpoint, id, body } of jobs) {
      const { state, error } = await house.ended(id);
      assert.equal(state, 'failed', endpoint.name);
      assert.match(present(error, 'a reason').message, /broke, as it was told to/);
      assert.match(await shownBy(endpoint, { id, body }), /broke, as it was told to/);
    }
    assert.equal(engines.tries(), 3 * jobs.length);
    await house.atRest();
    for (const { id } of jobs) {
      const removed = await fetch(`${house.origin}/antiphon/v1/jobs/${id}`, { method: 'DELETE' });
      assert.equal(removed.status, 204);
    }
    // Pictures and films that jobs began with stay for a while, for a remix.
    const inputs = endpoints.filter(({ makes, isJob }) => makes === 'video' && isJob).length;
    assert.ok(house.traces() - start <= inputs, 'more than that is kept');
    for (const endpoint of onePerEngine()) await assertWell(endpoint);
  });

  /** Each of the engines has one slot, so that three endpoints are enough to see whether they are free. */
  function onePerEngine(): readonly MediaEndpoint[] {
    const chosen = ['Eigen AI picture', 'OpenAI videos', 'AI/ML API audio'];
    return endpoints.filter(({ name }) => chosen.includes(name));
  }

  async function shownBy({ vendor, url }: MediaEndpoint, { id, body }: { id: string; body: string }) {
    const paths = {
      openai: `/v1/videos/${id.replaceAll('-', '')}`,
      eigen: `/api/v1/generate/status?jobId=${id}`,
      aiml: `/v2/generate/audio?generation_id=${id}`,
      elevenlabs: '',
    };
    const isNative = !body.includes('"object":"job"');
    const path = isNative ? paths[vendor] : `/antiphon/v1/jobs/${id}/result`;
    const answer = await fetch(house.origin + path);
    const text = await answer.text();
    if (isNative) assert.match(text, /"status":"(failed|error)"/, url);
    else problemOf(vendor, text);
    return text;
  }

  test('jobs whose engines hang end when they are cancelled, and the next ones are done', async () => {
    engines.meets('hangs');
    const ids: string[] = [];
    for (const endpoint of onePerEngine()) {
      const { body } = await send(endpoint, endpoint.isJob ? {} : LATER);
      ids.push(jobIdIn(body));
    }
    await eventually('all of them hang', () => engines.hanging() === ids.length);
    for (const id of ids) {
      const cancelled = await fetch(`${house.origin}/antiphon/v1/jobs/${id}`, { method: 'DELETE' });
      assert.ok(cancelled.ok, `${cancelled.status}`);
      assert.equal((await house.ended(id)).state, 'cancelled');
    }
    await eventually('all of them have heard of it', () => engines.hanging() === 0);
    for (const endpoint of onePerEngine()) await assertWell(endpoint);
  });
});

test('who has too many jobs waiting is told when to come again, and nothing is kept of the order', async () => {
  const gate = Promise.withResolvers<void>();
  const house = await openMediaHouse(
    { video: filmEngine({ gate: gate.promise }), sound: toneSounds({ gate: gate.promise }) },
    { jobLimits: { waiting: 1, running: 1, perOwner: 1 } },
  );
  try {
    const bytes = await plainPng(house.tools, [64, 64]);
    const picture = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
    const films = { url: '/v1/videos', body: '{"prompt": "A film"}' };
    const first = jobIdIn((await postTo(house.origin, films)).body);
    const running = async () => (await house.core.jobs.find(first, 'anonymous'))?.state === 'running';
    while (!(await running())) await new Promise(setImmediate);
    assert.equal((await postTo(house.origin, films)).status, 200);
    const start = house.traces();
    for (const { name, vendor, url, body, isJob } of mediaEndpoints({
      picture,
      film: first.replaceAll('-', ''),
    })) {
      // What is changed has to be finished.
      if (/remix|edits$|extensions/.test(url)) continue;
      const headers = isJob ? {} : LATER;
      const answer = await postTo(house.origin, { url, body: JSON.stringify(body), headers });
      assert.equal(answer.status, 429, `${name}: ${answer.body}`);
      problemOf(vendor, answer.body);
      assert.ok(Number(answer.headers.get('retry-after')) >= 1, name);
    }
    assert.equal(house.traces(), start, 'something of a refused order is kept');
  } finally {
    gate.resolve();
    await house.close();
  }
});

test('a film that no engine can change is refused before anything of it is kept', async () => {
  const house = await openMediaHouse({ video: filmEngine() });
  try {
    const start = house.traces();
    const form = new FormData();
    form.set('prompt', 'at night');
    form.set('video', new Blob([new Uint8Array(2 * 1024 * 1024)], { type: 'video/mp4' }), 'film.mp4');
    for (const url of ['/v1/videos/edits', '/v1/videos/extensions']) {
      if (url.endsWith('extensions')) form.set('seconds', '4');
      const answer = await postTo(house.origin, { url, body: form });
      assert.equal(answer.status, 400, answer.body);
      assert.equal(problemOf('openai', answer.body).param, 'video');
    }
    await house.atRest();
    assert.equal(house.traces(), start, 'the film is still kept');
  } finally {
    await house.close();
  }
});

test('an engine for which too many wait is overloaded, says when to come again, and forgets who has left', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const image = paintEngine({ concurrency: 1, gate: promise });
  const house = await openMediaHouse({ image });
  const url = `${house.origin}/api/v1/generate`;
  const body = '{"model": "eigen-image", "prompt": "x", "size": "512x512"}';
  const headers = { 'content-type': 'application/json' };
  const leave = new AbortController();
  try {
    const answers = Array.from({ length: 300 }, () =>
      fetch(url, { method: 'POST', headers, body, signal: leave.signal }),
    );
    for (const answer of answers) answer.catch(() => undefined);
    const refused = await Promise.any(answers);
    assert.equal(refused.status, 503);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    problemOf('eigen', await refused.text());
    leave.abort();
    const staying = body.replace('"x"', '"one who stays"');
    const answer = fetch(url, { method: 'POST', headers, body: staying });
    // The engine is still held, so that only the leaving of the others makes room.
    await eventually('it is the turn of who stays', () => image.asked.at(-1)?.prompt === 'one who stays');
    resolve();
    assert.equal((await answer).status, 200);
    await house.atRest();
  } finally {
    resolve();
    await house.close();
  }
});
