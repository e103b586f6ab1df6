/** An earlier end of an embargo is one person's to set: what was signed falls by it, and nothing opens by it to anybody. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { addAgreementAtOnce, codeOf } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import type { Act } from "../../trust/audit/actions.ts"
import { acceptAgreement } from "../../trust/partners/actions/agreements.ts"
import { answerInvitation, inviteToEmbargo } from "../cases/actions/consents.ts"
import { acceptProposal, moveEmbargo, proposeTeardown } from "../cases/actions/embargo.ts"
import { matrixOf } from "../entitlement/actions/entitlements.ts"

let its: Program
let partner: TestPartner
beforeAll(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
    await its.acting(its.manager, (act) => addAgreementAtOnce(act, "Ten days. ".repeat(20), null, [], 10))
    await its.acting(partner.lead, (act) => acceptAgreement(act, 2))
}, 120_000)
afterAll(() => its.database.close())

const ends: [string, (act: Act, of: string) => Promise<void>][] = [
    ["moved", (act, of) => moveEmbargo(act, of, parseInstant("2025-06-30T00:00:00Z"), "it is known already")],
    [
        "a teardown that is accepted",
        async (act, of) => {
            await proposeTeardown(act, of, { trigger: "leak" })
            await acceptProposal(act, of, 1)
        },
    ],
]
test.each(ends)("%s: a partner whose agreement did not cover it gets nothing by that alone", async (_, sooner) => {
    its.clock.now = parseInstant("2025-06-23T01:00:00Z")
    const of = await newCase(its, "toolshell")
    const summary = await newArtifact(its, of, "summary", "toolshell/summary.md")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, of, "validate", [summary])
    expect(await codeOf(fetched(its, partner, summary))).toBe("request.not_found")
    await its.acting(its.author, (act) => sooner(act, of))
    expect(await codeOf(fetched(its, partner, summary))).toBe("request.not_found")
    const { entitlements } = await its.acting(its.manager, (act) => matrixOf(act, of))
    expect(entitlements.filter(({ version }) => version !== null)).toEqual([])
    await its.acting(its.author, (act) => inviteToEmbargo(act, of, partner.id))
    await its.acting(partner.lead, (act) => answerInvitation(act, of, true))
    expect(await codeOf(fetched(its, partner, summary))).toBe("done")
})
