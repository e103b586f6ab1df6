import { expect, test } from "vitest"
import { findEntries } from "./find-entries.ts"

const entries = ["Cases", "SharePoint sign-in bypass", "Copperline Networks", "Audit log", "Sharp Case"].map(
    (name) => ({
        kind: "screen" as const,
        name,
        to: `/${name}`,
    }),
)

test.each([
    ["", ["Cases", "SharePoint sign-in bypass", "Copperline Networks", "Audit log", "Sharp Case"]],
    ["case", ["Cases", "Sharp Case"]],
    ["  BYPASS share ", ["SharePoint sign-in bypass"]],
    ["net", ["Copperline Networks"]],
    ["nothing", []],
])("the palette finds by %j", (query, names) => {
    expect(findEntries(entries, query).map(({ name }) => name)).toEqual(names)
})
