/**
 * Duty profiles: what the law makes a partner hand to an authority, and by when.
 *
 * The model is the duty, never the country. Policy asks one derived fact, `reportsBeforePublication`.
 */
import { refuse } from "../../lib/refusal.ts"

export interface Duty {
    readonly regime: string
    readonly appliesTo: "own products" | "any"
    readonly trigger: "any known" | "actively exploited"
    /** Hours from knowledge to the first report. */
    readonly deadlineHours: number
    readonly authority: string
    readonly proofOfConceptDemanded: boolean
    readonly onwardSharingKnown: boolean
    /** Where this is written, or who established it; each profile is set by a person, with a source. */
    readonly source: string
}

/** The shipped table. A partner's profile starts from it and is set by a person. */
export const dutyTable: readonly Duty[] = [
    {
        regime: "RMSV",
        appliesTo: "any",
        trigger: "any known",
        deadlineHours: 48,
        authority: "Ministry of Industry and Information Technology (CN)",
        proofOfConceptDemanded: true,
        onwardSharingKnown: true,
        source: "Regulations on the Management of Security Vulnerabilities of Network Products, 2021, article 7",
    },
    {
        regime: "CRA",
        appliesTo: "own products",
        trigger: "actively exploited",
        deadlineHours: 24,
        authority: "CSIRT designated as coordinator, and ENISA (EU)",
        proofOfConceptDemanded: false,
        onwardSharingKnown: true,
        source: "Regulation (EU) 2024/2847, article 14",
    },
]

/** Whether some duty is triggered by any known vulnerability, and so can fall due before publication. */
export function reportsBeforePublication(duties: readonly Duty[]): boolean {
    return duties.some((duty) => duty.trigger === "any known")
}

const dutiesMax = 20
const textMax = 400

/** Refuses a profile without sources, with a regime twice, or with a deadline that is none. */
export function mustBeDuties(duties: readonly Duty[]): void {
    if (!(duties.length <= dutiesMax))
        refuse("invalid", "duty.too_many", `a profile has \`${dutiesMax}\` duties at most`)
    if (new Set(duties.map((duty) => duty.regime)).size !== duties.length) {
        refuse("invalid", "duty.regime_twice", "a regime stands in a profile once")
    }
    for (const duty of duties) {
        if (!/^[\p{L}\p{N} ._/-]{1,40}$/u.test(duty.regime)) {
            refuse("invalid", "duty.bad_regime", "a regime is named with 1 to 40 letters, digits, spaces and `._/-`")
        }
        if (!(Number.isSafeInteger(duty.deadlineHours) && duty.deadlineHours > 0)) {
            refuse("invalid", "duty.bad_deadline", "a deadline is a whole number of hours, 1 or more")
        }
        if (!isText(duty.source)) refuse("invalid", "duty.no_source", "a duty names its source")
        if (!isText(duty.authority)) refuse("invalid", "duty.no_authority", "a duty names the authority")
    }
}

function isText(text: string): boolean {
    return text.trim().length > 0 && text.length <= textMax && !/\p{Cc}/u.test(text)
}
