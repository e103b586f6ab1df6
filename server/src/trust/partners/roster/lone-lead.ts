/** Finds leads who are alone on their roster. If such a lead leaves, no person of the partner can act or report it. */
import { type Instant, dayMs } from "@tocsin/base/instant"

/** Time for which a lead may be alone before managers get a task. */
const aloneDays = 30

/** A person's time on a roster; `until` is null while it lasts. */
interface Stay {
    readonly partner: string
    readonly person: string
    readonly isLead: boolean
    readonly from: Instant
    readonly until: Instant | null
}

export interface LoneLead {
    readonly partner: string
    readonly person: string
    /** The instant at which the lead had been alone for 30 days. */
    readonly since: Instant
}

/** Lists partners whose only person, for more than 30 days, is a lead. */
export function loneLeadsIn(stays: readonly Stay[], now: Instant): LoneLead[] {
    const byPartner = Map.groupBy(stays, ({ partner }) => partner)
    return [...byPartner.values()].flatMap((roster) => {
        const [lead, ...colleagues] = roster.filter(({ until }) => until === null)
        if (lead === undefined || !lead.isLead || colleagues.length > 0) return []
        const aloneFrom = Math.max(lead.from, ...roster.map(({ until }) => until ?? lead.from))
        const since = aloneFrom + aloneDays * dayMs
        return now < since ? [] : [{ partner: lead.partner, person: lead.person, since }]
    })
}
