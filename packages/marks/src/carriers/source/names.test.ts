import { beforeAll, describe, expect, test } from "vitest"
import { loadParser } from "../../grammars.ts"
import { sourceCarrier } from "./carrier.ts"
import type { Parse } from "../tree.ts"

const parsers = new Map<string, Parse>()
beforeAll(async () => {
    for (const language of ["python", "javascript", "typescript"]) parsers.set(language, await loadParser(language))
})

/** The names that may change, in the order in which they first stand there. */
function free(language: string, code: string): string[] {
    const parse = parsers.get(language) as Parse
    const slots = sourceCarrier(language, parse).slots(code)
    return slots.flatMap(({ kind, variants }) => {
        const place = variants[1]?.[0]
        return kind === "local-name" && place !== undefined ? [code.slice(place.start, place.end)] : []
    })
}

describe("a local of Python may be called otherwise", () => {
    test.each([
        ["when only its function knows it", "def f():\n    reply = 1\n    return reply\n", ["reply"]],
        ["when an inner function reads it too", "def f():\n    reply = 1\n    return lambda: reply\n", ["reply"]],
        [
            "as target of for, with, except and :=",
            "def f(a):\n    for item in a:\n        with a as file:\n            pass\n    try:\n        " +
                "pass\n    except E as error:\n        print(error)\n    if (found := a):\n        return " +
                "found, item, file\n",
            ["item", "file", "error", "found"],
        ],
        ["in a comprehension", "print([word for word in range(3)])\n", ["word"]],
        ["in the fields of an f-string", 'def f():\n    width = 3\n    return f"{1:>{width}}"\n', ["width"]],
        ["but not a parameter, which callers may name", "def f(reply):\n    reply = 1\n    return reply\n", []],
        ["but not a global", "reply = 1\n", []],
        ["but not what is declared global", "def f():\n    global reply\n    reply = 1\n", []],
        [
            "but not what an inner function rebinds",
            "def f():\n    reply = 1\n    def g():\n        nonlocal reply\n        reply = 2\n    return g\n",
            [],
        ],
        [
            "but not what an inner scope hides",
            "def f():\n    reply = 1\n    return [reply for reply in (reply, 2)]\n",
            [],
        ],
        ["but not where names are read as text", "def f():\n    reply = 1\n    return locals()\n", []],
        ["but not where a frame is opened", "import sys\ndef f():\n    reply = 1\n    return sys._getframe()\n", []],
        ["but not where an f-string shows its name", 'def f():\n    reply = 1\n    return f"{reply=}"\n', []],
        ["but not what an import binds", "def f():\n    import socket\n    return socket\n", []],
        [
            "but not what a default mentions from outside",
            "reply = 1\ndef f(a=reply):\n    reply = 2\n    return reply, a\n",
            [],
        ],
        [
            "but not what a pattern captures",
            "def f(a):\n    match a:\n        case [first, 1]:\n            return first\n",
            [],
        ],
        [
            "but not what a class inside reads",
            "def f():\n    reply = 1\n    class A:\n        reply = reply\n    return A\n",
            [],
        ],
        [
            "and an attribute or keyword of that name stays",
            "def f(a):\n    reply = 1\n    return a.reply(reply=reply)\n",
            [],
        ],
    ])("%s", (_, code, names) => {
        expect(free("python", code)).toEqual(names)
    })
})

describe("a local of JavaScript may be called otherwise", () => {
    test.each([
        ["when only its block knows it", "{ const reply = 1; send(reply) }", ["reply"]],
        ["also a parameter, which is called by place", "function f(reply) { return reply }", ["reply"]],
        [
            "also one with a default, a rest, a caught one",
            "function f(first = 1, ...rest) { try { return first } catch (error) { return error } }",
            ["first", "rest", "error"],
        ],
        ["in the head of a loop", "for (const item of items()) send(item)", ["item"]],
        [
            "taken from an array, or under another key",
            "function f(given) { const [first, { key: value }] = given; return first + value }",
            ["given", "first", "value"],
        ],
        ["but not a global", "const reply = 1", []],
        ["a shorthand property too, which gets its label", "function f(reply) { return { reply } }", ["reply"]],
        [
            "what is taken under its own name",
            "function f() { const { reply, size = limit } = g(); return reply + size }",
            ["reply", "size"],
        ],
        [
            "but not a function, nor what lends one its name",
            "function f() { const reply = () => 1; let other; other = function () {}; return [reply, other] }",
            [],
        ],
        ["but not where names are read as text", "function f(reply) { return eval('reply') }", []],
        ["but not what an inner scope hides", "function f(reply) { { let reply = 2; send(reply) } return reply }", []],
        [
            "but not what a default mentions from outside",
            "function f(given = reply) { var reply = 2; return given + reply }",
            ["given"],
        ],
    ])("%s", (_, code, names) => {
        expect(free("javascript", code)).toEqual(names)
    })
})

test("a parameter of TypeScript that is also a property stays", () => {
    const code = "class A { constructor(private reply: string, count: number) { send(reply, count) } }"
    expect(free("typescript", code)).toEqual(["count"])
})

test("no two names of a file can meet, whatever is chosen", () => {
    const code =
        "def f():\n    reply = answer = response = result = 1\n    outcome = reply + answer + response + " +
        "result\n    return outcome\n"
    const slots = sourceCarrier("python", parsers.get("python") as Parse).slots(code)
    const list = slots.flatMap(({ variants }) => variants.slice(1).map((edits) => edits[0]?.text))
    expect(list.length).toBeGreaterThan(10)
    expect(new Set(list).size).toBe(list.length)
    for (const name of ["reply", "answer", "response", "result", "outcome"]) expect(list).not.toContain(name)
})
