/** Alternatives are for the person who can sign a text's release, counted and recorded as a read of the master. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createStaffMember,
    listEvents,
} from "../../../../test/support/actors.ts"
import { type Program, newCase, newPartner, createProgram, signAsApprover } from "../../../../test/support/program.ts"
import { requestApproval } from "../../trust/approvals/actions/request-approval.ts"
import type { Effects } from "../../trust/approvals/approval.ts"
import type { Actor } from "../../kernel/actor.ts"
import { addArtifact } from "../artifacts/actions/add-artifact.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import { listAlternativesToSign } from "./actions/list-alternatives.ts"
import { readWithConsent } from "./actions/limit-master-reads.ts"
import { mastersPerHour } from "./master-limit.ts"

let world: Program
let acting: Acting
let caseId: string
let partner: string
let signer: Actor & { readonly person: string }

beforeAll(async () => {
    world = await createProgram()
    acting = actingOn({ ...world.services, log: { ...world.services.log, warn: () => undefined } }, world.clock)
    caseId = await newCase(world, "toolshell")
    partner = (await newPartner(world, "validate")).id
})
afterAll(() => world.database.close())
beforeEach(async () => {
    signer = await createStaffMember(world.acting, ["approver"])
})

const content = "# Ports\n\nThe service {{listens|waits}} on port {{=port:20000-20009}} of {{every|each}} host.\n"
const alternatives = [
    { kind: "alternative", forms: ["listens", "waits"] },
    { kind: "value", forms: ["20000", "20009"] },
    { kind: "alternative", forms: ["every", "each"] },
]

let names = 0
const written = (kind: ArtifactClass = "technical", text = content) => {
    const labels = { case: caseId, class: kind, tlp: "RED", pap: "RED", name: `ports-${names++}.md` } as const
    return world.acting(world.author, (ctx) => addArtifact(ctx, { ...labels, content: text }))
}
const requested = (artifact: string, more: Partial<Effects> = {}) =>
    world.acting(world.manager, async (ctx) => {
        const artifacts = [{ artifact, version: 1 }]
        const effects = { action: "wave.release", recipients: [partner], artifacts, at: null, detail: { artifact } }
        return await requestApproval(ctx, { ...effects, ...more })
    })
const looks = (approval: string, artifact: string, person: Actor = signer) =>
    acting(person, (ctx) => listAlternativesToSign(ctx, approval, artifact))

test("a signer reads each form while the request is open, recorded as a read without marks", async () => {
    const id = await written()
    const approval = await requested(id)
    expect(await looks(approval, id)).toEqual({ version: 1, alternatives })
    expect((await listEvents(world.database)).at(-1)).toMatchObject({
        kind: "artifact.read",
        body: { artifact: id, version: 1, reason: "to sign", copy: null, by: signer.person },
    })
    await signAsApprover(world, approval)
    expect(await awaitRefusalCode(looks(approval, id))).toBe("approval.already_signed")
})

test("a person who cannot sign the request reads no forms", async () => {
    const id = await written()
    const approval = await requested(id, { authors: [world.author.person] })
    const before = (await listEvents(world.database)).length
    expect(await awaitRefusalCode(looks(approval, id, world.manager))).toBe("approval.own_request")
    expect(await awaitRefusalCode(looks(approval, id, world.author))).toBe("approval.author_cannot_sign")
    expect((await listEvents(world.database)).slice(before)).toEqual([])
    expect(await awaitRefusalCode(looks(approval, await written()))).toBe("mark.not_in_request")
})

test("a request that releases the text to no partner shows no forms", async () => {
    const id = await written()
    const reader = await createStaffMember(world.acting, ["author"])
    const { approval } = await world.acting(reader, (ctx) => readWithConsent(ctx, id, "It is to be mended."))
    expect(await awaitRefusalCode(looks(approval, id))).toBe("mark.not_in_request")
})

test("the hourly limit on masters counts each look, and a proof of concept needs approval", async () => {
    const outcomes: string[] = []
    for (let n = 0; n <= mastersPerHour.repro; n++) {
        const id = await written("repro")
        outcomes.push(await awaitRefusalCode(looks(await requested(id), id)))
    }
    expect(outcomes).toEqual([...Array.from({ length: mastersPerHour.repro }, () => "done"), "mark.too_many_reads"])
    const id = await written("poc")
    expect(await awaitRefusalCode(looks(await requested(id), id))).toBe("mark.needs_consent")
})

test("a text without alternatives costs no read", async () => {
    const id = await written("technical", "Nothing.\n")
    const approval = await requested(id)
    const before = (await listEvents(world.database)).length
    expect(await looks(approval, id)).toEqual({ version: 1, alternatives: [] })
    expect((await listEvents(world.database)).slice(before).map(({ kind }) => kind)).not.toContain("artifact.read")
})
