/** A kind of picture file that is read. */
export type ReadableImageKind = 'png' | 'jpeg' | 'webp' | 'gif' | 'avif' | 'tiff';

/** How many bytes from the front are looked at. */
const HEAD_BYTES = 1024;

const SIGNATURES: readonly { readonly kind: ReadableImageKind; readonly matches: RegExp }[] = [
  { kind: 'png', matches: /^\x89PNG\r\n[^]\n/ },
  { kind: 'jpeg', matches: /^\xff\xd8\xff/ },
  { kind: 'webp', matches: /^RIFF[^]{4}WEBP/ },
  { kind: 'gif', matches: /^GIF8[79]a/ },
  // ISO/IEC 14496-12, section 4.3: the brand that the file is of comes first.
  { kind: 'avif', matches: /^[^]{4}ftypavi[fs]/ },
  { kind: 'tiff', matches: /^(II\*\0|MM\0\*|II\+\0|MM\0\+)/ },
];

/** An XML prologue, comments and a doctype may stand before the element. */
const DRAWING = /^(\xef\xbb\xbf)?\s*(<\?xml|<!doctype\s+svg|<!--|<svg[\s>])/i;

/**
 * What a file is by its first bytes, whatever it is called; `svg` stands for drawings in XML, which are known but not
 * read. Undefined for everything else.
 */
export function findImageKind(bytes: Uint8Array): ReadableImageKind | 'svg' | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
  const found = SIGNATURES.find(({ matches }) => matches.test(head));
  if (found) return found.kind;
  return DRAWING.test(head) && /<svg[\s>]/i.test(head) ? 'svg' : undefined;
}
