/** What remains of a finished speech, for another one that is to join it. */
export interface SpeechTrace {
  /** The beginning and the end of what was said. */
  readonly opening: string;
  readonly closing: string;
  /** Silence at its ends. */
  readonly leadSeconds: number;
  readonly tailSeconds: number;
  /** Root mean square of what sounds, of all of it and of its last phrase. */
  readonly level: number;
  readonly closingLevel: number;
}

/** What stands around a text: texts, or speeches that exist already and then go before them. */
export interface SpeechSurroundings {
  readonly before?: string;
  readonly after?: string;
  readonly previous?: SpeechTrace;
  readonly next?: SpeechTrace;
}
