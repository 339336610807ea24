import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBrief } from './picture-brief.ts';
import { composeScene, sceneSvg, type DrawingOptions } from './picture-scene.ts';
import { SUBJECT_KINDS } from './picture-subjects.ts';
import { SCENES } from './picture-words.ts';

function draw(prompt: string, options: Partial<DrawingOptions> = {}): string {
  const scene = composeScene(readBrief(prompt), {
    width: 320,
    height: 240,
    seed: 1,
    detail: 1,
    transparent: false,
    ...options,
  });
  return sceneSvg(scene);
}

const count = (svg: string, kind: string) => svg.split(`data-subject="${kind}"`).length - 1;

test('draws the same with the same seed and otherwise with another', () => {
  assert.equal(draw('a forest with two cats'), draw('a forest with two cats'));
  assert.notEqual(draw('a forest with two cats'), draw('a forest with two cats', { seed: 2 }));
  assert.notEqual(draw('a forest', { seed: 2 ** 40 + 1 }), draw('a forest', { seed: 1 }));
});

test('draws as many things as are asked for', () => {
  const svg = draw('three boats and a lighthouse by the sea, five birds');
  assert.deepEqual([count(svg, 'boat'), count(svg, 'lighthouse'), count(svg, 'bird')], [3, 1, 5]);
});

test('puts things on the side that is asked for', () => {
  const at = (prompt: string) =>
    Number(/data-subject="house" transform="translate\(([\d.]+)/.exec(draw(prompt))?.[1]);
  assert(at('a house on the left') < 120);
  assert(at('a house on the right') > 200);
});

for (const scene of SCENES) {
  test(`draws ${scene} in every shape, every hour and in any weather`, () => {
    for (const when of ['', 'at night, snow', 'at sunset, storm', 'winter fog', 'autumn rain']) {
      for (const [width, height] of [
        [256, 256],
        [2048, 300],
        [256, 2048],
        [16, 16],
      ] as const) {
        const brief = { ...readBrief(`a house ${when}`), scene, scenes: [scene] };
        const svg = sceneSvg(
          composeScene(brief, { width, height, seed: 3, detail: 0.4, transparent: false }),
        );
        assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
        assert.match(svg, new RegExp(`width="${width}" height="${height}"`));
      }
    }
  });
}

for (const kind of SUBJECT_KINDS) {
  test(`draws ${kind} by day and by night, alone on nothing too`, () => {
    const brief = readBrief('meadow at night');
    for (const time of ['day', 'night'] as const) {
      for (const transparent of [true, false]) {
        const scene = composeScene(
          { ...brief, time, subjects: [{ kind, count: 2 }] },
          { width: 200, height: 200, seed: 5, detail: 1, transparent },
        );
        const svg = sceneSvg(scene);
        assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
        assert.equal(count(svg, kind), 2);
      }
    }
  });
}

test('draws more with more detail and less in a minimal style', () => {
  const usual = draw('a forest').length;
  assert(draw('a forest', { detail: 1.6 }).length > usual * 1.3);
  assert(draw('a minimal forest').length < usual * 0.7);
});

test('refers to nothing outside of itself', () => {
  for (const scene of SCENES) assert.doesNotMatch(draw(scene), /href|<image|url\((?!#)/);
});

test('draws what is nearer over what is farther', () => {
  const scene = composeScene(readBrief('a boat on a lake in the mountains'), {
    width: 200,
    height: 200,
    seed: 1,
    detail: 1,
    transparent: false,
  });
  const depths = scene.layers.map(({ depth }) => depth);
  assert.deepEqual(
    depths,
    depths.toSorted((one, other) => one - other),
  );
});
