import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { type LogFields, type LogLevel, causeOf, openLog } from "./log.ts"

function written(level: LogLevel, say: (log: ReturnType<typeof openLog>) => void): Record<string, unknown>[] {
    let text = ""
    say(openLog(level, { write: (line) => (text += line) }))
    return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe("the log", () => {
    test("writes one JSON object per line, with level, time and event", () => {
        const [line] = written("info", (log) => log.warn("event handler failed", { kind: "wave.due", seq: 7 }))
        expect(line).toEqual({
            level: "warn",
            time: expect.any(String),
            kind: "wave.due",
            seq: 7,
            msg: "event handler failed",
        })
    })

    test("drops every field that is not on the list", () => {
        const hidden = {
            title: "secret",
            body: { text: "x" },
            __proto__: { kind: "inherited" },
            level: "fatal",
            msg: "m",
        }
        const [line] = written("info", (log) => log.info("opened", { ...hidden, id: "1" } as LogFields))
        expect(Object.keys(line ?? {}).toSorted()).toEqual(["id", "level", "msg", "time"])
        expect(line).toMatchObject({ level: "info", msg: "opened" })
    })

    test("drops values that are not a string, number or boolean", () => {
        const fields = { error: new Error("secret"), kind: ["a"], seq: null, id: undefined } as unknown as LogFields
        const [line] = written("info", (log) => log.info("x", fields))
        expect(Object.keys(line ?? {}).toSorted()).toEqual(["level", "msg", "time"])
    })

    test.each([
        ["a\nb", "a b"],
        ["\u001b[31mred", " [31mred"],
        ["a\u202etxt.exe", "a txt.exe"],
        ["z\u200bw\u2028x\u0085", "z w x "],
        ["\ud800", " "],
        ["x".repeat(9999), "x".repeat(500)],
        ["Ünïcode ✓", "Ünïcode ✓"],
    ])("%j is written as %j", (text, clean) => {
        const [line] = written("info", (log) => log.info(text, { text }))
        expect([line?.["msg"], line?.["text"]]).toEqual([clean, clean])
    })

    test("no text starts a second line", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (text) => {
                expect(written("debug", (log) => log.debug(text, { error: text }))).toHaveLength(1)
            }),
        )
    })

    test("writes nothing below its level", () => {
        expect(written("warn", (log) => log.info("x"))).toEqual([])
        expect(written("silent", (log) => log.error("x"))).toEqual([])
    })
})

describe("the cause of a fault", () => {
    const lines = (error: unknown) => causeOf(error).split("\n")

    test("has no stack where the fault is expected", () => {
        expect(lines(new Refusal("conflict", "wave.frozen", "unfreeze it"))).toEqual([
            "Refusal wave.frozen: unfreeze it",
        ])
        const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC", syscall: "write" })
        expect(lines(full)).toEqual(["Error ENOSPC: ENOSPC: no space left on device"])
    })

    test("has its place where it is not", () => {
        expect(lines(new TypeError("x is not a function"))[1]).toMatch(/^ {4}at /)
    })
})
