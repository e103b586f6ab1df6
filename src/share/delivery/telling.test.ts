/** A wave that fell, and who was told: by real notices, a mail server that obeys, and partners that come and go. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { codeOf, recorded, system } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import type { Doors } from "../../platform/doors.ts"
import { endPerson, personById } from "../../trust/identity/actions.ts"
import { triesMax } from "../../trust/mailing/mailing.ts"
import { changeStanding } from "../../trust/partners/actions/changes.ts"
import { freezeWave, wavesOf } from "../waves/actions.ts"
import { mailing, makeNotices } from "./actions/notices.ts"
import { tellAnew, toldByWaves } from "./actions/telling.ts"

let its: Program
let doors: Doors
let caseId: string
let wave: string
let first: TestPartner
let second: TestPartner
/** Addresses that the mail server knows nobody of, and that it does not answer for. */
let unknown: Set<string>
let silent: Set<string>
const real = { now: Date.parse("2026-01-01T00:00:00Z") }

beforeEach(async () => {
    its = await program()
    unknown = new Set()
    silent = new Set()
    const nothing = () => undefined
    doors = {
        ...its.doors,
        realNow: () => real.now,
        log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
        mail: {
            send: async ({ to }) => {
                if (unknown.has(to)) {
                    throw Object.assign(new Error("nobody"), {
                        code: "EENVELOPE",
                        command: "RCPT TO",
                        responseCode: 550,
                    })
                }
                if (silent.has(to)) throw Object.assign(new Error("nothing"), { code: "ECONNREFUSED" })
            },
        },
    }
    first = await newPartner(its, "validate")
    second = await newPartner(its, "validate")
    await newPartner(its, "entry")
    caseId = await newCase(its, "toolshell")
    const summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    its.clock.now = Date.parse("2025-06-24T17:00:00Z")
    await fall(its, caseId, "validate", [summary])
    const all = await its.acting(its.manager, (act) => wavesOf(act, caseId))
    wave = all.find(({ tier }) => tier === "validate")?.id ?? ""
}, 120_000)
afterEach(() => its.database.close())

const told = async (of = wave) => (await its.acting(its.manager, (act) => toldByWaves(act, caseId))).get(of)
const notify = () => its.acting(system, (act) => makeNotices(act, { case: caseId, wave }, [first.id, second.id]))
async function mailAll(): Promise<void> {
    for (let n = 0; n < triesMax; n++) {
        while (await mailing.next(doors));
        real.now += 2 ** 30
    }
}
const waits = async (...expected: [TestPartner, string][]) => {
    const waiting = expected.map(([{ id }, why]) => ({ partner: id, why }))
    const byPartner = waiting.toSorted((a, b) => (a.partner < b.partner ? -1 : 1))
    expect((await told())?.waiting).toEqual(byPartner)
    expect((await told())?.done).toBe(expected.length === 0)
}
const addresses = async (of: TestPartner) => {
    const persons = [of.lead.person, of.analyst.person]
    const found = persons.map(async (id) => await its.acting(system, (act) => personById(act, id)))
    return (await Promise.all(found)).map((one) => one?.mail ?? "")
}
const renew = () => its.acting(its.manager, (act) => tellAnew({ ...act, doors }, wave))

test("it is done when one person of everybody entitled was told, and not before", async () => {
    await waits([first, "not made"], [second, "not made"])
    await notify()
    await waits([first, "not sent"], [second, "not sent"])
    const [lead, analyst] = await addresses(second)
    unknown.add(lead ?? "")
    await mailAll()
    await waits()
    expect(await told()).toEqual({ done: true, recipients: 2, notified: 2, filtered: [], waiting: [] })
    expect(analyst).not.toBe(lead)
})

test("who cannot be reached is named with the reason, and told once it can", async () => {
    unknown = new Set(await addresses(first))
    silent = new Set(await addresses(second))
    await notify()
    await mailing.next(doors)
    await mailing.next(doors)
    await mailing.next(doors)
    await mailing.next(doors)
    await waits([first, "tried again"], [second, "tried again"])
    await mailAll()
    await waits([first, "bounced"], [second, "failed"])
    const failed = (await recorded(its.database)).filter(({ kind }) => kind === "notice.failed")
    expect(failed.map(({ body }) => body["rejected"]).toSorted()).toEqual([false, false, true, true])
    unknown.clear()
    expect((await renew()).waiting.map(({ why }) => why)).toEqual(["not sent", "not sent"])
    await mailAll()
    await waits([second, "failed"])
    silent.clear()
    await renew()
    await mailAll()
    await waits()
    expect((await renew()).done).toBe(true)
    const renewed = (await recorded(its.database)).filter(({ kind }) => kind === "notice.resent")
    expect(renewed.map(({ body }) => body["recipients"])).toEqual([[first.id, second.id].toSorted(), [second.id]])
})

test("who is entitled at this moment counts: suspended, it waits no more; come since, it waits", async () => {
    await notify()
    await its.acting(its.manager, (act) => changeStanding(act, first.id, "suspended", { because: caseId }))
    await mailAll()
    await waits()
    const late = await newPartner(its, "validate")
    await waits([late, "not made"])
    await renew()
    await mailAll()
    await waits()
    for (const { person } of [second.lead, second.analyst]) await its.acting(system, (act) => endPerson(act, person))
    expect(await told()).toMatchObject({ done: true, notified: 2 })
})

test("who has nobody on the roster has no address, and cannot be told anew", async () => {
    for (const { person } of [first.lead, first.analyst]) await its.acting(system, (act) => endPerson(act, person))
    await notify()
    await mailAll()
    await waits([first, "no address"])
    await renew()
    expect((await recorded(its.database)).some(({ kind }) => kind === "notice.resent")).toBe(false)
})

test("frozen, it says so; and a wave that has not fallen is not done, and tells nobody", async () => {
    await notify()
    await its.acting(its.manager, (act) => freezeWave(act, wave))
    await mailAll()
    await waits([first, "frozen"], [second, "frozen"])
    const entry = (await its.acting(its.manager, (act) => wavesOf(act, caseId))).find(({ tier }) => tier === "entry")
    expect(await told(entry?.id)).toEqual({ done: false, recipients: 0, notified: 0, filtered: [], waiting: [] })
    const anew = its.acting(its.manager, (act) => tellAnew(act, entry?.id ?? ""))
    expect(await codeOf(anew)).toBe("delivery.not_released")
})
