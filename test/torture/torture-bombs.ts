import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { flacBomb, wavClaiming } from '../odd-recordings.ts';
import { movingBomb, pngHeader, REFERRING_DRAWING } from '../odd-pictures.ts';
import { asCurl, ask, settled, type Address } from './torture-asking.ts';
import { judge, vendorsOf } from './torture-judging.ts';
import type { Operation } from './torture-operations.ts';
import type { Tally } from './torture-report.ts';
import { asForm, FORM_BOUNDARY, type Asked, type Part } from './torture-requests.ts';

const MEGABYTE = 1024 * 1024;
const FORM = { 'content-type': `multipart/form-data; boundary=${FORM_BOUNDARY}` };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Files that are small and would be large. */
function bombFiles(): Readonly<Record<string, Uint8Array>> {
  const laughs = Array.from(
    { length: 9 },
    (_, level) => `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`,
  ).join('');
  return {
    'bomb.flac': flacBomb(1_800),
    'claims.wav': wavClaiming({ channels: 2, sampleRate: 48_000, claimedBytes: 2 ** 31 }, Buffer.alloc(100)),
    'bomb.gif': movingBomb(4_000, 4_000),
    'header.png': pngHeader(60_000, 60_000),
    'refers.svg': REFERRING_DRAWING,
    'zeros.zip': zipSync({ a: new Uint8Array(32 * MEGABYTE) }),
    'zeros.wav.gz': gzipSync(wavClaiming({ channels: 1, sampleRate: 16_000 }, Buffer.alloc(32 * MEGABYTE))),
    'laughs.pls': Buffer.from(
      `<!DOCTYPE lexicon [<!ENTITY a0 "ha">${laughs}]><lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en"><lexeme><grapheme>&a9;</grapheme><alias>x</alias></lexeme></lexicon>`,
    ),
    'deep.pls': Buffer.from('<lexicon>'.repeat(100_000)),
  };
}

type Bomb = readonly [what: string, headers: Readonly<Record<string, string>>, body: Buffer];

/** Bodies for a route that takes forms. */
function formBombs(fileNames: readonly string[], fields: readonly Part[]): Bomb[] {
  const file = (name: string, called: string, bytes: Uint8Array): Part => [
    `form-data; name="${name}"; filename="${called}"\r\nContent-Type: application/octet-stream`,
    Buffer.from(bytes),
  ];
  const [first = 'file'] = fileNames;
  const small = Buffer.from('x');
  const planted = Object.entries(bombFiles()).map(([called, bytes]): Bomb => [
    called,
    FORM,
    asForm([...fields, ...fileNames.map((name) => file(name, called, bytes))]),
  ]);
  return [
    ...planted,
    [
      'thousands of files',
      FORM,
      asForm(Array.from({ length: 3_000 }, (_, at) => file(first, `${at}.wav`, small))),
    ],
    [
      'thousands of fields',
      FORM,
      asForm(Array.from({ length: 20_000 }, (_, at): Part => [`form-data; name="f${at}"`, small])),
    ],
    [
      'one field very often',
      FORM,
      asForm(Array.from({ length: 20_000 }, (): Part => ['form-data; name="model"', small])),
    ],
    [
      'a field of megabytes',
      FORM,
      asForm([['form-data; name="model"', Buffer.alloc(12 * MEGABYTE, 97)], ...fields]),
    ],
    [
      'headers of a megabyte in a part',
      FORM,
      asForm([[`form-data; name="model"; x="${'y'.repeat(MEGABYTE)}"`, small]]),
    ],
    [
      'a part within a part',
      FORM,
      asForm([
        [
          'form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=b',
          Buffer.from('--b\r\n\r\nx\r\n--b--'),
        ],
      ]),
    ],
    ['only beginnings', FORM, Buffer.from(`--${FORM_BOUNDARY}\r\n`.repeat(50_000))],
    ['a preamble of megabytes', FORM, Buffer.concat([Buffer.alloc(4 * MEGABYTE, 45), asForm(fields)])],
  ];
}

/** Bodies for a route that takes JSON. */
function jsonBombs(): Bomb[] {
  const picture = pngHeader(60_000, 60_000).toString('base64');
  const members = Array.from({ length: 300_000 }, (_, at) => `"a${at}":1`).join(',');
  return [
    ['compressed zeros', { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(64 * MEGABYTE))],
    [
      'brotli that is none',
      { ...JSON_TYPE, 'content-encoding': 'br, gzip, deflate' },
      Buffer.from('{"model":"x"}'),
    ],
    ['lists in lists', JSON_TYPE, Buffer.from(`{"model":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`)],
    ['objects in objects', JSON_TYPE, Buffer.from(`${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}`)],
    ['very many members', JSON_TYPE, Buffer.from(`{${members}}`)],
    ['a number of a million digits', JSON_TYPE, Buffer.from(`{"seed":${'9'.repeat(1_000_000)}}`)],
    ['more than is taken', JSON_TYPE, Buffer.from(`{"input":"${'a'.repeat(9 * MEGABYTE)}"}`)],
    [
      'a huge picture in a text',
      JSON_TYPE,
      Buffer.from(
        JSON.stringify({
          prompt: 'a',
          model: 'x',
          image: `data:image/png;base64,${picture}`,
          images: [{ image_url: `data:image/png;base64,${picture}` }],
        }),
      ),
    ],
    ['bytes of a text that is none', JSON_TYPE, Buffer.alloc(MEGABYTE, 0x80)],
  ];
}

/** What is thrown at whom. */
export interface BombCampaign {
  readonly operations: readonly Operation[];
  readonly address: Address;
  readonly deadline: number;
  readonly tally: Tally;
}

/** Throws every bomb at every route that takes a body. */
export async function tortureBombs({ operations, address, deadline, tally }: BombCampaign): Promise<void> {
  const vendors = vendorsOf(operations);
  for (const operation of operations) {
    for (const [what, asked] of bombsFor(operation)) {
      if (Date.now() > deadline) return;
      const real = settled(asked, address);
      const answer = await ask(real, address);
      tally.count(operation.name, answer);
      const faults = judge(real, answer, { vendor: operation.vendor, vendors });
      const curl = asCurl(real, address.origin).slice(0, 500);
      faults
        .map((fault) => ({ route: operation.name, fault: `${what}: ${fault}`, seed: 0, curl }))
        .filter((finding) => !tally.knows(finding))
        .forEach((finding) => tally.report(finding));
    }
  }
}

function bombsFor({
  bodies,
  template,
  parameters,
  ownMount,
  method,
}: Operation): readonly (readonly [string, Asked])[] {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(parameters.find((one) => one.name === name)?.example ?? 'a')),
  );
  const thrown = bodies.flatMap(({ mediaType, schema, examples }) => {
    if (mediaType === 'application/json') return jsonBombs();
    const properties = Object.entries(schema.properties ?? {});
    const files = properties
      .filter(([, one]) => one.format === 'binary' || one.items?.format === 'binary')
      .map(([name]) => name);
    const fields = Object.entries(examples[0] ?? {})
      .filter(([name]) => !files.includes(name))
      .map(([name, value]): Part => [
        `form-data; name="${name}"`,
        Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
      ]);
    return formBombs(files, fields);
  });
  return thrown.map(([what, headers, body]) => [
    what,
    { method, url: ownMount + path, headers, body, credential: 'ours', isMaking: true, isOwnMount: true },
  ]);
}
