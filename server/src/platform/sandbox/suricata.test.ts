import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { checkSuricata } from "./suricata.ts"

let folder = ""
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "opinion-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A program that speaks as the engine does. */
function speaking(script: string): string {
    const path = join(folder, "engine.sh")
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o700)
    return path
}

const codes = async (script: string, timeMs = 10_000) =>
    (await checkSuricata("one\ntwo\n", { path: speaking(script), timeMs }))?.map(
        (finding) => `${finding.line} ${finding.code}`,
    )

const complaint = `E: detect: error parsing signature "two" from file /dev/stdin at line 2`

test("an engine that is not installed gives no result", async () => {
    expect(await checkSuricata("one", { path: join(folder, "nothing"), timeMs: 1000 })).toBe(null)
})

test.each([
    ["accepts all rules", `test "$(cat)" = "$(printf 'one\\ntwo')" && exit 0`, []],
    ["names a line", `cat > /dev/null; echo '${complaint}' >&2; exit 1`, ["2 suricata.engine"]],
    ["refuses without a message", "exit 1", ["1 suricata.engine"]],
    ["crashes", "kill -9 $$", ["1 suricata.engine"]],
])("the check of an engine that %s", async (_, script, expected) => {
    expect(await codes(script)).toEqual(expected)
})

test("an engine that does not end is stopped", async () => {
    expect(await codes("exec sleep 60", 300)).toEqual(["1 suricata.time"])
})
