/**
 * Duty profiles: what the law makes a partner hand to an authority, and by when.
 *
 * The model is the duty, never the country. Policy asks one fact of a case and a partner, `reportsBeforePublication`.
 */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"

/** What a deadline runs from. */
export const dutyStarts = ["becoming aware", "a corrective measure is available"] as const

const deadlineShape = Type.Object(
    {
        /** What is handed in by then. */
        report: Type.String(),
        hours: Type.Integer(),
        after: Type.Enum([...dutyStarts]),
    },
    { additionalProperties: false },
)

export const dutyShape = Type.Object(
    {
        regime: Type.String(),
        appliesTo: Type.Union([Type.Literal("own products"), Type.Literal("any")]),
        trigger: Type.Union([Type.Literal("any known"), Type.Literal("actively exploited")]),
        /** Each report that is owed, in the order in which they fall due. */
        deadlines: Type.Array(deadlineShape, { maxItems: 10 }),
        authority: Type.String(),
        proofOfConceptDemanded: Type.Boolean(),
        onwardSharingKnown: Type.Boolean(),
        /** Where this is written, or who established it; each profile is set by a person, with a source. */
        source: Type.String(),
        /** The day on which the source says so. */
        date: Type.String(),
    },
    { additionalProperties: false },
)

export type Duty = Readonly<Static<typeof dutyShape>>
export type Deadline = Duty["deadlines"][number]

const regulations = "Regulations on the Management of Security Vulnerabilities of Network Products, 2021"
const rmsv = {
    trigger: "any known",
    deadlines: [{ report: "report", hours: 48, after: "becoming aware" }],
    authority: "Ministry of Industry and Information Technology (CN)",
    proofOfConceptDemanded: true,
    onwardSharingKnown: true,
    date: "2021-07-12",
} as const satisfies Partial<Duty>

/** When each row was last compared with its source. */
export const dutiesCheckedOn: Readonly<Record<string, string>> = {
    RMSV: "2026-11-29",
    "RMSV by practice": "2026-11-29",
    CRA: "2026-11-29",
}

/** The shipped table. A partner's profile starts from it and is set by a person, who decides which row of RMSV it has. */
export const dutyTable: readonly Duty[] = [
    { ...rmsv, regime: "RMSV", appliesTo: "own products", source: `${regulations}, article 7` },
    {
        ...{ ...rmsv, regime: "RMSV by practice", appliesTo: "any" },
        source: `${regulations}, articles 2 to 4 and 9, and practice as it is publicly described`,
    },
    {
        regime: "CRA",
        appliesTo: "own products",
        trigger: "actively exploited",
        deadlines: [
            { report: "early warning", hours: 24, after: "becoming aware" },
            { report: "vulnerability notification", hours: 72, after: "becoming aware" },
            { report: "final report", hours: 14 * 24, after: "a corrective measure is available" },
        ],
        authority: "CSIRT designated as coordinator, and ENISA (EU)",
        proofOfConceptDemanded: false,
        onwardSharingKnown: true,
        source: "Regulation (EU) 2024/2847, article 14",
        date: "2024-10-23",
    },
]

/** When a partner's duties can have it report before publication: the later in the list, the more often. */
export const reportings = ["never", "when_exploited", "always"] as const
export type Reporting = (typeof reportings)[number]

/**
 * Derives it from the triggers. Tocsin knows no partner's components: a duty for own products counts as if one of them
 * contained what the case is about.
 */
export function reportingOf(duties: readonly Duty[]): Reporting {
    if (duties.some((duty) => duty.trigger === "any known")) return "always"
    return duties.some((duty) => duty.trigger === "actively exploited") ? "when_exploited" : "never"
}

/** `isExploited`: the case became known as exploited before its publication. */
export function reportsBeforePublication(reporting: Reporting, isExploited: boolean): boolean {
    return reporting === "always" || (reporting === "when_exploited" && isExploited)
}

const dutiesMax = 20
const textMax = 400

/** Refuses a profile without sources, with a regime twice, or with a deadline that is none. */
export function validateDuties(duties: readonly Duty[]): void {
    if (!(duties.length <= dutiesMax))
        refuse("invalid", "duty.too_many", `a profile has \`${dutiesMax}\` duties at most`)
    if (new Set(duties.map((duty) => duty.regime)).size !== duties.length) {
        refuse("invalid", "duty.duplicate_regime", "a regime stands in a profile once")
    }
    for (const duty of duties) {
        if (!/^[\p{L}\p{N} ._/-]{1,40}$/u.test(duty.regime)) {
            refuse("invalid", "duty.bad_regime", "a regime is named with 1 to 40 letters, digits, spaces and `._/-`")
        }
        if (!(duty.deadlines.length > 0 && duty.deadlines.every(isDeadline))) {
            refuse(
                "invalid",
                "duty.bad_deadline",
                "each deadline names a report and a whole number of hours, 1 or more",
            )
        }
        if (!isDay(duty.date)) refuse("invalid", "duty.bad_date", "a duty names the day of its source as `2025-07-08`")
        if (!isText(duty.source)) refuse("invalid", "duty.no_source", "a duty names its source")
        if (!isText(duty.authority)) refuse("invalid", "duty.no_authority", "a duty names the authority")
    }
}

/** What is owed by when, in a line. */
export function deadlineLine({ report, hours, after }: Deadline): string {
    return `${report} within ${hours % 24 === 0 && hours > 72 ? `${hours / 24} days` : `${hours} h`} of ${startWords[after]}`
}

const startWords = {
    "becoming aware": "becoming aware",
    "a corrective measure is available": "a corrective measure being available",
} as const

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
