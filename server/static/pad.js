// 准绳 Zhunsheng: signing on the screen, ES2015, loaded with `defer` by the steps that take such signatures. Without it nothing is shown, and people sign
// on paper.
//   [data-pad="name"]   shown here; what is written goes as a PNG, named by who signed and when, into the file input of this name
(function () {
  'use strict';
  if (!window.DataTransfer || !window.PointerEvent || !HTMLCanvasElement.prototype.toBlob) { return; }

  function stamp() {
    var now = new Date();
    var two = function (n) { return (n < 10 ? '0' : '') + n; };
    return now.getFullYear() + '-' + two(now.getMonth() + 1) + '-' + two(now.getDate()) + ' ' + two(now.getHours()) + two(now.getMinutes()) + two(now.getSeconds());
  }

  function begin(box) {
    var form = box.form || box.closest('form');
    var input = form.querySelector('input[type="file"][name="' + box.getAttribute('data-pad') + '"]');
    var sheet = box.querySelector('canvas');
    var who = box.querySelector('[data-signer]');
    var list = box.querySelector('[data-pad-list]');
    var said = box.querySelector('[data-pad-said]');
    var pen = sheet.getContext('2d');
    var kept = new window.DataTransfer();
    var strokes = 0;
    var last = null;
    if (!input || !pen) { return; }

    function clear() {
      strokes = 0;
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, sheet.width, sheet.height);
    }
    function at(event) {
      var frame = sheet.getBoundingClientRect();
      return [(event.clientX - frame.left) * sheet.width / frame.width, (event.clientY - frame.top) * sheet.height / frame.height];
    }
    sheet.addEventListener('pointerdown', function (event) {
      event.preventDefault();
      if (sheet.setPointerCapture) { try { sheet.setPointerCapture(event.pointerId); } catch (e) { /* a pointer that is gone */ } }
      last = at(event);
    });
    sheet.addEventListener('pointermove', function (event) {
      if (!last) { return; }
      var next = at(event);
      pen.strokeStyle = '#111';
      pen.lineWidth = 5;
      pen.lineCap = 'round';
      pen.beginPath();
      pen.moveTo(last[0], last[1]);
      pen.lineTo(next[0], next[1]);
      pen.stroke();
      last = next;
      strokes += 1;
    });
    ['pointerup', 'pointercancel', 'pointerleave'].forEach(function (name) {
      sheet.addEventListener(name, function () { last = null; });
    });

    // What came with an earlier try is named beside the input and counts as well, unless it was unticked.
    function names() {
      var sent = input.parentNode.querySelectorAll('input[name="kept"][data-name]:checked');
      return Array.prototype.map.call(kept.files, function (file) { return file.name; })
        .concat(Array.prototype.map.call(sent, function (box) { return box.getAttribute('data-name'); }));
    }
    // Who has signed stands in the list; whoever signs again takes the place of what was there.
    function show() {
      input.files = kept.files;
      list.textContent = '';
      Array.prototype.forEach.call(kept.files, function (file) {
        var line = document.createElement('li');
        line.textContent = file.name.replace(/\.png$/, '') + ' 已签';
        list.appendChild(line);
      });
      var left = Array.prototype.filter.call(who.options, function (option) {
        return option.value && !names().some(function (name) { return name.indexOf(option.value + ' ') === 0; });
      });
      var lacking = left.map(function (option) { return option.value; });
      said.textContent = left.length ? '还有 ' + left.length + ' 人没有签：' + lacking.join('、') + '。' : '都签了。';
      who.value = left.length ? left[0].value : '';
    }
    box.querySelector('[data-pad-clear]').addEventListener('click', clear);
    box.querySelector('[data-pad-keep]').addEventListener('click', function () {
      if (!who.value) { said.textContent = '请先选谁来签。'; who.focus(); return; }
      if (strokes < 5) { said.textContent = '还没有写，请在框里写姓名。'; return; }
      var name = who.value;
      sheet.toBlob(function (picture) {
        if (!picture) { said.textContent = '没有存下来，请在纸上签。'; return; }
        for (var i = kept.items.length - 1; i >= 0; i -= 1) {
          if (kept.files[i].name.indexOf(name + ' ') === 0) { kept.items.remove(i); }
        }
        kept.items.add(new File([picture], name + ' ' + stamp() + '.png', { type: 'image/png' }));
        var way = form.querySelector('[name="f.sign_way"]');
        if (way && way.tagName === 'SELECT') { way.value = 'screen'; }
        Array.prototype.forEach.call(form.querySelectorAll('input[type="radio"][name="f.sign_way"][value="screen"]'), function (choice) { choice.checked = true; });
        clear();
        show();
      }, 'image/png');
    });
    input.parentNode.addEventListener('change', function (event) { if (event.target.name === 'kept') { show(); } });
    clear();
    show();
    box.hidden = false;
  }

  Array.prototype.forEach.call(document.querySelectorAll('[data-pad]'), begin);
})();
