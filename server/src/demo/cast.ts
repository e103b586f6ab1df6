/**
 * Defines the demonstration's cast: staff, and twelve partners with their people and behaviour. All names are invented.
 * Only the demonstration's script reads how partners act, and which one leaks.
 */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import type { OperatorRole, PartnerRole } from "../kernel/actor.ts"
import type { PartnerStatus, Tier } from "../trust/partners/partner.ts"

export interface CastPerson<Role> {
    readonly name: string
    readonly mail: string
    readonly roles: readonly Role[]
}

export interface CastPartner {
    /** The script's key, such as `copperline`. */
    readonly key: string
    readonly name: string
    readonly mail: string
    readonly tier: Tier
    readonly status: PartnerStatus
    /** Regimes of the built-in duty table, each with the place of the due diligence. */
    readonly duties: readonly {
        readonly regime: "RMSV by practice" | "CRA"
        readonly source: string
        readonly date: string
    }[]
    /** The accepted term of version 1; null where never accepted. A term that ended before 2025-06 has lapsed. */
    readonly agreement: { readonly acceptedAt: Instant; readonly endsAt: Instant } | null
    readonly people: readonly CastPerson<PartnerRole>[]
    /** Whether the partner fetches automatically, and how long after its wave it fetches and acknowledges. */
    readonly pace: "prompt" | "never"
    readonly minutesAfterWave: { readonly fetch: number; readonly acknowledge: number }
    /** How long after its wave the partner answers its follow-up; null where it leaves it open. */
    readonly reports: { readonly minutes: number; readonly protection: "protected" | "in_progress" } | null
}

/** Each role has at least two people, and each author has another person to sign. */
export const operators: readonly CastPerson<OperatorRole>[] = [
    { name: "Ingrid Solheim", mail: "ingrid.solheim@northlight.example", roles: ["author", "manager"] },
    { name: "Tomas Ferreira", mail: "tomas.ferreira@northlight.example", roles: ["author"] },
    { name: "Meera Hartono", mail: "meera.hartono@northlight.example", roles: ["manager", "approver"] },
    { name: "Kofi Boateng", mail: "kofi.boateng@northlight.example", roles: ["approver", "admin"] },
    { name: "Aoife Brannigan", mail: "aoife.brannigan@northlight.example", roles: ["investigator"] },
    { name: "Rafael Lindqvist", mail: "rafael.lindqvist@northlight.example", roles: ["investigator", "approver"] },
    { name: "Daria Voss", mail: "daria.voss@northlight.example", roles: ["auditor"] },
    { name: "Noor Haddad", mail: "noor.haddad@northlight.example", roles: ["auditor", "admin"] },
]

interface Sketch {
    readonly key: string
    readonly name: string
    readonly tier: Tier
    readonly lead: string
    readonly analyst: string
    /** Minutes after the wave to fetch and acknowledge; null where the partner never does so automatically. */
    readonly minutes: readonly [fetch: number, acknowledge: number] | null
    /** Hours after the wave, and the protection status then. */
    readonly reports?: readonly [hours: number, protection: "protected" | "in_progress"]
    readonly status?: PartnerStatus
    readonly duties?: CastPartner["duties"]
    readonly agreement?: CastPartner["agreement"]
}

const ordinaryTerm = {
    acceptedAt: parseInstant("2024-09-02T08:00:00Z"),
    endsAt: parseInstant("2026-09-02T00:00:00Z"),
}
const endedTerm = {
    acceptedAt: parseInstant("2023-06-01T08:00:00Z"),
    endsAt: parseInstant("2025-06-01T00:00:00Z"),
}

const byApplication = {
    regime: "RMSV by practice",
    source: "its own statement in its application",
    date: "2024-08-19",
} as const
const byCounsel = { regime: "RMSV by practice", source: "opinion of outside counsel", date: "2025-02-11" } as const
const byRegister = { regime: "RMSV by practice", source: "commercial register, as read", date: "2025-04-03" } as const
const asManufacturer = { regime: "CRA", source: "its declaration as a manufacturer", date: "2025-01-20" } as const

const sketches: readonly Sketch[] = [
    {
        key: "halcyon",
        name: "Halcyon Sensor Works",
        tier: "validate",
        lead: "Beatrix Oyelaran",
        analyst: "Jonas Wieland",
        minutes: [25, 140],
    },
    {
        key: "fernwood",
        name: "Fernwood Threat Lab",
        tier: "validate",
        lead: "Callum Drummond",
        analyst: "Priya Raghunathan",
        minutes: [70, 95],
    },
    {
        key: "saltmarsh",
        name: "Saltmarsh Analytics",
        tier: "validate",
        lead: "Vera Kowalczyk",
        analyst: "Denis Marchetti",
        minutes: [40, 300],
        reports: [50, "in_progress"],
        duties: [byApplication],
    },
    {
        key: "copperline",
        name: "Copperline Networks",
        tier: "advance",
        lead: "Martin Achterberg",
        analyst: "Selma Rustad",
        minutes: [15, 35],
        reports: [23, "protected"],
    },
    {
        key: "kestrel",
        name: "Kestrel Ridge Hosting",
        tier: "advance",
        lead: "Lucia Fontanelli",
        analyst: "Piet Verbruggen",
        minutes: [110, 190],
        reports: [76, "protected"],
        duties: [byCounsel],
    },
    {
        key: "tidewater",
        name: "Tidewater Managed Defence",
        tier: "advance",
        lead: "Harriet Lonsdale",
        analyst: "Emil Sandoval",
        minutes: null,
    },
    {
        key: "oakhurst",
        name: "Oakhurst Mail Filtering",
        tier: "advance",
        lead: "Greta Nyström",
        analyst: "Owen Castellane",
        minutes: [60, 120],
        agreement: endedTerm,
    },
    {
        key: "lanternbay",
        name: "Lantern Bay Distribution",
        tier: "entry",
        lead: "Anselm Pereira",
        analyst: "Yvonne Tadesse",
        minutes: [30, 55],
        duties: [byRegister, asManufacturer],
    },
    {
        key: "bramblegate",
        name: "Bramblegate Incident Desk",
        tier: "entry",
        lead: "Ruth Abernethy",
        analyst: "Nikolai Estrada",
        minutes: [20, 240],
        reports: [30, "protected"],
    },
    {
        key: "quillharrow",
        name: "Quill and Harrow Security",
        tier: "entry",
        lead: "Imogen Falk",
        analyst: "Baptiste Moreno",
        minutes: [180, 420],
        reports: [70, "in_progress"],
    },
    {
        key: "sundial",
        name: "Sundial Endpoint",
        tier: "entry",
        lead: "Theo Kaplan",
        analyst: "Marisol Duarte",
        minutes: null,
    },
    {
        key: "pinegrove",
        name: "Pinegrove Perimeter",
        tier: "entry",
        lead: "Astrid Holloway",
        analyst: "Samir Benali",
        minutes: [45, 90],
        status: "applicant",
        agreement: null,
    },
]

export const partners: readonly CastPartner[] = sketches.map((sketch) => ({
    key: sketch.key,
    name: sketch.name,
    mail: `warnings@${sketch.key}.example`,
    tier: sketch.tier,
    status: sketch.status ?? "active",
    duties: sketch.duties ?? [],
    agreement: sketch.agreement === undefined ? ordinaryTerm : sketch.agreement,
    people: [
        { name: sketch.lead, mail: mailOf(sketch.lead, sketch.key), roles: ["lead"] },
        { name: sketch.analyst, mail: mailOf(sketch.analyst, sketch.key), roles: ["analyst"] },
    ],
    pace: sketch.minutes === null ? "never" : "prompt",
    reports: sketch.reports === undefined ? null : { minutes: 60 * sketch.reports[0], protection: sketch.reports[1] },
    minutesAfterWave: { fetch: sketch.minutes?.[0] ?? 0, acknowledge: sketch.minutes?.[1] ?? 0 },
}))

/** The partner whose copy leaks in the story. Only the script knows it; it is never shown or loaded. */
export const leaker = "copperline"

/** Builds the address of a partner's person. */
export function mailOf(name: string, key: string): string {
    const plain = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    return `${plain.replaceAll(" ", ".")}@${key}.example`
}
