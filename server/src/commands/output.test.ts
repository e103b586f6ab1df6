import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { runTocsin } from "../../../test/support/command.ts"
import { assertWritable } from "./output.ts"

let folder: string
beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-test-"))
    fs.writeFileSync(path.join(folder, "file"), "")
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

test.each([
    ["not/there.json", "output.no_folder"],
    ["file/below.json", "output.no_folder"],
    [".", "output.is_folder"],
    ["new.json", null],
    ["file", null],
])("%s: %s", (name, code) => {
    const file = path.join(folder, name)
    if (code === null) expect(() => assertWritable(file)).not.toThrow()
    else expect(() => assertWritable(file)).toThrow(expect.objectContaining({ code }))
})

test("the version is the package's", async () => {
    const { version } = JSON.parse(fs.readFileSync("server/package.json", "utf8")) as { version: string }
    expect(await runTocsin(folder, ["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" })
})

test.each([
    ["demo", "--credentials"],
    ["export", "--out"],
])("%s is refused in one line before anything starts", async (command, option) => {
    const file = path.join(folder, "not/there")
    const { code, out, err } = await runTocsin(folder, [command, option, file, "--data", path.join(folder, "data")])
    expect([code, out]).toEqual([1, ""])
    expect(err).toMatch(/^[^\n]*\(output\.no_folder\)\n$/)
    expect(fs.readdirSync(folder)).toEqual(["file"])
})
