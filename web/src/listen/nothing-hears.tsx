import { hrefOf } from '../route.ts';

/** What to do where no model can hear. */
export function NothingHears() {
  return (
    <section class="told note" aria-label="No model is installed">
      <p>
        <strong>Nothing here can hear yet.</strong> Speech is written down by a model, and none is installed.
      </p>
      <p>
        Install one on the page <a href={hrefOf('models')}>Models</a>, or on the machine of the server:
      </p>
      <pre tabIndex={0} aria-label="Command that installs a model">
        <code>antiphon models pull whisper/base</code>
      </pre>
      <p class="soft">The server needs no restart.</p>
    </section>
  );
}
