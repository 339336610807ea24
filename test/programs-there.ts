import { spawnSync } from 'node:child_process';

/** Why a test that runs a program cannot be run here; false where it can, as the option `skip` has it. */
function without(program: string): string | false {
  return spawnSync(program, ['--version']).status === 0 ? false : `there is no ${program} on this machine`;
}

export const noCurl = without('curl');
export const noPython = without('python3');
