import type { PixelSize } from '../../../core/image/image.ts';
import type { ImageStep } from '../../../core/image/image-tools.ts';
import { type PictureEdit, type EditRule, THING, words, reshaping } from './picture-edit-rules.ts';

/** Edits that change a picture's size or where its parts are. */
export const SHAPES: readonly EditRule[] = [
  {
    words: words(
      `(?:rotated?|turn(?:ed)?)${THING}(?: by)? (-?\\d{1,3}(?:\\.\\d+)?) ?(?:degrees?|deg|°)?(?: (?:to the )?(clockwise|counter-?clockwise|anti-?clockwise|left|right))?`,
    ),
    read: ([, number = '0', way]) => {
      const turn = Number(number) * (/counter|anti|left/i.test(way ?? '') ? -1 : 1);
      return reshaping(() => [{ kind: 'rotate', degrees: turn }]);
    },
  },
  {
    words: words(
      `(?:rotated?|turn(?:ed)?)${THING} (?:to the )?(left|right|clockwise|counter-?clockwise|anti-?clockwise)`,
    ),
    read: ([, way = '']) =>
      reshaping(() => [{ kind: 'rotate', degrees: /counter|anti|left/i.test(way) ? -90 : 90 }]),
  },
  {
    words: words(`(?:(?:rotated?|turned?|flip(?:ped)?)${THING} )?upside[- ]down`),
    read: () => reshaping(() => [{ kind: 'rotate', degrees: 180 }]),
  },
  {
    words: words(
      `(?:flip(?:ped)?|mirror(?:ed)?)${THING}(?: (horizontally|vertically|left to right|top to bottom))?`,
    ),
    read: ([, way]) =>
      reshaping(() => [{ kind: 'flip', axis: /vert|top/i.test(way ?? '') ? 'vertical' : 'horizontal' }]),
  },
  {
    words: words(
      `crop(?:ped)?${THING}(?: to| in)?(?: an?| the)? ?(?:aspect (?:ratio )?(?:of )?)?(?:(square)|(\\d{1,2}) ?[:/] ?(\\d{1,2})|(left|right|top|bottom|upper|lower) half|(cent(?:re|er)|middle))`,
    ),
    read: readCrop,
  },
  {
    words: words(
      `(?:resized?|scaled?|upscaled?|downscaled?|enlarged?)${THING}(?: up| down)?(?: to| by)? (\\d{1,5}) ?[x×] ?(\\d{1,5})(?: ?(?:px|pixels))?`,
    ),
    read: ([, width, height]) =>
      reshaping(() => [
        { kind: 'resize', width: bounded(Number(width)), height: bounded(Number(height)), fit: 'fill' },
      ]),
  },
  {
    words: words(
      `(?:resized?|scaled?|upscaled?|downscaled?|enlarged?|shrink|shrunk)${THING}(?: up| down)?(?: to| by)? (\\d{1,4}(?:\\.\\d+)?) ?(%|percent|x\\b|times)`,
    ),
    read: ([, number, unit = '']) => resizeBy(/x|times/i.test(unit) ? Number(number) : Number(number) / 100),
  },
  {
    words: words(`(?:(?:upscaled?|double)${THING}(?: the size| in size)?|twice (?:as large|the size))`),
    read: () => resizeBy(2),
  },
  { words: words(`(?:half (?:the|its) size|half as large)`), read: () => resizeBy(0.5) },
];

const MOST_PIXELS_PER_SIDE = 4096;

function bounded(side: number): number {
  return Math.min(MOST_PIXELS_PER_SIDE, Math.max(1, Math.round(side)));
}

function resizeBy(factor: number): PictureEdit {
  return reshaping(({ width, height }) => {
    const most = Math.min(factor, MOST_PIXELS_PER_SIDE / Math.max(width, height));
    return [{ kind: 'resize', width: bounded(width * most), height: bounded(height * most), fit: 'fill' }];
  });
}

function readCrop([, square, wide, tall, half, centre]: RegExpExecArray): PictureEdit {
  if (half) return reshaping((size) => [halfOf(size, half.toLowerCase())]);
  if (centre)
    return reshaping(({ width, height }) => [
      centred({ width, height }, { width: width / 2, height: height / 2 }),
    ]);
  const ratio = square ? 1 : Number(wide) / Math.max(1, Number(tall));
  return reshaping(({ width, height }) => {
    const fits =
      width / height > ratio ? { width: height * ratio, height } : { width, height: width / ratio };
    return [centred({ width, height }, fits)];
  });
}

function centred(size: PixelSize, part: PixelSize): ImageStep {
  const width = Math.max(1, Math.min(size.width, Math.round(part.width)));
  const height = Math.max(1, Math.min(size.height, Math.round(part.height)));
  return {
    kind: 'crop',
    left: Math.floor((size.width - width) / 2),
    top: Math.floor((size.height - height) / 2),
    width,
    height,
  };
}

function halfOf({ width, height }: PixelSize, half: string): ImageStep {
  const across = half === 'left' || half === 'right';
  const part = {
    width: across ? Math.max(1, Math.floor(width / 2)) : width,
    height: across ? height : Math.max(1, Math.floor(height / 2)),
  };
  const far = half === 'right' || half === 'bottom' || half === 'lower';
  return {
    kind: 'crop',
    left: across && far ? width - part.width : 0,
    top: !across && far ? height - part.height : 0,
    ...part,
  };
}
