/**
 * No partner has content without consent to the current embargo and a signature for it. Random commands on a real
 * database, before and after a wave is released, are compared with a small model of answers and signatures. The end
 * of the embargo is read, not modelled.
 */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { type Instant, dayMs } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import type { Actor } from "../../kernel/actor.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { findEmbargoEnd } from "../cases/actions/load-case.ts"
import { answerInvitation, exitEmbargo } from "../cases/actions/answer-invitation.ts"
import {
    acceptProposal,
    moveEmbargo,
    proposeAsPartner,
    proposeTermination,
    rejectProposal,
} from "../cases/actions/negotiate-embargo.ts"
import { listEntitlements } from "../entitlement/actions/decide-access.ts"
import { listWaves } from "../waves/actions.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"
import { invitePartners } from "./actions/invite-partners.ts"

let world: Program
let partners: readonly TestPartner[]
beforeAll(async () => {
    world = await createProgram()
    partners = [await newPartner(world, "validate"), await newPartner(world, "validate")]
})
afterAll(async () => await world.database.close())

/** The last answer of one partner. */
type Said =
    | { readonly kind: "agreement" }
    | { readonly kind: "asked"; readonly until: Instant }
    | { readonly kind: "yes"; readonly end: Instant }
    | { readonly kind: "no" }

interface Command {
    readonly verb:
        | "wait"
        | "invite"
        | "invite by two"
        | "yes"
        | "no"
        | "exit"
        | "move"
        | "propose"
        | "accept"
        | "reject"
        | "press"
    readonly who: 0 | 1
    readonly days: number
}

const verbs = [
    "wait",
    "invite",
    "invite by two",
    "yes",
    "no",
    "exit",
    "move",
    "propose",
    "accept",
    "reject",
    "press",
] as const
const command: fc.Arbitrary<Command> = fc.record({
    verb: fc.constantFrom(...verbs, "wait", "invite"),
    who: fc.constantFrom(0 as const, 1 as const),
    days: fc.integer({ min: 1, max: 9 }),
})

/** False where it was refused, or waits for a second person. */
async function tried(actor: Actor, work: (ctx: ActionContext) => Promise<boolean | void>): Promise<boolean> {
    try {
        return (await world.acting(actor, work)) !== false
    } catch (error) {
        if (error instanceof Refusal) return false
        throw error
    }
}

/** Whom signatures name: those of the wave that fell, and of invitations after it. */
const signedFor = new Set<string>()

async function invitedByTwo(subject: string, partner: string): Promise<boolean> {
    let approval: string | null = null
    const isRequested = await tried(world.author, async (ctx) => {
        const answer = await invitePartners(ctx, subject, { partner })
        approval = answer.approval
        return answer.done
    })
    if (approval === null) return isRequested
    const signed: string = approval
    await signAsApprover(world, signed)
    signedFor.add(partner)
    return await tried(
        world.author,
        async (ctx) => (await invitePartners(ctx, subject, { partner }, { approval: signed })).done,
    )
}

/** Signs a wave and releases it at its instant; false when it has no recipients. */
async function signAndRelease(subject: string): Promise<boolean> {
    const [wave] = await world.acting(world.author, (ctx) => listWaves(ctx, subject))
    let approval = ""
    const isAsked = await tried(world.manager, async (ctx) => {
        approval = await requestRelease(ctx, wave?.id ?? "")
    })
    if (!isAsked) return false
    await signAsApprover(world, approval)
    const end = (await world.acting(world.author, (ctx) => findEmbargoEnd(ctx, subject))) ?? 0
    world.clock.now = Math.max(world.clock.now, end - 14 * dayMs)
    await releaseWavesJob.run(world.services)
    const releaseEvent = (await listEvents(world.database)).findLast(({ kind }) => kind === "wave.released")
    if (releaseEvent?.body["case"] !== subject) throw new Error("the wave that was signed did not fall")
    for (const item of releaseEvent.body["recipients"] as string[]) signedFor.add(item)
    return true
}

const runCommand = (subject: string, { verb, who: person, days }: Command, end: Instant): Promise<boolean> => {
    const partner = partners[person]
    if (!partner) throw new Error("no such partner")
    const { author, clock } = world
    const whom = { partner: partner.id }
    if (verb === "invite") return tried(author, async (ctx) => (await invitePartners(ctx, subject, whom)).done)
    if (verb === "invite by two") return invitedByTwo(subject, partner.id)
    if (verb === "yes") return tried(partner.lead, (ctx) => answerInvitation(ctx, subject, true))
    if (verb === "no") return tried(partner.lead, (ctx) => answerInvitation(ctx, subject, false))
    if (verb === "exit") return tried(partner.lead, (ctx) => exitEmbargo(ctx, subject))
    if (verb === "move") return tried(author, (ctx) => moveEmbargo(ctx, subject, end + (days - 4) * dayMs, "because"))
    if (verb === "propose")
        return tried(partner.lead, (ctx) => proposeAsPartner(ctx, subject, end + (days - 4) * dayMs))
    if (verb === "accept") return tried(author, (ctx) => acceptProposal(ctx, subject, days))
    if (verb === "reject") return tried(author, (ctx) => rejectProposal(ctx, subject, days, "no"))
    if (verb === "press") return tried(author, (ctx) => proposeTermination(ctx, subject, { trigger: "leak" }))
    clock.now += days * dayMs
    return Promise.resolve(true)
}

/** The answer of a partner before a command: an expired invitation is a no. */
const settledAt = (statement: Said, now: Instant): Said =>
    statement.kind === "asked" && statement.until <= now ? { kind: "no" } : statement

/** The answer of a partner after a command. */
function next(statement: Said, own: boolean, { verb }: Command, on: { now: Instant; was: Instant; is: Instant }): Said {
    if (own && (verb === "invite" || verb === "invite by two")) return { kind: "asked", until: on.now + 7 * dayMs }
    if (own && verb === "yes") return { kind: "yes", end: on.was }
    if (own && (verb === "no" || verb === "exit")) return { kind: "no" }
    const isLapsed = statement.kind === "yes" && on.is > statement.end && on.is > on.was
    return isLapsed ? { kind: "asked", until: on.now + 7 * dayMs } : statement
}

test("content is open only to partners signed for that consent to the current end", async () => {
    const some = fc.array(command, { minLength: 2, maxLength: 12 })
    await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: 5 }), some, async (before, after) => {
            world.clock.now = Date.parse("2025-06-23T01:00:00Z")
            signedFor.clear()
            const subject = await newCase(world, "toolshell")
            await newArtifact(world, subject, "summary", "toolshell/summary.md")
            const endNow = async () => (await world.acting(world.author, (ctx) => findEmbargoEnd(ctx, subject))) ?? 0
            let statements: Said[] = partners.map(() => ({ kind: "agreement" }))
            const play = async (command: Command) => {
                const was = await endNow()
                const taken = await runCommand(subject, command, was)
                const is = await endNow()
                const { now } = world.clock
                statements = statements.map((each) => settledAt(each, now))
                if (taken)
                    statements = statements.map((each, i) => next(each, i === command.who, command, { now, was, is }))
                return is
            }
            for (const command of before) await play(command)
            if (!(await signAndRelease(subject))) return
            for (const command of after) {
                const is = await play(command)
                if (is - 14 * dayMs > world.clock.now) continue
                for (const [i, { id }] of partners.entries()) {
                    const found = await world.acting(world.author, (ctx) => listEntitlements(ctx, id, subject))
                    const consents = statements[i]?.kind === "agreement" || statements[i]?.kind === "yes"
                    const has = found.some(({ version }) => version !== null)
                    expect({ one: command, has }).toEqual({ one: command, has: consents })
                    expect(signedFor.has(id) || !has).toBe(true)
                }
            }
        }),
        { numRuns: process.env["SLOW"] ? 300 : 40 },
    )
}, 600_000)
