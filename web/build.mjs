// Builds the page: node build.mjs [OUTPUT FOLDER]. Default: dist/.
import crypto from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Debian 12 has Node 18, which lacks the one function that Vite needs of a newer one.
crypto.hash ??= (algorithm, data, encoding = 'hex') => crypto.createHash(algorithm).update(data).digest(encoding);

const { build } = await import('vite');
await build({
  root: fileURLToPath(new URL('.', import.meta.url)),
  logLevel: 'warn',
  build: { outDir: resolve(process.argv[2] ?? 'dist') },
});
