import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MusicPlan } from '../../core/sound/sound.ts';
import { planSeconds, readPlan, writePlan } from './elevenlabs-music-plan.ts';

function planOf(...seconds: number[]): MusicPlan {
  return {
    styles: ['jazz'],
    avoidedStyles: ['noise'],
    sections: seconds.map((durationSeconds, index) => ({
      name: `Part ${index + 1}`,
      durationSeconds,
      styles: [`style ${index + 1}`],
      avoidedStyles: [],
      lines: index === 0 ? ['A line'] : [],
    })),
  };
}

/** What a written plan is read as when it is handed in again. */
function readAgain(plan: MusicPlan, model: 'music_v1' | 'music_v2'): MusicPlan {
  const written = writePlan(plan, model === 'music_v1' ? 'sections' : 'chunks');
  return readPlan(JSON.parse(JSON.stringify(written)), { field: 'composition_plan', model }).plan;
}

for (const model of ['music_v1', 'music_v2'] as const) {
  test(`a plan written for ${model} is read as the same plan`, () => {
    const plan = planOf(10, 20.5);
    const again = readAgain(plan, model);
    assert.deepEqual(
      again.sections.map(({ name, durationSeconds, lines }) => [name, durationSeconds, lines]),
      [
        ['Part 1', 10, ['A line']],
        ['Part 2', 20.5, []],
      ],
    );
    assert.ok(again.styles.includes('jazz') && again.avoidedStyles.includes('noise'));
  });

  test(`whatever an engine lays out is taken by ${model}, and as long as before`, () => {
    const odd = [
      planOf(1, 1, 1, 250, 2, 0.5),
      planOf(...Array.from({ length: 75 }, () => 8)),
      planOf(...Array.from({ length: 9 }, () => 100 / 9)),
      planOf(600),
      planOf(3.0004, 3.0004, 3.0004),
    ];
    for (const plan of odd) {
      const again = readAgain(plan, model);
      assert.ok(Math.abs(planSeconds(again) - planSeconds(plan)) < 0.001);
      assert.ok(again.sections.length <= 30);
    }
  });
}
