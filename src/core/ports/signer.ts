/** Vouches for texts with a secret that all processes of an installation share. */
export interface Signer {
  /** A signature in letters, digits, `-` and `_`. */
  sign(text: string): Promise<string>;
  /** Whether a signature is of this text. How long that takes does not depend on how much of it is right. */
  verify(text: string, signature: string): Promise<boolean>;
}
