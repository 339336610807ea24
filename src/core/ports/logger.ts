/** Facts beside the static name of an event. User content stands only in a field called `pii`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where events are written. `event` is a static noun-verb name such as `speech-end`. */
export interface Logger {
  debug(fields: LogFields, event: string): void;
  info(fields: LogFields, event: string): void;
  warn(fields: LogFields, event: string): void;
  error(fields: LogFields, event: string): void;
}

/** A logger that says nothing, for tests and for commands whose output belongs to the user. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
