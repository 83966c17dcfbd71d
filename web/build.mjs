// Builds the page: node build.mjs [OUTPUT FOLDER]. Default: dist/.
import './node18.mjs';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const output = resolve(process.argv[2] ?? join(root, 'dist'));
await build({ root, logLevel: 'warn', build: { outDir: output } });

// What is built in asks for its licence to go along.
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const builtIn = Object.keys(lock.packages).filter((path) => path && !lock.packages[path].dev && !lock.packages[path].optional);
const licences = builtIn.sort().map((path) => {
  const folder = join(root, path);
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}\n`;
});
writeFileSync(join(output, 'licences.txt'), licences.join('\n----\n\n'));
