// Keeps the page up to date: fetches it every second and changes only what is different, so scroll position, focus,
// selection and expanded sections stay. Without this script the page shows the same, but does not update.
'use strict';

(() => {
  const pace = 1000;
  const longestPause = 10000;
  const patience = 5000;

  const root = document.documentElement;
  const live = document.getElementById('live');
  const build = document.querySelector('script[src]').getAttribute('src');

  const state = document.createElement('span');
  state.className = 'state';
  state.setAttribute('role', 'status');
  const button = document.createElement('button');
  button.type = 'button';
  live.replaceChildren(state, button);

  let isPaused = false;
  let failures = 0;
  let lastAnswer = new Date();
  let timer;
  let request;

  /** Makes an element equal to another, node by node, without replacing nodes that can stay. */
  function adopt(element, model) {
    if (element.hasAttribute('data-keep')) {
      return;
    }

    // keep what the reader has expanded
    const isDetails = element.localName === 'details';
    for (const { name, value } of model.attributes) {
      if (element.getAttribute(name) !== value && !(isDetails && name === 'open')) {
        element.setAttribute(name, value);
      }
    }

    for (const { name } of [...element.attributes]) {
      if (!model.hasAttribute(name) && !(isDetails && name === 'open')) {
        element.removeAttribute(name);
      }
    }

    adoptChildren(element, model);
  }

  function adoptChildren(element, model) {
    const byKey = new Map();
    for (const child of element.children) {
      if (child.dataset.key) {
        byKey.set(child.dataset.key, child);
      }
    }

    let next = element.firstChild;
    for (const child of [...model.childNodes]) {
      const key = child.dataset?.key;
      let own = key ? byKey.get(key) : next;
      if (!own || own.nodeName !== child.nodeName || own.dataset?.key !== key) {
        element.insertBefore(document.importNode(child, true), next);
        continue;
      }

      if (own === next) {
        next = next.nextSibling;
      } else {
        element.insertBefore(own, next);
      }

      if (own.nodeType === Node.ELEMENT_NODE) {
        adopt(own, child);
      } else if (own.data !== child.data) {
        own.data = child.data;
      }
    }

    while (next) {
      const rest = next;
      next = next.nextSibling;
      rest.remove();
    }
  }

  function show(text, mood) {
    if (state.textContent !== text) {
      state.textContent = text;
    }

    root.dataset.mood = mood;
    const word = isPaused ? 'Continue' : 'Pause';
    if (button.textContent !== word) {
      button.textContent = word;
    }
  }

  async function refresh() {
    request = new AbortController();
    const limit = setTimeout(() => request.abort(new Error(`no answer within ${patience / 1000} s`)), patience);
    try {
      const response = await fetch(location.pathname + location.search, { cache: 'no-store', signal: request.signal });
      if (!response.ok) {
        throw new Error(`it answers ${response.status}`);
      }

      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
      const script = fresh.querySelector('script[src]')?.getAttribute('src');
      if (script !== build) {
        if (!script) {
          throw new Error('it answers with something else');
        }

        // another build of the daemon: its page needs its own script
        location.reload();
        return;
      }

      const focused = document.activeElement;
      adopt(document.body, fresh.body);
      if (focused !== document.activeElement && focused?.isConnected) {
        focused.focus({ preventScroll: true });
      }

      document.title = fresh.title;
      document.querySelector('link[rel=icon]').href = fresh.querySelector('link[rel=icon]').getAttribute('href');
      failures = 0;
      lastAnswer = new Date();
      show('live', 'live');
    } catch (error) {
      if (isPaused || document.hidden) {
        return;
      }

      failures++;
      const why = error instanceof TypeError ? 'it cannot be reached' : error.message;
      show(`no answer since ${lastAnswer.toISOString().slice(11, 19)} UTC: ${why}`, 'gone');
    } finally {
      clearTimeout(limit);
    }
  }

  async function run() {
    clearTimeout(timer);
    if (isPaused || document.hidden) {
      return;
    }

    const started = performance.now();
    await refresh();
    clearTimeout(timer);
    if (!isPaused && !document.hidden) {
      const wait = Math.min(longestPause, pace * 2 ** Math.min(failures, 4)) - (performance.now() - started);
      timer = setTimeout(run, Math.max(wait, pace / 4));
    }
  }

  function stop() {
    clearTimeout(timer);
    request?.abort();
  }

  button.addEventListener('click', () => {
    isPaused = !isPaused;
    if (isPaused) {
      show('paused', 'paused');
      stop();
    } else {
      show('live', 'live');
      run();
    }
  });

  // a search result is an ordinary page: the address contains the search
  document.addEventListener('input', (event) => {
    const search = event.target.closest('.search');
    if (!search) {
      return;
    }

    const query = event.target.value.trim();
    history.replaceState(null, '', query ? `?q=${encodeURIComponent(query)}` : location.pathname);
    clearTimeout(timer);
    timer = setTimeout(isPaused ? refresh : run, pace / 8);
  });

  document.addEventListener('submit', (event) => event.preventDefault());

  document.addEventListener('visibilitychange', () => document.hidden ? stop() : run());

  // on a phone, one expanded finding fills two screens, so start with titles only
  if (matchMedia('(max-width: 640px)').matches) {
    document.querySelectorAll('.finding[open]').forEach((finding) => finding.removeAttribute('open'));
  }

  show('live', 'live');
  timer = setTimeout(run, pace);
})();
