/**
 * What takes two people: whatever lets a partner have more than before. For anything less, one is enough.
 *
 * The effects that the second person signs name the partner and the new value; they are what an approval must cover.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { canonical, canonicalBytes } from "../../lib/canonical.ts"
import type { Effects } from "../approvals/approval.ts"
import type { PartnerRole } from "../audit/actor.ts"
import type { Duty } from "./duty.ts"
import { reportsBeforePublication } from "./duty.ts"
import type { Change, Facts, Restriction } from "./facts.ts"
import { type Details, isJoining, peopleFor, tiers } from "./partner.ts"

/** Whether the partner could have more after the change. Refuses moves between standings that nobody can make. */
export function widens(before: Facts, change: Change): boolean {
    switch (change.fact) {
        case "tier":
            return tiers.indexOf(change.value) > tiers.indexOf(before.tier)
        case "standing":
            return before.standing !== change.value && peopleFor(before.standing, change.value) === 2
        case "duties":
            return loosens(before.duties, change.value)
        case "restriction":
            return !restrictsAsMuch(before.restriction, change.value)
    }
}

/** A duty profile loosens when it no longer reports before publication, or when a regime goes. */
function loosens(before: readonly Duty[], after: readonly Duty[]): boolean {
    const regimes = new Set(after.map((duty) => duty.regime))
    const less = reportsBeforePublication(before) && !reportsBeforePublication(after)
    return less || before.some((duty) => !regimes.has(duty.regime))
}

function restrictsAsMuch(before: Restriction | null, after: Restriction | null): boolean {
    if (before === null) return true
    if (after === null) return false
    const held = before.cases
    const cases = after.cases === null || (held !== null && held.every((one) => after.cases?.includes(one)))
    const classes = before.withhold.every((one) => after.withhold.includes(one))
    return cases && classes && (after.notBeforePublication || !before.notBeforePublication)
}

/**
 * What a second person signs for a change that widens. A reinstatement is a ceiling: it also covers coming back
 * under a restriction.
 */
export function effectsOf(partner: string, before: Facts, change: Change): Effects {
    const on = { recipients: [partner], artifacts: [], at: null }
    switch (change.fact) {
        case "tier":
            return { act: "partner.raise_tier", ...on, detail: { tier: change.value } }
        case "standing":
            return { act: isJoining(before.standing) ? "partner.activate" : "partner.reinstate", ...on }
        case "duties":
            return {
                act: "partner.loosen_duties",
                ...on,
                detail: { regimes: change.value.map((duty) => duty.regime), duties: hashOf(change.value) },
            }
        case "restriction":
            return { act: "partner.loosen_restriction", ...on, detail: { restriction: canonical(change.value) } }
    }
}

/** What a second person signs for a new person of a partner that receives warnings. */
export function personEffects(partner: string, person: Details & { roles: readonly PartnerRole[] }): Effects {
    const { name, mail, roles } = person
    const detail = { roles: [...roles], details: hashOf({ name, mail }) }
    return { act: "partner.add_person", recipients: [partner], artifacts: [], at: null, detail }
}

const hashOf = (value: unknown): string => bytesToHex(sha256(canonicalBytes(value)))
