import { afterAll, beforeAll, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    deleteTracingBudgets,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { coresIn } from "@tocsin/marks/canary"
import { parseInstant } from "@tocsin/base/instant"
import { addArtifact } from "../../share/artifacts/actions/add-artifact.ts"
import { loadMaster } from "../../share/artifacts/actions/load-artifacts.ts"
import { makeCopyFor, prepareMarks } from "../../share/marking/actions/mark-copy.ts"
import { readStaffCopy } from "../../share/marking/actions/read-staff-copy.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { listCopyMakers } from "./actions/list-holders.ts"
import { discloseKeys } from "./actions/disclose-keys.ts"
import { attribute } from "./actions/attribute-leak.ts"
import { readAttributions } from "./actions/load-attributions.ts"
import { summaryOf } from "./attribution.ts"

let world: Program
let artifact: string
let copy: string
const partners: TestPartner[] = []
const asks = "\n\nThen the page asks {{canary:host}} for more, and says {{canary:credential}}.\n"

beforeAll(async () => {
    world = await createProgram({ canaryZone: "canary.example" })
    for (let n = 0; n < 4; n++) partners.push(await newPartner(world, "validate"))
    const caseId = await newCase(world, "toolshell")
    artifact = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, {
            case: caseId,
            class: "technical",
            tlp: "RED",
            pap: "RED",
            name: "technical.md",
            content: readContent("toolshell/technical.md") + asks,
        }),
    )
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [artifact])
    for (const partner of partners) copy = await fetchCopyText(world, partner, artifact)
}, 120_000)
afterAll(() => world.database.close())

const leaker = () => partners.at(-1)?.id ?? ""
async function attributed(content: string) {
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const, case: null }
    return await world.acting(world.investigator, async (ctx) => {
        const evidence = await addLeak(ctx, { ...words, content: Buffer.from(content), observedAt: world.clock.now })
        const id = await attribute(ctx, evidence)
        const [found] = await readAttributions(ctx, evidence)
        const summary = found && summaryOf(found.result)
        return { id, at: found?.at ?? 0, summary, ...found?.result }
    })
}

test("identifies a copy by a log line that quotes one of its hosts, without any mark", async () => {
    const [host] = coresIn(copy, 100)
    const { summary, quoted, best } = await attributed(
        `203.0.113.9 - - "GET http://${host?.toUpperCase()}[.]canary[.]example/ HTTP/1.1" 200`,
    )
    expect(quoted?.found).toMatchObject([{ artifact, version: 1, recipient: leaker(), kind: "host", decoy: false }])
    expect(quoted?.log10e).toBeGreaterThan(20)
    expect(summary).toContain("It quotes a name that only one copy contains")
    expect(best?.findings.identified).toEqual([])
    expect(
        (await listEvents(world.database)).findLast(({ kind }) => kind === "attribution.created")?.body,
    ).toMatchObject({
        identified: [],
        quoted: [leaker()],
    })
})

test("changes no number of the marks, and counts neither twice", async () => {
    const whole = await attributed(copy)
    await deleteTracingBudgets(world)
    const without = await attributed(coresIn(copy, 100).reduce((text, core) => text.replaceAll(core, "a"), copy))
    expect(whole.quoted?.found.map(({ recipient }) => recipient)).toEqual([leaker(), leaker()])
    expect(without.quoted?.found).toEqual([])
    expect(whole.best?.findings.identified).toEqual([leaker()])
    expect(whole.best?.findings.ranking).toEqual(without.best?.findings.ranking)
})

test("finds a canary despite padding by words of the same form", async () => {
    const letters = (n: number) =>
        String(n)
            .padStart(20, "0")
            .replaceAll(/\d/g, (digit) => "abcdefghij"[+digit] ?? "")
    const padding = Array.from({ length: 20_001 }, (_, n) => letters(n)).join(" ")
    const { quoted } = await attributed(`${padding} ${coresIn(copy, 100).join(" ")}`)
    expect(quoted?.found.map(({ recipient }) => recipient)).toEqual([leaker(), leaker()])
    expect(quoted?.wordsChecked).toBe(20_003)
})

test("identifies no recipient by a generated name that was never issued", async () => {
    const { summary, quoted } = await attributed(
        `it asked ${"abcdefghij".repeat(2)}.canary.example and ${"7".repeat(64)}`,
    )
    expect(quoted).toMatchObject({ wordsChecked: 2, found: [], log10e: 0 })
    expect(summary).not.toContain("quotes")
})

test("marks a decoy's canary as one that no recipient has", async () => {
    const marks = await world.acting(
        world.author,
        async (ctx) => await prepareMarks(ctx, await loadMaster(ctx, artifact, null)),
    )
    const [first] = marks?.canariesFor("decoy 3") ?? []
    const { quoted } = await attributed(`it asked ${first?.core}`)
    expect(quoted?.found).toMatchObject([{ decoy: true }])
})

test("lists who reproduced the copy of a quoted canary, and who received the keys, also for a decoy", async () => {
    const marks = await world.acting(
        world.author,
        async (ctx) => await prepareMarks(ctx, await loadMaster(ctx, artifact, null)),
    )
    const ofDecoy = marks?.canariesFor("decoy 3")[0]?.core ?? ""
    const beside = async () => {
        const { at, quoted } = await attributed(`${copy}\n${ofDecoy}`)
        const ofLeaker = quoted?.found.find(({ recipient }) => recipient === leaker())
        const found = [ofLeaker, quoted?.found.find(({ decoy }) => decoy)].flatMap((item) => item ?? [])
        return await world.acting(world.investigator, (ctx) =>
            Promise.all(found.map((item) => listCopyMakers(ctx, item, at))),
        )
    }
    const nobody = { reproducedBy: [], keyHolders: [] }
    expect(await beside()).toEqual([nobody, nobody])
    await world.acting(world.author, async (ctx) => makeCopyFor(ctx, await loadMaster(ctx, artifact, 1), leaker()))
    const { id } = await attributed(copy)
    const take = (signed?: string) =>
        world.acting(world.investigator, (ctx) => discloseKeys(ctx, { attribution: id, inquiry: null }, signed))
    const { approval } = await take()
    await signAsApprover(world, approval)
    await take(approval)
    const keys = [world.investigator.person]
    expect(await beside()).toEqual([
        { reproducedBy: [world.author.person], keyHolders: keys },
        { reproducedBy: [], keyHolders: keys },
    ])
})

test("refuses key disclosure to staff whose copy is quoted", async () => {
    await deleteTracingBudgets(world)
    const { content } = await world.acting(world.approver, (ctx) => readStaffCopy(ctx, artifact))
    const { id, quoted } = await attributed(content)
    expect(quoted?.found.map(({ recipient }) => recipient)).toContain(`person ${world.approver.person}`)
    const takes = world.acting(world.approver, (ctx) => discloseKeys(ctx, { attribution: id, inquiry: null }))
    expect(await awaitRefusalCode(takes)).toBe("attribution.identifies_you")
})
