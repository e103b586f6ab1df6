/** A person of the operator reads a version by its own copy; its author reads the master; both are on record as what they were. */
import { createHash } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { codeOf, operator, recorded } from "../../../test/acting.ts"
import { type Program, newArtifact, newCase, newPartner, program } from "../../../test/program.ts"
import { readContent } from "../../demo/content.ts"
import { withoutPadding } from "../../lib/padding.ts"
import { nameOfPerson } from "../../lib/recipient.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { addArtifact, masterOf, reviseArtifact } from "../artifacts/actions.ts"
import { marksFor } from "./actions.ts"
import { ownCopiesOf, readOwn, readToRevise } from "./actions/reading.ts"

let its: Program
let second: Actor & { readonly person: string }
let caseId: string
let technical: string
beforeAll(async () => {
    its = await program()
    second = await operator(its.acting, ["author"])
    caseId = await newCase(its, "toolshell")
    technical = await newArtifact(its, caseId, "technical", "toolshell/technical.md")
})
afterAll(() => its.database.close())

const content = readContent("toolshell/technical.md")
const reads = (who: Actor, id = technical) => its.acting(who, (act) => readOwn(act, id))
const since = async (before: number) => (await recorded(its.database)).slice(before)
const count = async () => (await recorded(its.database)).length

test("each has wording of its own, the same each time; the author alone has the master", async () => {
    const [first, again, other] = [await reads(its.approver), await reads(its.approver), await reads(second)]
    expect(first.content).toBe(again.content)
    expect(new Set([first.content, other.content, content]).size).toBe(3)
    expect([first.text, other.text]).toEqual(["own", "own"])
    expect(await reads(its.author)).toMatchObject({ text: "master", content })
})

test("a staff copy tells nothing of the forms that its author wrote for others", async () => {
    const content = "# Ports\n\nThe service {{listens|waits}} on port {{=port:20000-20009}} of {{every|each}} host.\n"
    const id = await its.acting(its.author, (act) =>
        addArtifact(act, { case: caseId, class: "technical", tlp: "RED", pap: "RED", name: "ports.md", content }),
    )
    const read = await reads(its.approver, id)
    expect(read.text).toBe("own")
    const { content: _, ...beside } = read
    expect(JSON.stringify(beside)).not.toMatch(/listens|waits|every|each/)
    expect(await reads(its.author, id)).toMatchObject({ text: "master", content })
})

test("the marks are committed before the first copy, and each copy as its bytes are, under a salt that opens it", async () => {
    const id = await newArtifact(its, caseId, "guidance", "toolshell/guidance.md")
    const before = await count()
    const { content: read } = await reads(its.approver, id)
    const [committed, told] = await since(before)
    expect(committed?.kind).toBe("marks.committed")
    const [kept] = await its.acting(its.approver, (act) =>
        ownCopiesOf(act, { artifact: id, version: 1 }, its.clock.now),
    )
    const name = nameOfPerson(its.approver.person)
    const bytes = await its.acting(its.approver, async (act) =>
        (await marksFor(act, await masterOf(act, id, 1)))?.copyFor(name),
    )
    expect(withoutPadding(bytes?.toString() ?? "")).toBe(read)
    const hash = createHash("sha256")
        .update(kept?.salt ?? "")
        .update(bytes ?? "")
        .digest("hex")
    expect(kept).toMatchObject({ person: its.approver.person })
    expect(told).toMatchObject({
        kind: "artifact.read",
        body: { artifact: id, version: 1, why: "asked for", copy: hash, by: its.approver.person },
    })
    expect(kept?.hash.toString("hex")).toBe(hash)
})

test("another author gets the master by asking for it, and on record as that; whoever writes a version reads it plain", async () => {
    const id = await newArtifact(its, await newCase(its, "bypass"), "repro", "toolshell/technical.md")
    const before = await count()
    expect(await its.acting(second, (act) => readToRevise(act, id))).toMatchObject({ text: "master", content })
    expect(await since(before)).toMatchObject([
        { kind: "artifact.read", body: { why: "to revise", copy: null, by: second.person } },
    ])
    await its.acting(second, (act) => reviseArtifact(act, id, `${content}One more.\n`))
    expect(await reads(second, id)).toMatchObject({ text: "master", version: 2 })
    expect(await reads(its.author, id)).toMatchObject({ text: "own", version: 2 })
})

test.each([
    ["indicators.csv", "address,port\n192.0.2.44,443\n"],
    ["note.md", "Nothing.\n"],
])("all read %s the same, which no copy is told of", async (name, text) => {
    const labels = { tlp: "AMBER+STRICT", pap: "AMBER" } as const
    const id = await its.acting(its.author, (act) =>
        addArtifact(act, { case: caseId, class: "indicators", ...labels, name, content: text }),
    )
    expect(await reads(its.approver, id)).toMatchObject({ text: "unmarked", content: text })
    expect((await recorded(its.database)).at(-1)).toMatchObject({ kind: "artifact.read", body: { copy: null } })
    const kept = its.acting(its.approver, (act) => ownCopiesOf(act, { artifact: id, version: 1 }, its.clock.now))
    expect(await kept).toEqual([])
})

test("a partner's person reads neither", async () => {
    const { lead } = await newPartner(its, "validate")
    for (const read of [readOwn, readToRevise]) {
        expect(await codeOf(its.acting(lead, (act) => read(act, technical)))).toBe("artifact.staff_only")
    }
})
