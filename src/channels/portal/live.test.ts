/** What the portal's live stream tells: that something is another way for whoever listens, and for nobody else. */
import { afterAll, beforeAll, expect, test } from "vitest"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { dayMs, hourMs, parseInstant } from "../../lib/instant.ts"
import { Live } from "../../platform/http.ts"
import { reportProtection } from "../../trace/sightings/actions/protecting.ts"
import { openInquiry } from "../../trace/inquiries/actions/inquiries.ts"
import { answerQuestion, ask } from "../../trace/inquiries/actions/questions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { routes } from "./routes.ts"

let its: Program
let caseId: string
let partner: TestPartner
let other: TestPartner

beforeAll(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
    other = await newPartner(its, "validate")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(its, "toolshell")
    await fall(its, caseId, "validate", [await newArtifact(its, caseId, "summary", "toolshell/summary.md")])
})
afterAll(() => its.database.close())

const stream = routes.find(({ path }) => path === "/api/events")
const seenBy = (who: Actor) =>
    its.acting(who, async (act) => {
        const answer = await stream?.handler(act as never)
        return answer instanceof Live ? answer.fingerprint : null
    })
/** For whom of these it is another way after `work`. */
async function movedBy(work: () => Promise<unknown>): Promise<string[]> {
    const all = { lead: partner.lead, analyst: partner.analyst, other: other.lead }
    const before = new Map<string, string | null>()
    for (const [name, who] of Object.entries(all)) before.set(name, await seenBy(who))
    await work()
    const moved: string[] = []
    for (const [name, who] of Object.entries(all)) if ((await seenBy(who)) !== before.get(name)) moved.push(name)
    return moved
}

test("how far the partner said it is moves it for all of its own", async () => {
    const say = (note: string) =>
        its.acting(partner.lead, (act) => reportProtection(act, caseId, { state: "coming", since: null, note }))
    expect(await movedBy(() => say("We are at it."))).toEqual(["lead", "analyst"])
    expect(await movedBy(() => say("We are at it."))).toEqual([])
    its.clock.now += hourMs
    expect(await movedBy(() => say("Still."))).toEqual(["lead", "analyst"])
})

test("a question moves it for the leads that it is put to: once asked, once answered, and once lapsed", async () => {
    const inquiry = await its.acting(its.investigator, (act) =>
        openInquiry(act, { case: caseId, title: "The paste", evidence: [], members: [] }),
    )
    const asked: string[] = []
    const put = async () => {
        const to = { kind: "question", partner: partner.id, finding: null, text: "Who had it?" } as const
        const question = { ...to, answerBy: its.clock.now + 2 * dayMs }
        asked.push(await its.acting(its.investigator, (act) => ask(act, inquiry, question)))
    }
    expect(await movedBy(put)).toEqual(["lead"])
    const answer = { text: "Two of us.", deleted: null }
    expect(await movedBy(() => its.acting(partner.lead, (act) => answerQuestion(act, asked[0] ?? "", answer)))).toEqual(
        ["lead"],
    )
    expect(await movedBy(put)).toEqual(["lead"])
    expect(await movedBy(async () => void (its.clock.now += 2 * dayMs))).toEqual(["lead"])
})
