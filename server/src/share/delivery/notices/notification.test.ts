import { expect, test } from "vitest"
import { type NoticeState, type UnnotifiedReason, notificationStatusOf } from "./notification.ts"

const notice = (state: NoticeState, attempts = 1) => ({ partner: "acme", state, attempts })

test.each<[string, ReturnType<typeof notice>[], UnnotifiedReason | null]>([
    ["one person was notified", [notice("sent")], null],
    ["one of two was notified", [notice("bounced"), notice("sent")], null],
    ["it has not been sent", [notice("due", 0)], "not_sent"],
    ["it is being retried", [notice("due", 3), notice("failed", 8)], "retrying"],
    ["one is being retried and one was not sent", [notice("due", 3), notice("due", 0)], "not_sent"],
    ["no server accepts it", [notice("failed", 8)], "failed"],
    ["the server does not know the address", [notice("bounced", 8), notice("dropped")], "bounced"],
    ["it had no access at sending time", [notice("dropped")], "dropped"],
    ["no notice was created", [], "not_created"],
])("%s", (_, notices, reason) => {
    const wanted = { entitled: ["acme"], withoutPeople: new Set<string>(), isFrozen: false }
    const waiting = reason === null ? [] : [{ partner: "acme", reason }]
    const notified = reason === null ? 1 : 0
    const recipients = notices.length > 0 ? 1 : 0
    expect(notificationStatusOf(wanted, notices)).toEqual({
        done: reason === null,
        recipients,
        notified,
        filtered: [],
        unnotified: waiting,
    })
})

test("a partner that filters the notice is neither notified nor awaited", () => {
    const wanted = { entitled: ["acme", "globex"], withoutPeople: new Set<string>(), isFrozen: false }
    const notices = [notice("filtered", 0), { ...notice("sent"), partner: "globex" }]
    expect(notificationStatusOf(wanted, notices)).toEqual({
        done: true,
        recipients: 1,
        notified: 1,
        filtered: ["acme"],
        unnotified: [],
    })
})

test("past notification stays, whatever the later entitlement", () => {
    const notices = ["acme", "globex", "initech"].map((partner) => ({ ...notice("sent"), partner }))
    const pick = (...entitled: string[]) =>
        notificationStatusOf({ entitled, withoutPeople: new Set(), isFrozen: false }, notices)
    const three = { recipients: 3, notified: 3, filtered: [] }
    expect(pick("acme", "globex", "initech")).toEqual({ ...three, done: true, unnotified: [] })
    expect(pick("acme", "globex")).toEqual({ ...three, done: true, unnotified: [] })
    const since = [{ partner: "umbrella", reason: "not_created" }]
    expect(pick("acme", "globex", "initech", "umbrella")).toEqual({ ...three, done: false, unnotified: since })
})

test("entitlement decides who is awaited, not who has a notice", () => {
    const wanted = { entitled: ["acme", "globex"], withoutPeople: new Set(["globex"]), isFrozen: true }
    const notices = [notice("due", 0), { partner: "initech", state: "failed", attempts: 8 } as const]
    expect(notificationStatusOf(wanted, notices)).toEqual({
        done: false,
        recipients: 2,
        notified: 0,
        filtered: [],
        unnotified: [
            { partner: "acme", reason: "frozen" },
            { partner: "globex", reason: "no_address" },
        ],
    })
    expect(notificationStatusOf({ ...wanted, entitled: [] }, notices)).toEqual({
        done: true,
        recipients: 2,
        notified: 0,
        filtered: [],
        unnotified: [],
    })
})
