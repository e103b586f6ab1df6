/**
 * Nothing that needs two people happens with one: thousands of random sequences of commands, the program's own rules
 * against a small model of them, in memory. Through the actions and a database it is asked in two-people.test.ts.
 */
import fc from "fast-check"
import { expect, test } from "vitest"
import { refuse } from "@tocsin/base/refusal"
import { dayMs } from "@tocsin/base/instant"
import { InMemory, type Rules, shippedRules } from "./people/in-memory.ts"
import { commands, playAll } from "./people/model.ts"

const runs = process.env["SLOW"] ? 50_000 : 3000

const whatever = (rules: Rules) => fc.asyncProperty(commands, (commands) => playAll(new InMemory(rules), commands))

test("whatever is tried, a partner has what the rules give it, and more only by two", async () => {
    await fc.assert(whatever(shippedRules), { numRuns: runs })
}, 600_000)

const { mustBeIndependent, mustCarry, mustWaitForSignature, widens } = shippedRules

/** Rules with a fault, as somebody might write them. */
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
        mustCarry: (approval, actual, now) => mustCarry({ ...approval, usedAt: null }, actual, now),
    },
    "a signature is as good for another tier": {
        mustCarry: (approval, actual, now) => {
            if (approval.effects.act !== actual.act) refuse("conflict", "approval.effects_exceeded", "another act")
            mustCarry(approval, approval.effects, now)
        },
    },
    "one person changes a tier": { widens: (facts, change) => change.fact !== "tier" && widens(facts, change) },
    "one person lets a partner in": {
        widens: (facts, change) =>
            !(change.fact === "standing" && facts.standing === "invited") && widens(facts, change),
    },
    "a signature outlives a newer decision": { overtakes: () => false },
}

test.each(Object.entries(faults))("a program in which %s is found out", async (_, fault) => {
    const found = await fc.check(whatever({ ...shippedRules, ...fault }), { numRuns: 3000, endOnFailure: true })
    expect(found.failed).toBe(true)
})
