// A small test runner: tests are sentences, run one after another, each with a time limit and its own clean-up.
//
// A test gets one value, `t`:
//   t.name            its sentence
//   t.after(f)        run f when the test is over, the last one first; for what was started
//   t.onSuccess(f)    run f when the body has passed; it may still fail the test
//   t.onFailure(f)    run f when it has failed, before the clean-up; for pictures of what was on the screen

const TIMEOUT_MS = 60_000;
const CLEANUP_TIMEOUT_MS = 15_000;

const registered = [];

/**
 * Registers a test of the file that is being loaded.
 * @param {string} name a sentence that is true when the test passes
 * @param {(t: object) => Promise<void>} body fails by throwing
 * @param {{timeoutMs?: number}} [options]
 */
export function test(name, body, { timeoutMs = TIMEOUT_MS } = {}) {
  registered.push({ name, body, timeoutMs });
}

/** The tests registered since the last call. */
export function takeTests() {
  return registered.splice(0);
}

/**
 * Runs tests one after another.
 * @param {{name: string, body: Function, timeoutMs?: number}[]} tests
 * @param {(line: string) => void} print takes the lines of the report
 * @returns {Promise<{passed: number, failed: number}>}
 */
export async function runTests(tests, print) {
  const count = { passed: 0, failed: 0 };
  for (const one of tests) {
    const began = performance.now();
    const failures = await runTest(one);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (failures.length === 0) {
      count.passed += 1;
      print(`ok      ${one.name} (${seconds} s)`);
    } else {
      count.failed += 1;
      print(`FAILED  ${one.name} (${seconds} s)`);
      failures.forEach((failure) => print(indent(describe(failure))));
    }
  }
  return count;
}

/** The closing line of a run. */
export function summary({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

async function runTest({ name, body, timeoutMs = TIMEOUT_MS }) {
  const after = [];
  const onSuccess = [];
  const onFailure = [];
  const t = {
    name,
    after: (f) => after.unshift(f),
    onSuccess: (f) => onSuccess.push(f),
    onFailure: (f) => onFailure.push(f),
  };
  const failures = [];
  const attempt = async (f, limitMs, what) => {
    try {
      await within(limitMs, what, f);
    } catch (error) {
      failures.push(error);
    }
  };
  await attempt(
    async () => {
      await body(t);
      for (const f of onSuccess) await f();
    },
    timeoutMs,
    'the test',
  );
  if (failures.length > 0) {
    for (const f of onFailure) await attempt(f, CLEANUP_TIMEOUT_MS, 'a look at the failure');
  }
  for (const f of after) await attempt(f, CLEANUP_TIMEOUT_MS, 'the clean-up');
  return failures;
}

/** Waits for `f`, but not longer than the limit. What runs on after that is ended by the test's clean-up. */
async function within(limitMs, what, f) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(f), limit]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error) {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function indent(text) {
  return text.replace(/^/gm, '        ');
}
