import type { MediaInput } from '../core/media-input.ts';
import { invalidFields } from './parse-body.ts';

const DATA_URL = /^data:[\w.+/-]*(?:;[\w.+-]+=[^;,]*)*;base64,([A-Za-z0-9+/]+={0,2})$/;

/**
 * The media at an address, or in it where it is a data URL. Throws `invalid_request` naming the field when it is
 * neither a web address nor such a URL.
 */
export function mediaAt(field: string, url: string): MediaInput {
  const data = DATA_URL.exec(url)?.[1];
  if (data !== undefined) return { kind: 'bytes', bytes: Uint8Array.from(Buffer.from(data, 'base64')) };
  if (URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)) return { kind: 'url', url };
  const message = 'must be an http or https address, or a data URL in base64';
  throw invalidFields([{ path: field.split('.'), kind: 'malformed', message }]);
}
