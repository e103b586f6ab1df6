import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseCvss, scoreFault } from "./cvss.ts"

/** Examples of the standard's own documents, and the records of the demonstration. */
const scored: readonly (readonly [string, number, number, string])[] = [
    ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, 9.8, "CRITICAL"],
    ["CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 8.8, 8.8, "HIGH"],
    ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:N", 6.5, 6.5, "MEDIUM"],
    ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P", 9.8, 9.3, "CRITICAL"],
    ["CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N", 9.8, 9.8, "CRITICAL"],
    ["CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0, 0, "NONE"],
    ["CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, 6.1, "MEDIUM"],
    ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10, 10, "CRITICAL"],
    ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, 9.3, "CRITICAL"],
    ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:P", 9.3, 8.9, "HIGH"],
    ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0, 0, "NONE"],
]

test.each(scored)("`%s` scores %d, and %d with all its metrics", (vector, base, overall, severity) => {
    expect(parseCvss(vector)).toMatchObject({ baseScore: base, score: overall, severity })
    expect(scoreFault(vector, base)).toBe(null)
    expect(scoreFault(vector, base + 0.1)).toMatch(/base score is/)
})

const good = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
const four = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"

describe("an invalid vector", () => {
    test.each([
        ["empty", "", /begins with/],
        ["without its version", good.slice(9), /begins with/],
        ["of version 2", "AV:N/AC:L/Au:N/C:N/I:N/A:C", /begins with/],
        ["of a future version", good.replace("3.1", "3.2"), /begins with/],
        ["in small letters", good.toLowerCase(), /begins with/],
        ["with a missing metric", good.replace("/A:H", ""), /`A` is missing/],
        ["with a repeated metric", `${good}/A:H`, /`A` stands twice/],
        ["with an unknown metric", `${good}/XX:H`, /no metric/],
        ["with a name that every object has", `${good}/constructor:H`, /no metric/],
        ["with an unknown value", good.replace("A:H", "A:M"), /no such value/],
        ["with an undefined base metric", good.replace("A:H", "A:X"), /no such value/],
        ["with a metric of 4.0", `${good}/AT:N`, /no metric/],
        ["with a trailing slash", `${good}/`, /no metric/],
        ["with spaces", `${good} `, /no such value/],
        ["4.0 out of order", four.replace("AV:N/AC:L", "AC:L/AV:N"), /`AV` stands out of order/],
        ["4.0 with safety in a base metric", four.replace("SI:N", "SI:S"), /no such value/],
        ["4.0 with urgency in capitals", `${four}/U:RED`, /no such value/],
        ["that is too long", `${good}/${"E:P/".repeat(1000)}`, /too long/],
    ])("%s", (_, vector, expected) => {
        expect(parseCvss(vector)).toMatch(expected)
    })
})

test("every 3.1 vector scores between 0 and 10, in tenths, with its metrics in any order", () => {
    const metric = (name: string, values: string) => fc.constantFrom(...values).map((value) => `${name}:${value}`)
    const tuple = fc.tuple(
        ...["AV:NALP", "AC:LH", "PR:NLH", "UI:NR", "S:UC", "C:NLH", "I:NLH", "A:NLH", "E:XUPFH", "MS:XUC"].map((item) =>
            metric(item.split(":")[0] ?? "", item.split(":")[1] ?? ""),
        ),
    )
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 10 })
    fc.assert(
        fc.property(tuple, order, (parts, places) => {
            const read = parseCvss(`CVSS:3.1/${parts.join("/")}`)
            if (typeof read === "string") throw new Error(read)
            expect(Math.round(read.score * 10) / 10).toBe(read.score)
            const turned = parseCvss(`CVSS:3.1/${places.map((place) => parts[place]).join("/")}`)
            expect(turned).toMatchObject({ score: read.score, baseScore: read.baseScore })
        }),
    )
})
