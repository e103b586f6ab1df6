import { PassThrough } from "node:stream"
import { expect, test } from "vitest"
import { promptAt } from "./prompt.ts"

function terminal(isTTY = true) {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const notified: string[] = []
    const person = promptAt(Object.assign(input, { isTTY }), Object.assign(output, { isTTY }), (text) =>
        notified.push(text),
    )
    return { input, person, notified, echoed: () => String(output.read() ?? "") }
}

test("a secret is typed without echo", async () => {
    const { input, person, notified, echoed } = terminal()
    const answer = person.ask("The PIN?", true)
    input.write("123456\n")
    expect(await answer).toBe("123456")
    expect([notified, echoed()]).toEqual([["The PIN? (it is not shown)"], ""])
})

test("other input is echoed", async () => {
    const { input, person, echoed } = terminal()
    const answer = person.ask("Which slot?", false)
    input.write("9c\n")
    expect(await answer).toBe("9c")
    expect(echoed()).toContain("9c")
})

test.each([
    ["y", "skip", true],
    ["Y ", null, true],
    ["n", "skip", false],
    ["n", null, null],
    ["", "skip", null],
])("a choice accepts one of those named: %j, the other %j: %j", async (line, no, chosen) => {
    const { input, person } = terminal()
    const answer = person.choose("Plug it in.", "done", no)
    input.write(`${line}\n`)
    expect(await answer).toBe(chosen)
})

test("an interrupted prompt has no answer", async () => {
    const { input, person } = terminal()
    const answer = person.ask("The PIN?", true)
    input.end()
    expect(await answer).toBeNull()
})

test("no prompt is shown without a terminal", async () => {
    const { person, notified } = terminal(false)
    expect([await person.ask("The PIN?", true), await person.choose("Plug it in.", "done", null)]).toEqual([null, null])
    expect(notified).toEqual([])
})
