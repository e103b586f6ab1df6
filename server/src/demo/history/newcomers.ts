/**
 * Defines the partners that join the program over the demonstration's past, and the applicants. All names are invented.
 */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import type { CastPartner } from "../cast.ts"
import type { Tier } from "../../trust/partners/partner.ts"

/** How a partner came to the program, or how far its application is. */
export type Entrance = "founding" | "admitted" | "waiting" | "scored" | "tallied" | "invited" | "declined"

/** How a partner acts on warnings: minutes to fetch and acknowledge, then hours to its follow-up. */
interface Conduct {
    readonly fetch: number
    readonly acknowledge: number
    readonly report: number | null
    readonly protection: "protected" | "in_progress"
}

export interface Newcomer {
    readonly key: string
    readonly name: string
    readonly tier: Tier
    readonly entrance: Entrance
    /** When it joined as a founding partner, or applied. */
    readonly at: Instant
    readonly lead: string
    readonly analyst: string | null
    readonly conduct: Conduct | null
    readonly duties: CastPartner["duties"]
    /** An applicant's products. */
    readonly product: string
}

type Minutes = readonly [fetch: number, acknowledge: number, reportHours: number | null, protection?: "in_progress"]

function newcomer(
    [key, name, tier]: readonly [key: string, name: string, tier: Tier],
    [entrance, day]: readonly [entrance: Entrance, day: string],
    people: readonly [lead: string, analyst?: string],
    minutes: Minutes | null,
    more: Partial<Pick<Newcomer, "duties" | "product">> = {},
): Newcomer {
    const [fetch = 0, acknowledge = 0, report = null, protection = "protected"] = minutes ?? []
    return {
        key,
        name,
        tier,
        entrance,
        at: parseInstant(`${day}T09:00:00Z`),
        lead: people[0],
        analyst: people[1] ?? null,
        conduct: minutes === null ? null : { fetch, acknowledge, report, protection },
        duties: more.duties ?? [],
        product: more.product ?? "managed security services",
    }
}

const byPractice = [
    { regime: "RMSV by practice", source: "opinion of outside counsel", date: "2024-07-30" },
] as const satisfies CastPartner["duties"]
const asManufacturer = [
    { regime: "CRA", source: "its declaration as a manufacturer", date: "2024-08-12" },
] as const satisfies CastPartner["duties"]

/** The partner of the finished inquiry, and the one of the inquiry under way. Only the script knows them. */
export const formerLeaker = "vantagehollow"
export const currentLeaker = "redmoor"
export const suspendedOnce = "greywater"

const founding = (day: string) => ["founding", `2024-07-${day}`] as const
const applied = (day: string) => ["admitted", day] as const

export const newcomers: readonly Newcomer[] = [
    newcomer(
        ["glasswater", "Glasswater Research", "validate"],
        ["founding", "2023-06-05"],
        ["Niamh Corrigan", "Aleks Petrov"],
        [20, 65, 30],
    ),
    newcomer(
        ["ternisland", "Tern Island Labs", "validate"],
        ["founding", "2023-06-05"],
        ["Solveig Aune", "Marco Bellini"],
        [45, 120, 52],
    ),
    newcomer(
        ["meridian", "Meridian Fuzzworks", "validate"],
        ["founding", "2023-06-05"],
        ["Hana Kobayashi", "Luis Ortega"],
        [90, 200, 96, "in_progress"],
    ),
    newcomer(
        ["obsidianweir", "Obsidian Weir Intelligence", "advance"],
        applied("2024-12-02"),
        ["Ewa Nowicka", "Kamil Zielinski"],
        [35, 80, 44],
    ),
    newcomer(
        ["cobaltquay", "Cobalt Quay Cloud", "advance"],
        founding("10"),
        ["Graham Okafor", "Lin Mei"],
        [15, 40, 18],
    ),
    newcomer(
        ["ravensfell", "Ravensfell Networks", "advance"],
        founding("10"),
        ["Katrin Weiss", "Paolo Greco"],
        [30, 75, 26],
    ),
    newcomer(
        ["stonebridge", "Stonebridge Managed Response", "advance"],
        founding("12"),
        ["Fiona McAllister", "Dario Conti"],
        [10, 25, 9],
        { duties: byPractice },
    ),
    newcomer(
        ["hollinpeak", "Hollin Peak Hosting", "advance"],
        founding("17"),
        ["Wim Dekker", "Sara Lund"],
        [120, 240, 70, "in_progress"],
        { duties: asManufacturer },
    ),
    newcomer(
        ["larkspur", "Larkspur Mail Security", "advance"],
        founding("22"),
        ["Camille Renard", "Tobias Kern"],
        [60, 95, 33],
    ),
    newcomer(
        [currentLeaker, "Redmoor Detection", "advance"],
        founding("22"),
        ["Stellan Brandvold", "Ilse Hartog"],
        [25, 150, 120, "in_progress"],
    ),
    newcomer(
        [suspendedOnce, "Greywater Systems", "advance"],
        founding("24"),
        ["Ottilie Krause", "Bram Visser"],
        [75, 180, 48],
    ),
    newcomer(
        ["fjordlight", "Fjordlight Infrastructure", "advance"],
        applied("2024-11-18"),
        ["Ragnhild Moe", "Per Lindahl"],
        [40, 110, 60],
    ),
    newcomer(
        ["thistledown", "Thistledown Endpoint", "entry"],
        founding("09"),
        ["Isla Buchanan", "Rory Sinclair"],
        [30, 60, 20],
    ),
    newcomer(
        ["cedarnarrows", "Cedar Narrows Telecom", "entry"],
        founding("11"),
        ["Andre Lavoie", "Nadia Haddou"],
        [90, 150, 41],
        { duties: byPractice },
    ),
    newcomer(["ashgrove", "Ashgrove Scanning", "entry"], founding("16"), ["Megan Pryce"], [20, 45, 15]),
    newcomer(
        ["morrowbay", "Morrow Bay University CERT", "entry"],
        founding("18"),
        ["Elena Marsh", "Victor Adeyemi"],
        [180, 300, 110, "in_progress"],
    ),
    newcomer(
        ["pelicangrid", "Pelican Grid Operators", "entry"],
        founding("23"),
        ["Dolores Quintero", "Hugh Tolliver"],
        [60, 130, 75],
        { duties: asManufacturer },
    ),
    newcomer([formerLeaker, "Vantage Hollow", "entry"], founding("25"), ["Cedric Amsel", "Jo Tanaka"], [45, 90, null]),
    newcomer(
        ["winterbourne", "Winterbourne Health IT", "entry"],
        founding("29"),
        ["Philippa Sandys", "Omar Nasser"],
        [240, 400, null],
    ),
    newcomer(
        ["dunmore", "Dunmore Energy CSIRT", "entry"],
        applied("2024-08-19"),
        ["Sinead Kearney", "Mikael Strand"],
        [40, 85, 36],
    ),
    newcomer(
        ["isarthal", "Isarthal Municipal CERT", "entry"],
        applied("2024-12-09"),
        ["Veronika Huber", "Leon Maurer"],
        [75, 160, 90, "in_progress"],
    ),
    newcomer(
        ["portselby", "Port Selby Harbour Authority", "entry"],
        applied("2025-01-06"),
        ["Desmond Achebe", "Lucy Farrant"],
        null,
    ),
    newcomer(
        ["saffronlane", "Saffron Lane Commerce", "entry"],
        applied("2025-03-24"),
        ["Anita Deshpande", "Yusuf Demir"],
        [50, 100, 40],
    ),
    newcomer(
        ["kiruna", "Kiruna Ore Systems", "entry"],
        applied("2025-04-07"),
        ["Maja Nyberg", "Lars Sundqvist"],
        [100, 220, null],
    ),
    newcomer(["castlemere", "Castlemere Bank SOC", "entry"], ["invited", "2025-04-28"], ["Rosalind Peake"], null, {
        product: "the bank's own detection rules",
    }),
    newcomer(["quickstrike", "Quickstrike Labs", "entry"], ["declined", "2025-02-10"], ["Dirk Ransley"], null, {
        product: "an adversary simulation suite",
    }),
    newcomer(["nimbusorchard", "Nimbus Orchard Cloud", "entry"], ["tallied", "2025-05-12"], ["Teresa Vidal"], null, {
        product: "virtual server hosting",
    }),
    newcomer(
        ["harrowvale", "Harrow and Vale Consulting", "entry"],
        ["scored", "2025-05-26"],
        ["Julian Ashdown"],
        null,
        { product: "incident response retainers" },
    ),
    newcomer(["bluefen", "Bluefen Analytics", "entry"], ["waiting", "2025-06-16"], ["Zofia Malik"], null, {
        product: "a mail filter",
    }),
    newcomer(["oriel", "Oriel Broadband", "entry"], ["waiting", "2025-06-19"], ["Patrick Nkemelu"], null, {
        product: "customer router firmware",
    }),
]
