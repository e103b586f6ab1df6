/** `/api/tasks` takes as many statements for many items of each kind as for few, on a real database. No time is measured. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { operator, system } from "../../../test/acting.ts"
import { type Program, type TestPartner, newCase, newPartner, program, sign } from "../../../test/program.ts"
import { fall, fetched, newArtifact } from "../../../test/program.ts"
import { statementsOf } from "../../../test/statements.ts"
import { flow } from "../../flow.ts"
import { readContent } from "../../demo/content.ts"
import { digestOf } from "../../lib/canary.ts"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { openPolicyEngine } from "../../platform/policy.ts"
import type { Doors } from "../../platform/doors.ts"
import { runNext } from "../../platform/worker.ts"
import { addArtifact, masterOf } from "../../share/artifacts/actions.ts"
import { recallArtifact } from "../../share/artifacts/actions/recalls.ts"
import { spool, takeIn } from "../../share/canaries/actions/hearing.ts"
import { endEmbargo } from "../../share/cases/actions/embargo.ts"
import { marksFor } from "../../share/marking/actions.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { applications, decideApplication } from "../../trust/partners/actions/admission.ts"
import { apply } from "../../trust/partners/actions/applying.ts"
import { startClock } from "../clocks/actions/running.ts"
import { allEvidence } from "../evidence/actions.ts"
import { conclude, confirmFinding } from "../inquiries/actions/findings.ts"
import { openInquiry } from "../inquiries/actions/inquiries.ts"
import { answerQuestion, ask } from "../inquiries/actions/questions.ts"
import * as decisions from "../measures/actions/decisions.ts"
import { answerLetter, ownLetters } from "../measures/actions/letters.ts"
import { measuresOf } from "../measures/actions/keeping.ts"
import { openProcedure, procedures } from "../measures/actions/procedures.ts"
import { suspend } from "../measures/actions/taking.ts"
import { everythingWaiting } from "./actions/gathering.ts"
import type { Waiting } from "./waiting.ts"

type Somebody = Actor & { readonly person: string }

const start = parseInstant("2025-06-24T17:00:00Z")
const publication = parseInstant("2025-07-08T17:00:00Z")
const late = parseInstant("2025-07-09T00:00:00Z")
const reason = "What its lead wrote does not change what was found."

let its: Program
/** As the program would be with a name that no document takes. */
let badly: Doors
let colleague: Somebody
let decoyCase: string
let decoyNames: string[]
let rounds = 0

const by = <T>(who: Actor, work: (act: Act) => Promise<T>) => its.acting(who, work)

async function applies(): Promise<void> {
    const text = "Two engineers on call read it; one acts within the hour."
    await by(system, (act) =>
        apply(act, {
            organisation: `Marrowfield ${rounds}`,
            mail: "warnings@marrowfield.example",
            contact: { name: "Ottilie Brandt", mail: "ottilie@marrowfield.example" },
            ...{ productClasses: ["network detection"], products: ["Marrow Gate"], regions: ["Northern Europe"] },
            ...{ inHouseProtection: text, workedExample: { cve: "CVE-2024-3400", text }, dataUse: text },
            ...{ mailboxReaders: text, automation: "None." },
        }),
    )
}

async function declinesOne(): Promise<void> {
    const [first] = await by(its.manager, applications)
    const declined = { decision: "declined", reason: "No.", message: "" } as const
    await by(its.manager, (act) => decideApplication(act, first?.partner ?? "", declined))
}

async function asks(inquiry: string, partner: TestPartner): Promise<void> {
    const answerBy = its.clock.now + 7 * dayMs
    const asked = { kind: "question", partner: partner.id, finding: null, text: "Who had it?", answerBy } as const
    const question = await by(its.investigator, (act) => ask(act, inquiry, asked))
    await by(partner.lead, (act) => answerQuestion(act, question, { text: "Two of us.", deleted: null }))
}

/** A procedure that waits for its decision, or for that about the appeal. */
async function accuses(inquiry: string, partner: TestPartner, isAppealed: boolean): Promise<void> {
    const said = { partner: partner.id, conclusion: "Its copy.", confidence: "high", obligation: "2.2" } as const
    const { finding, approval } = await by(its.investigator, (act) => conclude(act, inquiry, said))
    await sign(its, approval, colleague)
    await by(its.investigator, (act) => confirmFinding(act, inquiry, finding))
    const id = await by(its.investigator, (act) => openProcedure(act, { inquiry, finding, reason }))
    const letter = async () => (await by(partner.lead, ownLetters))[0]?.id ?? ""
    const concern = await letter()
    await by(partner.lead, (act) => answerLetter(act, concern, "It was stolen from us."))
    if (!isAppealed) return
    its.clock.now += 1000
    const decision = { outcome: "reprimand", reason, returnFrom: null, terms: null } as const
    const asked = await by(its.manager, (act) => decisions.requestDecision(act, id, decision))
    await sign(its, asked)
    await by(its.manager, (act) => decisions.carryOutDecision(act, id, asked))
    const decided = await letter()
    await by(partner.lead, (act) => decisions.appealLetter(act, decided, "We had an intruder."))
}

async function suspends(partner: TestPartner): Promise<void> {
    await by(its.investigator, (act) => suspend(act, { partner: partner.id, reason }))
    const letter = (await by(partner.lead, ownLetters))[0]?.id ?? ""
    await by(partner.lead, (act) => answerLetter(act, letter, "Nothing was noticed."))
}

async function recalls(of: string, holder: TestPartner): Promise<void> {
    const artifact = await newArtifact(its, of, "technical", "toolshell/technical.md")
    await fall(its, of, "validate", [artifact])
    await fetched(its, holder, artifact)
    await by(its.author, (act) => recallArtifact(act, artifact, { version: null, reason: "It was wrong." }))
}

/** As the worker does: the listeners' entry is taken in, and what its event starts runs. */
async function touches(core: string): Promise<void> {
    const heard = { source: "192.0.2.1", agent: "curl", method: "GET", names: 1, paths: 1 }
    const entry = { digest: Buffer.from(digestOf(core)).toString("hex"), channel: "http", times: 1 } as const
    await spool(its.doors, [{ ...entry, heard, at: its.clock.now }])
    await by({ kind: "system", step: "hear" }, takeIn)
}

/** One more of each kind. */
async function grow(): Promise<void> {
    rounds++
    its.clock.now = start + rounds * 3_600_000
    await applies()
    await applies()
    await declinesOne()
    const [first, second, third] = [
        await newPartner(its, "validate"),
        await newPartner(its, "validate"),
        await newPartner(its, "validate"),
    ]
    const about = { case: decoyCase, title: "The paste", evidence: [], members: [colleague.person] }
    const inquiry = await by(its.investigator, (act) => openInquiry(act, about))
    await asks(inquiry, first)
    await accuses(inquiry, first, false)
    await accuses(inquiry, second, true)
    await suspends(third)
    await touches(decoyNames[rounds] ?? "")
    const recalled = await newCase(its, "toolshell")
    await recalls(recalled, second)
    await by(its.author, (act) => startClock(act, { ...clock, case: recalled, aware: act.now }))
    const unpublished = await newCase(its, "bypass")
    await newArtifact(its, unpublished, "summary", "bypass/summary.md")
    while (await runNext(badly, flow));
    its.clock.now = publication
    await by(its.author, (act) => endEmbargo(act, unpublished))
    while (await runNext(badly, flow));
    its.clock.now = late
}

const clock = { regime: "cra-vulnerability", why: "An answer to our questions says so." }

const waiting = () =>
    its.doors.db.transaction((tx) => everythingWaiting({ tx, now: its.clock.now, doors: badly, actor: its.manager }))
const countsOf = (items: readonly Waiting[]) =>
    Object.fromEntries([...Map.groupBy(items, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]))
const kinds = [
    ...["application", "question", "publication", "decoy", "review", "decision", "appeal", "answer", "recall"],
    ...["filing"],
] as const
/** Without how many rows each gave. */
const textsOf = async (work: () => Promise<unknown>) =>
    (await statementsOf(work)).map((one) => one.replace(/^\d+ rows: /, "")).toSorted()

const lists: Readonly<Record<string, () => Promise<unknown>>> = {
    "what waits": waiting,
    applications: () => by(its.manager, applications),
    procedures: () => by(its.manager, (act) => procedures(act, null)),
    measures: () => by(its.manager, (act) => measuresOf(act, null)),
    evidence: () => by(its.investigator, allEvidence),
}
const few = new Map<string, string[]>()

beforeAll(async () => {
    its = await program({ canaryZone: "canary.example" })
    Object.assign(its.doors, { policy: openPolicyEngine(), log: { ...console, error: () => undefined } })
    badly = { ...its.doors, publishing: { ...its.doors.publishing, name: " " } }
    colleague = await operator(its.acting, ["investigator", "approver"])
    decoyCase = await newCase(its, "toolshell")
    const content = `${readContent("toolshell/technical.md")}\n\nThen the page asks {{canary:host}} for more.\n`
    const details = { class: "technical", tlp: "RED", pap: "RED", name: "technical.md" } as const
    const artifact = await by(its.author, (act) => addArtifact(act, { ...details, case: decoyCase, content }))
    const marks = await by(its.author, async (act) => marksFor(act, await masterOf(act, artifact, null)))
    decoyNames = [0, 1, 2, 3, 4].map((n) => marks?.namesFor(`decoy ${n}`)[0]?.core ?? "")
    await grow()
    await grow()
    for (const [name, list] of Object.entries(lists)) few.set(name, await textsOf(list))
    await grow()
    await grow()
}, 300_000)
afterAll(() => its.database.close())

test("there are several of each kind", async () => {
    const counts = countsOf(await waiting())
    for (const kind of kinds) expect([kind, counts[kind]]).toEqual([kind, expect.toSatisfy((n) => n >= 3)])
})

test.each(Object.keys(lists))("%s: as many statements for many as for few", async (name) => {
    expect(await textsOf(lists[name] ?? (() => Promise.reject(new Error(name))))).toEqual(few.get(name))
})
