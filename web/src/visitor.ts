import { useFetched, type Fetched } from './fetched.ts';

/** Whom the server takes the visitor for. */
export interface Visitor {
  readonly id: string;
  readonly name: string;
  /** There is no key in the installation. */
  readonly anonymous: boolean;
  readonly role: 'admin' | 'user';
  readonly scopes: KeyScopes;
  readonly limits: Readonly<Record<string, number>>;
  readonly expiresAt: string | null;
}

/** What a key is good for; what is absent is not narrowed. */
export interface KeyScopes {
  readonly dialects?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly models?: readonly string[];
}

/** Asks the server who is visiting. */
export function useVisitor(): Fetched<Visitor> {
  return useFetched<Visitor>('/antiphon/v1/keys/me');
}
