// npm run fake -- vllm-omni-speech --port 8091 --delay 500 --fail 2 --loading --drop 20000
import { parseArgs } from 'node:util';
import { startFake } from './fake-server.ts';
import { fakes, jobServers } from './index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    delay: { type: 'string', default: '0' },
    fail: { type: 'string', default: '0' },
    drop: { type: 'string' },
    loading: { type: 'boolean', default: false },
  },
});
const [name] = positionals;
const profile = fakes.find(({ id }) => id === name);
const jobServer = jobServers.find(({ id }) => id === name);

if (jobServer) {
  const { url } = await jobServer.start(Number(values.port));
  console.log(`A fake of ${jobServer.title} listens at ${url}. It makes one job at a time.`);
} else if (profile) {
  const faults = {
    delayMs: Number(values.delay),
    failures: Number(values.fail),
    loading: values.loading,
    dropAfterBytes: values.drop === undefined ? undefined : Number(values.drop),
  };
  const { origin } = await startFake(profile, faults, Number(values.port));
  console.log(
    `A fake of ${profile.title} listens at ${origin}. GET ${origin}/fake/last shows what came last.`,
  );
} else {
  console.error(
    'Which one? npm run fake -- NAME [--port N] [--delay MS] [--fail N] [--drop BYTES] [--loading]',
  );
  for (const { id, title } of [...fakes, ...jobServers]) console.error(`  ${id.padEnd(24)} ${title}`);
  process.exitCode = 2;
}
