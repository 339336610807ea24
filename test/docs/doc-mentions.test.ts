/** What pages mention in passing is there: files, scripts, and the places to which they link. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { guideSteps } from './guide-steps.ts';

const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md', ...globSync('docs/**/*.md')];
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

/** What the reader of a guide has made. */
const made = new Set(
  PAGES.filter((page) => page.startsWith('docs/adding/')).flatMap((page) =>
    guideSteps(page).flatMap((step) => (step.kind === 'new' ? [step.path] : [])),
  ),
);

function textOf(page: string): string {
  return readFileSync(page, 'utf8');
}

/** A page without its code blocks: what stands there is no link and no heading. */
function proseOf(page: string): string {
  return textOf(page).replace(/^ *```[^]*?^ *```$/gm, '');
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(page: string): Set<string> {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
  return new Set(headings);
}

function deadLinksOf(page: string): string[] {
  const links = [...proseOf(page).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, to = '']) => to);
  return links.filter((to) => {
    const [path = '', anchor] = to.split('#');
    const target = path === '' ? page : normalize(join(dirname(page), path));
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
  });
}

/** Files of ours that a page names in full, and those that a glob in it is to match. */
function missingFilesOf(page: string): string[] {
  const named = [
    ...textOf(page).matchAll(
      /(?<![\w./-])((?:src|test|scripts|bench|web|bin)\/[\w./*-]+\.(?:tsx?|js|md|json))\b/g,
    ),
  ].map(([, path = '']) => path);
  // NAME stands for any.
  const meant = named.map((path) => path.replaceAll(/\b[A-Z]{2,}\b(?!\.md)/g, '*'));
  return meant.filter((path) => globSync(path).length === 0 && !made.has(path));
}

describe('every page', () => {
  for (const page of PAGES) {
    test(`${page} links to what is there, names files that exist and scripts that can be run`, () => {
      assert.deepEqual(deadLinksOf(page), []);
      assert.deepEqual(missingFilesOf(page), []);
      const run = [...textOf(page).matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
      assert.deepEqual(
        run.filter((name) => !(name in scripts)),
        [],
      );
    });
  }
});
