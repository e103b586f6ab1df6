/** Checks the published vectors of marks with the second implementation, if Python is available. */
import { spawnSync } from "node:child_process"
import path from "node:path"
import { expect, test } from "vitest"

const folder = path.join(import.meta.dirname, "vectors")
const python = (...args: string[]) => spawnSync("python3", args, { cwd: folder, encoding: "utf8", timeout: 60_000 })
const isThere = python("--version").status === 0

test.skipIf(!isThere)("Python generates the same marks from their description alone", () => {
    const { status, stdout } = python("marks.py", "check", "marks.json")
    expect({ status, stdout }).toEqual({ status: 0, stdout: "the vectors agree\n" })
})

test.skipIf(!isThere)("Python weighs leaks equally", () => {
    const { status, stdout } = python("scores.py", "scores.json")
    expect({ status, stdout }).toEqual({ status: 0, stdout: "18 leaks agree\n" })
})
