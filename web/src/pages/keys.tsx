import { useSignal } from '@preact/signals';
import '../board.css';
import { keepKey } from '../connection.ts';
import { useFetched, type Fetched } from '../fetched.ts';
import { ANONYMOUS, createKey, emptyDraft, type Key, type NewKey } from '../keys.ts';
import { KeyForm } from '../parts/key-form.tsx';
import { PurgeAct } from '../parts/key-purge.tsx';
import { KeyFacts, KeyRow } from '../parts/key-row.tsx';
import { KeySecret } from '../parts/key-secret.tsx';
import { Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { useVisitor, type Visitor } from '../visitor.ts';
import { countWords } from '../wording.ts';

/** Who may use the server. */
export function Keys() {
  const visitor = useVisitor();
  const who = visitor.value.value;
  const secret = useSignal<{ readonly made: NewKey; readonly isUsedHere: boolean } | undefined>(undefined);
  const show = (made: NewKey, isUsedHere: boolean) => {
    secret.value = { made, isUsedHere };
    // Without it the visitor would be locked out of this very page.
    if (isUsedHere) keepKey(made.key);
  };
  return (
    <Page title="Keys" lead="Who may use this server, for what, and how much.">
      <Problem problem={visitor.problem.value} />
      {who?.role === 'admin' && <KeyDesk key={who.id} who={who} show={show} />}
      {who?.role === 'user' && <OwnKey who={who} />}
      {secret.value && <KeySecret {...secret.value} onClose={() => (secret.value = undefined)} />}
    </Page>
  );
}

function OwnKey({ who }: { readonly who: Visitor }) {
  return (
    <section class="card" aria-label="Your key">
      <div class="card-head">
        <h2>{who.name}</h2>
        <span class="badge">Your key</span>
      </div>
      <KeyFacts {...who} />
      <p class="told">
        This is all that your key may see here. Other keys are seen, made and ended with a key that has the
        role admin.
      </p>
    </section>
  );
}

function KeyDesk({
  who,
  show,
}: {
  readonly who: Visitor;
  readonly show: (made: NewKey, isUsedHere: boolean) => void;
}) {
  const list = useFetched<KeyListAnswer>('/antiphon/v1/keys');
  const forms = useSignal(0);
  return (
    <>
      {who.anonymous && (
        <p class="told">
          This server has no key yet: it listens on its own machine only, and everybody there may do
          everything. From the first key on every call needs one.
        </p>
      )}
      {!who.anonymous && (
        <KeyList
          who={who}
          list={list}
          onSecret={(made) => {
            show(made, made.id === who.id);
            void list.reload();
          }}
        />
      )}
      <section class="card" aria-labelledby="new-key">
        <div class="card-head">
          <h2 id="new-key">{who.anonymous ? 'Make the first key' : 'Make a key'}</h2>
        </div>
        <KeyForm
          key={forms.value}
          draft={emptyDraft(who.anonymous ? 'admin' : 'user')}
          act="Make the key"
          isFirst={who.anonymous}
          onSubmit={async (draft) => {
            show(await createKey(draft), who.anonymous);
            forms.value += 1;
            await list.reload();
          }}
        />
      </section>
      <section class="card" aria-labelledby="no-key">
        <div class="card-head">
          <h2 id="no-key">Made without a key</h2>
          <PurgeAct owner={ANONYMOUS} />
        </div>
        <p>What was made while nobody needed a key stays everybody’s to use until it is deleted.</p>
      </section>
    </>
  );
}

interface KeyListAnswer {
  readonly keys: readonly Key[];
}

function KeyList({
  who,
  list,
  onSecret,
}: {
  readonly who: Visitor;
  readonly list: Fetched<KeyListAnswer>;
  readonly onSecret: (made: NewKey) => void;
}) {
  const showsEnded = useSignal(false);
  const all = list.value.value?.keys ?? [];
  const shown = all.filter(({ state }) => showsEnded.value || state !== 'revoked');
  return (
    <section class="card" aria-labelledby="all-keys">
      <div class="card-head">
        <h2 id="all-keys">{countWords(shown.length, 'key')}</h2>
        <label class="tick">
          <input
            type="checkbox"
            checked={showsEnded.value}
            onChange={(event) => (showsEnded.value = event.currentTarget.checked)}
          />
          Show revoked ones
        </label>
      </div>
      <Problem problem={list.problem.value} />
      <ul class="rows">
        {shown.map((record) => (
          <KeyRow
            key={record.id}
            record={record}
            isOwn={record.id === who.id}
            onChange={list.reload}
            onSecret={onSecret}
          />
        ))}
      </ul>
    </section>
  );
}
