import type { ComponentChildren } from 'preact';

/** A page with its heading and what it is for. */
export function Page({
  title,
  lead,
  children,
}: {
  readonly title: string;
  readonly lead: string;
  readonly children: ComponentChildren;
}) {
  return (
    <main id="main" tabIndex={-1}>
      <header class="page-head">
        <h1>{title}</h1>
        <p>{lead}</p>
      </header>
      {children}
    </main>
  );
}

/** What went wrong, said at once also to those who do not see it. */
export function Failure({ message }: { readonly message: string }) {
  return (
    <div role="alert" class={message === '' ? 'visually-hidden' : 'failure'}>
      {message}
    </div>
  );
}
