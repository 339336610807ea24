import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeH264 } from './h264-film.ts';

const SETTINGS = {
  width: 64,
  height: 48,
  frameRate: 10,
  quantizationParameter: 30,
  groupOfPictures: 10,
  speed: 10,
};

function grey(level: number): Uint8Array {
  return new Uint8Array(SETTINGS.width * SETTINGS.height * 4).fill(level);
}

test('frames become a film, and one that is given up becomes nothing and says nothing', async ({ mock }) => {
  const printed = (['log', 'warn', 'error'] as const).map((name) =>
    mock.method(console, name, () => undefined),
  );
  const whole = await encodeH264(SETTINGS, (add) => {
    for (const level of [0, 100, 200]) add(grey(level));
    return true;
  });
  assert.equal(Buffer.from(whole ?? []).toString('latin1', 4, 8), 'ftyp');
  const givenUp = await encodeH264(SETTINGS, (add) => {
    add(grey(0));
    return false;
  });
  assert.equal(givenUp, undefined);
  assert.equal(await encodeH264(SETTINGS, () => false), undefined);
  const broken = encodeH264(SETTINGS, () => {
    throw new Error('The frames ran out.');
  });
  await assert.rejects(broken, { message: 'The frames ran out.' });
  for (const { mock: calls } of printed)
    assert.deepEqual(
      calls.calls.map((call) => call.arguments),
      [],
    );
});
