/**
 * A small model of the rules for two people, with random commands of several people against it. It is written from the
 * domain's terms, independently of the program's decisions.
 */
import fc from "fast-check"
import { expect } from "vitest"
import { dayMs, hourMs } from "@tocsin/base/instant"
import { dutyTable } from "../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import type { FactChange } from "../../server/src/trust/partners/facts.ts"
import { type PartnerStatus, type Tier, partnerStatuses, tiers } from "../../server/src/trust/partners/partner.ts"

/** The machine under test, for one partner that starts as `begun`. People are numbers. */
export interface Machine {
    readonly clock: { now: number }
    /** The approval's id; null: one person is enough. */
    ask(change: FactChange, by: number): Promise<string | null>
    /** Whether it was done, for this and the next. */
    sign(id: string, by: number): Promise<boolean>
    takeBack(id: string, by: number): Promise<boolean>
    decide(change: FactChange, approval: string | undefined): Promise<boolean>
    held(): Promise<Held>
}

export const begun = { tier: "entry", status: "invited" } as const

// --- The model

/** The accounts of three humans; the last is a second account of the first. */
export const people = [0, 1, 2, 3] as const
const humanOf = (person: number): number => (person === 3 ? 0 : person)

export interface Held {
    readonly tier: Tier
    readonly status: PartnerStatus
    readonly duties: readonly string[]
    readonly restriction: { readonly withhold: readonly string[]; readonly late: boolean } | null
}

interface Signature {
    readonly id: string
    readonly change: FactChange
    readonly what: string
    readonly askedBy: number
    readonly askedAt: number
    /** Null: not yet. */
    signedAt: number | null
    gone: boolean
}

const ways: Readonly<Record<string, 1 | 2>> = {
    "applicant invited": 1,
    "applicant declined": 1,
    "invited active": 2,
    "invited declined": 1,
    "active restricted": 1,
    "active suspended": 1,
    "active terminated": 1,
    "restricted active": 2,
    "restricted suspended": 1,
    "restricted terminated": 1,
    "suspended active": 2,
    "suspended restricted": 2,
    "suspended terminated": 1,
    "terminated active": 2,
    "declined invited": 1,
}

/** Returns what must be signed for this change; null: nothing; "never": not permitted. */
function signatureFor(facts: Held, change: FactChange): string | null {
    if (change.fact === "tier") return change.value === facts.tier ? null : change.value
    if (change.fact === "status") {
        if (facts.status === change.value) return null
        const people = ways[`${facts.status} ${change.value}`]
        if (people === undefined) return "never"
        return people === 1 ? null : facts.status === "invited" ? "let in" : "let back"
    }
    if (change.fact === "duties") {
        const regimes = change.value.map((duty) => duty.regime)
        return facts.duties.every((duty) => regimes.includes(duty)) ? null : `duties ${regimes.join()}`
    }
    const [was, is] = [facts.restriction, change.value]
    if (was === null && is !== null && facts.status === "restricted") return `restriction ${JSON.stringify(is)}`
    const holds = was === null || (is && was.withhold.every((item) => is.withhold.includes(item)))
    const late = was === null || (is?.notBeforePublication ?? false) || !was.late
    return holds && late ? null : `restriction ${JSON.stringify(is)}`
}

function after(facts: Held, change: FactChange): Held {
    if (change.fact === "duties") return { ...facts, duties: change.value.map((duty) => duty.regime) }
    if (change.fact !== "restriction") return { ...facts, [change.fact]: change.value }
    const { value } = change
    return { ...facts, restriction: value && { withhold: value.withhold, late: value.notBeforePublication } }
}

// --- Commands

export type Command =
    | { readonly do: "change"; readonly change: FactChange; readonly with: number | null }
    | { readonly do: "ask"; readonly change: FactChange; readonly by: number }
    | { readonly do: "sign" | "void"; readonly which: number; readonly by: number }
    | { readonly do: "carry out"; readonly which: number }
    | { readonly do: "wait"; readonly hours: number }

const restriction = fc.record({
    withhold: fc.subarray(["poc", "repro"], { minLength: 1 }),
    notBeforePublication: fc.boolean(),
    cases: fc.constant(null),
})
const change: fc.Arbitrary<FactChange> = fc.oneof(
    fc.constantFrom(...tiers).map((value): FactChange => ({ fact: "tier", value })),
    fc.constantFrom(...partnerStatuses).map((value): FactChange => ({ fact: "status", value })),
    fc.subarray([...dutyTable]).map((value): FactChange => ({ fact: "duties", value })),
    fc.option(restriction).map((value): FactChange => ({ fact: "restriction", value })),
)
const by = fc.nat(people.length - 1)
const which = fc.nat(3)
const command: fc.Arbitrary<Command> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("change" as const), change, with: fc.option(which) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("ask" as const), change, by }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("sign" as const), which, by }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("void" as const), which, by }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("carry out" as const), which }) },
    {
        weight: 1,
        arbitrary: fc.record({
            do: fc.constant("wait" as const),
            hours: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(7 * 24)),
        }),
    },
)

export const commands = fc.array(command, { minLength: 20, maxLength: 60, size: "max" })

interface Run {
    readonly machine: Machine
    held: Held
    readonly signatures: Signature[]
}

/** Runs all commands; throws at the first difference between machine and model. */
export async function playAll(machine: Machine, commands: readonly Command[]): Promise<void> {
    const run: Run = { machine, held: { ...begun, duties: [], restriction: null }, signatures: [] }
    for (const command of commands) {
        await play(run, command)
        expect(await machine.held()).toEqual(run.held)
    }
}

/** The latest first, so that a command often finds an earlier command's approval. */
const chosen = (run: Run, n: number | null): Signature | undefined =>
    n === null ? undefined : run.signatures.at(-1 - n)

async function play(run: Run, command: Command): Promise<void> {
    if (command.do === "wait") run.machine.clock.now += command.hours * hourMs
    else if (command.do === "ask") await ask(run, command.change, command.by)
    else if (command.do === "change") await decide(run, command.change, chosen(run, command.with))
    else if (command.do === "carry out") {
        const signature = chosen(run, command.which)
        if (signature) await decide(run, signature.change, signature)
    } else await answer(run, command.do, chosen(run, command.which), command.by)
}

async function ask({ machine, held, signatures }: Run, change: FactChange, askedBy: number): Promise<void> {
    const signature = signatureFor(held, change)
    if (signature === "never") return
    const id = await machine.ask(change, askedBy)
    expect(id !== null).toBe(signature !== null)
    // A waiting request is not repeated, and keeps its requester.
    if (id === null || signature === null || signatures.some((signature) => signature.id === id)) return
    signatures.push({
        id,
        change,
        what: signature,
        askedBy,
        askedAt: machine.clock.now,
        signedAt: null,
        gone: false,
    })
}

async function answer(
    { machine }: Run,
    how: "sign" | "void",
    signature: Signature | undefined,
    person: number,
): Promise<void> {
    if (!signature) return
    if (how === "void") {
        // An applied signature is final; a withdrawn one can be withdrawn again.
        await machine.takeBack(signature.id, person)
        signature.gone = true
        return
    }
    const inTime = machine.clock.now < signature.askedAt + dayMs
    const expected =
        humanOf(person) !== humanOf(signature.askedBy) && signature.signedAt === null && !signature.gone && inTime
    const done = await machine.sign(signature.id, person)
    expect([signature.what, done]).toEqual([signature.what, expected])
    if (done) signature.signedAt = machine.clock.now
}

async function decide(run: Run, change: FactChange, signature: Signature | undefined): Promise<void> {
    const kind = signatureFor(run.held, change)
    const signedAt = signature?.signedAt ?? -Infinity
    const inTime = run.machine.clock.now < signedAt + 7 * dayMs
    const signed = inTime && !signature?.gone && signature?.what === kind
    const expected = kind === null || (kind !== "never" && signed)
    const done = await run.machine.decide(change, signature?.id)
    expect([change, kind, done]).toEqual([change, kind, expected])
    if (!done) return
    // A changed fact voids every earlier request about it: no signature outlives a decision.
    const changes = JSON.stringify(after(run.held, change)) !== JSON.stringify(run.held)
    for (const signature of run.signatures) if (changes && signature.change.fact === change.fact) signature.gone = true
    run.held = after(run.held, change)
}
