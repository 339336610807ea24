/** A server does not do what a row requires. */
export class Mismatch extends Error {
  readonly expected: string;
  readonly came: string;

  constructor(expected: string, came: string) {
    super(`expected ${expected}; came ${came}`);
    this.name = 'Mismatch';
    this.expected = expected;
    this.came = came;
  }
}

/** It cannot be told whether a server does what a row requires. */
export class Unchecked extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Unchecked';
  }
}
