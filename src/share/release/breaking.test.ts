/** "Release now, the embargo is broken", rehearsed on a real database; and a case that is closed. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
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
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { approval, signApproval } from "../../trust/approvals/actions.ts"
import { stateOf } from "../../trust/approvals/approval.ts"
import { changeStanding, setDuties } from "../../trust/partners/actions/changes.ts"
import { dutyTable } from "../../trust/partners/duty.ts"
import { reviseArtifact } from "../artifacts/actions.ts"
import { caseFile, openCase } from "../cases/actions.ts"
import { breakEmbargo } from "../cases/actions/embargo.ts"
import { phase } from "../cases/embargo.ts"
import { warningsFor } from "../delivery/actions/projection.ts"
import { activatePolicy } from "../entitlement/actions/policies.ts"
import { freezeWave, wavesOf } from "../waves/actions.ts"
import { releasing, requestRelease } from "./actions.ts"
import { breakAndRelease, breakingOf, closeForGood, requestBreaking } from "./actions/breaking.ts"

let its: Program
let caseId: string
let summary: string
let poc: string
let first: TestPartner
let last: TestPartner
let reporting: TestPartner

beforeEach(async () => {
    its = await program()
    first = await newPartner(its, "validate")
    last = await newPartner(its, "entry")
    reporting = await newPartner(its, "validate")
    const rmsv = dutyTable.filter((duty) => duty.regime === "RMSV")
    await its.acting(its.manager, (act) => setDuties(act, reporting.id, rmsv))
    // The rule of August: whoever reports before publication gets nothing before it, and no proof of concept at all.
    await its.acting(its.manager, (act) => activatePolicy(act, 2))
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    poc = await newArtifact(its, caseId, "poc", "toolshell/poc.py")
}, 120_000)
afterEach(() => its.database.close())

const asManager = <T>(work: Parameters<typeof its.acting<T>>[1]) => its.acting(its.manager, work)
const asked = () => asManager((act) => requestBreaking(act, caseId, "it is all over the net"))
const breaks = (signed: string) => asManager((act) => breakAndRelease(act, caseId, signed))
const wavesNow = () => asManager((act) => wavesOf(act, caseId))
const waveOf = async (tier: string) => (await wavesNow()).find((one) => one.tier === tier)?.id ?? ""
const phaseNow = async () => phase((await asManager((act) => caseFile(act, caseId))).embargo, its.clock.now)
const since = async (seq: number) => await recorded(its.database, seq)
const newest = async () => (await recorded(its.database)).length

describe("release now", () => {
    test("opens all that the remaining waves and publication would, at once, to those whom they would", async () => {
        await fall(its, caseId, "validate", [summary, poc])
        const armed = await asManager((act) => waveOf("entry").then((id) => requestRelease(act, id)))
        await sign(its, armed)
        const frozen = await waveOf("advance")
        await asManager((act) => freezeWave(act, frozen))
        const { waves } = await asManager((act) => breakingOf(act, caseId))
        expect(waves.map(({ wave }) => wave.tier)).toEqual(["advance", "entry", "publication"])
        const id = await asked()
        await sign(its, id)
        const seq = await newest()
        await breaks(id)
        expect((await since(seq)).map(({ kind }) => kind)).toEqual([
            "approval.applied",
            "embargo.terminated",
            "wave.unfrozen",
            "wave.released",
            "approval.voided",
            "wave.released",
            "wave.released",
            "embargo.ended",
            "embargo.emergency_released",
        ])
        expect((await wavesNow()).map((one) => one.releasedAt)).toEqual(Array.from({ length: 4 }, () => its.clock.now))
        expect(await phaseNow()).toBe("ended")
        const { embargo } = await asManager((act) => caseFile(act, caseId))
        expect(embargo.find((turn) => turn.kind === "broken")).toMatchObject({ why: "it is all over the net" })
        expect(stateOf(await asManager((act) => approval(act, armed)), its.clock.now)).toBe("voided")
        expect(await fetched(its, last, summary)).toContain("SharePoint")
        expect(await fetched(its, reporting, summary)).toContain("SharePoint")
        const told = (await since(seq)).filter(({ kind }) => kind === "wave.released").map(({ body }) => body)
        expect(told).toMatchObject([
            { tier: "advance", recipients: [], approval: id },
            { tier: "entry", recipients: [last.id], approval: id },
            { tier: "publication", plannedAt: its.clock.now, approval: id },
        ])
        expect(told.at(-1)?.["recipients"]).toContain(reporting.id)
        await releasing.run(its.doors)
        expect((await since(seq)).filter(({ kind }) => kind === "wave.released")).toHaveLength(3)
    })

    test("gives nobody what publication would not: a duty to report holds on", async () => {
        const id = await asked()
        await sign(its, id)
        await breaks(id)
        expect(await fetched(its, first, poc)).toContain("import")
        expect(await codeOf(fetched(its, reporting, poc))).toBe("request.not_found")
    })

    const rows: [string, () => Promise<unknown>, string][] = [
        ["nobody signed", async () => undefined, "approval.not_signed"],
        [
            "a wave was frozen since",
            async () => {
                const id = await waveOf("entry")
                await asManager((act) => freezeWave(act, id))
            },
            "approval.effects_exceeded",
        ],
        ["a recipient was added since", () => newPartner(its, "validate"), "approval.effects_exceeded"],
        [
            "an artifact was changed since",
            () => its.acting(its.author, (act) => reviseArtifact(act, summary, "# Other\n\nText.")),
            "approval.effects_exceeded",
        ],
    ]
    test.each(rows)("does nothing at all where %s", async (what, change, code) => {
        const id = await asked()
        if (what !== "nobody signed") await sign(its, id)
        await change()
        const seq = await newest()
        expect(await codeOf(breaks(id))).toBe(code)
        expect(await since(seq)).toEqual([])
        expect(await phaseNow()).toBe("running")
        expect(await codeOf(fetched(its, last, summary))).toBe("request.not_found")
    })

    test("is not signed by whoever asks, nor by an author of what goes out; is used once", async () => {
        const id = await asked()
        for (const one of [its.manager, its.author]) {
            const signs = its.acting(one, async (act) => {
                const { effectsHash } = await approval(act, id)
                await signApproval(act, id, effectsHash)
            })
            expect(await codeOf(signs)).toMatch(/approval.(own_request|author_cannot_sign)/)
        }
        await sign(its, id)
        await breaks(id)
        expect(await codeOf(breaks(id))).toBe("release.no_embargo_to_end")
    })

    test("stands though a partner was suspended since, who gets nothing", async () => {
        const id = await asked()
        await sign(its, id)
        await asManager((act) => changeStanding(act, last.id, "suspended", { because: caseId }))
        await breaks(id)
        expect(await codeOf(fetched(its, last, summary))).toBe("request.not_found")
        expect(await fetched(its, first, summary)).toContain("SharePoint")
    })

    test("goes on where the embargo stands as broken already, and by that alone nothing opened", async () => {
        await its.acting(its.author, (act) => breakEmbargo(act, caseId, "leaked"))
        await releasing.run(its.doors)
        expect((await wavesNow()).filter((one) => one.releasedAt !== null)).toEqual([])
        const id = await asked()
        await sign(its, id)
        await breaks(id)
        expect(await phaseNow()).toBe("ended")
    })

    test("needs an embargo", async () => {
        const vulnerabilities = [
            {
                cve: "CVE-2025-1000",
                cwe: "CWE-94",
                products: [],
                score: 8.8,
                vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
            },
        ]
        const details = { title: "A flaw", vulnerabilities, finder: "" }
        const other = await its.acting(its.author, (act) => openCase(act, details))
        expect(await codeOf(asManager((act) => requestBreaking(act, other, "it is all over the net")))).toBe(
            "release.no_embargo_to_end",
        )
    })
})

describe("a case that is closed", () => {
    const close = () => its.acting(its.author, (act) => closeForGood(act, caseId, "no flaw after all"))
    const warned = async (of: TestPartner) => await its.acting(of.analyst, (act) => warningsFor(act, of.id))

    test("before anybody was warned is cancelled: what was signed falls, and nothing opens", async () => {
        const armed = await asManager((act) => waveOf("validate").then((id) => requestRelease(act, id)))
        await sign(its, armed)
        await close()
        its.clock.now = parseInstant("2025-07-09T00:00:00Z")
        await releasing.run(its.doors)
        expect((await wavesNow()).filter((one) => one.releasedAt !== null)).toEqual([])
        expect(await warned(first)).toEqual([])
        const [wave] = await wavesNow()
        expect(await codeOf(asManager((act) => requestRelease(act, wave?.id ?? "")))).toBe("case.closed")
        expect(await codeOf(asked())).toBe("case.closed")
        expect((await asManager((act) => caseFile(act, caseId))).closing?.kind).toBe("cancelled")
    })

    test("after a wave is withdrawn: the warning says so, those who had it are told, and nothing new opens", async () => {
        await fall(its, caseId, "validate", [summary])
        its.clock.now = parseInstant("2025-06-24T17:00:00Z")
        const seq = await newest()
        await close()
        expect(await since(seq)).toMatchObject([
            { kind: "case.withdrawn" },
            { kind: "case.withdrawal_announced", body: { recipients: [first.id] } },
        ])
        expect(await warned(first)).toMatchObject([{ withdrawnAt: its.clock.now, published: false }])
        its.clock.now += 20 * dayMs
        await releasing.run(its.doors)
        expect(await warned(last)).toEqual([])
        expect(await warned(first)).toMatchObject([{ published: false }])
    })
})
