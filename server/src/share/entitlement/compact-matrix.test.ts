import fc from "fast-check"
import { expect, test } from "vitest"
import { artifactClasses } from "../artifacts/artifact.ts"
import { type MatrixCell, compactMatrix, expandMatrix } from "./compact-matrix.ts"

const cell = fc.record({
    partner: fc.constantFrom("ann", "bo", "cy"),
    artifact: fc.constantFrom("rule", "text", "patch"),
    class: fc.constant(artifactClasses[0] ?? "summary"),
    version: fc.constantFrom(null, 1, 2),
    decision: fc.record({ outcome: fc.constantFrom("full", "withheld"), from: fc.constantFrom(null, "today") }),
})

const keyOf = ({ partner, artifact, version }: { partner: string; artifact: string; version: number | null }) =>
    `${partner} ${artifact} ${version}`

test("a compact matrix has every cell of the matrix, and no other", () => {
    fc.assert(
        fc.property(fc.uniqueArray(cell, { selector: keyOf }), (cells: MatrixCell<object>[]) => {
            const byKey = (list: readonly MatrixCell<object>[]) =>
                list.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)))
            expect(byKey(expandMatrix(compactMatrix(cells)))).toEqual(byKey(cells))
        }),
    )
})

test("each artifact and each decision stands in it once", () => {
    const summary = { artifact: "text", class: "summary", version: null } as const
    const cells = ["ann", "bo", "cy"].map((partner) => ({ partner, ...summary, decision: { outcome: "full" } }))
    expect(compactMatrix(cells)).toEqual({
        artifacts: [summary],
        decisions: [{ outcome: "full" }],
        partners: ["ann", "bo", "cy"].map((partner) => ({ partner, cells: [0] })),
    })
})
