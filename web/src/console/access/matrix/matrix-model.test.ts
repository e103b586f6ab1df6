import { expect, test } from "vitest"
import type { Outcome } from "../../../../../server/src/share/entitlement/ruling.ts"
import type { Entitlement, Matrix } from "../../answers.ts"
import { type MatrixColumn, type MatrixPartner, filterMatrix, modelOf, noFilter } from "./matrix-model.ts"

const partner = (id: string, tier: MatrixPartner["tier"]): MatrixPartner => ({
    id,
    name: id.toUpperCase(),
    tier,
    status: "active",
    isOverdue: false,
    hasDuty: false,
})
const partners = [partner("zoe", "entry"), partner("bo", "validate"), partner("al", "entry")]
const columns: readonly MatrixColumn[] = [
    { id: "patch", name: "fix.txt", class: "patch" },
    { id: "sum", name: "summary.md", class: "summary" },
]

const cell = (of: string, artifact: string, outcome: Outcome): Entitlement => ({
    partner: of,
    artifact,
    class: artifact === "sum" ? "summary" : "patch",
    version: null,
    decision: {
        outcome,
        grantedClass: null,
        from: null,
        waves: [],
        released: false,
        available: outcome === "full",
        recalled: false,
        reasons: [],
    },
})

const matrixOf = (patchOfZoe: Outcome): Matrix => ({
    case: "c",
    at: "2025-07-06T00:00:00Z",
    policy: 1,
    exploited: false,
    entitlements: ["zoe", "bo", "al"].flatMap((of) => [
        cell(of, "patch", of === "zoe" ? patchOfZoe : "withheld"),
        cell(of, "sum", "full"),
    ]),
})

const model = modelOf(matrixOf("at_publication"), matrixOf("withheld"), partners, columns)
const namesIn = (filter: Partial<typeof noFilter>) =>
    filterMatrix(model, { ...noFilter, ...filter }).rows.map((row) =>
        row.kind === "tier" ? `${row.tier} ${row.partners}` : row.partner.name,
    )

test("orders artifacts by class, and partners by tier and name", () => {
    expect(model.columns.map(({ id }) => id)).toEqual(["sum", "patch"])
    expect(namesIn({})).toEqual(["validate 1", "BO", "entry 2", "AL", "ZOE"])
})

test("counts outcomes, open artifacts and changes", () => {
    expect(model.counts).toEqual({ full: 3, reduced: 0, at_publication: 1, withheld: 2 })
    expect(model.rows.map(({ openCount }) => openCount)).toEqual([1, 1, 1])
    expect(model.changes).toBe(1)
})

test("filters by name, tier, class, outcome and change", () => {
    expect(namesIn({ text: " Zo" })).toEqual(["entry 1", "ZOE"])
    expect(namesIn({ tier: "validate" })).toEqual(["validate 1", "BO"])
    expect(filterMatrix(model, { ...noFilter, class: "patch" }).columns.map(({ id }) => id)).toEqual(["patch"])
    expect(namesIn({ outcome: "at_publication" })).toEqual(["entry 1", "ZOE"])
    expect(namesIn({ class: "summary", outcome: "withheld" })).toEqual([])
    const changed = filterMatrix(model, { ...noFilter, changesOnly: true })
    expect([changed.partners, changed.columns.map(({ id }) => id)]).toEqual([1, ["patch"]])
})
