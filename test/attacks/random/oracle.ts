/** Determines from the log alone which actions need two people, independently of the program's own decision. */
import type { PartnerStatus } from "../../../server/src/trust/partners/partner.ts"

export interface Event {
    readonly kind: string
    readonly at: number
    readonly body: Readonly<Record<string, unknown>>
    /** The transaction of the event. */
    readonly tx: string
}

export const listed = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : [])
const holds = (more: unknown, values: unknown): boolean => listed(values).every((item) => listed(more).includes(item))
const isAuditor = (roles: unknown): boolean => holds(["auditor"], roles)

/** Events that always need two people, with their actions. */
const always: Readonly<Record<string, readonly string[]>> = {
    "wave.released": ["wave.release", "embargo.terminate"],
    // By the wave's own release, signed after the freeze, or by a separate signature.
    "wave.unfrozen": ["wave.release", "wave.unfreeze", "embargo.terminate"],
    "wave.late_released": ["wave.late_release"],
    "embargo.emergency_released": ["embargo.terminate"],
    "recall.lifted": ["recall.lift"],
    "case.content_deleted": ["case.delete_content"],
    "case.hold_lifted": ["case.lift_hold"],
    "case.reports_dismissed": ["case.dismiss_reports"],
    "annual_report.published": ["annual_report.publish"],
    "partner.tier_changed": ["partner.change_tier"],
    "partner.restriction_lifted": ["partner.relax_restriction"],
    "marks.keys_disclosed": ["marks.disclose_keys"],
    "finding.confirmed": ["finding.confirm"],
    "evidence.deleted": ["evidence.delete"],
    "evidence.hold_lifted": ["evidence.lift_hold"],
    "measure.reviewed": ["measure.extend"],
    "procedure.decided": ["measure.sanction"],
    "procedure.appeal_decided": ["measure.appeal"],
    "procedure.reinstated": ["partner.reinstate"],
}

interface Rules {
    readonly notified?: boolean
    readonly groupMin?: number
    readonly kinds?: Readonly<Record<string, { readonly graceDays: number }>>
}

/** Returns the actions of which two people must have signed one for this event; null: one person is enough. */
export class Oracle {
    private readonly standings = new Map<unknown, PartnerStatus>()
    private readonly duties = new Map<unknown, readonly string[]>()
    private readonly withheld = new Map<unknown, readonly string[]>()
    /** Cases with a released wave. */
    private readonly read = new Set<unknown>()
    /** Roles of staff members. */
    private readonly roles = new Map<unknown, unknown>()
    private readonly rules = new Map<unknown, Rules>()
    /** The advance consent of the newest agreement; null before the first. */
    private longest: number | null = null
    /** The person who joined by the last event, to whom the first link belongs. */
    private joined: unknown = null

    mustBe(event: Event): readonly string[] | null {
        const { kind, body } = event
        if (kind === "credential.ended") return null
        if (kind === "credential.issued") return this.ofLink(body)
        if (kind === "mailbox.link_sent" || kind === "recovery.started") return this.ofMailedLink(body)
        const isOperators = (kind === "person.joined" && body["partner"] === null) || kind === "person.roles_changed"
        if (isOperators) this.roles.set(body["person"], body["roles"])
        this.joined = kind === "person.joined" ? body["person"] : null
        if (kind === "wave.released") this.read.add(body["case"])
        if (kind === "partner.restriction_lifted") this.withheld.delete(body["partner"])
        return always[kind] ?? this.ofPartner(event) ?? this.ofProgram(event)
    }

    /** Staff make links for themselves only. No action lets two people see another person's link. */
    private ofLink({ credentialKind, person, by }: Event["body"]): readonly string[] | null {
        return credentialKind !== "link" || by === person || !this.roles.has(by) ? null : []
    }

    /** The first link belongs to the joining. Leads send links to analysts; an admission sends one to each person. */
    private ofMailedLink({ person, by }: Event["body"]): readonly string[] | null {
        if (this.joined === person || !this.roles.has(by)) return null
        if (!this.roles.has(person)) return ["partner.renew_link", "partner.activate"]
        return isAuditor(this.roles.get(person)) ? null : ["person.recover"]
    }

    private ofPartner({ kind, body }: Event): readonly string[] | null {
        const { partner } = body
        switch (kind) {
            case "partner.added":
            case "partner.status_changed": {
                this.standings.set(partner, body["status"] as PartnerStatus)
                if (kind === "partner.added" || body["status"] !== "active") return null
                if (body["was"] === "invited") return ["partner.activate"]
                // A decision in a procedure can end every measure.
                return ["partner.reinstate", "measure.sanction", "measure.appeal"]
            }
            case "partner.duties_set": {
                const was = this.duties.get(partner)
                this.duties.set(partner, listed(body["regimes"]))
                return holds(body["regimes"], was) ? null : ["partner.relax_duties"]
            }
            case "partner.restricted": {
                const was = this.withheld.get(partner)
                this.withheld.set(partner, listed(body["withhold"]))
                return holds(body["withhold"], was) ? null : ["partner.relax_restriction"]
            }
            case "person.joined":
                if (partner === null) return isAuditor(body["roles"]) ? null : ["person.join"]
                return this.roles.has(body["by"]) ? ["partner.add_person", "partner.import"] : null
            case "person.roles_changed":
                return holds(body["was"], body["roles"]) ? null : ["person.add_roles"]
            default:
                return null
        }
    }

    private ofProgram({ kind, body }: Event): readonly string[] | null {
        switch (kind) {
            case "case.revised":
            case "case.permission_set":
                return this.read.has(body["case"]) ? ["case.amend"] : null
            case "policy.activated":
                return body["version"] === 1 && body["replaces"] === 2 ? ["policy.activate"] : null
            case "agreement.added": {
                const days = Number(body["longestEmbargoDays"])
                const isLonger = this.longest !== null && days > this.longest
                this.longest = days
                return isLonger ? ["agreement.lengthen"] : null
            }
            case "clock.trusted":
                return body["how"] === "attestation" ? ["clock.confirm"] : null
            case "program_rules.set": {
                const [was, now] = [this.rules.get(body["rulesKind"]), body["rules"] as Rules]
                this.rules.set(body["rulesKind"], now)
                return looser(was ?? shipped, now)
            }
            default:
                return null
        }
    }
}

/** The initial rules of a run. */
const shipped: Rules = { notified: false, groupMin: 0, kinds: { mailbox: { graceDays: 30 } } }

function looser(was: Rules, now: Rules): readonly string[] | null {
    if (now.notified === true && (was.notified !== true || Number(now.groupMin) < Number(was.groupMin))) {
        return ["program_rules.share_aggregates"]
    }
    const grace = (rules: Rules) => rules.kinds?.["mailbox"]?.graceDays ?? 0
    return grace(now) > grace(was) ? ["program_rules.relax_requirements"] : null
}
