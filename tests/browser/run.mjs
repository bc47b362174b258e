// Runs the browser tests: every tests/*.test.mjs, or those whose file name contains one of the arguments.
//
//   node run.mjs               all of them
//   node run.mjs home answer   tests/home*.test.mjs and tests/answer*.test.mjs
//
// Exit: 0 all passed, 1 a test failed, 2 no test of that name.

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { closeBrowser } from './lib.mjs';
import { runTests, summary, takeTests } from './runner.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'tests');
const wanted = process.argv.slice(2);
const print = (line) => console.log(line);

// A promise that nobody waits for any more, of a test that ran out of time, must not end the others.
process.on('unhandledRejection', (reason) => print(`note: a late failure: ${reason}`));

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.test.mjs'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();

const total = { passed: 0, failed: 0 };
for (const name of files) {
  print(`\n${name}`);
  try {
    await import(pathToFileURL(join(folder, name)).href);
  } catch (error) {
    print(`FAILED  ${name} cannot be loaded\n${error.stack ?? error}`);
    total.failed += 1;
  }
  const { passed, failed } = await runTests(takeTests(), print);
  total.passed += passed;
  total.failed += failed;
}
await closeBrowser();

if (total.passed + total.failed === 0) {
  print(`no test file matches ${wanted.join(', ') || '*.test.mjs'}`);
  process.exit(2);
}
print(`\n${summary(total)}`);
// Whatever a test has left open must not keep the run from ending.
process.exit(total.failed === 0 ? 0 : 1);
