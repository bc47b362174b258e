// The tools of the journeys, tried on small pages of our own: they must find what they are for.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import {
  answerLink,
  axe,
  expectAccessible,
  expectNoSideScroll,
  openPage,
  problemsOf,
  report,
  screenshot,
  signIn,
  startProgram,
  switchLanguage,
  tabTo,
} from '../lib.mjs';
import { runTests, summary, test } from '../runner.mjs';

const STRICT = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'";
const PICTURE_OF_A_FAILURE = fileURLToPath(new URL('../../../shots/failed/inner.png', import.meta.url));
const RUN = fileURLToPath(new URL('../run.mjs', import.meta.url));

/** Serves each path with what `pages` holds for it; a function is called with the request and answers itself. */
async function serve(t, pages, headers = { 'content-security-policy': STRICT }) {
  const server = createServer((request, response) => {
    const page = pages[new URL(request.url, 'http://x').pathname];
    if (typeof page === 'function') return page(request, response);
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', ...headers });
    response.end(page ?? '<title>x</title>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${server.address().port}`;
}

const html = (body, lang = 'ja') =>
  `<!doctype html><html lang="${lang}"><head><title>試し</title><link rel="icon" href="data:,"></head>` +
  `<body><main><h1>試し</h1>${body}</main></body></html>`;

/** Runs one test with a runner of its own and returns the count and the report. */
async function runAlone(body) {
  const lines = [];
  const count = await runTests([{ name: 'inner', body }], (line) => lines.push(line));
  return { ...count, report: lines.join('\n') };
}

test('the runner counts what passes, what throws and what never ends', async () => {
  const lines = [];
  const bodies = [async () => {}, async () => assert.fail('on purpose'), () => new Promise(() => {})];
  const tests = bodies.map((body, index) => ({ name: `test ${index}`, body, timeoutMs: 50 }));
  const count = await runTests(tests, (line) => lines.push(line));
  assert.equal(summary(count), '1 passed, 2 failed');
  assert.match(lines.join('\n'), /on purpose/);
  assert.match(lines.join('\n'), /took longer than 50 ms/);
});

test('the runner cleans up after a failure, the last thing first', async () => {
  const order = [];
  const { failed } = await runAlone(async (t) => {
    t.after(() => order.push('first'));
    t.after(() => order.push('second'));
    t.onSuccess(() => order.push('never'));
    t.onFailure(() => order.push('look'));
    throw new Error('on purpose');
  });
  assert.deepEqual({ failed, order }, { failed: 1, order: ['look', 'second', 'first'] });
});

test('the runner fails a test whose clean-up fails', async () => {
  const { failed, report } = await runAlone(async (t) => {
    t.after(() => Promise.reject(new Error('still running')));
  });
  assert.equal(failed, 1);
  assert.match(report, /still running/);
});

test('a run of tests that do not exist says so and ends with 2', async () => {
  const run = spawnSync(process.execPath, [RUN, 'no-file-of-this-name'], { encoding: 'utf8' });
  assert.equal(run.status, 2);
  assert.match(run.stdout, /no test file matches/);
});

test('axe finds what is wrong under a strict policy, and nothing on a good page', async (t) => {
  const base = await serve(t, {
    '/good': html('<label>名前 <input name="a"></label><button>送る</button>'),
    '/bad': html('<input name="a"><button></button><img src="data:,">', ''),
  });
  const page = await openPage(t, { base, quiet: false });
  await page.goto('/good');
  await expectAccessible(page);
  await page.goto('/bad');
  const ids = (await axe(page)).map(({ id }) => id);
  for (const id of ['label', 'button-name', 'image-alt', 'html-has-lang']) {
    assert.ok(ids.includes(id), `${id} is not among ${ids}`);
  }
  await assert.rejects(expectAccessible(page), /button-name/);
});

test('a page that does not fit the window is named with what sticks out', async (t) => {
  const css = { '/wide.css': (_, response) => response.end('p { width: 500px }') };
  const wide = html('<link rel="stylesheet" href="/wide.css"><p>広い</p>');
  const base = await serve(t, { '/fits': html('<p>狭い</p>'), '/wide': wide, ...css });
  const page = await openPage(t, { base, width: 360 });
  await page.goto('/fits');
  await expectNoSideScroll(page);
  await page.goto('/wide');
  await assert.rejects(expectNoSideScroll(page), /<p>広い/);
});

test('a page that complains or asks another host fails its test', async (t) => {
  const loud = html('<script>console.error("loud")</script><img alt="" src="http://elsewhere.invalid/a.png">');
  const base = await serve(t, { '/loud': loud, '/calm': html('') }, {});
  const visit = (path) => async (inner) => {
    const page = await openPage(inner, { base });
    await page.goto(path);
  };
  assert.equal((await runAlone(visit('/calm'))).failed, 0);
  const { failed, report } = await runAlone(visit('/loud'));
  assert.equal(failed, 1);
  assert.match(report, /console: loud/);
  assert.match(report, /another host: http:\/\/elsewhere\.invalid/);
  assert.ok(existsSync(PICTURE_OF_A_FAILURE));
  rmSync(PICTURE_OF_A_FAILURE);
});

test('code that the policy refuses is a complaint', async (t) => {
  const base = await serve(t, { '/': html('<p style="color: red">赤</p>') });
  const page = await openPage(t, { base, quiet: false });
  await page.goto('/');
  assert.match(problemsOf(page).join('\n'), /inline style violates/);
});

test('a page is opened in the language, scheme, width and manner asked for', async (t) => {
  const body = html('<p>no script</p><script>document.querySelector("p").textContent = "script"</script>');
  const echo = (request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`${body}<i>${request.headers['accept-language']}</i>`);
  };
  const base = await serve(t, { '/': echo });
  const desk = await openPage(t, { base, language: 'en', scheme: 'dark', width: 1280, still: true });
  await desk.goto('/');
  assert.match(await desk.locator('i').textContent(), /^en-GB/);
  assert.equal(await desk.locator('p').textContent(), 'script');
  const media = await desk.evaluate(() => [
    matchMedia('(prefers-color-scheme: dark)').matches,
    matchMedia('(prefers-reduced-motion: reduce)').matches,
    innerWidth,
  ]);
  assert.deepEqual(media, [true, true, 1280]);
  const plain = await openPage(t, { base, scripts: false });
  await plain.goto('/');
  assert.match(await plain.locator('i').textContent(), /^ja-JP/);
  assert.equal(await plain.locator('p').textContent(), 'no script');
});

test('the keyboard reaches what it can, and a focus that cannot be seen is named', async (t) => {
  const css = { '/bare.css': (_, response) => response.end('#bare:focus { outline: none }') };
  const body = '<a href="#a">a</a><button id="b">b</button><button id="bare">c</button><p id="d">d</p>';
  const base = await serve(t, { '/': html(`<link rel="stylesheet" href="/bare.css">${body}`), ...css });
  const page = await openPage(t, { base });
  await page.goto('/');
  await tabTo(page, page.locator('#b'));
  await assert.rejects(tabTo(page, page.locator('#bare')), /shows it by neither/);
  await assert.rejects(tabTo(page, page.locator('#d'), { steps: 6 }), /not reached/);
});

test('signing in presses the button of that person and no other, without JavaScript too', async (t) => {
  const person = (id) =>
    `<form method="post" action="/sign-in"><input type="hidden" name="person" value="${id}"><button>x</button></form>`;
  const signedIn = (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      response.writeHead(303, { location: '/', 'set-cookie': `who=${encodeURIComponent(body)}` });
      response.end();
    });
  };
  const home = (request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(html(`<p>${decodeURIComponent(request.headers.cookie ?? '')}</p>`));
  };
  const demo = html(person('per_sato') + person('per_tanaka'));
  const base = await serve(t, { '/': home, '/demo': demo, '/sign-in': signedIn });
  for (const scripts of [true, false]) {
    const page = await openPage(t, { base, scripts });
    await signIn(page, 'per_tanaka');
    assert.equal(await page.locator('p').textContent(), 'who=person=per_tanaka');
    const second = await openPage(t, { base, signedInAs: page });
    await second.goto('/');
    assert.equal(await second.locator('p').textContent(), 'who=person=per_tanaka');
  }
});

test('a report, its answer link and the language are found by their forms', async (t) => {
  const seen = [];
  const redirect = (to) => (request, response) => {
    seen.push(request.url);
    request.resume().on('end', () => response.writeHead(303, { location: to }).end());
  };
  const home =
    '<form method="post" action="/language"><button name="locale" value="en">English</button></form>' +
    '<form method="post" action="/report"><input type="hidden" name="key" value="1">' +
    '<button>緊急です!</button><label>一行 <input name="text"></label></form>';
  const phones =
    '<section id="device-per_sato"><a href="/a/sato">x</a><a href="/a/older">x</a></section>' +
    '<section id="device-per_ito"><a href="http://ippo.test/a/ito">x</a></section>';
  const base = await serve(t, {
    '/': html(home),
    '/demo': html(phones),
    '/incidents/inc_1/calling': html(''),
    '/language': redirect('/'),
    '/report': redirect('/incidents/inc_1/calling'),
  });
  const page = await openPage(t, { base });
  await page.goto('/');
  await switchLanguage(page, 'ja');
  assert.deepEqual(seen, []);
  await switchLanguage(page, 'en');
  assert.equal(await report(page, '一行'), '/incidents/inc_1');
  assert.deepEqual(seen, ['/language', '/report']);
  assert.equal(await answerLink(page), '/a/sato');
  assert.equal(await answerLink(page, 'per_ito'), '/a/ito');
});

test('a program is waited for until it has printed its address, and ended with the test', async (t) => {
  const program = 'console.log("starting"); console.log("open http://127.0.0.1:4/x now"); setInterval(() => {}, 9e5)';
  let pid;
  const { failed } = await runAlone(async (inner) => {
    const started = await startProgram(inner, process.execPath, ['-e', program]);
    assert.equal(started.address, 'http://127.0.0.1:4/x');
    assert.match(started.output(), /^starting/);
    pid = started.child.pid;
  });
  assert.equal(failed, 0);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('a program that ends early, prints nothing or is not there is named with what it said', async (t) => {
  const start = (program, options) => startProgram(t, process.execPath, ['-e', program], options);
  await assert.rejects(start('console.error("no disk"); process.exit(3)'), /ended with 3[^]*no disk/);
  await assert.rejects(start('setInterval(() => {}, 9e5)', { timeoutMs: 100 }), /no address within 100 ms/);
  await assert.rejects(startProgram(t, '/no/such/program', []), /cannot be started/);
});

test('a picture is kept under the name it was given', async (t) => {
  const page = await openPage(t);
  await page.setContent('<p>絵</p>');
  const path = await screenshot(page, 'failed/a picture: 絵');
  t.after(() => rmSync(path, { force: true }));
  assert.ok(existsSync(path));
  assert.match(path, /shots\/failed\/a-picture-絵\.png$/);
});
