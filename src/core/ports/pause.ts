/** Waits for so many milliseconds, or until the signal fires; it never fails, and never keeps the program from ending. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;
