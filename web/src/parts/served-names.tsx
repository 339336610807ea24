import { useSignal } from '@preact/signals';
import { useFetched } from '../fetched.ts';
import { countWords } from '../wording.ts';
import { AllOf } from './all-of.tsx';
import { Choice, Input } from './field.tsx';
import { Problem } from './problem.tsx';
import { ScrollTable } from './scroll-table.tsx';

interface NameRow {
  readonly model: string;
  readonly dialect: string;
  readonly capability?: string;
  readonly servedBy: readonly string[];
  readonly standIn: boolean;
}

/** One list for each capability; that of sounds tells music and effects apart. */
type Capabilities = Readonly<Record<string, readonly NameRow[]>>;

const CAPABILITIES = [
  ['', 'Everything'],
  ['speech', 'Speech'],
  ['transcription', 'Transcription'],
  ['sound', 'Sound effects'],
  ['music', 'Music'],
  ['image', 'Pictures'],
  ['video', 'Films'],
] as const;

/** So many are shown at first. */
const FIRST_NAMES = 12;

/** Which names may be asked for, and what really answers to them. */
export function ServedNames() {
  const table = useFetched<Capabilities>('/antiphon/v1/capabilities');
  const search = useSignal('');
  const capability = useSignal('');
  const most = useSignal(FIRST_NAMES);
  const rows = rowsOf(table.value.value ?? {}).filter(
    (row) => row.capability.includes(capability.value) && isFound(row, search.value),
  );
  return (
    <section class="card" aria-labelledby="names">
      <div class="card-head">
        <h2 id="names">Names that this server answers to</h2>
      </div>
      <p class="soft">
        A stand-in is another model than the name promises: your software works, and what it gets differs.
      </p>
      <Problem problem={table.problem.value} />
      <div class="fields">
        <Input label="Find a name" value={search.value} onValue={(value) => (search.value = value)} />
        <Choice
          label="For"
          options={CAPABILITIES}
          value={capability.value}
          onChange={(value) => (capability.value = value)}
        />
      </div>
      {table.value.value && <p role="status">{countWords(rows.length, 'name')}</p>}
      {rows.length > 0 && (
        <ScrollTable label="Names and what answers to them" head={['Name', 'API', 'For', 'Answered by']}>
          {rows.slice(0, most.value).map((row) => (
            <tr key={`${row.dialect} ${row.capability} ${row.model}`}>
              <td>
                <code>{row.model}</code>
              </td>
              <td>{row.dialect}</td>
              <td>{row.capability}</td>
              <td>
                <code>{row.servedBy[0]}</code>
                {row.servedBy.length > 1 && (
                  <span class="soft"> or {row.servedBy.slice(1).join(', ')}</span>
                )}{' '}
                {row.standIn && <span class="badge">stand-in</span>}
              </td>
            </tr>
          ))}
        </ScrollTable>
      )}
      <AllOf count={rows.length} most={most} />
    </section>
  );
}

function rowsOf(capabilities: Capabilities) {
  return Object.entries(capabilities).flatMap(([list, rows]) =>
    rows
      .filter(({ servedBy }) => servedBy.length > 0)
      .map((row) => ({ ...row, capability: row.capability ?? list })),
  );
}

function isFound({ model, dialect, servedBy }: NameRow, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  return [model, dialect, ...servedBy].some((text) => text.toLowerCase().includes(wanted));
}
