import { expect, test } from "vitest"
import { loadMarkFormat } from "@tocsin/marks/carriers/registry"
import { MasterText } from "@tocsin/marks/carriers/resolved-text"
import { loadParser } from "@tocsin/marks/grammars"
import { findVersionSlots } from "./actions/find-slots.ts"

async function found(name: string, content: string): Promise<number> {
    const pen = await loadMarkFormat(name, loadParser)
    if (pen === null) throw new Error("no pen")
    const ids = { artifact: "a", case: "c", version: 1, author: "p", versionAt: 0 }
    const master = { ...ids, class: "technical", name, content: new MasterText(content), colluders: 2 } as const
    return (await findVersionSlots(pen, master)).length
}

test.each([
    ["a.json", String.raw`{"type": "bundle", "description": "A \"b\" {{a|b}}"}`],
    ["a.json", `{"name": "{{a|b}}"}`],
    ["a.md", "<div>\n{{a|b}}\n</div>\n"],
    ["a.yml", "a: '{{b|c}}'\n"],
    ["a.py", "x = 1  # {{a|b}}\n"],
])("a version of `%s` is refused when its copies and unmarked text both keep %s", async (name, content) => {
    await expect(found(name, content)).rejects.toMatchObject({ code: "mark.not_replaced" })
})

test("braces of the code itself are not refused", async () => {
    expect(await found("a.md", "It {{is|was}}.\n\n```\n{{a|b}}\n```\n")).toBeGreaterThan(0)
    expect(await found("a.md", String.raw`It {{is|was}} \\{{here|there}}.`)).toBeGreaterThan(1)
})
