// The product under test: the built binary, on a free port, with a folder of its own that is removed afterwards.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const BUILT = ['target/release/ippo', 'target/debug/ippo'];
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;
const ADDRESS = /https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+[^\s"']*/;

/**
 * Starts `ippo demo`: a whole made-up organisation with simulated phones and mailboxes.
 *
 * @param {object} t the test; the product ends with it
 * @param {object} [options]
 * @param {string[]} [options.args] further arguments, `['--fast']` for example
 * @returns {Promise<{url: string, folder: string, output: () => string, stop: () => Promise<void>}>}
 *   `url` is the address it printed, without a path; `output` what it has printed so far
 */
export async function startProduct(t, { args = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'ippo-journey-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const demo = ['demo', '--listen', '127.0.0.1:0', '--data', folder, ...args];
  const { address, ...program } = await startProgram(t, findBinary(), demo);
  return { url: new URL(address).origin, folder, ...program };
}

/** The binary to test: IPPO_BINARY, or the release build, or the debug build. */
export function findBinary() {
  const named = process.env.IPPO_BINARY;
  const places = named ? [named] : BUILT.map((path) => join(ROOT, path));
  const found = places.find((path) => existsSync(path));
  if (!found) {
    throw new Error(`no binary at ${places.join(' or ')}: ./check release builds it`);
  }
  return found;
}

/**
 * Starts a program and waits until it has printed an address of this machine.
 * Fails with all it printed when it ends first or prints none in time.
 */
export async function startProgram(t, command, args, { timeoutMs = START_TIMEOUT_MS } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = [];
  const output = () => lines.join('\n');
  const ended = new Promise((resolve) => child.once('close', resolve));
  const stop = () => end(child, ended);
  t.after(stop);
  t.onFailure(() => console.log(`--- ${command} printed:\n${output()}\n---`));

  const address = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${command} ${why}; it printed:\n${output()}`));
    const timer = setTimeout(() => fail(`printed no address within ${timeoutMs} ms`), timeoutMs);
    child.once('error', (error) => fail(`cannot be started: ${error.message}`));
    ended.then((code) => fail(`ended with ${code}`));
    ended.finally(() => clearTimeout(timer));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const found = ADDRESS.exec(line);
        if (found) {
          clearTimeout(timer);
          resolve(found[0]);
        }
      });
    }
  });
  return { address, output, stop, child };
}

/**
 * Signs a person of the demo in, as a newcomer does: with their button on the page of simulated phones.
 * Works without JavaScript. Leaves the page where the product leads.
 *
 * @param {object} page opened with the product's address as its `base`
 * @param {string} person an id of the demo, `per_tanaka` for example
 */
export async function signIn(page, person) {
  await page.goto('/demo');
  const form = page.locator('form', { has: page.locator(`[name="person"][value="${person}"]`) });
  await Promise.all([page.waitForEvent('load'), form.first().locator('button').first().click()]);
}

/**
 * Turns the product to a language with its own switch, when it does not speak it already.
 * Needs a page on which the switch is shown. Leaves the page where it was.
 */
export async function switchLanguage(page, language) {
  if ((await page.locator('html').getAttribute('lang')) === language) return;
  const choice = page.locator(`button[name="locale"][value="${language}"]`).first();
  await Promise.all([page.waitForEvent('load'), choice.click()]);
}

/**
 * Makes a first report as somebody with a keyboard does: to the button, and Enter.
 *
 * @param {object} page signed in
 * @param {string} [text] the line under the button
 * @returns {Promise<string>} the path of the incident, `/incidents/inc_…`
 */
export async function report(page, text) {
  await page.goto('/');
  const form = page.locator('form', { has: page.locator('[name="key"]') }).first();
  if (text) await form.locator('[name="text"]').fill(text);
  await form.locator('button').first().focus();
  await Promise.all([page.waitForURL(/\/incidents\/[^/]+\/calling/), page.keyboard.press('Enter')]);
  return new URL(page.url()).pathname.replace(/\/calling$/, '');
}

/**
 * The newest answer link on the page of simulated phones, as a path; waits until there is one.
 *
 * @param {object} page its cookies do not matter
 * @param {string} [person] on this person's phone; otherwise on the first phone that has one
 */
export async function answerLink(page, person) {
  await page.goto('/demo');
  const phone = person ? page.locator(`#device-${person}`) : page;
  const link = phone.locator('a[href*="/a/"]').first();
  return new URL(await link.getAttribute('href'), page.url()).pathname;
}

async function end(child, ended) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
