import { movingBomb, pngHeader, REFERRING_DRAWING } from './odd-pictures.ts';

/** A file that somebody may send as a picture and that is none, or a harmful one. */
export interface OddPicture {
  readonly what: string;
  /** The file, from a good PNG where it is made of one. */
  readonly bytes: (png: Buffer) => Buffer;
  /** Whether it is a picture, and only too large. */
  readonly tooLarge?: true;
}

const text = (written: string) => () => Buffer.from(written, 'latin1');

/** Ten levels of ten references each. */
const LAUGHS = Array.from({ length: 9 }, (_, level) => {
  return `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`;
});

/** Every kind of them. */
export const ODD_PICTURES: readonly OddPicture[] = [
  { what: 'no byte', bytes: () => Buffer.alloc(0) },
  { what: 'one byte', bytes: () => Buffer.from([0x89]) },
  { what: 'a text', bytes: text('This is no picture. '.repeat(1000)) },
  { what: 'a web page', bytes: text('<!doctype html><html><script>alert(1)</script></html>') },
  { what: 'a program that begins like a GIF', bytes: text('GIF89a/*\0\0*/=1;alert(1)//') },
  { what: 'a web page that begins like a JPEG', bytes: text('\xff\xd8\xff\xe0<html><script>1</script>') },
  { what: 'an archive', bytes: text('PK\x03\x04 files PK\x05\x06') },
  { what: 'a PDF', bytes: text('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj') },
  { what: 'PostScript', bytes: text('%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (r) file') },
  { what: 'a drawing with an outside entity', bytes: () => REFERRING_DRAWING },
  {
    what: 'a drawing that includes a file',
    bytes: text(
      '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="file:///etc/passwd"/></svg>',
    ),
  },
  {
    what: 'a drawing that grows a billion times',
    bytes: text(
      `<!DOCTYPE svg [<!ENTITY a0 "ha">${LAUGHS.join('')}]><svg xmlns="http://www.w3.org/2000/svg">&a9;</svg>`,
    ),
  },
  {
    what: 'a drawing behind a space',
    bytes: text(' \n<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
  },
  { what: 'half a PNG', bytes: (png) => png.subarray(0, png.length / 2) },
  { what: 'a PNG without pixels', bytes: () => pngHeader(64, 64) },
  { what: 'a PNG of no width', bytes: () => pngHeader(0, 64) },
  { what: 'a PNG with another one’s beginning', bytes: (png) => Buffer.concat([Buffer.from('GIF89a'), png]) },
  { what: '60,000 x 60,000 pixels', bytes: () => pngHeader(60_000, 60_000), tooLarge: true },
  { what: 'a strip of 2 billion pixels', bytes: () => pngHeader(2_147_483_647, 1) },
  { what: '64 million pixels and a few', bytes: () => pngHeader(8001, 8001), tooLarge: true },
  { what: 'frames that add up', bytes: () => movingBomb(2000, 500), tooLarge: true },
  { what: 'too many frames', bytes: () => movingBomb(2, 1500), tooLarge: true },
];
