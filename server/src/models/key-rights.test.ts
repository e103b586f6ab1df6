import fs from "node:fs"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { isKnownPurpose, keyRoles, mayDerive, maySign, scopeConditionOf, scopeFamilies } from "./key-rights.ts"

const sources = path.join(import.meta.dirname, "..")
const code = fs
    .readdirSync(sources, { recursive: true, encoding: "utf8" })
    .filter(
        (file) =>
            /(?<!\.test)\.ts$/.test(file) && !file.startsWith("models/") && !/crypto\/(?:root-)?keys?\.ts$/.test(file),
    )
    .map((file) => fs.readFileSync(path.join(sources, file), "utf8"))

const listMatches = (form: RegExp) => [
    ...new Set(code.flatMap((text) => [...text.matchAll(form)].flatMap((match) => match[1] ?? match[2] ?? []))),
]

describe("each key that the code uses is in the table", () => {
    const purposes = [
        ...listMatches(/derive\(\s*["`]([^"`$]+)/g),
        ...listMatches(/signingKey\(\s*"\w+", "([^"]+)"/g),
        ...listMatches(/commonId\([^,()]+(?:\.[^,()]+)*, "([^"]+)"/g),
        ...listMatches(/const purpose = `([^`$]+)/g),
    ]
    test.each(purposes)("purpose %s", (purpose) => {
        expect(isKnownPurpose(purpose)).toBe(true)
    })
    test("purposes are found", () => {
        expect(purposes).toEqual(expect.arrayContaining(["record-heads", "names:", "stix-ids", "backup", "shown:"]))
    })

    const scopes = [
        ...listMatches(/(?:[sS]cope\w*|scopes)\b[^=\n]*=[^\n]*?[`"]([a-z_]+)(?::\$\{|["`]\s*$)/gm),
        ...listMatches(/"(\w+_answers)"/g),
        ...listMatches(/crypt(?:Text|Bytes)\([^,]*,[^,]*keys,\s*(?:`([a-z_]+):\$\{|"([a-z_]+)")/g),
    ].filter((family) => !["openid"].includes(family))
    test.each(scopes)("scope %s", (family) => {
        expect(scopeFamilies).toContain(family)
    })
    test("scopes are found", () => {
        expect(scopes).toEqual(expect.arrayContaining([...scopeFamilies]))
    })
})

describe("the portal", () => {
    test.each([
        ["case:1", "released"],
        ["poc:1", "poc_released"],
        ["inquiry:1", "questioned"],
        ["partner:1", "always"],
        ["evidence:1", null],
        ["tracing:1", null],
        ["case_hold:1", null],
        ["console_answers", null],
        ["portal_answers", "always"],
        ["other:1", null],
        ["constructor", null],
        ["", null],
    ])("gets %s: %s", (scope, condition) => {
        expect(scopeConditionOf("portal", scope)).toBe(condition)
    })

    test.each(["backup", "high-water", "evidence/seed", "mail/returns", "spent-budget", "case-names", "nothing"])(
        "does not derive %s",
        (purpose) => {
            expect(mayDerive("portal", purpose)).toBe(false)
        },
    )
})

test("no role derives the seed of a log, and only the worker signs the audit log", () => {
    for (const purpose of ["record-heads", "receipt-heads", "receipt-heads-ml-dsa-44"])
        expect(keyRoles.filter((role) => mayDerive(role, purpose))).toEqual([])
    expect(keyRoles.filter((role) => scopeConditionOf(role, "signing") !== null)).toEqual([])
    expect(keyRoles.filter((role) => maySign(role, "audit_log"))).toEqual(["worker"])
})
