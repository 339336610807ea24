import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testContext, testPrincipal, testStorage } from '../../../test/support.ts';
import { AppError } from '../../base/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { DictionaryStore } from '../ports/store.ts';
import type { DictionaryLimits } from './dictionary-limits.ts';
import { createDictionaryLibrary, type DictionaryQuery } from './dictionary-library.ts';
import type { DictionaryRule } from './dictionary-rules.ts';

const ANN = testContext({ principal: testPrincipal('ann') });
const BOB = testContext({ principal: testPrincipal('bob') });

/** A library on an empty store, whose clock goes on by a second whenever it is read. */
function library(store: DictionaryStore = testStorage().store.dictionaries, limits?: DictionaryLimits) {
  let now = 0;
  const clock: Clock = { now: () => (now += 1_000), monotonicMs: () => now };
  return createDictionaryLibrary({ store, clock, ...(limits ? { limits } : {}) });
}

function alias(grapheme: string, spoken: string): DictionaryRule {
  return { type: 'alias', grapheme, alias: spoken, caseSensitive: true, wordBoundaries: true };
}

function spelled(rules: readonly DictionaryRule[]): string {
  return rules
    .map((rule) => `${rule.grapheme}=${rule.type === 'alias' ? rule.alias : rule.phonemes}`)
    .join(' ');
}

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, String(error));
  return error;
}

test('added rules go to the end, or in the place of the rule for the same word', async () => {
  const dictionaries = library();
  const { id } = await dictionaries.create({ name: 'd', content: [alias('a', '1'), alias('b', '2')] }, ANN);
  const rules = [alias('c', '3'), alias('a', '4'), alias('c', '5')];
  const record = await dictionaries.changeRules(id, { kind: 'add', rules }, ANN);
  assert.equal(record.latestRuleCount, 3);
  assert.equal(spelled((await dictionaries.get(id, ANN)).rules), 'a=4 b=2 c=5');
});

test('every change makes a version, and none changes an earlier one', async () => {
  const dictionaries = library();
  const first = await dictionaries.create({ name: 'd', content: [alias('a', '1')] }, ANN);
  const change = (kind: 'add' | 'set', rules: DictionaryRule[]) =>
    dictionaries.changeRules(first.id, { kind, rules }, ANN);
  const second = await change('add', [alias('b', '2')]);
  const third = await change('set', [alias('c', '3')]);
  const fourth = await dictionaries.changeRules(first.id, { kind: 'remove', graphemes: ['c', 'x'] }, ANN);
  const versions = [first, second, third, fourth].map((record) => record.latestVersionId);
  assert.equal(new Set(versions).size, 4);
  const contents = await Promise.all(
    versions.map(async (versionId) => {
      const [rules = []] = await dictionaries.resolve([{ dictionaryId: first.id, versionId }], ANN);
      return spelled(rules);
    }),
  );
  assert.deepEqual(contents, ['a=1', 'a=1 b=2', 'c=3', '']);
  const same = await dictionaries.changeRules(first.id, { kind: 'remove', graphemes: ['c'] }, ANN);
  assert.equal(same.latestVersionId, fourth.latestVersionId, 'nothing changed');
});

test('changes at the same time wait for one another, so that none is lost', async () => {
  const dictionaries = library();
  const { id } = await dictionaries.create({ name: 'd', content: [] }, ANN);
  await Promise.all([
    ...Array.from('abcdefgh', (letter) =>
      dictionaries.changeRules(id, { kind: 'add', rules: [alias(letter, letter)] }, ANN),
    ),
    refusal(dictionaries.changeRules(id, { kind: 'add', rules: [] }, BOB)),
    dictionaries.change(id, { name: 'renamed' }, ANN),
  ]);
  const { record, rules } = await dictionaries.get(id, ANN);
  assert.equal(rules.length, 8);
  assert.equal(record.latestRuleCount, 8);
  assert.equal(record.name, 'renamed');
});

test('nobody sees, changes or speaks with the dictionary of another key', async () => {
  const dictionaries = library();
  const { id, latestVersionId: versionId } = await dictionaries.create({ name: 'd', content: [] }, ANN);
  const attempts = [
    dictionaries.get(id, BOB),
    dictionaries.change(id, { archived: true }, BOB),
    dictionaries.changeRules(id, { kind: 'set', rules: [alias('a', 'b')] }, BOB),
    dictionaries.exportPls({ dictionaryId: id, versionId }, BOB),
    dictionaries.resolve([{ dictionaryId: id, versionId }], BOB),
  ];
  for (const attempt of attempts) {
    const error = await refusal(attempt);
    assert.deepEqual([error.code, error.subject], ['not_found', 'dictionary']);
    assert.ok(error.message.includes(id));
  }
  const all = { sort: 'name', descending: false, includeArchived: true, limit: 10 } as const;
  assert.deepEqual((await dictionaries.list(all, BOB)).records, []);
});

test('a version of another dictionary, and a fourth dictionary, are refused', async () => {
  const dictionaries = library();
  const one = await dictionaries.create({ name: 'one', content: [] }, ANN);
  const two = await dictionaries.create({ name: 'two', content: [] }, ANN);
  const locator = { dictionaryId: one.id, versionId: two.latestVersionId };
  assert.match((await refusal(dictionaries.resolve([locator], ANN))).message, /no version/);
  const four = Array.from({ length: 4 }, () => ({ dictionaryId: one.id }));
  assert.equal((await refusal(dictionaries.resolve(four, ANN))).code, 'invalid_request');
  assert.equal((await dictionaries.resolve(four.slice(1), ANN)).length, 3);
});

test('a dictionary holds ten thousand rules and not one more', async () => {
  const dictionaries = library();
  const many = Array.from({ length: 10_000 }, (_, index) => alias(`w${index}`, 'x'));
  const { id } = await dictionaries.create({ name: 'd', content: many }, ANN);
  const error = await refusal(dictionaries.changeRules(id, { kind: 'add', rules: [alias('one', 'x')] }, ANN));
  assert.equal(error.code, 'invalid_request');
  assert.match(error.message, /at most 10000 rules; this one would have 10001/);
  assert.equal((await dictionaries.get(id, ANN)).rules.length, 10_000);
});

test('each key may have so many dictionaries, archived ones included, however many are made at once', async () => {
  const dictionaries = library(undefined, { dictionaries: 3, versions: 1_000 });
  const create = () => dictionaries.create({ name: 'd', content: [] }, ANN);
  const { id } = await create();
  await dictionaries.change(id, { archived: true }, ANN);
  const made = await Promise.allSettled([create(), create(), create(), create()]);
  assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 2);
  const error = await refusal(create());
  assert.deepEqual([error.code, error.reason], ['invalid_request', 'dictionary_limit']);
  assert.match(error.message, /3 pronunciation dictionaries/);
  await dictionaries.create({ name: 'of somebody else', content: [] }, BOB);
});

test('a dictionary may have so many versions; what changes nothing needs none', async () => {
  const dictionaries = library(undefined, { dictionaries: 1_000, versions: 3 });
  const { id } = await dictionaries.create({ name: 'd', content: [] }, ANN);
  const set = (letter: string) =>
    dictionaries.changeRules(id, { kind: 'set', rules: [alias(letter, letter)] }, ANN);
  await set('a');
  await set('b');
  const error = await refusal(set('c'));
  assert.deepEqual([error.code, error.reason], ['invalid_request', 'dictionary_limit']);
  assert.match(error.message, /3 versions/);
  await set('b');
  await dictionaries.change(id, { name: 'renamed' }, ANN);
  assert.equal(spelled((await dictionaries.get(id, ANN)).rules), 'b=b');
});

test('lists are walked page by page in any order, with archived ones where they are wanted', async () => {
  const dictionaries = library();
  for (const name of ['b', 'c', 'a', 'd']) await dictionaries.create({ name, content: [] }, ANN);
  const walk = async (asked: Partial<DictionaryQuery>) => {
    const query = { sort: 'created', descending: false, includeArchived: false, limit: 2, ...asked } as const;
    const names: string[] = [];
    let afterId: string | undefined;
    for (let hasMore = true; hasMore;) {
      const page = await dictionaries.list({ ...query, ...(afterId === undefined ? {} : { afterId }) }, ANN);
      assert.ok(page.records.length > 0 && page.records.length <= 2);
      names.push(...page.records.map((record) => record.name));
      afterId = page.records.at(-1)?.id;
      hasMore = page.hasMore;
    }
    return names.join('');
  };
  assert.equal(await walk({}), 'bcad');
  assert.equal(await walk({ descending: true }), 'dacb');
  assert.equal(await walk({ sort: 'name' }), 'abcd');
  assert.equal(await walk({ sort: 'name', descending: true }), 'dcba');
  const all = { sort: 'name', descending: false, includeArchived: true, limit: 10 } as const;
  const [first] = (await dictionaries.list(all, ANN)).records;
  const archived = await dictionaries.change(first?.id ?? '', { archived: true }, ANN);
  assert.equal(archived.archivedAt, 5_000);
  assert.equal((await dictionaries.change(archived.id, { archived: true }, ANN)).archivedAt, 5_000);
  assert.equal(await walk({ sort: 'name' }), 'bcd');
  assert.equal(await walk({ sort: 'name', includeArchived: true }), 'abcd');
  assert.equal((await dictionaries.resolve([{ dictionaryId: archived.id }], ANN)).length, 1);
  assert.equal((await dictionaries.change(archived.id, { archived: false }, ANN)).archivedAt, undefined);
  const lost = await refusal(dictionaries.list({ ...all, afterId: 'nobody' }, ANN));
  assert.equal(lost.param, 'cursor');
});

test('a version in use is read once from the store, and a dictionary is looked up for every request', async () => {
  const { dictionaries: store } = testStorage().store;
  let reads = 0;
  const dictionaries = library({
    ...store,
    findVersion: (dictionaryId, versionId) => {
      reads += 1;
      return store.findVersion(dictionaryId, versionId);
    },
  });
  const { id } = await dictionaries.create({ name: 'd', content: [alias('a', 'b')] }, ANN);
  const [once] = await dictionaries.resolve([{ dictionaryId: id }], ANN);
  const [again] = await dictionaries.resolve([{ dictionaryId: id }], ANN);
  assert.equal(once, again);
  assert.equal(reads, 1);
  await dictionaries.changeRules(id, { kind: 'set', rules: [] }, ANN);
  assert.deepEqual(await dictionaries.resolve([{ dictionaryId: id }], ANN), [[]]);
});
