// Looking at a page: with axe, by its width, with the keyboard, as a picture.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = join(dirname(fileURLToPath(import.meta.url)), '../../../shots');
const SERIOUS = ['serious', 'critical'];

/**
 * What axe finds on the page as it stands, without changing it. Works under the product's own
 * Content-Security-Policy: the source is handed over by the debugger and not by the page.
 *
 * @param {object} page
 * @param {object} [options] axe's own options, `{ rules: { … } }` for example
 * @returns {Promise<{id: string, impact: string, help: string, nodes: string[]}[]>}
 */
export async function axe(page, options = {}) {
  const isThere = await page.evaluate(() => typeof window.axe === 'object');
  if (!isThere) await inject(page, AXE);
  const violations = await page.evaluate(async (given) => {
    const result = await window.axe.run(document, { resultTypes: ['violations'], ...given });
    return result.violations;
  }, options);
  return violations.map(({ id, impact, help, nodes }) => ({
    id,
    impact,
    help,
    nodes: nodes.map((node) => node.html),
  }));
}

/** Fails when axe finds anything serious or critical. */
export async function expectAccessible(page, options = {}) {
  const found = (await axe(page, options)).filter(({ impact }) => SERIOUS.includes(impact));
  if (found.length > 0) {
    const lines = found.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.join('\n    ')}`);
    throw new Error(`axe finds on ${page.url()}:\n${lines.join('\n')}`);
  }
}

/** Fails when the page is wider than the window, and says what sticks out. */
export async function expectNoSideScroll(page) {
  const { wide, window: width, out } = await page.evaluate(() => {
    const root = document.documentElement;
    const sticksOut = (e) => e.getBoundingClientRect().right > root.clientWidth + 1;
    const out = [...document.body.querySelectorAll('*')].filter(sticksOut).slice(0, 5);
    return {
      wide: root.scrollWidth,
      window: root.clientWidth,
      out: out.map((e) => e.outerHTML.slice(0, 120)),
    };
  });
  if (wide > width) {
    throw new Error(`${page.url()} is ${wide} px wide in a window of ${width}:\n${out.join('\n')}`);
  }
}

/**
 * Goes to an element as a person without a mouse does. Fails when it is not reached, or when the focus cannot be
 * seen there.
 */
export async function tabTo(page, target, { steps = 80 } = {}) {
  for (let step = 0; step < steps; step += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) {
      await expectVisibleFocus(target);
      return;
    }
  }
  throw new Error(`${target} is not reached with ${steps} presses of Tab`);
}

/**
 * Keeps a picture as shots/NAME.png at the root of the repository.
 * @returns {Promise<string>} its path
 */
export async function screenshot(page, name, { fullPage = true } = {}) {
  const path = join(SHOTS, `${name.replace(/[^\p{L}\p{N}/_-]+/gu, '-')}.png`);
  await page.screenshot({ path, fullPage, animations: 'disabled', caret: 'initial' });
  return path;
}

async function expectVisibleFocus(target) {
  const isSeen = await target.evaluate((element) => {
    const style = getComputedStyle(element);
    const hasOutline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return hasOutline || style.boxShadow !== 'none';
  });
  if (!isSeen) throw new Error(`${target} has the focus, and shows it by neither outline nor shadow`);
}

async function inject(page, source) {
  const session = await page.context().newCDPSession(page);
  try {
    const { exceptionDetails } = await session.send('Runtime.evaluate', {
      expression: source,
      allowUnsafeEvalBlockedByCSP: true,
    });
    if (exceptionDetails) throw new Error(`axe cannot be loaded: ${exceptionDetails.text}`);
  } finally {
    await session.detach();
  }
}
