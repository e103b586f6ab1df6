/** The content of the inbox: the new warning, the warnings by state, and the partner's own figures. */
import { type Instant, dayMs, parseInstant } from "@tocsin/base/instant"
import type { ProtectionState } from "@tocsin/client/limits"
import type { Part, Protections, Warning } from "../answers.ts"
import { t } from "../../messages/message.ts"

export const isPast = ({ published, withdrawnAt }: Pick<Warning, "published" | "withdrawnAt">): boolean =>
    published || withdrawnAt !== null

/** When the first copy of a warning was released to this partner; null: nothing is yet. */
export function warnedAt({ artifacts }: Pick<Warning, "artifacts">): string | null {
    const open = artifacts.filter(({ available }) => available).map(({ from }) => from)
    return open.toSorted((a, b) => parseInstant(a) - parseInstant(b))[0] ?? null
}

export const availableParts = ({ artifacts }: Warning): Part[] => artifacts.filter(({ available }) => available)

export const unfetched = (warning: Warning): Part[] =>
    availableParts(warning).filter(({ fetchedAt }) => fetchedAt === null)

export const unacknowledged = (warning: Warning): Part[] =>
    availableParts(warning).filter(({ fetchedAt, acknowledgedAt }) => fetchedAt !== null && acknowledgedAt === null)

export interface Inbox {
    /** The newest warning under embargo of which something is not fetched or not acknowledged. */
    readonly newest: Warning | null
    readonly underEmbargo: readonly Warning[]
    readonly past: readonly Warning[]
}

/** Sorts warnings: under embargo by publication, past ones the newest first. */
export function inboxOf(warnings: readonly Warning[]): Inbox {
    const open = warnings.filter((warning) => !isPast(warning))
    const fresh = open.filter((warning) => unfetched(warning).length + unacknowledged(warning).length > 0)
    const newest = fresh.toSorted((a, b) => instantOf(warnedAt(b)) - instantOf(warnedAt(a)))[0] ?? null
    return {
        newest,
        underEmbargo: open
            .filter((warning) => warning !== newest)
            .toSorted((a, b) => instantOf(a.publication) - instantOf(b.publication)),
        past: warnings.filter(isPast).toSorted((a, b) => instantOf(endOf(b)) - instantOf(endOf(a))),
    }
}

const endOf = ({ withdrawnAt, publication }: Warning): string | null => withdrawnAt ?? publication
const instantOf = (at: string | null): Instant => (at === null ? 0 : parseInstant(at))

/** The task of the partner for one warning, as one line; null: none. */
export function taskOf(warning: Warning): string | null {
    const fetches = unfetched(warning).length
    if (fetches > 0) return t("{count, plural, one {# copy to fetch} other {# copies to fetch}}", { count: fetches })
    const open = unacknowledged(warning).length
    if (open === 0) return null
    return t("{count, plural, one {# copy to acknowledge} other {# copies to acknowledge}}", { count: open })
}

/** The protection status that counts: the newest. */
export function statusOf(id: string, protections: Protections["protections"]): ProtectionState | null {
    return protections.find(({ warning }) => warning === id)?.state ?? null
}

/** The time from the first report of protection to a past publication; null: none. */
export function protectedAhead(warning: Warning, protections: Protections["protections"]): number | null {
    if (!warning.published || warning.publication === null) return null
    const reports = protections.flatMap(({ warning: id, state, reportedAt }) =>
        id === warning.id && state === "protected" ? [parseInstant(reportedAt)] : [],
    )
    const ahead = parseInstant(warning.publication) - Math.min(...reports)
    return ahead > 0 && Number.isFinite(ahead) ? ahead : null
}

/** The partner's own figures of a year. */
export interface OwnFigures {
    readonly warnings: number
    readonly protectedBefore: number
    readonly acknowledgedAfterMs: number | null
    readonly headStartMs: number | null
}

const yearMs = 365 * dayMs

export function figuresOf(
    warnings: readonly Warning[],
    protections: Protections["protections"],
    now: Instant,
): OwnFigures {
    const own = warnings.flatMap((warning) => {
        const since = warnedAt(warning)
        return since !== null && parseInstant(since) > now - yearMs
            ? [{ warning, since: parseInstant(since), end: instantOf(warning.publication) }]
            : []
    })
    const headStarts = own.flatMap(({ since, end }) => (end > since ? [end - since] : []))
    const reactions = own.flatMap(({ warning, since }) => {
        const first = availableParts(warning).flatMap(({ acknowledgedAt }) =>
            acknowledgedAt === null ? [] : [parseInstant(acknowledgedAt)],
        )
        return first.length === 0 ? [] : [Math.max(0, Math.min(...first) - since)]
    })
    return {
        warnings: own.length,
        protectedBefore: own.filter(({ warning, end }) =>
            protections.some(
                ({ warning: of, state, reportedAt }) =>
                    of === warning.id && state === "protected" && (end === 0 || parseInstant(reportedAt) < end),
            ),
        ).length,
        acknowledgedAfterMs: median(reactions),
        headStartMs: median(headStarts),
    }
}

function median(values: readonly number[]): number | null {
    return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null
}
