import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filePart, rawForm, textPart, type RawForm } from '../../../test/raw-form.ts';
import { testApp, type TestAppOptions } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';

const PREFIX = '/v1/pronunciation-dictionaries';
const SPEECH = '/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb';

type Rule = Readonly<Record<string, unknown>>;

function alias(from: string, to: string, more: Rule = {}): Rule {
  return { type: 'alias', string_to_replace: from, alias: to, ...more };
}

function phoneme(from: string, phonemes: string, more: Rule = {}): Rule {
  return { type: 'phoneme', string_to_replace: from, phoneme: phonemes, alphabet: 'ipa', ...more };
}

/** A server and the ways in which these tests call it. */
async function connect(options: TestAppOptions) {
  const { app } = await testApp(options);
  /** Sends JSON, or gets where there is nothing to send. */
  const ask = async (url: string, body?: object, method: 'POST' | 'PATCH' = 'POST') => {
    const request = body === undefined ? { method: 'GET' as const } : { method, payload: body };
    const reply = await app.inject({ url, ...request });
    return { status: reply.statusCode, body: reply.json() };
  };
  const upload = async (form: RawForm) => {
    const reply = await app.inject({ method: 'POST', url: `${PREFIX}/add-from-file`, ...form });
    return { status: reply.statusCode, body: reply.json() };
  };
  const create = async (rules: readonly Rule[]): Promise<string> =>
    (await ask(`${PREFIX}/add-from-rules`, { name: 'd', rules })).body.id;
  return { app, ask, upload, create };
}

async function calling(
  options: TestAppOptions,
  use: (caller: Awaited<ReturnType<typeof connect>>) => Promise<void>,
): Promise<void> {
  const caller = await connect(options);
  await use(caller);
  await caller.app.close();
}

const LEXICON = `<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">
  <lexeme><grapheme>tomato</grapheme><phoneme>təˈmeɪtoʊ</phoneme></lexeme>
  <lexeme><grapheme>UN</grapheme><grapheme>U.N.</grapheme><alias>United Nations</alias></lexeme>
</lexicon>`;

test('a dictionary from rules tells its facts, and has its rules with what they leave out', () =>
  calling({}, async ({ ask }) => {
    const rules = [
      alias('UN', 'United Nations'),
      phoneme('a', 'eɪ', { case_sensitive: false, word_boundaries: false }),
    ];
    const asked = { name: 'Terms', description: 'Of ours', workspace_access: 'viewer', rules };
    const { status, body } = await ask(`${PREFIX}/add-from-rules`, asked);
    assert.equal(status, 200);
    const { id, version_id: versionId, creation_time_unix: created, ...facts } = body;
    assert.ok(Math.abs(created - Date.now() / 1000) < 60);
    assert.deepEqual(facts, {
      name: 'Terms',
      description: 'Of ours',
      created_by: 'anonymous',
      permission_on_resource: 'admin',
      version_rules_num: 2,
    });
    const kept = (await ask(`${PREFIX}/${id}`)).body;
    assert.equal(kept.latest_version_id, versionId);
    assert.equal(kept.latest_version_rules_num, 2);
    assert.equal(kept.archived_time_unix, null);
    assert.deepEqual(kept.rules, [{ case_sensitive: true, word_boundaries: true, ...rules[0] }, rules[1]]);
  }));

test('a dictionary from a file has a rule for every grapheme, and texts that say null are as good as absent', () =>
  calling({}, async ({ ask, upload }) => {
    const form = rawForm([
      textPart('name', 'null'),
      textPart('description', 'null'),
      textPart('workspace_access', 'null'),
      filePart(Buffer.from(LEXICON), 'upload'),
    ]);
    const { status, body } = await upload(form);
    assert.equal(status, 200);
    assert.deepEqual([body.name, body.description, body.version_rules_num], ['null', '', 3]);
    const { rules } = (await ask(`${PREFIX}/${body.id}`)).body;
    assert.deepEqual(
      rules.map((rule: Rule) => rule['string_to_replace']),
      ['tomato', 'UN', 'U.N.'],
    );
    const empty = await upload(rawForm([textPart('name', 'empty')]));
    assert.equal(empty.body.version_rules_num, 0);
  }));

const usual = { string_to_replace: 'a', alias: 'b', type: 'alias' };

for (const [what, rule, place, type, message] of [
  ['an empty word', alias('', 'x'), 'string_to_replace', 'string_too_short', /at least 1/],
  ['no word', { type: 'alias', alias: 'x' }, 'string_to_replace', 'missing', /required/],
  ['an empty alias', alias('tomato', ''), 'alias', 'string_too_short', /at least 1/],
  ['no alias', { type: 'alias', string_to_replace: 'a' }, 'alias', 'missing', /required/],
  ['no type', { ...usual, type: undefined }, 'type', 'missing', /required/],
  ['an unknown type', { ...usual, type: 'sound' }, 'type', 'value_error', /alias or phoneme/],
  ['an unknown alphabet', phoneme('a', 'a', { alphabet: 'x-sampa' }), 'alphabet', 'literal_error', /ipa/],
  ['no IPA', phoneme('tomato', '/təˈmeɪtoʊ/'), 'phoneme', 'value_error', /'tomato' has '\/'/],
  [
    'no ARPABET',
    phoneme('tomato', 'T AH0 M EY3', { alphabet: 'cmu-arpabet' }),
    'phoneme',
    'value_error',
    /the rule for 'tomato' has 'EY3'/,
  ],
  ['a control character', alias('a\u0000b', 'x'), 'string_to_replace', 'value_error', /control characters/],
  ['a very long word', alias('a'.repeat(201), 'x'), 'string_to_replace', 'value_error', /at most 200/],
] as const) {
  test(`a rule with ${what} is refused by its place, wherever rules are taken`, () =>
    calling({}, async ({ ask, create }) => {
      const id = await create([]);
      const rules = [alias('fine', 'good'), rule];
      for (const url of ['add-from-rules', `${id}/add-rules`, `${id}/set-rules`]) {
        const { status, body } = await ask(`${PREFIX}/${url}`, { name: 'd', rules });
        assert.equal(status, 422, url);
        assert.deepEqual(body.detail[0].loc, ['body', 'rules', 1, place]);
        assert.equal(body.detail[0].type, type);
        assert.match(`${body.detail[0].msg} ${body.error.message}`, message);
      }
      assert.deepEqual((await ask(`${PREFIX}/${id}`)).body.rules, []);
    }));
}

test('a lexicon that cannot be read is refused with the line, and an entity bomb before it goes off', () =>
  calling({}, async ({ upload }) => {
    const bomb = `<!DOCTYPE lexicon [<!ENTITY a "${'a'.repeat(1_000)}">]><lexicon>&a;</lexicon>`;
    for (const [lexicon, message] of [
      [LEXICON.replace('</grapheme>', ''), /line 3, column \d+/],
      [LEXICON.replace('təˈmeɪtoʊ', 'T2'), /line 3, column \d+: the phoneme of 'tomato' has 'T'/],
      [bomb, /document type/],
      ['', /line 1, column 0/],
    ] as const) {
      const { status, body } = await upload(
        rawForm([textPart('name', 'd'), filePart(Buffer.from(lexicon), 'a.pls')]),
      );
      assert.equal(status, 422);
      assert.deepEqual(body.detail[0].loc, ['body', 'file']);
      assert.match(body.detail[0].msg, message);
    }
  }));

test('a form without a name, with its file as text, and no form at all are refused', () =>
  calling({}, async ({ ask, upload }) => {
    const nameless = await upload(rawForm([filePart(Buffer.from(LEXICON), 'a.pls')]));
    assert.deepEqual(nameless.body.detail[0].loc, ['body', 'name']);
    const text = await upload(rawForm([textPart('name', 'd'), textPart('file', LEXICON)]));
    assert.deepEqual(text.body.detail[0].loc, ['body', 'file']);
    assert.equal((await ask(`${PREFIX}/add-from-file`, { name: 'd' })).status, 415);
  }));

test('ten megabytes of rules or of lexicon are too large, and nothing is kept of them', () =>
  calling({}, async ({ ask, upload }) => {
    const large = ' '.repeat(10 * 1024 * 1024);
    const rules = await ask(`${PREFIX}/add-from-rules`, { name: 'd', rules: [alias('a', large)] });
    assert.equal(rules.status, 413);
    const lexicon = await upload(
      rawForm([textPart('name', 'd'), filePart(Buffer.from(LEXICON + large), 'a.pls')]),
    );
    assert.equal(lexicon.status, 413);
    assert.match(lexicon.body.detail.message, /at most 1048576 bytes; this one has 104\d+/);
    assert.equal(lexicon.body.detail.param, 'file');
    assert.deepEqual((await ask(PREFIX)).body.pronunciation_dictionaries, []);
  }));

test('rules are added, removed and set; a dictionary is renamed and archived', () =>
  calling({}, async ({ ask, create }) => {
    const id = await create([alias('a', '1')]);
    const words = async () =>
      (await ask(`${PREFIX}/${id}`)).body.rules.map((rule: Rule) =>
        [rule['string_to_replace'], rule['alias']].join('='),
      );
    const added = await ask(`${PREFIX}/${id}/add-rules`, { rules: [alias('b', '2'), alias('a', '3')] });
    assert.deepEqual(Object.keys(added.body), ['id', 'version_id', 'version_rules_num']);
    assert.equal(added.body.version_rules_num, 2);
    assert.deepEqual(await words(), ['a=3', 'b=2']);
    await ask(`${PREFIX}/${id}/remove-rules`, { rule_strings: ['a', 'never there'] });
    assert.deepEqual(await words(), ['b=2']);
    await ask(`${PREFIX}/${id}/set-rules`, { rules: [alias('c', '4')] });
    assert.deepEqual(await words(), ['c=4']);
    const changed = await ask(`${PREFIX}/${id}`, { name: 'new', archived: true }, 'PATCH');
    assert.equal(changed.body.name, 'new');
    assert.ok(changed.body.archived_time_unix > 0);
    assert.deepEqual((await ask(PREFIX)).body.pronunciation_dictionaries, []);
    assert.equal((await ask(`${PREFIX}?include_archived=true`)).body.pronunciation_dictionaries.length, 1);
    const back = await ask(`${PREFIX}/${id}`, { archived: false, name: null }, 'PATCH');
    assert.deepEqual([back.body.name, back.body.archived_time_unix], ['new', null]);
  }));

test('the list is sorted and paged as asked, newest first by itself', () =>
  calling({}, async ({ ask }) => {
    for (const name of ['b', 'a', 'c']) await ask(`${PREFIX}/add-from-rules`, { name, rules: [] });
    const names = async (query: string) => {
      const { body } = await ask(`${PREFIX}${query}`);
      return body.pronunciation_dictionaries.map((one: { name: string }) => one.name).join('');
    };
    assert.equal(await names(''), 'cab');
    assert.equal(await names('?sort=name&sort_direction=asc'), 'abc');
    assert.equal(await names('?sort=name&sort_direction=DESCENDING'), 'cba');
    assert.equal(await names('?sort=creation_time_unix&sort_direction=Ascending'), 'bac');
    const first = (await ask(`${PREFIX}?page_size=2`)).body;
    assert.equal(first.has_more, true);
    const rest = (await ask(`${PREFIX}?page_size=2&cursor=${first.next_cursor}`)).body;
    assert.deepEqual(
      [rest.pronunciation_dictionaries.length, rest.has_more, rest.next_cursor],
      [1, false, null],
    );
    for (const [query, param] of [
      ['page_size=0', 'page_size'],
      ['page_size=101', 'page_size'],
      ['sort=age', 'sort'],
      ['sort_direction=up', 'sort_direction'],
    ] as const) {
      const { status, body } = await ask(`${PREFIX}?${query}`);
      assert.deepEqual([status, body.detail[0].loc], [422, ['query', param]]);
    }
    const lost = await ask(`${PREFIX}?cursor=x`);
    assert.deepEqual([lost.status, lost.body.detail.param], [400, 'cursor']);
  }));

test('what is not there is a 404 that names it, on every route', () =>
  calling({}, async ({ ask, create }) => {
    const id = await create([]);
    const attempts = await Promise.all([
      ask(`${PREFIX}/nobody`),
      ask(`${PREFIX}/nobody`, { name: 'x' }, 'PATCH'),
      ask(`${PREFIX}/nobody/add-rules`, { rules: [] }),
      ask(`${PREFIX}/nobody/set-rules`, { rules: [] }),
      ask(`${PREFIX}/nobody/remove-rules`, { rule_strings: [] }),
      ask(`${PREFIX}/${id}/nobody/download`),
    ]);
    for (const { status, body } of attempts) {
      assert.equal(status, 404);
      assert.equal(body.detail.code, 'pronunciation_dictionary_not_found');
      assert.equal(body.detail.param, 'pronunciation_dictionary_id');
      assert.match(body.detail.message, /'nobody'/);
    }
  }));

test('a dictionary belongs to its key', async () => {
  const { app } = await testApp({ keys: ['ann', 'bob'] });
  const as = async (key: string, url: string, payload?: object) => {
    const headers = { 'xi-api-key': key };
    const reply = await app.inject({
      method: payload ? 'POST' : 'GET',
      url,
      headers,
      ...(payload ? { payload } : {}),
    });
    return { status: reply.statusCode, body: reply.json() };
  };
  const { id } = (await as('ann', `${PREFIX}/add-from-rules`, { name: 'd', rules: [] })).body;
  assert.equal((await as('ann', `${PREFIX}/${id}`)).status, 200);
  assert.equal((await as('bob', `${PREFIX}/${id}`)).status, 404);
  const locators = [{ pronunciation_dictionary_id: id }];
  const body = { text: 'Hi', pronunciation_dictionary_locators: locators };
  const stolen = await as('bob', `${SPEECH}/with-timestamps`, body);
  assert.deepEqual([stolen.status, stolen.body.detail.param], [404, 'pronunciation_dictionary_locators']);
  assert.equal((await as('ann', `${SPEECH}/with-timestamps`, body)).status, 200);
  await app.close();
});

test('a download names its file after the dictionary, whatever the name holds', () =>
  calling({}, async ({ app, ask }) => {
    const { body } = await ask(`${PREFIX}/add-from-rules`, {
      name: 'Wörter "1"\r\nx',
      rules: [alias('a', 'b')],
    });
    const reply = await app.inject({
      method: 'GET',
      url: `${PREFIX}/${body.id}/${body.version_id}/download`,
    });
    assert.equal(reply.headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(
      reply.headers['content-disposition'],
      `attachment; filename="W_rter _1___x.pls"; filename*=UTF-8''W%C3%B6rter%20%221%22%0D%0Ax.pls`,
    );
    assert.match(reply.body, /<grapheme>a<\/grapheme>/);
  }));

/** What a text becomes with the rules of some dictionaries, and what the caller is told about them. */
async function spoken(text: string, ...dictionaries: readonly Rule[][]) {
  const engine = toneEngine();
  const answer: { said?: string | undefined; warnings?: unknown; alignment?: string } = {};
  await calling({ engines: [engine] }, async ({ app, create }) => {
    const locators = [];
    for (const rules of dictionaries) locators.push({ pronunciation_dictionary_id: await create(rules) });
    const payload = { text, pronunciation_dictionary_locators: locators };
    const reply = await app.inject({ method: 'POST', url: `${SPEECH}/with-timestamps`, payload });
    assert.equal(reply.statusCode, 200, reply.body);
    answer.said = engine.asked.at(-1)?.text;
    answer.warnings = reply.headers['x-antiphon-warnings'];
    answer.alignment = reply.json().alignment.characters.join('');
  });
  return answer;
}

test('aliases are spoken in the order of the dictionaries, before numbers are written out, and the written text is aligned', async () => {
  const [first, second] = [[alias('a', 'b')], [alias('b', 'c2')]];
  const said = await spoken('a b 2', first, second);
  assert.equal(said.said, 'c2 c2 two');
  assert.equal(said.alignment, 'a b 2');
  assert.equal(said.warnings, undefined);
  assert.equal((await spoken('a b 2', second, first)).said, 'b c2 two');
});

test('dictionaries that lead back to themselves are spoken once through', async () => {
  const ring = [alias('a', 'b a'), alias('b', 'a')];
  assert.equal((await spoken('a', ring, ring)).said, 'a b a');
});

test('an earlier version can be spoken with while the latest is another', () =>
  calling({ engines: [toneEngine()] }, async ({ ask, create }) => {
    const id = await create([alias('a', 'old')]);
    const { version_id: versionId } = (await ask(`${PREFIX}/${id}/set-rules`, { rules: [alias('a', 'new')] }))
      .body;
    const first = (await ask(`${PREFIX}/${id}`)).body;
    assert.equal(first.latest_version_id, versionId);
    const say = async (locator: object) => {
      const body = {
        text: 'a',
        pronunciation_dictionary_locators: [{ pronunciation_dictionary_id: id, ...locator }],
      };
      return (await ask(`${SPEECH}/with-timestamps`, body)).body;
    };
    const characters = async (locator: object) =>
      (await say(locator)).normalized_alignment.characters.join('');
    assert.equal(await characters({}), 'new');
    assert.equal(await characters({ version_id: null }), 'new');
    assert.equal(await characters({ version_id: versionId }), 'new');
    const unknown = await say({ version_id: 'nobody' });
    assert.equal(unknown.detail.code, 'pronunciation_dictionary_not_found');
    assert.match(unknown.detail.message, /no version 'nobody'/);
  }));

test('a text that dictionaries make endless, or silence, is refused before anything is spoken', () =>
  calling({}, async ({ ask, create }) => {
    const grow = (from: string, to: string) => [alias(from, `${to} `.repeat(1_000))];
    const bomb = [await create(grow('a', 'b')), await create(grow('b', 'c')), await create(grow('c', 'd'))];
    const say = (text: string, ids: readonly string[]) =>
      ask(`${SPEECH}/with-timestamps`, {
        text,
        pronunciation_dictionary_locators: ids.map((id) => ({ pronunciation_dictionary_id: id })),
      });
    const grown = await say('a', bomb);
    assert.deepEqual([grown.status, grown.body.detail.code], [400, 'text_too_long']);
    assert.match(grown.body.detail.message, /longer than 200000 characters/);
    const silent = await say('a', [await create([alias('a', ' ')])]);
    assert.deepEqual([silent.status, silent.body.detail.code], [400, 'empty_text']);
  }));

test('a dictionary and a version too many are refused in the vendor’s envelope, with the limit and a way out', () =>
  calling({ dictionaryLimits: { dictionaries: 1, versions: 2 } }, async ({ ask, create, upload }) => {
    const id = await create([alias('UN', 'United Nations')]);
    const rules = (to: string) => ask(`${PREFIX}/${id}/set-rules`, { rules: [alias('UN', to)] });
    assert.equal((await rules('Uno')).status, 200);
    const answers = [
      await rules('Due'),
      await ask(`${PREFIX}/add-from-rules`, { name: 'second', rules: [] }),
      await upload(rawForm([textPart('name', 'second')])),
    ];
    for (const { status, body } of answers) {
      assert.equal(status, 400);
      assert.equal(body.detail.code, 'pronunciation_dictionary_limit_reached');
    }
    assert.match(answers[0]?.body.detail.message, /2 versions already.*Make a new dictionary/);
    assert.match(answers[1]?.body.detail.message, /1 pronunciation dictionaries.*Set other rules/);
  }));
