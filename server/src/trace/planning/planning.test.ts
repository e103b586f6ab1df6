import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import { dumpDatabase, foundIn } from "../../../../test/support/dump.ts"
import {
    type Program,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { dayMs } from "@tocsin/base/instant"
import { addArtifact } from "../../share/artifacts/actions/add-artifact.ts"
import { loadMaster } from "../../share/artifacts/actions/load-artifacts.ts"
import type { ArtifactClass } from "../../share/artifacts/artifact.ts"
import { prepareMarks } from "../../share/marking/actions/mark-copy.ts"
import { estimateStrength } from "../../share/marking/actions/estimate-strength.ts"
import { setCodeDesign } from "../../share/marking/actions/set-code-design.ts"
import { readStaffCopy } from "../../share/marking/actions/read-staff-copy.ts"
import { listPendingApprovals, listRecentApprovals } from "../../trust/approvals/actions/load-approvals.ts"
import type { Actor } from "../../kernel/actor.ts"
import { attribute } from "../attribution/actions/attribute-leak.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { requestExtension } from "../inquiries/actions/extend-instruction.ts"
import { closeInquiry, reopenInquiry } from "../inquiries/actions/close-inquiry.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import { excludePerson } from "../inquiries/actions/exclude-person.ts"
import { proposeInstruction, activateInstruction, readInstructions } from "../inquiries/actions/propose-instruction.ts"
import { listOptions } from "./actions/list-options.ts"
import { chooseCodeDesign } from "./actions/choose-code-design.ts"

let world: Program
let caseId: string
let next: string
let inquiry: string
let colleague: Actor & { person: string }
let outsider: Actor & { person: string }

beforeAll(async () => {
    world = await createProgram()
    for (let n = 0; n < 3; n++) await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    outsider = await createStaffMember(world.acting, ["investigator", "approver", "admin"])
}, 120_000)
afterAll(() => world.database.close())

beforeEach(async () => {
    world.clock.now += 1000
    next = await newCase(world, "bypass")
    inquiry = await opened()
})

const opened = (members = [colleague.person], by: Actor = world.investigator) =>
    world.acting(by, (ctx) => openInquiry(ctx, { title: "Who?", case: caseId, evidence: [], members }))
/** Assumes four colluders, where fewer are likely. */
const made = (colluders: number, kind: ArtifactClass = "technical") =>
    world.acting(world.author, (ctx) =>
        addArtifact(ctx, {
            ...({ case: next, class: kind, tlp: "RED", pap: "RED", colluders } as const),
            name: `${newId()}.md`,
            content: readContent("toolshell/technical.md"),
        }),
    )
const proposed = (together = 1, by: Actor = world.investigator) =>
    world.acting(by, (ctx) => listOptions(ctx, inquiry, next, together))
const designsProposed = async (together = 1) =>
    (await proposed(together)).flatMap(({ class: kind, ranked }) =>
        ranked.flatMap(({ change }) => (change.kind === "code_design" ? [`${kind} ${change.colluders}`] : [])),
    )
const choice = { class: "technical", colluders: 2, assumedColluders: 1, reason: "One is suspected." } as const
const choose = (more: object = {}, by: Actor = world.investigator, subject = inquiry) =>
    world.acting(by, (ctx) => chooseCodeDesign(ctx, subject, { ...choice, case: next, ...more }))
const carryOut = (id: string, by: Actor = world.investigator, subject = inquiry) =>
    world.acting(by, (ctx) => activateInstruction(ctx, subject, id))
const listed = (by: Actor = world.investigator, subject = inquiry) =>
    world.acting(by, (ctx) => readInstructions(ctx, subject))
/** The chances that the codewords of a version are generated with. */
const chancesOf = (artifact: string) =>
    world.acting(world.author, async (ctx) => {
        const { book } = (await prepareMarks(ctx, await loadMaster(ctx, artifact, null))) ?? { book: { coins: [] } }
        const first = book.coins.flatMap((coin) => (coin.length === 2 ? [coin[0] ?? 0] : []))
        return [...new Set(first)].toSorted((a, b) => a - b)
    })
const close = (carried: string[] = [], subject = inquiry) =>
    world.acting(world.investigator, (ctx) => closeInquiry(ctx, subject, "undecided", "Nothing more.", carried))
const carryOn = (tracingInstruction: string, more: object = {}) =>
    world.acting(world.investigator, (ctx) =>
        requestExtension(ctx, inquiry, tracingInstruction, {
            reason: "It is open.",
            owner: colleague.person,
            until: world.clock.now + dayMs,
            ...more,
        }),
    )
const provided = async () => {
    const { tracingInstruction, approval } = await choose()
    await signAsApprover(world, approval, colleague)
    await carryOut(tracingInstruction)
    return tracingInstruction
}
const leakOf = async (text: string) => {
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const }
    const leak = { ...words, case: null, content: Buffer.from(text), observedAt: world.clock.now }
    const evidence = await world.acting(world.investigator, (ctx) => addLeak(ctx, leak))
    await world.acting(world.investigator, (ctx) => attribute(ctx, evidence))
}

describe("proposals", () => {
    test("concern classes with recipients before publication, in bits and hours, and record a look", async () => {
        await made(4)
        const [classOptions, ...others] = await proposed()
        expect(others).toEqual([])
        expect(classOptions).toMatchObject({
            class: "technical",
            recipients: 3,
            documents: [{ version: 1, hasCodewords: false }],
        })
        expect(classOptions?.lasting).toBeGreaterThan(50)
        expect(classOptions?.bits).toBeGreaterThan(0)
        expect(await designsProposed()).toEqual(["technical 2"])
        expect((await listEvents(world.database)).slice(-2)).toMatchObject([
            { kind: "cross_case_evidence.read" },
            { kind: "inquiry.read", body: { about: "planning" } },
        ])
        expect(
            classOptions?.ranked.every(
                ({ change, partnerHours }) => change.kind === "staggered_release" || partnerHours === 0,
            ),
        ).toBe(true)
    })

    test("offer no other code design for a version with codewords", async () => {
        await chancesOf(await made(4))
        expect(await designsProposed()).toEqual([])
        expect((await proposed())[0]?.documents).toMatchObject([{ hasCodewords: true }])
        expect(await awaitRefusalCode(choose())).toBe("planning.not_proposed")
    })

    test.each([0, 9, 1.5])("are refused where %s are assumed to collude", async (together) => {
        expect(await awaitRefusalCode(proposed(together))).toBe("planning.bad_colluders")
    })
})

describe("a tracing instruction", () => {
    test("E-07: needs another member's signature, and applies to later codewords", async () => {
        const [before, after] = [await made(4), await made(4)]
        expect(await chancesOf(before)).toEqual([48, 64, 192, 208])
        const { tracingInstruction, approval } = await choose()
        expect(await awaitRefusalCode(carryOut(tracingInstruction))).toBe("approval.not_signed")
        expect(await awaitRefusalCode(signAsApprover(world, approval, world.investigator))).toBe("approval.own_request")
        await signAsApprover(world, approval, colleague)
        expect(await listed()).toMatchObject([
            { ...choice, id: tracingInstruction, state: "signed", activatedAt: null },
        ])
        await carryOut(tracingInstruction)
        expect(await chancesOf(after)).toEqual([128])
        expect(await chancesOf(before)).toEqual([48, 64, 192, 208])
        expect(await awaitRefusalCode(carryOut(tracingInstruction))).toBe("approval.already_applied")
        expect(await listed(colleague)).toMatchObject([{ state: "applied", activatedAt: world.clock.now }])
    })

    test("applies to its class and case only", async () => {
        await made(4)
        await provided()
        const [other, poc] = [await made(4, "guidance"), await made(4)]
        expect(await chancesOf(other)).toEqual([48, 64, 192, 208])
        expect(await chancesOf(poc)).toEqual([128])
        next = await newCase(world, "bypass")
        expect(await chancesOf(await made(4))).toEqual([48, 64, 192, 208])
    })

    test("E-06: shows authors and signers of releases the declared design, as before", async () => {
        const id = await made(4)
        const strength = () => world.acting(world.author, (ctx) => estimateStrength(ctx, id, null))
        const before = await strength()
        await provided()
        expect(await strength()).toEqual(before)
        await chancesOf(id)
        expect(await strength()).toEqual(before)
    })

    test("lets the second of two concurrent generations use the first one's committed codewords", async () => {
        await chancesOf(await made(4))
        const [artifact, partner] = [await made(4), newId()]
        const copy = (hold: () => Promise<void>) =>
            world.acting(world.author, async (ctx) => {
                const marks = await prepareMarks(ctx, await loadMaster(ctx, artifact, null))
                await hold()
                return marks?.copyFor(partner).toString()
            })
        const [drawn, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
        const first = copy(async () => {
            drawn.resolve()
            await free.promise
        })
        await drawn.promise
        await world.acting(world.author, (ctx) => setCodeDesign(ctx, { case: next, class: "technical" }, 2))
        const second = copy(async () => undefined)
        const waiting = () => world.database.db.transaction((tx) => tx.query("select from pg_locks where not granted"))
        await expect.poll(waiting, { timeout: 20_000 }).not.toEqual([])
        free.resolve()
        expect(await second).toBe(await first)
        expect(await chancesOf(artifact)).toEqual([48, 64, 192, 208])
    })

    test.each([
        ["no reason", { reason: " " }, "planning.no_reason"],
        ["what tells no more", { colluders: 8 }, "planning.not_proposed"],
        ["a class that is not to come", { class: "poc" }, "planning.not_proposed"],
    ])("refuses %s", async (_, more, code) => {
        await made(4)
        expect(await awaitRefusalCode(choose(more))).toBe(code)
    })

    test("is voided with the inquiry's other requests, by exclusion or closing", async () => {
        await made(4)
        const third = await createStaffMember(world.acting, ["approver"])
        inquiry = await opened([colleague.person, third.person])
        const first = await choose()
        await signAsApprover(world, first.approval, third)
        await world.acting(world.investigator, (ctx) => excludePerson(ctx, inquiry, third.person, "A stake."))
        expect(await awaitRefusalCode(carryOut(first.tracingInstruction))).toBe("approval.already_voided")
        const second = await choose()
        await signAsApprover(world, second.approval, colleague)
        await world.acting(world.investigator, (ctx) => closeInquiry(ctx, inquiry, "undecided", "Nothing more."))
        expect(await awaitRefusalCode(carryOut(second.tracingInstruction))).toBe("inquiry.closed")
        expect(await awaitRefusalCode(choose())).toBe("inquiry.closed")
    })

    test("ends with its inquiry: later codewords use the authors' design", async () => {
        await made(4)
        const tracingInstruction = await provided()
        world.clock.now += 1000
        await close()
        expect(await listed()).toMatchObject([{ id: tracingInstruction, endedAt: world.clock.now }])
        expect(await chancesOf(await made(4))).toEqual([48, 64, 192, 208])
        const ended = (await listEvents(world.database)).filter(({ kind }) => kind === "tracing_instruction.ended")
        expect(ended.at(-1)?.body).toMatchObject({ inquiry, tracingInstruction })
        await world.acting(world.investigator, (ctx) => reopenInquiry(ctx, inquiry, "There is more."))
        expect(await chancesOf(await made(4))).toEqual([48, 64, 192, 208])
    })

    test("continues until its day where the closing applies a signed extension", async () => {
        await made(4)
        const tracingInstruction = await provided()
        expect(await awaitRefusalCode(close([tracingInstruction]))).toBe("inquiry.extension_not_requested")
        const { approval } = await carryOn(tracingInstruction)
        expect(await awaitRefusalCode(close([tracingInstruction]))).toBe("approval.not_signed")
        expect(await awaitRefusalCode(signAsApprover(world, approval, world.investigator))).toBe("approval.own_request")
        await signAsApprover(world, approval, colleague)
        expect(await awaitRefusalCode(close([newId()]))).toBe("inquiry.instruction_not_found")
        await close([tracingInstruction])
        const carried = { owner: colleague.person, reason: "It is open.", extendedAt: world.clock.now }
        expect(await listed()).toMatchObject([{ endedAt: null, extensions: [carried] }])
        expect(await chancesOf(await made(4))).toEqual([128])
        world.clock.now += dayMs - 1
        expect(await chancesOf(await made(4))).toEqual([128])
        world.clock.now += 1
        expect(await chancesOf(await made(4))).toEqual([48, 64, 192, 208])
        expect(await listed()).toMatchObject([{ endedAt: world.clock.now }])
    })

    test("ends in spite of a signed extension that the closing does not apply", async () => {
        await made(4)
        const tracingInstruction = await provided()
        await signAsApprover(world, (await carryOn(tracingInstruction)).approval, colleague)
        await close()
        expect(await listed()).toMatchObject([{ endedAt: world.clock.now, extensions: [{ extendedAt: null }] }])
    })

    test.each([
        ["no reason", { reason: " " }, "inquiry.no_reason"],
        ["nobody of the inquiry who answers for it", { owner: newId() }, "inquiry.bad_owner"],
        ["a day that is over", { until: 0 }, "inquiry.bad_end"],
        ["no end", { until: 4e12 }, "inquiry.bad_end"],
    ])("refuses an extension with %s", async (_, more, code) => {
        await made(4)
        const tracingInstruction = await provided()
        expect(await awaitRefusalCode(carryOn(tracingInstruction, more))).toBe(code)
    })

    test("leaves another inquiry's design for the same class unchanged", async () => {
        await made(8)
        const first = inquiry
        await provided()
        inquiry = await opened()
        const laid = { ...choice, case: next, colluders: 4, gainBits: 0 } as const
        const other = await world.acting(world.investigator, (ctx) => proposeInstruction(ctx, inquiry, laid))
        await signAsApprover(world, other.approval, colleague)
        await carryOut(other.tracingInstruction)
        expect(await chancesOf(await made(8))).toEqual([48, 64, 192, 208])
        await close([], first)
        expect(await chancesOf(await made(8))).toEqual([48, 64, 192, 208])
        await close()
        expect(await listed()).toMatchObject([{ endedAt: world.clock.now }])
    })

    test("needs another member who can sign", async () => {
        await made(4)
        inquiry = await opened([])
        expect(await awaitRefusalCode(choose())).toBe("inquiry.no_eligible_signer")
    })
})

describe("for non-members", () => {
    test.each([
        ["proposed", (subject: string) => world.acting(outsider, (ctx) => listOptions(ctx, subject, next, 1))],
        ["chosen", (subject: string) => choose({}, outsider, subject)],
        ["listed", (subject: string) => listed(outsider, subject)],
        [
            "carried on",
            (subject: string) => {
                const carrying = { reason: "It is open.", owner: outsider.person, until: world.clock.now + dayMs }
                return world.acting(outsider, (ctx) => requestExtension(ctx, subject, newId(), carrying))
            },
        ],
        ["carried out", (subject: string) => carryOut(newId(), outsider, subject)],
    ])("is never %s, and nothing is recorded", async (_, work) => {
        await made(4)
        await provided()
        const before = (await listEvents(world.database)).length
        expect(await awaitRefusalCode(work(inquiry))).toBe("inquiry.not_found")
        expect(await awaitRefusalCode(work(newId()))).toBe("inquiry.not_found")
        expect(await listEvents(world.database)).toHaveLength(before)
    })

    test("is in no approval, no open event, and no clear text of the database", async () => {
        const approvals = () =>
            world.acting(outsider, async (ctx) => [await listPendingApprovals(ctx), await listRecentApprovals(ctx)])
        const before = await approvals()
        await made(4)
        await choose()
        await provided()
        expect(await approvals()).toEqual(before)
        const events = await world.database.db.transaction((tx) =>
            tx.query<{ kind: string; sealed: boolean }>(
                `select distinct kind, confidential as sealed from events
                 where kind like 'tracing_instruction.%' or kind = 'cross_case_evidence.read'
                 or body->>'action' = 'tracing_instruction.activate' order by kind`,
            ),
        )
        expect(events.filter(({ sealed }) => !sealed)).toEqual([])
        const kinds = [
            "approval.requested",
            "approval.signed",
            "approval.applied",
            "tracing_instruction.proposed",
            "tracing_instruction.activated",
        ]
        expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining([...kinds, "cross_case_evidence.read"]))
        expect(foundIn(await dumpDatabase(world.database.db, []), [choice.reason, 'colluders":2'])).toEqual([])
    })
})

describe("a candidate", () => {
    const own = async (by: Actor, key: "toolshell" | "bypass" = "toolshell") => {
        const artifact = await newArtifact(world, await newCase(world, key), "technical", `${key}/technical.md`)
        return (await world.acting(by, (ctx) => readStaffCopy(ctx, artifact))).content
    }

    test("is left out of a request invisibly: requests with and without it look the same", async () => {
        await made(4)
        const third = await createStaffMember(world.acting, ["approver"])
        const suspect = await createStaffMember(world.acting, ["investigator", "approver"])
        const members = [suspect.person, third.person]
        const shown = async (subject: string) => {
            const { approval } = await choose({}, world.investigator, subject)
            const { effects } =
                (await world.acting(third, listPendingApprovals)).find(({ id }) => id === approval) ?? {}
            return { approval, shown: JSON.stringify({ ...effects, detail: null }) }
        }
        const before = await shown(await opened(members))
        await leakOf(await own(suspect, "bypass"))
        const after = await shown(await opened(members))
        expect(after.shown).toBe(before.shown)
        expect(after.shown).toContain(suspect.person)
        const known = async (approval: string) =>
            (await world.acting(suspect, listPendingApprovals)).some(({ id }) => id === approval)
        expect([await known(before.approval), await known(after.approval)]).toEqual([true, false])
        expect(await awaitRefusalCode(signAsApprover(world, after.approval, suspect))).toBe("approval.not_found")
        expect(await awaitRefusalCode(signAsApprover(world, after.approval, third))).toBe("done")
    })

    test("neither requests nor signs, also where evidence speaks for its copy only after signing", async () => {
        await made(4)
        const { tracingInstruction, approval } = await choose()
        await signAsApprover(world, approval, colleague)
        await leakOf(await own(colleague))
        expect(await awaitRefusalCode(carryOut(tracingInstruction))).toBe("inquiry.signer_is_candidate")
        expect(await awaitRefusalCode(choose({}, colleague))).toBe("inquiry.you_are_candidate")
        expect(await awaitRefusalCode(choose())).toBe("inquiry.no_eligible_signer")
    })
})
