/**
 * The rules for two people in memory: the program's rules without database and transaction, for one partner. It joins
 * the rules as the actions do, so that thousands of sequences take seconds. A test can replace a rule.
 */
import { Refusal } from "@tocsin/base/refusal"
import {
    type Approval,
    type Effects,
    type Signer,
    hashOf,
    assertIndependent,
    assertCanApply,
    assertCanSign,
    stateOf,
} from "../../server/src/trust/approvals/approval.ts"
import { type FactChange, type FactRow, factsAt, factsFrom, hasValue } from "../../server/src/trust/partners/facts.ts"
import { changeEffects, givingActions, canGiveMore } from "../../server/src/trust/partners/approval-effects.ts"
import { type Held, type Machine, begun } from "./model.ts"

/** The rules that decide what one person may do. */
export const shippedRules = {
    widens: canGiveMore,
    mustBeIndependent: assertIndependent,
    mustCarry: assertCanApply,
    mustWaitForSignature: assertCanSign,
    overtakes: () => true,
}
export type Rules = typeof shippedRules

const partner = "partner"

export class InMemory implements Machine {
    readonly clock = { now: 0 }
    private readonly rows: FactRow[] = [
        { fact: "tier", value: begun.tier, seq: 0, from: 0 },
        { fact: "status", value: begun.status, seq: 1, from: 0 },
    ]
    private readonly approvals = new Map<string, Approval>()

    private readonly rules: Rules

    constructor(rules: Rules) {
        this.rules = rules
    }

    async ask(change: FactChange, by: number): Promise<string | null> {
        const effects = this.effects(change)
        if (effects === null) return null
        const [effectsHash, requestedBy] = [hashOf(effects), String(by)]
        const waits = (approval: Approval): boolean => stateOf(approval, this.clock.now) === "requested"
        const same = this.approvals
            .values()
            .find(
                (approval) =>
                    waits(approval) && approval.effectsHash === effectsHash && approval.requestedBy === requestedBy,
            )
        if (same) return same.id
        const id = String(this.approvals.size)
        const request = { id, effects, effectsHash, textCiphertext: null, requestedBy, requestedAt: this.clock.now }
        this.approvals.set(id, {
            ...request,
            signedBy: null,
            signedAt: null,
            appliedAt: null,
            voidedAt: null,
            voidReason: null,
            withheldFrom: [],
        })
        return id
    }

    async sign(id: string, by: number): Promise<boolean> {
        return tried(() => {
            const approval = this.approval(id)
            const { effects, effectsHash, requestedBy } = approval
            this.rules.mustBeIndependent(effects, signerOf(Number(requestedBy)), signerOf(by))
            this.rules.mustWaitForSignature(approval, effectsHash, this.clock.now)
            this.approvals.set(id, { ...approval, signedBy: String(by), signedAt: this.clock.now })
        })
    }

    async takeBack(id: string): Promise<boolean> {
        const approval = this.approval(id)
        if (approval.appliedAt !== null) return false
        this.approvals.set(id, { ...approval, voidedAt: this.clock.now })
        return true
    }

    async decide(change: FactChange, approval: string | undefined): Promise<boolean> {
        return tried(() => {
            if (factsFrom(this.rows, this.clock.now).every((facts) => hasValue(facts, change))) return
            const effects = this.effects(change)
            if (effects) this.use(approval, effects)
            this.rows.push({ ...change, seq: this.rows.length, from: this.clock.now })
            this.drop(
                (approval) => this.rules.overtakes() && givingActions[change.fact].includes(approval.effects.action),
            )
        })
    }

    async held(): Promise<Held> {
        const facts = factsAt(this.rows, this.clock.now)
        if (!facts) throw new Error("the partner is gone")
        const { tier, status, duties, restriction: input } = facts
        const restriction = input && { withhold: input.withhold, late: input.notBeforePublication }
        return { tier, status, duties: duties.map((duty) => duty.regime), restriction }
    }

    private effects(change: FactChange): Effects | null {
        const before = factsFrom(this.rows, this.clock.now)
        const widened = before.find((facts) => this.rules.widens(facts, change))
        return widened ? changeEffects(partner, widened, change, [], []) : null
    }

    private use(id: string | undefined, effects: Effects): void {
        if (id === undefined) throw new Refusal("conflict", "partner.needs_two_people", "nobody has signed")
        const approval = this.approval(id)
        this.rules.mustCarry(approval, effects, this.clock.now)
        this.approvals.set(id, { ...approval, appliedAt: this.clock.now })
        this.drop((item) => item.effectsHash === approval.effectsHash)
    }

    private drop(which: (approval: Approval) => boolean): void {
        for (const approval of this.approvals.values()) {
            const isOpen = approval.appliedAt === null && approval.voidedAt === null
            if (isOpen && which(approval)) this.approvals.set(approval.id, { ...approval, voidedAt: this.clock.now })
        }
    }

    private approval(id: string): Approval {
        const found = this.approvals.get(id)
        if (!found) throw new Error("no such approval")
        return found
    }
}

/** The first person created the last account. */
function signerOf(person: number): Signer {
    return { person: String(person), creators: person === 3 ? ["0"] : [] }
}

function tried(work: () => void): boolean {
    try {
        work()
        return true
    } catch (error) {
        if (error instanceof Refusal) return false
        throw error
    }
}
