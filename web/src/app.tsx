import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { apiKey, keepKey } from './connection.ts';
import { findPage, pages } from './pages.ts';
import { hrefOf, route } from './route.ts';

/** The page that is shown, once its code has come. */
const shown = signal<{ readonly id: string; readonly Page: ComponentType } | undefined>(undefined);

/** Whether the code of the wanted page did not come. */
const isMissing = signal(false);

/** The frame around every page. */
export function App() {
  const page = findPage(route.value.page);
  useShownPage(page.id);
  const { Page } = shown.value ?? {};
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The address names the page, and has no room for a place on it.
          event.preventDefault();
          focusPage();
        }}
      >
        Skip to the page
      </a>
      <nav class="side" aria-label="Pages">
        <a class="brand" href={hrefOf('speak')}>
          <span aria-hidden="true" class="brand-mark" />
          Antiphon
        </a>
        <ul>
          {pages.map(({ id, title }) => (
            <li key={id}>
              <a href={hrefOf(id)} {...(id === page.id ? { 'aria-current': 'page' } : {})}>
                {title}
              </a>
            </li>
          ))}
        </ul>
        <KeyField />
      </nav>
      {isMissing.value && <MissingPage />}
      {!isMissing.value && (Page ? <Page key={shown.value?.id} /> : <main id="main" aria-busy="true" />)}
    </>
  );
}

/** Fetches the code of a page and then shows it. Whoever came from another page is led to its beginning. */
function useShownPage(id: string): void {
  const isFirst = useRef(true);
  useEffect(() => {
    const page = findPage(id);
    document.title = `${page.title} · Antiphon`;
    let wanted = true;
    const show = async () => {
      try {
        const Page = await page.load();
        if (!wanted) return;
        isMissing.value = false;
        shown.value = { id: page.id, Page };
      } catch {
        if (wanted) isMissing.value = true;
      }
      if (!isFirst.current) requestAnimationFrame(focusPage);
      isFirst.current = false;
    };
    void show();
    return () => {
      wanted = false;
    };
  }, [id]);
}

function focusPage(): void {
  document.getElementById('main')?.focus();
  scrollTo(0, 0);
}

/** A server that was replaced meanwhile has its pages under other names. */
function MissingPage() {
  return (
    <main id="main" tabIndex={-1}>
      <h1>This page could not be fetched</h1>
      <p>The server may have been updated or stopped since you opened the playground.</p>
      <button type="button" onClick={() => location.reload()}>
        Load it again
      </button>
    </main>
  );
}

function KeyField() {
  return (
    <label class="key-field">
      API key
      <input
        type="password"
        autocomplete="off"
        placeholder="if the server asks"
        value={apiKey.value}
        onChange={(event) => keepKey(event.currentTarget.value)}
      />
    </label>
  );
}
