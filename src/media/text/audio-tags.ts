import { createMarkedTextWriter, type MarkedText, type MarkedTextWriter } from './marked-text.ts';
import { BREAK_LIMITS } from './ssml.ts';
import { pauseInTag } from './text-tags.ts';

/** What may be a tag. */
const BRACKETS = /\[[^[\]\n]{1,80}\]/gu;
/** Words and nothing else, as in `[laughs]` or `[strong French accent]`; `[1]` and `[see p. 4]` are text. */
const DIRECTION = /^\[\s*\p{L}[\p{L}\p{M}\p{Zs}'’,&-]*\]$/u;
/** Spaces beside a tag that are looked at. */
const MOST_SPACES = 100;
/** Tags that a remark names. */
const MOST_NAMED = 10;

/**
 * Takes directions in square brackets, such as `[whispers]`, out of a text: nobody here performs them, and nobody wants
 * to hear them read out. `[pause]` and its kin become pauses. The remark names what was taken out.
 */
export function readAudioTags(marked: MarkedText): MarkedText {
  const writer = createMarkedTextWriter();
  const ignored = new Set<string>();
  let all = 0;
  const pause = (asked: number) => {
    if (asked > BREAK_LIMITS.one) writer.ignore(`a pause is at most ${BREAK_LIMITS.one} seconds long`);
    const seconds = Math.min(asked, BREAK_LIMITS.one, BREAK_LIMITS.all - all);
    all += seconds;
    writer.pause(seconds);
  };
  for (const remark of marked.ignored) writer.ignore(remark);
  for (const part of marked.parts) {
    if (part.kind === 'pause') {
      writer.pause(part.seconds, part.tone);
      continue;
    }
    const text = marked.text.slice(part.start, part.end);
    let read = 0;
    for (const { index, 0: tag } of text.matchAll(BRACKETS)) {
      const seconds = pauseInTag(tag);
      if (seconds === undefined && !DIRECTION.test(tag)) continue;
      const end = index + tag.length;
      const before = text.slice(Math.max(read, index - MOST_SPACES), index);
      const spaces = spacesAround({ before, after: text.slice(end, end + MOST_SPACES), writer });
      writer.text(text.slice(read, index - spaces.before), part.manner);
      read = end + spaces.after;
      if (seconds === undefined) ignored.add(tag);
      else pause(seconds);
    }
    writer.text(text.slice(read), part.manner);
  }
  if (ignored.size > 0) writer.ignore(remarkAbout([...ignored]));
  return writer.finish();
}

/** What stands around a tag in its part of the text, and what was written before. */
interface Place {
  readonly before: string;
  readonly after: string;
  readonly writer: Pick<MarkedTextWriter, 'written'>;
}

/** The spaces that go with a tag: of those on both sides one is enough, and none before a full stop or at the beginning of a line. */
function spacesAround({ before, after, writer }: Place): { readonly before: number; readonly after: number } {
  const line = before.trim() === '' ? writer.written.slice(-1) + before : before;
  if (/(?:^|\n)[ \t]*$/.test(line)) return { before: 0, after: lengthOf(/^[ \t]+/, after) };
  return { before: /^(?:[\s.,;:!?…]|$)/u.test(after) ? lengthOf(/[ \t]+$/, before) : 0, after: 0 };
}

function lengthOf(spaces: RegExp, text: string): number {
  return spaces.exec(text)?.[0].length ?? 0;
}

function remarkAbout(tags: readonly string[]): string {
  const named = tags.slice(0, MOST_NAMED).join(', ');
  const others = tags.length > MOST_NAMED ? ` and ${tags.length - MOST_NAMED} others` : '';
  return `audio tags are not performed and not read out: ${named}${others}`;
}
