/** The guides of docs/adding are followed in a copy of the repository; guides.long.ts does everything that they say. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createScratch, followGuide, isCheckout, type Scratch } from './guide-scratch.ts';
import { changedBy, guideSteps, type GuideStep } from './guide-steps.ts';
import { hearMorse } from './morse-ears.ts';

const PAGES = readdirSync('docs/adding')
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs/adding', name));

describe('the guides', { skip: isCheckout() ? false : 'this is no checkout that could be copied' }, () => {
  let scratch: Scratch | undefined;
  after(() => scratch?.close());

  for (const page of PAGES) {
    test(`${page} fits the code: its steps can be taken, and what they make keeps its contract`, async () => {
      scratch ??= createScratch();
      const steps = guideSteps(page);
      assert.ok(steps.some((step) => step.kind === 'run' && isSuite(step.command)));
      await followGuide(scratch, steps, isSuite);
      // As the house formats it, so that a reader's first `npm run check` finds nothing.
      await scratch.run(`npx oxfmt --check ${codeOf(steps).join(' ')}`);
    });

    test(`${page} needs no other guide to have been followed before`, () => {
      for (const step of guideSteps(page)) {
        if (step.kind === 'change') changedBy(step.text, readFileSync(step.path, 'utf8'));
        if (step.kind === 'new') assert.ok(!existsSync(step.path), step.path);
      }
    });
  }
});

/** One that is quick; renewing pages, starting the program and asking it are for the long form. */
function isSuite(command: string): boolean {
  return /^npx node --test src\/\S+$/.test(command);
}

function codeOf(steps: readonly GuideStep[]): string[] {
  const paths = steps.flatMap((step) => (step.kind === 'new' || step.kind === 'change' ? [step.path] : []));
  return [...new Set(paths)].filter((path) => path.endsWith('.ts'));
}

test('what a guide shows is a step for somebody, or the guide is refused', () => {
  const page = [
    '**New file** `src/a.ts`\n\n```ts\nexport const a = 1;\n```\n',
    '**Change** `src/b.ts`\n\n```diff\n one\n+two\n```\n',
    '```sh\nnpx tsc\nnpm start\n```\n\nanswers\n\n```text\n{"…"}\n```\n',
  ].join('\n');
  assert.deepEqual(guideSteps('page', page), [
    { page: 'page', line: 3, kind: 'new', path: 'src/a.ts', text: 'export const a = 1;\n' },
    { page: 'page', line: 9, kind: 'change', path: 'src/b.ts', text: ' one\n+two\n' },
    { page: 'page', line: 14, kind: 'run', command: 'npx tsc' },
    { page: 'page', line: 14, kind: 'run', command: 'npm start' },
    { page: 'page', line: 21, kind: 'prints', text: '{"…"}' },
  ]);
  assert.throws(
    () => guideSteps('page', 'So:\n\n```ts\nlost();\n```\n'),
    /page:3: this ts block belongs to no/,
  );
  assert.throws(() => guideSteps('page', '**New file** `a.ts`\n\nBut:\n\n```ts\nlost();\n```\n'), /page:5/);
  assert.throws(
    () => guideSteps('page', '**Change** `a.ts`\n\n```ts\nwhole();\n```\n'),
    /a change is a diff/,
  );
});

test('a change is made where the page says, and refused where the code is no longer as the page has it', () => {
  const source = 'a\nb\nc\na\n';
  assert.equal(changedBy(' b\n-c\n+d\n+e\n', source), 'a\nb\nd\ne\na\n');
  assert.equal(changedBy('+start\n a\n b\n@@\n c\n+more\n', source), 'start\na\nb\nc\nmore\na\n');
  assert.throws(() => changedBy(' a\n+b\n', source), /stands there 2 times/);
  assert.throws(() => changedBy(' b\n+x\n d\n', source), /stands there 0 times/);
});

test('ears for Morse code hear letters, words and the pitch, and not what was not sent', () => {
  const sent = (code: string, hertz: number) => {
    const units = Array.from(code).flatMap((sign) =>
      sign === ' ' ? [false, false] : [...Array<boolean>(sign === '-' ? 3 : 1).fill(true), false],
    );
    return Float32Array.from({ length: units.length * 1_200 }, (_, index) =>
      units[Math.floor(index / 1_200)] ? 0.3 * Math.sin((2 * Math.PI * hertz * index) / 24_000) : 0,
    );
  };
  const { text, pitch } = hearMorse(sent('.... ..   .... ---', 600), 24_000);
  assert.equal(text, 'HI HO');
  assert.ok(Math.abs(pitch - 600) < 1, `${pitch} Hz`);
  assert.equal(hearMorse(sent('........', 600), 24_000).text, '�');
});
