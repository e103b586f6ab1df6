import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
    addedBytes,
    canariesIn,
    canaryKinds,
    coresIn,
    digestOf,
    isLabel,
    isZone,
    nameOfCanary,
    withNames,
} from "./canary.ts"
import { noncesOf } from "./code.ts"

const key = new Uint8Array(32).fill(5)
const zone = "canary.example"
const named = (kind: string, recipient: string) =>
    nameOfCanary(canariesIn(`{{canary:${kind}}}`)[0] ?? { kind: "hash", what: "" }, key, noncesOf([recipient]), zone)

test("names are generated as docs/reference/formats/marks.md defines", () => {
    const names = [...canaryKinds, "host:mirror"].map((kind) => named(kind, "acme").text)
    expect(names).toMatchInlineSnapshot(`
      [
        "dhgkv3szy4we3u6cbd3l.canary.example",
        "http://wzt22ampojuuotayc2ak.canary.example/",
        "2001:db8:1958:2f73:da25:b8d3:99b1:1a07",
        "osmfohpabf7na2kznq6fdl3osd",
        "29f6052924e41b30269a26d5515066904c6a6acf38833cda58455bc535fb1ccf",
        "q7ipg7pmosqb4ais4gys.canary.example",
      ]
    `)
})

describe("canary placeholders", () => {
    test.each([
        ["one", "Ask {{canary:host}}.", ["host"]],
        ["several, two of them equal", "{{canary:host}} {{canary:url}} {{canary:host}}", ["host", "url"]],
        ["a second of one kind", "{{canary:host}} {{canary:host:mirror-2}}", ["host", "host:mirror-2"]],
        ["an escaped one", "\\{{canary:host}}", []],
        ["an unknown kind", "{{canary:mail}} {{canary}} {{canary:host:Big}}", []],
        ["other braces", "{{either|or}} {{=port:1-9}} {{canaries}}", []],
    ])("%s", (_, text, expected) => {
        expect(canariesIn(text).map(({ what: kind }) => kind)).toEqual(expected)
    })
})

describe("the canary names of a copy", () => {
    const constant = fc.constantFrom(...canaryKinds, "host:mirror", "url:b")
    const recipient = fc.uuid()
    const wrapped = fc.constantFrom(
        (name: string) => name,
        (name: string) => name.toUpperCase(),
        (name: string) => name.replaceAll(".", "[.]").replace("http", "hxxp"),
        (name: string) => `"${name}"`,
        (name: string) => name.replaceAll(":", "[:]"),
        (name: string) => `${name.slice(0, 9)}\u200b${name.slice(9)}`,
    )

    test("are found wherever they are quoted, and differ from other copies", () => {
        fc.assert(
            fc.property(constant, recipient, recipient, wrapped, (value, a, b, wrap) => {
                fc.pre(a !== b)
                const text = withNames(`Then it asks {{canary:${value}}} for more.`, () => named(value, a))
                const found = coresIn(`> ${wrap(text)}\n`, 100)
                expect(found).toContain(named(value, a).core)
                expect(found).not.toContain(named(value, b).core)
                expect(digestOf(named(value, a).core)).not.toEqual(digestOf(named(value, b).core))
            }),
        )
    })

    test("have equal lengths, and add the announced length", () => {
        fc.assert(
            fc.property(fc.array(constant, { maxLength: 8 }), recipient, (list, person) => {
                const text = list.map((item) => `x {{canary:${item}}} y`).join("\n")
                const copy = withNames(text, ({ what: value }) => named(value, person))
                expect(copy.length - text.length).toBe(addedBytes(text, zone))
            }),
        )
    })

    test("resolve only in the zone, and addresses are documentation addresses", () => {
        fc.assert(
            fc.property(recipient, (person) => {
                expect(named("address", person).text).toMatch(/^2001:db8(:[1-9a-f][0-9a-f]{3}){6}$/)
                expect(new URL(named("url", person).text).hostname).toBe(`${named("url", person).core}.${zone}`)
                expect(isLabel(named("host", person).core)).toBe(true)
            }),
        )
    })
})

test("the search for names is bounded for any text", () => {
    const text = Array.from(
        { length: 500 },
        (_, n) => nameOfCanary({ kind: "hash", what: String(n) }, key, key, null).text,
    )
    expect(coresIn(text.join(" "), 100)).toHaveLength(100)
})

test.each([
    ["canary.example", true],
    ["a.b.example.org", true],
    ["example", false],
    ["Canary.example", false],
    ["canary.example.", false],
    ["-a.example", false],
    ["10.0.0.1", false],
    [`${"a".repeat(60)}.`.repeat(4) + "org", false],
])("whether %s is a zone: %s", (text, expected) => {
    expect(isZone(text)).toBe(expected)
})
