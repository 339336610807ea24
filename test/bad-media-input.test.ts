/** What callers get for every kind of description, number, picture and address that is not what it should be, over HTTP. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { present } from '../src/base/assert.ts';
import { proceduralEngine } from '../src/engines/procedural/procedural-engine.ts';
import { createGuardedFetcher } from '../src/platform/guarded-fetcher.ts';
import {
  bodyWith,
  mediaEndpoints,
  postTo,
  problemOf,
  type MediaEndpoint,
  type MediaVendor,
} from './media-endpoints.ts';
import { finishedFilm, jobIdIn, openMediaHouse, type MediaHouse } from './media-house.ts';
import { plainPng } from './odd-pictures.ts';
import { ODD_PICTURES } from './odd-picture-files.ts';
import { startTools } from './paint-engine.ts';
import { rawForm, textPart, type RawPart } from './raw-form.ts';
import { listening } from './support.ts';

const LATER = { prefer: 'respond-async' };
const MEGABYTE = 1024 * 1024;
/** The size of OpenAI's films, which a picture for one must have. */
const PORTRAIT = [720, 1280] as const;
/** The names and addresses of this machine, for which no fetcher has to ask anybody. */
const resolve = async (host: string) => (host === 'localhost' ? ['127.0.0.1'] : [host]);

/** The same endpoints without a film or picture yet, to name the tests. */
const NAMES = mediaEndpoints({ picture: '', film: '' });

describe('bad descriptions and numbers', () => {
  let house: MediaHouse;
  let endpoints: readonly MediaEndpoint[] = [];
  before(async () => {
    house = await openMediaHouse();
    const film = await finishedFilm(house);
    const bytes = await plainPng(house.tools, [64, 64]);
    endpoints = mediaEndpoints({ film, picture: dataUrl(bytes) });
  });
  after(() => house.close());

  const send = (endpoint: MediaEndpoint, body: string, headers = {}) =>
    postTo(house.origin, { url: endpoint.url, body, headers });

  /** Asks for something ordinary and gets it. */
  async function assertWell(endpoint: MediaEndpoint): Promise<void> {
    const { status, body } = await send(endpoint, JSON.stringify(endpoint.body));
    assert.ok(status === 200 || status === 201, body.slice(0, 500));
    if (endpoint.isJob) await house.ended(jobIdIn(body));
  }

  const WRONG: Readonly<Record<string, string | undefined>> = {
    'is absent': undefined,
    'is null': 'null',
    'is a number': '5',
    'is an array': '["x"]',
    'is an object': '{"a": 1}',
    'is ten thousand arrays in one another': '['.repeat(10_000) + ']'.repeat(10_000),
    'is empty': '""',
    'is blank': '" \\n\\t\\u00a0 "',
    'has a million characters': JSON.stringify('rain '.repeat(200_000)),
  };
  for (const [index, { name, vendor, prompt, longest }] of NAMES.entries()) {
    const endpointHere = () => present(endpoints[index], name);

    test(`${name} refuses a description that is none, naming it, leaves nothing behind and goes on`, async () => {
      const endpoint = endpointHere();
      const start = house.traces();
      const tooLong = { 'has one character too many': JSON.stringify('x'.repeat(longest + 1)) };
      for (const [what, written] of Object.entries({ ...WRONG, ...tooLong })) {
        const answer = await send(endpoint, bodyWith(endpoint.body, prompt, written));
        assertBlamed(vendor, answer, { field: prompt, what });
      }
      await house.atRest();
      assert.equal(house.traces(), start, 'something was kept for a refused request');
      await assertWell(endpoint);
    });

    test(`${name} tells an engine exactly what was written, whatever it looks like`, async () => {
      const endpoint = endpointHere();
      const texts = { ...ODD_TEXTS, 'as much as is taken': 'x'.repeat(endpoint.longest) };
      for (const [what, text] of Object.entries(texts)) {
        const { status, body } = await send(endpoint, bodyWith(endpoint.body, prompt, JSON.stringify(text)));
        assert.ok(status === 200 || status === 201, `${what}: ${body.slice(0, 500)}`);
        if (endpoint.isJob) await house.ended(jobIdIn(body));
        if (!name.endsWith('/plan')) assert.equal(house.lastPrompt(endpoint.makes), text, what);
      }
    });

    test(`${name} refuses bodies that are no object in its own envelope`, async () => {
      const endpoint = endpointHere();
      const bodies: Readonly<Record<string, string>> = {
        'half an object': JSON.stringify(endpoint.body).slice(0, -1),
        'a list': '[]',
        nothing: 'null',
        'a text': '"rain"',
        'no bytes': '',
        'ten thousand arrays': '['.repeat(10_000) + ']'.repeat(10_000),
        'a prototype': bodyWith(endpoint.body, '__proto__', '{"strict": true}'),
      };
      for (const [what, body] of Object.entries(bodies)) {
        const answer = await send(endpoint, body);
        assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.body}`);
        problemOf(vendor, answer.body);
      }
      const untold = await postTo(house.origin, {
        url: endpoint.url,
        body: Buffer.from(JSON.stringify(endpoint.body)),
        headers: { 'content-type': 'application/pdf' },
      });
      assert.ok([400, 415].includes(untold.status), untold.body);
      problemOf(vendor, untold.body);
    });

    test(`${name} takes ten megabytes of JSON for too large, and the last of repeated fields`, async () => {
      const endpoint = endpointHere();
      const large = await send(
        endpoint,
        bodyWith(endpoint.body, 'more', JSON.stringify('x'.repeat(10 * MEGABYTE))),
      );
      // Where a body may hold pictures, it may be large.
      if (endpoint.url === '/v1/images/edits') assert.equal(large.status, 200, large.body.slice(0, 200));
      else {
        assert.equal(large.status, 413, large.body.slice(0, 200));
        problemOf(vendor, large.body);
      }
      const whole = JSON.stringify(endpoint.body).slice(1);
      const { status, body } = await send(endpoint, `{"${prompt}": 5, ${whole}`);
      assert.ok(status === 200 || status === 201, body.slice(0, 200));
      if (endpoint.isJob) await house.ended(jobIdIn(body));
    });
  }

  const NO_NUMBERS = ['"NaN"', '"many"', '[]', '{}', '1e999', '-1e999'];
  const NO_SEEDS = [...NO_NUMBERS, '-1', '0.5', '1e308', '123456789012345678901234567890'];
  const NO_COUNTS = [...NO_SEEDS, '0'];
  const NO_SIDES = [...NO_COUNTS, '1', '60000'];
  const SIZE_TEXTS = [
    '0x0',
    '-16x-16',
    'NaNxNaN',
    '1x1',
    '60000x60000',
    '1e9x16',
    '99999999999999999999x16',
    '',
  ];
  const NO_SIZES = ['5', '[]', '{}', ...SIZE_TEXTS.map((text) => JSON.stringify(text))];
  const pictureNumbers = {
    n: [...NO_COUNTS, '11'],
    size: NO_SIZES,
    seed: NO_SEEDS,
    steps: [...NO_NUMBERS, '0', '-1'],
    guidance_scale: NO_NUMBERS,
    strength: [...NO_NUMBERS, '-0.1', '1.1', '1e308'],
    output_compression: [...NO_NUMBERS, '-1', '101', '1e308'],
    partial_images: [...NO_NUMBERS, '-1', '4', '1e308'],
    frame_count: [...NO_COUNTS, '1', '17'],
    frame_duration_ms: [...NO_NUMBERS, '0', '-1', '1e308'],
  };
  const filmNumbers = { seconds: [...NO_COUNTS, '5', '""'], size: NO_SIZES };
  const eigenNumbers = {
    width: [...NO_SIDES, '511', '2049'],
    height: [...NO_SIDES, '511', '2049'],
    size: NO_SIZES,
    seed: NO_SEEDS,
    num_inference_steps: NO_NUMBERS,
    guidance_scale: NO_NUMBERS,
    true_cfg_scale: NO_NUMBERS,
    downsizing_mp: NO_NUMBERS,
    lora_strength: NO_NUMBERS,
    rank: NO_NUMBERS,
  };
  const eigenFilmNumbers = {
    infer_steps: [...NO_COUNTS, '21'],
    seed: NO_SEEDS,
    frame_num: [...NO_NUMBERS, '0', '-1', '10001', '1e308'],
  };
  const musicNumbers = { music_length_ms: [...NO_COUNTS, '2999', '600001', '3000.5'] };
  const songNumbers = { ...musicNumbers, seed: NO_SEEDS };
  const NUMBERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    'OpenAI images/generations': pictureNumbers,
    'OpenAI images/edits': pictureNumbers,
    'OpenAI videos': filmNumbers,
    'OpenAI videos/extensions': { seconds: filmNumbers.seconds },
    'Eigen AI picture': eigenNumbers,
    'Eigen AI edit': eigenNumbers,
    'Eigen AI film': eigenFilmNumbers,
    'Eigen AI picture by path': eigenNumbers,
    'Eigen AI film by path': eigenFilmNumbers,
    'ElevenLabs sound-generation': {
      duration_seconds: [...NO_NUMBERS, '0', '-1', '0.49', '30.1', '1e308'],
      prompt_influence: [...NO_NUMBERS, '-0.1', '1.1', '1e308'],
      loop: ['"perhaps"', '5', '[]', '{}'],
    },
    'ElevenLabs /v1/music': songNumbers,
    'ElevenLabs /v1/music/stream': songNumbers,
    'ElevenLabs /v1/music/detailed': songNumbers,
    'ElevenLabs /v1/music/detailed/stream': songNumbers,
    'ElevenLabs /v1/music/plan': musicNumbers,
    'AI/ML API audio': {
      seconds_total: [...NO_COUNTS, '48'],
      seconds_start: [...NO_SEEDS, '48'],
      steps: [...NO_COUNTS, '1001'],
    },
  };
  for (const [index, { name, vendor }] of NAMES.entries()) {
    for (const [field, values] of Object.entries(NUMBERS[name] ?? {})) {
      test(`${name} refuses ${values.length} impossible values of ${field} by its name`, async () => {
        const endpoint = present(endpoints[index], name);
        for (const written of values) {
          const answer = await send(endpoint, bodyWith(endpoint.body, field, written));
          assertBlamed(vendor, answer, { field, what: written });
        }
      });
    }
  }

  test('plans of music that are none are refused before anything is played', async () => {
    const section = {
      section_name: 'A',
      positive_local_styles: [],
      negative_local_styles: [],
      duration_ms: 3000,
      lines: [],
    };
    const plan = (sections: unknown, styles: unknown = []) =>
      JSON.stringify({ positive_global_styles: styles, negative_global_styles: [], sections });
    const nested = '{"sections":'.repeat(5000) + '1' + '}'.repeat(5000);
    const wrong = {
      'a text': '"A waltz"',
      'a list': '[]',
      'nothing in it': '{}',
      'no section': plan([]),
      'too many sections': plan(Array.from({ length: 31 }, () => section)),
      'a section of no length': plan([{ ...section, duration_ms: 0 }]),
      'a section of endless length': plan([section]).replace('3000', '1e999'),
      'a style of a megabyte': plan([section], ['x'.repeat(MEGABYTE)]),
      'too many styles': plan(
        [section],
        Array.from({ length: 51 }, () => 'jazz'),
      ),
      'a style that is none': plan([section], [null]),
      'sections in sections': nested,
    };
    for (const url of ['/v1/music', '/v1/music/stream', '/v1/music/detailed', '/v1/music/detailed/stream']) {
      for (const [what, written] of Object.entries(wrong)) {
        const answer = await postTo(house.origin, { url, body: `{"composition_plan": ${written}}` });
        assert.ok(
          [400, 422].includes(answer.status),
          `${what}: ${answer.status} ${answer.body.slice(0, 300)}`,
        );
        problemOf('elevenlabs', answer.body);
        assert.ok(
          answer.body.includes('composition_plan'),
          `${what} is not named in ${answer.body.slice(0, 300)}`,
        );
      }
      const chunk = { text: 'x'.repeat(10_001), duration_ms: 3000, positive_styles: [] };
      const body = JSON.stringify({ model_id: 'music_v2', composition_plan: { chunks: [chunk] } });
      assertBlamed('elevenlabs', await postTo(house.origin, { url, body }), {
        field: 'text',
        what: 'a long chunk',
      });
    }
    await house.atRest();
  });

  test('numbers that an engine cannot follow are moved into what it can, and a warning says so', async () => {
    const cases = [
      ['Eigen AI picture', 'num_inference_steps', ['0', '-5', '1e308', '"1e30"']],
      ['OpenAI images/generations', 'steps', ['1e308', '1000000']],
    ] as const;
    for (const [name, field, values] of cases) {
      const endpoint = present(endpoints[NAMES.findIndex((one) => one.name === name)], name);
      for (const written of values) {
        const answer = await send(endpoint, bodyWith(endpoint.body, field, written));
        assert.equal(answer.status, 200, answer.body.slice(0, 300));
        const warnings = decodeURIComponent(answer.headers.get('x-antiphon-warnings') ?? '');
        assert.match(warnings, new RegExp(`adjusted.*${field}`), written);
      }
    }
  });

  for (const [index, { name, vendor, prompt, isJob, url }] of NAMES.entries()) {
    // What is a job anyway is none of a request.
    if (isJob) continue;
    test(`${name} that is wanted later fails in its job as it would have at once, and leaves nothing`, async () => {
      const endpoint = present(endpoints[index], name);
      const start = house.traces();
      const blank = bodyWith(endpoint.body, prompt, '" "');
      const direct = await send(endpoint, blank);
      const accepted = await send(endpoint, blank, LATER);
      assert.equal(accepted.status, 202, accepted.body);
      const job = `${house.origin}${accepted.headers.get('location')}`;
      const { state, error } = await house.ended(jobIdIn(accepted.body));
      assert.equal(state, 'failed');
      assert.match(present(error, 'a reason').message, new RegExp(prompt));
      const result = await fetch(`${job}/result`);
      assert.equal(result.status, direct.status);
      assert.equal(problemOf(vendor, await result.text()).message, problemOf(vendor, direct.body).message);
      const most = (url === '/v1/images/edits' ? 65 : 9) * MEGABYTE;
      const large = await send(endpoint, bodyWith(endpoint.body, 'more', `"${'x'.repeat(most)}"`), LATER);
      assert.equal(large.status, 413, url);
      problemOf(vendor, large.body);
      assert.equal((await fetch(job, { method: 'DELETE' })).status, 204);
      assert.equal(house.traces(), start, 'something of the request is still kept');
    });
  }
});

const ODD_TEXTS: Readonly<Record<string, string>> = {
  'only emoji': '🎸🌧️👩‍👩‍👧'.repeat(8),
  'a null byte': 'rain\u0000 on a roof',
  'half surrogates': 'rain \ud83d and \udc00 wind',
  'right to left': '\u202eمطر على السطح\u202c',
  SSML: '<speak>rain <break time="10s"/></speak>',
  SVG: '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script><image href="file:///etc/passwd"/></svg>',
  JSON: '{"prompt": ["rain", null], "seed": -1}',
  'the end of everything': `"}]};--><!--' OR 1=1; $(reboot) \${x} %s %00 ../../etc/passwd`,
};

interface Blame {
  readonly field: string;
  /** What was wrong, for whoever reads the failure. */
  readonly what: string;
}

function assertBlamed(
  vendor: MediaVendor,
  { status, body }: { readonly status: number; readonly body: string },
  { field, what }: Blame,
): void {
  assert.ok([400, 413, 415, 422].includes(status), `${what.slice(0, 60)}: ${status} ${body.slice(0, 500)}`);
  const { message, param } = problemOf(vendor, body);
  const named = param === field || message.includes(field);
  assert.ok(named, `${what.slice(0, 60)}: '${field}' is not named in ${body.slice(0, 500)}`);
}

function dataUrl(bytes: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
}

function picturePart(field: string, bytes: Uint8Array, filename = 'picture.png'): RawPart {
  const head = `Content-Disposition: form-data; name="${field}"; filename="${filename}"`;
  return [[head, 'Content-Type: image/png'], bytes];
}

/** A route to which pictures are sent as files. */
interface PictureTaker {
  readonly name: string;
  readonly vendor: MediaVendor;
  readonly url: string;
  readonly field: string;
  readonly fields: Readonly<Record<string, string>>;
}

const TAKERS: readonly PictureTaker[] = [
  {
    name: 'OpenAI images/edits',
    vendor: 'openai',
    url: '/v1/images/edits',
    field: 'image',
    fields: { prompt: 'grey' },
  },
  {
    name: 'OpenAI images/variations',
    vendor: 'openai',
    url: '/v1/images/variations',
    field: 'image',
    fields: {},
  },
  {
    name: 'OpenAI videos',
    vendor: 'openai',
    url: '/v1/videos',
    field: 'input_reference',
    fields: { prompt: 'zoom in' },
  },
  {
    name: 'Eigen AI picture',
    vendor: 'eigen',
    url: '/api/v1/generate',
    field: 'image',
    fields: { model: 'eigen-image', prompt: 'grey' },
  },
  {
    name: 'Eigen AI film',
    vendor: 'eigen',
    url: '/api/v1/generate',
    field: 'image',
    fields: { model: 'wan2p2-i2v-14b-turbo', prompt: 'zoom in' },
  },
];

function formOf({ fields }: PictureTaker, ...parts: readonly RawPart[]) {
  return rawForm([...Object.entries(fields).map(([name, text]) => textPart(name, text)), ...parts]);
}

describe('bad pictures', () => {
  let house: MediaHouse;
  let png = Buffer.alloc(0);
  before(async () => {
    house = await openMediaHouse();
    png = Buffer.from(await plainPng(house.tools, PORTRAIT));
  });
  after(() => house.close());

  const send = ({ url }: PictureTaker, { payload, headers }: ReturnType<typeof rawForm>) =>
    postTo(house.origin, { url, body: payload, headers });

  for (const taker of TAKERS) {
    const { name, vendor, field } = taker;
    test(`${name} refuses ${ODD_PICTURES.length} files that are no harmless picture, naming ${field}`, async () => {
      const start = house.traces();
      for (const { what, bytes, tooLarge } of ODD_PICTURES) {
        const memory = process.memoryUsage().rss;
        const answer = await send(taker, formOf(taker, picturePart(field, bytes(png))));
        const expected = vendor === 'openai' ? 400 : tooLarge ? 413 : 415;
        assert.equal(answer.status, expected, `${what}: ${answer.body.slice(0, 300)}`);
        assertBlamed(vendor, answer, { field, what });
        const grown = (process.memoryUsage().rss - memory) / MEGABYTE;
        assert.ok(grown < 150, `${what}: the process grew by ${grown.toFixed(0)} MB`);
      }
      await house.atRest();
      assert.equal(house.traces(), start, 'something was kept for a refused picture');
      const well = await send(taker, formOf(taker, picturePart(field, png)));
      assert.equal(well.status, 200, well.body.slice(0, 300));
      if (!/base64|b64_json/.test(well.body)) await house.ended(jobIdIn(well.body));
    });

    test(`${name} tells files where fields belong, and fields where files belong`, async () => {
      const text = await send(taker, formOf(taker, textPart(field, 'picture.png')));
      assertBlamed(vendor, text, { field, what: 'a text' });
      const missing = await send({ ...taker, fields: {} }, rawForm([textPart('model', 'auto')]));
      assert.ok(missing.status >= 400 && missing.status < 500, missing.body);
      problemOf(vendor, missing.body);
      if (taker.fields['prompt'] === undefined) return;
      const { prompt: _, ...others } = taker.fields;
      const asFile = [picturePart('prompt', Buffer.from('grey'), 'prompt.txt'), picturePart(field, png)];
      assertBlamed(vendor, await send(taker, formOf({ ...taker, fields: others }, ...asFile)), {
        field: 'prompt',
        what: 'a file',
      });
    });

    test(`${name} refuses a form that breaks off in the middle of its picture`, async () => {
      const start = house.traces();
      const large = Buffer.concat([png, Buffer.alloc(2 * MEGABYTE)]);
      const form = formOf(taker, picturePart(field, large));
      const answer = await send(taker, {
        ...form,
        payload: form.payload.subarray(0, form.payload.length - 200_000),
      });
      assert.equal(answer.status, 400, answer.body);
      assert.match(problemOf(vendor, answer.body).message, /ends before the closing boundary/);
      await house.atRest();
      assert.equal(house.traces(), start);
    });
  }

  test('a file that is a picture and an archive as well is taken for the picture, and the archive is gone', async () => {
    const archive = Buffer.from('PK\u0003\u0004 something to unpack PK\u0005\u0006', 'latin1');
    const both = Buffer.concat([png, archive]);
    for (const taker of TAKERS) {
      const { status, body } = await send(taker, formOf(taker, picturePart(taker.field, both)));
      assert.equal(status, 200, body.slice(0, 300));
      if (!body.includes('b64_json') && !body.includes('base64')) {
        assert.equal((await house.ended(jobIdIn(body))).state, 'succeeded');
        continue;
      }
      const base64 = /"(?:b64_json|\w*image_base64)":"([^"]+)"/.exec(body)?.[1] ?? '';
      assert.ok(base64.length > 100 && !Buffer.from(base64, 'base64').includes('something to unpack'));
    }
  });

  test('masks that do not fit the picture are refused by their name', async () => {
    const [edits] = TAKERS;
    const taker = present(edits, 'edits');
    const small = Buffer.from(await plainPng(house.tools, [64, 64], [0, 0, 0, 0]));
    for (const masks of [[small], [png], [png, png], [Buffer.alloc(0)], [Buffer.from('<svg/>')]]) {
      const parts = [picturePart('image', png), ...masks.map((bytes) => picturePart('mask', bytes))];
      assertBlamed('openai', await send(taker, formOf(taker, ...parts)), { field: 'mask', what: 'a mask' });
    }
    assertBlamed('openai', await send(taker, formOf(taker, picturePart('mask', png))), {
      field: 'image',
      what: 'a mask alone',
    });
  });

  test('more pictures than are taken are refused, however many', async () => {
    const small = Buffer.from(await plainPng(house.tools, [16, 16]));
    for (const taker of TAKERS.filter(({ url }) => url !== '/v1/videos')) {
      for (const count of [17, 40]) {
        const parts = Array.from({ length: count }, () => picturePart(taker.field, small));
        const answer = await send(taker, formOf(taker, ...parts));
        assert.ok([400, 413].includes(answer.status), answer.body);
        problemOf(taker.vendor, answer.body);
      }
    }
    await house.atRest();
  });
});

/** A route that takes the address of a picture. */
interface AddressTaker {
  readonly name: string;
  readonly vendor: MediaVendor;
  readonly url: string;
  readonly field: string;
  readonly body: (address: string) => object;
}

const ADDRESS_TAKERS: readonly AddressTaker[] = [
  {
    name: 'OpenAI images/edits',
    vendor: 'openai',
    url: '/v1/images/edits',
    field: 'images',
    body: (image_url) => ({ prompt: 'grey', images: [{ image_url }] }),
  },
  {
    name: 'OpenAI videos',
    vendor: 'openai',
    url: '/v1/videos',
    field: 'input_reference',
    body: (image_url) => ({ prompt: 'zoom in', input_reference: { image_url } }),
  },
  {
    name: 'Eigen AI picture',
    vendor: 'eigen',
    url: '/api/v1/generate',
    field: 'image',
    body: (image_path) => ({ model: 'eigen-image', prompt: 'grey', image_path }),
  },
  {
    name: 'Eigen AI film',
    vendor: 'eigen',
    url: '/api/v1/generate',
    field: 'image',
    body: (image_url) => ({ model: 'wan2p2-i2v-14b-turbo', prompt: 'zoom in', image_url }),
  },
];

/** Lends a web server on loopback that counts who comes. */
async function withNeighbour(
  answer: RequestListener,
  use: (port: number, visits: () => number) => Promise<void>,
): Promise<void> {
  let visits = 0;
  const server = createServer((request, response) => {
    visits += 1;
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    await use(port, () => visits);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('addresses of pictures', () => {
  let knocking: MediaHouse;
  before(async () => {
    knocking = await openMediaHouse();
  });
  after(() => knocking.close());

  for (const taker of ADDRESS_TAKERS) {
    test(`${taker.name} never knocks at this machine or its network, however it is spelled`, async () => {
      const refused = await plainPng(knocking.tools, PORTRAIT);
      await withNeighbour(
        (_, response) => response.end(refused),
        async (port, visits) => {
          const start = knocking.traces();
          for (const address of [
            `http://127.0.0.1:${port}/a.png`,
            `http://localhost:${port}/a.png`,
            `http://[::1]:${port}/a.png`,
            `http://2130706433:${port}/a.png`,
            `http://0x7f.1:${port}/a.png`,
            `http://0177.0.0.1:${port}/a.png`,
            `http://[::ffff:127.0.0.1]:${port}/a.png`,
            `http://[::ffff:7f00:1]:${port}/a.png`,
            `http://[64:ff9b::7f00:1]:${port}/a.png`,
            `http://0.0.0.0:${port}/a.png`,
            `http://0:${port}/a.png`,
            `http://①②⑦.⓪.⓪.①:${port}/a.png`,
            `http://user:pass@127.0.0.1:${port}/a.png`,
            'http://169.254.169.254/latest/meta-data/',
            'http://[fe80::1]/a.png',
            'http://10.0.0.1/a.png',
            'http://192.168.0.1/a.png',
            'http://100.64.0.1/a.png',
            'file:///etc/passwd',
            'ftp://127.0.0.1/a.png',
            'javascript:alert(1)',
            '//127.0.0.1/a.png',
            '/etc/passwd',
            'data:image/svg+xml;utf8,<svg/>',
            'data:text/html;base64,PGh0bWw+',
          ]) {
            const body = JSON.stringify(taker.body(address));
            const answer = await postTo(knocking.origin, { url: taker.url, body });
            assertBlamed(taker.vendor, answer, { field: taker.field, what: address });
            assert.ok(!answer.body.includes('ECONN'), answer.body);
          }
          assert.equal(visits(), 0, 'somebody knocked');
          assert.equal(knocking.traces(), start);
        },
      );
    });
  }

  test('a server that leads elsewhere, drips, never ends, lies or fails is told to the caller who named it', async () => {
    const networks = ['127.0.0.1/32'];
    const fetcher = createGuardedFetcher({ allowedNetworks: networks, resolve, timeoutMs: 700 });
    const house = await openMediaHouse({}, { fetcher });
    const png = await plainPng(house.tools, PORTRAIT);
    const piece = Buffer.alloc(MEGABYTE);
    const answers: Readonly<Record<string, RequestListener>> = {
      '/redirect-inside': (_, response) =>
        void response.writeHead(302, { location: 'http://10.0.0.1/a.png' }).end(),
      '/redirect-metadata': (_, response) =>
        void response.writeHead(307, { location: 'http://169.254.169.254/latest' }).end(),
      '/redirect-file': (_, response) =>
        void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      '/redirect-nowhere': (_, response) => void response.writeHead(302, { location: 'http://[' }).end(),
      '/redirect-round': (_, response) => void response.writeHead(302, { location: '/redirect-round' }).end(),
      '/drip': (_, response) => {
        const timer = setInterval(() => response.write('x'), 20);
        response.once('close', () => clearInterval(timer));
      },
      '/silent': () => undefined,
      '/two-gigabytes': (_, response) =>
        void response
          .writeHead(200, { 'content-length': String(2 ** 31), 'content-type': 'image/png' })
          .write('x'),
      '/endless': (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(piece));
        };
        response.on('drain', more);
        more();
      },
      '/page': (_, response) =>
        void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Not here</html>'),
      '/page-as-png': (_, response) =>
        void response.writeHead(200, { 'content-type': 'image/png' }).end('<html>Not here</html>'),
      '/empty': (_, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(),
      '/broken': (_, response) => void response.writeHead(500).end('stack trace of a neighbour'),
      '/missing': (_, response) => void response.writeHead(404).end('a secret of a neighbour'),
      '/cut': (_, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('x');
        setImmediate(() => response.destroy());
      },
    };
    const neighbour: RequestListener = (request, response) => {
      const answer = answers[request.url ?? ''];
      if (answer) answer(request, response);
      else response.writeHead(200, { 'content-type': 'text/plain' }).end(png);
    };
    await withNeighbour(neighbour, async (port) => {
      const start = house.traces();
      await Promise.all(
        ADDRESS_TAKERS.map(async (taker) => {
          for (const path of Object.keys(answers)) {
            const body = JSON.stringify(taker.body(`http://127.0.0.1:${port}${path}`));
            const answer = await postTo(house.origin, { url: taker.url, body });
            assertBlamed(taker.vendor, answer, { field: taker.field, what: path });
            assert.ok(!/neighbour|root:/.test(answer.body), `${path} shows what it read: ${answer.body}`);
          }
        }),
      );
      assert.equal(house.traces(), start, 'something was kept');
      for (const taker of ADDRESS_TAKERS) {
        const body = JSON.stringify(taker.body(`http://127.0.0.1:${port}/a.png`));
        const { status, body: made } = await postTo(house.origin, { url: taker.url, body });
        assert.equal(status, 200, `the content type does not matter, the bytes do: ${made.slice(0, 300)}`);
      }
    }).finally(() => house.close());
  });
});

describe('what belongs to others', () => {
  const KEYS = ['anna', 'berta'];
  const as = (key: string) => ({ authorization: `Bearer ${key}` });

  test('jobs, films and generations of another key are not there, and cannot be changed or made into others', async () => {
    const house = await openMediaHouse({}, { keys: KEYS });
    const ask = async (key: string, path: string, method = 'GET', body?: string) => {
      const headers = { ...as(key), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
      const answer = await fetch(house.origin + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      return { status: answer.status, body: await answer.text() };
    };
    try {
      const film = await ask('anna', '/v1/videos', 'POST', '{"prompt": "A film"}');
      const { id } = JSON.parse(film.body) as { id: string }; // A film has an id.
      const job = jobIdIn(film.body);
      assert.equal((await house.ended(job, as('anna'))).state, 'succeeded');
      const sound = await ask(
        'anna',
        '/v2/generate/audio',
        'POST',
        '{"model": "stable-audio", "prompt": "Rain"}',
      );
      const generation = encodeURIComponent((JSON.parse(sound.body) as { id: string }).id);
      const words = '{"prompt": "Another"}';
      const change = JSON.stringify({ prompt: 'Another', seconds: '4', video: { id } });
      const forbidden = [
        ['openai', `/v1/videos/${id}`],
        ['openai', `/v1/videos/${id}/content`],
        ['openai', `/v1/videos/${id}`, 'DELETE'],
        ['openai', `/v1/videos/${id}/remix`, 'POST', words],
        ['openai', '/v1/videos/edits', 'POST', change],
        ['openai', '/v1/videos/extensions', 'POST', change],
        ['eigen', `/api/v1/generate/status?jobId=${job}`],
        ['eigen', `/api/v1/generate/result?jobId=${job}`],
        ['eigen', `/api/wan2p2-i2v-14b-turbo-result?jobId=${job}`],
        ['aiml', `/v2/generate/audio?generation_id=${generation}`],
      ] as const;
      for (const [vendor, path, method, body] of forbidden) {
        const answer = await ask('berta', path, method, body);
        assert.equal(answer.status, 404, `${method} ${path}: ${answer.body}`);
        problemOf(vendor, answer.body);
      }
      for (const [path, method] of [
        ['', 'GET'],
        ['/events', 'GET'],
        ['/result', 'GET'],
        ['/retry', 'POST'],
        ['', 'DELETE'],
      ] as const) {
        const { status, body } = await ask('berta', `/antiphon/v1/jobs/${job}${path}`, method);
        assert.equal(status, 404, `${method} ${path}: ${body}`);
      }
      assert.deepEqual(JSON.parse((await ask('berta', '/v1/videos')).body).data, []);
      assert.equal((await ask('berta', `/v1/videos?after=${id}`)).status, 400);
      assert.equal((await ask('anna', `/v1/videos/${id}/content`)).status, 200, 'the owner still has it');
    } finally {
      await house.close();
    }
  });

  test('ids and queries that are none are refused in the envelope of each API', async () => {
    const house = await openMediaHouse();
    const odd = [
      'x',
      '%00',
      '%ff',
      '..%2f..%2fetc',
      'a'.repeat(400),
      '%27%20OR%201%3D1',
      '%F0%9F%8E%B8',
      '[]',
    ];
    const [limits, orders] = [
      ['-1', 'NaN', '1e308', '101', '%00'],
      ['up', '1', ''],
    ];
    try {
      const paths = odd.flatMap((id) => [
        ['openai', `/v1/videos/${id}`],
        ['openai', `/v1/videos/${id}/content`],
        ['openai', `/v1/videos?after=${id}`],
        ['eigen', `/api/v1/generate/status?jobId=${id}`],
        ['eigen', `/api/v1/generate/result?jobId=${id}&jobId=${id}`],
        ['aiml', `/v2/generate/audio?generation_id=${id}`],
      ]);
      const queries = [
        ...limits.map((limit) => ['openai', `/v1/videos?limit=${limit}`]),
        ...orders.map((order) => ['openai', `/v1/videos?order=${order}`]),
        ['eigen', '/api/v1/generate/status'],
        ['aiml', '/v2/generate/audio?generation_id='],
      ];
      for (const [vendor = '', path = ''] of [...paths, ...queries]) {
        const answer = await fetch(house.origin + path);
        const body = await answer.text();
        assert.ok([400, 404, 422].includes(answer.status), `${path}: ${answer.status} ${body}`);
        // The first part of a pair is one of the vendors.
        problemOf(vendor as MediaVendor, body);
      }
    } finally {
      await house.close();
    }
  });

  test('a signed address opens its file alone, until its own end', async () => {
    const house = await openMediaHouse();
    const open = async (path: string) => {
      const answer = await fetch(house.origin + path);
      await answer.arrayBuffer();
      return answer.status;
    };
    try {
      const ids = [await finishedFilm(house), await finishedFilm(house)].map((id) =>
        jobIdIn(JSON.stringify({ id })),
      );
      const links = await Promise.all(
        ids.map(async (id) => {
          const shown = await (await fetch(`${house.origin}/antiphon/v1/jobs/${id}`)).json();
          const { pathname, search } = new URL((shown as { links: { file: string } }).links.file);
          return { pathname, search };
        }),
      );
      const [first, second] = [present(links[0], 'a link'), present(links[1], 'a link')];
      assert.equal(await open(first.pathname + first.search), 200);
      const query = new URLSearchParams(first.search);
      const signature = query.get('signature') ?? '';
      const altered = (changes: Readonly<Record<string, string>>) =>
        `${first.pathname}?${new URLSearchParams({ ...Object.fromEntries(query), ...changes }).toString()}`;
      for (const path of [
        first.pathname,
        second.pathname + first.search,
        first.pathname.replace(/files\/[^/]+/, `files/${'0'.repeat(32)}`) + first.search,
        altered({ expires: String(Number(query.get('expires')) + 1) }),
        altered({ expires: 'Infinity' }),
        altered({ expires: '' }),
        altered({ signature: signature.slice(0, -1) }),
        altered({ signature: `${signature}A` }),
        altered({ signature: Buffer.from(signature).toReversed().toString() }),
        altered({ signature: '' }),
        altered({ signature: 'é'.repeat(40) }),
        `${first.pathname}${first.search}&signature=x`,
      ]) {
        assert.ok([400, 404].includes(await open(path)), path);
      }
    } finally {
      await house.close();
    }
  });

  test('a webhook never reaches this machine, and the work is done all the same', async () => {
    const house = await openMediaHouse();
    await withNeighbour(
      (_, response) => response.end(),
      async (port, visits) => {
        const headers = { 'x-antiphon-webhook': `http://127.0.0.1:${port}/hook` };
        const material = { picture: '', film: '' };
        for (const { url, body, isJob, name } of mediaEndpoints(material).filter(
          ({ makes }) => makes === 'sound',
        )) {
          const wishes = isJob ? headers : { ...headers, ...LATER };
          const answer = await postTo(house.origin, { url, body: JSON.stringify(body), headers: wishes });
          assert.ok(answer.status === 201 || answer.status === 202, answer.body);
          assert.equal((await house.ended(jobIdIn(answer.body))).state, 'succeeded', name);
        }
        assert.equal(visits(), 0);
        for (const wrong of ['file:///etc/passwd', 'hook', 'ftp://example.com/']) {
          const answer = await postTo(house.origin, {
            url: '/v2/generate/audio',
            body: '{"model": "stable-audio", "prompt": "Rain"}',
            headers: { 'x-antiphon-webhook': wrong },
          });
          assertBlamed('aiml', answer, { field: 'x-antiphon-webhook', what: wrong });
        }
      },
    ).finally(() => house.close());
  });
});

describe('the engines without weights', () => {
  test('make something of every odd text, or refuse it in the words of the vendor, and never keep others waiting', async () => {
    const [procedural, sharp] = await Promise.all([proceduralEngine.create({ workers: 1 }), startTools()]);
    assert(!('unavailable' in procedural));
    const engines = [procedural, sharp];
    const picture = dataUrl(await plainPng(sharp.imageTools, [64, 64]));
    const chosen = [
      'OpenAI images/generations',
      'OpenAI images/edits',
      'ElevenLabs sound-generation',
      'ElevenLabs /v1/music/plan',
    ];
    await listening({ engines }, async ({ origin }) => {
      for (const { name, vendor, url, body, prompt } of mediaEndpoints({ picture, film: '' })) {
        if (!chosen.includes(name)) continue;
        for (const [what, text] of Object.entries(ODD_TEXTS)) {
          const answer = await postTo(origin, { url, body: bodyWith(body, prompt, JSON.stringify(text)) });
          if (answer.status === 200) continue;
          assert.equal(answer.status, 400, `${name}, ${what}: ${answer.body.slice(0, 300)}`);
          assert.match(problemOf(vendor, answer.body).message, /cannot do this with a picture/);
        }
      }
      const long = { text: 'a'.repeat(1_000_000), model_id: 'procedural/sounds' };
      const answer = await postTo(origin, { url: '/v1/sound-generation', body: JSON.stringify(long) });
      assertBlamed('elevenlabs', answer, {
        field: 'text',
        what: 'a million characters for an engine of ours',
      });
    });
    for (const engine of engines) await engine.stop?.();
  });
});
