import {
  type EditRule,
  COLOUR,
  DEGREE,
  THING,
  PERCENT,
  words,
  degree,
  colourOf,
  steps,
  shareOf,
} from './picture-edit-rules.ts';
import { toRgb } from './picture-colour.ts';
import { SHAPES } from './picture-edit-shapes.ts';

const LOOKS: readonly EditRule[] = [
  {
    words: words(
      `(?:black[- ]and[- ]white|b&w|gr[ae]y ?scale|monochrome|(?:in|to|into|it|picture|photo|image) gr[ae]y|gr[ae]y)`,
    ),
    read: () => steps({ kind: 'grey' }),
  },
  { words: words(`sepia(?: tones?)?`), read: () => steps({ kind: 'sepia' }) },
  {
    words: words(`(?:negative|invert(?:ed)?${THING}(?: the)?(?: colou?rs)?)`),
    read: () => steps({ kind: 'negate' }),
  },
  {
    words: words(
      `${DEGREE}(?:blur(?:red|ry)?(?: the background)?|soften(?:ed)?|out of focus)(?: (slightly|a little|a bit|strongly|heavily|a lot))?`,
    ),
    read: ([, before, after]) => ({
      kind: 'steps',
      steps: ({ width, height }) => [
        { kind: 'blur', sigma: Math.max(0.6, Math.min(width, height) * 0.012 * degree(before ?? after)) },
      ],
    }),
  },
  {
    words: words(
      `${DEGREE}(?:sharpen(?:ed)?|sharper|crisper)(?: (slightly|a little|a bit|strongly|heavily|a lot))?`,
    ),
    read: ([, before, after]) => steps({ kind: 'sharpen', sigma: 1.4 * degree(before ?? after) }),
  },
  {
    words: words(`(?:more|increase(?: the)?|higher|boost(?: the)?|stronger|add) contrast${PERCENT}`),
    read: ([, percent]) => steps({ kind: 'contrast', factor: 1 + shareOf(percent, undefined, 0.35) }),
  },
  {
    words: words(`(?:less|reduce(?: the)?|lower(?: the)?|decrease(?: the)?) contrast${PERCENT}`),
    read: ([, percent]) => steps({ kind: 'contrast', factor: 1 - shareOf(percent, undefined, 0.35) }),
  },
  {
    words: words(
      `${DEGREE}(?:brighten(?:ed)?|brighter|lighten(?:ed)?|lighter|(?:more|increase(?: the)?) brightness)${THING}${PERCENT}`,
    ),
    read: ([, word, percent]) => steps({ kind: 'modulate', brightness: 1 + shareOf(percent, word, 0.3) }),
  },
  {
    words: words(
      `${DEGREE}(?:darken(?:ed)?|darker|(?:less|reduce(?: the)?|lower(?: the)?) brightness)${THING}${PERCENT}`,
    ),
    read: ([, word, percent]) =>
      steps({ kind: 'modulate', brightness: Math.max(0.05, 1 - shareOf(percent, word, 0.3)) }),
  },
  {
    words: words(
      `${DEGREE}(?:less saturat(?:ed|ion)|desaturated?|muted|faded|paler|reduce(?: the)? saturation)`,
    ),
    read: ([, word]) => steps({ kind: 'modulate', saturation: Math.max(0, 1 - 0.45 * degree(word)) }),
  },
  {
    words: words(
      `${DEGREE}(?:(?:more |higher |increase(?: the)? )?saturat(?:ed|ion|e)|(?:more )?vivid|(?:more )?vibrant|(?:more )?colou?rful|boost(?: the)? colou?rs)`,
    ),
    read: ([, word]) => steps({ kind: 'modulate', saturation: 1 + 0.5 * degree(word) }),
  },
  {
    words: words(`${DEGREE}(?:warmer|warm(?: tones?| up)?)`),
    read: ([, word]) => ({ kind: 'pixels', change: () => ({ kind: 'warmth', share: degree(word) }) }),
  },
  {
    words: words(`${DEGREE}(?:cooler|colder|cool(?: tones?)?)`),
    read: ([, word]) => ({ kind: 'pixels', change: () => ({ kind: 'warmth', share: -degree(word) }) }),
  },
  {
    words: words(`(?:tint(?:ed)?${THING}(?: with| in| to)?(?: a)? (${COLOUR})|(?:an? )?(${COLOUR}) tint)`),
    read: ([, one, other]) => {
      const colour = colourOf(one ?? other);
      return colour ? steps({ kind: 'tint', ...toRgb(colour) }) : undefined;
    },
  },
  {
    words: words(`vignette`),
    read: () => ({ kind: 'pixels', change: () => ({ kind: 'vignette', share: 0.85 }) }),
  },
  {
    words: words(`(?:pixelated?|pixel[- ]?art|mosaic)`),
    read: () => ({
      kind: 'pixels',
      change: ({ width, height }) => ({
        kind: 'pixelate',
        size: Math.max(2, Math.round(Math.min(width, height) / 48)),
      }),
    }),
  },
  {
    words: words(`posteri[sz]ed?`),
    read: () => ({ kind: 'pixels', change: () => ({ kind: 'posterise', levels: 4 }) }),
  },
  {
    words: words(`(?:pencil (?:sketch|drawing)|line (?:art|drawing)|sketch|outlines?)`),
    read: () => ({ kind: 'pixels', change: () => ({ kind: 'lines' }) }),
  },
];

const CUTS: readonly EditRule[] = [
  {
    words: words(
      `(?:remove|cut out|erase|delete|drop)(?: the| its)? background|(?:make )?(?:the |with )?(?:a )?(?:transparent background|background transparent)`,
    ),
    read: () => ({ kind: 'pixels', change: () => ({ kind: 'cut-background', tolerance: 60 }) }),
  },
  {
    words: words(
      `(?:change|turn|make|replace|recolou?r|paint)(?: all)?(?: the| its| her| his| my)? (${COLOUR})(?: (?!to |into |with |by )[a-z]+)? (?:(?:to|into|with|by|in) )?(${COLOUR})`,
    ),
    read: ([, one, other]) => {
      const [from, to] = [colourOf(one), colourOf(other)];
      return from && to ? { kind: 'pixels', change: () => ({ kind: 'recolour', from, to }) } : undefined;
    },
  },
  {
    words:
      /(?:\b(?:add|write|put|with)\b)?(?: an?| the)?(?: \b(?:text|caption|title|words?|label|heading)\b)?(?: (?:saying|reading|that says))?:? ?["“”]([^"“”]{1,200})["“”](?: (?:at|on|in) the (top|bottom|cent(?:re|er)|middle))?/gi,
    read: ([, text = '', at]) => ({
      kind: 'text',
      text,
      at: at === undefined || /bottom/i.test(at) ? 'bottom' : /top/i.test(at) ? 'top' : 'middle',
    }),
  },
  {
    words: words(`(?:an? |the )?(thin |narrow |thick |wide |broad )?(?:(${COLOUR}) )?(?:border|frame)\\b`),
    read: ([, wide, name]) => ({
      kind: 'pixels',
      change: ({ width, height }) => ({
        kind: 'frame',
        colour: colourOf(name) ?? '#ffffff',
        width: Math.max(
          1,
          Math.round(Math.min(width, height) * (/thin|narrow/i.test(wide ?? '') ? 0.02 : wide ? 0.1 : 0.05)),
        ),
      }),
    }),
  },
  {
    words: words(
      `(?:fill|replace|paint|colou?r)(?:${THING}| the (?:hole|mask|area|masked area|selection|background))(?: in)?(?: with| by)? (?:an? |solid |plain |pure )*(${COLOUR})\\b(?! [a-z])`,
    ),
    read: ([, name]) => {
      const colour = colourOf(name);
      return colour ? { kind: 'fill', colour } : undefined;
    },
  },
];

const JOINS: readonly EditRule[] = [
  {
    words: words(
      `(?:(?:put|place|combine|join|arrange|show)(?: them| both| the (?:two |three )?(?:pictures|images|photos))? )?(?:side by side|next to (?:each other|one another)|beside (?:each other|one another)|(?:(?:make|create|as|into) )?(?:a )?collage)`,
    ),
    read: () => ({ kind: 'join', how: 'beside' }),
  },
  {
    words: words(
      `(?:(?:put|place|stack|combine|join)(?: them| both| the (?:two )?(?:pictures|images|photos))? )?(?:one (?:above|below|under) the other|stacked|vertically)`,
    ),
    read: () => ({ kind: 'join', how: 'below' }),
  },
  {
    words: words(
      `(?:overlay|blend|superimpose|double exposure|merge)(?: them| both| the (?:second|other|two)(?: (?:picture|image|photo)s?)?| the (?:pictures|images|photos))?(?: (?:on|over|onto|with)(?: top of)? the (?:first|other)(?: one)?)?`,
    ),
    read: () => ({ kind: 'join', how: 'over' }),
  },
];

/** Everything that can be done to a picture; what stands first is looked for first. */
export const EDIT_RULES: readonly EditRule[] = [...CUTS, ...SHAPES, ...JOINS, ...LOOKS];
