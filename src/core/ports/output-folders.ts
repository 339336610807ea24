/** Folders of the operator into which copies of what was made may be put, each under a prefix of addresses. */
export interface OutputFolders {
  /** Whether an address begins with one of the prefixes and stays below it. */
  allows(address: string): boolean;
  /** Writes what belongs to an address that is allowed, in the place of what is there. */
  write(address: string, bytes: Uint8Array): Promise<void>;
}
