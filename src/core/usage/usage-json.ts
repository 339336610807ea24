import type { UsageReport, UsageReportRow } from './usage-report.ts';
import { roundedCost, USAGE_WORDS } from './usage-csv.ts';

/** The report as JSON tells it, to callers and on the command line. */
export function usageJson(report: UsageReport): object {
  const { from, to, by, rows, total, currency } = report;
  const words = by.map((dimension) =>
    Object.entries(USAGE_WORDS).flatMap(([word, own]) => (own === dimension ? [word] : [])),
  );
  return {
    from,
    to,
    by: words.flat(),
    ...(currency === undefined ? {} : { currency }),
    rows: rows.map((row) => ({ ...placesOf(row), ...amountsOf(row) })),
    total: amountsOf(total),
  };
}

function placesOf({ day, model, dialect, capability, servedBy, principalId, keyName }: UsageReportRow) {
  return {
    ...(day === undefined ? {} : { day }),
    ...(model === undefined ? {} : { model }),
    ...(principalId === undefined ? {} : { key: { id: principalId, name: keyName ?? '' } }),
    ...(dialect === undefined ? {} : { dialect }),
    ...(capability === undefined ? {} : { capability }),
    ...(servedBy === undefined ? {} : { engine: servedBy }),
  };
}

function amountsOf({ requests, failures, characters, audioMs, pictures, engineMs, cost }: UsageReportRow) {
  return {
    requests,
    failures,
    characters,
    audioSeconds: audioMs / 1000,
    pictures,
    engineSeconds: engineMs / 1000,
    ...(cost === undefined ? {} : { cost: roundedCost(cost) }),
  };
}
