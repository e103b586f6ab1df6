import { describe, expect, test } from "vitest"
import { eventMeanings } from "../../../../scripts/reference/event-meanings.ts"
import { eventSentences } from "./event-sentences.ts"
import { rowsOf } from "./event-rows.ts"
import { groupOf, kindFilter, kindGroups, sentenceOf, textOf } from "./sentence.ts"

const id = "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0006"

describe("events as sentences", () => {
    test("each kind of event has a sentence and a group", () => {
        const kinds = Object.keys(eventMeanings)
        expect(kinds.filter((kind) => eventSentences[kind] === undefined)).toEqual([])
        expect(kinds.filter((kind) => groupOf(kind) === null)).toEqual([])
        expect(Object.keys(eventSentences).filter((kind) => kind !== "confidential" && !kinds.includes(kind))).toEqual(
            [],
        )
    })

    test("a sentence names objects by id and values in words", () => {
        expect(sentenceOf("artifact.versioned", { artifact: id, version: 2 })).toEqual([
            "added version ",
            "2",
            " of ",
            { object: "artifact", id, unnamed: "an artifact" },
        ])
        expect(
            sentenceOf("wave.released", { tier: "entry", recipients: [id, id] })
                .map(String)
                .join(""),
        ).toBe("released the entry wave to 2 partners")
        expect(sentenceOf("artifact.recalled", null).map(String).join("")).toBe("recalled an artifact")
    })

    test("values are shown in words", () => {
        expect(textOf("offsetMs", -5 * 86_400_000)).toBe("5 d")
        expect(textOf("action", "wave.release")).toBe("Release a wave")
        expect(textOf("sha256", "ab".repeat(32))).toBe("abababab…")
        expect(textOf("roles", ["lead", "analyst"])).toBe("lead, analyst")
        expect(textOf("size", 41_882)).toBe("41,882")
        expect(textOf("year", 2025)).toBe("2025")
    })

    test("neighbours without content share a row", () => {
        const hidden = { at: "2025-06-23T00:00:00Z", kind: "confidential", body: null }
        const shown = { ...hidden, kind: "case.opened", body: { case: id } }
        expect(rowsOf([hidden, hidden, shown, shown, hidden]).map(({ count }) => count)).toEqual([2, 1, 1, 1])
    })

    test("all groups together filter nothing", () => {
        expect(kindFilter([])).toBe(null)
        expect(kindFilter(kindGroups.map((item) => item.id))).toBe(null)
        expect(kindFilter(["approvals"])).toBe("approval")
    })
})
