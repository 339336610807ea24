import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSoundContract, openSound, soundGeneration } from '../../../test/contracts/sound-contract.ts';
import { requestContext } from '../../../test/contracts/engine-contract.ts';
import { concatSamples, collectSamples } from '../../media/pcm.ts';
import { proceduralEngine } from './procedural-engine.ts';

describeSoundContract(proceduralEngine, {
  models: [
    { id: 'procedural/sounds', kind: 'effect', prompt: 'rain' },
    { id: 'procedural/music', kind: 'music', prompt: 'slow ambient pads' },
  ],
});

test('a reader who is far behind holds no worker, and still gets every sample', async (t) => {
  const engine = await proceduralEngine.create({ workers: 1 });
  assert('sound' in engine && engine.sound);
  t.after(() => engine.stop?.());
  const { sound } = engine;
  const long = soundGeneration({
    model: 'procedural/sounds',
    prompt: 'a clock ticking',
    durationSeconds: 45,
  });
  const slow = (await openSound(sound, long)).chunks[Symbol.asyncIterator]();
  const read = [(await slow.next()).value];
  // There is one worker: this one is made only after the slow reader's was put aside.
  const other = soundGeneration({ model: 'procedural/sounds', prompt: 'a beep', durationSeconds: 0.5 });
  assert((await collectSamples((await openSound(sound, other)).chunks)).length > 0);
  for (let next = await slow.next(); next.done !== true; next = await slow.next()) read.push(next.value);
  const whole = await collectSamples((await openSound(sound, long)).chunks);
  assert.deepEqual(concatSamples(read), whole);
});

test('a prompt that names nothing known gets a texture, and a warning that says so', async (t) => {
  const engine = await proceduralEngine.create({ workers: 1 });
  assert('sound' in engine && engine.sound);
  t.after(() => engine.stop?.());
  const output = await engine.sound.generate(
    soundGeneration({ prompt: 'a walrus reciting poetry' }),
    requestContext(),
  );
  assert.match(JSON.stringify(output.warnings), /nothing in it is a sound that this engine knows/);
  const partly = await engine.sound.generate(
    soundGeneration({ prompt: 'rain and a walrus' }),
    requestContext(),
  );
  assert.match(JSON.stringify(partly.warnings), /knows no sound for 'walrus'/);
  const known = await engine.sound.generate(
    soundGeneration({ prompt: 'the sound of heavy rain on a tin roof, high quality' }),
    requestContext(),
  );
  assert.deepEqual(known.warnings, []);
});
