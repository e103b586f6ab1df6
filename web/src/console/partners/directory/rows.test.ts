import { describe, expect, test } from "vitest"
import { chooseRows, csvOf, rowsOf } from "./rows.ts"

const now = Date.parse("2025-07-07T00:00:00Z")

const partner = (id: string, name: string, more: object = {}) => ({
    id,
    name,
    mail: `warnings@${id}.example`,
    tier: "entry",
    status: "active",
    agreement: "accepted",
    duties: [],
    reportsBeforePublication: "never",
    overdue: [],
    usableKeys: 1,
    readiness: "tested",
    ...more,
})

const requirement = (kind: string, state: string, dueAt: string) => ({ kind, state, dueAt, withheldFrom: dueAt })

const rows = rowsOf(
    [
        partner("oak", "Oakhurst", { tier: "advance", overdue: ["agreement"] }),
        partner("elm", "Elm, Ltd", { tier: "validate", status: "suspended", readiness: "untested" }),
        partner("ash", "=Ash()", { reportsBeforePublication: "always" }),
    ],
    [
        {
            partner: "oak",
            requirements: [
                requirement("key", "due", "2025-09-01T00:00:00Z"),
                requirement("agreement", "overdue", "2025-06-01T00:00:00Z"),
            ],
        },
        { partner: "ash", requirements: [requirement("mailbox", "due", "2025-07-14T00:00:00Z")] },
        { partner: "elm", requirements: [requirement("mailbox", "met", "2025-07-14T00:00:00Z")] },
    ],
)

const all = { query: "", view: "all", tier: "", status: "", sort: "tier" }
const idsOf = (filter: object) => chooseRows(rows, { ...all, ...filter }, now).map((row) => row.partner.id)

describe("the directory of partners", () => {
    test("sorts by tier, name, status and next requirement", () => {
        expect(idsOf({})).toEqual(["elm", "oak", "ash"])
        expect(idsOf({ sort: "name" })).toEqual(["ash", "elm", "oak"])
        expect(idsOf({ sort: "status" })).toEqual(["ash", "oak", "elm"])
        expect(idsOf({ sort: "requirement" })).toEqual(["oak", "ash", "elm"])
    })

    test("filters by words, tier, status and view", () => {
        expect(idsOf({ query: "OAK example" })).toEqual(["oak"])
        expect(idsOf({ tier: "validate" })).toEqual(["elm"])
        expect(idsOf({ status: "active", sort: "name" })).toEqual(["ash", "oak"])
        expect(idsOf({ view: "overdue" })).toEqual(["oak"])
        expect(idsOf({ view: "soon" })).toEqual(["oak", "ash"])
        expect(idsOf({ view: "reporting" })).toEqual(["ash"])
        expect(idsOf({ view: "no-key" })).toEqual(["elm"])
    })

    test("exports lines that no spreadsheet runs", () => {
        const [, elm, , ash] = csvOf(chooseRows(rows, all, now)).split("\r\n")
        expect(elm).toBe('"Elm, Ltd",warnings@elm.example,validate,suspended,accepted,,1,,')
        expect(ash).toBe("'=Ash(),warnings@ash.example,entry,active,accepted,,1,mailbox,2025-07-14T00:00:00Z")
    })
})
