import { defineConfig } from 'vite';

// Relative URLs, so that the page works behind any path; nothing inline, for the content security policy.
export default defineConfig({
  base: './',
  clearScreen: false,
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
});
