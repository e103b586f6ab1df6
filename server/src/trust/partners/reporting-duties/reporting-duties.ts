/**
 * Defines reporting duties: the reports and deadlines to an authority that the law requires of a partner.
 *
 * The model is the duty, not the country. Policy asks one fact about case and partner, `reportsBeforePublication`.
 */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { closed } from "../../../kernel/schemas.ts"

/** The start of a deadline. */
export const dutyStarts = ["becoming_aware", "corrective_measure_available"] as const

const deadlineShape = Type.Object(
    {
        /** The report that is due. */
        report: Type.String(),
        hours: Type.Integer(),
        after: Type.Enum([...dutyStarts]),
    },
    closed,
)

export const dutyShape = Type.Object(
    {
        regime: Type.String(),
        appliesTo: Type.Union([Type.Literal("own_products"), Type.Literal("any")]),
        trigger: Type.Union([Type.Literal("any_known"), Type.Literal("actively_exploited")]),
        /** Required reports in the order of their deadlines. */
        deadlines: Type.Array(deadlineShape, { maxItems: 10 }),
        authority: Type.String(),
        proofOfConceptDemanded: Type.Boolean(),
        onwardSharingKnown: Type.Boolean(),
        /** Source, or the person who established the fact. A person sets each profile. */
        source: Type.String(),
        /** Day of the source. */
        date: Type.String(),
    },
    closed,
)

/** A legal duty to report vulnerabilities to an authority. */
export type Duty = Readonly<Static<typeof dutyShape>>

/** A deadline of a duty. */
export type Deadline = Duty["deadlines"][number]

const regulations = "Regulations on the Management of Security Vulnerabilities of Network Products, 2021"
const rmsv = {
    trigger: "any_known",
    deadlines: [{ report: "report", hours: 48, after: "becoming_aware" }],
    authority: "Ministry of Industry and Information Technology (CN)",
    proofOfConceptDemanded: true,
    onwardSharingKnown: true,
    date: "2021-07-12",
} as const satisfies Partial<Duty>

/** When each row was last checked against its source. */
export const dutiesCheckedOn: Readonly<Record<string, string>> = {
    RMSV: "2026-11-29",
    "RMSV by practice": "2026-11-29",
    CRA: "2026-11-29",
}

/** The shipped duties. A person sets a partner's profile from them and chooses its row of RMSV. */
export const dutyTable: readonly Duty[] = [
    { ...rmsv, regime: "RMSV", appliesTo: "own_products", source: `${regulations}, article 7` },
    {
        ...rmsv,
        regime: "RMSV by practice",
        appliesTo: "any",
        source: `${regulations}, articles 2 to 4 and 9, and practice as it is publicly described`,
    },
    {
        regime: "CRA",
        appliesTo: "own_products",
        trigger: "actively_exploited",
        deadlines: [
            { report: "early warning", hours: 24, after: "becoming_aware" },
            { report: "vulnerability notification", hours: 72, after: "becoming_aware" },
            { report: "final report", hours: 14 * 24, after: "corrective_measure_available" },
        ],
        authority: "CSIRT designated as coordinator, and ENISA (EU)",
        proofOfConceptDemanded: false,
        onwardSharingKnown: true,
        source: "Regulation (EU) 2024/2847, article 14",
        date: "2024-10-23",
    },
]

/** When duties require a report before publication, in increasing order. */
export const reportings = ["never", "when_exploited", "always"] as const

/** Whether a partner must report vulnerabilities before publication. */
export type Reporting = (typeof reportings)[number]

/**
 * Derives this from the duties. Tocsin does not know a partner's components, so a duty for own products counts as if
 * one contained the vulnerability.
 */
export function reportingOf(duties: readonly Duty[]): Reporting {
    if (duties.some((duty) => duty.trigger === "any_known")) return "always"
    return duties.some((duty) => duty.trigger === "actively_exploited") ? "when_exploited" : "never"
}

/** Whether a report before publication is required. `isExploited`: exploitation was known before publication. */
export function reportsBeforePublication(reporting: Reporting, isExploited: boolean): boolean {
    return reporting === "always" || (reporting === "when_exploited" && isExploited)
}

const dutiesMax = 20
const textMax = 400

/** Refuses a profile with a missing source, a duplicate regime or an invalid deadline. */
export function validateDuties(duties: readonly Duty[]): void {
    if (!(duties.length <= dutiesMax))
        refuse("invalid", "duty.too_many", `too many duties: use at most \`${dutiesMax}\``, { max: dutiesMax })
    if (new Set(duties.map((duty) => duty.regime)).size !== duties.length) {
        refuse("invalid", "duty.duplicate_regime", "a regime is listed twice: list each once")
    }
    for (const duty of duties) {
        if (!/^[\p{L}\p{N} ._/-]{1,40}$/u.test(duty.regime)) {
            refuse(
                "invalid",
                "duty.bad_regime",
                "the regime's name is not valid: use 1 to 40 letters, digits, spaces and `._/-`",
            )
        }
        if (!(duty.deadlines.length > 0 && duty.deadlines.every(isDeadline))) {
            refuse(
                "invalid",
                "duty.bad_deadline",
                "a deadline is not valid: name a report and a whole number of hours from 1",
            )
        }
        if (!isDay(duty.date))
            refuse("invalid", "duty.bad_date", "the day of the source is not valid: use `2025-07-08`")
        if (!isText(duty.source)) refuse("invalid", "duty.no_source", "a duty has no source: name its source")
        if (!isText(duty.authority))
            refuse("invalid", "duty.no_authority", "a duty has no authority: name the authority")
    }
}

function isDeadline({ report, hours }: Deadline): boolean {
    return isText(report) && Number.isSafeInteger(hours) && hours > 0
}

function isDay(date: string): boolean {
    const at = Date.parse(`${date}T00:00:00Z`)
    return !Number.isNaN(at) && new Date(at).toISOString() === `${date}T00:00:00.000Z`
}

function isText(text: string): boolean {
    return text.trim().length > 0 && text.length <= textMax && !/\p{Cc}/u.test(text)
}
