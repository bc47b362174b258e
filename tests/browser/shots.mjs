// Pictures of every main screen, to be looked at: in Japanese and English, light and dark, on a telephone and a desk.
//
//   node shots.mjs                all of them, into shots/ at the root of the repository
//   node shots.mjs home answer    only these screens
//
// A picture is called SCREEN-LANGUAGE-SCHEME-WIDTH.png. Exit: 0 all taken, 1 some could not be, 2 no such screen.

import {
  answerLink,
  closeBrowser,
  openPage,
  report,
  screenshot,
  signIn,
  startProduct,
  switchLanguage,
} from './lib.mjs';
import { runTests, summary } from './runner.mjs';

const LANGUAGES = ['ja', 'en'];
const SCHEMES = ['light', 'dark'];
const WIDTHS = [360, 1280];
const REPORTER = 'per_tanaka';
const WORDS = { ja: '本番のDBを消しました', en: 'I deleted the production database' };
const TIMEOUT_MS = 300_000;

/**
 * The screens: where each is found once a report has been made, and whether one has to be signed in to see it.
 * `at` is a path, or makes one out of what is known: the incident's path, and the link of the person called.
 */
const SCREENS = [
  { name: 'home', at: '/' },
  { name: 'calling', at: ({ incident }) => `${incident}/calling` },
  { name: 'answer', at: ({ answer }) => answer, isOutside: true },
  { name: 'incident', at: ({ incident }) => incident },
  { name: 'incidents', at: '/incidents' },
  { name: 'people', at: '/people' },
  { name: 'person', at: `/people/${REPORTER}` },
  { name: 'rehearsal', at: `/rehearsal?reporter=${REPORTER}` },
  { name: 'settings', at: '/settings' },
  { name: 'sign-in', at: '/sign-in', isOutside: true },
  { name: 'not-found', at: '/no-such-page' },
  { name: 'demo', at: '/demo', isOutside: true },
];

const wanted = process.argv.slice(2);
const screens = SCREENS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (screens.length === 0) {
  console.log(`no screen is called ${wanted.join(' or ')}; there are: ${SCREENS.map((s) => s.name).join(' ')}`);
  process.exit(2);
}

/** Makes the report that the screens show, and keeps the signed-in page whose cookies they use. */
async function prepare(t, product, language) {
  const page = await openPage(t, { base: product.url, language, quiet: false });
  await signIn(page, REPORTER);
  await page.goto('/');
  await switchLanguage(page, language);
  const incident = await report(page, WORDS[language]);
  const onlooker = await openPage(t, { base: product.url, language, quiet: false });
  return { incident, answer: await answerLink(onlooker), signedInAs: page };
}

async function picture(t, product, known, { screen, language, scheme, width }) {
  const signedInAs = screen.isOutside ? undefined : known.signedInAs;
  const options = { base: product.url, language, scheme, width, still: true, quiet: false };
  const page = await openPage(t, { ...options, signedInAs });
  const path = typeof screen.at === 'function' ? screen.at(known) : screen.at;
  await page.goto(path, { waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready);
  await screenshot(page, `${screen.name}-${language}-${scheme}-${width}`);
  await page.context().close();
}

const all = LANGUAGES.map((language) => ({
  name: `pictures in ${language}`,
  timeoutMs: TIMEOUT_MS,
  body: async (t) => {
    const product = await startProduct(t);
    const known = await prepare(t, product, language);
    const failed = [];
    for (const screen of screens) {
      for (const scheme of SCHEMES) {
        for (const width of WIDTHS) {
          const one = { screen, language, scheme, width };
          await picture(t, product, known, one).catch((error) => failed.push(`${screen.name}: ${error.message}`));
        }
      }
    }
    if (failed.length > 0) throw new Error(failed.join('\n'));
  },
}));

const count = await runTests(all, (line) => console.log(line));
await closeBrowser();
console.log(summary(count));
process.exit(count.failed === 0 ? 0 : 1);
