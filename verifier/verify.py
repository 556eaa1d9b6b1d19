#!/usr/bin/env python3
"""A second verifier of the record of a county, written from docs/record-format.md alone.

It shares no code with the program: only Python's standard library, and the openssl command for Ed25519.

    verify.py export DIR [--key KEY]       an export: every leaf, the tree, the signature, every file
    verify.py receipt FILE --key KEY       one receipt
    verify.py proofs FILE                  proofs, one a line; prints 1 (holds) or 0 for each

KEY is `name+id+base64` or a file with it. Exit code: 0 holds, 1 does not, 2 called wrongly.
"""
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

class Wrong(Exception):
    """The first thing that is wrong."""

def need(condition, sentence):
    if not condition:
        raise Wrong(sentence)

def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

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
    return sha(b"zhunsheng/1", position.to_bytes(4, "big"), bytes([len(salt)]), salt, value)

def leaf_hash(entry, salt, commitments):
    leaf = b"\x01" + sha(commitment(0, salt, entry), *commitments)
    return sha(b"\x00", leaf)

def read_entry(entry, seq, sealed_count):
    fields = cbor(entry)
    need(isinstance(fields, list) and len(fields) == 10 and fields[0] == 1, "不是格式 1 的记录项")
    need(len(fields[8]) == sealed_count, "密封内容与记录不一致")
    need((fields[4][0] == 3) == (seq == 0), "第 0 项、也只有第 0 项由设立者作出")
    return fields

# the tree
def node(left, right):
    return sha(b"\x01", left, right)

def root_of(hashes):
    """MTH over leaf hashes, level by level: an odd last node goes up unchanged."""
    if not hashes:
        return sha()
    row = list(hashes)
    while len(row) > 1:
        up = [node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = up + row[len(row) & ~1:]
    return row[0]

def inclusion_holds(index, size, leaf, proof, root):
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root

def consistency_holds(old, old_root, size, root, proof):
    if old > size:
        return False
    if old in (0, size):
        return not proof and (old_root == root or old < size) and (old > 0 or old_root == sha())
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == root

# checkpoints
def read_key(text):
    parts = (read_bytes(text).decode() if os.path.isfile(text) else text).strip().split("+", 2)
    need(len(parts) == 3, "公钥的格式不对")
    name, key_id, raw = *parts[:2], unbase64(parts[2], "公钥")
    need(len(raw) == 33 and raw[0] == 1, "公钥不是 Ed25519")
    need(sha(name.encode(), b"\n", raw)[:4].hex() == key_id, "公钥的编号不对")
    return name, bytes.fromhex(key_id), raw[1:]

def ed25519_holds(public, message, signature):
    der = bytes.fromhex("302a300506032b6570032100") + public
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der) + b"\n-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("key", pem), ("message", message), ("signature", signature)):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        command = "openssl pkeyutl -verify -pubin -inkey key -rawin -in message -sigfile signature".split()
        return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0

def open_checkpoint(note, key):
    name, key_id, public = key
    need(note.endswith("\n") and "\n\n" in note, "检查点的格式不对")
    text, lines = note.rsplit("\n\n", 1)
    text += "\n"
    found = []
    for line in lines.splitlines():
        need(line.startswith("— ") and line.count(" ") == 2, "检查点的格式不对")
        _, signer, signature = line.split(" ")
        raw = unbase64(signature, "签名")
        if signer == name and raw[:4] == key_id:
            found.append(raw[4:])
    need(len(found) == 1, "检查点没有这把公钥的签名")
    need(ed25519_holds(public, text.encode(), found[0]), "检查点的签名不对")
    origin, size, root = text.split("\n")[:3]
    need(origin == name and str(int(size)) == size, "检查点的格式不对")
    return int(size), unbase64(root, "树根")

# exports
def numbered(index):
    groups = [group.zfill(3) for group in f"{index:,}".split(",")]
    return "/".join(["x" + group for group in groups[:-1]] + groups[-1:])

def tiles(leaf_hashes):
    """Every tile of the tree: path and bytes."""
    level, row = 0, leaf_hashes
    while row:
        for index in range(0, len(row), 256):
            part = row[index:index + 256]
            edge = "" if len(part) == 256 else f".p/{len(part)}"
            yield f"tile/{level}/{numbered(index // 256)}{edge}", b"".join(part)
        row = [root_of(row[i:i + 256]) for i in range(0, len(row) - 255, 256)]
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

def check_export(folder, key_text):
    def read(path):
        need(os.path.isfile(os.path.join(folder, path)), f"导出不完整：缺少 {path}")
        return read_bytes(os.path.join(folder, path))

    manifest = json.loads(read("manifest.json"))
    need(manifest["format"] == 1, "不认识的格式")
    size, first = manifest["size"], manifest["from"]
    key = read_key(key_text or read("key").decode())
    signed, root = open_checkpoint(read("checkpoint").decode(), key)
    need(signed == size, f"检查点签到 {signed} 项，导出有 {size} 项")
    bottom = [f"tile/0/{numbered(i)}" + (f".p/{size % 256}" if size < 256 * (i + 1) else "")
              for i in range(-(-size // 256))]
    raw = b"".join(map(read, bottom))
    hashes = [raw[i:i + 32] for i in range(0, len(raw), 32)]
    need(len(hashes) == size and root_of(hashes) == root, "叶子算出的树根与检查点不同")
    for path, content in tiles(hashes):
        need(read(path) == content, f"树的文件 {path} 与叶子不一致")
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
            need(leaf_hash(entry, salt, sealed) == hashes[seq], "内容与其叶子不一致")
            need(fields[9] == [[digest for since, digest in law if since <= seq][-1]], "法规定义不符")
        except Wrong as wrong:
            raise Wrong(f"记录项 {seq}：{wrong}") from None
    listed = {part["path"]: part for part in manifest["files"]}
    for path, part in listed.items():
        content = read(path)
        need((len(content), sha(content).hex()) == (part["bytes"], part["sha256"]), f"文件 {path} 与清单不符")
    for path in (os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names):
        need(path == "manifest.json" or path in listed, f"文件 {path} 不在清单中")
    return f"导出成立：{key[0]}，{size} 项（自第 {first} 项起有全文），树根 {root.hex()}"

# receipts and bare proofs
def check_receipt(text, key_text):
    need("\n\n" in text, "凭证没有检查点")
    head, note = text.split("\n\n", 1)
    lines = head.split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1", "不是凭证")
    need(lines[1].startswith("extra ") and lines[2].startswith("index "), "凭证的格式不对")
    index = int(lines[2][6:])
    key = read_key(key_text)
    size, root = open_checkpoint(note, key)
    entry, salt, parts = cbor(unbase64(lines[1][6:], "extra"))
    need(all((kind, len(part)) in ((0, 2), (1, 1)) for kind, part in parts), "密封内容的格式不对")
    sealed = [part[0] if kind else commitment(at, part[0], part[1].encode()) for at, (kind, part) in enumerate(parts, 1)]
    read_entry(entry, index, len(sealed))
    proof = [unbase64(line, "证明") for line in lines[3:]]
    need(inclusion_holds(index, size, leaf_hash(entry, salt, sealed), proof, root), "证明与检查点的树根不符")
    return f"凭证成立：{key[0]} 第 {index} 项，检查点共 {size} 项"

def check_proof_line(line):
    kind, *words = line.split()
    numbers, hashes = [int(word) for word in words[:2]], [bytes.fromhex(word) for word in words[2:]]
    if kind == "inclusion":  # index size leaf root proof…
        return inclusion_holds(*numbers, hashes[0], hashes[2:], hashes[1])
    return consistency_holds(numbers[0], hashes[0], numbers[1], *hashes[1:2], hashes[2:])  # old size old_root root …

def main(words):
    words, key = (words[:2], words[3]) if len(words) == 4 and words[2] == "--key" else (words, None)
    if len(words) != 2 or words[0] not in ("export", "receipt", "proofs") or (words[0] == "receipt" and not key):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if words[0] == "export":
            print(check_export(words[1], key))
            return 0
        text = read_bytes(words[1]).decode()
        if words[0] == "proofs":
            print("\n".join("1" if check_proof_line(line) else "0" for line in text.splitlines()))
        else:
            print(check_receipt(text, key))
    except (Wrong, KeyError, IndexError, TypeError, ValueError, AttributeError) as wrong:
        print(f"不成立：{wrong}")
        return 1
    return 0

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
