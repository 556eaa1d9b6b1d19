// 准绳 Zhunsheng: the one own script, ES2015, loaded with `defer`. Every page works without it. No inline style, no other host.
//   form                            a second press while the first is under way is swallowed (.btn gets aria-disabled)
//   form[data-draft="key"]          what was typed outlives a closed page, in this tab only (sessionStorage)
//   form[data-guard]                leaving with typed, unsent words asks first
//   form[data-forget]               submitting it (logout) clears all drafts of this tab
//   textarea[data-count][maxlength] shows how many characters are left once few are
//   [data-print] [data-read="#id"]  buttons, hidden in the HTML; shown here where the browser can print or speak
//   [data-more="party"]             a submit button; clones the last [data-repeat="party"] (party-0-name becomes party-1-name, party.0.name party.1.name)
(function () {
  'use strict';
  var DRAFT = 'zs-draft:';
  var SENT = 'zs-sent';
  var all = function (selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  };
  var store = null; // a locked-down browser throws on the mere mention
  try { store = window.sessionStorage; store.setItem('zs-probe', '1'); } catch (e) { store = null; }

  // -- a second press. The button itself is not disabled: its name and value belong to what is sent.
  function release(form) {
    form.removeAttribute('data-busy');
    all('[aria-disabled="true"][data-was]', form).forEach(function (button) {
      button.removeAttribute('aria-disabled');
      button.textContent = button.getAttribute('data-was');
      button.removeAttribute('data-was');
    });
  }
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method === 'get' || form.hasAttribute('hx-post')) { return; }
    if (form.hasAttribute('data-busy')) { event.preventDefault(); return; }
    form.setAttribute('data-busy', '');
    form.removeAttribute('data-dirty');
    var button = event.submitter || form.querySelector('button[type="submit"],button:not([type])');
    if (button && button.tagName === 'BUTTON' && !button.children.length) {
      button.setAttribute('data-was', button.textContent);
      button.setAttribute('aria-disabled', 'true');
      button.textContent = '正在提交…';
    }
    window.setTimeout(release, 10000, form); // a download leaves the page standing
    if (store && form.hasAttribute('data-forget')) { forgetAll(); }
    if (store && form.hasAttribute('data-draft')) { store.setItem(SENT, DRAFT + form.getAttribute('data-draft')); }
  });
  window.addEventListener('pageshow', function (event) {
    if (event.persisted) { all('form[data-busy]').forEach(release); }
  });

  // -- drafts. Never files, passwords or hidden fields (tokens, idempotency keys).
  function forgetAll() {
    Object.keys(store).forEach(function (key) { if (key.indexOf('zs-') === 0) { store.removeItem(key); } });
  }
  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && ['hidden', 'password', 'file', 'submit', 'button'].indexOf(field.type) < 0
        && field.tagName !== 'BUTTON' && field.tagName !== 'FIELDSET';
    });
  }
  function ticks(field) { return field.type === 'radio' || field.type === 'checkbox'; }
  function slot(field) { return ticks(field) ? field.name + '=' + field.value : field.name; }
  function read(field) { return ticks(field) ? field.checked : field.value; }
  function save(form) {
    var kept = {};
    fields(form).forEach(function (field) { kept[slot(field)] = read(field); });
    try { store.setItem(DRAFT + form.getAttribute('data-draft'), JSON.stringify(kept)); } catch (e) { form.setAttribute('data-guard', ''); }
  }
  function restore(form) {
    var key = DRAFT + form.getAttribute('data-draft');
    var kept = null;
    try { kept = JSON.parse(store.getItem(key) || 'null'); } catch (e) { store.removeItem(key); }
    if (!kept || document.querySelector('.error-summary')) { return; } // the server has already put back what was sent
    var changed = false;
    fields(form).forEach(function (field) {
      var value = kept[slot(field)];
      if (value === undefined || value === read(field)) { return; }
      if (typeof value === 'boolean') { field.checked = value; } else { field.value = value; }
      changed = true;
    });
    if (!changed) { return; }
    var told = document.createElement('p');
    told.className = 'flash flash-warn';
    told.setAttribute('role', 'status');
    told.textContent = '已恢复您在本窗口填写、尚未提交的内容。';
    var clear = document.createElement('button');
    clear.type = 'button';
    clear.className = 'btn btn-link';
    clear.textContent = '清除，重新填写';
    clear.addEventListener('click', function () { store.removeItem(key); form.reset(); told.parentNode.removeChild(told); });
    told.appendChild(clear);
    form.insertBefore(told, form.firstChild);
  }
  if (store) {
    var sent = store.getItem(SENT);
    store.removeItem(SENT);
    // Sent, and the next page shows no error: the draft has done its work.
    if (sent && !document.querySelector('.error-summary,.refusal')) { store.removeItem(sent); }
    all('form[data-draft]').forEach(function (form) {
      var wait = 0;
      restore(form);
      form.addEventListener('input', function () { window.clearTimeout(wait); wait = window.setTimeout(save, 400, form); });
      form.addEventListener('change', function () { save(form); });
    });
  }
  document.addEventListener('input', function (event) {
    var form = event.target.form;
    if (form && (form.hasAttribute('data-guard') || (form.hasAttribute('data-draft') && !store))) { form.setAttribute('data-dirty', ''); }
  });
  window.addEventListener('beforeunload', function (event) {
    if (document.querySelector('form[data-dirty]')) { event.preventDefault(); event.returnValue = ''; }
  });

  // -- characters left
  function count(area) {
    var max = Number(area.getAttribute('maxlength'));
    var line = document.createElement('p');
    var show = function () {
      var left = max - area.value.length;
      line.hidden = left > 200 && left > max / 5; // a limit that is far away is no news
      line.textContent = '还可以填写 ' + left + ' 字';
      if (left < 20) { line.setAttribute('aria-live', 'polite'); } else { line.removeAttribute('aria-live'); }
    };
    line.className = 'count-left';
    area.parentNode.insertBefore(line, area.nextSibling);
    area.addEventListener('input', show);
    show();
  }
  all('textarea[data-count][maxlength]').forEach(count);

  // -- print
  all('[data-print]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });

  // -- read aloud, a sentence at a time: long texts are cut off after some seconds by several browsers
  function reader(button) {
    var voice = window.speechSynthesis;
    var label = button.textContent;
    var running = 0;
    var stop = function () { running += 1; voice.cancel(); button.setAttribute('aria-pressed', 'false'); button.textContent = label; };
    button.hidden = false;
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', function () {
      if (button.getAttribute('aria-pressed') === 'true') { stop(); return; }
      var target = document.querySelector(button.getAttribute('data-read'));
      var parts = target ? target.innerText.split(/[。！？；\n]+/).filter(function (part) { return part.trim(); }) : [];
      var mine = running += 1;
      button.setAttribute('aria-pressed', 'true');
      button.textContent = '停止朗读';
      (function say(i) {
        if (mine !== running) { return; }
        if (i >= parts.length) { stop(); return; }
        var words = new window.SpeechSynthesisUtterance(parts[i]);
        words.lang = 'zh-CN';
        words.rate = 0.9;
        words.onend = function () { say(i + 1); };
        words.onerror = function () { if (mine === running) { stop(); } };
        voice.speak(words);
      })(0);
    });
    window.addEventListener('pagehide', stop);
  }
  if ('speechSynthesis' in window && 'SpeechSynthesisUtterance' in window) { all('[data-read]').forEach(reader); }

  // -- one more party
  function renumber(node, kind, index) {
    ['id', 'name', 'for', 'aria-describedby', 'aria-labelledby'].forEach(function (attribute) {
      var value = node.getAttribute(attribute);
      if (value) { node.setAttribute(attribute, value.replace(new RegExp('\\b' + kind + '([-.])\\d+([-.])', 'g'), kind + '$1' + index + '$2')); }
    });
  }
  all('[data-more]').forEach(function (button) {
    button.addEventListener('click', function (event) {
      var kind = button.getAttribute('data-more');
      var groups = all('[data-repeat="' + kind + '"]');
      var last = groups[groups.length - 1];
      if (!last) { return; } // then the server does it
      event.preventDefault();
      var copy = last.cloneNode(true);
      all('.error,.count-left', copy).forEach(function (node) { node.parentNode.removeChild(node); });
      all('.field-bad', copy).forEach(function (node) { node.classList.remove('field-bad'); });
      all('[data-number]', copy).forEach(function (node) { node.textContent = String(groups.length + 1); });
      [copy].concat(all('*', copy)).forEach(function (node) { renumber(node, kind, groups.length); });
      all('input,textarea,select', copy).forEach(function (field) {
        field.removeAttribute('aria-invalid');
        if (ticks(field)) { field.checked = field.defaultChecked = false; }
        else if (field.tagName === 'SELECT') { field.selectedIndex = 0; }
        else if (field.type !== 'hidden') { field.value = field.defaultValue = ''; }
      });
      last.parentNode.insertBefore(copy, last.nextSibling);
      all('textarea[data-count][maxlength]', copy).forEach(count);
      var first = copy.querySelector('input:not([type="hidden"]),select,textarea');
      if (first) { first.focus(); }
    });
  });

  // -- after an error or a refusal, begin there
  var summary = document.querySelector('.error-summary,.refusal');
  if (summary) { summary.setAttribute('tabindex', '-1'); summary.focus(); }
})();
