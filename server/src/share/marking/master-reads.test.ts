/**
 * Reads of masters: limited for each person, class and hour; a proof of concept of another author by two, each time.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createStaffMember,
    listEvents,
} from "../../../../test/support/actors.ts"
import { type Program, newCase, createProgram, signAsApprover } from "../../../../test/support/program.ts"
import { rawText } from "@tocsin/marks/carriers/resolved-text"
import { hourMs } from "@tocsin/base/instant"
import type { Services } from "../../kernel/services.ts"
import type { Actor } from "../../kernel/actor.ts"
import { addArtifact } from "../artifacts/actions/add-artifact.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import { listLimitsReached, readWithConsent } from "./actions/limit-master-reads.ts"
import { readStaffCopy, readToRevise } from "./actions/read-staff-copy.ts"
import { mastersPerHour } from "./master-limit.ts"

let world: Program
let acting: Acting
let caseId: string
let reader: Actor & { person: string }
let realNow: number
const lines: unknown[] = []

beforeAll(async () => {
    world = await createProgram()
    realNow = world.services.realNow()
    const log = { ...world.services.log, warn: (text: string, facts?: unknown) => void lines.push([text, facts]) }
    const services: Services = { ...world.services, log, realNow: () => realNow }
    acting = actingOn(services, world.clock)
    caseId = await newCase(world, "toolshell")
})
afterAll(() => world.database.close())
beforeEach(async () => {
    reader = await createStaffMember(acting, ["author"])
    lines.length = 0
})

let names = 0
const written = (kind: ArtifactClass, by: Actor = world.author) =>
    acting(by, (ctx) => {
        const labels = { tlp: "RED", pap: "RED" } as const
        const input = {
            case: caseId,
            class: kind,
            ...labels,
            name: `text-${names++}.md`,
            content: "# A text\n\nOf words.",
        }
        return addArtifact(ctx, input)
    })
const revises = (id: string, actor: Actor = reader) => awaitRefusalCode(acting(actor, (ctx) => readToRevise(ctx, id)))

test("of a class stop at the limit, are reported once, and continue an hour later", async () => {
    const most = mastersPerHour.repro
    const list: string[] = []
    for (let n = 0; n <= most; n++) list.push(await written("repro"))
    const outcomes: string[] = []
    for (const id of list) outcomes.push(await revises(id))
    expect(outcomes).toEqual([...Array.from({ length: most }, () => "done"), "mark.too_many_reads"])
    // A read text can be read again, and another class has its own limit.
    expect(await revises(list[0] ?? "")).toBe("done")
    expect(await revises(await written("guidance"))).toBe("done")

    expect(await acting(world.manager, listLimitsReached)).toEqual([
        { person: reader.person, class: "repro", at: world.clock.now },
    ])
    const reached = (await listEvents(world.database)).filter(({ kind }) => kind === "artifact.read_limit_reached")
    expect(reached.map(({ body }) => body)).toEqual([
        { person: reader.person, class: "repro", reads: most, by: reader.person },
    ])
    expect(lines).toEqual([
        ["masters read up to the limit", { id: reader.person, kind: "repro", count: most }],
        ["masters read up to the limit", { id: reader.person, kind: "repro", count: most }],
    ])
    realNow += hourMs
    expect(await revises(list[most] ?? "")).toBe("done")
})

test("of one's own texts are counted too", async () => {
    const outcomes: string[] = []
    for (let n = 0; n <= mastersPerHour.poc; n++) {
        const id = await written("poc", reader)
        outcomes.push(await awaitRefusalCode(acting(reader, (ctx) => readStaffCopy(ctx, id))))
    }
    expect(outcomes).toEqual([...Array.from({ length: mastersPerHour.poc }, () => "done"), "mark.too_many_reads"])
})

test("of another author's proof of concept need a second signature, each", async () => {
    const id = await written("poc")
    expect(await revises(id)).toBe("mark.needs_consent")
    const reads = (signed?: string) => acting(reader, (ctx) => readWithConsent(ctx, id, "It is to be mended.", signed))
    const { done, approval, master } = await reads()
    expect([done, master]).toEqual([false, null])
    expect(await awaitRefusalCode(reads(approval))).toBe("approval.not_signed")
    await signAsApprover(world, approval)
    // The signature is for the requester and for one read.
    const other = await createStaffMember(acting, ["author"])
    expect(await awaitRefusalCode(acting(other, (ctx) => readWithConsent(ctx, id, "", approval)))).toBe(
        "approval.effects_exceeded",
    )
    const { master: read } = await reads(approval)
    expect(read && rawText(read.content)).toContain("Of words.")
    expect(await awaitRefusalCode(reads(approval))).toBe("approval.already_applied")
    expect((await listEvents(world.database)).at(-1)).toMatchObject({
        kind: "artifact.read",
        body: { artifact: id, reason: "by consent", copy: null, by: reader.person },
    })
})

test("above the limit continue with approval", async () => {
    for (let n = 0; n < mastersPerHour.repro; n++) await revises(await written("repro"))
    const id = await written("repro")
    expect(await revises(id)).toBe("mark.too_many_reads")
    const { approval } = await acting(reader, (ctx) => readWithConsent(ctx, id, "The next one."))
    await signAsApprover(world, approval)
    expect((await acting(reader, (ctx) => readWithConsent(ctx, id, "", approval))).done).toBe(true)
})
