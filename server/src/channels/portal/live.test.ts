/** The portal's live stream signals a change to affected readers only. */
import { afterAll, beforeAll, expect, test } from "vitest"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { LiveAnswer } from "../../kernel/route.ts"
import { reportProtection } from "../../trace/sightings/actions/report-protection.ts"
import { openInquiry } from "../../trace/inquiries/actions/open-inquiry.ts"
import { answerQuestion, askQuestion } from "../../trace/inquiries/actions/ask-question.ts"
import type { Actor } from "../../kernel/actor.ts"
import { routes } from "./routes.ts"

let world: Program
let caseId: string
let partner: TestPartner
let other: TestPartner

beforeAll(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    other = await newPartner(world, "validate")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(world, "toolshell")
    await releaseWaveNow(world, caseId, "validate", [
        await newArtifact(world, caseId, "summary", "toolshell/summary.md"),
    ])
})
afterAll(() => world.database.close())

const stream = routes.find(({ path }) => path === "/api/events")
const seenBy = (actor: Actor) =>
    world.acting(actor, async (ctx) => {
        const answer = await stream?.handler(ctx as never)
        return answer instanceof LiveAnswer ? answer.fingerprint : null
    })
/** Lists the readers whose view changed after `work`. */
async function movedBy(work: () => Promise<unknown>): Promise<string[]> {
    const values = { lead: partner.lead, analyst: partner.analyst, other: other.lead }
    const before = new Map<string, string | null>()
    for (const [name, actor] of Object.entries(values)) before.set(name, await seenBy(actor))
    await work()
    const moved: string[] = []
    for (const [name, actor] of Object.entries(values)) if ((await seenBy(actor)) !== before.get(name)) moved.push(name)
    return moved
}

test("signals a protection report to all people of the partner", async () => {
    const say = (note: string) =>
        world.acting(partner.lead, (ctx) => reportProtection(ctx, caseId, { state: "in_progress", since: null, note }))
    expect(await movedBy(() => say("We are at it."))).toEqual(["lead", "analyst"])
    expect(await movedBy(() => say("We are at it."))).toEqual([])
    world.clock.now += hourMs
    expect(await movedBy(() => say("Still."))).toEqual(["lead", "analyst"])
})

test("signals a question to its leads: when asked, answered and expired", async () => {
    const inquiry = await world.acting(world.investigator, (ctx) =>
        openInquiry(ctx, { case: caseId, title: "The paste", evidence: [], members: [] }),
    )
    const requests: string[] = []
    const put = async () => {
        const to = { kind: "question", partner: partner.id, finding: null, text: "Who had it?" } as const
        const question = { ...to, answerBy: world.clock.now + 2 * dayMs }
        requests.push(await world.acting(world.investigator, (ctx) => askQuestion(ctx, inquiry, question)))
    }
    expect(await movedBy(put)).toEqual(["lead"])
    const answer = { text: "Two of us.", deleted: null }
    expect(
        await movedBy(() => world.acting(partner.lead, (ctx) => answerQuestion(ctx, requests[0] ?? "", answer))),
    ).toEqual(["lead"])
    expect(await movedBy(put)).toEqual(["lead"])
    expect(await movedBy(async () => void (world.clock.now += 2 * dayMs))).toEqual(["lead"])
})
