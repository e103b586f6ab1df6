/**
 * A replay shows earlier decisions, whatever happened since. The test runs random programs, keeps decisions at random
 * instants, and replays each instant at the end.
 */
import { noteChange, releaseWaveWithoutEvent } from "../../../../test/support/change-notes.ts"
import { storeAcceptance } from "../../../../test/support/doubles/keys.ts"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    addAgreementAtOnce,
    awaitRefusalCode,
    createPartnerMember,
    createStaffMember,
    system,
    testServices,
} from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { type PolicyEngine, openPolicyEngine } from "../../platform/policy/engine.ts"
import { requestApproval, signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { type Effects, hashOf } from "../../trust/approvals/approval.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { removePerson } from "../../trust/identity/actions/manage-people.ts"
import {
    acceptAgreement,
    addAgreement,
    listAgreements,
} from "../../trust/partners/agreements/actions/accept-agreement.ts"
import {
    addPartner,
    changePartnerStatus,
    changeTier,
    computeChangeEffects,
    setDuties,
    setRestriction,
} from "../../trust/partners/actions/change-partner.ts"
import { addKey, listKeys, revokeKey } from "../../trust/partners/keys/actions/manage-keys.ts"
import { recordBounce, recordMailboxProof } from "../../trust/partners/roster/actions/verify-mailbox.ts"
import { setRules } from "../../trust/partners/actions/set-program-rules.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import type { FactChange } from "../../trust/partners/facts.ts"
import { tiers } from "../../trust/partners/partner.ts"
import { shippedRules } from "../../trust/partners/program-rules.ts"
import { addArtifact, reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { listArtifacts } from "../artifacts/actions/load-artifacts.ts"
import { liftRecall, recallArtifact, listRecalls } from "../artifacts/actions/recall-artifact.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
import { closeCase } from "../cases/actions/close-case.ts"
import { linkCases } from "../cases/actions/link-cases.ts"
import { openCase } from "../cases/actions/open-case.ts"
import { answerInvitation, exitEmbargo, listInvitations, inviteToEmbargo } from "../cases/actions/answer-invitation.ts"
import { agreeEmbargo, terminateEmbargo, moveEmbargo } from "../cases/actions/negotiate-embargo.ts"
import {
    freezeWave,
    moveWave,
    openVersionLate,
    listOpenedVersions,
    planWaves,
    setDefaultSchedule,
    endFreeze,
    listWaves,
} from "../waves/actions.ts"
import { shippedSchedule } from "../waves/wave.ts"
import { type CaseMatrix, listEntitlements, loadMatrix } from "./actions/decide-access.ts"
import { activatePolicy, addPolicy, installPack, previewPolicy, requestActivation } from "./actions/manage-policies.ts"
import { threeTierWithDuty } from "./packs/three-tier.ts"

const start = parseInstant("2025-06-01T00:00:00Z")

interface Lead {
    readonly partner: string
    readonly actor: Actor & { readonly person: string }
}

/** The initial people, partners and cases, in a database that is copied for each program. */
interface Founded {
    readonly name: string
    readonly manager: Actor
    readonly approver: Actor
    readonly author: Actor
    readonly leads: readonly Lead[]
    readonly cases: readonly string[]
    readonly drop: () => Promise<void>
}

interface World extends Omit<Founded, "name" | "drop"> {
    readonly clock: { now: Instant }
    readonly database: TestDatabase
    readonly acting: Acting
    readonly leads: Lead[]
    readonly cases: string[]
}

const engine: PolicyEngine = openPolicyEngine()
let founded: Founded

beforeAll(async () => {
    const database = await createDatabase()
    founded = { ...(await found(database)), name: database.name, drop: database.drop }
    await database.db.close()
})
afterAll(() => founded.drop())

async function openWorld(founded: Founded): Promise<World> {
    const database = await createDatabase(founded.name)
    const clock = { now: start + hourMs }
    const acting = actingOn({ ...testServices(database, clock), policy: engine }, clock)
    return { ...founded, clock, database, acting, leads: [...founded.leads], cases: [...founded.cases] }
}

async function found(database: TestDatabase): Promise<Omit<Founded, "name" | "drop">> {
    const clock = { now: start }
    const acting = actingOn({ ...testServices(database, clock), policy: engine }, clock)
    const [manager, approver, author] = [
        await createStaffMember(acting, ["manager"]),
        await createStaffMember(acting, ["approver"]),
        await createStaffMember(acting, ["author"]),
    ]
    await acting(system, installPack)
    await acting(manager, (ctx) => addAgreement(ctx, "Keep it to yourselves. ".repeat(10), null))
    const leads: Lead[] = []
    for (const n of [0, 1, 2, 2]) leads.push(await newLead(acting, manager, n))
    const cases: string[] = []
    for (const n of [0, 1, 2]) cases.push(await acting(author, (ctx) => newCase(ctx, n)))
    const policy = naming(cases)
    await acting(manager, (ctx) => addPolicy(ctx, policy))
    return { manager, approver, author, leads, cases }
}

/** Policies that permit or forbid the first case and its descendants, and that a regime narrows. */
function naming([first = "", second = ""]: readonly string[]) {
    const text = `${threeTierWithDuty.text}
@id("not-of-first") @title("No steps of the first") forbid (principal, action, resource)
when { resource.class == Class::"poc" && resource.cases.contains(Case::"${first}") };
@id("of-second") @title("The patch of the second") permit (principal, action == Action::"receive", resource)
when { resource.class == Class::"patch" && resource.cases.contains(Case::"${second}") && principal.tier !=
Tier::"none" };`
    const examples = `${threeTierWithDuty.examples}
advance | poc; bypass of ${first} | advance | withheld
entry | patch; variant of ${second} | entry | full, open`
    return { name: "naming", text, examples }
}

async function newLead(acting: Acting, manager: Actor, n: number): Promise<Lead> {
    const input = { name: `Partner ${n}`, mail: "all@partner.example", tier: tiers[n % 3] ?? "entry" }
    const partner = await acting(manager, (ctx) => addPartner(ctx, { ...input, status: "active" }))
    const actor = await createPartnerMember(acting, partner, ["lead"])
    const recipient = await identityToRecipient(await generateX25519Identity())
    await acting(actor, async (ctx) => {
        const versions = (await listAgreements(ctx)).map(({ version }) => version)
        await acceptAgreement(ctx, Math.max(...versions))
        await addKey(ctx, recipient)
    })
    return { partner, actor }
}

/** The third has neither embargo nor waves. */
async function newCase(ctx: ActionContext, n: number): Promise<string> {
    const item = { cwe: "CWE-94", products: [], score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" }
    const vulnerabilities = [{ ...item, cve: `CVE-2025-${10_000 + n}` }]
    const id = await openCase(ctx, { title: `Case ${n}`, vulnerabilities, finder: "somebody" })
    for (const kind of ["poc", "patch", "technical"] as const) await write(ctx, id, kind, kind)
    if (n === 2) return id
    await agreeEmbargo(ctx, id, ctx.now + 40 * dayMs)
    await planWaves(ctx, id)
    return id
}

async function write(
    ctx: ActionContext,
    subject: string,
    kind: (typeof artifactClasses)[number],
    name: string,
): Promise<string> {
    const labels = { tlp: "AMBER+STRICT", pap: "AMBER" } as const
    return await addArtifact(ctx, { case: subject, class: kind, ...labels, name: `${name}.md`, content: "# About it" })
}

// --- The moves

/** Numbers to choose by, and hours that go by before. */
interface Move {
    readonly verb: string
    readonly a: number
    readonly b: number
    readonly c: number
    readonly hours: number
    /** Afterwards, what is decided is kept. */
    readonly looks: boolean
}
type Verb = (world: World, move: Move) => Promise<unknown>

function pickItem<T>(list: readonly T[], n: number): T {
    const item = list[n % Math.max(1, list.length)]
    if (item === undefined) throw new Nothing()
    return item
}
class Nothing extends Error {}

const byManager = (work: (ctx: ActionContext, world: World, move: Move) => Promise<unknown>): Verb => {
    return async (world, move) =>
        await world.acting(world.manager, async (ctx) => {
            // Some of the work is a part of an action, without its event.
            await noteChange(ctx.tx)
            return await work(ctx, world, move)
        })
}
const byAuthor = (work: (ctx: ActionContext, world: World, move: Move) => Promise<unknown>): Verb => {
    return async (world, move) => await world.acting(world.author, (ctx) => work(ctx, world, move))
}
const byLead = (work: (ctx: ActionContext, world: World, move: Move) => Promise<unknown>): Verb => {
    return async (world, move) =>
        await world.acting(pickItem(world.leads, move.a).actor, (ctx) => work(ctx, world, move))
}

const changing = (change: (move: Move, world: World) => FactChange): Verb => {
    return async (world, move) => {
        const { partner } = pickItem(world.leads, move.a)
        const made = change(move, world)
        const effects = await world.acting(world.manager, (ctx) => computeChangeEffects(ctx, partner, made))
        const approval = effects ? await signed(world, (ctx) => requestApproval(ctx, effects), effects) : undefined
        await world.acting(world.manager, async (ctx) => {
            if (made.fact === "tier") await changeTier(ctx, partner, made.value, { approval })
            else if (made.fact === "duties") await setDuties(ctx, partner, made.value, { approval })
            else if (made.fact === "status") await changePartnerStatus(ctx, partner, made.value, { approval })
            else await setRestriction(ctx, partner, made.value, { approval })
        })
    }
}

async function signed(world: World, ask: (ctx: ActionContext) => Promise<string>, effects: Effects): Promise<string> {
    const approval = await world.acting(world.manager, ask)
    await world.acting(world.approver, (ctx) => signApproval(ctx, approval, hashOf(effects)))
    return approval
}

/** Events that are only recorded with an action. */
const anyApproval = (ctx: ActionContext) =>
    requestApproval(ctx, { action: "wave.unfreeze", recipients: [], artifacts: [], at: null, detail: null })

const cases: Record<string, Verb> = {
    link: byManager((ctx, { cases }, { a, b, c }) =>
        linkCases(ctx, pickItem(cases, a), pickItem(cases, b), pickItem(["bypass_of", "variant_of"] as const, c)),
    ),
    "open a case": byAuthor(async (ctx, world) => world.cases.push(await newCase(ctx, world.cases.length))),
    "agree an embargo": byManager((ctx, world, { a, b }) =>
        agreeEmbargo(ctx, pickItem(world.cases, a), ctx.now + (20 + b) * dayMs),
    ),
    "move an embargo": byManager((ctx, world, { a, b }) =>
        moveEmbargo(ctx, pickItem(world.cases, a), ctx.now + (1 + b * 7) * dayMs, "reason"),
    ),
    "break an embargo": byManager((ctx, world, { a }) => terminateEmbargo(ctx, pickItem(world.cases, a), "it is out")),
    close: byManager((ctx, world, { a }) => closeCase(ctx, pickItem(world.cases, a), "withdrawn", "it is nothing")),
    invite: byManager((ctx, world, { a, b }) =>
        inviteToEmbargo(ctx, pickItem(world.cases, b), pickItem(world.leads, a).partner),
    ),
    answer: async (world, { a, b, c }) => {
        const [{ partner, actor }, id] = [pickItem(world.leads, a), pickItem(world.cases, b)]
        await world.acting(world.manager, async (ctx) => {
            const invitation = (await listInvitations(ctx, partner)).find((invitation) => invitation.case === id)
            if (invitation?.state !== "invited") await inviteToEmbargo(ctx, id, partner)
        })
        world.clock.now += hourMs
        await world.acting(actor, (ctx) => answerInvitation(ctx, id, c % 3 > 0))
    },
    leave: byLead((ctx, world, { b }) => exitEmbargo(ctx, pickItem(world.cases, b))),
}

const artifacts: Record<string, Verb> = {
    write: byAuthor((ctx, { cases }, { a, b }) =>
        write(ctx, pickItem(cases, a), pickItem(artifactClasses, b), `more-${ctx.now}`),
    ),
    revise: byAuthor(async (ctx, world, { a, b }) => {
        const artifacts = await listArtifacts(ctx, pickItem(world.cases, a))
        await reviseArtifact(ctx, pickItem(artifacts, b).id, "# Another")
    }),
    recall: byAuthor(async (ctx, world, { a, b, c }) => {
        const artifacts = await listArtifacts(ctx, pickItem(world.cases, a))
        await recallArtifact(ctx, pickItem(artifacts, b).id, {
            version: c % 2 === 0 ? null : 1,
            reason: "it was wrong",
        })
    }),
    "end a recall": byAuthor(async (ctx, _, { a }) => {
        const lasting = (await listRecalls(ctx, null)).filter((recall) => recall.liftedAt === null)
        await liftRecall(ctx, pickItem(lasting, a), { approval: await anyApproval(ctx), recipients: [] })
    }),
}

const waves: Record<string, Verb> = {
    plan: byManager((ctx, world, { a }) => planWaves(ctx, pickItem(world.cases, a))),
    "set the plan": byManager((ctx, _, { a }) =>
        setDefaultSchedule(ctx, { ...shippedSchedule, validate: (-20 - a) * dayMs }),
    ),
    move: byManager(async (ctx, _, { a, b, c }) => {
        const ahead = (await listWaves(ctx, null)).filter(
            (wave) => wave.releasedAt === null && wave.tier !== "publication",
        )
        await moveWave(ctx, pickItem(ahead, a * 12 + b).id, pickItem([0, 12, 24, 72, 120, 240, 336, 480], c))
    }),
    freeze: byManager(async (ctx, world, { a, b }) =>
        freezeWave(ctx, pickItem(await listWaves(ctx, pickItem(world.cases, a)), b).id),
    ),
    thaw: byManager(async (ctx, _, { a }) => {
        const frozen = (await listWaves(ctx, null)).filter((wave) => wave.frozenAt !== null)
        await endFreeze(ctx, pickItem(frozen, a), await anyApproval(ctx))
    }),
    fall: byManager(async (ctx, world, { a, b }) => {
        const id = pickItem(world.cases, a)
        const ahead = (await listWaves(ctx, id)).filter((wave) => wave.releasedAt === null)
        const artifacts = (await listArtifacts(ctx, id)).filter((_, n) => b % 4 === 0 || n % 3 !== b % 3)
        await releaseWaveWithoutEvent(
            ctx,
            pickItem(ahead, 0),
            artifacts.map((artifact) => ({ artifact: artifact.id, version: artifact.version })),
        )
    }),
    "open late": byManager(async (ctx, world, { a, b }) => {
        const id = pickItem(world.cases, a)
        const artifact = pickItem(await listArtifacts(ctx, id), b)
        const has = (await listOpenedVersions(ctx, id)).filter(
            (its_) => its_.artifact === artifact.id && its_.version === artifact.version,
        )
        const releasedWaves = (await listWaves(ctx, id)).filter((wave) => wave.releasedAt !== null)
        const late = releasedWaves.filter((wave) => !has.some((its_) => its_.wave === wave.id)).map((wave) => wave.id)
        await openVersionLate(ctx, [pickItem(late, 0)], { artifact: artifact.id, version: artifact.version })
    }),
}

const partners: Record<string, Verb> = {
    restrict: changing(({ b, c }, world) => {
        const its_ = { withhold: [pickItem(artifactClasses, b)], notBeforePublication: c % 2 === 0 }
        return { fact: "restriction", value: { ...its_, cases: c % 3 === 0 ? null : [pickItem(world.cases, c)] } }
    }),
    lift: changing(() => ({ fact: "restriction", value: null })),
    stand: changing(({ b }) => ({ fact: "status", value: pickItem(["suspended", "active", "active"] as const, b) })),
    tier: changing(({ b }) => ({ fact: "tier", value: pickItem(tiers, b) })),
    duties: changing(({ b }) => ({ fact: "duties", value: pickItem([[], dutyTable, dutyTable.slice(0, 1)], b) })),
    join: async (world, { b }) => world.leads.push(await newLead(world.acting, world.manager, b)),
    "lead leaves": byManager((ctx, world, { a }) => removePerson(ctx, pickItem(world.leads, a).actor.person)),
    "add a key": async (world, { a }) => {
        const recipient = await identityToRecipient(await generateX25519Identity())
        const key = await world.acting(pickItem(world.leads, a).actor, (ctx) => addKey(ctx, recipient))
        if (key.usableFrom === null) await world.acting(world.manager, (ctx) => storeAcceptance(ctx, key))
    },
    "revoke a key": byLead(async (ctx, world, { a, b }) => {
        await revokeKey(ctx, pickItem(await listKeys(ctx, pickItem(world.leads, a).partner), b).id)
    }),
    bounce: byManager((ctx, world, { a }) => recordBounce(ctx, pickItem(world.leads, a).partner, null)),
    prove: byManager((ctx, world, { a }) => recordMailboxProof(ctx, pickItem(world.leads, a).partner)),
}

const program: Record<string, Verb> = {
    agreement: byManager((ctx, _, { a, b }) => {
        const text = `Keep it to yourselves, ${ctx.now}. `.repeat(10)
        return addAgreementAtOnce(ctx, text, pickItem([null, 30, 400], a), [], pickItem([0, 30, 60, 365], b))
    }),
    accept: byLead(async (ctx) => {
        await acceptAgreement(ctx, Math.max(...(await listAgreements(ctx)).map(({ version }) => version)))
    }),
    requirements: byManager((ctx, _, { a, b }) => {
        const { kinds, ...rest } = shippedRules.requirements
        const key = { ...kinds.key, graceDays: pickItem([14, 3, 0], b) }
        return setRules(ctx, "requirements", {
            ...rest,
            kinds: { ...kinds, key },
            mailboxEveryDays: pickItem([365, 60, 30], a),
        })
    }),
    activate: async (world, { a }) => {
        const version = 1 + (a % 3)
        const { effects } = await world.acting(world.manager, (ctx) => previewPolicy(ctx, version))
        const approval = effects && (await signed(world, (ctx) => requestActivation(ctx, version), effects))
        await world.acting(world.manager, (ctx) => activatePolicy(ctx, version, approval ?? undefined))
    },
    pass: async () => undefined,
}

const verbs = { ...cases, ...artifacts, ...waves, ...partners, ...program }

const move = fc.record({
    verb: fc.constantFrom(...Object.keys(verbs), "link", "link", "move", "move", "write", "revise"),
    a: fc.nat(11),
    b: fc.nat(11),
    c: fc.nat(11),
    hours: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 1, max: 48 }) },
        { weight: 1, arbitrary: fc.integer({ min: 48, max: 400 }) },
    ),
    looks: fc.boolean(),
})

function nothingToSign(): never {
    throw new Error("two people are needed")
}

/** The decisions for each case and each partner at an instant. */
interface Kept {
    readonly at: Instant
    readonly matrices: readonly CaseMatrix[]
    readonly own: readonly unknown[]
}

async function takeSnapshot({ acting, manager, clock, cases, leads }: World): Promise<Kept> {
    clock.now += 1
    return await acting(manager, async (ctx) => {
        const [matrices, own]: [CaseMatrix[], unknown[]] = [[], []]
        for (const id of cases) matrices.push(await loadMatrix(ctx, id))
        for (const { partner } of leads) own.push(await listEntitlements(ctx, partner, null))
        return { at: ctx.now, matrices, own }
    })
}

/** Refused moves, and moves without an object, change nothing. */
async function runMoves(world: World, moves: readonly Move[], done: Set<string>): Promise<Kept[]> {
    const kept: Kept[] = []
    for (const move of moves) {
        world.clock.now += move.hours * hourMs
        try {
            if ((await awaitRefusalCode(verbs[move.verb]?.(world, move) ?? Promise.resolve())) === "done")
                done.add(move.verb)
        } catch (error) {
            if (!(error instanceof Nothing)) throw error
        }
        if (move.looks) kept.push(await takeSnapshot(world))
    }
    return kept
}

async function replayed({ acting, manager }: World, kept: readonly Kept[]): Promise<CaseMatrix[][]> {
    return await acting(manager, async (ctx) => {
        const matrixes: CaseMatrix[][] = []
        for (const { at, matrices } of kept) {
            const again: CaseMatrix[] = []
            for (const { case: id } of matrices) again.push(await loadMatrix(ctx, id, { at }))
            matrixes.push(again)
        }
        return matrixes
    })
}

describe("a replay", () => {
    let world: World
    beforeAll(async () => {
        world = await openWorld(founded)
        await world.acting(world.manager, async (ctx) => {
            const { effects } = await previewPolicy(ctx, 3)
            const approval = await requestApproval(ctx, effects ?? nothingToSign())
            await signApproval({ ...ctx, actor: world.approver }, approval, hashOf(effects ?? nothingToSign()))
            await activatePolicy(ctx, 3, approval)
        })
    })
    afterAll(() => world.database.close())

    /** What the partner of tier `entry` gets of the case's artifacts, and when, in days from the start. */
    const givenOf = async (id: string, at: Instant): Promise<string[]> => {
        const matrix = await world.acting(world.manager, (ctx) =>
            loadMatrix(ctx, id, { at, partner: pickItem(world.leads, 0).partner }),
        )
        return matrix.entitlements.map(({ class: kind, decision: { grantedClass: gives, from } }) => {
            const days = from === null ? "never" : (from - start) / dayMs
            return `${kind}: ${gives ?? "nothing"} ${days}`
        })
    }

    test("of an instant before a case link carries nothing over", async () => {
        const [first = "", second = ""] = world.cases
        const before = world.clock.now
        const wasGiven = await givenOf(second, before)
        expect(wasGiven).toContain("poc: poc 39")
        world.clock.now += hourMs
        await world.acting(world.manager, (ctx) => linkCases(ctx, second, first, "bypass_of"))
        world.clock.now += hourMs
        await world.acting(world.manager, (ctx) => linkCases(ctx, second, first, "bypass_of"))
        expect(await givenOf(second, before)).toEqual(wasGiven)
        expect(await givenOf(second, before + hourMs - 1)).toEqual(wasGiven)
        expect(await givenOf(second, before + hourMs)).toContain("poc: nothing never")
    })

    test("uses the schedule of that instant, and none before it was set", async () => {
        const [first = "", , third = ""] = world.cases
        const before = world.clock.now
        world.clock.now += hourMs
        await world.acting(world.manager, async (ctx) => {
            const wave = (await listWaves(ctx, first)).find(({ tier }) => tier === "entry")
            await moveWave(ctx, wave?.id ?? "", 72)
            await planWaves(ctx, third)
            await agreeEmbargo(ctx, third, start + 50 * dayMs)
        })
        const technical = async (id: string, at: Instant) =>
            (await givenOf(id, at)).find((item) => item.startsWith("technical"))
        expect(await technical(first, before)).toBe("technical: technical 39")
        expect(await technical(first, world.clock.now)).toBe("technical: technical 37")
        expect(await technical(third, before)).toBe("technical: technical never")
        expect(await technical(third, world.clock.now)).toBe("technical: technical 49")
    })

    test("leaves out artifacts not yet written, and is empty before its case was opened", async () => {
        const [first = ""] = world.cases
        const before = world.clock.now
        const wasGiven = await givenOf(first, before)
        world.clock.now += hourMs
        await world.acting(world.author, (ctx) => write(ctx, first, "rules", "later"))
        expect(await givenOf(first, before)).toEqual(wasGiven)
        expect(await givenOf(first, world.clock.now)).toHaveLength(wasGiven.length + 1)
        expect(await awaitRefusalCode(givenOf(first, start - 1))).toBe("partner.not_found")
        const everybody = await world.acting(world.manager, (ctx) => loadMatrix(ctx, first, { at: start - 1 }))
        expect(everybody.entitlements).toEqual([])
    })

    test("of any past instant equals the decision then", async () => {
        const done = new Set<string>()
        let open = 0
        await fc.assert(
            fc.asyncProperty(fc.array(move, { minLength: 40, maxLength: 60 }), async (moves) => {
                const world = await openWorld(founded)
                try {
                    const kept = await runMoves(world, moves, done)
                    const matrices = kept.map((item) => item.matrices)
                    open += matrices.flat(2).filter(({ entitlements }) => entitlements.some((e) => e.version)).length
                    expect(await replayed(world, kept)).toEqual(matrices)
                } finally {
                    await world.database.close()
                }
            }),
            { numRuns: 30, endOnFailure: true },
        )
        expect(open).toBeGreaterThan(0)
        expect([...done]).toEqual(
            expect.arrayContaining(["link", "move", "write", "revise", "recall", "freeze", "fall"]),
        )
        expect(done.size).toBeGreaterThan(Object.keys(verbs).length * 0.75)
    }, 1_200_000)
})
