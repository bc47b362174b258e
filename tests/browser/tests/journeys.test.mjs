// The journeys: report, calling, answer, incident. In both languages, on a telephone and a desk, with and without
// JavaScript, by keyboard alone; axe finds nothing serious on any page on the way.

import assert from 'node:assert/strict';

import {
  answerLink,
  expectAccessible,
  expectNoSideScroll,
  openPage,
  report,
  signIn,
  startProduct,
  switchLanguage,
  tabTo,
} from '../lib.mjs';
import { test } from '../runner.mjs';

const REPORTER = 'per_tanaka';
const BOSS = 'per_sato';
const WORDS = { ja: '本番のDBを消しました', en: 'I deleted the production database' };
const ADDED = { ja: '22:03に復元を始めました', en: 'Restore started at 22:03' };
const JOURNEY_MS = 120_000;

/** Looks at the page as it stands. */
async function look(page) {
  await expectAccessible(page);
  await expectNoSideScroll(page);
}

/** Waits until the calling of the incident says that somebody has it; without scripts by asking again. */
async function untilAccepted(page, scripts) {
  const accepted = page.locator('.state.is-accepted').first();
  for (let tries = 0; !scripts && tries < 20 && (await accepted.count()) === 0; tries += 1) {
    await page.reload();
  }
  await accepted.waitFor();
}

for (const language of ['ja', 'en']) {
  for (const width of [360, 1280]) {
    for (const scripts of [true, false]) {
      const way = `${language}, ${width} px, ${scripts ? 'with' : 'without'} JavaScript`;
      test(`a report reaches a human being, who answers: ${way}`, (t) => journey(t, { language, width, scripts }), {
        timeoutMs: JOURNEY_MS,
      });
    }
  }
}

async function journey(t, { language, width, scripts }) {
  const product = await startProduct(t, { args: ['--fast'] });
  const open = () => openPage(t, { base: product.url, language, width, scripts });

  const tanaka = await open();
  await signIn(tanaka, REPORTER);
  await tanaka.goto('/');
  await switchLanguage(tanaka, language);
  assert.equal(await tanaka.locator('html').getAttribute('lang'), language);
  if (scripts) await look(tanaka);

  const incident = await report(tanaka, WORDS[language]);
  await tanaka.locator('.state.is-calling').first().waitFor();
  if (scripts) await look(tanaka);

  const sato = await open();
  const link = await answerLink(sato, BOSS);
  await sato.goto(link);
  assert.match(await sato.locator('.own-words').innerText(), new RegExp(WORDS[language]));
  if (scripts) await look(sato);
  await Promise.all([sato.waitForEvent('load'), sato.locator('button.accept').click()]);
  await sato.locator('.state.is-accepted').first().waitFor();

  await untilAccepted(tanaka, scripts);
  if (scripts) await look(tanaka);

  await signIn(sato, BOSS);
  await sato.goto(incident);
  await sato.locator('.add-entry input[name="kind"][value="fact"]').check({ force: true });
  await sato.locator('.add-entry textarea[name="text"]').fill(ADDED[language]);
  await Promise.all([sato.waitForEvent('load'), sato.locator('.add-entry button').last().click()]);
  await sato.locator('.column.is-known', { hasText: ADDED[language] }).waitFor();
  if (scripts) await look(sato);
}

test('the whole journey goes by keyboard alone', async (t) => {
  const product = await startProduct(t, { args: ['--fast'] });
  const tanaka = await openPage(t, { base: product.url, width: 1280 });
  await signIn(tanaka, REPORTER);
  await tanaka.goto('/');
  await tabTo(tanaka, tanaka.locator('button.urgent'));
  await Promise.all([tanaka.waitForURL(/\/calling$/), tanaka.keyboard.press('Enter')]);

  const sato = await openPage(t, { base: product.url, width: 1280 });
  await sato.goto(await answerLink(sato, BOSS));
  await tabTo(sato, sato.locator('button.accept'));
  await Promise.all([sato.waitForEvent('load'), sato.keyboard.press('Enter')]);
  await sato.locator('.state.is-accepted').first().waitFor();
  await tanaka.locator('.state.is-accepted').first().waitFor();
}, { timeoutMs: JOURNEY_MS });

test('a pocket does not hold: a short touch sends nothing, a held one sends once', async (t) => {
  const product = await startProduct(t);
  const page = await openPage(t, { base: product.url, width: 360 });
  await signIn(page, REPORTER);
  await page.goto('/');
  const button = page.locator('button.urgent');
  const { x, y, width, height } = await button.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.up();
  assert.equal(new URL(page.url()).pathname, '/');
  await page.mouse.down();
  await page.waitForURL(/\/calling$/);
  await page.mouse.up();
  await page.goto('/incidents');
  assert.equal(await page.locator('main a[href^="/incidents/inc_"]').count(), 1);
}, { timeoutMs: JOURNEY_MS });

test('the button takes at least a third of a telephone, and who is called stands above the fold', async (t) => {
  const product = await startProduct(t);
  const page = await openPage(t, { base: product.url, width: 360 });
  await signIn(page, REPORTER);
  await page.goto('/');
  const { height } = await page.locator('button.urgent').boundingBox();
  assert.ok(height >= 740 / 3, `the button is ${height} px high`);
});

test('pressing twice, going back and pressing again make one incident', async (t) => {
  const product = await startProduct(t);
  const page = await openPage(t, { base: product.url, width: 1280, scripts: false });
  await signIn(page, REPORTER);
  await page.goto('/');
  const key = await page.locator('form.report [name="key"]').inputValue();
  const first = await report(page, 'one');
  assert.ok(key.length > 10);
  await page.goBack();
  if ((await page.locator('form.report [name="key"]').inputValue()) === key) {
    const button = page.locator('button.urgent');
    await Promise.all([page.waitForURL(/\/calling$/), button.click()]);
    assert.equal(new URL(page.url()).pathname, `${first}/calling`);
  }
});

test('every page of the product is accessible, in both languages and both schemes', async (t) => {
  const product = await startProduct(t, { args: ['--fast'] });
  const first = await openPage(t, { base: product.url, quiet: false });
  await signIn(first, REPORTER);
  const incident = await report(first, WORDS.ja);
  const paths = ['/', `${incident}/calling`, incident, '/incidents', '/people', `/people/${BOSS}`];
  paths.push(`/rehearsal?reporter=${REPORTER}`, '/settings', '/sign-in', '/no-such-page', '/demo');
  for (const language of ['ja', 'en']) {
    for (const scheme of ['light', 'dark']) {
      const page = await openPage(t, { base: product.url, language, scheme, signedInAs: first, quiet: false });
      await page.goto('/');
      await switchLanguage(page, language);
      for (const path of paths) {
        await page.goto(path);
        await look(page);
      }
    }
  }
}, { timeoutMs: 180_000 });
