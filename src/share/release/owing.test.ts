/** Who owes something when a wave is signed, and has given it when the wave falls, takes the signature from nobody. */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { addAgreementAtOnce, recorded } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { acceptAgreement } from "../../trust/partners/actions/agreements.ts"
import { addKey, allKeysOf, revokeKey } from "../../trust/partners/actions/keys.ts"
import { partnerFactsOf } from "../../trust/partners/actions/facts.ts"
import { setRules } from "../../trust/partners/actions/rules.ts"
import { shippedRules } from "../../trust/partners/rules.ts"
import { entitlementTo } from "../entitlement/actions/entitlements.ts"
import { wavesOf } from "../waves/actions.ts"
import { releasing, requestRelease } from "./actions.ts"

let its: Program
let wave: string
let summary: string
let inTime: TestPartner
let owing: TestPartner

const overdue = () => its.acting(its.manager, async (act) => (await partnerFactsOf(act, owing.id, act.now)).overdue)
const hasIt = ({ id }: TestPartner) =>
    its.acting(its.manager, async (act) => (await entitlementTo(act, id, summary))?.version ?? null)
async function fall(): Promise<readonly string[]> {
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releasing.run(its.doors)
    const [event] = (await recorded(its.database)).filter(({ kind }) => kind === "wave.released")
    return (event?.body["recipients"] ?? []) as string[]
}

/** How one comes to owe something while the other does not, and how it gives it. */
const kinds = {
    key: {
        owe: async () => {
            const strict = { ...shippedRules.dues.kinds, key: { graceDays: 0, remindDays: [1] } }
            await its.acting(its.manager, (act) => setRules(act, "dues", { ...shippedRules.dues, kinds: strict }))
            await its.acting(owing.lead, async (act) => {
                for (const key of await allKeysOf(act, owing.id)) await revokeKey(act, key.id)
            })
        },
        give: async () => {
            const recipient = await identityToRecipient(await generateX25519Identity())
            await its.acting(owing.lead, (act) => addKey(act, recipient))
        },
    },
    agreement: {
        owe: async () => {
            await its.acting(its.manager, (act) => addAgreementAtOnce(act, "Keep it. ".repeat(20), null))
            await its.acting(inTime.lead, (act) => acceptAgreement(act, 2))
        },
        give: async () => void (await its.acting(owing.lead, (act) => acceptAgreement(act, 2))),
    },
} as const

async function prepare(kind: keyof typeof kinds): Promise<void> {
    its = await program()
    inTime = await newPartner(its, "validate")
    owing = await newPartner(its, "validate")
    const caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    await kinds[kind].owe()
    its.clock.now += 1
    if ((await overdue()).join() !== kind) throw new Error("it does not owe this")
    wave =
        (await its.acting(its.manager, (act) => wavesOf(act, caseId))).find(({ tier }) => tier === "validate")?.id ?? ""
    await sign(its, await its.acting(its.manager, (act) => requestRelease(act, wave)))
}

describe.each(["key", "agreement"] as const)("what is owed: %s", (kind) => {
    beforeEach(() => prepare(kind), 120_000)
    afterEach(() => its.database.close())

    test("given before the wave: it falls for both, and both have it", async () => {
        await kinds[kind].give()
        expect((await fall()).toSorted()).toEqual([inTime.id, owing.id].toSorted())
        expect(await overdue()).toEqual([])
        expect([await hasIt(inTime), await hasIt(owing)]).toEqual([1, 1])
    })

    test("given after the wave: withheld until then, and there without a new signature", async () => {
        await fall()
        expect([await hasIt(inTime), await hasIt(owing)]).toEqual([1, null])
        await kinds[kind].give()
        its.clock.now += dayMs
        expect([await hasIt(inTime), await hasIt(owing)]).toEqual([1, 1])
    })
})
