import { KEY_LIMITS, type KeyLimits, type Scopes } from '../core/access/grant.ts';
import { keyState } from '../core/access/key-book.ts';
import { toIso } from '../core/access/key-view.ts';
import type { KeyRecord } from '../core/ports/store.ts';

const HEADINGS = ['ID', 'STATE', 'ROLE', 'KEY', 'CREATED', 'EXPIRES', 'NAME', 'GOOD FOR', 'LIMITS'];

/** Keys as a table, a line each. */
export function keyTable(records: readonly KeyRecord[], now: number): string {
  const rows = records.map((record) => [
    record.id,
    keyState(record, now),
    record.role,
    record.hint,
    dayOf(record.createdAt),
    record.expiresAt === undefined ? 'never' : dayOf(record.expiresAt),
    record.name,
    scopesText(record.scopes),
    limitsText(record.limits),
  ]);
  const table = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => lengthOf(row[column]))));
  return table.map((row) => rowText(row, widths)).join('\n');
}

/** One key, a line for each fact. */
export function keyText(record: KeyRecord, now: number): string {
  const facts: (readonly [fact: string, value: string])[] = [
    ['id', record.id],
    ['name', record.name],
    ['state', keyState(record, now)],
    ['role', record.role],
    ['key', record.hint],
    ['created', timeText(record.createdAt)],
    ['rotated', timeText(record.rotatedAt)],
    ['expires', timeText(record.expiresAt)],
    ['revoked', timeText(record.revokedAt)],
    ['good for', scopesText(record.scopes)],
    ['limits', limitsText(record.limits)],
  ];
  return facts.map(([fact, value]) => `${fact.padEnd(10)}${value}`).join('\n');
}

function scopesText({ dialects, capabilities, models }: Scopes): string {
  const parts = [
    ...(dialects ? [`APIs ${dialects.join(', ')}`] : []),
    ...(capabilities ? [capabilities.join(', ')] : []),
    ...(models ? [`models ${models.join(', ')}`] : []),
  ];
  return parts.length === 0 ? 'everything' : parts.join('; ');
}

const LIMIT_WORDS: Readonly<Record<keyof KeyLimits, string>> = {
  concurrency: 'at a time',
  requestsPerMinute: 'requests/minute',
  charactersPerDay: 'characters/day',
  charactersPerMonth: 'characters/month',
  audioSecondsPerDay: 'audio seconds/day',
  audioSecondsPerMonth: 'audio seconds/month',
};

function limitsText(limits: KeyLimits): string {
  const parts = KEY_LIMITS.flatMap((limit) => {
    const count = limits[limit];
    return count === undefined ? [] : [`${count.toLocaleString('en-GB')} ${LIMIT_WORDS[limit]}`];
  });
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function rowText(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell)))
    .join('  ')
    .trimEnd();
}

function lengthOf(text = ''): number {
  return Array.from(text).length;
}

function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

function timeText(milliseconds: number | undefined): string {
  return toIso(milliseconds) ?? 'never';
}
