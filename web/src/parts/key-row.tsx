import { useSignal } from '@preact/signals';
import { APIS, CAPABILITIES, changeKey, draftOf, LIMITS, revokeKey, rotateKey } from '../keys.ts';
import type { Key, NewKey } from '../keys.ts';
import type { Visitor } from '../visitor.ts';
import { agoWords, dayWords, wholeNumber } from '../wording.ts';
import { Choice } from './field.tsx';
import { KeyForm } from './key-form.tsx';
import { PurgeAct } from './key-purge.tsx';
import { Question, Window } from './question.tsx';

const STATES = {
  active: ['good', 'Good'],
  expired: ['bad', 'Expired'],
  revoked: ['', 'Revoked'],
} as const;

/** How long an old secret may stay good, in seconds. */
const GRACES = [
  ['0', 'Not at all: the old secret is void at once'],
  ['3600', 'An hour'],
  ['86400', 'A day'],
  ['604800', 'A week'],
] as const;

interface RowProps {
  readonly record: Key;
  /** It is the key of whoever looks. */
  readonly isOwn: boolean;
  readonly onChange: () => Promise<void>;
  readonly onSecret: (made: NewKey) => void;
}

/** A key: what it is good for, and what can be done with it. */
export function KeyRow(props: RowProps) {
  const { record, isOwn } = props;
  const [tone, word] = STATES[record.state];
  return (
    <li class="row" aria-label={`${record.name}, ${word}`}>
      <div class="row-head">
        <h3>{record.name}</h3>
        <span class={`badge ${tone}`}>{word}</span>
        {record.role === 'admin' && <span class="badge busy">Admin</span>}
        {isOwn && <span class="badge">Yours</span>}
        <KeyActs {...props} />
      </div>
      <KeyFacts {...record} />
      <div class="facts">
        <span>
          Begins with <code>{record.hint}</code>
        </span>
        <span>Made {agoWords(record.createdAt)}</span>
        {record.rotatedAt && <span>New secret {agoWords(record.rotatedAt)}</span>}
        {record.revokedAt && <span>Revoked {agoWords(record.revokedAt)}</span>}
      </div>
    </li>
  );
}

/** What a key is good for, and how much of it. */
export function KeyFacts({
  scopes: { dialects, capabilities, models },
  limits,
  expiresAt,
}: Pick<Visitor, 'scopes' | 'limits' | 'expiresAt'>) {
  const limited = LIMITS.filter(([limit]) => limits[limit] !== undefined);
  return (
    <div class="facts">
      <span>APIs: {dialects ? named(dialects, APIS) : 'all'}</span>
      <span>Makes: {capabilities ? named(capabilities, CAPABILITIES) : 'everything'}</span>
      <span>Models: {models?.join(', ') ?? 'all'}</span>
      {limited.map(([limit, label]) => (
        <span key={limit}>
          {label}: {wholeNumber(limits[limit] ?? 0)}
        </span>
      ))}
      {limited.length === 0 && <span>No limits</span>}
      <span>{expiresAt ? `Good until ${dayWords(expiresAt)}` : 'Good for ever'}</span>
    </div>
  );
}

function named(values: readonly string[], names: readonly (readonly [string, string])[]): string {
  return values.map((value) => names.find(([one]) => one === value)?.[1] ?? value).join(', ');
}

function KeyActs({ record, isOwn, onChange, onSecret }: RowProps) {
  const open = useSignal<'change' | 'rotate' | 'revoke' | undefined>(undefined);
  const close = () => (open.value = undefined);
  const { name } = record;
  if (record.state === 'revoked') return <PurgeAct owner={record} />;
  const act = (what: 'change' | 'rotate' | 'revoke', label: string) => (
    <button
      type="button"
      class={`quiet slim ${what === 'revoke' ? 'danger' : ''}`}
      aria-label={`${label}: ${name}`}
      onClick={() => (open.value = what)}
    >
      {label}
    </button>
  );
  return (
    <div class="actions">
      {act('change', 'Change')}
      {act('rotate', 'New secret')}
      {act('revoke', 'Revoke')}
      <PurgeAct owner={record} isInUse />
      {open.value === 'change' && (
        <Window title={`Change “${name}”`} onClose={close}>
          <KeyForm
            draft={draftOf(record)}
            act="Save"
            onCancel={close}
            onSubmit={async (draft) => {
              await changeKey(record, draft);
              close();
              await onChange();
            }}
          />
        </Window>
      )}
      {open.value === 'rotate' && <Rotation record={record} onClose={close} onSecret={onSecret} />}
      {open.value === 'revoke' && (
        <Question
          title={`Revoke “${name}”?`}
          act="Revoke it"
          onClose={close}
          onYes={async () => {
            await revokeKey(record);
            await onChange();
          }}
        >
          <p>
            Whoever uses it is refused from now on. This is for ever: a revoked key cannot be made good again.
            {isOwn && ' It is the key that you use here.'}
          </p>
        </Question>
      )}
    </div>
  );
}

function Rotation({
  record,
  onClose,
  onSecret,
}: Pick<RowProps, 'record' | 'onSecret'> & { readonly onClose: () => void }) {
  const grace = useSignal('0');
  return (
    <Question
      title={`A new secret for “${record.name}”?`}
      act="Make it"
      onClose={onClose}
      onYes={async () => onSecret(await rotateKey(record, Number(grace.peek())))}
    >
      <p>The key stays what it is, with everything that was made with it. Only its secret is another.</p>
      <Choice
        label="The old secret stays good for"
        options={GRACES}
        value={grace.value}
        onChange={(value) => (grace.value = value)}
      />
    </Question>
  );
}
