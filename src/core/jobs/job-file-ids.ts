/** What a job may leave: its main file, what comes beside it, and the body of a request that waits to be answered. */
export type JobPart = 'main' | 'thumbnail' | 'spritesheet' | 'request';

/** Hexadecimal digit that takes the place of a job id's version, which is always 4: no two parts share an id. */
const DIGITS: Readonly<Record<JobPart, string>> = {
  main: '4',
  thumbnail: '5',
  spritesheet: '6',
  request: 'a',
};

/** Where the version stands in a UUID without its dashes. */
const VERSION_AT = 12;

/** The id of a file that belongs to a job: the same each time the job is done, so that doing it twice leaves one file. */
export function jobFileId(jobId: string, part: JobPart): string {
  const hex = jobId.replaceAll('-', '');
  return `${hex.slice(0, VERSION_AT)}${DIGITS[part]}${hex.slice(VERSION_AT + 1)}`;
}

/** The ids of all files that a job may have. */
export function jobFileIds(jobId: string): readonly string[] {
  return (['main', 'thumbnail', 'spritesheet', 'request'] as const).map((part) => jobFileId(jobId, part));
}
