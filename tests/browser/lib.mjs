// What the journeys in the browser are written with: the product, a page, a look at it.
//
//   import assert from 'node:assert/strict';
//   import { test } from '../runner.mjs';
//   import { expectAccessible, openPage, signIn, startProduct } from '../lib.mjs';
//
//   test('a report shows who is being called', async (t) => {
//     const product = await startProduct(t);
//     const page = await openPage(t, { base: product.url, language: 'ja', width: 360 });
//     await signIn(page, 'per_tanaka');
//     await page.goto('/');
//     …
//     await expectAccessible(page);
//   });
//
// Nothing here sleeps: wait for what is to be seen (`page.getByRole(…).waitFor()`), never for time.

export { closeBrowser, openPage, problemsOf } from './lib/browser.mjs';
export { axe, expectAccessible, expectNoSideScroll, screenshot, tabTo } from './lib/look.mjs';
export {
  answerLink,
  findBinary,
  report,
  signIn,
  startProduct,
  startProgram,
  switchLanguage,
} from './lib/product.mjs';
