/**
 * Compares the negotiation with CERT/CC's Vultron protocol: its state diagram and its example messages. Skipped
 * unless ../shared/data is next to the project. The states alone are in test/vectors/embargo-states.json.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import vectors from "../../../../test/vectors/embargo-states.json" with { type: "json" }
import { parseInstant } from "@tocsin/base/instant"
import { type Embargo, accept, agree, terminate, endOf, propose, reject, shippedLimits, stateOf } from "./embargo.ts"

const folder = join(import.meta.dirname, "../../../../../shared/data/vultron")
const isAbsent = !existsSync(folder)
const textOf = (name: string) => readFileSync(join(folder, name), "utf8")

test.skipIf(isAbsent)("states and transitions match the diagram of the protocol", () => {
    const diagrams = readdirSync(folder).filter((item) => item.endsWith("_dfa_diagram.md"))
    expect(diagrams).not.toEqual([])
    for (const name of diagrams) {
        const drawn = [...textOf(name).matchAll(/(\w+) --> (\w+) : (\w+)/g)].map(
            ([, from = "", to = "", action = ""]) => `${from} ${action} ${to}`.toLowerCase(),
        )
        expect(drawn.length).toBeGreaterThan(8)
        // Ours also leads on into `proposed` and `revise` where other proposals are left: the protocol proposes those
        // anew.
        const ours = vectors.transitions.flatMap(({ from, action, to }) =>
            to.map((item) => `${from} ${action} ${item}`),
        )
        for (const row of drawn) expect(ours).toContain(row)
        const pairs = (rows: readonly string[]) => new Set(rows.map((row) => row.split(" ").slice(0, 2).join(" ")))
        expect(pairs(ours)).toEqual(pairs(drawn))
    }
})

interface Message {
    readonly action: string
    readonly start: number
    readonly end: number
}

function read(name: string): Message {
    const { asType, object } = JSON.parse(textOf(name)) as {
        asType: string
        object: { startTime: string; endTime: string }
    }
    return { action: asType, start: parseInstant(object.startTime), end: parseInstant(object.endTime) }
}

test.skipIf(isAbsent)("the messages of one example case lead through the states of the protocol", () => {
    const [invited, accepted, rejected, added, removed] = [
        read("propose_embargo.json"),
        read("accept_embargo.json"),
        read("reject_embargo.json"),
        read("activate_embargo.json"),
        read("remove_embargo.json"),
    ]
    expect([invited, accepted, rejected, added, removed].map(({ action }) => action)).toEqual([
        "Invite",
        "Accept",
        "Reject",
        "Add",
        "Remove",
    ])
    const now = invited.start
    let entries: Embargo = propose([], { by: "vendor", endsAt: invited.end }, now, shippedLimits)
    entries = propose(entries, { by: "finder", endsAt: rejected.end }, now, shippedLimits)
    expect(stateOf(entries, now)).toBe("proposed")
    entries = reject(entries, 1, "", now)
    entries = accept(entries, 0, now, shippedLimits)
    expect([stateOf(entries, now), endOf(entries)]).toEqual(["active", added.end])
    expect(accepted.end).toBe(added.end)
    expect(stateOf(terminate(entries, "removed", now), now)).toBe("exited")
    expect(removed.end).toBe(added.end)
})

test.skipIf(isAbsent)("of two proposals the shorter one wins, and the other is a revision", () => {
    const [long, short] = [read("propose_embargo.json"), read("reject_embargo.json")]
    let entries: Embargo = propose([], { by: "vendor", endsAt: long.end }, long.start, shippedLimits)
    entries = propose(entries, { by: "finder", endsAt: short.end }, long.start, shippedLimits)
    entries = agree(entries, null, long.start, shippedLimits)
    expect([stateOf(entries, long.start), endOf(entries)]).toEqual(["revise", short.end])
    entries = accept(entries, 0, long.start, shippedLimits)
    expect([stateOf(entries, long.start), endOf(entries)]).toEqual(["active", long.end])
})
