/**
 * No one human adds staff with more than the auditor role, or mails a link to such an account. Random commands of two
 * humans' accounts run against a small model, through the actions and on a real database.
 */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { addStaffMember, recoverStaffMember } from "../server/src/trust/approvals/actions/add-staff.ts"
import { loadApproval } from "../server/src/trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../server/src/trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import type { Actor, OperatorRole } from "../server/src/kernel/actor.ts"
import { type Acting, actingOn, createStaffMember, testServices } from "./support/actors.ts"
import { type TestDatabase, createDatabase } from "./support/database.ts"

const clock = { now: Date.parse("2025-06-01T00:00:00Z") }
let database: TestDatabase
let acting: Acting
beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn(testServices(database, clock), clock)
})
afterAll(() => database.close())

/** A new person with these roles, or the recovery of the account at this index. */
type Wish = { readonly roles: readonly OperatorRole[] } | { readonly linkOf: number }
type Command =
    | { readonly do: "ask"; readonly by: number; readonly wish: Wish }
    | { readonly do: "sign" | "carry out"; readonly by: number; readonly which: number }

const by = fc.nat(7)
const sets: readonly (readonly OperatorRole[])[] = [["auditor"], ["author"], ["admin", "approver"], ["approver"]]
const roles = fc.constantFrom(...sets)
const wish: fc.Arbitrary<Wish> = fc.oneof(fc.record({ roles }), fc.record({ linkOf: by }))
const commands: fc.Arbitrary<Command[]> = fc.array(
    fc.oneof(
        { weight: 2, arbitrary: fc.record({ do: fc.constant("ask" as const), by, wish }) },
        {
            weight: 3,
            arbitrary: fc.record({ do: fc.constantFrom("sign" as const, "carry out" as const), by, which: fc.nat(2) }),
        },
    ),
    { minLength: 20, maxLength: 50, size: "max" },
)

interface Account {
    readonly actor: Actor & { readonly person: string }
    readonly roles: readonly OperatorRole[]
    /** The human who reads the account's mailbox. */
    readonly human: number
}
interface Asked {
    readonly id: string
    readonly wish: Wish
    readonly human: number
    signedBy: Account | null
}
interface Run {
    readonly accounts: Account[]
    readonly asked: Asked[]
}

const given = { one: 0, two: 0 }

async function founded(): Promise<Run> {
    // The links of a day are limited.
    clock.now += dayMs
    const both: OperatorRole[] = ["admin", "approver"]
    const [ada, bo] = [await createStaffMember(acting, both), await createStaffMember(acting, both)]
    const accounts = [ada, bo].map((actor, human) => ({ actor, roles: both, human }))
    return { accounts, asked: [] }
}

const nth = ({ accounts }: Run, n: number): Account => accounts[n % accounts.length] ?? expect.fail("nobody is there")

async function play(run: Run, command: Command): Promise<void> {
    const account = nth(run, command.by)
    if (command.do === "ask") return await attempt(run, account, command.wish, null)
    const request = run.asked.at(-1 - command.which)
    if (!request) return
    if (command.do === "carry out") return await attempt(run, account, request.wish, request)
    const signed = await tried(account, async (ctx) => {
        await signApproval(ctx, request.id, (await loadApproval(ctx, request.id)).effectsHash)
        return true
    })
    if (signed) request.signedBy = account
}

async function attempt(run: Run, account: Account, wish: Wish, request: Asked | null): Promise<void> {
    const subject = "linkOf" in wish ? nth(run, wish.linkOf) : null
    const wanted = "roles" in wish ? wish.roles : (subject?.roles ?? [])
    const details = { name: "An Account", mail: "account@operator.example" }
    const answer = await tried(account, async (ctx) =>
        subject
            ? await recoverStaffMember(ctx, { person: subject.actor.person, isUrgent: true }, request?.id)
            : await addStaffMember(ctx, { ...details, roles: wanted }, request?.id),
    )
    if (!answer) return
    if (!answer.done) {
        const id = answer.approval ?? ""
        if (!run.asked.some((request) => request.id === id)) {
            run.asked.push({
                id,
                wish: subject ? { linkOf: run.accounts.indexOf(subject) } : wish,
                human: account.human,
                signedBy: null,
            })
        }
        return
    }
    if (answer.approval === null) {
        given.one += 1
        expect(wanted).toEqual(["auditor"])
    } else {
        given.two += 1
        expect(new Set([0, 1])).toEqual(new Set([request?.human, request?.signedBy?.human]))
        if (!subject) expect(account.human).toBe(request?.human)
    }
    expect(Object.keys(answer)).not.toContain("link")
    if (subject) {
        // The link goes to the account's mailbox, and the account takes no part.
        expect([account.actor.person, request?.signedBy?.actor.person]).not.toContain(subject.actor.person)
    } else {
        const actor = { kind: "operator", person: answer.id ?? "", roles: wanted } as const
        run.accounts.push({ actor, roles: wanted, human: account.human })
    }
}

async function tried<T>(account: Account, work: (ctx: ActionContext) => Promise<T>): Promise<T | null> {
    try {
        return await acting(account.actor, work)
    } catch (error) {
        if (error instanceof Refusal) return null
        throw error
    }
}

test("in every sequence, an account with read access needs two humans, and so does a link to it", async () => {
    const runs = process.env["SLOW"] ? 500 : 20
    await fc.assert(
        fc.asyncProperty(commands, async (commands) => {
            const run = await founded()
            for (const command of commands) await play(run, command)
        }),
        // A fixed seed, so that the counts do not depend on chance.
        { numRuns: runs, seed: 7 },
    )
    expect(given.one).toBeGreaterThan(8)
    expect(given.two).toBeGreaterThan(4)
}, 600_000)
