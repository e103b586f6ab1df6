/** Parsing of a posted envelope: its objects, what a sighting refers to, and its report. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { type PostedObject, referencedBy, reportOf, parseEnvelope } from "./sighting-objects.ts"

const uuid = (n: number): string => `0d1b9c1e-5a55-4c8e-9a11-${String(n).padStart(12, "0")}`
const at = "2025-07-05T11:00:00.000Z"
const core = (type: string, n: number, more: object = {}) => ({
    type,
    spec_version: "2.1",
    id: `${type}--${uuid(n)}`,
    created: at,
    modified: at,
    ...more,
})
const sighting = (more: object = {}) => core("sighting", 1, { sighting_of_ref: `vulnerability--${uuid(9)}`, ...more })
const sent = (...objects: readonly object[]): PostedObject[] => parseEnvelope({ objects })
const faultOf = (object: object): string | null => sent(object)[0]?.fault ?? null

describe("an envelope", () => {
    test.each<[string, unknown]>([
        ["nothing", undefined],
        ["null", null],
        ["a list", []],
        ["a text", "objects"],
        ["bytes", Buffer.from("{}")],
        ["no objects", {}],
        ["an empty list", { objects: [] }],
        ["an object of objects", { objects: { a: 1 } }],
        ["a bundle", { type: "bundle", id: `bundle--${uuid(1)}`, objects: [sighting()] }],
        ["a text for an object", { objects: ["x"] }],
        ["a list for an object", { objects: [[]] }],
        ["too many", { objects: Array(1001).fill(sighting()) }],
    ])("is refused: %s", (_, body) => {
        expect(() => parseEnvelope(body)).toThrow(
            expect.objectContaining({ code: "taxii.bad_envelope", kind: "unprocessable" }),
        )
    })

    test.each([
        ["`more` and `next`, as those that are read do", { more: false, next: "x" }],
        ["what nobody knows", { id: "x", spec_version: "2.1", x_vendor: { a: [1] } }],
    ])("may also have: %s", (_, more) => {
        expect(parseEnvelope({ ...more, objects: [sighting()] }).map(({ fault }) => fault)).toEqual([null])
    })

    test.each<[string, object, string]>([
        ["an object without an id", { ...sighting(), id: undefined }, ""],
        ["with an empty id", { ...sighting(), id: "" }, ""],
        ["with an id that is no text", { ...sighting(), id: { a: 1 } }, ""],
        ["with a long id", { ...sighting(), id: `sighting--${"x".repeat(100_000)}` }, `sighting--${"x".repeat(290)}`],
        ["without anything", {}, ""],
        ["of a type that is none", { ...sighting(), type: 7 }, `sighting--${uuid(1)}`],
        ["of a type that is long", { ...sighting(), type: "x".repeat(100_000) }, `sighting--${uuid(1)}`],
    ])("accepts its other objects: %s is a fault of one", (_, bad, id) => {
        const [first, second] = sent(bad, sighting())
        expect([first?.id, second?.fault]).toEqual([id, null])
        expect(first?.fault).toEqual(expect.any(String))
        expect(first?.fault?.length).toBeLessThan(400)
    })

    test("I-01 reads or refuses any JSON, and gives each object a version that is an instant", () => {
        const key = fc.constantFrom("type", "id", "modified", "created", "object_refs", "hashes", "extensions", "count")
        const object = fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.constant("sighting"), fc.constant("file")))
        fc.assert(
            fc.property(fc.oneof(fc.jsonValue(), fc.record({ objects: fc.array(object) })), (body) => {
                try {
                    for (const sent of parseEnvelope(body)) expect(sent.version).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
                } catch (error) {
                    expect(error).toBeInstanceOf(Refusal)
                }
            }),
        )
    })
})

describe("an object", () => {
    test.each<[string, object, string | RegExp | null]>([
        ["a sighting", sighting(), null],
        ["an address", { type: "ipv4-addr", id: `ipv4-addr--${uuid(2)}`, value: "198.51.100.7" }, null],
        [
            "an observable with a version that is none",
            { type: "url", id: `url--${uuid(2)}`, modified: "now" },
            /`modified`/,
        ],
        ["a type that is not taken", core("malware", 2, { name: "x", is_family: false }), /^wrong object type/],
        ["a vulnerability", core("vulnerability", 2, { name: "CVE-2025-49704" }), /^wrong object type/],
        ["a property's name for a type", core("constructor", 2), /^wrong object type/],
        ["a sighting of nothing", core("sighting", 1), /`sighting_of_ref` is missing/],
        ["a sighting of STIX 2.0", { ...sighting(), spec_version: "2.0" }, /2.0/],
        [
            "a sighting that ends before it begins",
            sighting({ first_seen: at, last_seen: "2025-07-05T10:00:00Z" }),
            /last_seen/,
        ],
        ["a long one", sighting({ description: "x".repeat(131_072) }), /131072/],
    ])("is accepted or refused separately: %s", (_, object, fault) => {
        const input = faultOf(object)
        if (fault instanceof RegExp) expect(input).toMatch(fault)
        else expect(input).toBe(fault)
    })
})

test("I-05 follows references of a sighting, also in circles", () => {
    const sents = sent(
        sighting({ observed_data_refs: [`observed-data--${uuid(2)}`], created_by_ref: `identity--${uuid(3)}` }),
        core("observed-data", 2, {
            first_observed: at,
            last_observed: at,
            number_observed: 1,
            object_refs: [`file--${uuid(4)}`, `sighting--${uuid(1)}`],
        }),
        core("identity", 3, { name: "SOC", created_by_ref: `identity--${uuid(3)}` }),
        { type: "file", id: `file--${uuid(4)}`, name: "a.aspx", contains_refs: [`file--${uuid(5)}`] },
        { type: "file", id: `file--${uuid(5)}`, name: "b.aspx", contains_refs: [`file--${uuid(4)}`] },
        core("identity", 6, { name: "Nobody's" }),
    )
    const [first] = sents
    if (first === undefined) throw new Error("there is one")
    const byId = new Map(sents.map((sent) => [sent.id, sent]))
    expect([...referencedBy(first, byId)].map((id) => Number(id.slice(-2))).toSorted()).toEqual([2, 3, 4, 5])
})

describe("the report of a sighting", () => {
    const reported = (more: object, ...carried: readonly object[]) => {
        const [first, ...others] = sent(sighting(more), ...carried)
        if (first === undefined) throw new Error("there is one")
        return reportOf(first, others)
    }
    const observed = core("observed-data", 2, {
        first_observed: "2025-07-05T08:00:00Z",
        last_observed: at,
        number_observed: 1,
        object_refs: [`file--${uuid(4)}`],
    })

    test.each<[string, object, readonly object[], string]>([
        [
            "as it was first seen",
            { first_seen: "2025-07-05T07:00:00.25Z", last_seen: at },
            [observed],
            "2025-07-05T07:00:00.250Z",
        ],
        ["or last", { last_seen: "2025-07-05T09:00:00Z" }, [observed], "2025-07-05T09:00:00Z"],
        ["or observed", {}, [observed], "2025-07-05T08:00:00Z"],
        ["or written down", {}, [], at],
    ])("has an instant: %s", (_, more, carried, instant) => {
        expect(reported(more, ...carried).observedAt).toBe(parseInstant(instant))
    })

    test("has each indicator once, and the product", () => {
        const { indicators, product, confidence, note } = reported(
            { confidence: 0, description: "Seen." },
            core("indicator", 3, { pattern: "[url:value = 'x']", pattern_type: "stix", valid_from: at }),
            { type: "ipv4-addr", id: `ipv4-addr--${uuid(4)}`, value: "198.51.100.7" },
            { type: "file", id: `file--${uuid(5)}`, name: "a.aspx", hashes: { "SHA-256": "aa", MD5: 7 } },
            { type: "file", id: `file--${uuid(6)}`, name: "b.aspx" },
            { type: "ipv4-addr", id: `ipv4-addr--${uuid(7)}`, value: "198.51.100.7" },
            { type: "software", id: `software--${uuid(8)}`, name: "SharePoint Server", version: "2019" },
            core("identity", 9, { name: "SOC" }),
        )
        expect(indicators).toEqual(["[url:value = 'x']", "198.51.100.7", "aa", "b.aspx"])
        expect([product, confidence, note]).toEqual(["SharePoint Server 2019", 0, "Seen."])
    })

    test.each<[string, object, string]>([
        [
            "until it was last looked",
            { first_seen: "2025-07-04T00:00:00Z", last_seen: "2025-07-05T09:00:00Z" },
            "2025-07-05T09:00:00Z",
        ],
        ["or until it was written down", { first_seen: "2025-07-04T00:00:00Z" }, at],
    ])("is a zero report for a count of 0: %s", (_, more, until) => {
        expect(reported({ count: 0, ...more }, observed)).toMatchObject({
            zeroReportSince: parseInstant("2025-07-04T00:00:00Z"),
            observedAt: parseInstant(until),
        })
        expect(reported({ count: 1, ...more }).zeroReportSince).toBeNull()
    })

    test("is refused for a count of 0 without a period", () => {
        expect(() => reported({ count: 0, last_seen: at })).toThrow(
            expect.objectContaining({ code: "taxii.period_missing" }),
        )
    })
})
