import type { FaultOutcome } from './fault-trial.ts';

/** The figures as a Markdown table, and what is to be said beside them as a list. */
export function toTable(outcomes: readonly FaultOutcome[]): string {
  const head = [
    'fault',
    'offered',
    'accepted',
    'completed',
    'refused',
    'cut',
    'failed',
    'begun again',
    'lost',
    'doubled',
    '`/ready` meanwhile',
    'well again after, s',
    'last job done after, s',
  ];
  const rows = outcomes.map((outcome) => [
    outcome.fault,
    outcome.offered,
    outcome.accepted,
    outcome.completed,
    outcome.refused,
    outcome.cut,
    outcome.failed.length,
    outcome.begunAgain,
    outcome.lost.length,
    outcome.doubled,
    said(outcome),
    (outcome.wellMs / 1000).toFixed(1),
    (outcome.lastJobMs / 1000).toFixed(1),
  ]);
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const remarks = outcomes.flatMap(({ fault, remark }) => (remark === '' ? [] : [`- ${fault}: ${remark}`]));
  return [...lines, '', ...remarks].join('\n');
}

/** Servers that said the same are named together. */
function said({ said: { last, isTrue } }: FaultOutcome): string {
  const groups = Object.entries(Object.groupBy(Object.entries(last), ([, word]) => word));
  const told = groups.map(([word, names = []]) =>
    groups.length === 1 ? word : `${names.map(([name]) => name).join(', ')}: ${word}`,
  );
  return `${told.join('; ')}${isTrue ? '' : ' (not true)'}`;
}

/** What must not have happened, in words; empty when all is well. */
export function troubles(outcomes: readonly FaultOutcome[]): readonly string[] {
  return outcomes.flatMap((outcome) => {
    const { fault, failed, lost, doubled, untold, said: word, crashes } = outcome;
    const counted = [
      doubled > 0 ? [`${doubled} doubled`] : [],
      untold > 0 ? [`${untold} ends that nobody was told of`] : [],
      word.isTrue ? [] : [`/ready said ${JSON.stringify(word.last)}`],
      lost.map((one) => `lost: ${one}`),
      failed.map((one) => `failed: ${one}`),
      crashes.map((one) => `crash: ${one}`),
    ];
    return counted.flat().map((one) => `${fault}: ${one}`);
  });
}
