import { describe, expect, test } from "vitest"
import type { Slot } from "@tocsin/marks/carriers/carrier"
import { unmarkedVersion, versionMarkingOf } from "./marking-level.ts"
import { strengthOf } from "./strength.ts"

const subject = { artifact: "a", version: 2, recipients: 3, class: "technical" as const }
const slots = (many: number, robustness: Slot["robustness"] = "wording"): Slot[] =>
    Array.from({ length: many }, (_, n) => ({
        id: `s${n}`,
        kind: "wording",
        robustness,
        variants: [[], [{ start: n, end: n + 1, text: "x" }]],
    }))
const report = (slots: Slot[], recipients = 12, colluders = 2) =>
    versionMarkingOf(subject, strengthOf({ slots, colluders, design: 2, recipients }), false)

describe("a signer sees", () => {
    test.each([
        ["no slots", report([]), "unmarked", "unmarked: no part of it has two forms"],
        [
            "an unmarked class",
            versionMarkingOf(subject, null, false),
            "unmarked",
            "unmarked: a file of this kind carries no",
        ],
        ["a search that takes too long", unmarkedVersion(subject, "late"), "unmarked", "cannot be released"],
        ["one slot", report(slots(1)), "unidentifiable", "marked with 1 lasting slot: too few to identify a recipient"],
        [
            "slots that formatters undo",
            report(slots(200, "fragile")),
            "unidentifiable",
            "marked with 0 lasting slots: too few",
        ],
        ["fewer than there are partners", report(slots(24)), "fewer", "partners, and 12 have case access"],
        ["too few for merged copies", report(slots(60)), "fewer", "2 colluders may stay unidentified"],
        [
            "enough slots",
            report(slots(400)),
            "marked",
            "a whole copy identifies one of more than a million partners (error 0.000001)",
        ],
    ])("the rating of %s", (_, goingOut, carries, says) => {
        expect(goingOut).toMatchObject({ ...subject, level: carries })
        expect(goingOut.description).toContain(says)
    })

    test.each([
        ["technical", false],
        ["poc", false],
        ["rules", true],
        ["guidance", true],
    ] as const)("for %s, whether machines get it unmarked: %s", (kind, isPolled) => {
        const strength = strengthOf({ slots: slots(400), colluders: 2, design: 2, recipients: 12 })
        const describe = (isMarked: boolean) =>
            versionMarkingOf({ ...subject, class: kind }, strength, isMarked).description
        expect(describe(false).endsWith("; partners that poll by TAXII or MISP get the text unmarked")).toBe(isPolled)
        expect(describe(true).endsWith("; partners that poll by MISP get the text unmarked")).toBe(isPolled)
    })

    test("why it is unmarked, and no reason when it is marked", () => {
        expect(
            [report([]), versionMarkingOf(subject, null, false), report(slots(3))].map(
                ({ unmarkedReason: unmarked }) => unmarked,
            ),
        ).toEqual(["slots", "kind", null])
    })
})
