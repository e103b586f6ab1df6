"""
Runs packages/audit-log/python in one process for many requests, because each start takes half a second. Reads a line of
JSON for each request, and answers with one. A request has `arguments`, as of the command line: the answer has `status`,
`stdout` and `stderr`. Or it has `files`, each by name in base64, and `changes`, each with `kind`, `key`, `file`, and the
bytes to put in place of those from `start` to `end`. The answer then lists a verdict for each change: `accepted`, or the
index of the leaf, or the line (`head` for none), and the code; for tiles the text.
"""
import base64
import contextlib
import io
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "packages/audit-log/python"))
import tocsin_verify as verifier


def check(kind, content, key, name, files):
    if kind == "export":
        verifier.verify_export(io.BytesIO(content), key)
    elif kind == "receipt":
        verifier.verify_receipt(content, key)
    elif kind == "proof":
        verifier.verify_proof(content, key)
    elif kind == "checkpoint":
        verifier.verify_checkpoint(verifier.decode_note(content), key)
    elif kind == "signature":
        public_key, message, signature = content[:32], content[96:], content[32:96]
        if not verifier.is_signed(public_key, message, signature):
            raise verifier.Refused("checkpoint.bad_signature", "")
    else:
        verifier.verify_tiles(lambda path: content if path == name else files.get(path), key)


def read_trust(change):
    if change["kind"] == "proof":
        return verifier.read_policy(change["key"].encode("latin-1"))
    return [verifier.read_key(change["key"])]


def verdict(change, files):
    content = files[change["file"]]
    content = content[: change["start"]] + base64.b64decode(change["put"]) + content[change["end"] :]
    try:
        check(change["kind"], content, read_trust(change), change["file"], files)
        return "accepted"
    except verifier.Refused as refused:
        place = "head" if refused.index is None else refused.index
        place = place if refused.line is None else refused.line
        return f"{place} {refused.code}" + (f" {refused.text}" if change["kind"] == "tiles" else "")


def judge(given):
    files = {name: base64.b64decode(content) for name, content in given["files"].items()}
    return [verdict(change, files) for change in given["changes"]]


def run(arguments):
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            status = verifier.main(arguments)
        except SystemExit as end:
            status = end.code
    return {"status": status, "stdout": stdout.getvalue(), "stderr": stderr.getvalue()}


if __name__ == "__main__":
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(run(request["arguments"]) if "arguments" in request else judge(request)), flush=True)
