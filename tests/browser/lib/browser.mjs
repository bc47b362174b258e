// One browser for the whole run; for each page a context of its own, so that no test sees another's cookies.

import { accessSync, constants } from 'node:fs';

import { chromium } from 'playwright-core';

import { screenshot } from './look.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const HEIGHTS = { 360: 740, 1280: 800 };
const LOCALES = { ja: 'ja-JP', en: 'en-GB' };
const WAIT_MS = 10_000;

let launching;
const problems = new WeakMap();

/** The browser, started at the first call. */
async function theBrowser() {
  launching ??= chromium.launch({ executablePath: findChromium(), headless: true, args: FLAGS });
  return launching;
}

/** Ends the browser, if one was started. */
export async function closeBrowser() {
  const running = launching;
  launching = undefined;
  await (await running)?.close();
}

/**
 * Opens an empty page. When the test ends well, the page must have been quiet: no error on its console, none
 * thrown, nothing asked of another host. When it fails, a picture goes to shots/failed/.
 *
 * @param {object} t the test
 * @param {object} [options]
 * @param {string} [options.base] the address that `page.goto('/…')` starts from
 * @param {'ja'|'en'} [options.language] what the browser asks for, and its clock's zone: Tokyo or UTC
 * @param {'light'|'dark'} [options.scheme]
 * @param {number} [options.width] 360 is a telephone with a finger, anything else a desk with a mouse
 * @param {boolean} [options.scripts] false: as with JavaScript switched off
 * @param {boolean} [options.still] true: the person asked for less motion
 * @param {boolean} [options.quiet] false: errors on the console are expected; look at them with `problemsOf`
 * @param {object} [options.signedInAs] another page, whose cookies and storage this one starts with
 */
export async function openPage(t, options = {}) {
  const { base, language = 'ja', scheme = 'light', width = 360, signedInAs } = options;
  const { scripts = true, still = false, quiet = true } = options;
  const context = await (await theBrowser()).newContext({
    baseURL: base,
    colorScheme: scheme,
    hasTouch: width === 360,
    javaScriptEnabled: scripts,
    locale: LOCALES[language],
    reducedMotion: still ? 'reduce' : 'no-preference',
    storageState: await signedInAs?.context().storageState(),
    timezoneId: language === 'ja' ? 'Asia/Tokyo' : 'UTC',
    viewport: { width, height: HEIGHTS[width] ?? 800 },
  });
  t.after(() => context.close());
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  problems.set(page, listen(page));
  if (quiet) t.onSuccess(() => expectQuiet(page));
  t.onFailure(() => page.isClosed() || screenshot(page, `failed/${t.name}`));
  return page;
}

/** What the page complained of so far, one line each. */
export function problemsOf(page) {
  return [...problems.get(page)];
}

function listen(page) {
  const found = [];
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => found.push(`thrown: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isOurs = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
    if (protocol.startsWith('http') && !isOurs) found.push(`another host: ${request.url()}`);
  });
  return found;
}

function expectQuiet(page) {
  const found = problemsOf(page);
  if (found.length > 0) {
    throw new Error(`the page ${page.url()} was not quiet:\n${found.join('\n')}`);
  }
}

function findChromium() {
  const places = process.env.CHROMIUM ? [process.env.CHROMIUM] : PLACES;
  const found = places.find(isExecutable);
  if (!found) {
    throw new Error(`no browser at ${places.join(' or ')}: apt-get install chromium, or set CHROMIUM`);
  }
  return found;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
