/**
 * Duty profiles: what the law makes a partner hand to an authority, and by when.
 *
 * The model is the duty, never the country. Policy asks one derived fact, `reportsBeforePublication`.
 */

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
