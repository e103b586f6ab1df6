import { afterAll, beforeAll, expect, test } from "vitest"
import { createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { parseInstant } from "@tocsin/base/instant"
import type { Actor } from "../../kernel/actor.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { readCustody } from "../inquiries/actions/load-custody.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import { attribute } from "./actions/attribute-leak.ts"
import { deleteEvidence } from "../inquiries/actions/delete-evidence.ts"
import { readCrossCaseEvidence } from "./actions/read-cross-case-evidence.ts"

let world: Program
let technical: string
let guidance: string
let caseId: string
let colleague: Actor & { person: string }
const partners: TestPartner[] = []
const copies = new Map<string, { technical: string; guidance: string }>()

beforeAll(async () => {
    world = await createProgram()
    for (let n = 0; n < 6; n++) partners.push(await newPartner(world, "validate"))
    caseId = await newCase(world, "toolshell")
    technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    guidance = await newArtifact(world, caseId, "guidance", "toolshell/guidance.md")
    colleague = await createStaffMember(world.acting, ["investigator"])
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [technical, guidance])
    for (const partner of partners) {
        copies.set(partner.id, {
            technical: await fetchCopyText(world, partner, technical),
            guidance: await fetchCopyText(world, partner, guidance),
        })
    }
}, 120_000)
afterAll(() => world.database.close())

const culprit = () => partners[2]?.id ?? ""
const copyOf = (partner: string) => copies.get(partner) ?? { technical: "", guidance: "" }
const excerpt = (text: string, from: number, count: number): string =>
    text
        .split(/(?<=\s)(?=\S)/)
        .slice(from, from + count)
        .join("")

async function leaked(text: string, alpha?: number): Promise<string> {
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const }
    const leak = { ...words, case: null, content: Buffer.from(text), observedAt: world.clock.now }
    const evidence = await world.acting(world.investigator, (ctx) => addLeak(ctx, leak))
    await world.acting(world.investigator, (ctx) => attribute(ctx, evidence, alpha))
    return evidence
}
const ledger = (by: Actor = world.investigator) => world.acting(by, readCrossCaseEvidence)
const culpritIn = async () => (await ledger()).ranking.find(({ recipient }) => recipient === culprit())
const kept: string[] = []

test("adds up leaks of several cases until they identify a copy", async () => {
    expect(await ledger()).toMatchObject({ leaks: [], ranking: [], added: 0, deleted: 0, threshold: 10 })
    kept.push(await leaked(excerpt(copyOf(culprit()).technical, 260, 90)))
    const first = await culpritIn()
    expect(first).toMatchObject({ documents: 1, identified: false })
    kept.push(await leaked(excerpt(copyOf(culprit()).guidance, 60, 140)))
    const { leaks, ranking } = await ledger()
    expect(leaks).toMatchObject([
        { id: kept[0], document: `${technical}:1`, share: 0.5 },
        { id: kept[1], document: `${guidance}:1`, share: 0.5 },
    ])
    expect(ranking[0]).toMatchObject({ recipient: culprit(), documents: 2 })
    expect(ranking[0]?.log10e).toBeGreaterThan(first?.log10e ?? Infinity)
    expect(ranking.slice(1).every(({ identified }) => !identified)).toBe(true)
})

test("counts a leak once that is added or weighed again, even with another error", async () => {
    const before = await culpritIn()
    const again = await leaked(excerpt(copyOf(culprit()).technical, 260, 90))
    await world.acting(world.investigator, (ctx) => attribute(ctx, kept[0] ?? "", 1e-3))
    const { leaks } = await ledger()
    expect(leaks.at(-1)).toMatchObject({ id: again, share: 0 })
    expect(await culpritIn()).toEqual(before)
})

test("gives the master and unrelated texts no weight", async () => {
    const before = await ledger()
    await leaked(readContent("toolshell/technical.md"))
    await leaked("Nothing of it.")
    expect(await ledger()).toEqual({ ...before, added: before.added + 2 })
})

test("identifies only the copy of a long leak", async () => {
    await leaked(copyOf(culprit()).technical)
    const { ranking, leaks } = await ledger()
    expect(leaks.at(-1)?.share).toBeCloseTo(1 / 6, 12)
    expect(ranking.filter(({ identified }) => identified).map(({ recipient }) => recipient)).toEqual([culprit()])
})

test("is the same for members of an inquiry and for excluded people", async () => {
    const before = await ledger(colleague)
    const excluded = [{ person: colleague.person, reason: "it is about a copy of theirs" }]
    const about = { title: "The pastes", case: caseId, evidence: kept, members: [], excluded }
    await world.acting(world.investigator, (ctx) => openInquiry(ctx, about))
    expect(await ledger(colleague)).toEqual(before)
    expect(await ledger()).toEqual(before)
})

test("records each look as a confidential event in the custody of each leak", async () => {
    await ledger(colleague)
    const last = (await listEvents(world.database)).at(-1)
    expect(last).toMatchObject({ kind: "cross_case_evidence.read", body: { by: colleague.person } })
    const custody = await world.acting(world.investigator, (ctx) => readCustody(ctx, kept[0] ?? ""))
    expect(custody.findLast(({ kind }) => kind === "cross_case_evidence.read")).toMatchObject({ by: colleague.person })
    const open = await world.database.db.transaction((tx) =>
        tx.query("select 1 from events where kind = 'cross_case_evidence.read' and not confidential"),
    )
    expect(open).toEqual([])
})

test("omits deleted leaks and counts them", async () => {
    const before = await ledger()
    const evidence = kept[1] ?? ""
    const request = await world.acting(world.investigator, (ctx) =>
        deleteEvidence(ctx, evidence, { reason: "It was filed by mistake." }),
    )
    await signAsApprover(world, request.approval)
    await world.acting(world.investigator, (ctx) => deleteEvidence(ctx, evidence, { approval: request.approval }))
    const after = await ledger()
    expect(after).toMatchObject({ added: before.added, deleted: 1 })
    expect(after.leaks.map(({ id }) => id)).not.toContain(evidence)
})
