/** Pronunciation dictionaries through the official client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElevenLabsClient, ElevenLabsError, type ElevenLabs } from '@elevenlabs/elevenlabs-js';
import { readPls } from '../../src/media/text/pls.ts';
import { listening } from '../support.ts';

const GEORGE = 'JBFqnCBsd6RMkjVDRZzb';

type Rule = ElevenLabs.BodyAddAPronunciationDictionaryV1PronunciationDictionariesAddFromRulesPostRulesItem;

function alias(stringToReplace: string, spoken: string): Rule {
  return { type: 'alias', stringToReplace, alias: spoken };
}

function calling(use: (client: ElevenLabsClient) => Promise<void>): Promise<void> {
  return listening({}, ({ origin }) => use(new ElevenLabsClient({ apiKey: 'any', baseUrl: origin })));
}

async function read(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}

/** The locator of a new dictionary with some rules. */
async function dictionary(client: ElevenLabsClient, rules: Rule[]) {
  const made = await client.pronunciationDictionaries.createFromRules({ name: 'd', rules });
  return { pronunciationDictionaryId: made.id, versionId: made.versionId };
}

async function statusOf(call: () => PromiseLike<unknown>): Promise<[number | undefined, unknown]> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof ElevenLabsError, String(error));
    return [error.statusCode, error.body];
  }
  return [200, undefined];
}

test('E16: three dictionaries are taken, four are a 422, an unknown one is a 404 that names it', () =>
  calling(async (client) => {
    const one = await dictionary(client, [alias('a', 'b')]);
    const say = (locators: (typeof one)[]) =>
      statusOf(async () =>
        read(
          await client.textToSpeech.convert(GEORGE, { text: 'a', pronunciationDictionaryLocators: locators }),
        ),
      );
    assert.equal((await say([one, one, one]))[0], 200);
    assert.equal((await say([one, one, one, one]))[0], 422);
    const [status, body] = await say([one, { pronunciationDictionaryId: 'nobody', versionId: 'x' }]);
    assert.equal(status, 404);
    const { detail } = body as { detail: Record<string, unknown> }; // What is checked here.
    assert.equal(detail['code'], 'pronunciation_dictionary_not_found');
    assert.equal(detail['param'], 'pronunciation_dictionary_locators');
    assert.match(String(detail['message']), /'nobody'/);
  }));

test('E17: of two dictionaries that chain, the order decides what is spoken', () =>
  calling(async (client) => {
    const first = await dictionary(client, [alias('alpha', 'beta')]);
    const second = await dictionary(client, [alias('beta', 'gamma')]);
    const spoken = async (locators: (typeof first)[]) => {
      const timed = await client.textToSpeech.convertWithTimestamps(GEORGE, {
        text: 'alpha beta',
        pronunciationDictionaryLocators: locators,
      });
      assert.equal(timed.alignment?.characters.join(''), 'alpha beta');
      return timed.normalizedAlignment?.characters.join('');
    };
    assert.equal(await spoken([first, second]), 'gamma gamma');
    assert.equal(await spoken([second, first]), 'beta gamma');
  }));

test('E33: rules that are added make a new version; both can be downloaded, and the old one is as it was', () =>
  calling(async (client) => {
    const { pronunciationDictionaries: dictionaries } = client;
    const phoneme: Rule = {
      type: 'phoneme',
      stringToReplace: 'tomato',
      phoneme: 'T AH0 M EY1 T OW2',
      alphabet: 'cmu-arpabet',
      caseSensitive: false,
    };
    const made = await dictionaries.createFromRules({
      name: 'Terms',
      rules: [alias('UN', 'United Nations')],
    });
    const added = await dictionaries.rules.add(made.id, { rules: [phoneme] });
    assert.notEqual(added.versionId, made.versionId);
    assert.equal(added.versionRulesNum, 2);
    const lexicon = async (versionId: string) => {
      const { data, rawResponse } = await dictionaries.download(made.id, versionId).withRawResponse();
      assert.match(
        rawResponse.headers.get('content-disposition') ?? '',
        /^attachment; filename="Terms\.pls"/,
      );
      return readPls(await read(data));
    };
    const matching = { caseSensitive: true, wordBoundaries: true };
    const un = { type: 'alias', grapheme: 'UN', alias: 'United Nations', ...matching };
    const tomato = {
      type: 'phoneme',
      grapheme: 'tomato',
      phonemes: 'T AH0 M EY1 T OW2',
      alphabet: 'cmu-arpabet',
      ...matching,
      caseSensitive: false,
    };
    assert.deepEqual(await lexicon(made.versionId), [un]);
    assert.deepEqual(await lexicon(added.versionId), [un, tomato]);
  }));

test('E45: every other route about dictionaries answers in the shape that the client expects', () =>
  calling(async (client) => {
    const { pronunciationDictionaries: dictionaries } = client;
    const file = new File(
      ['<lexicon><lexeme><grapheme>a</grapheme><alias>b</alias></lexeme></lexicon>'],
      'a.pls',
    );
    const made = await dictionaries.createFromFile({
      name: 'from a file',
      file,
      description: 'said',
      workspaceAccess: 'viewer',
    });
    assert.equal(made.versionRulesNum, 1);
    const kept = await dictionaries.get(made.id);
    assert.deepEqual(kept.rules, [
      { type: 'alias', stringToReplace: 'a', alias: 'b', caseSensitive: true, wordBoundaries: true },
    ]);
    assert.equal(kept.latestVersionRulesNum, 1);
    const set = await dictionaries.rules.set(made.id, { rules: [alias('c', 'd'), alias('e', 'f')] });
    assert.equal(set.versionRulesNum, 2);
    const removed = await dictionaries.rules.remove(made.id, { ruleStrings: ['c'] });
    assert.equal(removed.versionRulesNum, 1);
    const changed = await dictionaries.update(made.id, { archived: true, name: 'old' });
    assert.equal(changed.name, 'old');
    assert.ok(changed.archivedTimeUnix);
    const sorted = { sort: 'name', sortDirection: 'DESCENDING', pageSize: 1 } as const;
    const listed = await dictionaries.list({ ...sorted, includeArchived: true });
    assert.deepEqual([listed.pronunciationDictionaries.length, listed.hasMore], [1, false]);
    assert.equal((await dictionaries.list()).pronunciationDictionaries.length, 0);
  }));
