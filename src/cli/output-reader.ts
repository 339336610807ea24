let isNeeded = true;

/** Ends the command when nobody reads any more what it prints to its standard output, as "head" does after a few lines. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (isNeeded) process.exit();
  });
}

/** From now on the command goes on without a reader: what it is there for is not what it prints. */
export function outliveReader(): void {
  isNeeded = false;
}
