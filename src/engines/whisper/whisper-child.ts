import { serveNativeCalls } from '../native-child.ts';
import { loadWhisperAddon, type WhisperAddon, type WhisperContext } from './whisper-binding.ts';
import type { WhisperAnswer, WhisperCall, WhisperStart } from './whisper-calls.ts';

/** whisper.cpp tells the probability of a detected language only in its log. */
const DETECTED = /auto-detected language: (\w+) \(p = ([\d.]+)\)/;

let context: WhisperContext | undefined;
let threads = 1;
/** Lines of the log since the last call began. */
let log: string[] = [];

serveNativeCalls<WhisperStart, WhisperCall, WhisperAnswer>({
  prepare: async (start) => {
    threads = start.threads;
    const { addon, useGpu } = loadAddon(start);
    addon.WhisperContext.toggleNativeLog(true, (level, text) => {
      log.push(text.trim());
      // Where a crash's last words are looked for.
      if (level === 'error' || level === 'warn') process.stderr.write(text);
    });
    try {
      context = new addon.WhisperContext({ filePath: start.modelFile, useGpu });
    } catch (error) {
      throw new Error(await withReason(error), { cause: error });
    }
  },
  call: async (call, { signal }) => {
    if (!context) throw new Error('No model is loaded.');
    log = [];
    // The samples are a view into the message that brought them.
    const samples = call.samples.slice().buffer;
    const { stop, promise } = context.transcribeData(samples, {
      language: call.language,
      translate: call.translate,
      maxThreads: threads,
      tokenTimestamps: call.pieces,
      maxLen: call.pieces ? 1 : 0,
      temperature: call.temperature ?? 0,
      temperatureInc: call.temperature ? 0 : 0.2,
      ...(call.prompt === undefined ? {} : { prompt: call.prompt }),
    });
    signal.addEventListener('abort', () => void stop(), { once: true });
    const heard = await promise.catch(async (error: unknown) => {
      throw new Error(await withReason(error), { cause: error });
    });
    const pieces = heard.segments.map(({ text, t0, t1 }) => ({ text, t0, t1 }));
    return { pieces, ...(heard.language ? { language: heard.language } : {}), ...(await detection(call)) };
  },
});

function loadAddon({ packages }: WhisperStart): { readonly addon: WhisperAddon; readonly useGpu: boolean } {
  const problems: string[] = [];
  for (const { name, useGpu } of packages) {
    try {
      return { addon: loadWhisperAddon(name), useGpu };
    } catch (error) {
      // A variant for a graphics processor needs drivers; the next package may do without.
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(problems.join('; '));
}

async function detection(call: WhisperCall): Promise<Pick<WhisperAnswer, 'languageProbability'>> {
  if (call.language !== 'auto') return {};
  await logArrived();
  const found = log.map((line) => DETECTED.exec(line)).find((match) => match !== null);
  return found ? { languageProbability: Number(found[2]) } : {};
}

/** The addon's own errors only say that it failed. */
async function withReason(error: unknown): Promise<string> {
  await logArrived();
  const message = error instanceof Error ? error.message : String(error);
  const reasons = log.filter((line) => /error|invalid|fail|wrong|unknown/i.test(line)).slice(-2);
  return [message, ...reasons].join('; ');
}

/** Log lines come through the event loop, one turn behind what they tell of. */
async function logArrived(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
