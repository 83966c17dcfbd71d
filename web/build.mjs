// Builds the page: node build.mjs [OUTPUT FOLDER]. Default: dist/.
import './node18.mjs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

await build({
  root: fileURLToPath(new URL('.', import.meta.url)),
  logLevel: 'warn',
  build: { outDir: resolve(process.argv[2] ?? 'dist') },
});
