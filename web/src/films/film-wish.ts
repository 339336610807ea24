/** A film that is wanted, as the page has it. */
export interface FilmWish {
  readonly prompt: string;
  /** `auto`, or the model of an engine. */
  readonly model: string;
  readonly seconds: string;
  /** As `1280x720`. */
  readonly size: string;
  /** The picture that it begins with. */
  readonly picture: File | undefined;
}

/** The wish in OpenAI's words, its picture aside. */
export function openaiFields({ prompt, model, seconds, size }: FilmWish) {
  return { model, prompt, seconds, size } as const;
}

/** A film as OpenAI's API tells of it. */
interface WireVideo {
  readonly id: string;
}

/** The job behind a film. */
export function jobIdOf({ id }: WireVideo): string {
  return id.replace(/^video_/, '').replace(/^(\w{8})(\w{4})(\w{4})(\w{4})(\w{12})$/, '$1-$2-$3-$4-$5');
}
