import { expect, test } from "vitest"
import { bundleText } from "./verify-bundle.ts"

const accepted = {
    ...({
        ok: true,
        format: "tocsin-inquiry-bundle/1",
        origin: "tocsin/test",
        verifierKey: "k",
        keyKnown: true,
    } as const),
    inquiry: "I",
    case: "C",
    createdAt: "2026-11-01T00:00:00Z",
    size: 8,
    root: "00",
    leaves: 3,
    evidence: 1,
    attributions: 1,
    questions: 0,
    findings: 1,
    confirmed: 1,
    opened: 0,
    textsUnproven: 0,
    identifiedUnproven: 0,
    namesUnproven: 0,
    touches: 1,
    tracingInstructions: 0,
}

test("unproven parts of an accepted bundle are listed, and nothing when all is proven", () => {
    expect(bundleText(accepted)).not.toContain("NOT proven")
    expect(bundleText({ ...accepted, textsUnproven: 2 })).toMatch(/NOT proven.*words of 2 findings or explanations/)
    expect(bundleText({ ...accepted, identifiedUnproven: 3 })).toMatch(/NOT proven.*whom 3 other documents accuse/)
    expect(bundleText({ ...accepted, namesUnproven: 1 })).toMatch(/NOT proven.*which name 1 touches were of/)
})
