import { expect, test } from "vitest"
import { type NoticeState, type WhyWaiting, toldOf } from "./told.ts"

const notice = (state: NoticeState, tries = 1) => ({ partner: "acme", state, tries })

test.each<[string, ReturnType<typeof notice>[], WhyWaiting | null]>([
    ["one person was told", [notice("sent")], null],
    ["one of two was told", [notice("bounced"), notice("sent")], null],
    ["it has not been sent", [notice("due", 0)], "not sent"],
    ["it is tried again", [notice("due", 3), notice("failed", 8)], "tried again"],
    ["one is tried and one was not yet", [notice("due", 3), notice("due", 0)], "not sent"],
    ["no server takes it", [notice("failed", 8)], "failed"],
    ["its server does not know the address", [notice("bounced", 8), notice("dropped")], "bounced"],
    ["it had no access when it was to be sent", [notice("dropped")], "dropped"],
    ["nothing was made for it", [], "not made"],
])("%s", (_, notices, why) => {
    const wanted = { entitled: ["acme"], withoutPersons: new Set<string>(), isFrozen: false }
    const waiting = why === null ? [] : [{ partner: "acme", why }]
    const notified = why === null ? 1 : 0
    expect(toldOf(wanted, notices)).toEqual({ done: why === null, notified, filtered: [], waiting })
})

test("who wants no notice of it was not told, and is not waited for", () => {
    const wanted = { entitled: ["acme", "globex"], withoutPersons: new Set<string>(), isFrozen: false }
    const notices = [notice("filtered", 0), { ...notice("sent"), partner: "globex" }]
    expect(toldOf(wanted, notices)).toEqual({ done: true, notified: 1, filtered: ["acme"], waiting: [] })
})

test("who is entitled decides, and not who has a notice", () => {
    const wanted = { entitled: ["acme", "globex"], withoutPersons: new Set(["globex"]), isFrozen: true }
    const notices = [notice("due", 0), { partner: "initech", state: "failed", tries: 8 } as const]
    expect(toldOf(wanted, notices)).toEqual({
        done: false,
        notified: 0,
        filtered: [],
        waiting: [
            { partner: "acme", why: "frozen" },
            { partner: "globex", why: "no address" },
        ],
    })
    expect(toldOf({ ...wanted, entitled: [] }, notices)).toEqual({
        ...{ done: true, notified: 0, filtered: [], waiting: [] },
    })
})
