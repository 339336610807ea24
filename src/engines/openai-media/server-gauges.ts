import type { EngineHealth } from '../../core/engine.ts';
import type { MediaProfile } from './media-profile.ts';

/** How busy a server says it is, in the text of its gauges. Several names may stand for one, the first that exists counts. */
export function readGauges(text: string, names: NonNullable<MediaProfile['metrics']>): EngineHealth['load'] {
  const running = gauge(text, names.running);
  const waiting = gauge(text, names.waiting);
  return {
    ...(running === undefined ? {} : { running }),
    ...(waiting === undefined ? {} : { waiting }),
  };
}

/** The sum over all labels. */
function gauge(text: string, names: string): number | undefined {
  for (const name of names.split('|')) {
    const values = text
      .split('\n')
      .filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)))
      .map((line) =>
        Number(
          line
            .slice(line.lastIndexOf('}') + 1)
            .trim()
            .split(/\s+/)
            .at(line.includes('}') ? 0 : 1),
        ),
      )
      .filter((value) => Number.isFinite(value));
    if (values.length > 0) return values.reduce((sum, value) => sum + value, 0);
  }
  return undefined;
}
