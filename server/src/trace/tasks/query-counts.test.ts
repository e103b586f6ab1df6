/**
 * `/api/tasks` takes as many statements for many tasks of each kind as for few, on a real database. No time is
 * measured.
 */
import { afterAll, beforeAll, expect, test } from "vitest"
import { createStaffMember, system } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { releaseWaveNow, fetchCopyText, newArtifact } from "../../../../test/support/program.ts"
import { listStatements } from "../../../../test/support/statements.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { readContent } from "../../demo/content.ts"
import { digestOf } from "@tocsin/marks/canary"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import type { Services } from "../../kernel/services.ts"
import { handleNextEvent } from "../../kernel/worker.ts"
import { addArtifact } from "../../share/artifacts/actions/add-artifact.ts"
import { loadMaster } from "../../share/artifacts/actions/load-artifacts.ts"
import { recallArtifact } from "../../share/artifacts/actions/recall-artifact.ts"
import { spoolTouches, processTouches } from "../../share/canaries/actions/record-touches.ts"
import { endEmbargo } from "../../share/cases/actions/negotiate-embargo.ts"
import { prepareMarks } from "../../share/marking/actions/mark-copy.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { listApplications, decideApplication } from "../../trust/partners/onboarding/actions/admit-partner.ts"
import { submitApplication } from "../../trust/partners/onboarding/actions/submit-application.ts"
import { startClock } from "../regulatory-clocks/actions/run-clocks.ts"
import { listEvidence } from "../evidence/actions/load-evidence.ts"
import { proposeFinding, confirmFinding } from "../inquiries/actions/propose-finding.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import { answerQuestion, askQuestion } from "../inquiries/actions/ask-question.ts"
import * as decisions from "../measures/actions/decide-procedure.ts"
import { answerLetter, listLettersForPartner } from "../measures/actions/send-letter.ts"
import { listMeasures } from "../measures/actions/record-measure.ts"
import { openProcedure, listProcedures } from "../measures/actions/open-procedure.ts"
import { suspendPartner } from "../measures/actions/restrict-access.ts"
import { listOpenTasks } from "./actions/list-tasks.ts"
import type { Task } from "./task.ts"

type Somebody = Actor & { readonly person: string }

const start = parseInstant("2025-06-24T17:00:00Z")
const publication = parseInstant("2025-07-08T17:00:00Z")
const late = parseInstant("2025-07-09T00:00:00Z")
const reason = "What its lead wrote does not change what was found."

let world: Program
/** The program with a name that no document accepts. */
let badly: Services
let colleague: Somebody
let decoyCase: string
let decoyNames: string[]
let rounds = 0

const by = <T>(actor: Actor, work: (ctx: ActionContext) => Promise<T>) => world.acting(actor, work)

async function applies(): Promise<void> {
    const text = "Two engineers on call read it; one acts within the hour."
    await by(system, (ctx) =>
        submitApplication(ctx, {
            organisation: `Marrowfield ${rounds}`,
            mail: "warnings@marrowfield.example",
            contact: { name: "Ottilie Brandt", mail: "ottilie@marrowfield.example" },
            productClasses: ["network_detection"],
            products: ["Marrow Gate"],
            regions: ["Northern Europe"],
            inHouseProtection: text,
            workedExample: { cve: "CVE-2024-3400", text },
            dataUse: text,
            mailboxReaders: text,
            automation: "None.",
        }),
    )
}

async function declinesOne(): Promise<void> {
    const [first] = await by(world.manager, listApplications)
    const declined = { decision: "declined", reason: "No.", message: "" } as const
    await by(world.manager, (ctx) => decideApplication(ctx, first?.partner ?? "", declined))
}

async function asks(inquiry: string, partner: TestPartner): Promise<void> {
    const answerBy = world.clock.now + 7 * dayMs
    const request = { kind: "question", partner: partner.id, finding: null, text: "Who had it?", answerBy } as const
    const question = await by(world.investigator, (ctx) => askQuestion(ctx, inquiry, request))
    await by(partner.lead, (ctx) => answerQuestion(ctx, question, { text: "Two of us.", deleted: null }))
}

/** Opens a procedure that waits for its decision, or for that of its appeal. */
async function accuses(inquiry: string, partner: TestPartner, isAppealed: boolean): Promise<void> {
    const input = { partner: partner.id, conclusion: "Its copy.", confidence: "high", obligation: "2.2" } as const
    const { finding, approval } = await by(world.investigator, (ctx) => proposeFinding(ctx, inquiry, input))
    await signAsApprover(world, approval, colleague)
    await by(world.investigator, (ctx) => confirmFinding(ctx, inquiry, finding))
    const id = await by(world.investigator, (ctx) => openProcedure(ctx, { inquiry, finding, reason }))
    const letter = async () => (await by(partner.lead, listLettersForPartner))[0]?.id ?? ""
    const concern = await letter()
    await by(partner.lead, (ctx) => answerLetter(ctx, concern, "It was stolen from us."))
    if (!isAppealed) return
    world.clock.now += 1000
    const decision = { outcome: "reprimand", reason, returnFrom: null, terms: null } as const
    const request = await by(world.manager, (ctx) => decisions.requestDecision(ctx, id, decision))
    await signAsApprover(world, request)
    await by(world.manager, (ctx) => decisions.applyDecision(ctx, id, request))
    const decided = await letter()
    await by(partner.lead, (ctx) => decisions.appealDecision(ctx, decided, "We had an intruder."))
}

async function suspends(partner: TestPartner): Promise<void> {
    await by(world.investigator, (ctx) => suspendPartner(ctx, { partner: partner.id, reason }))
    const letter = (await by(partner.lead, listLettersForPartner))[0]?.id ?? ""
    await by(partner.lead, (ctx) => answerLetter(ctx, letter, "Nothing was noticed."))
}

async function recalls(subject: string, holder: TestPartner): Promise<void> {
    const artifact = await newArtifact(world, subject, "technical", "toolshell/technical.md")
    await releaseWaveNow(world, subject, "validate", [artifact])
    await fetchCopyText(world, holder, artifact)
    await by(world.author, (ctx) => recallArtifact(ctx, artifact, { version: null, reason: "It was wrong." }))
}

/** Takes in the listeners' entry and runs its event handlers, as the worker does. */
async function touches(core: string): Promise<void> {
    const heard = { source: "192.0.2.1", agent: "curl", method: "GET", names: 1, paths: 1 }
    const entry = { digest: Buffer.from(digestOf(core)).toString("hex"), channel: "http", times: 1 } as const
    await spoolTouches(world.services, [{ ...entry, request: heard, at: world.clock.now }])
    await by({ kind: "system", component: "hear" }, processTouches)
}

/** Adds one task of each kind. */
async function grow(): Promise<void> {
    rounds++
    world.clock.now = start + rounds * 3_600_000
    await applies()
    await applies()
    await declinesOne()
    const [first, second, third] = [
        await newPartner(world, "validate"),
        await newPartner(world, "validate"),
        await newPartner(world, "validate"),
    ]
    const about = { case: decoyCase, title: "The paste", evidence: [], members: [colleague.person] }
    const inquiry = await by(world.investigator, (ctx) => openInquiry(ctx, about))
    await asks(inquiry, first)
    await accuses(inquiry, first, false)
    await accuses(inquiry, second, true)
    await suspends(third)
    await touches(decoyNames[rounds] ?? "")
    const recalled = await newCase(world, "toolshell")
    await recalls(recalled, second)
    await by(world.author, (ctx) => startClock(ctx, { ...clock, case: recalled, aware: ctx.now }))
    const unpublished = await newCase(world, "bypass")
    await newArtifact(world, unpublished, "summary", "bypass/summary.md")
    while (await handleNextEvent(badly, eventHandlers));
    world.clock.now = publication
    await by(world.author, (ctx) => endEmbargo(ctx, unpublished))
    while (await handleNextEvent(badly, eventHandlers));
    world.clock.now = late
}

const clock = { regime: "cra-vulnerability", reason: "An answer to our questions says so." }

const waiting = () =>
    world.services.db.transaction((tx) =>
        listOpenTasks({ tx, now: world.clock.now, services: badly, actor: world.manager }),
    )
const countsOf = (items: readonly Task[]) =>
    Object.fromEntries([...Map.groupBy(items, ({ kind }) => kind)].map(([kind, tasks]) => [kind, tasks.length]))
const kinds = [
    "application",
    "question",
    "publication",
    "decoy",
    "review",
    "decision",
    "appeal",
    "answer",
    "recall",
    "filing",
] as const
/** Returns the statements without row counts. */
const textsOf = async (work: () => Promise<unknown>) =>
    (await listStatements(work)).map((statement) => statement.replace(/^\d+ rows: /, "")).toSorted()

const lists: Readonly<Record<string, () => Promise<unknown>>> = {
    "what waits": waiting,
    applications: () => by(world.manager, listApplications),
    procedures: () => by(world.manager, (ctx) => listProcedures(ctx, null)),
    measures: () => by(world.manager, (ctx) => listMeasures(ctx, null)),
    evidence: () => by(world.investigator, listEvidence),
}
const few = new Map<string, string[]>()

beforeAll(async () => {
    world = await createProgram({ canaryZone: "canary.example" })
    Object.assign(world.services, { policy: openPolicyEngine(), log: { ...console, error: () => undefined } })
    badly = { ...world.services, publisherSettings: { ...world.services.publisherSettings, name: " " } }
    colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    decoyCase = await newCase(world, "toolshell")
    const content = `${readContent("toolshell/technical.md")}\n\nThen the page asks {{canary:host}} for more.\n`
    const details = { class: "technical", tlp: "RED", pap: "RED", name: "technical.md" } as const
    const artifact = await by(world.author, (ctx) => addArtifact(ctx, { ...details, case: decoyCase, content }))
    const marks = await by(world.author, async (ctx) => prepareMarks(ctx, await loadMaster(ctx, artifact, null)))
    decoyNames = [0, 1, 2, 3, 4].map((n) => marks?.canariesFor(`decoy ${n}`)[0]?.core ?? "")
    await grow()
    await grow()
    for (const [name, list] of Object.entries(lists)) few.set(name, await textsOf(list))
    await grow()
    await grow()
}, 300_000)
afterAll(() => world.database.close())

test("has several tasks of each kind", async () => {
    const counts = countsOf(await waiting())
    for (const kind of kinds) expect([kind, counts[kind]]).toEqual([kind, expect.toSatisfy((n) => n >= 3)])
})

test.each(Object.keys(lists))("%s: takes as many statements for many as for few", async (name) => {
    expect(await textsOf(lists[name] ?? (() => Promise.reject(new Error(name))))).toEqual(few.get(name))
})
