/**
 * A replay tells what was, whatever has come since. Random programs are played, what is decided is kept at random
 * instants, and at the end each of these instants is asked about again.
 */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    addAgreementAtOnce,
    codeOf,
    member,
    operator,
    system,
    testDoors,
} from "../../../test/acting.ts"
import { type TestDatabase, freshDatabase } from "../../../test/database.ts"
import { type Instant, dayMs, hourMs, parseInstant } from "../../lib/instant.ts"
import { type PolicyEngine, openPolicyEngine } from "../../platform/policy.ts"
import { requestApproval, signApproval } from "../../trust/approvals/actions.ts"
import { type Effects, hashOf } from "../../trust/approvals/approval.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { endPerson } from "../../trust/identity/actions.ts"
import { acceptAgreement, addAgreement, agreements } from "../../trust/partners/actions/agreements.ts"
import {
    addPartner,
    changeStanding,
    changeTier,
    effectsToSign,
    setDuties,
    setRestriction,
} from "../../trust/partners/actions/changes.ts"
import { addKey, allKeysOf, revokeKey } from "../../trust/partners/actions/keys.ts"
import { noteBounce, noteProof } from "../../trust/partners/actions/mailbox.ts"
import { setRules } from "../../trust/partners/actions/rules.ts"
import { dutyTable } from "../../trust/partners/duty.ts"
import type { Change } from "../../trust/partners/facts.ts"
import { tiers } from "../../trust/partners/partner.ts"
import { shippedRules } from "../../trust/partners/rules.ts"
import { addArtifact, artifactsOf, reviseArtifact } from "../artifacts/actions.ts"
import { endRecall, recallArtifact, recallsOf } from "../artifacts/actions/recalls.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
import { closeCase, linkCases, openCase } from "../cases/actions.ts"
import { answerInvitation, exitEmbargo, invitationsTo, inviteToEmbargo } from "../cases/actions/consents.ts"
import { agreeEmbargo, breakEmbargo, moveEmbargo } from "../cases/actions/embargo.ts"
import {
    freezeWave,
    moveWave,
    openLate,
    openWave,
    openedBy,
    planWaves,
    setPlan,
    thawWave,
    wavesOf,
} from "../waves/actions.ts"
import { shippedPlan } from "../waves/wave.ts"
import { type Matrix, entitlementsOf, matrixOf } from "./actions/entitlements.ts"
import { activatePolicy, addPolicy, installPack, previewPolicy, requestActivation } from "./actions/policies.ts"
import { threeTierWithDuty } from "./packs/three-tier.ts"

const start = parseInstant("2025-06-01T00:00:00Z")

interface Lead {
    readonly partner: string
    readonly actor: Actor & { readonly person: string }
}

/** Who and what there is at the beginning: a database that is copied for each program. */
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
    const database = await freshDatabase()
    founded = { ...(await found(database)), name: database.name, drop: database.drop }
    await database.db.close()
})
afterAll(() => founded.drop())

async function worldFrom(its: Founded): Promise<World> {
    const database = await freshDatabase(its.name)
    const clock = { now: start + hourMs }
    const acting = actingOn({ ...testDoors(database, clock), policy: engine }, clock)
    return { ...its, clock, database, acting, leads: [...its.leads], cases: [...its.cases] }
}

async function found(database: TestDatabase): Promise<Omit<Founded, "name" | "drop">> {
    const clock = { now: start }
    const acting = actingOn({ ...testDoors(database, clock), policy: engine }, clock)
    const [manager, approver, author] = [
        await operator(acting, ["manager"]),
        await operator(acting, ["approver"]),
        await operator(acting, ["author"]),
    ]
    await acting(system, installPack)
    await acting(manager, (act) => addAgreement(act, "Keep it to yourselves. ".repeat(10), null))
    const leads: Lead[] = []
    for (const n of [0, 1, 2, 2]) leads.push(await newLead(acting, manager, n))
    const cases: string[] = []
    for (const n of [0, 1, 2]) cases.push(await acting(author, (act) => newCase(act, n)))
    const policy = naming(cases)
    await acting(manager, (act) => addPolicy(act, policy))
    return { manager, approver, author, leads, cases }
}

/** What is given of the first case, or not, and of whatever descends from it; and what a regime takes away there. */
function naming([first = "", second = ""]: readonly string[]) {
    const text = `${threeTierWithDuty.text}
@id("not-of-first") @title("No steps of the first") forbid (principal, action, resource)
when { resource.class == Class::"poc" && resource.cases.contains(Case::"${first}") };
@id("of-second") @title("The patch of the second") permit (principal, action == Action::"receive", resource)
when { resource.class == Class::"patch" && resource.cases.contains(Case::"${second}") && principal.tier != Tier::"none" };`
    const examples = `${threeTierWithDuty.examples}
advance | poc; bypass of ${first} | advance | withheld
entry | patch; variant of ${second} | entry | full, open`
    return { name: "naming", text, examples }
}

async function newLead(acting: Acting, manager: Actor, n: number): Promise<Lead> {
    const its = { name: `Partner ${n}`, mail: "all@partner.example", tier: tiers[n % 3] ?? "entry" }
    const partner = await acting(manager, (act) => addPartner(act, { ...its, standing: "active" }))
    const actor = await member(acting, partner, ["lead"])
    const recipient = await identityToRecipient(await generateX25519Identity())
    await acting(actor, async (act) => {
        const versions = (await agreements(act)).map(({ version }) => version)
        await acceptAgreement(act, Math.max(...versions))
        await addKey(act, recipient)
    })
    return { partner, actor }
}

/** The third has neither embargo nor waves. */
async function newCase(act: Act, n: number): Promise<string> {
    const one = { cwe: "CWE-94", products: [], score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" }
    const vulnerabilities = [{ ...one, cve: `CVE-2025-${10_000 + n}` }]
    const id = await openCase(act, { title: `Case ${n}`, vulnerabilities, finder: "somebody" })
    for (const kind of ["poc", "patch", "technical"] as const) await write(act, id, kind, kind)
    if (n === 2) return id
    await agreeEmbargo(act, id, act.now + 40 * dayMs)
    await planWaves(act, id)
    return id
}

async function write(act: Act, of: string, kind: (typeof artifactClasses)[number], name: string): Promise<string> {
    const labels = { tlp: "AMBER+STRICT", pap: "AMBER" } as const
    return await addArtifact(act, { case: of, class: kind, ...labels, name: `${name}.md`, content: "# About it" })
}

// --- What is played

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
type Verb = (its: World, move: Move) => Promise<unknown>

function of<T>(all: readonly T[], n: number): T {
    const one = all[n % Math.max(1, all.length)]
    if (one === undefined) throw new Nothing()
    return one
}
class Nothing extends Error {}

const byManager = (work: (act: Act, its: World, move: Move) => Promise<unknown>): Verb => {
    return async (its, move) => await its.acting(its.manager, (act) => work(act, its, move))
}
const byAuthor = (work: (act: Act, its: World, move: Move) => Promise<unknown>): Verb => {
    return async (its, move) => await its.acting(its.author, (act) => work(act, its, move))
}
const byLead = (work: (act: Act, its: World, move: Move) => Promise<unknown>): Verb => {
    return async (its, move) => await its.acting(of(its.leads, move.a).actor, (act) => work(act, its, move))
}

const changing = (change: (move: Move, its: World) => Change): Verb => {
    return async (its, move) => {
        const { partner } = of(its.leads, move.a)
        const made = change(move, its)
        const effects = await its.acting(its.manager, (act) => effectsToSign(act, partner, made))
        const approval = effects ? await signed(its, (act) => requestApproval(act, effects), effects) : undefined
        await its.acting(its.manager, async (act) => {
            if (made.fact === "tier") await changeTier(act, partner, made.value, { approval })
            else if (made.fact === "duties") await setDuties(act, partner, made.value, { approval })
            else if (made.fact === "standing") await changeStanding(act, partner, made.value, { approval })
            else await setRestriction(act, partner, made.value, { approval })
        })
    }
}

async function signed(its: World, ask: (act: Act) => Promise<string>, effects: Effects): Promise<string> {
    const approval = await its.acting(its.manager, ask)
    await its.acting(its.approver, (act) => signApproval(act, approval, hashOf(effects)))
    return approval
}

/** What is only written down beside an act. */
const anyApproval = (act: Act) =>
    requestApproval(act, { act: "wave.unfreeze", recipients: [], artifacts: [], at: null, detail: null })

const cases: Record<string, Verb> = {
    link: byManager((act, { cases: all }, { a, b, c }) =>
        linkCases(act, of(all, a), of(all, b), of(["bypass of", "variant of"] as const, c)),
    ),
    "open a case": byAuthor(async (act, its) => its.cases.push(await newCase(act, its.cases.length))),
    "agree an embargo": byManager((act, its, { a, b }) =>
        agreeEmbargo(act, of(its.cases, a), act.now + (20 + b) * dayMs),
    ),
    "move an embargo": byManager((act, its, { a, b }) =>
        moveEmbargo(act, of(its.cases, a), act.now + (1 + b * 7) * dayMs, "why"),
    ),
    "break an embargo": byManager((act, its, { a }) => breakEmbargo(act, of(its.cases, a), "it is out")),
    close: byManager((act, its, { a }) => closeCase(act, of(its.cases, a), "withdrawn", "it is nothing")),
    invite: byManager((act, its, { a, b }) => inviteToEmbargo(act, of(its.cases, b), of(its.leads, a).partner)),
    answer: async (its, { a, b, c }) => {
        const [{ partner, actor }, id] = [of(its.leads, a), of(its.cases, b)]
        await its.acting(its.manager, async (act) => {
            const asked = (await invitationsTo(act, partner)).find((one) => one.case === id)
            if (asked?.state !== "invited") await inviteToEmbargo(act, id, partner)
        })
        its.clock.now += hourMs
        await its.acting(actor, (act) => answerInvitation(act, id, c % 3 > 0))
    },
    leave: byLead((act, its, { b }) => exitEmbargo(act, of(its.cases, b))),
}

const artifacts: Record<string, Verb> = {
    write: byAuthor((act, { cases: all }, { a, b }) =>
        write(act, of(all, a), of(artifactClasses, b), `more-${act.now}`),
    ),
    revise: byAuthor(async (act, its, { a, b }) => {
        const all = await artifactsOf(act, of(its.cases, a))
        await reviseArtifact(act, of(all, b).id, "# Another")
    }),
    recall: byAuthor(async (act, its, { a, b, c }) => {
        const all = await artifactsOf(act, of(its.cases, a))
        await recallArtifact(act, of(all, b).id, { version: c % 2 === 0 ? null : 1, reason: "it was wrong" })
    }),
    "end a recall": byAuthor(async (act, _, { a }) => {
        const lasting = (await recallsOf(act, null)).filter((one) => one.endedAt === null)
        await endRecall(act, of(lasting, a), { approval: await anyApproval(act), recipients: [] })
    }),
}

const waves: Record<string, Verb> = {
    plan: byManager((act, its, { a }) => planWaves(act, of(its.cases, a))),
    "set the plan": byManager((act, _, { a }) => setPlan(act, { ...shippedPlan, validate: (-20 - a) * dayMs })),
    move: byManager(async (act, _, { a, b, c }) => {
        const ahead = (await wavesOf(act, null)).filter((one) => one.releasedAt === null && one.tier !== "publication")
        await moveWave(act, of(ahead, a * 12 + b).id, of([0, 12, 24, 72, 120, 240, 336, 480], c))
    }),
    freeze: byManager(async (act, its, { a, b }) => freezeWave(act, of(await wavesOf(act, of(its.cases, a)), b).id)),
    thaw: byManager(async (act, _, { a }) => {
        const frozen = (await wavesOf(act, null)).filter((one) => one.frozenAt !== null)
        await thawWave(act, of(frozen, a), await anyApproval(act))
    }),
    fall: byManager(async (act, its, { a, b }) => {
        const id = of(its.cases, a)
        const ahead = (await wavesOf(act, id)).filter((one) => one.releasedAt === null)
        const all = (await artifactsOf(act, id)).filter((_, n) => b % 4 === 0 || n % 3 !== b % 3)
        await openWave(
            act,
            of(ahead, 0),
            all.map((one) => ({ artifact: one.id, version: one.version })),
        )
    }),
    "open late": byManager(async (act, its, { a, b }) => {
        const id = of(its.cases, a)
        const one = of(await artifactsOf(act, id), b)
        const has = (await openedBy(act, id)).filter((its_) => its_.artifact === one.id && its_.version === one.version)
        const fallen = (await wavesOf(act, id)).filter((wave) => wave.releasedAt !== null)
        const late = fallen.filter((wave) => !has.some((its_) => its_.wave === wave.id)).map((wave) => wave.id)
        await openLate(act, [of(late, 0)], { artifact: one.id, version: one.version })
    }),
}

const partners: Record<string, Verb> = {
    restrict: changing(({ b, c }, its) => {
        const its_ = { withhold: [of(artifactClasses, b)], notBeforePublication: c % 2 === 0 }
        return { fact: "restriction", value: { ...its_, cases: c % 3 === 0 ? null : [of(its.cases, c)] } }
    }),
    lift: changing(() => ({ fact: "restriction", value: null })),
    stand: changing(({ b }) => ({ fact: "standing", value: of(["suspended", "active", "active"] as const, b) })),
    tier: changing(({ b }) => ({ fact: "tier", value: of(tiers, b) })),
    duties: changing(({ b }) => ({ fact: "duties", value: of([[], dutyTable, dutyTable.slice(0, 1)], b) })),
    join: async (its, { b }) => its.leads.push(await newLead(its.acting, its.manager, b)),
    "lead leaves": byManager((act, its, { a }) => endPerson(act, of(its.leads, a).actor.person)),
    "add a key": async (its, { a }) => {
        const recipient = await identityToRecipient(await generateX25519Identity())
        await its.acting(of(its.leads, a).actor, (act) => addKey(act, recipient))
    },
    "revoke a key": byLead(async (act, its, { a, b }) => {
        await revokeKey(act, of(await allKeysOf(act, of(its.leads, a).partner), b).id)
    }),
    bounce: byManager((act, its, { a }) => noteBounce(act, of(its.leads, a).partner, null)),
    prove: byManager((act, its, { a }) => noteProof(act, of(its.leads, a).partner)),
}

const program: Record<string, Verb> = {
    agreement: byManager((act, _, { a, b }) => {
        const text = `Keep it to yourselves, ${act.now}. `.repeat(10)
        return addAgreementAtOnce(act, text, of([null, 30, 400], a), [], of([0, 30, 60, 365], b))
    }),
    accept: byLead(async (act) => {
        await acceptAgreement(act, Math.max(...(await agreements(act)).map(({ version }) => version)))
    }),
    dues: byManager((act, _, { a, b }) => {
        const { kinds, ...rest } = shippedRules.dues
        const key = { ...kinds.key, graceDays: of([14, 3, 0], b) }
        return setRules(act, "dues", { ...rest, kinds: { ...kinds, key }, mailboxEveryDays: of([365, 60, 30], a) })
    }),
    activate: async (its, { a }) => {
        const version = 1 + (a % 3)
        const { effects } = await its.acting(its.manager, (act) => previewPolicy(act, version))
        const approval = effects && (await signed(its, (act) => requestActivation(act, version), effects))
        await its.acting(its.manager, (act) => activatePolicy(act, version, approval ?? undefined))
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

/** What was decided of each case, and of each partner's own, when it was asked about. */
interface Kept {
    readonly at: Instant
    readonly matrices: readonly Matrix[]
    readonly own: readonly unknown[]
}

async function look({ acting, manager, clock, cases: all, leads }: World): Promise<Kept> {
    clock.now += 1
    return await acting(manager, async (act) => {
        const [matrices, own]: [Matrix[], unknown[]] = [[], []]
        for (const id of all) matrices.push(await matrixOf(act, id))
        for (const { partner } of leads) own.push(await entitlementsOf(act, partner, null))
        return { at: act.now, matrices, own }
    })
}

/** What is refused changes nothing; nor does what there is nothing for. */
async function play(its: World, moves: readonly Move[], done: Set<string>): Promise<Kept[]> {
    const kept: Kept[] = []
    for (const one of moves) {
        its.clock.now += one.hours * hourMs
        try {
            if ((await codeOf(verbs[one.verb]?.(its, one) ?? Promise.resolve())) === "done") done.add(one.verb)
        } catch (error) {
            if (!(error instanceof Nothing)) throw error
        }
        if (one.looks) kept.push(await look(its))
    }
    return kept
}

async function replayed({ acting, manager }: World, kept: readonly Kept[]): Promise<Matrix[][]> {
    return await acting(manager, async (act) => {
        const all: Matrix[][] = []
        for (const { at, matrices } of kept) {
            const again: Matrix[] = []
            for (const { case: id } of matrices) again.push(await matrixOf(act, id, { at }))
            all.push(again)
        }
        return all
    })
}

describe("a replay", () => {
    let its: World
    beforeAll(async () => {
        its = await worldFrom(founded)
        await its.acting(its.manager, async (act) => {
            const { effects } = await previewPolicy(act, 3)
            const approval = await requestApproval(act, effects ?? nothingToSign())
            await signApproval({ ...act, actor: its.approver }, approval, hashOf(effects ?? nothingToSign()))
            await activatePolicy(act, 3, approval)
        })
    })
    afterAll(() => its.database.close())

    /** What the partner of the tier `entry` is given of the case's artifacts, and from when, in days from the start. */
    const givenOf = async (id: string, at: Instant): Promise<string[]> => {
        const matrix = await its.acting(its.manager, (act) =>
            matrixOf(act, id, { at, partner: of(its.leads, 0).partner }),
        )
        return matrix.entitlements.map(({ class: kind, decision: { gives, from } }) => {
            const days = from === null ? "never" : (from - start) / dayMs
            return `${kind}: ${gives ?? "nothing"} ${days}`
        })
    }

    test("of before a case descended from another carries nothing over", async () => {
        const [first = "", second = ""] = its.cases
        const before = its.clock.now
        const wasGiven = await givenOf(second, before)
        expect(wasGiven).toContain("poc: poc 39")
        its.clock.now += hourMs
        await its.acting(its.manager, (act) => linkCases(act, second, first, "bypass of"))
        its.clock.now += hourMs
        await its.acting(its.manager, (act) => linkCases(act, second, first, "bypass of"))
        expect(await givenOf(second, before)).toEqual(wasGiven)
        expect(await givenOf(second, before + hourMs - 1)).toEqual(wasGiven)
        expect(await givenOf(second, before + hourMs)).toContain("poc: nothing never")
    })

    test("of before a wave was moved is by the distance of then, and of before it was planned by none", async () => {
        const [first = "", , third = ""] = its.cases
        const before = its.clock.now
        its.clock.now += hourMs
        await its.acting(its.manager, async (act) => {
            const wave = (await wavesOf(act, first)).find(({ tier }) => tier === "entry")
            await moveWave(act, wave?.id ?? "", 72)
            await planWaves(act, third)
            await agreeEmbargo(act, third, start + 50 * dayMs)
        })
        const technical = async (id: string, at: Instant) =>
            (await givenOf(id, at)).find((one) => one.startsWith("technical"))
        expect(await technical(first, before)).toBe("technical: technical 39")
        expect(await technical(first, its.clock.now)).toBe("technical: technical 37")
        expect(await technical(third, before)).toBe("technical: technical never")
        expect(await technical(third, its.clock.now)).toBe("technical: technical 49")
    })

    test("of before an artifact was written is without it, and of before its case was opened empty", async () => {
        const [first = ""] = its.cases
        const before = its.clock.now
        const wasGiven = await givenOf(first, before)
        its.clock.now += hourMs
        await its.acting(its.author, (act) => write(act, first, "rules", "later"))
        expect(await givenOf(first, before)).toEqual(wasGiven)
        expect(await givenOf(first, its.clock.now)).toHaveLength(wasGiven.length + 1)
        expect(await codeOf(givenOf(first, start - 1))).toBe("partner.not_found")
        const everybody = await its.acting(its.manager, (act) => matrixOf(act, first, { at: start - 1 }))
        expect(everybody.entitlements).toEqual([])
    })

    test("of any past instant is what was decided then", async () => {
        const done = new Set<string>()
        let open = 0
        await fc.assert(
            fc.asyncProperty(fc.array(move, { minLength: 40, maxLength: 60 }), async (moves) => {
                const its = await worldFrom(founded)
                try {
                    const kept = await play(its, moves, done)
                    const matrices = kept.map((one) => one.matrices)
                    open += matrices.flat(2).filter(({ entitlements }) => entitlements.some((e) => e.version)).length
                    expect(await replayed(its, kept)).toEqual(matrices)
                } finally {
                    await its.database.close()
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
