/** Publication moves: the waves move with it, and what was signed for another instant stands or falls, on every path. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { flow } from "../src/flow.ts"
import { dayMs, hourMs, parseInstant } from "../src/lib/instant.ts"
import { runNext } from "../src/platform/worker.ts"
import { reviseArtifact } from "../src/share/artifacts/actions.ts"
import {
    acceptProposal,
    breakEmbargo,
    embargoDecisions,
    moveEmbargo,
    proposeAsPartner,
    proposeEmbargo,
    proposeTeardown,
} from "../src/share/cases/actions/embargo.ts"
import { inviteToEmbargo } from "../src/share/cases/actions/consents.ts"
import { publicationOf } from "../src/share/cases/actions.ts"
import { releasing, requestRelease } from "../src/share/release/actions.ts"
import { wavesOf } from "../src/share/waves/actions.ts"
import { plannedAt } from "../src/share/waves/wave.ts"
import { approval } from "../src/trust/approvals/actions.ts"
import { stateOf } from "../src/trust/approvals/approval.ts"
import type { Act } from "../src/trust/audit/actions.ts"
import { codeOf, recorded } from "./acting.ts"
import { type Program, type TestPartner, newArtifact, newCase, newPartner, program, sign } from "./program.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")

let its: Program
let caseId: string
let partner: TestPartner
let artifact: string
let signed: string
let requested: string

/** A wave that is signed for, another that is asked for, and two that nobody has asked for. */
beforeEach(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
    await newPartner(its, "advance")
    caseId = await newCase(its, "toolshell")
    artifact = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    signed = await ask("validate")
    await sign(its, signed)
    requested = await ask("advance")
    await work()
}, 120_000)
afterEach(() => its.database.close())

const waves = async () => await its.acting(its.manager, (act) => wavesOf(act, caseId))
async function ask(tier: string): Promise<string> {
    const id = (await waves()).find((one) => one.tier === tier)?.id ?? ""
    return await its.acting(its.manager, (act) => requestRelease(act, id))
}
async function work(): Promise<void> {
    while (await runNext(its.doors, flow));
}
const states = async () =>
    await its.acting(its.manager, async (act) => [
        stateOf(await approval(act, signed), act.now),
        stateOf(await approval(act, requested), act.now),
    ])
const decided = async (act: Act) => {
    const [first] = await embargoDecisions(act)
    await acceptProposal(act, caseId, first?.n ?? -1)
}

const stands = ["signed", "requested"]
const falls = ["voided", "voided"]
const rows: [string, (act: Act) => Promise<void>, number, string[]][] = [
    ["moved earlier", (act) => moveEmbargo(act, caseId, publication - hourMs, "sooner"), -hourMs, falls],
    ["moved earlier by a millisecond", (act) => moveEmbargo(act, caseId, publication - 1, "sooner"), -1, falls],
    ["moved later", (act) => moveEmbargo(act, caseId, publication + dayMs, "later"), dayMs, stands],
    [
        "moved later and back",
        async (act) => {
            await moveEmbargo(act, caseId, publication + dayMs, "later")
            await moveEmbargo(act, caseId, publication, "as it was")
        },
        0,
        stands,
    ],
    [
        "moved by an earlier proposal that is accepted",
        async (act) => {
            await proposeEmbargo(act, caseId, publication - dayMs)
            await decided(act)
        },
        -dayMs,
        falls,
    ],
    [
        "moved by a later proposal that is accepted",
        async (act) => {
            await proposeEmbargo(act, caseId, publication + dayMs)
            await decided(act)
        },
        dayMs,
        stands,
    ],
    [
        "moved by an end that exploitation proposed, and that was accepted",
        async (act) => {
            await proposeTeardown(act, caseId, { trigger: "exploitation" })
            await decided(act)
        },
        NaN,
        falls,
    ],
    ["broken", (act) => breakEmbargo(act, caseId, "it leaked"), NaN, falls],
    ["only proposed to be moved", (act) => proposeEmbargo(act, caseId, publication - dayMs), 0, stands],
]

describe("when publication is", () => {
    test.each(rows)("%s", async (_, change, by, expected) => {
        its.clock.now += hourMs
        await its.acting(its.author, change)
        await work()
        expect(await states()).toEqual(expected)
        const at = await its.acting(its.author, (act) => publicationOf(act, caseId))
        if (!Number.isNaN(by)) expect(at).toBe(publication + by)
        const planned = (await waves()).map((one) => plannedAt(one, at))
        expect(planned).toEqual([14, 5, 1, 0].map((days) => (at ?? NaN) - days * dayMs))
        const disarmed = (await recorded(its.database)).filter(({ kind }) => kind === "wave.approval_voided")
        expect(disarmed.map(({ body }) => body["code"])).toEqual(
            expected === falls ? ["release.publication_moved", "release.publication_moved"] : [],
        )
    })

    test("moved earlier than a wave, it falls with nobody's new signature only", async () => {
        its.clock.now += hourMs
        await its.acting(its.author, (act) => moveEmbargo(act, caseId, its.clock.now + dayMs, "it is out"))
        await releasing.run(its.doors)
        await work()
        await releasing.run(its.doors)
        expect((await waves()).filter((one) => one.releasedAt !== null)).toEqual([])
        await sign(its, await ask("validate"))
        await releasing.run(its.doors)
        expect((await waves())[0]?.releasedAt).toBe(its.clock.now)
    })

    test("proposed by a partner, and accepted, as when the operator moves it", async () => {
        await its.acting(its.manager, (act) => inviteToEmbargo(act, caseId, partner.id))
        its.clock.now += hourMs
        await its.acting(partner.lead, (act) => proposeAsPartner(act, caseId, publication - hourMs))
        await work()
        expect(await states()).toEqual(stands)
        await its.acting(its.author, decided)
        await work()
        expect(await states()).toEqual(falls)
    })
})

describe("when an artifact is", () => {
    const disarmed = async () =>
        (await recorded(its.database))
            .filter(({ kind }) => kind === "wave.approval_voided")
            .map(({ body }) => body["code"])

    test("revised: what was signed or asked for falls long before its instant, and nobody signs the old version", async () => {
        await its.acting(its.author, (act) => reviseArtifact(act, artifact, "# Another summary"))
        await work()
        expect(await states()).toEqual(falls)
        expect(await disarmed()).toEqual(["release.artifact_changed", "release.artifact_changed"])
        expect(await codeOf(sign(its, requested))).toBe("approval.already_voided")
    })

    test("added, and somebody would get it: what was signed does not hold it, and falls", async () => {
        await newArtifact(its, caseId, "poc", "toolshell/poc.py")
        await work()
        expect(await states()).toEqual(falls)
    })

    test("added, and only one of the waves would open it: the other one stands", async () => {
        await newArtifact(its, caseId, "patch", "toolshell/guidance.md")
        await work()
        expect(await states()).toEqual(["voided", "requested"])
    })
})
