/** Holders of what was recalled, later: who is reinstated is told, and who does not confirm is named to whoever recalled. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { flow } from "../../flow.ts"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { runNext } from "../../platform/worker.ts"
import { requestApproval } from "../../trust/approvals/actions.ts"
import type { Act } from "../../trust/audit/actions.ts"
import { endPerson } from "../../trust/identity/actions.ts"
import { changeStanding, effectsToSign } from "../../trust/partners/actions/changes.ts"
import type { Standing } from "../../trust/partners/partner.ts"
import { waitingForMe } from "../../trace/waiting/actions/waiting.ts"
import { recallArtifact } from "../artifacts/actions/recalls.ts"
import { makeAvailable } from "../release/actions/recalling.ts"
import { nameFor } from "./actions/names.ts"
import { mailing } from "./actions/notices.ts"
import { confirmDeletion } from "./actions/recalls.ts"

let its: Program
let summary: string
let holder: TestPartner
let other: TestPartner
const sent: string[] = []

beforeAll(async () => {
    its = await program()
    Object.assign(its.doors, {
        mail: { send: async ({ to }: { to: string }) => void sent.push(to) },
        log: { warn: () => 0 },
    })
}, 120_000)
afterAll(() => its.database.close())
beforeEach(async () => {
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    const caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    holder = await newPartner(its, "validate")
    other = await newPartner(its, "validate")
    await fall(its, caseId, "validate", [summary])
    its.clock.now += 1000
    for (const one of [holder, other]) await fetched(its, one, summary)
    await work()
    sent.length = 0
}, 120_000)

const asManager = <T>(does: (act: Act) => Promise<T>) => its.acting(its.manager, does)
const recall = () => its.acting(its.author, (act) => recallArtifact(act, summary, { version: null, reason: "wrong" }))
const confirm = (id: string, who: TestPartner) =>
    its.acting(who.analyst, (act) => confirmDeletion(act, nameFor(its.doors.keys, who.id, "recall", id)))

async function work(): Promise<void> {
    while (await runNext(its.doors, flow));
    while (await mailing.next(its.doors));
}

async function moveTo(value: Standing, who = holder): Promise<void> {
    const effects = await asManager((act) => effectsToSign(act, who.id, { fact: "standing", value }))
    const approval = effects && (await asManager((act) => requestApproval(act, effects)))
    if (approval !== null) await sign(its, approval)
    await asManager((act) => changeStanding(act, who.id, value, { approval: approval ?? undefined }))
    await work()
}

async function end(id: string): Promise<void> {
    const { approval } = await asManager((act) => makeAvailable(act, id, undefined))
    await sign(its, approval)
    await asManager((act) => makeAvailable(act, id, approval))
    await work()
}

describe("a holder that was suspended when it was recalled", () => {
    test("is told once it is reinstated, and not before", async () => {
        await moveTo("suspended")
        await recall()
        await work()
        expect(sent).toHaveLength(2)
        await moveTo("active")
        expect(sent).toHaveLength(4)
        await moveTo("restricted")
        await moveTo("active")
        expect(sent).toHaveLength(4)
    })

    test("is told of none that has ended, and of none that it has confirmed", async () => {
        const confirmed = await recall()
        await work()
        await confirm(confirmed, holder)
        sent.length = 0
        await moveTo("suspended")
        await moveTo("active")
        expect(sent).toEqual([])
        await end(confirmed)
        sent.length = 0
        await moveTo("suspended")
        const ended = await recall()
        await work()
        await end(ended)
        sent.length = 0
        await moveTo("active")
        expect(sent).toEqual([])
    })
})

describe("a recall that holders do not confirm", () => {
    const waitsFor = async (who = its.author) =>
        (await its.acting(who, waitingForMe))
            .filter(({ kind }) => kind === "recall")
            .map(({ partner }) => partner)
            .filter((one) => one === holder.id || one === other.id)

    test("waits after three days for whoever recalled, holder by holder, until each has confirmed", async () => {
        const id = await recall()
        await work()
        its.clock.now += 3 * dayMs - 1
        expect(await waitsFor()).toEqual([])
        its.clock.now += 1
        expect((await waitsFor()).toSorted()).toEqual([holder.id, other.id].toSorted())
        expect(await waitsFor(its.manager)).toEqual([])
        await confirm(id, holder)
        expect(await waitsFor()).toEqual([other.id])
        await confirm(id, other)
        expect(await waitsFor()).toEqual([])
    })

    test("waits no more once it is ended", async () => {
        const id = await recall()
        its.clock.now += 4 * dayMs
        expect(await waitsFor()).toHaveLength(2)
        await end(id)
        expect(await waitsFor()).toEqual([])
    })

    test("waits for all who may recall, where whoever did has left", async () => {
        const by = its.author
        await recall()
        await asManager((act) => endPerson(act, by.person))
        its.clock.now += 4 * dayMs
        expect(await waitsFor(its.manager)).toHaveLength(2)
    })
})
