// Makes the pages live. Every page works without this file; nothing here decides anything.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const html = document.documentElement;
const on = (target, name, act) => target.addEventListener(name, act);
// Keeps a text; null forgets it. Works without storage, too.
const store = (area, key, value) => {
  try {
    if (value === null) area.removeItem(key);
    else if (value !== undefined) area.setItem(key, value);
    return area.getItem(key);
  } catch { return null; }
};

// Count-downs, by the server's clock.
let skew = 0;
const setClock = ({ dataset }) => { if (dataset.nowMs) skew = dataset.nowMs - Date.now(); };
const near = new Intl.RelativeTimeFormat(html.lang);
const relative = (ms) => {
  const seconds = (ms - Date.now() - skew) / 1000;
  const size = Math.abs(seconds);
  const [unit, length] = size < 90 ? ['second', 1] : size < 5400 ? ['minute', 60] : size < 129600 ? ['hour', 3600] : ['day', 86400];
  return near.format(Math.trunc(seconds / length), unit).replace(html.lang === 'ja' ? / /g : '', '');
};
const count = () => $$('[data-at-ms]').forEach((el) => {
  const text = relative(el.dataset.atMs);
  if (el.textContent !== text) el.textContent = text;
});

// News: changes what changed, and leaves focus, caret, scroll, open details and typed text alone.
const key = (node) => node.id || node.nodeName;
function morph(old, fresh) {
  if (key(old) !== key(fresh)) return old.replaceWith(fresh);
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== 1) { old.data = fresh.data; return; }
  if (old.open) fresh.setAttribute('open', '');
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
  if (/INPUT|TEXTAREA|SELECT/.test(old.nodeName)) return;
  let at = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const same = node.id && [...old.children].find((child) => child.id === node.id);
    if (same && same !== at) { old.insertBefore(same, at); at = same; }
    if (!at || (node.id && !same)) { old.insertBefore(node, at); continue; }
    const next = at.nextSibling;
    morph(at, node);
    at = next;
  }
  while (at) { const next = at.nextSibling; at.remove(); at = next; }
}
async function refresh(id, url = location.href) {
  const answer = await fetch(url, { headers: { 'X-Ippo-Fragment': id } });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.getElementById(id);
  if (!answer.ok || answer.redirected || !fresh) return;
  setClock(page.documentElement);
  morph(document.getElementById(id), fresh);
  count();
}
function listen({ id, dataset }) {
  const again = () => refresh(id).catch(() => {});
  const source = new EventSource(dataset.live);
  let soon;
  const news = () => { clearTimeout(soon); soon = setTimeout(again, 30); };
  // A connection that opens may have missed something; one that stays away is replaced by asking.
  for (const name of ['open', 'message', 'change']) on(source, name, news);
  setInterval(() => { if (source.readyState !== 1) again(); }, 5000);
  on(window, 'pagehide', () => source.close());
}

// What was typed stays until it was sent.
const draft = (form) => `ippo.draft.${form.dataset.draft}`;
const fields = (form) => $$('input, textarea, select', form).filter((f) => f.name && !/hidden|password/.test(f.type));
const isChoice = (field) => /radio|checkbox/.test(field.type);
function restore(form) {
  for (const [name, value, checked] of JSON.parse(store(sessionStorage, draft(form)) || '[]')) {
    const field = fields(form).find((f) => f.name === name && (!isChoice(f) || f.value === value));
    if (field && isChoice(field)) field.checked = checked;
    else if (field) field.value = value;
  }
}
if ($$('[data-flash=done]').length) {
  const sent = store(sessionStorage, 'ippo.sent');
  if (sent) store(sessionStorage, sent, null);
}

// The button: held with a finger or mouse; a click without a pointer (keyboard, reader) sends at once.
function hold(button) {
  const { classList, form, dataset } = button;
  let timer;
  on(button, 'pointerdown', (event) => {
    if (event.button) return;
    button.setPointerCapture(event.pointerId);
    classList.remove('is-early');
    classList.add('is-held');
    timer = setTimeout(() => { timer = 0; form.requestSubmit(button); }, dataset.hold);
  });
  for (const name of ['pointerup', 'pointercancel']) on(button, name, () => {
    if (timer) classList.add('is-early');
    clearTimeout(timer);
    classList.remove('is-held');
  });
  on(button, 'contextmenu', (event) => event.preventDefault());
  on(button, 'click', (event) => { if (event.detail) event.preventDefault(); });
}

// The report: one key for one press. What cannot be sent now waits on this device, and the page says so.
const OUTBOX = 'ippo.outbox';
function report(form) {
  const { classList } = form.querySelector('.urgent');
  let isBusy = false;
  const send = async () => {
    const waiting = store(localStorage, OUTBOX);
    if (isBusy || !waiting) return;
    isBusy = true;
    classList.add('is-sending');
    const body = new URLSearchParams(JSON.parse(waiting));
    body.set('csrf', form.csrf.value);
    const answer = await fetch(form.action, { method: 'POST', body }).catch(() => {});
    if (answer?.ok) {
      // Sent back to sign in, it waits until the button is seen again.
      if (!/\/sign-in/.test(answer.url)) {
        store(localStorage, OUTBOX, null);
        store(sessionStorage, draft(form), null);
      }
      return location.assign(answer.url);
    }
    if (answer?.status < 500) { store(localStorage, OUTBOX, null); return form.submit(); }
    isBusy = false;
    classList.remove('is-sending');
    document.getElementById('offline').hidden = false;
  };
  on(form, 'submit', (event) => {
    const body = [...new FormData(form)].filter(([name]) => name !== 'csrf');
    if (!store(localStorage, OUTBOX) && !store(localStorage, OUTBOX, JSON.stringify(body))) return;
    event.preventDefault();
    send();
  });
  on(window, 'online', send);
  setInterval(send, 5000);
  send();
}

// Receipts stay on the device that pressed.
const RECEIPT = 'ippo.receipt.';
function receipts(section) {
  for (const name of Object.keys(localStorage).filter((name) => name.startsWith(RECEIPT))) {
    const [label, json] = JSON.parse(localStorage[name]);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
    link.download = `${name}.json`;
    link.textContent = label;
    const item = document.createElement('li');
    item.append(link);
    section.querySelector('ul').append(item);
    section.hidden = false;
  }
}

const each = (selector, act) => $$(selector).forEach((el) => { try { act(el); } catch { /* The others go on. */ } });
setClock(html);
count();
setInterval(count, 1000);
each('[data-live]', listen);
each('[data-hold]', hold);
each('form[data-draft]', restore);
each('form[data-report]', report);
each('input[name=key]', (field) => { field.value ||= crypto.randomUUID(); });
each('[data-receipt]', ({ dataset: d }) => store(localStorage, RECEIPT + d.receipt, JSON.stringify([d.receiptLabel, d.receiptJson])));
each('[data-receipts]', receipts);
on(window, 'pageshow', (event) => { if (event.persisted) location.reload(); });
on(document, 'input', ({ target: { form } }) => {
  if (form?.dataset.draft) store(sessionStorage, draft(form), JSON.stringify(fields(form).map((f) => [f.name, f.value, f.checked])));
});
on(document, 'submit', ({ target }) => { if (target.dataset.draft) store(sessionStorage, 'ippo.sent', draft(target)); });
on(document, 'change', ({ target: { dataset, name, value } }) => {
  if (dataset.refetch) refresh(dataset.refetch, `?${new URLSearchParams([[name, value]])}`).catch(() => {});
});
on(document, 'click', async ({ target }) => {
  const { copy, copied } = target.dataset;
  if (!copy) return;
  await navigator.clipboard.writeText(document.getElementById(copy).value);
  target.textContent = copied;
});
