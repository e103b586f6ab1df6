import { describe, expect, test } from "vitest"
import { compareRules, rulesOf } from "./policy-rules.ts"

const text = `// The tiers; each has a wave.
@id("wave-of-tier")
@title("A tier's wave opens; for that tier")
permit (principal, action, resource)
when { resource.wave == principal.tier };

@id("no-poc") @title("No proof of concept")
forbid (principal, action, resource)
when { resource.class == Class::"poc" };
`

describe("rules of a policy", () => {
    test("each rule has its id, its words and its text", () => {
        const [first, second, ...more] = rulesOf(text)
        expect(first).toEqual({
            id: "wave-of-tier",
            title: "A tier's wave opens; for that tier",
            cedar: "permit (principal, action, resource)\nwhen { resource.wave == principal.tier };",
        })
        expect(second?.id).toBe("no-poc")
        expect(more).toEqual([])
        expect(rulesOf("permit (principal, action, resource);")).toMatchObject([{ id: "rule 1", title: "" }])
    })

    test("versions are compared by rule", () => {
        const before = rulesOf(text)
        const after = rulesOf(text.replace('"poc" }', '"repro" }').replaceAll("wave-of-tier", "tier-wave"))
        expect(compareRules(before, after).map(({ kind, rule }) => `${kind} ${rule.id}`)).toEqual([
            "added tier-wave",
            "changed no-poc",
            "removed wave-of-tier",
        ])
        expect(compareRules(before, before).map(({ kind }) => kind)).toEqual(["unchanged", "unchanged"])
    })
})
