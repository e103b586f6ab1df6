/**
 * The whole cycle once, with real events and the real handlers: case, wave, entitlement, copy, receipt, evidence,
 * attribution, inquiry, measure, status, and the next entitlement.
 */
import { beforeAll, expect, test } from "vitest"
import { recordOnlyEvents } from "../server/src/record-only-events.ts"
import { eventHandlers } from "../server/src/event-handlers.ts"
import { expandMatrix } from "../server/src/share/entitlement/compact-matrix.ts"
import { parseInstant } from "@tocsin/base/instant"
import { verifyBytes } from "@tocsin/audit-log/export"
import { trustAnyKey } from "@tocsin/audit-log/signed-note"
import { verifyEd25519 } from "../server/src/platform/crypto/ed25519.ts"
import { listEvents } from "./support/actors.ts"
import { artifactNamed, signedInAs, signApprovalAs } from "./support/signed-in.ts"
import { type Demonstration, copyDemonstration, listPendingEvents, seedMaster } from "./support/demonstration.ts"

const at = parseInstant

let world: Demonstration
beforeAll(async () => {
    const master = await seedMaster()
    world = await copyDemonstration(master)
    return async () => {
        await world.close()
        await master.close()
    }
})

/** The state that later steps use. */
const kept = { warning: "", artifact: "", copy: "", evidence: "" }

test("case and waves: opened, signed by two people, and not due yet", async () => {
    const kinds = (await listEvents(world.database)).map(({ kind }) => kind)
    expect(kinds).toEqual(expect.arrayContaining(["case.opened", "artifact.added", "wave.planned"]))
    expect(kinds.filter((kind) => kind === "approval.signed")).toHaveLength(4)
    expect(kinds).not.toContain("wave.released")
    await world.work()
    expect(world.mails).toEqual([])
})

test("entitlement: the wave is released, and its recipients get a notice without content", async () => {
    await world.moveTo(at("2025-07-03T17:00:00Z"))
    await world.work()
    const people = world.seeded.partners.filter(({ cast }) => cast.tier !== "entry")
    // Recipients of the first wave had a follow-up due for two days, and get a reminder if they gave none.
    const late = people.filter(({ cast }) => cast.tier === "validate" && cast.reports === null)
    const mails = [...people, ...late].flatMap(({ cast }) => cast.people.map(({ mail }) => mail))
    const messages = world.mails.filter(({ to }) => !to.endsWith("@northlight.example"))
    expect(messages.map(({ to }) => to).toSorted()).toEqual(mails.toSorted())
    expect(new Set(messages.map(({ subject, text }) => subject + text)).size).toBe(1)
    expect(await listPendingEvents(world)).toEqual([])
})

test("copy and receipt: fetched, acknowledged, and provable", async () => {
    const copperline = signedInAs(world, "copperline")
    const { warnings } = await copperline.get("/api/warnings")
    kept.warning = warnings[0].id
    kept.artifact = artifactNamed({ warnings }, "technical.md")
    const answer = await copperline.raw("GET", `/api/artifacts/${kept.artifact}/copy`)
    kept.copy = await copperline.copy("technical.md")
    await copperline.post(`/api/warnings/${kept.warning}/acknowledge`)
    await world.work()
    const { receipt } = await copperline.get(`/api/receipts/${String(answer.headers["tocsin-receipt"])}`)
    const verdict = await verifyBytes(Buffer.from(receipt), { keys: trustAnyKey, verify: verifyEd25519 })
    expect(verdict).toMatchObject({ ok: true })
})

test("evidence and attribution: a part of that copy leaks, and the handler identifies the recipient", async () => {
    await world.moveTo(at("2025-07-06T12:00:00Z"))
    for (const key of ["halcyon", "fernwood", "saltmarsh", "kestrel", "tidewater"]) {
        await signedInAs(world, key).copy("technical.md")
    }
    const words = kept.copy.split(" ")
    const leak = words
        .slice(Math.floor(words.length / 3))
        .slice(0, 350)
        .join(" ")
    const { evidence } = await signedInAs(world, "aoife").post("/api/evidence", {
        kind: "leak",
        case: world.toolshell,
        name: "paste.txt",
        source: "a paste site",
        observedAt: "2025-07-06T08:00:00Z",
        clock: "synchronised",
        content: leak,
    })
    expect(await listPendingEvents(world)).toEqual([{ kind: "evidence.added", attempts: 0 }])
    await world.work()
    const { attributions } = await signedInAs(world, "aoife").get(`/api/attributions?evidence=${evidence}`)
    expect(attributions).toHaveLength(1)
    expect(attributions[0]).toMatchObject({ verdict: "traced", createdBy: null })
    const identified = attributions[0].best.ranking.filter((item: { identified: boolean }) => item.identified)
    expect(identified.map((item: { partner: string }) => item.partner)).toEqual([
        signedInAs(world, "copperline").partner,
    ])
    kept.evidence = evidence
})

test("exploitation starts a regulatory clock once, at its own instant, as a task of people who may file", async () => {
    const ingrid = signedInAs(world, "ingrid")
    const { regimes } = await ingrid.get("/api/regimes")
    const { regime } = regimes.find(({ id }: { id: string }) => id === "cra-vulnerability")
    await ingrid.raw("PUT", "/api/regimes/cra-vulnerability", { regime: { ...regime, appliesFrom: null } })
    for (const source of ["A log", "Another log"]) {
        await signedInAs(world, "aoife").post("/api/evidence", {
            kind: "exploitation",
            case: world.toolshell,
            source,
            observedAt: "2025-07-06T03:00:00Z",
            clock: "estimated",
        })
    }
    await world.moveTo(at("2025-07-06T14:00:00Z"))
    await world.work()
    const { clocks } = await ingrid.get(`/api/regulatory-clocks?case=${world.toolshell}`)
    expect(clocks).toMatchObject([
        {
            regime: "cra-vulnerability",
            awareAt: "2025-07-06T12:00:00Z",
            filings: [
                { id: "early-warning", dueAt: "2025-07-07T12:00:00Z" },
                { id: "notification", dueAt: "2025-07-09T12:00:00Z" },
                { id: "final-report", dueAt: null, state: "waiting" },
                { id: "inform-users", dueAt: "2025-07-07T12:00:00Z" },
            ],
        },
    ])
    for (const [person, expected] of [
        ["meera", true],
        ["aoife", false],
    ] as const) {
        const { tasks } = await signedInAs(world, person).get("/api/tasks")
        expect(tasks.some(({ kind }: { kind: string }) => kind === "filing")).toBe(expected)
    }
    expect(await listPendingEvents(world)).toEqual([])
})

test("inquiry: lists the holders, and two people confirm a finding", async () => {
    const [aoife, rafael] = [signedInAs(world, "aoife"), signedInAs(world, "rafael")]
    const { cases } = await aoife.get("/api/exposure?case=CVE-2025-49704&class=technical&before=2025-07-06T12:00:00Z")
    const row = (partner: string | null) =>
        cases[0].partners.find((item: { partner: string }) => item.partner === partner)
    expect(row(signedInAs(world, "copperline").partner)).toMatchObject({
        entitledFrom: "2025-07-03T17:00:00Z",
        fetchedAt: "2025-07-03T17:00:00Z",
    })
    expect(row(signedInAs(world, "sundial").partner)).toMatchObject({ entitledFrom: null, fetchedAt: null, held: [] })
    const { inquiry } = await aoife.post("/api/inquiries", {
        case: world.toolshell,
        title: "The paste",
        evidence: [kept.evidence],
        members: [rafael.id],
    })
    const { finding, approval } = await aoife.post(`/api/inquiries/${inquiry}/propose-finding`, {
        partner: signedInAs(world, "copperline").partner,
        conclusion: "Its copy was pasted.",
        confidence: "high",
        obligation: "2.2",
    })
    await signApprovalAs(rafael, approval)
    await aoife.post(`/api/inquiries/${inquiry}/confirm-finding`, { finding })
    expect((await listEvents(world.database)).at(-1)?.kind).toBe("finding.confirmed")
})

test("measure and status: one person suspends the partner, and it gets no entitlement", async () => {
    const [copperline, ingrid] = [signedInAs(world, "copperline"), signedInAs(world, "ingrid")]
    const { measure } = await ingrid.post("/api/measures", {
        kind: "interim_suspension",
        partner: copperline.partner,
        reason: "its copy was pasted",
    })
    expect(measure).not.toBeNull()
    const nothing = "404 request.not_found"
    expect(await copperline.refusal("GET", "/api/warnings")).toBe(nothing)
    expect(await copperline.refusal("GET", `/api/artifacts/${kept.artifact}/copy`)).toBe(nothing)
    expect(await copperline.refusal("POST", `/api/warnings/${kept.warning}/acknowledge`)).toBe(nothing)
    expect((await copperline.get("/api/me")).partner.status).toBe("suspended")
    const { letters } = await copperline.get("/api/letters")
    expect(letters).toHaveLength(1)
    const before = world.mails.length
    await world.moveTo(at("2025-07-08T17:00:00Z"))
    await world.work()
    expect(world.mails.slice(before).map(({ to }) => to)).not.toContain("martin.achterberg@copperline.example")
    const owned = expandMatrix(
        await ingrid.get(`/api/entitlements?case=${world.toolshell}&partner=${copperline.partner}`),
    )
    expect(owned.every((item: { version: number | null }) => item.version === null)).toBe(true)
})

test("reinstatement: two people reinstate the partner, and its copy is unchanged", async () => {
    const [copperline, ingrid] = [signedInAs(world, "copperline"), signedInAs(world, "ingrid")]
    const body = { partner: copperline.partner, reason: "it was answered for" }
    const { done, approval } = await ingrid.post("/api/measures/reinstate", body)
    expect(done).toBe(false)
    expect(await copperline.refusal("GET", "/api/warnings")).toBe("404 request.not_found")
    await signApprovalAs(signedInAs(world, "kofi"), approval)
    expect(await ingrid.post("/api/measures/reinstate", { ...body, approval })).toMatchObject({ done: true })
    expect(await copperline.copy("technical.md")).toBe(kept.copy)
})

test("every event is in the log, and no event is pending", async () => {
    await world.work()
    expect(await listPendingEvents(world)).toEqual([])
    const [{ count } = { count: -1 }] = await world.services.db.transaction((tx) =>
        tx.query<{ count: number }>("select count(*) as count from pending_events"),
    )
    expect(count).toBe(0)
    expect(await signedInAs(world, "daria").get("/api/audit-log/verify")).toMatchObject({ ok: true, unsequenced: 0 })
    const known = new Set([...recordOnlyEvents, ...Object.keys(eventHandlers)])
    expect((await listEvents(world.database)).filter(({ kind }) => !known.has(kind))).toEqual([])
    expect(world.faults).toEqual([])
})
