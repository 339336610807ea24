import { fork } from 'node:child_process';
import { once } from 'node:events';

/** An engine without anything of ours, in a process of its own: the measure of what ours may say. */
export interface BareEngine<Job extends object, Answer> {
  /** One job at a time. */
  do(job: Job): Promise<Answer>;
}

/** Starts one of the scripts in `fixtures`. `atEnd` is given what ends it. */
export function startBare<Job extends object, Answer>(
  script: string,
  atEnd: (stop: () => void) => void,
): BareEngine<Job, Answer> {
  const child = fork(new URL(`fixtures/${script}`, import.meta.url), [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`The bare engine ended with ${String(code ?? signal)}.`);
  });
  ended.catch(() => undefined);
  atEnd(() => child.kill());
  return {
    do: async (job) => {
      child.send(job);
      const [answer] = await Promise.race([once(child, 'message'), ended]);
      // What this script answers to this job.
      return answer as Answer;
    },
  };
}
