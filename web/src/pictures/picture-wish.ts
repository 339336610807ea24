/** Pictures that are wanted, as the page has them. */
export interface PictureWish {
  readonly prompt: string;
  /** `auto`, or the model of an engine. */
  readonly model: string;
  /** `auto`, or as `1024x1024`. */
  readonly size: string;
  readonly count: number;
  readonly format: 'png' | 'jpeg' | 'webp';
  readonly background: 'auto' | 'transparent' | 'opaque';
  readonly seed: string;
  readonly avoid: string;
}

/** What the making of a picture starts from. */
export interface PictureSource {
  /** Pictures to be changed; none where one is made from words alone. */
  readonly pictures: readonly File[];
  /** Transparent where the first of them may be changed. */
  readonly mask: Blob | undefined;
}

type Field = string | number;

/** The wish in OpenAI's words, what goes without saying left out. */
export function openaiFields(wish: PictureWish): Readonly<Record<string, Field>> {
  const { prompt, model, size, count, format, background, seed, avoid } = wish;
  return {
    model,
    prompt,
    ...(size === 'auto' ? {} : { size }),
    ...(count === 1 ? {} : { n: count }),
    ...(format === 'png' ? {} : { output_format: format }),
    ...(background === 'auto' ? {} : { background }),
    ...(seed === '' ? {} : { seed: Number(seed) }),
    ...(avoid === '' ? {} : { negative_prompt: avoid }),
  };
}
