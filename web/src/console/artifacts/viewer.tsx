/** The viewer, the viewer's permissions, and names for ids. */
import { createContext, use } from "react"
import type { CopyOwner } from "@tocsin/marks/recipient"
import { permissions, hasPermission } from "../../../../server/src/kernel/permissions.ts"
import { type AnswerTo, useRead } from "../api.ts"
import type { Choice } from "../../kit/field.tsx"
import { nameOr, stillLoading } from "../../kit/text.ts"
import type { Colleague, Me } from "../answers.ts"
import { withTitle } from "../cases/case-title.ts"
import { listText, t, valueText } from "../../messages/message.ts"

export const Viewer = createContext<Me | null>(null)

export function useMe(): Me {
    const me = use(Viewer)
    if (me === null) throw new Error("no person is signed in here")
    return me
}

/** Evaluates the server's permission rule in advance, for buttons. */
export function useCan(): (need: string) => boolean {
    const { id, roles } = useMe()
    return (need) => hasPermission({ kind: "operator", person: id, roles }, need)
}

/** Returns the reason that a button is disabled for this viewer; null: it is enabled. */
export function useWhyNot(): (need: string) => string | null {
    const can = useCan()
    return (need) => {
        const roles = permissions[need]?.operators ?? []
        if (can(need)) return null
        return roles.length === 0
            ? t("no role has this permission")
            : t("for the role {roles}", { roles: listText(roles.map(valueText), "or") })
    }
}

/** Reads the path if the viewer may; otherwise sends no request. */
export function useMayRead<Path extends string>(need: string, path: Path | null) {
    const can = useCan()
    return useRead(can(need) ? path : null)
}

/** Lists the cases. A deleted title is replaced. */
export function useCases() {
    const query = useMayRead("case:read", "/api/cases")
    const data = query.data === undefined ? undefined : withTitles(query.data)
    return data === undefined || data === query.data ? query : ({ ...query, data } as typeof query)
}

type Cases = AnswerTo<"/api/cases">

/** The answers with replaced titles, so that an answer gives the same list each time. */
const titled = new WeakMap<Cases, Cases>()

function withTitles(answer: Cases): Cases {
    if (answer.cases.every(({ contentDeletedAt }) => contentDeletedAt === null)) return answer
    const known = titled.get(answer) ?? { ...answer, cases: answer.cases.map(withTitle) }
    titled.set(answer, known)
    return known
}

export const usePartners = () => useMayRead("partner:read", "/api/partners")

export type Thing = AnswerTo<"/api/artifacts">["artifacts"][number]

/** Lists every artifact that the viewer may know about. */
export function useArtifacts(): readonly Thing[] {
    return useThings().data?.artifacts ?? []
}

function useThings() {
    return useMayRead("case:read", "/api/artifacts")
}

export interface Names {
    readonly partner: (id: string) => string
    readonly artifact: (id: string) => string
    readonly case: (id: string) => string
    readonly person: (id: string) => string
    /** Names any of these objects; null: the viewer may not know it. */
    readonly any: (id: string) => string | null
    /** Names the recipient of a copy: a partner, or a staff member with that role added. */
    readonly recipient: (subject: CopyOwner) => string
}

/** The request of `useColleagues`, for screens that say what is missing. */
export const useColleaguesRead = () => useMayRead("staff_name:read", "/api/staff-names")

/** The operator's staff, including former members. */
export function useColleagues(): readonly Colleague[] {
    return useColleaguesRead().data?.people ?? []
}

/** Returns "loading" while the list of people loads, so that no button claims that a person does not exist. */
export function useLoadingPeople(): string | null {
    return useColleaguesRead().isLoading ? stillLoading : null
}

/** Lists the cases as choices of a form. */
export function useCaseChoices(): readonly Choice[] {
    return (useCases().data?.cases ?? []).map(({ id, title }) => ({ value: id, name: title }))
}

export function useNames(): Names {
    const colleagues = useColleaguesRead()
    const partners = usePartners()
    const cases = useCases()
    const things = useThings()
    const partnerOf = byId(partners.data?.partners)
    const personOf = byId(colleagues.data?.people)
    const caseOf = byId(cases.data?.cases)
    const thingOf = byId(things.data?.artifacts)
    const partner = (id: string) => nameOr(partnerOf(id)?.name, "partner", partners.isLoading)
    const person = (id: string) => nameOr(personOf(id)?.name, "person", colleagues.isLoading)
    const isLoading = cases.isLoading || things.isLoading
    return {
        partner,
        artifact: (id) => nameOr(thingOf(id)?.name, "artifact", isLoading),
        person,
        case: (id) => nameOr(caseOf(id)?.title, "case", cases.isLoading),
        any: (id) => partnerOf(id)?.name ?? personOf(id)?.name ?? caseOf(id)?.title ?? thingOf(id)?.name ?? null,
        recipient: (subject) =>
            subject.person === null
                ? partner(subject.partner ?? "")
                : t("{person} (of the operator)", { person: person(subject.person) }),
    }
}

interface WithId {
    readonly id: string
}

/** The objects of each answer by their ids, so that a long table does not search a long list for each cell. */
const tables = new WeakMap<readonly WithId[], ReadonlyMap<string, WithId>>()

function byId<Item extends WithId>(items: readonly Item[] | undefined): (id: string) => Item | undefined {
    if (items === undefined) return () => undefined
    const table = tables.get(items) ?? new Map(items.map((item) => [item.id, item]))
    tables.set(items, table)
    return (id) => table.get(id) as Item | undefined
}

/** Names the partner and the person behind a report. */
export function Reporter({
    subject: { partner, name },
}: {
    subject: { readonly partner: string; readonly name: string }
}) {
    const names = useNames()
    return (
        <span className="stack">
            <strong>{names.partner(partner)}</strong>
            <span className="muted">{name}</span>
        </span>
    )
}

/** Returns the instant of program time. */
export function useNow(): string {
    return useMe().now
}
