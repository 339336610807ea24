import { useSignal } from '@preact/signals';
import '../board.css';
import { ask } from '../connection.ts';
import { useFetched } from '../fetched.ts';
import type { Key } from '../keys.ts';
import { Choice, Field } from '../parts/field.tsx';
import { Failure, Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { amountWords, figureWords, UsageCard } from '../parts/usage-card.tsx';
import { useTask } from '../task.ts';
import { daysOf, FIGURES, RANGES, usagePath, type Days, type Figure, type UsageReport } from '../usage.ts';
import { useVisitor } from '../visitor.ts';

/** What was made and heard, by whom, and what it cost. */
export function Usage() {
  const visitor = useVisitor();
  const isAdmin = visitor.value.value?.role === 'admin';
  return (
    <Page
      title="Usage"
      lead={isAdmin ? 'What was made and heard, by everybody.' : 'What was made and heard with your key.'}
    >
      <Problem problem={visitor.problem.value} />
      {visitor.value.value && <UsageDesk isAdmin={isAdmin} hasKeys={!visitor.value.value.anonymous} />}
    </Page>
  );
}

function UsageDesk({ isAdmin, hasKeys }: { readonly isAdmin: boolean; readonly hasKeys: boolean }) {
  const days = useSignal<Days>(daysOf('month'));
  const figure = useSignal<Figure>('requests');
  const owner = useSignal('');
  const whose = owner.value === '' ? undefined : owner.value;
  const total = useFetched<UsageReport>(usagePath(days.value, '', whose === undefined ? {} : { key: whose }));
  const { currency } = total.value.value ?? {};
  const card = { days: days.value, figure: figure.value, owner: whose };
  return (
    <>
      <section class="card" aria-label="What is shown">
        <div class="fields">
          <DayFields days={days.value} onChange={(chosen) => (days.value = chosen)} />
          <FigureChoice
            figure={figure.value}
            currency={currency}
            onChange={(chosen) => (figure.value = chosen)}
          />
          {isAdmin && hasKeys && <OwnerChoice owner={owner.value} onChange={(id) => (owner.value = id)} />}
        </div>
        <CsvDownload days={days.value} owner={whose} />
        {!isAdmin && (
          <p class="told">
            You see the usage of your own key; that of others is for keys with the role admin.
          </p>
        )}
      </section>
      <Problem problem={total.problem.value} />
      {total.value.value && <Totals report={total.value.value} />}
      <UsageCard title="Day" by="day" {...card} />
      <UsageCard title="Model" by="model" {...card} />
      <UsageCard title="API" by="dialect" {...card} />
      {isAdmin && hasKeys && <UsageCard title="Key" by="key" {...card} />}
    </>
  );
}

function DayFields({ days, onChange }: { readonly days: Days; readonly onChange: (days: Days) => void }) {
  const range = useSignal('month');
  const dayField = (label: string, end: keyof Days) => (
    <Field label={label}>
      {(ids) => (
        <input
          {...ids}
          type="date"
          value={days[end]}
          onChange={({ currentTarget: { value } }) => {
            if (value === '') return;
            range.value = 'own';
            onChange({ ...days, [end]: value });
          }}
        />
      )}
    </Field>
  );
  return (
    <>
      <Choice
        label="Days"
        options={range.value === 'own' ? [...RANGES, ['own', 'As chosen']] : RANGES}
        value={range.value}
        onChange={(value) => {
          range.value = value;
          onChange(daysOf(value));
        }}
      />
      {dayField('From', 'from')}
      {dayField('To', 'to')}
    </>
  );
}

function FigureChoice({
  figure,
  currency,
  onChange,
}: {
  readonly figure: Figure;
  readonly currency: string | undefined;
  readonly onChange: (figure: Figure) => void;
}) {
  const costs = currency === undefined ? [] : [['cost', figureWords('cost', currency)] as const];
  const options = [...FIGURES, ...costs];
  return (
    <Choice
      label="Charts show"
      options={options}
      value={figure}
      onChange={(value) => onChange(options.find(([one]) => one === value)?.[0] ?? 'requests')}
    />
  );
}

function OwnerChoice({
  owner,
  onChange,
}: {
  readonly owner: string;
  readonly onChange: (id: string) => void;
}) {
  const keys = useFetched<{ readonly keys: readonly Key[] }>('/antiphon/v1/keys');
  const named = keys.value.value?.keys.map(({ id, name, hint }) => [id, `${name} (${hint})`] as const) ?? [];
  return (
    <Choice
      label="Key"
      options={[['', 'All keys'], ['anonymous', 'Before there were keys'], ...named]}
      value={owner}
      onChange={onChange}
    />
  );
}

function Totals({ report: { total, currency } }: { readonly report: UsageReport }) {
  return (
    <dl class="totals" aria-label="Altogether">
      {FIGURES.map(([figure, words]) => (
        <div key={figure}>
          <dt>{words}</dt>
          <dd>{amountWords(total[figure], figure)}</dd>
        </div>
      ))}
      {currency !== undefined && (
        <div>
          <dt>{figureWords('cost', currency)}</dt>
          <dd>{amountWords(total.cost ?? 0, 'cost')}</dd>
        </div>
      )}
    </dl>
  );
}

function CsvDownload({ days, owner }: { readonly days: Days; readonly owner: string | undefined }) {
  const task = useTask();
  const download = () =>
    task.begin(async (signal) => {
      const more = { format: 'csv', ...(owner === undefined ? {} : { key: owner }) };
      const answer = await ask(usagePath(days, 'day,key,dialect,capability,model', more), { signal });
      const address = URL.createObjectURL(await answer.blob());
      const link = document.createElement('a');
      link.href = address;
      link.download = `antiphon-usage-${days.from}-${days.to}.csv`;
      link.click();
      URL.revokeObjectURL(address);
    });
  return (
    <>
      <button type="button" class="quiet" disabled={task.running.value} onClick={() => void download()}>
        Download as CSV
      </button>
      <Failure message={task.failure.value} />
    </>
  );
}
