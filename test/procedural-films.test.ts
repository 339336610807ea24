import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { AppError } from '../src/base/errors.ts';
import type { MadeVideo, VideoGeneration } from '../src/core/video/video-engine.ts';
import { picture, pixelAt } from './odd-pictures.ts';
import { brightness, meanColour, proceduralHouse, toPng } from './procedural-support.ts';
import { testContext } from './support.ts';

const { tools, video } = await proceduralHouse();

function asked(prompt: string, changes: Partial<VideoGeneration> = {}): VideoGeneration {
  return {
    model: 'procedural/films',
    prompt,
    size: { width: 128, height: 96 },
    durationSeconds: 1,
    framesPerSecond: 12,
    seed: 3,
    tools,
    ...changes,
  };
}

/** What the container says, read by a library that did not encode it. */
async function inspect(bytes: Uint8Array<ArrayBuffer>) {
  const track = await new Input({
    formats: ALL_FORMATS,
    source: new BufferSource(bytes),
  }).getPrimaryVideoTrack();
  assert(track);
  const stamps: number[] = [];
  const sizes: number[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    stamps.push(packet.timestamp);
    sizes.push(packet.data.length);
  }
  const kinds: string[] = [];
  for (let at = 0; at < bytes.length; at += Buffer.from(bytes).readUInt32BE(at))
    kinds.push(Buffer.from(bytes).toString('latin1', at + 4, at + 8));
  return {
    codec: await track.getCodecParameterString(),
    size: [track.codedWidth, track.codedHeight],
    seconds: await track.computeDuration(),
    stamps,
    sizes,
    kinds,
  };
}

const frameOf = async (made: MadeVideo, index: number) =>
  tools.toPixels(made.samples![index]!, testContext());

describe('films', async () => {
  const made = await video.generate(asked('mountains at sunset, pan right'), testContext());

  test('are H.264 of the baseline profile that begins to play before it is there', async () => {
    const { codec, kinds } = await inspect(made.bytes);
    assert.match(codec ?? '', /^avc1\.42/);
    assert.deepEqual(kinds.slice(0, 2), ['ftyp', 'moov']);
  });

  for (const [size, seconds, rate, frames] of [
    [{ width: 128, height: 96 }, 1, 12, 12],
    [{ width: 96, height: 128 }, 1.5, 24, 36],
    [{ width: 66, height: 34 }, 0.5, 29.97, 15],
    [{ width: 16, height: 16 }, 0.1, 10, 1],
  ] as const) {
    test(`have exactly ${size.width}x${size.height} pixels and ${frames} frames at ${rate} per second`, async () => {
      const film = await video.generate(
        asked('the sea, static', { size, durationSeconds: seconds, framesPerSecond: rate }),
        testContext(),
      );
      const seen = await inspect(film.bytes);
      assert.deepEqual(
        [seen.size, seen.stamps.length, film.frames],
        [[size.width, size.height], frames, frames],
      );
      assert(Math.abs(seen.seconds - frames / rate) < 0.002, String(seen.seconds));
      seen.stamps.forEach((stamp, index) => assert(Math.abs(stamp - index / rate) < 0.002));
    });
  }

  test('come with their first frame and with samples of their whole length', async () => {
    assert.equal(made.samples?.length, 10);
    assert.deepEqual(made.poster, made.samples?.[0]);
    const { width, height } = await frameOf(made, 9);
    assert.deepEqual([width, height], [128, 96]);
    assert.notDeepEqual(await frameOf(made, 0), await frameOf(made, 9));
  });

  test('are the same byte for byte with the same seed', async () => {
    const again = await video.generate(asked('mountains at sunset, pan right'), testContext());
    assert.deepEqual(again.bytes, made.bytes);
  });

  test('cost bits where something moves and hardly any where nothing does', async () => {
    const [still, moving] = await Promise.all(
      ['a city, static', 'a city, pan right fast'].map(async (prompt) =>
        inspect((await video.generate(asked(prompt), testContext())).bytes),
      ),
    );
    const later = (sizes: readonly number[]) => sizes.slice(1).reduce((sum, size) => sum + size, 0);
    assert(later(moving!.sizes) > 5 * later(still!.sizes), `${later(moving!.sizes)} ${later(still!.sizes)}`);
  });

  test('tell how far they are, up to the end', async () => {
    const told: number[] = [];
    await video.generate(asked('the sea'), testContext({ report: (fraction) => told.push(fraction) }));
    assert.deepEqual(
      told,
      told.toSorted((one, other) => one - other),
    );
    assert.equal(told.at(-1), 1);
    assert(told.length >= 12);
  });

  test('end within a second when nobody wants them any more', async () => {
    const left = new AbortController();
    const began = Promise.withResolvers<void>();
    const context = testContext({ signal: left.signal, report: () => began.resolve() });
    const making = video.generate(
      asked('a forest', { durationSeconds: 60, framesPerSecond: 60, size: { width: 640, height: 480 } }),
      context,
    );
    await Promise.race([began.promise, making]);
    const start = performance.now();
    left.abort();
    await assert.rejects(making, (error: unknown) => error instanceof AppError && error.code === 'cancelled');
    assert(performance.now() - start < 1000);
  });
});

describe('films from a picture', () => {
  const halves = picture(200, 200, (x) => (x < 100 ? [220, 30, 30, 255] : [30, 30, 220, 255]));

  test('begin with it, fitted to the size, and go where the prompt says', async () => {
    const firstFrame = await toPng(tools, halves);
    const film = await video.generate(asked('pan left', { firstFrame }), testContext());
    const [first, last] = [await frameOf(film, 0), await frameOf(film, 9)];
    assert((pixelAt(first, 4, 48)[0] ?? 0) > 200 && (pixelAt(first, 123, 48)[2] ?? 0) > 200);
    assert(Math.abs(meanColour(first)[0] - 125) < 4);
    assert(meanColour(last)[0] > meanColour(first)[0] + 10, 'more of the left is seen');
  });
});

describe('films from films', () => {
  const source = async (changes: Partial<VideoGeneration> = {}, prompt = 'a boat on the sea, static') =>
    video.generate(asked(prompt, changes), testContext());

  test('a remix keeps what it does not mention', async () => {
    const film = await source();
    const remix = await video.generate(
      asked('at night', { source: { bytes: film.bytes, use: 'remix' }, seed: 99 }),
      testContext(),
    );
    assert.deepEqual([remix.frames, remix.width, remix.height], [film.frames, film.width, film.height]);
    assert(brightness(await frameOf(remix, 0)) < 0.5 * brightness(await frameOf(film, 0)));
    const same = await video.generate(
      asked('static', { source: { bytes: film.bytes, use: 'remix' }, seed: 99 }),
      testContext(),
    );
    assert.deepEqual(same.poster, film.poster);
  });

  test('an edit is made in every frame', async () => {
    const film = await source({
      firstFrame: await toPng(
        tools,
        picture(128, 96, () => [200, 50, 20, 255]),
      ),
    });
    const grey = await video.generate(
      asked('make it black and white', { source: { bytes: film.bytes, use: 'edit' } }),
      testContext(),
    );
    for (const index of [0, 9]) {
      const [red = 0, green = 0] = pixelAt(await frameOf(grey, index), 60, 40);
      assert(Math.abs(red - green) < 4);
    }
  });

  test('an extension is the film and then more, from its last frame on', async () => {
    const film = await source({}, 'a city at night, pan right');
    const longer = await video.generate(
      asked('zoom in', {
        source: { bytes: film.bytes, use: 'extend' },
        durationSeconds: 2,
        framesPerSecond: 30,
      }),
      testContext(),
    );
    assert.deepEqual([longer.frames, longer.framesPerSecond], [36, 12]);
    const { stamps, sizes } = await inspect(longer.bytes);
    assert(Math.abs((stamps.at(-1) ?? 0) - 35 / 12) < 0.002);
    assert.deepEqual(sizes.slice(0, 12), (await inspect(film.bytes)).sizes);
    const [last, next] = [await frameOf(film, 9), await frameOf(longer, 0)];
    assert(Math.abs(brightness(last) - brightness(next)) < 6);
    const twice = await video.generate(
      asked('pan left', { source: { bytes: longer.bytes, use: 'extend' } }),
      testContext(),
    );
    assert.equal(twice.frames, 48);
  });

  test('what cannot be done with a film, and films of somebody else, are refused', async () => {
    const film = await source();
    const refusal = (reason: string) => (error: unknown) =>
      error instanceof AppError && error.code === 'unsupported_feature' && error.reason === reason;
    await assert.rejects(
      video.generate(asked('synergy', { source: { bytes: film.bytes, use: 'edit' } }), testContext()),
      refusal('edit_not_possible'),
    );
    await assert.rejects(
      video.generate(
        asked('zoom in', { source: { bytes: film.bytes.slice(0, -9), use: 'extend' } }),
        testContext(),
      ),
      refusal('video_source'),
    );
  });
});
