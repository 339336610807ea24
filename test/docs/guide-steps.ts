import { readFileSync } from 'node:fs';

/** One thing that a guide has its reader do, or shows. */
export type GuideStep = { readonly page: string; readonly line: number } & (
  | { readonly kind: 'new' | 'change'; readonly path: string; readonly text: string }
  | { readonly kind: 'run'; readonly command: string }
  /** What the command before it prints; `…` stands for anything. */
  | { readonly kind: 'prints'; readonly text: string }
);

const FENCE = /^```(\w*)(.*)$/;
const FILE = /^\*\*(New file|Change)\*\* `([^`]+)`$/;

/** What a guide has its reader do, in its order. Throws when there is code on the page of which nobody can tell where it goes. */
export function guideSteps(page: string, text = readFileSync(page, 'utf8')): readonly GuideStep[] {
  const lines = text.split('\n');
  const steps: GuideStep[] = [];
  let target: RegExpExecArray | null = null;
  for (let index = 0; index < lines.length; index += 1) {
    const at = { page, line: index + 1 };
    const fence = FENCE.exec(lines[index] ?? '');
    if (!fence) {
      // Only an empty line may stand between the name of a file and its block.
      if (lines[index] !== '') target = FILE.exec(lines[index] ?? '');
      continue;
    }
    const end = lines.indexOf('```', index + 1);
    if (end < 0) throw new Error(`${page}:${at.line}: the block has no end`);
    const body = lines.slice(index + 1, end);
    steps.push(...stepsOf({ language: fence[1] ?? '', body, target }, at));
    target = null;
    index = end;
  }
  return steps;
}

interface Block {
  readonly language: string;
  readonly body: readonly string[];
  readonly target: RegExpExecArray | null;
}

function stepsOf({ language, body, target }: Block, at: { page: string; line: number }): GuideStep[] {
  if (target) {
    const kind = target[1] === 'Change' ? 'change' : 'new';
    if ((kind === 'change') !== (language === 'diff'))
      throw new Error(`${at.page}:${at.line}: a change is a diff, and a new file is none`);
    return [{ ...at, kind, path: target[2] ?? '', text: `${body.join('\n')}\n` }];
  }
  if (language === 'sh')
    return body.filter((line) => line !== '').map((command) => ({ ...at, kind: 'run', command }));
  if (language === 'text') return [{ ...at, kind: 'prints', text: body.join('\n') }];
  throw new Error(`${at.page}:${at.line}: this ${language} block belongs to no file`);
}

/** A file as a diff leaves it. Every place must be there, exactly once. */
export function changedBy(diff: string, source: string): string {
  return placesIn(diff).reduce((text, place) => {
    const lines = text.split('\n');
    const before = place.filter((line) => !line.startsWith('+')).map((line) => line.slice(1));
    const after = place.filter((line) => !line.startsWith('-')).map((line) => line.slice(1));
    const starts = lines.flatMap((_, start) =>
      before.every((line, offset) => lines[start + offset] === line) ? [start] : [],
    );
    const [start] = starts;
    if (start === undefined || starts.length > 1)
      throw new Error(`This stands there ${starts.length} times, not once:\n${before.join('\n')}`);
    return lines.toSpliced(start, before.length, ...after).join('\n');
  }, source);
}

function placesIn(diff: string): readonly (readonly string[])[] {
  const lines = diff.split('\n').slice(0, -1);
  const ends = [...lines.flatMap((line, index) => (line === '@@' ? [index] : [])), lines.length];
  return ends.map((end, index) => lines.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end));
}
