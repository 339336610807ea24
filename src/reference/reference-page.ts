import type { Dialect } from '../dialects/dialect.ts';

/** Where the parts of the page are. */
export const PAGE_PATHS = {
  page: '/docs',
  program: '/docs/scalar.js',
  start: '/docs/start.js',
  style: '/docs/style.css',
} as const;

/** Where the document of a dialect is. */
export function documentPath(id: string): string {
  return `/openapi/${id}.json`;
}

/** The page. Nothing that stands in it runs. */
export const REFERENCE_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>API reference · Antiphon</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${PAGE_PATHS.style}" />
    <script src="${PAGE_PATHS.program}" defer></script>
    <script src="${PAGE_PATHS.start}" defer></script>
  </head>
  <body>
    <noscript>This page needs JavaScript. The same can be read as OpenAPI documents below /openapi/.</noscript>
    <div id="reference"></div>
  </body>
</html>
`;

/** Starts the program with the documents of all dialects, and with nothing that would ask anybody else. */
export function startScript(dialects: readonly Pick<Dialect, 'id' | 'title'>[]): string {
  const sources = dialects.map(({ id, title }, index) => ({
    title,
    slug: id,
    url: documentPath(id),
    default: index === 0,
  }));
  return `Scalar.createApiReference('#reference', ${JSON.stringify({ sources, ...SETTINGS })});\n`;
}

const SETTINGS = {
  telemetry: false,
  withDefaultFonts: false,
  proxyUrl: '',
  agent: { disabled: true, hideAddApi: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  // It leads to a program on the vendor's own site.
  hideClientButton: true,
  defaultOpenAllTags: false,
  documentDownloadType: 'json',
  authentication: { preferredSecurityScheme: 'key' },
  theme: 'default',
};

/** The fonts of the machine that shows the page. */
export const PAGE_STYLE = `:root {
  --scalar-font: system-ui, sans-serif;
  --scalar-font-code: ui-monospace, 'Cascadia Code', 'DejaVu Sans Mono', monospace;
}

body {
  margin: 0;
}
`;

/**
 * What the page may do. Its program writes several style elements and style attributes and gives a nonce to one of them
 * only, so that style may stand anywhere; what it shows may be pictures and sound that came in answers. Nothing but its own
 * two files runs, and nothing leaves for elsewhere.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
