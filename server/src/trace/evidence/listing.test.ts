import { expect, test } from "vitest"
import { listingsMax, parseListings } from "./listing.ts"

const day = Date.parse("2025-07-20T00:00:00Z")

test.each([
    [
        "the catalogue's own form, of which the rest is left",
        `{"title": "x", "count": 1, "vulnerabilities": [{"cveID": "CVE-2025-53770", "vendorProject": "x", ` +
            `"dateAdded": "2025-07-20"}]}`,
    ],
    ["a line", "CVE-2025-53770 2025-07-20"],
    ["a line with a comma, between empty ones", "\n\nCVE-2025-53770, 2025-07-20\r\n\n"],
])("reads %s", (_, text) => {
    expect(parseListings(text)).toEqual([{ cve: "CVE-2025-53770", listedAt: day }])
})

test.each([
    ["nothing", " \n", "it contains no CVE id"],
    ["half a catalogue", '{"vulnerabilities": [', "not valid JSON"],
    ["another JSON", '{"a": 1}', "no `vulnerabilities`"],
    ["an entry that is none", '{"vulnerabilities": [null]}', "entry 1: this is not a CVE id"],
    ["a name that is no CVE id", "CVE-2025-53770 2025-07-20\nCVE-25-1 2025-07-20", "line 2: this is not a CVE id"],
    ["no date", "CVE-2025-53770", "line 1: write a date"],
    ["an instant", "CVE-2025-53770 2025-07-20T10:00:00Z", "line 1: write a date"],
    ["more than a date", "CVE-2025-53770 2025-07-20 known", "line 1: write a date"],
    ["too many", "CVE-2025-53770 2025-07-20\n".repeat(listingsMax + 1), "is the limit"],
])("refuses %s, with the position", (_, text, reason) => {
    const fault = expect.objectContaining({
        code: "evidence.bad_list",
        message: expect.stringContaining(reason) as string,
    })
    expect(() => parseListings(text)).toThrow(fault)
})

test("refuses a day that does not exist", () => {
    expect(() => parseListings("CVE-2025-53770 2025-02-30")).toThrow(
        expect.objectContaining({ code: "instant.invalid" }),
    )
})
