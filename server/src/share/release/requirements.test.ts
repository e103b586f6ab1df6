/** A partner that meets a requirement between signature and release voids no approval. */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { addAgreementAtOnce, listEvents } from "../../../../test/support/actors.ts"
import { storeAcceptance } from "../../../../test/support/doubles/keys.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { acceptAgreement } from "../../trust/partners/agreements/actions/accept-agreement.ts"
import { addKey, listKeys, revokeKey } from "../../trust/partners/keys/actions/manage-keys.ts"
import { loadPartnerFacts } from "../../trust/partners/actions/load-facts.ts"
import { setRules } from "../../trust/partners/actions/set-program-rules.ts"
import { shippedRules } from "../../trust/partners/program-rules.ts"
import { findEntitlement } from "../entitlement/actions/decide-access.ts"
import { listWaves } from "../waves/actions.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"

let world: Program
let wave: string
let summary: string
let inTime: TestPartner
let owing: TestPartner

const overdue = () =>
    world.acting(world.manager, async (ctx) => (await loadPartnerFacts(ctx, owing.id, ctx.now)).overdue)
const versionFor = ({ id }: TestPartner) =>
    world.acting(world.manager, async (ctx) => (await findEntitlement(ctx, id, summary))?.version ?? null)
async function releaseWave(): Promise<readonly string[]> {
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWavesJob.run(world.services)
    const [event] = (await listEvents(world.database)).filter(({ kind }) => kind === "wave.released")
    return (event?.body["recipients"] ?? []) as string[]
}

/** How one comes to owe something while the other does not, and how it gives it. */
const kinds = {
    key: {
        owe: async () => {
            const strict = { ...shippedRules.requirements.kinds, key: { graceDays: 0, remindDays: [1] } }
            await world.acting(world.manager, (ctx) =>
                setRules(ctx, "requirements", { ...shippedRules.requirements, kinds: strict }),
            )
            await world.acting(owing.lead, async (ctx) => {
                for (const key of await listKeys(ctx, owing.id)) await revokeKey(ctx, key.id)
            })
        },
        give: async () => {
            const recipient = await identityToRecipient(await generateX25519Identity())
            const key = await world.acting(owing.lead, (ctx) => addKey(ctx, recipient))
            await world.acting(world.manager, (ctx) => storeAcceptance(ctx, key))
        },
    },
    agreement: {
        owe: async () => {
            await world.acting(world.manager, (ctx) => addAgreementAtOnce(ctx, "Keep it. ".repeat(20), null))
            await world.acting(inTime.lead, (ctx) => acceptAgreement(ctx, 2))
        },
        give: async () => void (await world.acting(owing.lead, (ctx) => acceptAgreement(ctx, 2))),
    },
} as const

async function prepare(kind: keyof typeof kinds): Promise<void> {
    world = await createProgram()
    inTime = await newPartner(world, "validate")
    owing = await newPartner(world, "validate")
    const caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    await kinds[kind].owe()
    world.clock.now += 1
    if ((await overdue()).join() !== kind) throw new Error("it does not owe this")
    wave =
        (await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))).find(({ tier }) => tier === "validate")
            ?.id ?? ""
    await signAsApprover(world, await world.acting(world.manager, (ctx) => requestRelease(ctx, wave)))
}

describe.each(["key", "agreement"] as const)("a requirement: %s", (kind) => {
    beforeEach(() => prepare(kind), 120_000)
    afterEach(() => world.database.close())

    test("met before the wave: it is released to both partners", async () => {
        await kinds[kind].give()
        expect((await releaseWave()).toSorted()).toEqual([inTime.id, owing.id].toSorted())
        expect(await overdue()).toEqual([])
        expect([await versionFor(inTime), await versionFor(owing)]).toEqual([1, 1])
    })

    test("met after the wave: content is withheld until then, and opens without a new signature", async () => {
        await releaseWave()
        expect([await versionFor(inTime), await versionFor(owing)]).toEqual([1, null])
        await kinds[kind].give()
        world.clock.now += dayMs
        expect([await versionFor(inTime), await versionFor(owing)]).toEqual([1, 1])
    })
})
