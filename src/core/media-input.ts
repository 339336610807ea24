/** Media that a caller hands in. */
export type MediaInput =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly filename?: string }
  | { readonly kind: 'url'; readonly url: string };
