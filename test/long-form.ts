/** Whether `npm run test:long` asks for all cases of a claim; `npm test` is content with some. */
export const isLongForm = process.env['npm_lifecycle_event'] === 'test:long';

/** All cases in the long form, else the first ones. */
export function casesOf<T>(all: readonly T[], enough: number): readonly T[] {
  return isLongForm ? all : all.slice(0, enough);
}
