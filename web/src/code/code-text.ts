import type { JsonObject } from '../speech/speech-call.ts';
import type { SettingValue } from '../speech/speech-wish.ts';

type Value = SettingValue | JsonObject;

/** A text between single quotes for a shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A value as a literal of TypeScript. */
export function typeScriptOf(value: Value, indent = ''): string {
  if (typeof value !== 'object') return typeof value === 'string' ? singleQuoted(value) : String(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${indent}  ${memberName(name)}: ${typeScriptOf(member, `${indent}  `)},\n`,
  );
  return `{\n${members.join('')}${indent}}`;
}

/** A value as a literal of Python. */
export function pythonOf(value: Value, indent = ''): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  // What JSON escapes, Python reads in the same way.
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${indent}    ${JSON.stringify(name)}: ${pythonOf(member, `${indent}    `)},\n`,
  );
  return `{\n${members.join('')}${indent}}`;
}

/** The members of an object as arguments of Python, one a line. */
export function pythonArguments(members: Readonly<Record<string, Value>>): string {
  return Object.entries(members)
    .map(([name, value]) => `    ${name}=${pythonOf(value, '    ')},\n`)
    .join('');
}

function singleQuoted(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`);
  return `'${inner}'`;
}

function memberName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : singleQuoted(name);
}
