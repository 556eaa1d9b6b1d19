#!/usr/bin/env python3
"""A second verifier of the record of a county, written from docs/record-format.md alone.

It shares no code with the program: only Python's standard library, and the openssl command for SM2 and Ed25519.

    verify.py export DIR [--key KEY]…      an export: every leaf, both trees, both signatures, every file
    verify.py log PLACE --key KEY…         a published log (tlog-tiles), at an address or in a folder: every leaf, every tile
    verify.py receipt FILE --key KEY…      one receipt
    verify.py proofs FILE                  bare proofs, one a line; prints for each 1 (holds), or 0 and why
    verify.py selftest                     the hashes of this machine against the examples of the standards

KEY is `name+id+base64` or a file with it, of SM2 or Ed25519; one of each may be given. For all three: `--witness KEY`, as often as
wanted, demands the cosignature of a witness, of an export also a time stamp if it is a file of certificates (PEM); `--checkpoint FILE`, of
an export or a log, a checkpoint that was kept: the record must continue it. Exit code: 0 holds, 1 does not, 2 called wrongly.
"""
import base64
import calendar
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

class Wrong(Exception):
    """The first thing that is wrong."""

def need(condition, sentence):
    if not condition:
        raise Wrong(sentence)

def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()

# hashes: SM3 of GB/T 32905-2016 by hand, for an OpenSSL without it
def sm3_by_hand(data):
    def rot(x, n):
        n %= 32
        return (x << n | x >> (32 - n)) & 0xFFFFFFFF
    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[start + i:start + i + 4], "big") for i in range(0, 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rot(w[j - 3], 15)
            w.append(x ^ rot(x, 15) ^ rot(x, 23) ^ rot(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = rot((rot(a, 12) + e + rot(t, j)) & 0xFFFFFFFF, 7)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & g
            tt1 = (ff + d + (ss1 ^ rot(a, 12)) + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
            tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
            a, b, c, d, e, f, g, h = tt1, a, rot(b, 9), c, tt2 ^ rot(tt2, 9) ^ rot(tt2, 17), e, rot(f, 19), g
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v)

def sm3_of(data):
    return hashlib.new("sm3", data).digest() if SM3_IS_HERE else sm3_by_hand(data)

SM3_IS_HERE = "sm3" in hashlib.algorithms_available
SUITES = ("sm3", "sha256")
OTHER = {"sm3": "sha256", "sha256": "sm3"}

def digest(suite, *parts):
    data = b"".join(parts)
    return sm3_of(data) if suite == "sm3" else hashlib.sha256(data).digest()

def sha(*parts):
    return digest("sha256", *parts)

def selftest():
    for text, sm3, sha256 in (("abc", "66c7f0f4…e0", "ba7816bf…ad"), ("abcd" * 16, "debe9ff9…32", None)):
        found = [sm3_by_hand(text.encode()), sm3_of(text.encode()), sha(text.encode())]
        for wanted, hashed in zip((sm3, sm3, sha256), found):
            start, end = (wanted or "…").split("…")
            need(hashed.hex().startswith(start) and hashed.hex().endswith(end), f"杂凑算法不对：{text}")
    for length in range(200):
        need(sm3_of(bytes(length)) == sm3_by_hand(bytes(length)), "两种 SM3 不一致")
    return "杂凑算法正确" + ("" if SM3_IS_HERE else "（OpenSSL 没有 SM3，用自带的，较慢）")

def unbase64(text, what):
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text, f"{what}不是规范的 Base64")
    return raw

# CBOR, as far as entries use it: definite lengths, shortest integers
def cbor(data):
    item, at = cbor_item(data, 0, 0)
    need(at == len(data), "CBOR 之后还有字节")
    return item

def cbor_item(data, at, depth):
    need(at < len(data) and depth < 32, "CBOR 不完整或过深")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        need(info in (20, 21, 22), "CBOR 中有未用的类型")
        return {20: False, 21: True, 22: None}[info], at
    if info < 24:
        value = info
    else:
        need(info <= 27, "CBOR 的长度不定")
        width = 1 << (info - 24)
        raw = data[at:at + width]
        need(len(raw) == width, "CBOR 不完整")
        value, at = int.from_bytes(raw, "big"), at + width
        need(value >= (24 if width == 1 else 1 << (4 * width)), "CBOR 的整数不是最短写法")
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major in (2, 3):
        raw = bytes(data[at:at + value])
        need(len(raw) == value, "CBOR 不完整")
        return (raw if major == 2 else raw.decode("utf-8")), at + value
    need(major == 4, "CBOR 中有未用的类型")
    items = []
    for _ in range(value):
        item, at = cbor_item(data, at, depth + 1)
        items.append(item)
    return items, at

# entries and leaves
def commitment(position, salt, value):
    """SHA-256, then SM3."""
    data = b"".join((b"zhunsheng/1", position.to_bytes(4, "big"), bytes([len(salt)]), salt, value))
    return digest("sha256", data) + digest("sm3", data)

def leaf_of(entry, salt, commitments):
    every = [commitment(0, salt, entry), *commitments]
    need(all(len(part) == 64 for part in every), "承诺值不是六十四字节")
    return b"\x01" + digest("sha256", *(c[:32] for c in every)) + digest("sm3", *(c[32:] for c in every))

def leaf_hash(suite, leaf):
    return digest(suite, b"\x00", leaf)

def read_entry(entry, seq, sealed_count):
    fields = cbor(entry)
    need(isinstance(fields, list) and len(fields) == 10 and fields[0] == 1, "不是格式 1 的记录项")
    need(len(fields[8]) == sealed_count, "密封内容与记录不一致")
    need((fields[4][0] == 3) == (seq == 0), "第 0 项、也只有第 0 项由设立者作出")
    return fields

# the trees
def node(suite, left, right):
    return digest(suite, b"\x01", left, right)

def root_of(suite, hashes):
    """MTH over leaf hashes, level by level: an odd last node goes up unchanged."""
    if not hashes:
        return digest(suite)
    row = list(hashes)
    while len(row) > 1:
        up = [node(suite, row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = up + row[len(row) & ~1:]
    return row[0]

def inclusion_wrong(suite, index, size, leaf, proof, root):
    """Why it does not hold, in a word; None if it does."""
    if index >= size:
        return "beyond"
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return "length"
        if fn & 1 or fn == sn:
            r = node(suite, p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(suite, r, p)
        fn, sn = fn >> 1, sn >> 1
    return "length" if sn else None if r == root else "root"

def consistency_wrong(suite, old, old_root, size, root, proof):
    if old > size:
        return "shrunk"
    if old == size and old_root != root:
        return "fork"
    if old == 0 and old_root != digest(suite):
        return "root"
    if old in (0, size):
        return "length" if proof else None
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return "length"
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return "length"
        if fn & 1 or fn == sn:
            fr, sr = node(suite, c, fr), node(suite, c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(suite, sr, c)
        fn, sn = fn >> 1, sn >> 1
    return "length" if sn else None if fr == old_root and sr == root else "root"

# checkpoints
ALGORITHM = {"sm3": b"\xff1.2.156.10197.1.501", "sha256": b"\x01"}

def written_key(text):
    parts = (read_bytes(text).decode() if os.path.isfile(text) else text).strip().split("+", 2)
    need(len(parts) == 3, "公钥的格式不对")
    return parts[0], parts[1], unbase64(parts[2], "公钥")

def read_witness(text):
    name, key_id, raw = written_key(text)
    need(len(raw) == 33 and raw[0] == 4, "不是存证单位的公钥")
    need(sha(name.encode(), b"\n", raw)[:4].hex() == key_id, "公钥的编号不对")
    return name, bytes.fromhex(key_id), raw[1:]

def read_key(text):
    name, key_id, raw = written_key(text)
    suite = next((suite for suite in SUITES if raw.startswith(ALGORITHM[suite])), None)
    need(suite, "公钥既不是 SM2 也不是 Ed25519")
    need(digest(suite, name.encode(), b"\n", raw)[:4].hex() == key_id, "公钥的编号不对")
    public = raw[len(ALGORITHM[suite]):]
    need(len(public) == 32 if suite == "sha256" else len(public) == 65 and public[0] == 4, "公钥的长度不对")
    return suite, (name, bytes.fromhex(key_id), public)

def der_integer(raw):
    raw = raw.lstrip(b"\0") or b"\0"
    raw = b"\0" + raw if raw[0] & 128 else raw
    return b"\x02" + bytes([len(raw)]) + raw

def openssl(*words, folder=None):
    try:
        return subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        raise Wrong("签名和时间戳要用 openssl 命令（3.0 或以上）核验，本机没有，请先安装") from None

def signature_holds(suite, public, message, signature):
    if len(signature) != 64:
        return False
    if suite == "sm3":  # r and s in a SEQUENCE; the public key as SubjectPublicKeyInfo
        der = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200") + public
        body = der_integer(signature[:32]) + der_integer(signature[32:])
        signature = b"\x30" + bytes([len(body)]) + body
        more = ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
    else:
        der, more = bytes.fromhex("302a300506032b6570032100") + public, []
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der) + b"\n-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("key", pem), ("message", message), ("signature", signature)):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        words = "pkeyutl -verify -pubin -inkey key -rawin -in message -sigfile signature".split()
        return openssl(*words, *more, folder=folder).returncode == 0

def note_parts(note):
    """The signed text; the signature lines: signer, key id, signature."""
    need(note.endswith("\n") and "\n\n" in note, "检查点的格式不对")
    text, lines = note.rsplit("\n\n", 1)
    found = []
    for line in lines.splitlines():
        need(line.startswith("— ") and line.count(" ") == 2, "检查点的格式不对")
        _, signer, signature = line.split(" ")
        raw = unbase64(signature, "签名")
        found.append((signer, raw[:4], raw[4:]))
    return text + "\n", found

def open_checkpoint(suite, note, key):
    """Size and both roots; without a key, whatever it says."""
    text, lines = note_parts(note)
    found = [signature for signer, key_id, signature in lines if key and (signer, key_id) == key[:2]]
    origin, size, root, *more = text.split("\n")
    if key:
        need(len(found) == 1 and origin == key[0], "检查点没有这把公钥的签名")
        need(signature_holds(suite, key[2], text.encode(), found[0]), "检查点的签名不对")
    need(str(int(size)) == size, "检查点的格式不对")
    other = [line.split(" ")[1] for line in more if line.startswith(OTHER[suite] + " ")]
    need(other, "检查点没有说另一棵树的根")
    return int(size), {suite: unbase64(root, "树根"), OTHER[suite]: unbase64(other[0], "树根")}

def time_text(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds + 8 * 3600))

def check_witnesses(notes, witnesses):
    """What each witness signed, of these notes the last one that bears its line (cosignature/v1)."""
    said = ""
    for name, key_id, public in witnesses:
        found = [(text, s) for text, lines in map(note_parts, notes) for signer, i, s in lines if (signer, i) == (name, key_id)]
        need(found, f"没有 {name} 的共签")
        text, raw = found[-1]
        need(len([s for t, s in found if t == text]) == 1, f"{name} 的共签有两行")
        seconds = int.from_bytes(raw[:8], "big")
        message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
        right = len(raw) == 72 and seconds < 1 << 63 and signature_holds("sha256", public, message, raw[8:])
        need(right, f"{name} 的共签不对")
        need(seconds <= time.time() + 300, f"{name} 的共签时间在将来")
        said += f"；{name} 共签到 {text.splitlines()[1]} 项（{time_text(seconds)}）"
    return said

def check_stamps(folder, sizes, certificates):
    """Under each file of certificates one token (RFC 3161) must hold over the note beside it; the last one that does is told."""
    said = ""
    for pem in certificates:
        for n in range(len(sizes), 0, -1):
            note = os.path.join(folder, f"stamped/{n}")
            token = ["-in", note + ".tst", "-token_in"]
            text = openssl("ts", "-reply", *token, "-token_out", "-text").stdout.decode(errors="replace")
            found = re.search(r"^Time stamp: (\w+ +\d+ [\d:]+)(?:\.\d+)?( \d+) GMT$", text, re.MULTILINE)
            seconds = calendar.timegm(time.strptime(found[1] + found[2], "%b %d %H:%M:%S %Y")) if found else 0
            trusted = ["-CAfile", pem, "-partial_chain", "-attime", str(seconds)]
            held = found and "Hash Algorithm: sha256\n" in text
            if held and openssl("ts", "-verify", "-data", note, *token, *trusted).returncode == 0:
                break
        else:
            raise Wrong(f"没有证书 {pem} 的时间戳，或者时间戳不对")
        need(seconds <= time.time() + 300, f"证书 {pem} 的时间戳时间在将来")
        said += f"；可信时间戳（{pem}）盖到 {sizes[n - 1]} 项（{time_text(seconds)}）"
    return said

def check_kept(note, keys, hashes):
    """A checkpoint kept elsewhere: the record must begin with what it says."""
    suite = next((s for s in keys if note.startswith(keys[s][0] + "\n")), None)
    need(suite, "另存的检查点不是这两把公钥的")
    size, roots = open_checkpoint(suite, note, keys[suite])
    need(size <= len(hashes[suite]), f"另存的检查点来自将来：它签到 {size} 项")
    right = all(root_of(s, hashes[s][:size]) == roots[s] for s in SUITES)
    need(right, f"前 {size} 项与另存的检查点不一致：分叉，或者此后记录被改写")

def open_both(notes, keys):
    sizes, roots = zip(*(open_checkpoint(suite, notes[suite], keys.get(suite)) for suite in SUITES))
    need(sizes[0] == sizes[1] and roots[0] == roots[1], "两个检查点说的不是同一份记录")
    return sizes[0], roots[0]

# exports
def numbered(index):
    groups = [group.zfill(3) for group in f"{index:,}".split(",")]
    return "/".join(["x" + group for group in groups[:-1]] + groups[-1:])

def tiles(suite, leaf_hashes):
    """Every tile of a tree: path and bytes."""
    level, row = 0, leaf_hashes
    while row:
        for index in range(0, len(row), 256):
            part = row[index:index + 256]
            edge = "" if len(part) == 256 else f".p/{len(part)}"
            yield f"tile/{level}/{numbered(index // 256)}{edge}", b"".join(part)
        row = [root_of(suite, row[i:i + 256]) for i in range(0, len(row) - 255, 256)]
        level += 1

def law_in_force(text, read):
    """From which entry on which digest of the law holds."""
    adopted, newest, law = {}, {}, []
    for line in map(json.loads, text.splitlines()):
        need(sha(read(f"law/{line['sha256']}")).hex() == line["sha256"], "法规文件与摘要不符")
        adopted.setdefault(line["seq"], []).append(line)
    for seq in sorted(adopted):
        newest.update((line["path"], line["sha256"]) for line in adopted[seq])
        law.append((seq, sha("".join(f"{newest[p]} {p}\n" for p in sorted(newest, key=str.encode)).encode())))
    return law

PLACE = {"sm3": "sm3/", "sha256": ""}

def bottom_of(size):
    """N, or N.p/W, of every tile of the lowest level."""
    return [numbered(i) + (f".p/{size % 256}" if size < 256 * (i + 1) else "") for i in range(-(-size // 256))]

def check_export(folder, keys, witnesses, certificates, kept):
    def read(path):
        need(os.path.isfile(os.path.join(folder, path)), f"导出不完整：缺少 {path}")
        return read_bytes(os.path.join(folder, path))

    manifest = json.loads(read("manifest.json"))
    need(manifest["format"] == 1, "不认识的格式")
    size, first = manifest["size"], manifest["from"]
    own = dict(read_key(read(PLACE[suite] + "key").decode()) for suite in SUITES)
    need(len(own) == 2, "导出的两把公钥是同一种")
    signed, roots = open_both({s: read(PLACE[s] + "checkpoint").decode() for s in SUITES}, {**own, **keys})
    need(signed == size, f"检查点签到 {signed} 项，导出有 {size} 项")
    hashes = {}
    for suite in SUITES:
        raw = b"".join(read(f"{PLACE[suite]}tile/0/{path}") for path in bottom_of(size))
        hashes[suite] = [raw[i:i + 32] for i in range(0, len(raw), 32)]
        right = len(hashes[suite]) == size and root_of(suite, hashes[suite]) == roots[suite]
        need(right, f"叶子算出的树根与检查点不同（{suite}）")
        for path, content in tiles(suite, hashes[suite]):
            need(read(PLACE[suite] + path) == content, f"树的文件 {PLACE[suite]}{path} 与叶子不一致")
    law = law_in_force(read("law/index.jsonl").decode(), read)
    bundle, lines = None, iter(())
    for seq in range(first, size):
        if bundle != seq // 256:
            bundle = seq // 256
            lines = iter(read(f"entries/{numbered(bundle)}.jsonl").decode().splitlines())
        line = json.loads(next(lines, "{}"))
        need(line.get("seq") == seq, f"导出不完整：缺少记录项 {seq}")
        try:
            entry, salt = unbase64(line["entry"], "entry"), unbase64(line["salt"], "salt")
            sealed = [unbase64(part["commitment"], "commitment") if "commitment" in part else
                      commitment(at, unbase64(part["salt"], "salt"), part["value"].encode())
                      for at, part in enumerate(line["sealed"], 1)]
            fields = read_entry(entry, seq, len(sealed))
            leaf = leaf_of(entry, salt, sealed)
            need(all(leaf_hash(s, leaf) == hashes[s][seq] for s in SUITES), "内容与其叶子不一致")
            need(fields[9] == [[digest for since, digest in law if since <= seq][-1]], "法规定义不符")
        except Wrong as wrong:
            raise Wrong(f"记录项 {seq}：{wrong}") from None
    listed = {part["path"]: part for part in manifest["files"]}
    for path, part in listed.items():
        content = read(path)
        need(len(content) == part["bytes"] and all(digest(s, content).hex() == part[s] for s in SUITES),
             f"文件 {path} 与清单不符")
    for path in (os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names):
        need(path == "manifest.json" or path in listed, f"文件 {path} 不在清单中")
    if kept:
        check_kept(kept, {**own, **keys}, hashes)
    count = {part: sum(path.startswith(part + "/") for path in listed) for part in ("cosigned", "stamped")}
    notes = [read(f"cosigned/{n}").decode() for n in range(1, 1 + count["cosigned"])]
    stamped, sizes = [read(f"stamped/{n}").decode() for n in range(1, 1 + count["stamped"] // 2)], []
    for note in notes + stamped:
        covers, said = open_checkpoint("sha256", note, {**own, **keys}["sha256"])
        need(covers <= size and all(root_of(s, hashes[s][:covers]) == said[s] for s in SUITES),
             f"存证单位共签的检查点（{covers} 项）与这里的记录树根不同")
        sizes.append(covers)
    said = check_witnesses(notes, witnesses) + check_stamps(folder, sizes[len(notes):], certificates)
    return (f"导出成立：{own['sha256'][0]}，{size} 项（自第 {first} 项起有全文），"
            f"SM3 树根 {roots['sm3'].hex()}，SHA-256 树根 {roots['sha256'].hex()}{said}")

def check_log(place, keys, witnesses, kept):
    def read(path):
        if "://" not in place:
            return read_bytes(os.path.join(place, path))
        while True:
            try:
                with urllib.request.urlopen(f"{place.rstrip('/')}/{path}", timeout=30) as answer:
                    return answer.read(1 << 20)
            except urllib.error.HTTPError as wrong:  # asked too often: as long as we are told
                need(wrong.code == 429, f"{path}：{wrong.code} {wrong.read(300).decode(errors='replace').strip()}")
                time.sleep(min(60, int(wrong.headers.get("Retry-After", "1"))))

    notes = {suite: read(PLACE[suite] + "checkpoint").decode() for suite in SUITES}
    size, roots = open_both(notes, keys)
    leaves = []
    for path in bottom_of(size):
        raw = read("tile/entries/" + path)
        need(len(raw) % 67 == 0 and raw[::67] + raw[1::67] == bytes(len(raw) // 67) + b"\x41" * (len(raw) // 67), "叶子的长度不对")
        leaves += [raw[at + 2:at + 67] for at in range(0, len(raw), 67)]
    hashes = {suite: [leaf_hash(suite, leaf) for leaf in leaves] for suite in SUITES}
    for suite in SUITES:
        right = len(leaves) == size and root_of(suite, hashes[suite]) == roots[suite]
        need(right, f"叶子算出的树根与检查点不同（{suite}）")
        for path, content in tiles(suite, hashes[suite]):
            need(read(PLACE[suite] + path) == content, f"树的文件 {PLACE[suite]}{path} 与叶子不一致")
    if kept:
        check_kept(kept, keys, hashes)
    return f"公布的记录成立：{size} 项；核过签名的：{'、'.join(keys)}" + check_witnesses([notes["sha256"]], witnesses)

# receipts and bare proofs
def check_receipt(text, keys, witnesses):
    need("\n\n" in text, "凭证没有检查点")
    head, note = text.split("\n\n", 1)
    lines = head.split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1", "不是凭证")
    need(lines[1].startswith("extra ") and lines[2].startswith("index "), "凭证的格式不对")
    index = int(lines[2][6:])
    (entry, salt, parts), raw, note_sm2 = cbor(unbase64(lines[1][6:], "extra"))
    size, roots = open_both({"sm3": note_sm2, "sha256": note}, keys)
    need(all((kind, len(part)) in ((0, 2), (1, 1)) for kind, part in parts), "密封内容的格式不对")
    sealed = [part[0] if kind else commitment(at, part[0], part[1].encode()) for at, (kind, part) in enumerate(parts, 1)]
    read_entry(entry, index, len(sealed))
    proofs = {"sm3": [raw[i:i + 32] for i in range(0, len(raw), 32)], "sha256": [unbase64(line, "证明") for line in lines[3:]]}
    leaf = leaf_of(entry, salt, sealed)
    for suite in SUITES:
        wrong = inclusion_wrong(suite, index, size, leaf_hash(suite, leaf), proofs[suite], roots[suite])
        need(not wrong, f"证明与检查点的树根不符（{suite}，{wrong}）")
    said = f"凭证成立：{note.split(chr(10))[0]} 第 {index} 项，检查点共 {size} 项；核过签名的：{'、'.join(keys)}"
    return said + check_witnesses([note], witnesses)

BARE = re.compile("(sm3|sha256) (inclusion|consistency) (0|[1-9][0-9]{0,17}) (0|[1-9][0-9]{0,17})((?: [0-9a-f]{64}){2,})")

def judge_bare(line):
    found = BARE.fullmatch(line)
    if not found:
        return "0 form"
    suite, kind, first, size, hashes = found.groups()
    of_first, root, *proof = map(bytes.fromhex, hashes.split())
    if kind == "inclusion":
        wrong = inclusion_wrong(suite, int(first), int(size), of_first, proof, root)
    else:
        wrong = consistency_wrong(suite, int(first), of_first, int(size), root, proof)
    return f"0 {wrong}" if wrong else "1"

def main(words):
    command, pairs = words[:1], words[2:]
    given = {"--key": [], "--witness": [], "--checkpoint": []}
    known = command == ["selftest"] and len(words) == 1 or command and command[0] in ("export", "log", "receipt", "proofs")
    right = known and len(pairs) % 2 == 0 and all(name in given for name in pairs[::2])
    for name, value in zip(pairs[::2], pairs[1::2]):
        given.get(name, []).append(value)
    needs_key = command in (["receipt"], ["log"])
    if not right or (command != ["selftest"] and len(words) < 2) or needs_key and not given["--key"] or len(given["--checkpoint"]) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        certificates = [text for text in given["--witness"] if os.path.isfile(text) and b"-----BEGIN " in read_bytes(text)]
        keys = dict(map(read_key, given["--key"]))
        witnesses = [read_witness(text) for text in given["--witness"] if text not in certificates]
        need(not certificates or command == ["export"], "时间戳只在导出里，凭证和公布的记录里没有")
        need(len(keys) == len(given["--key"]), "同一种公钥给了两把")
        kept = next((read_bytes(path).decode() for path in given["--checkpoint"]), None)
        if command == ["selftest"]:
            print(selftest())
        elif command == ["export"]:
            print(check_export(words[1], keys, witnesses, certificates, kept))
        elif command == ["log"]:
            print(check_log(words[1], keys, witnesses, kept))
        elif command == ["receipt"]:
            print(check_receipt(read_bytes(words[1]).decode(), keys, witnesses))
        else:
            lines = read_bytes(words[1]).decode().removesuffix("\n").split("\n")
            print("\n".join(map(judge_bare, lines)))
    except (Wrong, KeyError, IndexError, TypeError, ValueError, AttributeError, OSError) as wrong:
        print(f"不成立：{wrong}")
        return 1
    return 0

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
