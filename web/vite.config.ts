import { defineConfig } from 'vite';

/** The page is served at `/` and its parts, whose names change with their contents, below `/playground/`. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/playground/',
  build: { outDir: 'dist', target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { proxy: { '^/(?!playground|@|src|node_modules)': 'http://127.0.0.1:8484' } },
});
