/** Staff read a version as a staff copy, its author reads the master, and both are recorded as such. */
import { createHash } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { type Program, newArtifact, newCase, newPartner, createProgram } from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { withoutPadding } from "@tocsin/base/padding"
import { nameOfPerson } from "@tocsin/marks/recipient"
import type { Actor } from "../../kernel/actor.ts"
import { addArtifact, reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { loadMaster } from "../artifacts/actions/load-artifacts.ts"
import { prepareMarks } from "./actions/mark-copy.ts"
import { listStaffCopyHashes, readStaffCopy, readToRevise } from "./actions/read-staff-copy.ts"

let world: Program
let second: Actor & { readonly person: string }
let caseId: string
let technical: string
beforeAll(async () => {
    world = await createProgram()
    second = await createStaffMember(world.acting, ["author"])
    caseId = await newCase(world, "toolshell")
    technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
})
afterAll(() => world.database.close())

const content = readContent("toolshell/technical.md")
const readCopy = (actor: Actor, id = technical) => world.acting(actor, (ctx) => readStaffCopy(ctx, id))
const eventsAfter = async (before: number) => (await listEvents(world.database)).slice(before)
const count = async () => (await listEvents(world.database)).length

test("each copy has its own wording, the same each time; only the author has the master", async () => {
    const [first, again, other] = [
        await readCopy(world.approver),
        await readCopy(world.approver),
        await readCopy(second),
    ]
    expect(first.content).toBe(again.content)
    expect(new Set([first.content, other.content, content]).size).toBe(3)
    expect([first.textKind, other.textKind]).toEqual(["staff_copy", "staff_copy"])
    expect(await readCopy(world.author)).toMatchObject({ textKind: "master", content })
})

test("a staff copy shows none of the forms written for others", async () => {
    const content = "# Ports\n\nThe service {{listens|waits}} on port {{=port:20000-20009}} of {{every|each}} host.\n"
    const id = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, { case: caseId, class: "technical", tlp: "RED", pap: "RED", name: "ports.md", content }),
    )
    const read = await readCopy(world.approver, id)
    expect(read.textKind).toBe("staff_copy")
    const { content: _, ...beside } = read
    expect(JSON.stringify(beside)).not.toMatch(/listens|waits|every|each/)
    expect(await readCopy(world.author, id)).toMatchObject({ textKind: "master", content })
})

test("commits to marks before the first copy, and to each copy by its bytes under a salt", async () => {
    const id = await newArtifact(world, caseId, "guidance", "toolshell/guidance.md")
    const before = await count()
    const { content: read } = await readCopy(world.approver, id)
    const [committed, notified] = await eventsAfter(before)
    expect(committed?.kind).toBe("marks.committed")
    const [kept] = await world.acting(world.approver, (ctx) =>
        listStaffCopyHashes(ctx, { artifact: id, version: 1 }, world.clock.now),
    )
    const name = nameOfPerson(world.approver.person)
    const bytes = await world.acting(world.approver, async (ctx) =>
        (await prepareMarks(ctx, await loadMaster(ctx, id, 1)))?.copyFor(name),
    )
    expect(withoutPadding(bytes?.toString() ?? "")).toBe(read)
    const hash = createHash("sha256")
        .update(kept?.salt ?? "")
        .update(bytes ?? "")
        .digest("hex")
    expect(kept).toMatchObject({ person: world.approver.person })
    expect(notified).toMatchObject({
        kind: "artifact.read",
        body: { artifact: id, version: 1, reason: "asked for", copy: hash, by: world.approver.person },
    })
    expect(kept?.hash.toString("hex")).toBe(hash)
})

test("gives another author the master on request and records it; the version's own author reads it plain", async () => {
    const id = await newArtifact(world, await newCase(world, "bypass"), "repro", "toolshell/technical.md")
    const before = await count()
    expect(await world.acting(second, (ctx) => readToRevise(ctx, id))).toMatchObject({ textKind: "master", content })
    expect(await eventsAfter(before)).toMatchObject([
        { kind: "artifact.read", body: { reason: "to revise", copy: null, by: second.person } },
    ])
    await world.acting(second, (ctx) => reviseArtifact(ctx, id, `${content}One more.\n`))
    expect(await readCopy(second, id)).toMatchObject({ textKind: "master", version: 2 })
    expect(await readCopy(world.author, id)).toMatchObject({ textKind: "staff_copy", version: 2 })
})

test.each([
    ["indicators.csv", "address,port\n192.0.2.44,443\n"],
    ["note.md", "Nothing.\n"],
])("all read %s the same, and no copy is recorded", async (name, text) => {
    const labels = { tlp: "AMBER+STRICT", pap: "AMBER" } as const
    const id = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, { case: caseId, class: "indicators", ...labels, name, content: text }),
    )
    expect(await readCopy(world.approver, id)).toMatchObject({ textKind: "unmarked", content: text })
    expect((await listEvents(world.database)).at(-1)).toMatchObject({ kind: "artifact.read", body: { copy: null } })
    const kept = world.acting(world.approver, (ctx) =>
        listStaffCopyHashes(ctx, { artifact: id, version: 1 }, world.clock.now),
    )
    expect(await kept).toEqual([])
})

test("a partner's person can read neither", async () => {
    const { lead } = await newPartner(world, "validate")
    for (const read of [readStaffCopy, readToRevise]) {
        expect(await awaitRefusalCode(world.acting(lead, (ctx) => read(ctx, technical)))).toBe("artifact.staff_only")
    }
})
