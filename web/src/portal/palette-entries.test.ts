import { expect, test } from "vitest"
import { findEntries } from "../kit/palette/find-entries.ts"
import { paletteEntries } from "./palette-entries.ts"

const allContent = {
    items: [
        {
            to: "/organisation",
            name: "Organisation",
            icon: "building" as const,
            tabs: [
                { to: "/organisation", name: "Overview" },
                { to: "/organisation/keys", name: "Keys" },
            ],
        },
    ],
    warnings: [{ id: "w1", title: "SharePoint sign-in bypass" }],
    tasks: [{ title: "Follow-up, SharePoint sign-in bypass", to: "/warnings/w1" }],
    letters: [{ subject: "A reprimand" }],
    questions: [{ text: "Is version 12 affected?" }],
    mayReport: true,
}

const addresses = (query: string, content: Parameters<typeof paletteEntries>[0] = allContent) =>
    findEntries(paletteEntries(content), query).map(({ to }) => to)

test("finds warnings, tasks, messages, screens and commands by their words", () => {
    expect(addresses("sharepoint")).toEqual([
        "/warnings/w1",
        "/warnings/w1",
        "/warnings/w1/reports",
        "/warnings/w1/questions",
    ])
    expect(addresses("reprimand")).toEqual(["/messages"])
    expect(addresses("version 12")).toEqual(["/messages/asked"])
    expect(addresses("keys")).toEqual(["/organisation/keys"])
    expect(addresses("token")).toEqual(["/organisation/access"])
    expect(addresses("report a sighting")).toEqual(["/warnings/w1/reports"])
})

test("offers no report to a person who may not send one, and no entries without answers", () => {
    expect(addresses("report a sighting", { ...allContent, mayReport: false })).toEqual([])
    const nothing = { ...allContent, warnings: [], tasks: [], letters: [], questions: [] }
    expect(addresses("sharepoint", nothing)).toEqual([])
})
