/** Filters, sorts and exports the partners of the directory. Pure. */
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { valueText } from "@tocsin/base/value-text"
import { t } from "../../../messages/message.ts"

interface DirectoryPartner {
    readonly id: string
    readonly name: string
    readonly mail: string
    readonly tier: string
    readonly status: string
    readonly agreement: string
    readonly duties: readonly { readonly regime: string }[]
    readonly reportsBeforePublication: string
    readonly overdue: readonly string[]
    readonly usableKeys: number
    readonly readiness: string
}

interface PartnerRequirements {
    readonly partner: string
    readonly requirements: readonly {
        readonly kind: string
        readonly state: string
        readonly dueAt: string
        readonly withheldFrom: string
    }[]
}

export interface DirectoryRow<Partner extends DirectoryPartner = DirectoryPartner> {
    readonly partner: Partner
    /** The requirement that needs attention next; null: all are met. */
    readonly next: PartnerRequirements["requirements"][number] | null
}

/** The views that every viewer has. */
export const views = [
    { id: "all", name: t("All") },
    { id: "overdue", name: t("Overdue") },
    { id: "soon", name: t("Due in 14 days") },
    { id: "reporting", name: t("Report before publication") },
    { id: "no-key", name: t("No tested key") },
] as const

export const sorts = ["tier", "name", "status", "requirement"] as const

export interface DirectoryFilter {
    readonly query: string
    readonly view: string
    readonly tier: string
    readonly status: string
    readonly sort: string
}

/** Adds to each partner the requirement that is overdue or due next. */
export function rowsOf<Partner extends DirectoryPartner>(
    partners: readonly Partner[],
    requirements: readonly PartnerRequirements[],
): readonly DirectoryRow<Partner>[] {
    const byPartner = new Map(requirements.map((item) => [item.partner, item.requirements]))
    return partners.map((partner) => {
        const open = (byPartner.get(partner.id) ?? []).filter(({ state }) => state !== "met")
        const [next = null] = open.toSorted((a, b) => parseInstant(a.dueAt) - parseInstant(b.dueAt))
        return { partner, next }
    })
}

/** Returns whether a view shows a partner at this instant. */
export function isInView({ partner, next }: DirectoryRow, view: string, now: number): boolean {
    switch (view) {
        case "overdue":
            return partner.overdue.length > 0 || next?.state === "overdue"
        case "soon":
            return next !== null && parseInstant(next.dueAt) - now < 14 * dayMs
        case "reporting":
            return partner.reportsBeforePublication !== "never"
        case "no-key":
            return partner.usableKeys === 0 || partner.readiness === "untested"
        default:
            return true
    }
}

const tierRanks = ["validate", "advance", "entry"]

const compare: Readonly<Record<string, (a: DirectoryRow, b: DirectoryRow) => number>> = {
    tier: (a, b) => tierRanks.indexOf(a.partner.tier) - tierRanks.indexOf(b.partner.tier),
    name: () => 0,
    status: (a, b) => a.partner.status.localeCompare(b.partner.status),
    requirement: (a, b) => dueOf(a) - dueOf(b),
}

const dueOf = ({ next }: DirectoryRow): number => (next === null ? Number.MAX_SAFE_INTEGER : parseInstant(next.dueAt))

/** Returns the rows that match, sorted; equal ones by name. */
export function chooseRows<Partner extends DirectoryPartner>(
    rows: readonly DirectoryRow<Partner>[],
    { query, view, tier, status, sort }: DirectoryFilter,
    now: number,
): readonly DirectoryRow<Partner>[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    return rows
        .filter(({ partner }) => {
            const text = `${partner.name} ${partner.mail}`.toLowerCase()
            return words.every((word) => text.includes(word))
        })
        .filter(({ partner }) => (tier === "" || partner.tier === tier) && (status === "" || partner.status === status))
        .filter((row) => isInView(row, view, now))
        .toSorted((a, b) => (compare[sort]?.(a, b) ?? 0) || a.partner.name.localeCompare(b.partner.name))
}

/** The columns of the export. Programs read it, so that it is in English in every language of the screens. */
const columns: Readonly<Record<string, (row: DirectoryRow) => string>> = {
    name: ({ partner }) => partner.name,
    mail: ({ partner }) => partner.mail,
    tier: ({ partner }) => partner.tier,
    status: ({ partner }) => partner.status,
    agreement: ({ partner }) => partner.agreement,
    "reporting duties": ({ partner }) => partner.duties.map(({ regime }) => regime).join("; "),
    "usable keys": ({ partner }) => String(partner.usableKeys),
    "next requirement": ({ next }) => (next === null ? "" : valueText(next.kind)),
    due: ({ next }) => next?.dueAt ?? "",
}

/** Writes rows as CSV (RFC 4180). A text that a spreadsheet would read as a formula gets an apostrophe in front. */
export function csvOf(rows: readonly DirectoryRow[]): string {
    const cellsOf = Object.values(columns)
    const lines = [Object.keys(columns), ...rows.map((row) => cellsOf.map((cellOf) => cellOf(row)))]
    return lines.map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("")
}

function quoted(text: string): string {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
