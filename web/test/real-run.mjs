// The page that a real review-stream serves, in a real browser:
//   node test/real-run.mjs PATH/TO/review-stream
// Skips with a message where Chromium is missing (CHROMIUM names another path).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(browserPath)) {
  console.log(`skipped: ${browserPath} is missing; install the package chromium to run the browser test`);
  process.exit(0);
}
const program = resolve(process.argv[2] ?? '../build/release/bin/review-stream');
assert(existsSync(program), `there is no ${program}: make build`);

const { chromium } = await import('playwright-core');
const folder = await mkdtemp(join(tmpdir(), 'weir-real-run-'));
const runs = [];

/** Starts `review-stream run` with a free port; `url` is where it is watched, `ended` its exit code, `said()` its standard error. */
async function start(...args) {
  const child = spawn(program, ['run', '--admin', '127.0.0.1:0', ...args], { cwd: folder });
  runs.push(child);
  let said = '';
  const ended = once(child, 'exit').then(([code]) => code);
  const url = await new Promise((found, failed) => {
    child.stderr.on('data', (bytes) => {
      said += bytes;
      const match = /watch it: (\S+)\n/.exec(said);
      if (match) found(match[1]);
    });
    ended.then((code) => failed(new Error(`it ended with ${code}: ${said}`)));
  });
  ended.catch(() => {});
  return { child, url, ended, said: () => said };
}

const rows = (from, to) =>
  Array.from({ length: to - from }, (_, i) => `{"id":"r-${from + i}","text":"a good product, number ${from + i}"}\n`).join('');

const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
  executablePath: browserPath,
  headless: true,
  colorScheme: 'light',
  viewport: { width: 1600, height: 1000 },
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
context.setDefaultTimeout(30_000);
const page = context.pages()[0] ?? (await context.newPage());
const complaints = [];
page.on('pageerror', (error) => complaints.push(String(error)));
page.on('console', (message) => {
  if (message.type() === 'error' && !/ERR_|Failed to load resource/.test(message.text())) complaints.push(message.text());
});

const at = (name) => page.locator(`[data-test="${name}"]`);
const text = async (name) => (await at(name).innerText()).trim();
const workflowOf = async (run) => (await fetch(`${run.url}api/v1/workflow`)).json();

/** Waits until `holds`; what it looks at changes once a second. */
async function inTime(what, holds) {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    assert(Date.now() < end, what);
    await page.waitForTimeout(100);
  }
}

/** "1,234/s" and "12.3 k/s" as numbers. */
const numberOf = (shown) => parseFloat(shown.replaceAll(',', '')) * (/ k/.test(shown) ? 1000 : 1);
const near = (a, b) => Math.abs(a - b) <= 0.02 * Math.max(a, b);

async function step(name, run) {
  try {
    await run();
    console.log(`ok   ${name}`);
  } catch (error) {
    console.log(`FAIL ${name}`);
    throw error;
  }
}

try {
  const followed = await start('--input', '-', '--follow', '--output', 'followed.db');
  followed.child.stdout.resume();

  await step('a real run is shown live, with the nodes and figures of its API', async () => {
    await page.goto(followed.url);
    await inTime('the page is live', async () => (await text('status')) === 'live' && (await text('state')) === 'running');
    followed.child.stdin.write(rows(0, 200));
    await inTime('200 reviews are stored', async () =>
      (await workflowOf(followed)).nodes.some((n) => n.id === 'store' && n.delivered === 200));
    const workflow = await workflowOf(followed);
    assert.equal(await page.locator('[data-node]').count(), workflow.nodes.length);
    assert.equal(await page.locator('[data-edge]').count(), workflow.edges.length);
    await page.locator('[data-node="store"]').click();
    await inTime('the panel of store says 200', async () => /\b200\b/.test(await text('node-panel')));
    await inTime('workers as in the API', async () => {
      const { rates } = await workflowOf(followed);
      return (await text('gauge-workers')) === `${rates.workers_busy} of ${rates.workers}`;
    });
  });

  await step('pause and resume by click', async () => {
    await at('pause').click();
    await inTime('the run is paused', async () => (await workflowOf(followed)).state === 'paused');
    await inTime('the page says so', async () => (await text('state')) === 'paused');
    await at('resume').click();
    await inTime('the run goes on', async () => (await workflowOf(followed)).state === 'running');
    followed.child.stdin.write(rows(200, 250));
    await inTime('what came in the pause is stored', async () =>
      (await workflowOf(followed)).nodes.some((n) => n.id === 'store' && n.delivered === 250));
  });

  await step('it fits a phone and a wide screen, light and dark', async () => {
    const grounds = new Set();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const width of [360, 1600]) {
        await page.setViewportSize({ width, height: 900 });
        await page.waitForTimeout(200); // the layout follows a resize
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert(beyond <= 0, `${beyond} px beyond ${width} px (${colorScheme})`);
      }
      grounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    }
    assert.equal(grounds.size, 2, 'light and dark differ');
  });

  await step('a run without a cluster has no hosts', async () => assert.equal(await at('hosts').count(), 0));

  await step('drain by click ends the run well', async () => {
    await at('drain').click();
    await at('drain-confirm').click();
    assert.equal(await followed.ended, 0);
  });

  await step('a coordinator waits for a host, shows it as the API does, and lets it go', async () => {
    const run = await start('--input', '-', '--output', 'clustered.db', '--cluster-listen', '127.0.0.1:0', '--cluster-min-hosts', '1');
    run.child.stdin.write(rows(0, 500)); // and no end: the run goes on
    await page.goto(run.url);
    await inTime('it waits', async () => (await at('waiting').count()) && (await text('waiting')) === 'Waiting for 1 more host to begin.');
    const port = /hosts may join at port (\d+)/.exec(run.said())[1];
    const host = spawn(program, ['host', '--cluster-join', `127.0.0.1:${port}`, '--host-name', 'one', '--labels', 'disk=fast'], { cwd: folder });
    runs.push(host);
    host.stderr.resume();
    const left = once(host, 'exit');
    await inTime('one is up', async () => (await at('host-one').count()) && /^one\s+up/.test(await text('host-one')));
    const { members } = await (await fetch(`${run.url}api/v1/cluster`)).json();
    const row = await text('host-one');
    assert(row.includes(members[0].version) && row.includes('disk=fast'), row);
    await inTime('traffic', async () => /[\d.]+ \w*B\/s[^]*[\d.]+ \w*B\/s/.test(await text('host-one')));
    assert.equal(await text('waiting'), '');
    host.kill('SIGTERM');
    assert.equal((await left)[0], 0);
    await inTime('one is gone', async () => (await at('host-one').count()) === 0);
    assert(await at('hosts').isVisible());
    run.child.kill('SIGKILL');
    await run.ended;
  });

  await step('before a sink that is read slowly, page and API agree on rate and culprit', async () => {
    const slow = await start('--input', '-', '--rate', '800', '--output', '-', '--dead-letters', 'slow-letters.jsonl');
    // Reads 100 kB a second of its results, which are far more.
    const { stdout, stdin } = slow.child;
    const reading = setInterval(() => stdout.read(Math.min(20_000, stdout.readableLength)), 200);
    stdout.on('readable', () => {});
    stdin.on('error', () => {});
    const writing = setInterval(() => stdin.writableLength < 1e6 && stdin.write(rows(slow.next ?? 0, (slow.next = (slow.next ?? 0) + 500))), 200);
    try {
      await page.goto(slow.url);
      let seen;
      await inTime('store is named on the page', async () => {
        const [workflow, rate, culprit] = [await workflowOf(slow), await text('gauge-rate'), await text('culprit')];
        seen = { rate, culprit, api: workflow.rates.records_per_s, named: workflow.culprit?.node };
        return workflow.culprit?.node === 'store' && culprit.startsWith('Limited by store') &&
          workflow.rates.records_per_s > 0 && near(numberOf(rate), workflow.rates.records_per_s);
      }).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(seen)}`); });
    } finally {
      clearInterval(reading);
      clearInterval(writing);
    }
    slow.child.kill('SIGKILL');
    await slow.ended;
  });

  assert.deepEqual(complaints, [], 'the browser complained');
} finally {
  for (const child of runs) child.kill('SIGKILL');
  await context.close();
  await rm(folder, { recursive: true, force: true });
}
