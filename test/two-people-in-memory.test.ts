/**
 * Two-person rules with random commands in memory: thousands of sequences, the program's rules against a small model.
 * two-people.test.ts runs them through the actions and a database.
 */
import fc from "fast-check"
import { expect, test } from "vitest"
import { refuse } from "@tocsin/base/refusal"
import { dayMs } from "@tocsin/base/instant"
import { InMemory, type Rules, shippedRules } from "./people/in-memory.ts"
import { commands, playAll } from "./people/model.ts"

const runs = process.env["SLOW"] ? 25_000 : 3000

const whatever = (rules: Rules) => fc.asyncProperty(commands, (commands) => playAll(new InMemory(rules), commands))

test("in every sequence, a partner has what the rules give it, and gets more only by two people", async () => {
    await fc.assert(whatever(shippedRules), { numRuns: runs })
}, 600_000)

const { mustBeIndependent, mustCarry, mustWaitForSignature, widens } = shippedRules

/** Rules with planted faults. */
const faults: Readonly<Record<string, Partial<Rules>>> = {
    "whoever asks may sign": { mustBeIndependent: () => undefined },
    "an account of one's own may sign": {
        mustBeIndependent: (effects, requester, signer) =>
            mustBeIndependent(effects, { ...requester, creators: [] }, { ...signer, creators: [] }),
    },
    "a request is signed at any time": {
        mustWaitForSignature: (approval, hash) => mustWaitForSignature(approval, hash, approval.requestedAt),
    },
    "a request is signed at the very end of its day": {
        mustWaitForSignature: (approval, hash, now) =>
            mustWaitForSignature(approval, hash, now === approval.requestedAt + dayMs ? now - 1 : now),
    },
    "a signature that was taken back is one": {
        mustCarry: (approval, actual, now) => mustCarry({ ...approval, voidedAt: null }, actual, now),
    },
    "a request is as good as a signature": {
        mustCarry: (approval, actual, now) => mustCarry({ ...approval, signedAt: now }, actual, now),
    },
    "a signature is used twice": {
        mustCarry: (approval, actual, now) => mustCarry({ ...approval, appliedAt: null }, actual, now),
    },
    "a signature is as good for another tier": {
        mustCarry: (approval, actual, now) => {
            if (approval.effects.action !== actual.action)
                refuse("conflict", "approval.effects_exceeded", "another act")
            mustCarry(approval, approval.effects, now)
        },
    },
    "one person changes a tier": { widens: (facts, change) => change.fact !== "tier" && widens(facts, change) },
    "one person lets a partner in": {
        widens: (facts, change) => !(change.fact === "status" && facts.status === "invited") && widens(facts, change),
    },
    "a signature outlives a newer decision": { overtakes: () => false },
}

test.each(Object.entries(faults))("a program in which %s is detected", async (_, fault) => {
    const found = await fc.check(whatever({ ...shippedRules, ...fault }), { numRuns: 3000, endOnFailure: true })
    expect(found.failed).toBe(true)
})
