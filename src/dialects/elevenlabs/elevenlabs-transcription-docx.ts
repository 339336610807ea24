import { crc32, deflateRawSync } from 'node:zlib';
import { concatBytes } from '../../base/stream.ts';

/** A paragraph of a document: a small line above, if there is one, and the text. */
export interface DocumentParagraph {
  readonly label: string;
  readonly text: string;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument';
const WORDS = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const MAIN_TYPE = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';

const CONTENT_TYPES =
  `${XML}<Types xmlns="${PACKAGE}/content-types">` +
  `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
  `<Default Extension="xml" ContentType="application/xml"/>` +
  `<Override PartName="/word/document.xml" ContentType="${MAIN_TYPE}"/></Types>`;

const RELATIONSHIPS =
  `${XML}<Relationships xmlns="${PACKAGE}/relationships">` +
  `<Relationship Id="rId1" Type="${DOCUMENT}" Target="word/document.xml"/></Relationships>`;

/** A word-processor document (ECMA-376, transitional) with nothing in it but paragraphs. */
export function wordDocument(paragraphs: readonly DocumentParagraph[]): Uint8Array {
  const body = paragraphs.map(
    ({ label, text }) =>
      (label === '' ? '' : paragraph(label, '<w:rPr><w:b/></w:rPr>')) + paragraph(text, ''),
  );
  return zipOf([
    { name: '[Content_Types].xml', text: CONTENT_TYPES },
    { name: '_rels/.rels', text: RELATIONSHIPS },
    {
      name: 'word/document.xml',
      text: `${XML}<w:document xmlns:w="${WORDS}"><w:body>${body.join('')}<w:sectPr/></w:body></w:document>`,
    },
  ]);
}

function paragraph(text: string, style: string): string {
  return `<w:p><w:r>${style}<w:t xml:space="preserve">${escapeXml(text)}</w:t></w:r></w:p>`;
}

/** Control characters other than tab and line ends cannot stand in XML 1.0 at all. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

interface ZipPart {
  readonly name: string;
  readonly text: string;
}

/** 1 January 1980, the first day that the format knows: equal documents are equal bytes. */
const NO_DATE = 0x0021;
const DEFLATED = 8;
const VERSION_NEEDED = 20;

/** A ZIP archive (APPNOTE 6.3.3): each part behind its header, then the directory, then the end record. */
function zipOf(parts: readonly ZipPart[]): Uint8Array {
  const bodies: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, text } of parts) {
    const content = new TextEncoder().encode(text);
    const packed = deflateRawSync(content);
    const facts = [VERSION_NEEDED, 0, DEFLATED, 0, NO_DATE];
    const sizes = [crc32(content), packed.length, content.length];
    const encodedName = new TextEncoder().encode(name);
    const local = record(0x04034b50, { shorts: facts, longs: sizes, tail: [encodedName.length, 0] });
    bodies.push(local, encodedName, packed);
    const entry = record(0x02014b50, {
      shorts: [VERSION_NEEDED, ...facts],
      longs: sizes,
      tail: [encodedName.length, 0, 0, 0, 0, 0, 0, offset & 0xffff, offset >>> 16],
    });
    directory.push(entry, encodedName);
    offset += local.length + encodedName.length + packed.length;
  }
  const size = directory.reduce((sum, bytes) => sum + bytes.length, 0);
  const end = record(0x06054b50, {
    shorts: [0, 0, parts.length, parts.length],
    longs: [size, offset],
    tail: [0],
  });
  return concatBytes([...bodies, ...directory, end]);
}

interface RecordFields {
  readonly shorts: readonly number[];
  readonly longs: readonly number[];
  readonly tail: readonly number[];
}

/** A record of the format: signature, 16-bit fields, 32-bit fields, 16-bit fields, all little-endian. */
function record(signature: number, { shorts, longs, tail }: RecordFields): Uint8Array {
  const bytes = new Uint8Array(4 + 2 * shorts.length + 4 * longs.length + 2 * tail.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  shorts.forEach((value, index) => view.setUint16(4 + 2 * index, value, true));
  const longsAt = 4 + 2 * shorts.length;
  longs.forEach((value, index) => view.setUint32(longsAt + 4 * index, value, true));
  const tailAt = longsAt + 4 * longs.length;
  tail.forEach((value, index) => view.setUint16(tailAt + 2 * index, value, true));
  return bytes;
}
