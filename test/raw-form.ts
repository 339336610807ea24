/** A part of a hand-made form: its header lines as they are sent, and its body. */
export type RawPart = readonly [headers: readonly string[], body: string | Uint8Array];

export interface RawForm {
  readonly payload: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const BOUNDARY = '----formdata-undici-012345678901';

/** A form, byte for byte as somebody's client writes it. */
export function rawForm(parts: readonly RawPart[], options: { readonly quoted?: boolean } = {}): RawForm {
  const blocks = parts.map(([headers, body]) =>
    Buffer.concat([
      Buffer.from(`--${BOUNDARY}\r\n${headers.join('\r\n')}\r\n\r\n`),
      Buffer.from(body),
      Buffer.from('\r\n'),
    ]),
  );
  const boundary = options.quoted ? `"${BOUNDARY}"` : BOUNDARY;
  return {
    payload: Buffer.concat([...blocks, Buffer.from(`--${BOUNDARY}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}

/** A text part. */
export function textPart(name: string, text: string): RawPart {
  return [[`Content-Disposition: form-data; name="${name}"`], text];
}

/** A file part. */
export function filePart(bytes: Uint8Array, filename = 'speech.wav'): RawPart {
  return [
    [
      `Content-Disposition: form-data; name="file"; filename="${filename}"`,
      'Content-Type: application/octet-stream',
    ],
    bytes,
  ];
}
