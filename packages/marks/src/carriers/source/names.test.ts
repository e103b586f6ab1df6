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

describe("a local name in Python can be replaced", () => {
    test.each([
        ["when only its function uses it", "def f():\n    reply = 1\n    return reply\n", ["reply"]],
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
        ["but not one declared global", "def f():\n    global reply\n    reply = 1\n", []],
        [
            "but not one that an inner function rebinds",
            "def f():\n    reply = 1\n    def g():\n        nonlocal reply\n        reply = 2\n    return g\n",
            [],
        ],
        [
            "but not one that an inner scope hides",
            "def f():\n    reply = 1\n    return [reply for reply in (reply, 2)]\n",
            [],
        ],
        ["but not when names are read as text", "def f():\n    reply = 1\n    return locals()\n", []],
        ["but not when a frame is accessed", "import sys\ndef f():\n    reply = 1\n    return sys._getframe()\n", []],
        ["but not when an f-string shows its name", 'def f():\n    reply = 1\n    return f"{reply=}"\n', []],
        ["but not one that an import binds", "def f():\n    import socket\n    return socket\n", []],
        [
            "but not one that a default reads from outside",
            "reply = 1\ndef f(a=reply):\n    reply = 2\n    return reply, a\n",
            [],
        ],
        [
            "but not one that a pattern captures",
            "def f(a):\n    match a:\n        case [first, 1]:\n            return first\n",
            [],
        ],
        [
            "but not one that an inner class reads",
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

describe("a local name in JavaScript can be replaced", () => {
    test.each([
        ["when only its block uses it", "{ const reply = 1; send(reply) }", ["reply"]],
        ["also a positional parameter", "function f(reply) { return reply }", ["reply"]],
        [
            "also a default, a rest and a caught one",
            "function f(first = 1, ...rest) { try { return first } catch (error) { return error } }",
            ["first", "rest", "error"],
        ],
        ["in the head of a loop", "for (const item of items()) send(item)", ["item"]],
        [
            "from an array, or under another key",
            "function f(given) { const [first, { key: value }] = given; return first + value }",
            ["given", "first", "value"],
        ],
        ["but not a global", "const reply = 1", []],
        ["also a shorthand property, which gets its label", "function f(reply) { return { reply } }", ["reply"]],
        [
            "from destructuring under its own name",
            "function f() { const { reply, size = limit } = g(); return reply + size }",
            ["reply", "size"],
        ],
        [
            "but not a function, or a name that a function takes",
            "function f() { const reply = () => 1; let other; other = function () {}; return [reply, other] }",
            [],
        ],
        ["but not when names are read as text", "function f(reply) { return eval('reply') }", []],
        [
            "but not one that an inner scope hides",
            "function f(reply) { { let reply = 2; send(reply) } return reply }",
            [],
        ],
        [
            "but not one that a default reads from outside",
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

test("no two names of a file collide, with any codeword", () => {
    const code =
        "def f():\n    reply = answer = response = result = 1\n    outcome = reply + answer + response + " +
        "result\n    return outcome\n"
    const slots = sourceCarrier("python", parsers.get("python") as Parse).slots(code)
    const list = slots.flatMap(({ variants }) => variants.slice(1).map((edits) => edits[0]?.text))
    expect(list.length).toBeGreaterThan(10)
    expect(new Set(list).size).toBe(list.length)
    for (const name of ["reply", "answer", "response", "result", "outcome"]) expect(list).not.toContain(name)
})
