// The built page in a real browser against the stand-in server:
//   node test/browser.mjs [FOLDER OF THE BUILT PAGE, default dist] [--screenshots FOLDER]
// Skips with a message where Chromium is missing (CHROMIUM names another path).
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstCluster, firstWorkflow, freshState, noCluster, startFakeServer } from './fake-server.mjs';

const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(browserPath)) {
  console.log(`skipped: ${browserPath} is missing; install the package chromium to run the browser test`);
  process.exit(0);
}
const option = process.argv.indexOf('--screenshots');
const screenshots = option > 0 ? resolve(process.argv[option + 1]) : null;
const given = process.argv[2] && !process.argv[2].startsWith('--') ? process.argv[2] : null;
const folder = given ? resolve(given) : fileURLToPath(new URL('../dist', import.meta.url));
assert(existsSync(join(folder, 'index.html')), `no page is built in ${folder}: npm run build`);

const { chromium } = await import('playwright-core');
const profile = await mkdtemp(join(tmpdir(), 'weir-browser-'));
let server = await startFakeServer({ folder });
const context = await chromium.launchPersistentContext(profile, {
  executablePath: browserPath,
  headless: true,
  colorScheme: 'light',
  viewport: { width: 1600, height: 1000 },
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
});
context.setDefaultTimeout(20_000);
const page = context.pages()[0] ?? (await context.newPage());

// Whatever the browser complains of fails the test; a server that is away is part of it.
const complaints = [];
page.on('pageerror', (error) => complaints.push(String(error)));
page.on('console', (message) => {
  if (message.type() === 'error' && !/ERR_|Failed to load resource/.test(message.text())) complaints.push(message.text());
});
let refused = 0;
page.on('response', (response) => (refused += response.status() >= 400 ? 1 : 0));

const at = (name) => page.locator(`[data-test="${name}"]`);
const text = async (name) => (await at(name).innerText()).trim();

/** Waits until `read` gives `wanted`. */
async function becomes(read, wanted, what) {
  const end = Date.now() + 20_000;
  let found;
  do {
    found = await read();
    if (found === wanted) return;
    await page.waitForTimeout(50);
  } while (Date.now() < end);
  assert.equal(found, wanted, what);
}

async function step(name, run) {
  try {
    await run();
    console.log(`ok   ${name}`);
  } catch (error) {
    console.log(`FAIL ${name}`);
    throw error;
  }
}

const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

try {
  await step('the page loads under the policy and is live', async () => {
    await page.goto(server.url);
    await becomes(() => text('status'), 'live');
    await becomes(() => text('state'), 'running');
    assert.equal(await page.title(), 'review-stream · running · Weir');
  });

  await step('a run without a cluster is asked for it once, has no hosts, and nothing is refused', async () => {
    const asked = () => server.state.calls.filter((call) => call === 'GET cluster').length;
    await becomes(asked, 1, 'the first figures ask');
    const { up_s } = server.state.workflow;
    await becomes(async () => server.state.workflow.up_s >= up_s + 2, true, 'more figures');
    assert.equal(asked(), 1);
    assert.equal(await at('hosts').count(), 0);
    assert.equal(refused, 0);
  });

  await step('its numbers are those of the API', async () => {
    assert.equal(await text('gauge-rate'), '812/s');
    assert.equal(await text('gauge-latency'), '1.2 · 3.4 ms');
    assert.equal(await text('gauge-errors'), '0.1 %');
    assert.equal(await text('gauge-queue'), '1,234');
    assert.equal(await text('gauge-workers'), '7 of 10');
    assert.match(await text('culprit'), /^Limited by store 98 % busy, 1 of 1 workers/);
    assert.match(await text('warnings'), /store holds back 3 of 4 edges/);
    assert.equal(await page.locator('[data-node]').count(), firstWorkflow().nodes.length);
    assert.equal(await page.locator('[data-edge]').count(), firstWorkflow().edges.length);
    assert.match(await page.locator('[data-edge="analyze:alerts"]').textContent(), /3\.1\/s/);
    assert.equal(await page.locator('.plot canvas').count(), 5);
  });

  await step('they change with it', async () => {
    Object.assign(server.state.workflow.rates, { records_per_s: 1500, queue_records: 7, workers_busy: 9 });
    server.state.workflow.culprit = null;
    server.publish();
    await becomes(() => text('gauge-rate'), '1,500/s');
    assert.equal(await text('gauge-queue'), '7');
    assert.equal(await text('gauge-workers'), '9 of 10');
    assert.equal(await text('culprit'), 'Nothing limits the workflow.');
  });

  await step('a node is selected by mouse and by keyboard, and shows its workers', async () => {
    await page.locator('[data-node="analyze"]').click();
    await page.locator('[data-node="analyze"][aria-pressed="true"]').waitFor();
    assert.equal(await page.locator('[data-test^="worker-"]').count(), 4);
    assert.equal((await at('worker-2').innerText()).replace(/\s+/g, ' ').trim(), '2 busy 0.06 s 1');
    await page.locator('[data-node="store"]').focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-node="store"][aria-pressed="true"]').waitFor();
    assert.match(await text('node-panel'), /^store/);
    assert.match(await text('last-failure'), /^Last failure, 4 s ago \(error\): database is locked \(reviews\.db\)/);
    assert.match(await text('resources'), /database.*19 of 20 connections in use.*3 wait.*2 gave up.*pages.*90 % hits of 1,000/s);
  });

  await step('everything is reached by the tab key, and the focus is seen', async () => {
    await page.evaluate(() => document.activeElement?.blur());
    const reached = new Set();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => document.activeElement?.dataset.node ?? document.activeElement?.dataset.test ?? ''));
    }
    for (const name of ['pause', 'drain', 'theme', ...firstWorkflow().nodes.map((node) => node.id)]) {
      assert(reached.has(name), `${name} is not reached`);
    }
    await at('pause').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    assert.notEqual(await at('pause').evaluate((button) => getComputedStyle(button).outlineStyle), 'none');
    const unnamed = await page.locator('button').evaluateAll((all) => all.filter((each) => !each.textContent.trim() && !each.ariaLabel).length);
    assert.equal(unnamed, 0);
  });

  await step('events come live, with their cause', async () => {
    assert.match(await text('events'), /restart analyze worker 2 the model threw: bad token/);
    server.addEvent({ number: 3, time: '2026-01-01T00:01:30Z', kind: 'restart', node: 'store', worker: 0, cause: 'disk <b>gone</b>' });
    await becomes(async () => /store worker 0 disk <b>gone<\/b>/.test(await text('events')), true, 'the new event');
  });

  await step('a payload is text and nothing else', async () => {
    await at('letters').locator('summary').first().click();
    const payload = at('letters').locator('pre').first();
    assert.match(await payload.innerText(), /<img src=x onerror=/);
    assert.equal(await page.locator('[data-test="letters"] img, [data-test="letters"] script').count(), 0);
    assert.match(await page.title(), /review-stream/);
    await at('letters').locator('summary').first().click();
  });

  await step('the records of a node are shown while they are asked for, as text', async () => {
    await page.locator('[data-node="store"]').click();
    await at('tap').click();
    await at('tapped').waitFor();
    assert.match(await at('tapped').locator('pre').innerText(), /^<img src=x onerror=.* …$/);
    assert.equal(await at('tapped').locator('img').count(), 0);
    assert.match(await page.title(), /review-stream/);
    assert.equal(server.taps(), 1);
    assert(server.state.calls.includes('GET nodes/store/tap'));
    await page.locator('[data-node="analyze"]').click();
    await becomes(() => server.taps(), 0, 'a tap ends with the selection');
    await at('tap').click();
    await becomes(() => server.taps(), 1, 'a tap of the other node');
    await at('tap').click();
    await becomes(() => server.taps(), 0, 'a tap ends when it is stopped');
  });

  await step('a dead letter is replayed, then all, and the page says what was refused', async () => {
    await at('letters').locator('summary').first().click();
    await at('replay-r-17').click();
    await becomes(() => text('notice'), 'r-17 is tried again.');
    await becomes(async () => at('letters').locator('li').count(), 1, 'one letter is left');
    assert(server.state.calls.includes('replay {"ids":["r-17"],"node":"analyze"}'));
    await at('replay-all').click();
    await becomes(() => text('notice'), 'Not replayed: r-99, its source rejected this input.');
    assert(server.state.calls.includes('replay all'));
    assert.equal(await at('letters').locator('li').count(), 1);
  });

  await step('pause and resume', async () => {
    assert(await at('resume').isDisabled());
    await at('pause').click();
    await becomes(() => text('state'), 'paused');
    assert(await at('pause').isDisabled());
    await at('resume').click();
    await becomes(() => text('state'), 'running');
    assert.deepEqual(server.state.calls.filter((call) => call.startsWith('POST')), ['POST dead-letters/replay', 'POST dead-letters/replay', 'POST pause', 'POST resume']);
  });

  await step('drain asks first', async () => {
    await at('drain').click();
    await at('drain-cancel').click();
    assert(!server.state.calls.includes('POST drain'));
    await at('drain').click();
    await page.keyboard.press('Escape');
    assert(!(await at('drain-confirm').isVisible()));
    await at('drain').click();
    await at('drain-confirm').click();
    await becomes(() => text('state'), 'draining');
    assert(server.state.calls.includes('POST drain'));
    assert(await at('drain').isDisabled());
  });

  await step('it survives a restart of the server without a reload', async () => {
    await page.evaluate(() => (window.sameDocument = true));
    const { port } = server;
    await server.stop();
    await becomes(() => text('status'), 'disconnected');
    const state = freshState();
    state.workflow.started = '2026-01-01T00:05:00Z';
    state.workflow.rates.records_per_s = 99;
    server = await startFakeServer({ folder, port, state });
    await becomes(() => text('status'), 'live');
    await becomes(() => text('gauge-rate'), '99/s');
    await becomes(async () => (await at('events').locator('li').count()), 2, 'the events of the new server alone');
    assert(await page.evaluate(() => window.sameDocument));
  });

  /** Another server, `started` then, takes the place of the one that is there. */
  const restart = async (cluster, started, meanwhile = () => {}) => {
    const { port } = server;
    await server.stop();
    await becomes(() => text('status'), 'disconnected');
    await meanwhile();
    const state = { ...freshState(), cluster };
    state.workflow.started = started;
    server = await startFakeServer({ folder, port, state });
  };
  const row = async (name) => (await at(`host-${name}`).innerText()).replace(/\s+/g, ' ').trim();

  await step('a coordinator waits for hosts, then shows what each is at', async () => {
    await restart({ ...firstCluster(), begun: false, members: firstCluster().members.slice(0, 1) }, '2026-01-01T00:10:00Z');
    await becomes(async () => (await at('waiting').count()) && text('waiting'), 'Waiting for 2 more hosts to begin.');
    assert.equal(await text('cluster'), 'cluster weir, 1 host (minimum 3)');
    server.state.cluster = firstCluster();
    await becomes(() => text('waiting'), '', 'it has begun');
    await becomes(async () => /1\.5 MiB\/s .* 400 KiB\/s /.test(await row('worker-1')), true, 'rates');
    assert.match(
      await row('worker-1'),
      /^worker-1 up 0\.1\.0 6 busy of 8 load 75 % 1 0\.42 ms 1\.5 MiB\/s \S+ MiB 400 KiB\/s \S+ MiB 1 for 2 h 4 min 0\.2 s ago host=rack-1$/,
    );
    assert.match(await row('worker-2'), /1\.3 ms .* gpu=a100 host=rack-2$/);
    assert.match(await row('worker-3'), /^worker-3 leaving drains: finishes what it has .* 4 for 1 min \d+ s/);
    assert.match(await row('worker-4'), /^worker-4 unlinked its connection broke; it may come back .* 0 – /);
    server.state.cluster.members[3].state = 'lost';
    await becomes(async () => /^worker-4 lost what it had is handed out again/.test(await row('worker-4')), true, 'a lost host');
    assert.equal(await text('cluster'), 'cluster weir, 3 hosts (minimum 3)');
  });

  await step('hosts are read as a table, and scrolled by keyboard, on phones too', async () => {
    const region = page.getByRole('region', { name: 'Hosts of weir' });
    for (const width of [360, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      assert.equal(await region.getByRole('row').count(), 5);
      assert.equal(await region.getByRole('rowheader', { name: 'worker-2' }).count(), 1);
      assert.equal(await region.getByRole('columnheader').count(), 11);
      await becomes(() => region.evaluate((div) => div.scrollWidth - div.clientWidth), 0, `no figure is beyond ${width} px`);
      await becomes(overflow, 0, `overflow at ${width} px`);
    }
    await region.focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    assert(await region.evaluate((div) => div === document.activeElement));
    assert.notEqual(await region.evaluate((div) => getComputedStyle(div).outlineStyle), 'none');
  });

  await step('hosts stay while the server is away, and are those of the next one then', async () => {
    const next = firstCluster();
    next.members = [{ ...next.members[0], incarnation: 1, up_s: 2, bytes_sent: 0, bytes_received: 0 }];
    await restart(next, '2026-01-01T00:20:00Z', async () => assert.match(await row('worker-1'), /^worker-1 up .* for 2 h 4 min/));
    await becomes(async () => / 1\.5 MiB\/s .* 1 for \d+ s /.test(await row('worker-1')), true, 'the host joined anew');
    assert.equal(await at('hosts').locator('tbody tr').count(), 1);
    await restart(noCluster(), '2026-01-01T00:30:00Z');
    await becomes(() => at('hosts').count(), 0, 'the next server has no cluster');
  });

  await step('it asks for a token, and keeps it for the tab', async () => {
    server.state.token = 'secret';
    await page.reload();
    await page.locator('#token').fill('wrong');
    await page.keyboard.press('Enter');
    await becomes(() => text('status'), 'token needed');
    await page.locator('#token').fill('secret');
    await page.keyboard.press('Enter');
    await becomes(() => text('status'), 'live');
    assert.equal(await page.evaluate(() => sessionStorage.getItem('weir-token')), 'secret');
    assert.equal(await page.evaluate(() => Object.values(localStorage).includes('secret')), false);
    await page.reload();
    await becomes(() => text('status'), 'live');
    server.state.token = '';
  });

  await step('no width overflows, from 360 to 1,600 px', async () => {
    for (const width of [360, 768, 1024, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      await becomes(overflow, 0, `overflow at ${width} px`);
      assert(await page.locator('[data-node="store"]').isVisible());
    }
  });

  await step('light and dark, by the system and by choice', async () => {
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await ground();
    assert.notEqual(dark, light);
    await at('theme').click();
    await becomes(ground, light, 'light by choice');
    await page.emulateMedia({ colorScheme: 'light' });
    await at('theme').click();
    await becomes(ground, dark, 'dark by choice');
    await page.reload();
    await becomes(ground, dark, 'the choice is kept');
    await at('theme').click();
    await becomes(ground, light, 'back to the system');
  });

  if (screenshots) {
    await step('screenshots', async () => {
      await server.stop();
      server = await startFakeServer({ folder });
      await page.setViewportSize({ width: 1440, height: 710 });
      for (const look of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: look });
        await page.goto(server.url);
        await becomes(() => text('status'), 'live');
        await page.waitForFunction(() => document.querySelectorAll('.letters li').length > 0);
        await page.locator('[data-node="analyze"]').click();
        await page.evaluate(() => document.activeElement?.blur());
        await page.mouse.move(5, 500);
        await page.waitForTimeout(500);
        await page.screenshot({ path: join(screenshots, `dashboard-${look}.png`) });
        server.state.cluster = firstCluster();
        await page.reload();
        await becomes(async () => (await at('hosts').count()) && /1\.5 MiB\/s/.test(await row('worker-1')), true, 'rates');
        await at('hosts').screenshot({ path: join(screenshots, `hosts-${look}.png`) });
        server.state.cluster = noCluster();
      }
    });
  }

  assert.deepEqual(complaints, [], 'the browser complained');
  console.log('all held');
} finally {
  await context.close();
  await server.stop();
  await rm(profile, { recursive: true, force: true });
}
