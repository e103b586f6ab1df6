/** One person can set an earlier embargo end: approvals are voided, and nothing opens. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { addAgreementAtOnce, awaitRefusalCode } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import type { ActionContext } from "../../kernel/action-context.ts"
import { acceptAgreement } from "../../trust/partners/agreements/actions/accept-agreement.ts"
import { answerInvitation, inviteToEmbargo } from "../cases/actions/answer-invitation.ts"
import { acceptProposal, moveEmbargo, proposeTermination } from "../cases/actions/negotiate-embargo.ts"
import { loadMatrix } from "../entitlement/actions/decide-access.ts"

let world: Program
let partner: TestPartner
beforeAll(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    await world.acting(world.manager, (ctx) => addAgreementAtOnce(ctx, "Ten days. ".repeat(20), null, [], 10))
    await world.acting(partner.lead, (ctx) => acceptAgreement(ctx, 2))
}, 120_000)
afterAll(() => world.database.close())

const earlierEnds: [string, (ctx: ActionContext, subject: string) => Promise<void>][] = [
    [
        "a moved end",
        (ctx, subject) => moveEmbargo(ctx, subject, parseInstant("2025-06-30T00:00:00Z"), "it is known already"),
    ],
    [
        "an accepted termination proposal",
        async (ctx, subject) => {
            await proposeTermination(ctx, subject, { trigger: "leak" })
            await acceptProposal(ctx, subject, 1)
        },
    ],
]
test.each(earlierEnds)(
    "%s: a partner whose agreement did not cover the end gets nothing by that alone",
    async (_, sooner) => {
        world.clock.now = parseInstant("2025-06-23T01:00:00Z")
        const subject = await newCase(world, "toolshell")
        const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
        world.clock.now = parseInstant("2025-06-24T17:00:00Z")
        await releaseWaveNow(world, subject, "validate", [summary])
        expect(await awaitRefusalCode(fetchCopyText(world, partner, summary))).toBe("request.not_found")
        await world.acting(world.author, (ctx) => sooner(ctx, subject))
        expect(await awaitRefusalCode(fetchCopyText(world, partner, summary))).toBe("request.not_found")
        const { entitlements } = await world.acting(world.manager, (ctx) => loadMatrix(ctx, subject))
        expect(entitlements.filter(({ version }) => version !== null)).toEqual([])
        await world.acting(world.author, (ctx) => inviteToEmbargo(ctx, subject, partner.id))
        await world.acting(partner.lead, (ctx) => answerInvitation(ctx, subject, true))
        expect(await awaitRefusalCode(fetchCopyText(world, partner, summary))).toBe("done")
    },
)
