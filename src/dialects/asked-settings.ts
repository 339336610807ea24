import type { Asked } from '../core/setting-support.ts';

/** The settings among a request's fields, by the dialect's table of spellings. A field that is null or empty asks for nothing. */
export function askedIn<Setting extends string>(
  spelled: Readonly<Record<string, Setting>>,
  fields: Readonly<Record<string, unknown>>,
): Asked<Setting>[] {
  return Object.entries(spelled).flatMap(([parameter, setting]) => {
    const value = fields[parameter];
    return value === undefined || value === null || value === '' ? [] : [{ setting, parameter, value }];
  });
}
