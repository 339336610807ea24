/** The long form of the test of the same name: fifty jobs, ten kills. Fails when a job is lost, wrong or ends twice. */
import { surviveKills } from '../test/program/job-survival.ts';

const outcome = await surviveKills({ jobs: 50, kills: 10, characters: 1500, atOnce: 4 });
console.log(JSON.stringify(outcome, undefined, 2));
const isFine = outcome.states['succeeded'] === 50 && outcome.wrong === 0 && outcome.announcedTwice === 0;
if (!isFine) process.exitCode = 1;
