/**
 * Publication moves: the waves move with it, and approvals for another instant stay valid or become void, on every
 * path.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { eventHandlers } from "../server/src/event-handlers.ts"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../server/src/kernel/worker.ts"
import { reviseArtifact } from "../server/src/share/artifacts/actions/add-artifact.ts"
import {
    acceptProposal,
    terminateEmbargo,
    listEmbargoDecisions,
    moveEmbargo,
    proposeAsPartner,
    proposeEmbargo,
    proposeTermination,
} from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { inviteToEmbargo } from "../server/src/share/cases/actions/answer-invitation.ts"
import { findEmbargoEnd } from "../server/src/share/cases/actions/load-case.ts"
import { releaseWavesJob, requestRelease } from "../server/src/share/release/actions/release-wave.ts"
import { listWaves } from "../server/src/share/waves/actions.ts"
import { plannedAt } from "../server/src/share/waves/wave.ts"
import { loadApproval } from "../server/src/trust/approvals/actions/load-approvals.ts"
import { stateOf } from "../server/src/trust/approvals/approval.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import { awaitRefusalCode, listEvents } from "./support/actors.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "./support/program.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")

let world: Program
let caseId: string
let partner: TestPartner
let artifact: string
let signed: string
let requested: string

/** One wave is signed, one requested, and two are neither. */
beforeEach(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    await newPartner(world, "advance")
    caseId = await newCase(world, "toolshell")
    artifact = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    signed = await ask("validate")
    await signAsApprover(world, signed)
    requested = await ask("advance")
    await work()
}, 120_000)
afterEach(() => world.database.close())

const waves = async () => await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))
async function ask(tier: string): Promise<string> {
    const id = (await waves()).find((wave) => wave.tier === tier)?.id ?? ""
    return await world.acting(world.manager, (ctx) => requestRelease(ctx, id))
}
async function work(): Promise<void> {
    while (await handleNextEvent(world.services, eventHandlers));
}
const states = async () =>
    await world.acting(world.manager, async (ctx) => [
        stateOf(await loadApproval(ctx, signed), ctx.now),
        stateOf(await loadApproval(ctx, requested), ctx.now),
    ])
const decided = async (ctx: ActionContext) => {
    const [first] = await listEmbargoDecisions(ctx)
    await acceptProposal(ctx, caseId, first?.n ?? -1)
}

const stands = ["signed", "requested"]
const falls = ["voided", "voided"]
const rows: [string, (ctx: ActionContext) => Promise<void>, number, string[]][] = [
    ["moved earlier", (ctx) => moveEmbargo(ctx, caseId, publication - hourMs, "sooner"), -hourMs, falls],
    ["moved earlier by a millisecond", (ctx) => moveEmbargo(ctx, caseId, publication - 1, "sooner"), -1, falls],
    ["moved later", (ctx) => moveEmbargo(ctx, caseId, publication + dayMs, "later"), dayMs, stands],
    [
        "moved later and back",
        async (ctx) => {
            await moveEmbargo(ctx, caseId, publication + dayMs, "later")
            await moveEmbargo(ctx, caseId, publication, "as it was")
        },
        0,
        stands,
    ],
    [
        "moved by an earlier proposal that is accepted",
        async (ctx) => {
            await proposeEmbargo(ctx, caseId, publication - dayMs)
            await decided(ctx)
        },
        -dayMs,
        falls,
    ],
    [
        "moved by a later proposal that is accepted",
        async (ctx) => {
            await proposeEmbargo(ctx, caseId, publication + dayMs)
            await decided(ctx)
        },
        dayMs,
        stands,
    ],
    [
        "moved by an end that exploitation proposed, and that was accepted",
        async (ctx) => {
            await proposeTermination(ctx, caseId, { trigger: "exploitation" })
            await decided(ctx)
        },
        NaN,
        falls,
    ],
    ["terminated", (ctx) => terminateEmbargo(ctx, caseId, "it leaked"), NaN, falls],
    ["only proposed to be moved", (ctx) => proposeEmbargo(ctx, caseId, publication - dayMs), 0, stands],
]

describe("when publication is", () => {
    test.each(rows)("%s", async (_, change, by, expected) => {
        world.clock.now += hourMs
        await world.acting(world.author, change)
        await work()
        expect(await states()).toEqual(expected)
        const at = await world.acting(world.author, (ctx) => findEmbargoEnd(ctx, caseId))
        if (!Number.isNaN(by)) expect(at).toBe(publication + by)
        const planned = (await waves()).map((wave) => plannedAt(wave, at))
        expect(planned).toEqual([14, 5, 1, 0].map((days) => (at ?? NaN) - days * dayMs))
        const disarmed = (await listEvents(world.database)).filter(({ kind }) => kind === "wave.approval_voided")
        expect(disarmed.map(({ body }) => body["code"])).toEqual(
            expected === falls ? ["release.publication_moved", "release.publication_moved"] : [],
        )
    })

    test("moved earlier than a wave, the wave needs no new signature", async () => {
        world.clock.now += hourMs
        await world.acting(world.author, (ctx) => moveEmbargo(ctx, caseId, world.clock.now + dayMs, "it is out"))
        await releaseWavesJob.run(world.services)
        await work()
        await releaseWavesJob.run(world.services)
        expect((await waves()).filter((wave) => wave.releasedAt !== null)).toEqual([])
        await signAsApprover(world, await ask("validate"))
        await releaseWavesJob.run(world.services)
        expect((await waves())[0]?.releasedAt).toBe(world.clock.now)
    })

    test("proposed by a partner and accepted, the effect is the same as for a move by the operator", async () => {
        await world.acting(world.manager, (ctx) => inviteToEmbargo(ctx, caseId, partner.id))
        world.clock.now += hourMs
        await world.acting(partner.lead, (ctx) => proposeAsPartner(ctx, caseId, publication - hourMs))
        await work()
        expect(await states()).toEqual(stands)
        await world.acting(world.author, decided)
        await work()
        expect(await states()).toEqual(falls)
    })
})

describe("when an artifact is", () => {
    const disarmed = async () =>
        (await listEvents(world.database))
            .filter(({ kind }) => kind === "wave.approval_voided")
            .map(({ body }) => body["code"])

    test("revised: approvals and requests are voided, and the old version cannot be signed", async () => {
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, artifact, "# Another summary"))
        await work()
        expect(await states()).toEqual(falls)
        expect(await disarmed()).toEqual(["release.artifact_changed", "release.artifact_changed"])
        expect(await awaitRefusalCode(signAsApprover(world, requested))).toBe("approval.already_voided")
    })

    test("added and a partner would get it: approvals without it are voided", async () => {
        await newArtifact(world, caseId, "poc", "toolshell/poc.py")
        await work()
        expect(await states()).toEqual(falls)
    })

    test("added and only one wave would release it: the approval of the other stays valid", async () => {
        await newArtifact(world, caseId, "patch", "toolshell/guidance.md")
        await work()
        expect(await states()).toEqual(["voided", "requested"])
    })
})
