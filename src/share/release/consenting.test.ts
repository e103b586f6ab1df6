/**
 * Nobody has content who does not consent to the embargo as it stands, or for whom nobody has signed: random commands on
 * a real database, before a wave is signed and falls and after it, against a small model that knows only who said what to
 * which end, and whom the signatures name. The embargo's own end is asked for, not modelled.
 */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { recorded } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { type Instant, dayMs } from "../../lib/instant.ts"
import { Refusal } from "../../lib/refusal.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import type { Act } from "../../trust/audit/actions.ts"
import { publicationOf } from "../cases/actions.ts"
import { answerInvitation, exitEmbargo } from "../cases/actions/consents.ts"
import {
    acceptProposal,
    moveEmbargo,
    proposeAsPartner,
    proposeTeardown,
    rejectProposal,
} from "../cases/actions/embargo.ts"
import { entitlementsOf } from "../entitlement/actions/entitlements.ts"
import { wavesOf } from "../waves/actions.ts"
import { releasing, requestRelease } from "./actions.ts"
import { invite } from "./actions/inviting.ts"

let its: Program
let partners: readonly TestPartner[]
beforeAll(async () => {
    its = await program()
    partners = [await newPartner(its, "validate"), await newPartner(its, "validate")]
})
afterAll(async () => await its.database.close())

/** What one partner has said so far. */
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
async function tried(actor: Actor, work: (act: Act) => Promise<boolean | void>): Promise<boolean> {
    try {
        return (await its.acting(actor, work)) !== false
    } catch (error) {
        if (error instanceof Refusal) return false
        throw error
    }
}

/** Whom signatures name: those of the wave that fell, and of invitations after it. */
const signedFor = new Set<string>()

async function invitedByTwo(of: string, partner: string): Promise<boolean> {
    let approval: string | null = null
    const asked = await tried(its.author, async (act) => {
        const answer = await invite(act, of, { partner })
        approval = answer.approval
        return answer.done
    })
    if (approval === null) return asked
    const signed: string = approval
    await sign(its, signed)
    signedFor.add(partner)
    return await tried(its.author, async (act) => (await invite(act, of, { partner }, { approval: signed })).done)
}

/** Signed now, and fallen at its instant; false where nobody would get anything by it. */
async function signedAndFallen(of: string): Promise<boolean> {
    const [wave] = await its.acting(its.author, (act) => wavesOf(act, of))
    let approval = ""
    const isAsked = await tried(its.manager, async (act) => {
        approval = await requestRelease(act, wave?.id ?? "")
    })
    if (!isAsked) return false
    await sign(its, approval)
    const end = (await its.acting(its.author, (act) => publicationOf(act, of))) ?? 0
    its.clock.now = Math.max(its.clock.now, end - 14 * dayMs)
    await releasing.run(its.doors)
    const fallen = (await recorded(its.database)).findLast(({ kind }) => kind === "wave.released")
    if (fallen?.body["case"] !== of) throw new Error("the wave that was signed did not fall")
    for (const one of fallen.body["recipients"] as string[]) signedFor.add(one)
    return true
}

const done = (of: string, { verb, who, days }: Command, end: Instant): Promise<boolean> => {
    const partner = partners[who]
    if (!partner) throw new Error("no such partner")
    const { author, clock } = its
    const whom = { partner: partner.id }
    if (verb === "invite") return tried(author, async (act) => (await invite(act, of, whom)).done)
    if (verb === "invite by two") return invitedByTwo(of, partner.id)
    if (verb === "yes") return tried(partner.lead, (act) => answerInvitation(act, of, true))
    if (verb === "no") return tried(partner.lead, (act) => answerInvitation(act, of, false))
    if (verb === "exit") return tried(partner.lead, (act) => exitEmbargo(act, of))
    if (verb === "move") return tried(author, (act) => moveEmbargo(act, of, end + (days - 4) * dayMs, "because"))
    if (verb === "propose") return tried(partner.lead, (act) => proposeAsPartner(act, of, end + (days - 4) * dayMs))
    if (verb === "accept") return tried(author, (act) => acceptProposal(act, of, days))
    if (verb === "reject") return tried(author, (act) => rejectProposal(act, of, days, "no"))
    if (verb === "press") return tried(author, (act) => proposeTeardown(act, of, { trigger: "leak" }))
    clock.now += days * dayMs
    return Promise.resolve(true)
}

/** What is true of somebody before this command: a question that nobody answered in time is a no. */
const settledAt = (said: Said, now: Instant): Said =>
    said.kind === "asked" && said.until <= now ? { kind: "no" } : said

/** What the command, once taken, makes of what somebody has said. */
function next(said: Said, own: boolean, { verb }: Command, on: { now: Instant; was: Instant; is: Instant }): Said {
    if (own && (verb === "invite" || verb === "invite by two")) return { kind: "asked", until: on.now + 7 * dayMs }
    if (own && verb === "yes") return { kind: "yes", end: on.was }
    if (own && (verb === "no" || verb === "exit")) return { kind: "no" }
    const isLapsed = said.kind === "yes" && on.is > said.end && on.is > on.was
    return isLapsed ? { kind: "asked", until: on.now + 7 * dayMs } : said
}

test("content is open to whoever is signed for and consents to the end as it stands, and to nobody else", async () => {
    const some = fc.array(command, { minLength: 2, maxLength: 12 })
    await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: 5 }), some, async (before, after) => {
            its.clock.now = Date.parse("2025-06-23T01:00:00Z")
            signedFor.clear()
            const of = await newCase(its, "toolshell")
            await newArtifact(its, of, "summary", "toolshell/summary.md")
            const endNow = async () => (await its.acting(its.author, (act) => publicationOf(act, of))) ?? 0
            let said: Said[] = partners.map(() => ({ kind: "agreement" }))
            const play = async (one: Command) => {
                const was = await endNow()
                const taken = await done(of, one, was)
                const is = await endNow()
                const { now } = its.clock
                said = said.map((each) => settledAt(each, now))
                if (taken) said = said.map((each, i) => next(each, i === one.who, one, { now, was, is }))
                return is
            }
            for (const one of before) await play(one)
            if (!(await signedAndFallen(of))) return
            for (const one of after) {
                const is = await play(one)
                if (is - 14 * dayMs > its.clock.now) continue
                for (const [i, { id }] of partners.entries()) {
                    const found = await its.acting(its.author, (act) => entitlementsOf(act, id, of))
                    const consents = said[i]?.kind === "agreement" || said[i]?.kind === "yes"
                    const has = found.some(({ version }) => version !== null)
                    expect({ one, has }).toEqual({ one, has: consents })
                    expect(signedFor.has(id) || !has).toBe(true)
                }
            }
        }),
        { numRuns: process.env["SLOW"] ? 300 : 40 },
    )
}, 600_000)
