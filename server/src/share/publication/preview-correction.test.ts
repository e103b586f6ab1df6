/** A correction is previewed as page and documents, by its author before the request and by its signer after it. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { awaitRefusalCode } from "../../../../test/support/actors.ts"
import { type Program, createProgram, newCase, newPartner, releaseWaveNow } from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../kernel/worker.ts"
import { addArtifact, reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { endEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { amendCase } from "../release/actions/amend-case.ts"
import { releaseLate } from "../release/actions/release-late.ts"
import { loadSignedText } from "./actions/load-signed-text.ts"
import { type ProposedCorrection, previewCorrection } from "./actions/preview-correction.ts"

let world: Program
let subject: string
let summary: string
let rules: string

beforeAll(async () => {
    world = await createProgram()
    await newPartner(world, "validate")
    world.clock.now = parseInstant("2025-06-23T00:00:00Z")
    subject = await newCase(world, "toolshell")
    const labels = { case: subject, tlp: "AMBER", pap: "AMBER" } as const
    const added = (name: string, kind: "summary" | "rules", content: string) =>
        world.acting(world.author, (ctx) => addArtifact(ctx, { ...labels, class: kind, name, content }))
    summary = await added("summary.md", "summary", "A {{note|message}} runs code.")
    rules = await added("rules.txt", "rules", "none")
    await releaseWaveNow(world, subject, "validate", [summary])
}, 120_000)
afterAll(() => world.database.close())

const preview = (proposed: Partial<ProposedCorrection>) =>
    world.acting(world.author, (ctx) => previewCorrection(ctx, subject, { details: null, texts: [], ...proposed }))

test("a case without an advisory has no correction", async () => {
    expect(await awaitRefusalCode(preview({}))).toBe("publication.not_published")
})

test("the author sees the page and the documents with new texts and facts", async () => {
    world.clock.now = parseInstant("2025-07-08T17:00:00Z")
    await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
    while (await handleNextEvent(world.services, eventHandlers));

    const same = await preview({ texts: [{ artifact: summary, content: "A {{note|letter}} runs code.\n" }] })
    expect(same).toMatchObject({ revision: 1, changed: [], faults: [] })
    expect(same.after).toEqual(same.before)

    const { vulnerabilities, finder } = await world.acting(world.author, (ctx) => loadCaseFile(ctx, subject))
    const details = { title: "A better title", vulnerabilities, finder, credit: "Nobody" }
    const { before, after, changed, documents, faults } = await preview({
        details,
        texts: [{ artifact: summary, content: "A {{letter|message}} runs code." }],
    })
    expect(before.summary).toBe("A note runs code.")
    expect(after).toMatchObject({
        title: "A better title",
        summary: "A letter runs code.",
        acknowledgement: "Found by Nobody.",
    })
    expect(after.history.at(-1)).toMatch(/revision 2: Corrected: title, acknowledgement, summary\.$/)
    expect(changed).toEqual([summary])
    expect(faults).toEqual([])
    const csaf = documents.find(({ name }) => name === "CSAF 2.0")
    expect(csaf?.before).not.toContain("A better title")
    expect(csaf?.after).toContain("A better title")
    expect(documents.map(({ name }) => name)).toContain("Feed")
})

test("only public texts can be corrected", async () => {
    const refused = preview({ texts: [{ artifact: rules, content: "some" }] })
    expect(await awaitRefusalCode(refused)).toBe("publication.not_public")
})

test("the signer sees what the signature changes", async () => {
    await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, "A letter runs code."))
    const late = await world.acting(world.manager, (ctx) => releaseLate(ctx, summary, undefined))
    const text = await world.acting(world.approver, (ctx) => loadSignedText(ctx, late.approval))
    expect(text?.correction).toMatchObject({
        revision: 1,
        before: { summary: "A note runs code." },
        after: { summary: "A letter runs code." },
    })

    const { vulnerabilities, finder } = await world.acting(world.author, (ctx) => loadCaseFile(ctx, subject))
    const details = { title: "A better title", vulnerabilities, finder, credit: "" }
    const amended = await world.acting(world.author, (ctx) => amendCase(ctx, subject, { details }))
    const facts = await world.acting(world.approver, (ctx) => loadSignedText(ctx, amended.approval ?? ""))
    expect(facts?.correction?.after).toMatchObject({ title: "A better title", summary: "A note runs code." })
})
