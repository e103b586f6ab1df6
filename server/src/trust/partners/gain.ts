/**
 * What takes two people: whatever can let a partner have more than before. For anything less, one is enough.
 *
 * The effects that the second person signs name the partner and the new value; they are what an approval must cover.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { canonical, canonicalBytes } from "@tocsin/base/canonical"
import type { Effects } from "../approvals/approval.ts"
import type { PartnerRole } from "../../kernel/actor.ts"
import type { Person } from "../identity/person.ts"
import type { Duty } from "./reporting-duties/reporting-duties.ts"
import { reportingOf, reportings } from "./reporting-duties/reporting-duties.ts"
import type { DueRules } from "./requirements/requirement.ts"
import type { Change, Facts, Restriction } from "./facts.ts"
import { isJoining, peopleFor } from "./partner.ts"
import type { Rules } from "./program-rules.ts"

/**
 * Whether the partner could have more after the change. Refuses moves between standings that nobody can make.
 * Tiers have no order here: a lower one's wave opens what a higher one's did not, or a policy gives to it alone.
 */
export function widens(before: Facts, change: Change): boolean {
    switch (change.fact) {
        case "tier":
            return change.value !== before.tier
        case "standing":
            return before.standing !== change.value && peopleFor(before.standing, change.value) === 2
        case "duties":
            return loosens(before.duties, change.value)
        case "restriction":
            return !restrictsAsMuch(before, change.value)
    }
}

/** A duty profile loosens when it reports before publication less often, or when a regime goes. */
function loosens(before: readonly Duty[], after: readonly Duty[]): boolean {
    const regimes = new Set(after.map((duty) => duty.regime))
    const less = reportings.indexOf(reportingOf(after)) < reportings.indexOf(reportingOf(before))
    return less || before.some((duty) => !regimes.has(duty.regime))
}

function restrictsAsMuch({ standing, restriction: before }: Facts, after: Restriction | null): boolean {
    // Restricted, and nothing says how: it has nothing, and any restriction gives it what that leaves.
    if (before === null) return standing !== "restricted" || after === null
    if (after === null) return false
    const held = before.cases
    const cases = after.cases === null || (held !== null && held.every((item) => after.cases?.includes(item)))
    const classes = before.withhold.every((item) => after.withhold.includes(item))
    return cases && classes && (after.notBeforePublication || !before.notBeforePublication)
}

/**
 * What a second person signs for a change that widens. A reinstatement is a ceiling: it also covers coming back
 * under a restriction. Whoever is admitted is admitted with the roster that it has: each of it reads from then on.
 */
export function effectsOf(partner: string, before: Facts, change: Change, roster: readonly Member[]): Effects {
    const on = { recipients: [partner], artifacts: [], at: null }
    switch (change.fact) {
        case "tier":
            return { act: "partner.change_tier", ...on, detail: { tier: change.value } }
        case "standing":
            if (!isJoining(before.standing)) return { act: "partner.reinstate", ...on }
            return { act: "partner.activate", ...on, detail: { roster: rosterOf(roster) } }
        case "duties":
            return {
                act: "partner.relax_duties",
                ...on,
                detail: { regimes: change.value.map((duty) => duty.regime), duties: hashOf(change.value) },
            }
        case "restriction":
            return { act: "partner.relax_restriction", ...on, detail: { restriction: canonical(change.value) } }
    }
}

/** `details`: a keyed hash of the name and the address, which stand in the approval's words. */
export interface Member extends Pick<Person, "id" | "roles"> {
    readonly details: string
}

const signedMember = ({ id, roles, details }: Member) => ({ person: id, roles: [...roles].toSorted(), details })

const rosterOf = (roster: readonly Member[]) =>
    roster.map(signedMember).toSorted((a, b) => (a.person < b.person ? -1 : 1))

/** By which acts two people let a partner have more of a fact. */
export const wideningActs: Readonly<Record<Change["fact"], readonly string[]>> = {
    tier: ["partner.change_tier"],
    standing: ["partner.activate", "partner.reinstate"],
    duties: ["partner.relax_duties"],
    restriction: ["partner.relax_restriction"],
}

/** What a second person signs for a new person of a partner that receives warnings; `details` is a keyed hash of who it is. */
export function personEffects(partner: string, roles: readonly PartnerRole[], details: string): Effects {
    const detail = { roles: [...roles], details }
    return { act: "partner.add_person", recipients: [partner], artifacts: [], at: null, detail }
}

/** What a second person signs for a new sign-in link of a partner's person, which goes to that person's mailbox. */
export function linkEffects(partner: string, person: Member): Effects {
    const detail = signedMember(person)
    return { act: "partner.renew_link", recipients: [partner], artifacts: [], at: null, detail }
}

/** What a second person signs for a key to be usable at once: what is fetched from then on is sealed to this recipient. */
export function hasteEffects(partner: string, key: string, recipient: string): Effects {
    return { act: "partner.activate_key", recipients: [partner], artifacts: [], at: null, detail: { key, recipient } }
}

/** What a second person signs for an agreement that consents to longer embargoes: by it, what has fallen may open. */
export function agreementEffects(longestEmbargoDays: number, terms: object): Effects {
    const detail = { longestEmbargoDays, terms: hashOf(terms) }
    return { act: "agreement.lengthen", recipients: [], artifacts: [], at: null, detail }
}

const hashOf = (value: unknown): string => bytesToHex(sha256(canonicalBytes(value)))

/** What a second person signs for rules by which somebody could keep access that it would lose before. */
export function duesEffects(rules: DueRules): Effects {
    return {
        act: "program_rules.relax_requirements",
        recipients: [],
        artifacts: [],
        at: null,
        detail: { rules: hashOf(rules) },
    }
}

/** What a second person signs for partners to be told what the others reported, or of smaller groups. */
export function aggregatesEffects(rules: Rules["aggregates"]): Effects {
    return { act: "program_rules.share_aggregates", recipients: [], artifacts: [], at: null, detail: { ...rules } }
}
