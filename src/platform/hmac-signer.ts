import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Signer } from '../core/ports/signer.ts';
import type { SecretStore } from '../core/ports/store.ts';

/** Signs with HMAC-SHA256 and a secret that stands in the store under a name. */
export function createSigner(secrets: SecretStore, name = 'file-links'): Signer {
  const digest = async (text: string) =>
    createHmac('sha256', await secrets.getOrCreate(name))
      .update(text)
      .digest();
  return {
    sign: async (text) => (await digest(text)).toString('base64url'),
    verify: async (text, signature) => {
      const expected = await digest(text);
      const given = Buffer.from(signature, 'base64url');
      // Base64 can be written in several ways; only ours counts.
      return (
        given.length === expected.length &&
        timingSafeEqual(given, expected) &&
        given.toString('base64url') === signature
      );
    },
  };
}
