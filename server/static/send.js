// 准绳 Zhunsheng: sends a citizen's form over a line that drops, ES2015, loaded with `defer` by the pages that have such a form. Without it the form is
// sent as every form is; the key in it makes sure that what comes twice is filed once.
//   form[data-send]      sent in the background and kept on the page until there is an answer; tried again when the line is back
//   button[data-plain]   is sent as every form is
// A photograph is made smaller first: a village's line carries a tenth of it, and where it was taken does not go along.
(function () {
  'use strict';
  var SIDE = 1600;
  var QUALITY = 0.8;
  var WAITS = [2, 4, 8, 15, 30]; // seconds; the last one again and again
  if (!window.fetch || !window.FormData || !window.Promise) { return; }

  function smaller(file) {
    return new Promise(function (done) {
      var keep = function () { done(file); };
      if (['image/jpeg', 'image/png'].indexOf(file.type) < 0) { keep(); return; }
      var picture = new Image();
      var address = URL.createObjectURL(file);
      picture.onerror = function () { URL.revokeObjectURL(address); keep(); };
      picture.onload = function () {
        URL.revokeObjectURL(address);
        var scale = Math.min(1, SIDE / Math.max(picture.naturalWidth, picture.naturalHeight));
        var canvas = document.createElement('canvas');
        canvas.width = Math.max(1, Math.round(picture.naturalWidth * scale));
        canvas.height = Math.max(1, Math.round(picture.naturalHeight * scale));
        var pen = canvas.getContext('2d');
        if (!pen || !canvas.toBlob) { keep(); return; }
        pen.fillStyle = '#fff';
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(function (made) {
          done(made ? new File([made], file.name.replace(/\.[a-z]+$/i, '') + '.jpg', { type: 'image/jpeg' }) : file);
        }, 'image/jpeg', QUALITY);
      };
      picture.src = address;
    });
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

  // What was sent without an answer keeps its key, also if the page is opened anew.
  var store = null;
  try { store = window.sessionStorage; } catch (e) { store = null; }
  function slot(form) { return 'zs-key:' + form.getAttribute('data-draft'); }

  function show(form, html) {
    if (store) {
      store.removeItem(slot(form));
      store.setItem('zs-sent', 'zs-draft:' + form.getAttribute('data-draft'));
    }
    document.open();
    document.write(html);
    document.close();
    window.scrollTo(0, 0);
  }

  function send(form, body) {
    var status = form.querySelector('[data-line]') || form.appendChild(document.createElement('div'));
    var tries = 0;
    var again = 0;
    status.setAttribute('data-line', '');
    status.setAttribute('role', 'status');
    function attempt() {
      window.clearTimeout(again);
      window.removeEventListener('online', attempt);
      status.className = '';
      status.textContent = '正在发送…';
      if (store) { store.setItem(slot(form), form.elements.key.value); }
      window.fetch(form.action, { method: 'POST', body: body, credentials: 'same-origin' }).then(function (answer) {
        // Too often, or we cannot write just now: it has to come again, as after a line that dropped.
        if (answer.status === 429 || answer.status === 503) { throw new Error('later'); }
        return answer.text();
      }).then(function (html) {
        form.removeAttribute('data-dirty');
        show(form, html);
      }).catch(function () {
        var wait = WAITS[Math.min(tries, WAITS.length - 1)];
        tries += 1;
        status.className = 'flash flash-warn';
        status.textContent = '网络断了，没有发出去。填的都在，请不要关掉这一页；网络好了会自动再发，只会登记一次。';
        status.scrollIntoView({ block: 'nearest' });
        again = window.setTimeout(attempt, wait * 1000);
        window.addEventListener('online', attempt);
      });
    }
    attempt();
  }

  Array.prototype.forEach.call(document.querySelectorAll('form[data-send]'), function (form) {
    var before = store && store.getItem(slot(form));
    if (before) { form.elements.key.value = before; }
    form.addEventListener('submit', function (event) {
      var button = event.submitter;
      if (button && button.hasAttribute('data-plain')) { return; }
      event.preventDefault();
      if (form.hasAttribute('data-sending')) { return; }
      form.setAttribute('data-sending', '');
      packed(form).then(function (body) { send(form, body); });
    });
  });
})();
