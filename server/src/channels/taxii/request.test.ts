import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { keysFrom } from "../../platform/crypto/keys.ts"
import { type ObjectsQuery, afterOf, firstAfter, limitOf, matcherOf, pageOf } from "./request.ts"
import { encodePosition, decodePosition } from "./page.ts"
import { formatMicros, acceptsTaxii, isTaxiiType } from "./protocol.ts"

const codeOf = (work: () => unknown): unknown => {
    try {
        return work()
    } catch (error) {
        return (error as { code?: string }).code
    }
}

test.each([
    [undefined, true],
    ["", true],
    ["application/taxii+json", true],
    ["application/taxii+json;version=2.1", true],
    ["application/taxii+json ; version = 2.1", true],
    ['APPLICATION/TAXII+JSON; Version="2.1"', true],
    ["application/json, text/plain, */*", true],
    ["application/*;q=0.1", true],
    ["text/html, application/taxii+json;version=2.1;q=0.5", true],
    ["application/taxii+json;version=2.0, application/taxii+json;version=2.1", true],
    ["application/taxii+json;version=2.0", false],
    ["application/vnd.oasis.taxii+json; version=2.0", false],
    ["application/taxii+json;q=0", false],
    ["*/*;q=0.000", false],
    ["application/json", false],
    [",;,=", false],
])("Accept `%s`", (accept, may) => {
    expect(acceptsTaxii(accept)).toBe(may)
})

test.each([
    ["application/taxii+json;version=2.1", true],
    ["Application/TAXII+json", true],
    ["application/taxii+json; version=2.0", false],
    ["application/json", false],
])("Content-Type `%s`", (type, may) => {
    expect(isTaxiiType(type)).toBe(may)
})

test.each([
    [undefined, 100],
    ["1", 1],
    ["007", 7],
    ["1000", 1000],
    ["1001", 1000],
    ["9".repeat(400), 1000],
    ["0", "taxii.bad_limit"],
    ["000", "taxii.bad_limit"],
    ["-1", "taxii.bad_limit"],
    ["1.5", "taxii.bad_limit"],
    ["", "taxii.bad_limit"],
])("limit `%s`", (limit, is) => {
    expect(codeOf(() => limitOf(limit === undefined ? {} : { limit }))).toBe(is)
})

describe("where to begin", () => {
    const after = (request: ObjectsQuery) => codeOf(() => afterOf(request, (next) => (next === "good" ? 7 : null)))

    test.each<[string, ObjectsQuery, unknown]>([
        ["from the first", {}, -1],
        ["after an instant", { added_after: "1970-01-01T00:00:01Z" }, 1_000_000],
        ["with any number of digits", { added_after: "1970-01-01T00:00:01.5Z" }, 1_500_000],
        ["down to the microsecond", { added_after: "1970-01-01T00:00:00.000001999Z" }, 1],
        ["at `next`, which wins", { next: "good", added_after: "2030-01-01T00:00:00Z" }, 7],
        ["nowhere, with a `next` of somebody else's", { next: "bad" }, "taxii.bad_next"],
        ["nowhere, with no instant", { added_after: "2025-02-30T00:00:00Z" }, "taxii.bad_instant"],
        ["nowhere, without an offset", { added_after: "2025-02-20T00:00:00" }, "taxii.bad_instant"],
    ])("%s", (_, request, is) => {
        expect(after(request)).toBe(is)
    })

    test("reads what it wrote", () => {
        fc.assert(
            fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (micros) => {
                expect(after({ added_after: formatMicros(micros) })).toBe(micros)
            }),
        )
    })
})

describe("`next`", () => {
    const keys = keysFrom(Buffer.alloc(32, 7))
    const input = { person: "one", collection: "warnings" } as const
    const position = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

    test("works for its reader and collection any number of times, and nowhere else", () => {
        fc.assert(
            fc.property(position, (at) => {
                const next = encodePosition(keys, input, at)
                expect([decodePosition(keys, input, next), decodePosition(keys, input, next)]).toEqual([at, at])
                expect(decodePosition(keys, { ...input, person: "other" }, next)).toBeNull()
                expect(decodePosition(keys, { ...input, collection: "sightings" }, next)).toBeNull()
            }),
        )
    })

    test("cannot be made up", () => {
        fc.assert(
            fc.property(fc.oneof(fc.string(), fc.base64String()), (next) => {
                expect(decodePosition(keys, input, next)).toBeNull()
            }),
        )
    })
})

describe("filters", () => {
    const versions = ["2025-01-01T00:00:00.000Z", "2025-01-01T00:00:00.0001Z", "2025-03-01T00:00:00Z"]
    const list = [
        ...versions.map((version) => ({ id: "note--a", type: "note", version, specVersion: "2.1" })),
        { id: "tool--b", type: "tool", version: "2024-01-01T00:00:00.000Z", specVersion: "2.0" },
    ]
    const found = (request: ObjectsQuery) =>
        codeOf(() => {
            const fits = matcherOf(
                request,
                list.map((subject) => ({ item: subject })),
            )
            return list.flatMap((item, n) => (fits(item) ? [n] : []))
        })

    test.each<[ObjectsQuery, unknown]>([
        [{}, [2, 3]],
        [{ "match[version]": "last" }, [2, 3]],
        [{ "match[version]": "first" }, [0, 3]],
        [{ "match[version]": "first,last" }, [0, 2, 3]],
        [{ "match[version]": "all" }, [0, 1, 2, 3]],
        [{ "match[version]": "2025-01-01T00:00:00.000100Z" }, [1]],
        [{ "match[version]": "2025-03-01T00:00:00.0Z,first" }, [0, 2, 3]],
        [{ "match[version]": "2025-03-01" }, "taxii.bad_instant"],
        [{ "match[id]": "note--a" }, [2]],
        [{ "match[id]": "note--a,tool--b", "match[type]": "tool" }, [3]],
        [{ "match[id]": "none--c" }, []],
        [{ "match[spec_version]": "2.0" }, [3]],
        [{ "match[spec_version]": "2.0,2.1" }, [2, 3]],
        [{ "match[spec_version]": "two" }, "taxii.bad_match"],
        [{ "match[type]": "note,,tool" }, "taxii.bad_match"],
        [{ "match[id]": "a,".repeat(200) }, "taxii.bad_match"],
    ])("%j", (request, is) => {
        expect(found(request)).toEqual(is)
    })
})

test.each([
    ["as many as are asked for", 2, 1, 2],
    ["no more than there are", 9, 1, 5],
    ["no more than a page has room for", 9, 400_000, 2],
    ["one, however large", 9, 2_000_000, 1],
])("fills a page with %s", (_, limit, size, is) => {
    const { items, more } = pageOf([0, 1, 2, 3, 4, 5], { from: 1, limit, matches: () => true, sizeOf: () => size })
    expect({ items, more }).toEqual({ items: [1, 2, 3, 4, 5].slice(0, is), more: is < 5 })
})

test("fills a page with what matches, and reports no more where nothing else does", () => {
    const request = { from: 0, limit: 2, matches: (value: number) => value % 2 === 0, sizeOf: () => 1 }
    expect(pageOf([1, 2, 3, 4, 5], request)).toEqual({ items: [2, 4], more: false })
    expect(pageOf([1, 2, 3, 4, 5, 6], request)).toEqual({ items: [2, 4], more: true })
})

test("begins after an instant", () => {
    const added = fc.uniqueArray(fc.nat(50)).map((list) => list.toSorted((a, b) => a - b))
    fc.assert(
        fc.property(added, fc.integer({ min: -1, max: 51 }), (list, after) => {
            const rows = list.map((value) => ({ added: value }))
            expect(list.slice(firstAfter(rows, after))).toEqual(list.filter((value) => value > after))
        }),
    )
})
