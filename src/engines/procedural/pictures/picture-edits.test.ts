import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PictureEdit } from './picture-edit-rules.ts';
import { readEdits } from './picture-edits.ts';

const SIZE = { width: 400, height: 200 };

function told(edit: PictureEdit): unknown {
  if (edit.kind === 'steps') return edit.steps(SIZE);
  return edit.kind === 'pixels' ? edit.change(SIZE) : edit;
}

for (const [prompt, expected] of [
  ['make it black and white', [{ kind: 'grey' }]],
  ['turn it into greyscale', [{ kind: 'grey' }]],
  ['sepia, please', [{ kind: 'sepia' }]],
  ['invert the colours', [{ kind: 'negate' }]],
  ['rotate 90 degrees', [{ kind: 'rotate', degrees: 90 }]],
  ['rotate the image by 45° counterclockwise', [{ kind: 'rotate', degrees: -45 }]],
  ['turn it to the left', [{ kind: 'rotate', degrees: -90 }]],
  ['flip it upside down', [{ kind: 'rotate', degrees: 180 }]],
  ['flip horizontally', [{ kind: 'flip', axis: 'horizontal' }]],
  ['mirror the picture vertically', [{ kind: 'flip', axis: 'vertical' }]],
  ['crop to a square', [{ kind: 'crop', left: 100, top: 0, width: 200, height: 200 }]],
  ['crop to 1:2', [{ kind: 'crop', left: 150, top: 0, width: 100, height: 200 }]],
  ['crop the left half', [{ kind: 'crop', left: 0, top: 0, width: 200, height: 200 }]],
  ['resize to 100x50', [{ kind: 'resize', width: 100, height: 50, fit: 'fill' }]],
  ['scale down to 50%', [{ kind: 'resize', width: 200, height: 100, fit: 'fill' }]],
  ['upscale it', [{ kind: 'resize', width: 800, height: 400, fit: 'fill' }]],
  ['brighten by 20%', [{ kind: 'modulate', brightness: 1.2 }]],
  ['make it less saturated', [{ kind: 'modulate', saturation: 0.55 }]],
  ['tint it blue', [{ kind: 'tint', red: 36, green: 102, blue: 209 }]],
] as const) {
  test(`"${prompt}" is ${JSON.stringify(expected[0])}`, () => {
    const { edits, unexplained } = readEdits(prompt);
    assert.deepEqual([edits.map(told), unexplained], [[expected], []]);
  });
}

for (const [prompt, expected] of [
  ['remove the background', { kind: 'cut-background', tolerance: 60 }],
  ['change red to blue', { kind: 'recolour', from: '#d62839', to: '#2466d1' }],
  ['make the red car green', { kind: 'recolour', from: '#d62839', to: '#2f9e44' }],
  ['add a thick black border', { kind: 'frame', colour: '#1c1d24', width: 20 }],
  ['pixelate it', { kind: 'pixelate', size: 4 }],
  ['add the text "Hello, world" at the top', { kind: 'text', text: 'Hello, world', at: 'top' }],
  ['put them side by side', { kind: 'join', how: 'beside' }],
  ['fill it with solid red', { kind: 'fill', colour: '#d62839' }],
] as const) {
  test(`"${prompt}" is ${expected.kind}`, () => {
    const { edits, unexplained } = readEdits(prompt);
    assert.deepEqual([edits.map(told), unexplained], [[expected], []]);
  });
}

test('keeps the order in which edits are asked for', () => {
  const { edits } = readEdits('blur it slightly, then rotate it left and make it sepia');
  assert.deepEqual(
    edits.map((edit) => told(edit)).map((steps) => (steps as { kind: string }[])[0]?.kind),
    ['blur', 'rotate', 'sepia'],
  );
});

test('blurs strongly more than slightly', () => {
  const sigma = (prompt: string) => (told(readEdits(prompt).edits[0]!) as { sigma: number }[])[0]!.sigma;
  assert(sigma('strongly blur it') > sigma('blur it') && sigma('blur it') > sigma('slightly blurred'));
});

for (const prompt of [
  'add a dragon',
  'make it grey and add a hat to the cat',
  'make her smile',
  'remove the person',
  'turn the sky into a storm',
]) {
  test(`does not pretend to understand "${prompt}"`, () => {
    assert.notDeepEqual(readEdits(prompt).unexplained, []);
  });
}

test('reads a hundred thousand characters in reasonable time', () => {
  const start = performance.now();
  readEdits('rotate a crop with the '.repeat(4500));
  assert(performance.now() - start < 3000);
});
