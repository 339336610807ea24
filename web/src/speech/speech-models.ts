import { useFetched, type Fetched } from '../fetched.ts';
import type { SpeechDialect } from './speech-wish.ts';

/** What becomes of a parameter under a model. */
export interface ParameterFate {
  readonly fate: 'honoured' | 'adjusted' | 'ignored';
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A row of the server's table of models. */
export interface SpeechModelRow {
  readonly model: string;
  readonly dialect: string;
  readonly servedBy: readonly string[];
  readonly standIn: boolean;
  readonly parameters: Readonly<Record<string, ParameterFate>>;
}

export interface SpeechTable {
  readonly speech: readonly SpeechModelRow[];
}

/** Asks what every model makes of every parameter. */
export function useSpeechTable(): Fetched<SpeechTable> {
  return useFetched<SpeechTable>('/antiphon/v1/capabilities');
}

/** The models that one may ask for: the vendor's, then this server's own under their own names. */
export function modelOptions(
  { speech }: SpeechTable,
  dialect: SpeechDialect,
): readonly (readonly [id: string, text: string])[] {
  const rows = speech.filter((row) => row.dialect === dialect);
  const own = [...new Set(speech.flatMap((row) => row.servedBy))].sort();
  return [
    ...rows.map(({ model, standIn, servedBy }) => {
      const [first = ''] = servedBy;
      return [model, standIn ? `${model} (${first} stands in)` : model] as const;
    }),
    ...own.map((id) => [id, `${id} (runs here)`] as const),
  ];
}

/** What a model makes of the vendor's parameters. An engine's own name is looked up where it serves. */
export function parametersOf(
  { speech }: SpeechTable,
  dialect: SpeechDialect,
  model: string,
): Readonly<Record<string, ParameterFate>> {
  const rows = speech.filter((row) => row.dialect === dialect);
  const row = rows.find((one) => one.model === model) ?? rows.find(({ servedBy }) => servedBy[0] === model);
  return row?.parameters ?? {};
}
