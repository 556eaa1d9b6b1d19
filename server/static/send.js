// 准绳 Zhunsheng: sends a citizen's form over a line that drops, ES2015, loaded with `defer` by the pages that have such a form. Without it the form is
// sent as every form is; the key in it makes sure that what comes twice is filed once.
//   form[data-send]      sent in the background and kept on the page until there is an answer; tried again when the line is back
//   button[data-plain]   is sent as every form is
// A photograph is made smaller first: a village's line carries a tenth of it, and where it was taken does not go along.
(function () {
  'use strict';
  var SIDE = 1600; // the longer side of a photograph
  var LEGIBLE = 1000; // the shorter side of a long screenshot stays as wide as this
  var QUALITY = 0.8;
  var WAITS = [2, 4, 8, 15, 30]; // seconds; the last one again and again
  if (!window.fetch || !window.FormData || !window.Promise) { return; }

  // Read without an address of its own: the policy of our pages lets none in.
  function smaller(file) {
    if (['image/jpeg', 'image/png'].indexOf(file.type) < 0 || !window.createImageBitmap) { return Promise.resolve(file); }
    return window.createImageBitmap(file).then(function (picture) {
      var long = Math.max(picture.width, picture.height);
      var short = Math.min(picture.width, picture.height);
      var scale = Math.min(1, Math.max(SIDE / long, LEGIBLE / short));
      var canvas = document.createElement('canvas');
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      var pen = canvas.getContext('2d');
      if (!pen || !canvas.toBlob) { return file; }
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      if (picture.close) { picture.close(); }
      return new Promise(function (done) {
        canvas.toBlob(function (made) {
          done(made ? new File([made], file.name.replace(/\.[a-z]+$/i, '') + '.jpg', { type: 'image/jpeg' }) : file);
        }, 'image/jpeg', QUALITY);
      });
    }).catch(function () { return file; });
  }

  // Once per form: the same bytes go out each time, so that the server knows them again.
  function packed(form) {
    var body = new FormData();
    var waits = [];
    Array.prototype.forEach.call(form.elements, function (field) {
      if (!field.name || field.disabled || field.tagName === 'BUTTON') { return; }
      if (field.type === 'file') {
        Array.prototype.forEach.call(field.files, function (file) {
          waits.push(smaller(file).then(function (made) { return [field.name, made]; }));
        });
      } else if ((field.type !== 'radio' && field.type !== 'checkbox') || field.checked) {
        body.append(field.name, field.value);
      }
    });
    return Promise.all(waits).then(function (files) {
      files.forEach(function (pair) { body.append(pair[0], pair[1], pair[1].name); });
      return body;
    });
  }

  // What was sent without an answer keeps its key, also if the page is opened anew; another text, perhaps of another person, never gets it.
  var store = null;
  try { store = window.sessionStorage; } catch (e) { store = null; }
  function slot(form) { return 'zs-key:' + form.getAttribute('data-draft'); }

  // FNV-1a from two beginnings, over what was typed and the name and size of each file. It tells texts apart, it keeps no secret.
  function told(body) {
    var one = 0x811c9dc5;
    var two = 0x9e3779b9;
    var lines = [];
    body.forEach(function (value, name) {
      if (name === 'key' || name === '_token') { return; }
      lines.push(name + '=' + (typeof value === 'string' ? value : value.name + ':' + value.size));
    });
    var text = lines.join('\n');
    for (var i = 0; i < text.length; i += 1) {
      one = Math.imul(one ^ text.charCodeAt(i), 0x01000193) >>> 0;
      two = Math.imul(two ^ text.charCodeAt(i), 0x01000193) >>> 0;
    }
    return one.toString(16) + '-' + two.toString(16) + '-' + text.length;
  }
  function keep(form, body) {
    if (!store) { return; }
    var hash = told(body);
    var before = (store.getItem(slot(form)) || '').split(' ');
    if (before.length === 2 && before[1] === hash) {
      form.elements.key.value = before[0];
      body.set('key', before[0]);
    }
    try { store.setItem(slot(form), form.elements.key.value + ' ' + hash); } catch (e) { /* full: this page still has it */ }
  }

  // Only a receipt ends what was typed; what people type stands escaped and is never this mark.
  function show(form, html) {
    if (store && html.indexOf('<div class="answer" role="status" data-receipt>') >= 0) {
      store.removeItem(slot(form));
      store.setItem('zs-sent', 'zs-draft:' + form.getAttribute('data-draft'));
    }
    document.open();
    document.write(html);
    document.close();
    window.scrollTo(0, 0);
  }

  var LATER = [429, 500, 502, 503, 504]; // it has to come again, as after a line that dropped
  var OFFLINE = '网络断了，没有发出去。填的都在，请不要关掉这一页；网络好了会自动再发，只会登记一次。';
  var BUSY = '平台现在忙，还没有收下。填的都在，请不要关掉这一页；会自动再发，只会登记一次。';
  var SAID = {
    403: '这一页放得太久，没有收下。请刷新这一页再提交；填的文字会留着，照片要重新选。',
    409: '没有登记：内容和刚才的不一样，或者已经变化。请核对后刷新这一页再提交；填的文字会留着。',
    413: '照片（文件）太大，没有收下。请少选几张再提交；填的都在。'
  };
  var ELSE = '没有收下。填的都在，请核对后再提交；还是不行，请打电话或者到窗口办理。';

  function send(form, body) {
    var status = form.querySelector('[data-line]') || form.appendChild(document.createElement('div'));
    var tries = 0;
    var again = 0;
    status.setAttribute('data-line', '');
    status.setAttribute('role', 'status');
    function say(sentence) {
      status.className = 'flash flash-warn';
      status.textContent = sentence;
      status.scrollIntoView({ block: 'nearest' });
    }
    function later(sentence) {
      var wait = WAITS[Math.min(tries, WAITS.length - 1)];
      tries += 1;
      say(sentence);
      again = window.setTimeout(attempt, wait * 1000);
      window.addEventListener('online', attempt);
    }
    function attempt() {
      window.clearTimeout(again);
      window.removeEventListener('online', attempt);
      status.className = '';
      status.textContent = '正在发送…';
      window.fetch(form.action, { method: 'POST', body: body, credentials: 'same-origin' }).then(function (answer) {
        return answer.text().then(function (html) { return [answer.status, html]; });
      }).then(function (pair) {
        if (LATER.indexOf(pair[0]) >= 0) { later(BUSY); return; }
        if (pair[0] !== 200 && pair[0] !== 422) {
          form.removeAttribute('data-sending');
          say(SAID[pair[0]] || ELSE);
          return;
        }
        form.removeAttribute('data-dirty');
        show(form, pair[1]);
      }, function () { later(OFFLINE); });
    }
    keep(form, body);
    attempt();
  }

  // One question at a time, for whoever wants it: the same form, a part of it shown; nothing is sent in between. In large type it begins so.
  function inSteps(form) {
    var pages = [];
    var last = [];
    var actions = null;
    Array.prototype.forEach.call(form.children, function (part) {
      if (part.classList.contains('actions')) { actions = part; return; }
      if (part.tagName === 'DETAILS' || part.querySelector('input[type="file"]')) { last.push(part); return; }
      if (part.classList.contains('field') || part.tagName === 'FIELDSET') { pages.push([part]); }
    });
    if (last.length) { pages.push(last); }
    if (pages.length < 3 || !actions || form.querySelector('.error-summary')) { return; }
    var at = -1;
    var bar = document.createElement('div');
    bar.className = 'actions';
    function button(text, look, press) {
      var made = document.createElement('button');
      made.type = 'button';
      made.setAttribute('data-made', '');
      made.className = 'btn ' + look;
      made.textContent = text;
      made.addEventListener('click', press);
      return bar.appendChild(made);
    }
    var said = document.createElement('p');
    said.setAttribute('role', 'status');
    said.className = 'quiet';
    var next = button('下一步', 'btn-big', function () { if (answered()) { show(at + 1); } });
    var back = button('上一步', 'btn-plain', function () { show(at - 1); });
    var whole = button('一页显示全部', 'btn-link', function () { show(-1); });
    var begin = button('一步一步填（一次一个问题）', 'btn-plain', function () { show(0); });
    function lacking(part) {
      var label = part.querySelector('.req');
      if (!label) { return false; }
      return !Array.prototype.some.call(part.querySelectorAll('input, select, textarea'), function (field) {
        return field.type === 'radio' || field.type === 'checkbox' ? field.checked : field.value.trim() !== '';
      });
    }
    // Only what is needed and empty is named here; whether it is right is asked when it is sent.
    function answered() {
      var wrong = null;
      pages[at].forEach(function (part) {
        var asked = part.tagName === 'FIELDSET' && part.classList.contains('group') ? part.querySelectorAll('.field') : [part];
        Array.prototype.forEach.call(asked, function (field) {
          var old = field.querySelector('[data-step-error]');
          if (old) { old.parentNode.removeChild(old); }
          field.classList.remove('field-bad');
          if (!lacking(field)) { return; }
          var error = document.createElement('p');
          error.className = 'error';
          error.setAttribute('data-step-error', '');
          error.setAttribute('role', 'alert');
          error.textContent = '这一项要填。';
          var head = field.querySelector('legend, .label');
          head.parentNode.insertBefore(error, head.nextSibling);
          field.classList.add('field-bad');
          wrong = wrong || field;
        });
      });
      var input = wrong && wrong.querySelector('input, select, textarea');
      if (input) { input.focus(); }
      return !wrong;
    }
    function show(page) {
      at = page;
      pages.forEach(function (parts, n) {
        parts.forEach(function (part) { part.hidden = at >= 0 && n !== at; });
      });
      // A draft can be saved halfway; only what files the form waits for the last page.
      Array.prototype.forEach.call(actions.querySelectorAll('button:not([data-plain])'), function (made) {
        made.hidden = at >= 0 && at < pages.length - 1;
      });
      begin.hidden = at >= 0;
      whole.hidden = at < 0;
      back.hidden = at < 1;
      next.hidden = at < 0 || at === pages.length - 1;
      said.textContent = at < 0 ? '' : '第 ' + (at + 1) + ' 步，共 ' + pages.length + ' 步';
      if (at < 0) {
        form.insertBefore(bar, pages[0][0]);
      } else {
        form.insertBefore(said, pages[0][0]);
        form.appendChild(bar);
        pages[at][0].setAttribute('tabindex', '-1');
        pages[at][0].focus({ preventScroll: true });
        said.scrollIntoView({ block: 'start' });
      }
    }
    // While it is typed, not when the field is left: what moves then moves the button away under the finger.
    form.addEventListener('input', function (event) {
      var field = event.target.closest && event.target.closest('.field-bad');
      var old = field && field.querySelector('[data-step-error]');
      if (!old || lacking(field)) { return; }
      old.parentNode.removeChild(old);
      field.classList.remove('field-bad');
    });
    // The enter key goes on as the button does.
    form.addEventListener('submit', function (event) {
      if (at < 0 || at === pages.length - 1 || (event.submitter && event.submitter.hasAttribute('data-plain'))) { return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (answered()) { show(at + 1); }
    });
    show(document.documentElement.classList.contains('elder') ? 0 : -1);
  }
  Array.prototype.forEach.call(document.querySelectorAll('form[data-send]'), inSteps);

  Array.prototype.forEach.call(document.querySelectorAll('form[data-send]'), function (form) {
    form.addEventListener('submit', function (event) {
      var button = event.submitter;
      if (button && button.hasAttribute('data-plain')) { return; }
      event.preventDefault();
      if (form.hasAttribute('data-sending')) { return; }
      form.setAttribute('data-sending', '');
      packed(form).then(function (body) { send(form, body); }).catch(function () { form.submit(); });
    });
  });
})();
