import { expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import type { ClockRow, FilingRow } from "../../clocks/clock-answers.ts"
import {
    dueFilings,
    filingsAfter,
    filingsToSubmit,
    lettersOf,
    referenceOf,
    shownFiling,
    statusOf,
    timeUsed,
} from "./filing-rows.ts"

const filing: FilingRow = {
    id: "early",
    title: "Early warning",
    from: "2026-10-01T00:00:00Z",
    dueAt: "2026-10-02T00:00:00Z",
    submittedAt: null,
    state: "open",
}
const later = { ...filing, id: "later", title: "Notification", dueAt: "2026-10-04T00:00:00Z" }
const waiting: FilingRow = { ...filing, id: "final", title: "Final report", from: null, dueAt: null, state: "waiting" }

const clock = (id: string, filings: readonly FilingRow[], closed = false): ClockRow => ({
    id,
    case: "case",
    regime: "law",
    version: 1,
    terms: {
        title: "Law",
        basis: "",
        authority: "",
        trigger: "exploited_vulnerability",
        state: "in_force",
        appliesFrom: null,
        filings: [],
    },
    awareAt: "2026-10-01T00:00:00Z",
    closed,
    filings: [...filings],
    history: [],
})

const running = clock("a", [waiting, later, filing])
const at = (hours: number) => parseInstant("2026-10-01T00:00:00Z") + hours * 3_600_000

test("without an address the next due filing is shown, and of a closed clock its first", () => {
    expect(shownFiling([running], "", "")?.filing.id).toBe("early")
    expect(shownFiling([clock("b", [later], true), running], "", "")?.filing.id).toBe("early")
    expect(shownFiling([clock("b", [later], true)], "", "")?.filing.id).toBe("later")
    expect(shownFiling([running], "a", "final")?.filing.id).toBe("final")
    expect(shownFiling([running], "a", "gone")).toBeNull()
    expect(shownFiling([], "", "")).toBeNull()
})

test("due filings come by deadline, and the rest after the shown one, waiting ones last", () => {
    const submitted: FilingRow = { ...filing, id: "done", state: "submitted", submittedAt: "2026-10-01T01:00:00Z" }
    const clocks = [clock("a", [waiting, submitted, later, filing]), clock("b", [filing], true)]
    expect(dueFilings(clocks).map((item) => item.filing.id)).toEqual(["early", "later"])
    expect(filingsToSubmit(clocks).map((item) => item.filing.id)).toEqual(["early", "later", "final"])
    const shown = shownFiling(clocks, "a", "early")
    expect(shown && filingsAfter(clocks, shown).map((item) => item.filing.id)).toEqual(["later", "final"])
})

test("the reference is that of the filing's last submission", () => {
    const entry = { kind: "submitted", filing: "early", reference: "A-1" } as ClockRow["history"][number]
    const history = [entry, { ...entry, reference: "A-2" }, { ...entry, filing: "later", reference: "B-1" }]
    const submitted = { ...running, history }
    expect(referenceOf(submitted, "early")).toBe("A-2")
    expect(referenceOf({ ...submitted, history: [...history, { ...entry, kind: "reopened" }] }, "early")).toBe("A-2")
    expect(referenceOf(submitted, "final")).toBe("")
})

test.each([
    ["half of its time left", filing, at(12), 0.5, { figure: "12 h", badge: "open", tone: "plain" }],
    ["little time left", filing, at(23), 23 / 24, { figure: "1 h", badge: "open", tone: "due" }],
    ["no time left", { ...filing, state: "overdue" }, at(27), 1, { figure: "3 h", badge: "overdue", tone: "bad" }],
    ["no start", waiting, at(1), 0, { figure: "not running yet", badge: "waiting", tone: "plain" }],
    [
        "its submission in time",
        { ...filing, state: "submitted", submittedAt: "2026-10-01T01:00:00Z" },
        at(1),
        1,
        { figure: "submitted", badge: "in time", tone: "good" },
    ],
    [
        "its submission too late",
        { ...filing, state: "submitted_late", submittedAt: "2026-10-03T00:00:00Z" },
        at(72),
        1,
        { figure: "submitted", badge: "late", tone: "bad" },
    ],
] as const)("a filing with %s", (_, row, now, used, shown) => {
    const item = { clock: running, filing: row }
    expect(timeUsed(item, now)).toBeCloseTo(used)
    expect(statusOf(item, now)).toEqual(shown)
})

test("a filing of a closed clock is not due", () => {
    expect(statusOf({ clock: clock("a", [filing], true), filing }, at(30))).toMatchObject({ badge: "closed" })
})

test("each draft has a letter of its own", () => {
    expect(lettersOf(["Early warning", "Notification", "Final report", "Escalation", "E"])).toEqual([
        "E",
        "N",
        "F",
        "S",
        "5",
    ])
})
